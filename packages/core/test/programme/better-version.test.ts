/** 从旧兼从优: what counts as better for a person, and that a book takes a right whole from the one or the other. */
import type { DecisionName, Facts, Policy } from "@yingshao/core/decisions"
import { civilDate } from "@yingshao/core/kernel/time"
import { compareConclusion, isBetterFor } from "@yingshao/core/programme/better-version"
import { bookOf } from "@yingshao/core/programme/book"
import type { ProgrammeState } from "@yingshao/core/programme/programme"
import { describe, expect, test } from "vitest"
import { type FixedNumbers, fixedPolicy } from "../fixtures/fixed-policy.ts"

const rights: readonly DecisionName[] = ["rewardBasis", "reward", "cashAward", "pointsAward", "deadlines"]

/** A book that knows of nothing but these policies. */
const bookOn = (policies: readonly Policy[]) => {
  const state: Partial<ProgrammeState> = {
    ...{ units: [], calendarYears: [] },
    policies: policies.map(({ id, digest, effectiveFrom }) => ({
      ...{ id, digest },
      effectiveFrom: civilDate.parse(effectiveFrom),
    })),
  }
  return bookOf(state as ProgrammeState, new Map(policies.map((policy) => [policy.digest, policy])))
}

/** The fixed policy from the first day, and another one from July. */
const bookWith = (numbers: Partial<FixedNumbers>, better: readonly DecisionName[] = rights) => {
  const old = fixedPolicy()
  const now = fixedPolicy({ id: "NEXT", effectiveFrom: "2026-07-01", numbers, better })
  return { old, now, book: bookOn([old, now]) }
}

const paid: Partial<Facts> = {
  ...{ negative: "none", verdict: "true", reporter: "informant", highestConfirmedClass: "emergency" },
  ...{ first: "yes", level: "county", value: "major", difficulty: "easy", nth: 1 },
}
const inFlight = { accepted: civilDate.parse("2026-06-01"), step: civilDate.parse("2026-08-01") }

describe("从旧兼从优", () => {
  test("a better amount is taken from the later policy, with its digest and rules", () => {
    const { book, now } = bookWith({ tier2Fen: 18_000 })
    expect(book.decide("cashAward", paid, inFlight)).toMatchObject({
      conclusions: { cash: 18_000 },
      because: { policy: now.digest },
    })
  })

  test("a worse amount is not: the rules at acceptance stay", () => {
    const { book, old } = bookWith({ tier2Fen: 12_000 })
    expect(book.decide("cashAward", paid, inFlight)).toMatchObject({
      conclusions: { cash: 15_000 },
      because: { policy: old.digest },
    })
  })

  test("nothing is taken where the later policy does not say so, or does not know a word", () => {
    expect(bookWith({ tier2Fen: 18_000 }, []).book.decide("cashAward", paid, inFlight)).toMatchObject({
      conclusions: { cash: 15_000 },
    })
    const { book, old, now } = bookWith({ tier2Fen: 18_000 })
    const forgetful: Policy = { ...now, knows: (fact) => fact !== "value" }
    expect(bookOn([old, forgetful]).decide("cashAward", paid, inFlight)).toMatchObject({
      conclusions: { cash: 15_000 },
    })
    expect(book.decide("cashAward", paid, inFlight)).toMatchObject({ conclusions: { cash: 18_000 } })
  })

  test("deadlines are taken whole: one span longer keeps them all", () => {
    const shorter = bookWith({ ordinaryReply: 240 }).book
    const mixed = bookWith({ ordinaryReply: 240, ordinaryHandle: 9_600 }).book
    const facts: Partial<Facts> = { currentClass: "ordinary", trigger: "none", level: "county" }
    expect(shorter.decide("deadlines", facts, inFlight)).toMatchObject({ conclusions: { reply: 240 } })
    expect(mixed.decide("deadlines", facts, inFlight)).toMatchObject({ conclusions: { reply: 480 } })
  })

  test("what is unknown and settles which is better is waited for", () => {
    const { book } = bookWith({ tier2Fen: 18_000, tier4Fen: 4_000 })
    const { value: _, ...open } = paid
    expect(book.decide("cashAward", open, inFlight)).toMatchObject({
      status: "pending",
      missing: expect.arrayContaining(["value"]),
    })
    expect(book.decide("reward", open, inFlight)).toMatchObject({ conclusions: { rewardForm: "cash" } })
  })

  test("cash is better than points, points than nothing, whatever the amounts", () => {
    const cash = { rewardForm: "cash", cash: 5_000, points: 0 }
    const points = { rewardForm: "points", cash: 0, points: 500 }
    const none = { rewardForm: "none", cash: 0, points: 0 }
    expect(isBetterFor("pointsAward", points, cash)).toBe(true)
    expect(isBetterFor("pointsAward", cash, points)).toBe(false)
    expect(isBetterFor("reward", none, points)).toBe(true)
    expect(isBetterFor("reward", cash, { ...cash })).toBe(false)
    expect(isBetterFor("triage", { triage: "ordinary" }, { triage: "emergency" })).toBe(false)
  })

  test("spans on two clocks are compared only where it can be told", () => {
    const [round, working] = ["roundTheClock", "workingTime"]
    const told = (from: number, fromClock?: string, to?: number, toClock?: string) =>
      compareConclusion("reply", { reply: from, clock: fromClock }, { reply: to, clock: toClock })
    expect(told(480, working, 480, round)).toBe("better")
    expect(told(480, round, 480, working)).toBe("worse")
    expect(told(480, working, 500, round)).toBe("neither")
    expect(told(480, round, 240, round)).toBe("better")
  })
})
