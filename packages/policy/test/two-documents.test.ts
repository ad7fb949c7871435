/** A book over two compiled documents: procedure about what was accepted under the first follows the second. */
import { type Conclusions, type DecisionName, decisions, type Facts } from "@yingshao/core/decisions"
import { civilDate } from "@yingshao/core/kernel/time"
import { bookOf } from "@yingshao/core/programme/book"
import { describe, expect, test } from "vitest"
import { readPolicy } from "../src/policy.ts"
import { changed, huishui } from "./fixtures/huishui.ts"

const compiled = (text: string) => {
  const read = readPolicy(text, "county.policy.md")
  if (!read.ok) throw new Error(JSON.stringify(read.findings.filter(({ severity }) => severity === "error")))
  return read.policy
}

/** From July on nothing is extended by more than an hour. */
const amendedText = (): string =>
  changed(
    "| 普通延期 | 4800 | 分钟 |",
    "| 普通延期 | 60 | 分钟 |",
    changed("| 施行 | 2026-01-01 |", "| 施行 | 2026-07-01 |"),
  )

const policies = [huishui(), compiled(amendedText())]
const book = bookOf(
  {
    units: [],
    calendarYears: [],
    policies: policies.map(({ digest, effectiveFrom }) => ({
      digest,
      effectiveFrom: civilDate.parse(effectiveFrom),
    })),
  },
  new Map(policies.map((policy) => [policy.digest, policy])),
)
const inFlight = { accepted: civilDate.parse("2026-06-30"), step: civilDate.parse("2026-07-01") }

const facts: Facts = {
  ...{ category: "facility", danger: "no", ongoing: "yes", affected: 0 },
  ...{ currentClass: "ordinary", highestConfirmedClass: "emergency", trigger: "none", verdict: "true" },
  ...{ level: "county", first: "yes", reporter: "informant", negative: "none", value: "major" },
  ...{ difficulty: "easy", nth: 1, willing: "yes", nominated: "yes", review: "passed", age: 30, idle: 0 },
  ...{ falseCount: 0, leave: "no", finding: "none", noticeDays: 0, appealDays: 0, rosterStatus: "active" },
  ...{ yearPoints: 0, conduct: "good", fairness: "good", example: "good", obligation: "handle" },
  ...{ escalation: 1, returnsSoFar: 0, extensionsSoFar: 0 },
}

describe("two documents", () => {
  test.each(Object.keys(decisions) as DecisionName[])(
    "C4 F1 %s is decided for a report of the day before",
    (name) => {
      const [first, second] = policies.map(({ digest }) => digest)
      const outcome = book.decide(name, facts, inFlight)
      expect(outcome.status).toBe("decided")
      expect(outcome.because.policy).toBe(decisions[name].timing === "step" ? second : first)
    },
  )

  test("F3 the longest extension is the one of the day on which it is asked for", () => {
    const outcome = book.decide("extension", facts, inFlight)
    const conclusions = outcome.status === "decided" ? outcome.conclusions : undefined
    expect(conclusions).toEqual<Conclusions<"extension">>({ extensionAllowed: "yes", extensionLimit: 60 })
  })
})
