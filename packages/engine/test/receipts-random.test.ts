/**
 * A county at random, two partners that say anything of any order, and the world sound all along. Sampled, with
 * fixed seeds.
 */
import { hasEnded, receiptType } from "@yingshao/core/inbox/ladder"
import { effect } from "@yingshao/core/inbox/order"
import type { PartnerReceipt } from "@yingshao/ports/dispatcher"
import { memoryStorage } from "@yingshao/storage-memory"
import { describe, expect, test } from "vitest"
import type { Yingshao } from "../src/yingshao.ts"
import { give, must, officerUnits, openCounty, staffCounty, type Wish, wish } from "./county.ts"
import { testClock } from "./open-small.ts"
import { type Chance, chanceOf, informants, nextStep } from "./random-walk.ts"

const seeds = [11, 12, 13, 14]
const commands = 80
const partners = ["water", "gas"] as const
const reason = "理由"

const parkedOf = async (county: Yingshao): Promise<readonly string[]> =>
  (await county.queries.page({ index: "receipts", equals: "parked" })).rows.map(({ id }) => id)

/** Mostly of an order that its partner has still, by that partner. */
const anyReceipt = async (county: Yingshao, chance: Chance): Promise<PartnerReceipt> => {
  const open: string[] = []
  const all: string[] = ["o-none"]
  for await (const { id, state } of county.queries.readAll("order")) {
    all.push(id)
    if (state.status === "placed" && !hasEnded(state.standing)) open.push(id)
  }
  const ref = chance.pick(open.length > 0 && chance.below(4) > 0 ? open.slice(-4) : all)
  const { state } = await county.queries.state("order", ref)
  const addressed = state.status === "placed" ? partnerOf(state.unit) : undefined
  return {
    id: `r-${chance.below(2_000)}`,
    source: chance.below(4) > 0 && addressed !== undefined ? addressed : chance.pick(partners),
    type: chance.pick([...receiptType.options, "extension-asked", "started"]),
    ref,
    time: `2026-03-02T10:00:${10 + chance.below(50)}.000Z`,
    data: { result: "好", reason, to: `班组${chance.below(3)}`, minutes: 60 + chance.below(5_000) },
  }
}

const partnerOf = (unit: string): (typeof partners)[number] | undefined =>
  partners[Math.floor((officerUnits as readonly string[]).indexOf(unit) / 3)]

/** Partners come and go, and parked receipts are tried again or dismissed. */
const deskWish = async (county: Yingshao, chance: Chance): Promise<Wish> => {
  const receipt = chance.pick([...(await parkedOf(county)), "0".repeat(40)])
  const person = chance.pick(partners)
  const scopes = [chance.pick(officerUnits), chance.pick(officerUnits)]
  return chance.pick([
    wish("RetryReceipt", "duty", "duty-officer", { receipt }),
    wish("DismissReceipt", "admin", "programme-admin", { receipt, reason }),
    wish("AppointStaff", "admin", "programme-admin", { person, role: "partner", scopes }),
    wish("DismissStaff", "admin", "programme-admin", { person, role: "partner", reason }),
  ])
}

describe(`random receipts, sampled: ${seeds.length} seeds × ${commands} steps`, () => {
  const became = new Set<string>()

  test.each(seeds)("I7 F1 F7 hold whatever partners say, seed %i", async (seed) => {
    const clock = testClock()
    const county = await openCounty(memoryStorage(), clock, { seed: `receipts ${seed}` })
    await staffCounty(county, informants)
    for (const [at, person] of partners.entries()) {
      const scopes = officerUnits.slice(at * 3, at * 3 + 3)
      await must(
        county,
        person,
        wish("AppointStaff", "admin", "programme-admin", { person, role: "partner", scopes }),
      )
    }
    const chance = chanceOf(seed)
    for (let at = 0; at < commands; at += 1) {
      const { minutes, wanted } = await nextStep(county, chance)
      clock.set(clock.now() + minutes * 60_000)
      if (wanted === "run what is due") expect(await county.scheduler.runDue()).toMatchObject({ failed: 0 })
      else await give(county, `step-${at}`, wanted)
      const said = await anyReceipt(county, chance)
      const first = await county.receive(said)
      became.add(first.kind === "taken" ? first.effect : first.kind)
      if (chance.below(3) === 0) expect(await county.receive(said)).toEqual(first)
      if (chance.below(4) === 0) await give(county, `desk-${at}`, await deskWish(county, chance))
      if (at % 6 === 5) expect((await county.checkWorld()).findings, `step ${at}`).toEqual([])
    }
    await county.close()
  })

  test("these walks met every effect", () => {
    expect([...became].sort()).toEqual([...effect.options, "parked"].sort())
  })
})
