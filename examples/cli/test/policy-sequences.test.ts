/** Promises about reports that follow each other, against the real rules and engine. */
import { readFileSync } from "node:fs"
import { type CompiledPolicy, readPolicy } from "@yingshao/policy"
import { judgeProperties } from "@yingshao/policy/properties/judge"
import { describe, expect, test } from "vitest"
import { judgeOfSequences, verdictOf } from "../src/policy/judge-sequences.ts"
import { type Outcome, runSequences, type Sequence } from "../src/policy/run-sequences.ts"
import { examplePolicy } from "../src/store/policy-file.ts"

const policyWith = (from: string, to: string): CompiledPolicy => {
  const read = readPolicy(readFileSync(examplePolicy, "utf8").replace(from, to))
  if (!read.ok) throw new Error("does not load")
  return read.policy
}

const sentences = [
  "同一事件,现金合计 不超过 一份",
  "先后次序 不影响 合计",
  "每件信息 到期前 有回应,或有逾期提醒",
]

const verdictsOf = async (policy: CompiledPolicy) => {
  const judge = await judgeOfSequences(policy, 7)
  return judgeProperties(policy.model, {
    others: [judge],
    properties: sentences.map((text, at) => ({ id: `${at}`, text })),
  }).map(({ verdict }) => verdict)
}

const emergency = { matter: 0, verdict: "true", replies: "in-time" } as const
const pair: Sequence = [
  { who: 0, ...emergency },
  { who: 1, ...emergency },
]
const cash: Outcome = { form: "cash", amount: 10_000, answeredOrFlagged: true }
const points: Outcome = { form: "points", amount: 10, answeredOrFlagged: true }

describe("sequences", () => {
  test("L8 the example keeps them in every order that was run, and says that it is no proof", async () => {
    const verdicts = await verdictsOf(policyWith("", ""))
    expect(verdicts.map(({ is }) => is)).toEqual(["sampled", "sampled", "proved"])
    expect(verdicts[0]).toMatchObject({ seed: 7, tries: 156, expected: true })
  })

  test("R401 points that end after the first report of a month make the order count", async () => {
    const ordinary = { matter: 1, verdict: "true", replies: "in-time" } as const
    const sequence: Sequence = [
      { who: 1, ...emergency },
      { who: 0, ...emergency },
      { who: 0, ...ordinary },
    ]
    const sequences = [sequence, sequence.toReversed()]
    const verdictUnder = async (policy: CompiledPolicy) => {
      const outcomes = await runSequences(policy, sequences)
      return verdictOf({ is: "orderFree" }, { sequences, outcomes, exhausted: 2, seed: 1 })
    }
    expect((await verdictUnder(policyWith("", "")))?.is).toBe("sampled")
    const verdict = await verdictUnder(policyWith("| 每月计分件数 | 60 |", "| 每月计分件数 | 1 |"))
    expect(verdict).toMatchObject({ is: "fails", counterexample: { smallest: true } })
    const story = verdict?.is === "fails" ? verdict.counterexample.story.zh : ""
    expect(story).toMatch(/换成 .*→.*:应为都属实时,换了先后合计不变,实为合计/)
  })

  test("L8 two awards of cash for one incident are seen", () => {
    const ran = { sequences: [pair], exhausted: 1, seed: 1 }
    expect(verdictOf({ is: "oneAward", of: "现金" }, { ...ran, outcomes: [[cash, cash]] })).toMatchObject({
      is: "fails",
      counterexample: { got: { zh: "2 份现金" } },
    })
    expect(verdictOf({ is: "oneAward", of: "现金" }, { ...ran, outcomes: [[cash, points]] })?.is).toBe(
      "sampled",
    )
  })

  test("a report that nobody answered and nobody was reminded of is seen", () => {
    const silent = { ...points, answeredOrFlagged: false }
    const ran = { sequences: [pair], exhausted: 1, seed: 1, outcomes: [[points, silent]] }
    expect(verdictOf({ is: "answeredOrFlagged" }, ran)?.is).toBe("fails")
  })

  test("a county that the rules refuse to set up is not judged, and never passed", async () => {
    const young = policyWith("| 最低年龄 | 18 |", "| 最低年龄 | 60 |")
    const verdicts = await verdictsOf(young)
    expect(verdicts.map(({ is }) => is)).toEqual(["not-judged", "not-judged", "proved"])
  })
})
