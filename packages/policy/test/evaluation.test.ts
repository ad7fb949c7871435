/** Compiled decisions against a slow interpreter, over completions, after revival, in any order of rows. */
import { type DecisionName, decisions, type Facts } from "@yingshao/core/decisions"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { CompiledPolicy } from "../src/compile.ts"
import type { FactModel, PolicyModel } from "../src/model.ts"
import { revive } from "../src/policy.ts"
import { dates, huishui } from "./fixtures/huishui.ts"
import { completions, interpret, type Words } from "./fixtures/naive.ts"
import { loadSmall, smallModel, smallTable } from "./fixtures/small-model.ts"

const decisionNames = Object.keys(decisions) as DecisionName[]

const keyOf = (policy: CompiledPolicy, word: string | number, of: string): string | number =>
  typeof word === "number" ? word : (policy.resolved.vocabulary.keyOf(word, of) ?? word)

const factArbitrary = (fact: FactModel, bounds: readonly number[]): fc.Arbitrary<string | number> => {
  const known: (string | number)[] =
    fact.type === "integer"
      ? [fact.low, fact.high, ...bounds.filter((bound) => bound >= fact.low && bound <= fact.high)]
      : [...fact.values]
  return fc.constantFrom(...known, ...(fact.unknown === "value" ? ["未知"] : []))
}

const boundsOf = (model: PolicyModel): number[] => [
  ...new Set(
    model.parameters.flatMap(({ value }) => [value - 1, value, value + 1]).filter((value) => value >= 0),
  ),
  1,
  2,
  3,
  4,
  5,
]

const wordsArbitrary = (model: PolicyModel): fc.Arbitrary<Words> =>
  fc.record(Object.fromEntries(model.facts.map((fact) => [fact.name, factArbitrary(fact, boundsOf(model))])))

const toFacts = (policy: CompiledPolicy, words: Words): Partial<Facts> =>
  Object.fromEntries(
    policy.model.facts.flatMap((fact) => {
      const word = words[fact.name]
      return word === undefined ? [] : [[fact.key, keyOf(policy, word, fact.name)]]
    }),
  ) as Partial<Facts>

const impossible = (words: Words) => words.核实层级 === "未核实" && words.核实结论 !== "无法核实"

