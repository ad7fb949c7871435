import { commands } from "@yingshao/core/commands"
import { findOpen } from "@yingshao/core/obligation/obligation"
import { describe, expect, test } from "vitest"
import { answer, fire, handOver, incidentOf, lamp, must, refusedWith, submit } from "../fixtures/steps.ts"
import { staffedWorld } from "../fixtures/world.ts"

const handed = (facts: object = lamp) => {
  const world = staffedWorld()
  const incident = answer(world, submit(world, "zhang"), facts)
  handOver(world, incident)
  const handling = () => findOpen(incidentOf(world, incident).obligations, "handle")
  const owed = handling()
  if (owed === undefined) throw new Error("nothing is owed")
  const ask = { incident, obligation: owed.id, minutes: 480, reason: "等配件" }
  return { world, incident, owed, ask, handling, officer: `officer-${owed.owner}` }
}

describe("asking for more time", () => {
  test("F3 moves nothing until another person grants it", () => {
    const { world, owed, ask, handling, officer } = handed()
    const outcome = must(world, "AskExtension", officer, "department-officer", ask)
    expect(outcome.notices).toMatchObject([{ kind: "extension-asked", to: { unit: "duty-desk" } }])
    expect(handling()).toMatchObject({ due: owed.due, asked: { by: officer, minutes: 480 } })
    const grant = { kind: "incident", debtor: ask.incident, ...ask, incident: undefined, askedBy: officer }
    const { incident: _, ...extension } = grant
    expect(refusedWith(world, "ExtendObligation", "duty", "duty-officer", extension)).toBe("accepted")
    expect(handling()?.due).not.toBe(owed.due)
    expect(handling()).not.toHaveProperty("asked")
    expect(refusedWith(world, "AskExtension", officer, "department-officer", ask)).toBe("extension-limit")
  })

  test("F3 is answered with a reason when it is declined, by another person", () => {
    const { world, owed, ask, handling, officer } = handed()
    const { minutes: _, ...decline } = ask
    const desk = (by = "duty") => refusedWith(world, "DeclineExtension", by, "duty-officer", decline)
    expect(desk()).toBe("nothing-asked")
    must(world, "AskExtension", officer, "department-officer", ask)
    world.appoint(officer, "duty-officer")
    expect(desk(officer)).toBe("same-person")
    const outcome = must(world, "DeclineExtension", "duty", "duty-officer", decline)
    expect(outcome.notices).toMatchObject([{ kind: "extension-declined", to: { unit: owed.owner } }])
    expect(handling()).toEqual(owed)
  })

  test("Z5 what another unit owes answers like a missing incident", () => {
    const { world, ask } = handed()
    const stranger = (incident: string) =>
      refusedWith(world, "AskExtension", "officer-police", "department-officer", { ...ask, incident })
    expect([stranger(ask.incident), stranger("i-none")]).toEqual(["not-found", "not-found"])
    expect(
      refusedWith(world, "DeclineExtension", "duty", "duty-officer", {
        incident: "i-none",
        obligation: ask.obligation,
        reason: "无",
      }),
    ).toBe("not-found")
  })

  test("F3 what the policy would never grant is refused at once", () => {
    const { world, ask, officer } = handed()
    const asked = (change: object) =>
      refusedWith(world, "AskExtension", officer, "department-officer", { ...ask, ...change })
    expect(asked({ minutes: 4_801 })).toBe("extension-too-long")
    const urgent = handed(fire)
    expect(refusedWith(urgent.world, "AskExtension", urgent.officer, "department-officer", urgent.ask)).toBe(
      "extension-limit",
    )
  })

  test("waits behind the others that change the same incident", () => {
    const { ask } = handed()
    expect(commands.AskExtension.queue(commands.AskExtension.payload.parse(ask))).toBe(
      `incident/${ask.incident}`,
    )
  })
})
