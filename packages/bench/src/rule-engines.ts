/**
 * Decisions a second of a compiled table of 20 rows, beside the same table in `json-rules-engine` and in
 * `@gorules/zen-engine`.
 *
 * Each peer gets its best settings: json-rules-engine one rule a row with flat conditions, facts it need not
 * look for, and a stop at the first row that matches; zen-engine a decision that is compiled once and many
 * evaluations in flight, which its native threads share. All three must agree on every case first.
 */
import { ZenDecisionContent, ZenEngine } from "@gorules/zen-engine"
import { Engine } from "json-rules-engine"
import {
  type BandedFacts,
  type BandedRule,
  bandedAnswer,
  bandedCases,
  bandedPolicy,
  bandedRules,
} from "./banded-table.ts"
import { dates } from "./example-policy.ts"
import { type Effort, type Line, lineOf } from "./line.ts"
import { median, ratioOf, waitingRate } from "./rounds.ts"

export const ruleEngines = async ({ smoke }: Effort): Promise<readonly Line[]> => {
  const rules = bandedRules({ groups: 4, nth: 5, idle: 1 })
  const cases = bandedCases(256)
  const policy = bandedPolicy(rules)
  const zen = zenTable(rules)
  const rivals = [
    {
      name: "json-rules-engine",
      decide: oneByOne(jsonRules(rules)),
      atLeast: 500,
    },
    { name: "zen-engine", decide: inFlight(zen.decide, smoke ? 8 : 32), atLeast: 300 },
  ]
  const ours = oursOver(policy, 400)
  await agree(rules, cases, [ours, ...rivals.map(({ decide }) => decide)])
  const own: number[] = []
  const found = rivals.map((): number[] => [])
  const { rounds, ms } = smoke ? { rounds: 1, ms: 20 } : { rounds: 7, ms: 300 }
  for (let round = 0; round < rounds; round += 1) {
    own.push(await waitingRate({ size: 400 * cases.length, batch: () => ours(cases) }, ms))
    for (const [at, { decide }] of rivals.entries()) {
      found[at]?.push(await waitingRate({ size: cases.length, batch: () => decide(cases) }, ms))
    }
  }
  zen.close()
  return rivals.map(({ name, atLeast }, at) =>
    lineOf({
      name: `a table of ${rules.length} rows beside ${name}`,
      unit: "1/s",
      ours: median(own),
      beside: median(found[at] ?? []),
      peer: name,
      ratio: ratioOf(own, found[at] ?? []),
      goal: { atLeast },
    }),
  )
}

// internal

/** Decides all cases; answers in their order. */
type DecideAll = (cases: readonly BandedFacts[]) => Promise<readonly number[]>

const agree = async (
  rules: readonly BandedRule[],
  cases: readonly BandedFacts[],
  rivals: readonly DecideAll[],
): Promise<void> => {
  const expected = cases.map((facts) => bandedAnswer(rules, facts)).join()
  for (const decide of rivals) {
    if ((await decide(cases)).join() !== expected) throw new Error("the engines disagree about the table")
  }
}

/** Goes over the cases so many times, because once is too short to be timed. */
const oursOver = (policy: ReturnType<typeof bandedPolicy>, times: number): DecideAll => {
  return async (cases) => {
    const answers = new Array<number>(cases.length).fill(0)
    for (let time = 0; time < times; time += 1) {
      let at = 0
      for (const facts of cases) {
        answers[at] = policy.decideBare("lotLife", facts, dates)?.lotLife ?? Number.NaN
        at += 1
      }
    }
    return answers
  }
}

const oneByOne =
  (decide: (facts: BandedFacts) => Promise<number>): DecideAll =>
  async (cases) => {
    const answers: number[] = []
    for (const facts of cases) answers.push(await decide(facts))
    return answers
  }

const inFlight =
  (decide: (facts: BandedFacts) => Promise<number>, width: number): DecideAll =>
  async (cases) => {
    const answers: number[] = []
    for (let at = 0; at < cases.length; at += width) {
      answers.push(...(await Promise.all(cases.slice(at, at + width).map(decide))))
    }
    return answers
  }

/**
 * Rules of one priority are evaluated all at once, whatever `stop` says; of different priorities one after
 * the other, until one stops the engine. Both were tried, and the second is the faster one.
 */
const jsonRules = (rules: readonly BandedRule[]) => {
  const engine = new Engine(
    rules.map(({ categories, nth, idle, result }, row) => ({
      conditions: {
        all: [
          { fact: "category", operator: "in", value: categories },
          ...between("nth", nth, [1, 1000]),
          ...between("idle", idle, [0, 3650]),
        ],
      },
      priority: rules.length - row,
      event: { type: "decided", params: { result } },
      onSuccess: () => {
        engine.stop()
      },
    })),
  )
  return async (facts: BandedFacts): Promise<number> => {
    const { events } = await engine.run({ ...facts })
    return Number(events[0]?.params?.["result"])
  }
}

/** No condition where every value fits. */
const between = (
  fact: string,
  [low, high]: readonly [number, number],
  [least, most]: readonly [number, number],
) => [
  ...(low === least ? [] : [{ fact, operator: "greaterThanInclusive", value: low }]),
  ...(high === most ? [] : [{ fact, operator: "lessThanInclusive", value: high }]),
]

const zenTable = (rules: readonly BandedRule[]) => {
  const engine = new ZenEngine()
  const decision = engine.createDecision(new ZenDecisionContent(zenContent(rules)))
  return {
    close: () => engine.dispose(),
    decide: async (facts: BandedFacts): Promise<number> => {
      const { result } = (await decision.evaluate(facts, { trace: false })) as {
        readonly result: { readonly result: number }
      }
      return result.result
    },
  }
}

const zenContent = (rules: readonly BandedRule[]): object => ({
  nodes: [
    { id: "in", type: "inputNode", name: "in", position: { x: 0, y: 0 } },
    {
      id: "table",
      type: "decisionTableNode",
      name: "table",
      position: { x: 0, y: 0 },
      content: {
        hitPolicy: "first",
        inputs: ["category", "nth", "idle"].map((field) => ({ id: field, name: field, field })),
        outputs: [{ id: "result", name: "result", field: "result" }],
        rules: rules.map(({ categories, nth, idle, result }, row) => ({
          _id: `${row}`,
          category: categories.map((key) => JSON.stringify(key)).join(", "),
          nth: `[${nth.join("..")}]`,
          idle: `[${idle.join("..")}]`,
          result: `${result}`,
        })),
      },
    },
    { id: "out", type: "outputNode", name: "out", position: { x: 0, y: 0 } },
  ],
  edges: [
    { id: "1", sourceId: "in", targetId: "table", type: "edge" },
    { id: "2", sourceId: "table", targetId: "out", type: "edge" },
  ],
})