describe("C3 evaluation is total and bounded", () => {
  const policy = huishui()

  test("C3 every decision answers every complete case, as the slow interpreter does", () => {
    fc.assert(
      fc.property(wordsArbitrary(policy.model), (words) => {
        fc.pre(!impossible(words))
        const facts = toFacts(policy, words)
        for (const name of decisionNames) {
          const outcome = policy.decide(name, facts, dates)
          expect(outcome.status).toBe("decided")
          if (outcome.status !== "decided") continue
          expect(decisions[name].concludes.safeParse(outcome.conclusions).success).toBe(true)
          expect(policy.decideBare(name, facts, dates)).toEqual(outcome.conclusions)
          for (const [key, value] of Object.entries(outcome.conclusions)) {
            const domain = policy.resolved.conclusions.get(key)
            const expected = interpret(policy.model, words, domain?.name ?? "")
            expect({ key, value }).toEqual({ key, value: keyOf(policy, expected ?? "", domain?.name ?? "") })
          }
        }
      }),
      { numRuns: 100 },
    )
  })

  test("C3 any facts whatever, left out or unknown, come to an answer or to what is missing", () => {
    const partial = wordsArbitrary(policy.model).chain((words) =>
      fc
        .subarray(Object.keys(words))
        .map((kept) => Object.fromEntries(kept.map((name) => [name, words[name] ?? ""]))),
    )
    fc.assert(
      fc.property(partial, fc.constantFrom(...decisionNames), (words, name) => {
        fc.pre(words.核实层级 !== "未核实" || words.核实结论 === undefined)
        const facts = toFacts(policy, words)
        const outcome = policy.decide(name, facts, dates)
        if (outcome.status === "pending") {
          expect(outcome.missing.length).toBeGreaterThan(0)
          for (const fact of outcome.missing) expect(Object.keys(facts)).not.toContain(fact)
          expect(policy.decideBare(name, facts, dates)).toBeUndefined()
        } else expect(policy.decideBare(name, facts, dates)).toEqual(outcome.conclusions)
      }),
      { numRuns: 300 },
    )
  })

  test("C3 pending exactly when completions disagree, and missing names exactly the facts that matter", () => {
    const model: PolicyModel = {
      ...policy.model,
      facts: policy.model.facts.filter(({ name }) =>
        [
          "负面清单",
          "核实结论",
          "上报人",
          "曾确认最高级",
          "首报",
          "核实层级",
          "信息价值",
          "处置难度",
          "本月第几件",
        ].includes(name),
      ),
    }
    const open = wordsArbitrary(model).chain((words) =>
      fc
        .subarray(Object.keys(words), { minLength: 6 })
        .map((kept) => Object.fromEntries(kept.map((name) => [name, words[name] ?? ""]))),
    )
    fc.assert(
      fc.property(open, fc.constantFrom("cash", "rewardForm", "points"), (words, key) => {
        fc.pre(!impossible({ 核实结论: "无法核实", ...words }))
        const name = policy.resolved.conclusions.get(key)?.name ?? ""
        const all = completions(model, words, [60, 61])
        const results = new Map(all.map((one) => [one, interpret(policy.model, one, name)]))
        const answer = policy.conclude([key], toFacts(policy, words), dates)
        const distinct = new Set(results.values())
        if (distinct.size === 1) {
          expect("values" in answer && answer.values?.[key]).toBe(keyOf(policy, [...distinct][0] ?? "", name))
          return
        }
        const matters = model.facts.filter(
          (fact) =>
            words[fact.name] === undefined &&
            all.some((one) =>
              all.some((two) => differOnlyIn(one, two, fact.name) && results.get(one) !== results.get(two)),
            ),
        )
        expect("missing" in answer && [...answer.missing].sort()).toEqual(
          matters.map((fact) => fact.key).sort(),
        )
      }),
      { numRuns: 60 },
    )
  })

  test("C4 every decision carries the digest and names rules that exist, with a clause", () => {
    const rows = new Set(
      policy.model.tables.flatMap((table) => table.rules.map((rule) => `${table.name}/${rule.id}`)),
    )
    fc.assert(
      fc.property(wordsArbitrary(policy.model), (words) => {
        fc.pre(!impossible(words))
        for (const name of decisionNames) {
          const { because } = policy.decide(name, toFacts(policy, words), dates)
          expect(because.policy).toBe(policy.digest)
          expect(because.rules.length).toBeGreaterThan(0)
          for (const fired of because.rules) {
            expect(rows).toContain(`${fired.table}/${fired.rule}`)
            expect(fired.clause).not.toBe("")
          }
        }
      }),
      { numRuns: 50 },
    )
  })

  test("C4 a revived policy decides, explains and labels as the original", () => {
    const again = revive(policy.canonical)
    expect(again.digest).toBe(policy.digest)
    expect(again.label("none", "zh", "rewardForm")).toBe("不奖励")
    fc.assert(
      fc.property(wordsArbitrary(policy.model), fc.constantFrom(...decisionNames), (words, name) => {
        fc.pre(!impossible(words))
        const facts = toFacts(policy, words)
        expect(again.decide(name, facts, dates)).toEqual(policy.decide(name, facts, dates))
      }),
      { numRuns: 100 },
    )
  })

  test("a text revived again is the same policy while it is among the last four", () => {
    const titled = (title: number) => policy.canonical.replace('"title":"', `"title":"${title}`)
    const first = revive(titled(0))
    for (const title of [1, 2, 3]) revive(titled(title))
    expect(revive(titled(0))).toBe(first)
    revive(titled(4))
    expect(revive(titled(0))).not.toBe(first)
    expect(revive(titled(0)).digest).toBe(first.digest)
  })
})

