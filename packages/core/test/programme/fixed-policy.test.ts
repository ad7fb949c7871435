/** The hand-written policy answers every decision with conclusions that core's own schemas accept. */

import { type DecisionName, decisions, type Facts } from "@yingshao/core/decisions"
import { describe, expect, test } from "vitest"
import { fixedPolicy } from "../fixtures/fixed-policy.ts"

const dates = { accepted: "2026-03-02", step: "2026-03-02" }
const typical: Facts = {
  category: "fire",
  danger: "yes",
  ongoing: "yes",
  affected: 1,
  currentClass: "new",
  highestConfirmedClass: "emergency",
  trigger: "none",
  verdict: "true",
  level: "county",
  first: "yes",
  reporter: "informant",
  negative: "none",
  value: "minor",
  difficulty: "easy",
  nth: 1,
  willing: "yes",
  nominated: "yes",
  review: "passed",
  age: 30,
  idle: 0,
  falseCount: 0,
  leave: "no",
  finding: "none",
  noticeDays: 0,
  appealDays: 0,
  rosterStatus: "active",
  yearPoints: 0,
  conduct: "good",
  fairness: "good",
  example: "good",
  obligation: "reply",
  escalation: 1,
  returnsSoFar: 0,
  extensionsSoFar: 0,
}

describe("fixed policy", () => {
  const policy = fixedPolicy()

  test.each(Object.keys(decisions) as DecisionName[])("%s is decided for the typical case", (name) => {
    const outcome = policy.decide(name, typical, dates)
    expect(outcome.status).toBe("decided")
    if (outcome.status !== "decided") return
    expect(decisions[name].concludes.strict().parse(outcome.conclusions)).toEqual(outcome.conclusions)
    expect(outcome.because.policy).toBe(policy.digest)
  })

  test.each([
    ["例1", { value: "major", difficulty: "hard" }, "cash", 20_000, 0],
    ["例2", { value: "major", difficulty: "hard", first: "no" }, "points", 0, 10],
    ["例3", { category: "facility", danger: "no", highestConfirmedClass: "ordinary" }, "points", 0, 5],
    ["例4", { negative: "not2", value: "critical" }, "none", 0, 0],
    ["例5", {}, "cash", 5_000, 0],
    ["例6", { category: "unknown", danger: "unknown", highestConfirmedClass: "ordinary" }, "points", 0, 5],
  ] as const)("the sample's %s", (_, changed, rewardForm, cash, points) => {
    const facts = { ...typical, ...changed }
    const concluded = (["reward", "cashAward", "pointsAward"] as const).map((name) =>
      policy.decide(name, facts, dates),
    )
    expect(concluded).toMatchObject([
      { status: "decided", conclusions: { rewardForm } },
      { status: "decided", conclusions: { cash } },
      { status: "decided", conclusions: { points } },
    ])
  })

  test("an unknown verdict neither pays nor denies", () => {
    expect(policy.decide("reward", { ...typical, verdict: "unknown" }, dates)).toMatchObject({
      status: "pending",
      missing: ["verdict"],
    })
  })

  test("only a photo and a place is an emergency until somebody looked", () => {
    expect(policy.decide("triage", {}, dates)).toMatchObject({ conclusions: { triage: "emergency" } })
  })

  test("revived from its canonical text it is the same policy", () => {
    const next = fixedPolicy({ id: "next", numbers: { tier1Fen: 19_000 } })
    expect(policy.revive(next.canonical).digest).toBe(next.digest)
    expect(next.digest).not.toBe(policy.digest)
  })

  test("an unknown value and a date too early throw", () => {
    expect(() => policy.decide("triage", { category: "dragon" }, dates)).toThrow("dragon")
    expect(() => policy.decide("hours", {}, { accepted: "2025-12-31", step: "2025-12-31" })).toThrow(
      "applies from",
    )
  })
})
