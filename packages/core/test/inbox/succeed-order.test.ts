/** A department ends: what it was ordered goes to its successor as an order, over the successor's own channel. */
import { findOpen } from "@yingshao/core/obligation/obligation"
import { describe, expect, test } from "vitest"
import { answer, handOver, incidentOf, lamp, must, submit } from "../fixtures/steps.ts"
import { placeAt, type World } from "../fixtures/world.ts"
import { became, handed, keyOf, orderOf, says } from "./partners.ts"

const successor = "market-supervision"

const dissolve = (world: World, unit: string) => {
  must(world, "CloseUnit", "admin", "programme-admin", { unit })
  const outcome = world.give("DissolveUnit", "admin", "programme-admin", { unit, successor })
  if (!outcome.ok) throw new Error(outcome.refusal.code)
  return outcome
}

describe("dissolving a unit that has orders", () => {
  test("F2 F3 the successor gets an order of its own with the due times as they stand, the one before is taken back", () => {
    const { world, incident, unit, order } = handed()
    const before = incidentOf(world, incident).obligations
    const outcome = dissolve(world, unit)
    const [recalled, given] = outcome.orders
    expect(outcome.orders).toHaveLength(2)
    expect(recalled).toMatchObject({ type: "recalled", to: unit, data: { order } })
    const answerBy = findOpen(before, "acknowledge")?.due
    const closeBy = findOpen(before, "handle")?.due
    const extract = { class: "ordinary", category: lamp.category, part: "lead", reports: 1, lng: 106.6571 }
    expect(given).toMatchObject({
      type: "reassigned",
      to: successor,
      incident,
      answerBy,
      closeBy,
      data: extract,
    })
    expect(given?.orderingKey).toBe(`incident/${incident}/${successor}`)
    expect(outcome.notices).toMatchObject([
      { kind: "duties-inherited", to: { kind: "unit", unit: successor }, data: { unit, count: 2 } },
    ])
    const { obligations, parts } = incidentOf(world, incident)
    expect(parts).toMatchObject([{ unit: successor, status: "ordered", order: given?.id }])
    expect(obligations.map(({ due, owner }) => [due, owner])).toEqual(
      before.map(({ due }) => [due, successor]),
    )
  })

  test("I7 receipts of the new order count, those of the old one change nothing, in any order", () => {
    const { world, incident, unit, order } = handed()
    const [, given] = dissolve(world, unit).orders
    const next = given?.id ?? ""
    expect(became(says(world, order, "result", { id: "late" }))).toBe("superseded")
    expect(became(says(world, next, "started", { id: "not-theirs" }))).toBe("not-addressed")
    expect(incidentOf(world, incident).status).toBe("handed-over")
    expect(became(says(world, next, "received", { source: "gas" }))).toBe("acknowledged")
    expect(became(says(world, next, "result", { source: "gas" }))).toBe("handled")
    expect(orderOf(world, next).standing).toBe("result")
    expect(incidentOf(world, incident).status).toBe("handled")
    expect(world.state("receipt", keyOf("water", "not-theirs"))).toMatchObject({ status: "parked" })
  })

  test("F2 what was acknowledged or answered for time is ordered anew; what was handled is not", () => {
    const taken = handed()
    says(taken.world, taken.order, "started")
    const [recalled, given] = dissolve(taken.world, taken.unit).orders
    expect([recalled?.type, given?.type]).toEqual(["recalled", "reassigned"])
    expect(became(says(taken.world, given?.id ?? "", "received", { source: "gas" }))).toBe("noted")

    const done = handed()
    says(done.world, done.order, "result")
    const outcome = dissolve(done.world, done.unit)
    expect(outcome.orders).toEqual([])
    expect(outcome.notices).toEqual([])
  })

  test("F2 more than one commit takes is given away in some, each order once", () => {
    const { world, unit } = handed()
    for (let at = 0; at < 99; at += 1)
      handOver(world, answer(world, submit(world, "zhang", placeAt(400 * (at + 1))), lamp))
    must(world, "CloseUnit", "admin", "programme-admin", { unit })
    const given: string[] = []
    for (let turn = 0; world.book.unit(unit)?.status !== "dissolved"; turn += 1) {
      expect(turn).toBeLessThan(9)
      const outcome = world.give("DissolveUnit", "admin", "programme-admin", { unit, successor })
      if (!outcome.ok) throw new Error(outcome.refusal.code)
      expect(new Set(outcome.events.map(({ kind, id }) => `${kind}/${id}`)).size).toBeLessThanOrEqual(256)
      given.push(
        ...outcome.orders.filter(({ type }) => type === "reassigned").map(({ incident }) => incident),
      )
    }
    expect(given).toHaveLength(100)
    expect(new Set(given).size).toBe(100)
  })
})