describe("order of rows", () => {
  const policy = huishui()

  test("C3 shuffled rows conclude the same", () => {
    const shuffled = fc
      .tuple(
        ...policy.model.tables.map((table) =>
          fc.shuffledSubarray([...table.rules], { minLength: table.rules.length }),
        ),
      )
      .map(
        (rules): PolicyModel => ({
          ...policy.model,
          tables: policy.model.tables.map((table, at) => ({ ...table, rules: rules[at] ?? table.rules })),
        }),
      )
    fc.assert(
      fc.property(
        shuffled,
        fc.array(wordsArbitrary(policy.model), { minLength: 20, maxLength: 20 }),
        (model, cases) => {
          const { policy: other, findings } = loadSmall(model)
          expect(findings.filter((finding) => finding.severity === "error")).toEqual([])
          for (const words of cases) {
            if (impossible(words)) continue
            const facts = toFacts(policy, words)
            for (const name of decisionNames)
              expect(other.decideBare(name, facts, dates)).toEqual(policy.decideBare(name, facts, dates))
          }
        },
      ),
      { numRuns: 5 },
    )
  })
})

describe("calculations and hit policies agree with the slow interpreter", () => {
  const model = smallModel([
    smallTable(
      "判",
      ["危", "续"],
      ["判"],
      [
        { id: "1", when: ["是", "-"], gives: ["急"] },
        { id: "2", when: ["-", "是,未知"], gives: ["平"] },
        { id: "其余", when: ["-", "-"], gives: ["平"], rest: true },
      ],
      { policy: "priority", order: ["急", "平"] },
    ),
    smallTable(
      "钱",
      ["判", "序"],
      ["钱"],
      [
        { id: "1", when: ["急", "<=3"], gives: ["50.5 元"] },
        { id: "2", when: ["急", ">3"], gives: ["20"] },
        { id: "3", when: ["非 急", "-"], gives: ["0"] },
      ],
    ),
    smallTable(
      "份",
      ["层"],
      ["份", "整"],
      [
        { id: "1", when: [">=村"], gives: ["平分(钱,3)", "四舍五入到元(钱)"] },
        { id: "2", when: ["新"], gives: ["不超过(钱,30 元)", "0"] },
      ],
    ),
    smallTable(
      "用",
      ["份", "整"],
      ["得分"],
      [
        { id: "1", when: [">10", "-"], gives: ["5"] },
        { id: "2", when: ["-", ">0"], gives: ["7"] },
        { id: "3", when: ["0..20", "0"], gives: ["11"] },
      ],
      { policy: "collect", by: "合计" },
    ),
  ])

  test("C3 chains of calculations, sums and remainders", () => {
    const { policy, findings } = loadSmall({
      ...model,
      names: [
        ...model.names,
        { zh: "份", key: "share", en: "share", of: "" },
        { zh: "整", key: "round", en: "round", of: "" },
      ],
    })
    expect(findings).toEqual([])
    fc.assert(
      fc.property(wordsArbitrary(model), (words) => {
        const facts = toFacts(policy, words)
        for (const [key, name] of [
          ["triage", "判"],
          ["cash", "钱"],
          ["share", "份"],
          ["round", "整"],
          ["selectionScore", "得分"],
        ] as const) {
          const answer = policy.conclude([key], facts, dates)
          const naive = interpret(model, words, name)
          expect({ key, value: "values" in answer ? answer.values?.[key] : "pending" }).toEqual({
            key,
            value: keyOf(policy, naive ?? "", name),
          })
        }
      }),
      { numRuns: 300 },
    )
  })
})

const differOnlyIn = (one: Words, two: Words, name: string): boolean =>
  Object.keys(one).every((fact) => fact === name || one[fact] === two[fact])
