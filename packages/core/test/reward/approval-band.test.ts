/** Who releases an award: by what is really awarded, whatever today's policy would give for the same facts. */
import type { Policy } from "@yingshao/core/decisions"
import type { Instant } from "@yingshao/core/kernel/time"
import { describe, expect, test } from "vitest"
import { type FixedNumbers, fixedPolicy } from "../fixtures/fixed-policy.ts"
import { adopt, answer, must, submit, verifyAll } from "../fixtures/steps.ts"
import { codeOf, idOf, photo, placeAt, staffedWorld, type World } from "../fixtures/world.ts"

/** A county with an approver of small amounts only; awards of up to 100 yuan are small. */
const county = (next?: Policy): World => {
  const world = staffedWorld()
  world.appoint("small-approver", "approver", ["small"])
  world.states.set("participant/zhang", { ...world.state("participant", "zhang"), status: "active" })
  if (next === undefined) return world
  adopt(world, next)
  return world
}

/** The approver of small amounts tries to release the award of a report. */
const release = (world: World, report: string, value: string, difficulty: string): string => {
  verifyAll(world, report)
  const grading = { value, difficulty }
  must(world, "GradeReport", "verifier-county", "verifier", { report, grading, reason: "现场评定" })
  return codeOf(world.give("ApproveReward", "small-approver", "approver", { report, interest: "none" }))
}

const amountOf = (world: World, report: string) => {
  const file = world.state("reward", report)
  return file.status === "none" ? undefined : file.award?.amount
}

describe("the band of approval", () => {
  const lower = { tier1Fen: 10_000, tier2Fen: 9_000, tier3Fen: 8_000, tier4Fen: 5_000 }
  test.each<[string, Partial<FixedNumbers>, string, string, string, number | undefined]>([
    ["of an amount that nobody gets any more", lower, "critical", "hard", "band-not-yours", undefined],
    ["between two of today's amounts", { tier2Fen: 9_000 }, "major", "easy", "band-not-yours", undefined],
    [
      "that another tier gets today",
      { tier2Fen: 10_000, tier3Fen: 9_000 },
      "notable",
      "easy",
      "accepted",
      10_000,
    ],
    ["that is more today", { tier3Fen: 12_000, tier4Fen: 10_000 }, "notable", "easy", "accepted", 10_000],
    ["under a lower limit", { smallBandFen: 4_000 }, "minor", "easy", "band-not-yours", undefined],
    ["under a higher limit", { smallBandFen: 20_000 }, "critical", "hard", "accepted", 20_000],
  ])(
    "L12 L10 follows the award and today's limit: an award %s",
    (_, numbers, value, difficulty, code, fen) => {
      const world = county(fixedPolicy({ id: "HS-2", effectiveFrom: "2026-03-25", numbers }))
      const report = submit(world, "zhang")
      world.now = "2026-03-25T01:00:00.000Z" as Instant
      answer(world, report)
      expect(release(world, report, value, difficulty)).toBe(code)
      expect(amountOf(world, report)).toBe(fen)
    },
  )

  test("L12 follows the better award where the later policy is taken", () => {
    const numbers = { tier3Fen: 15_000, tier2Fen: 16_000 }
    const better = ["reward", "cashAward"] as const
    const world = county(fixedPolicy({ id: "HS-2", effectiveFrom: "2026-03-25", numbers, better }))
    const report = submit(world, "zhang")
    world.now = "2026-03-25T01:00:00.000Z" as Instant
    answer(world, report)
    expect(release(world, report, "notable", "easy")).toBe("band-not-yours")
  })

  test("L12 is the award's also where the first signatory may not earn and the second does", () => {
    const world = county()
    const report = idOf(
      must(world, "SubmitReport", "neighbour", "reporter", {
        channel: "app",
        reporters: ["neighbour", "zhang"],
        photos: [photo],
        place: placeAt(),
      }),
      "report",
    )
    answer(world, report)
    expect(release(world, report, "critical", "hard")).toBe("band-not-yours")
    expect(codeOf(world.give("ApproveReward", "approver", "approver", { report, interest: "none" }))).toBe(
      "accepted",
    )
    expect(amountOf(world, report)).toBe(20_000)
  })
})
