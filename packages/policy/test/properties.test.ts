/** Promises against brute force: the same verdict and the same smallest counterexample. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { showValue, sizeOfCase, typicalCase } from "../src/cases/case.ts"
import { createReport } from "../src/finding.ts"
import type { PolicyModel } from "../src/model.ts"
import { judgeProperties } from "../src/properties/judge.ts"
import { patterns, readSentence, testsOf } from "../src/properties/sentence.ts"
import type { Verdict } from "../src/properties/verdict.ts"
import { resolve } from "../src/resolve.ts"
import type { ResolvedPolicy } from "../src/resolved.ts"
import { huishui } from "./fixtures/huishui.ts"
import { interpret, type Words } from "./fixtures/naive.ts"
import { type SmallRule, smallModel, smallTable } from "./fixtures/small-model.ts"

const cells: { readonly [fact: string]: readonly string[] } = {
  危: ["-", "是", "否,未知", "未知"],
  首: ["-", "是", "否"],
  序: ["-", "<=3", ">3", "2..5"],
  层: ["-", "新", ">=村", "非 村"],
}

/** 判 from four facts, under 首条 and with a row 其余, so that every draw is sound; 钱 and 分 from 判. */
const modelArbitrary: fc.Arbitrary<PolicyModel> = fc
  .record({
    first: fc.array(
      fc.record({
        when: fc.tuple(...Object.values(cells).map((some) => fc.constantFrom(...some))),
        gives: fc.constantFrom("急", "平"),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    second: fc.array(
      fc.record({
        when: fc.tuple(
          fc.constantFrom("-", "急", "平"),
          fc.constantFrom(...(cells.首 ?? [])),
          fc.constantFrom(...(cells.层 ?? [])),
        ),
        gives: fc.tuple(fc.constantFrom("0", "50", "100"), fc.constantFrom("0", "5")),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    impossible: fc.boolean(),
  })
  .map(({ first, second, impossible }) => {
    const rest = (columns: number, gives: readonly string[]): SmallRule => ({
      id: "其余",
      rest: true,
      when: new Array<string>(columns).fill("-"),
      gives,
    })
    const judged = smallTable(
      "判",
      Object.keys(cells),
      ["判"],
      [...first.map(({ when, gives }, at) => ({ id: `甲${at}`, when, gives: [gives] })), rest(4, ["平"])],
      { policy: "first" },
    )
    const paid = smallTable(
      "钱",
      ["判", "首", "层"],
      ["钱", "分"],
      [...second.map(({ when, gives }, at) => ({ id: `乙${at}`, when, gives })), rest(3, ["0", "0"])],
      { policy: "first" },
    )
    const word = (text: string) => ({
      any: false,
      oneOf: [{ is: "equal" as const, to: { is: "word" as const, text } }],
    })
    return smallModel([judged, paid], {
      impossible: impossible
        ? [
            {
              id: "否1",
              reason: "",
              when: [
                { fact: "层", test: word("新") },
                { fact: "危", test: word("是") },
              ],
            },
          ]
        : [],
    })
  })

interface Whole {
  readonly words: Words
  readonly size: number
  readonly atoms: readonly number[]
}

/** Every case by every value, nine numbers included, without what cannot happen. */
const everyCase = (model: PolicyModel, policy: ResolvedPolicy): Whole[] => {
  const excluded = model.impossible.length > 0
  const all: Whole[] = []
  for (const danger of ["是", "否", "未知"])
    for (const first of ["是", "否"])
      for (const nth of [1, 2, 3, 4, 5, 6, 7, 8, 9])
        for (const level of ["新", "村", "县"]) {
          if (excluded && level === "新" && danger === "是") continue
          const words: Words = { 危: danger, 续: "是", 首: first, 序: nth, 层: level }
          const atoms = typicalCase(policy).map((typical, at) => {
            const variable = policy.variables[at]
            const value = words[variable?.name ?? ""]
            return (
              variable?.atoms.findIndex((atom) =>
                atom.is === "span"
                  ? atom.low <= Number(value) && Number(value) <= atom.high
                  : atom.is === "unknown"
                    ? value === "未知"
                    : atom.zh === value,
              ) ?? typical
            )
          })
          all.push({ words, atoms, size: sizeOfCase(policy, atoms) })
        }
  return all
}

const resolvedOf = (model: PolicyModel, text = ""): ResolvedPolicy => {
  const read = readSentence(model, text)
  const tests = read.ok ? testsOf(read.sentence) : []
  const policy = resolve(model, createReport("t", new Map()), { tests })
  if (!policy) throw new Error("does not resolve")
  return policy
}

const verdictOf = (model: PolicyModel, text: string): Verdict => {
  const [judged] = judgeProperties(model, { properties: [{ id: "甲", text }] })
  if (!judged) throw new Error("no verdict")
  return judged.verdict
}

const changesOf = (policy: ResolvedPolicy, one: Whole, but?: string) =>
  policy.variables.flatMap((variable, at) =>
    variable.name === but || one.atoms[at] === typicalCase(policy)[at]
      ? []
      : [{ fact: variable.name, value: showValue(variable, one.atoms[at] ?? 0) }],
  )

const least = (wholes: readonly Whole[]): Whole | undefined =>
  wholes.reduce<Whole | undefined>((best, one) => (best && best.size <= one.size ? best : one), undefined)

const money = (model: PolicyModel, one: Whole, name = "钱") => Number(interpret(model, one.words, name))

describe("C3 promises agree with brute force, down to the smallest counterexample", () => {
  const singles: readonly [string, (model: PolicyModel, one: Whole) => boolean, (one: Whole) => boolean][] = [
    ["钱 只能是 0、50", (model, one) => money(model, one) === 10000, () => true],
    ["钱 为 0 或在 60 至 200 之间", (model, one) => money(model, one) === 5000, () => true],
    ["钱>0 与 分>0 不会同时出现", (m, one) => money(m, one) > 0 && money(m, one, "分") > 0, () => true],
    [
      "当 层=县 且 序>3 时,钱 一定是 0",
      (model, one) => money(model, one) !== 0,
      ({ words }) => words.层 === "县" && Number(words.序) > 3,
    ],
    [
      "whenever level=village and danger=unknown, triage is never emergency",
      (model, one) => interpret(model, one.words, "判") === "急",
      ({ words }) => words.层 === "村" && words.危 === "未知",
    ],
  ]

  test.each(singles)("%s", (text, breaks, premise) => {
    fc.assert(
      fc.property(modelArbitrary, (model) => {
        const policy = resolvedOf(model, text)
        const verdict = verdictOf(model, text)
        const wholes = everyCase(model, policy).filter(premise)
        const worst = least(wholes.filter((one) => breaks(model, one)))
        if (wholes.length === 0) expect(verdict.is).toBe("premise-never-true")
        else if (!worst) expect(verdict.is).toBe("proved")
        else {
          if (verdict.is !== "fails") throw new Error(`expected a counterexample, got ${verdict.is}`)
          expect(verdict.counterexample.smallest).toBe(true)
          expect(verdict.counterexample.changes).toEqual(changesOf(policy, worst))
        }
      }),
      { numRuns: 40 },
    )
  })

  const doubles: readonly [string, string, (before: number, after: number) => boolean][] = [
    ["层 越高,钱 不减少", "层", (before, after) => after < before],
    ["序 越高,钱 不增加", "序", (before, after) => after > before],
    ["首 不影响 钱", "首", (before, after) => before !== after],
    ["danger never affects cash", "危", (before, after) => before !== after],
  ]

  test.each(doubles)("%s", (text, fact, breaks) => {
    fc.assert(
      fc.property(modelArbitrary, (model) => {
        const policy = resolvedOf(model)
        const verdict = verdictOf(model, text)
        const wholes = everyCase(model, policy)
        const at = policy.variables.findIndex(({ name }) => name === fact)
        const rest = (one: Whole) => sizeOfCase(policy, one.atoms.with(at, typicalCase(policy)[at] ?? 0))
        const paid = new Map(wholes.map((one) => [one, money(model, one)]))
        const bad = wholes.flatMap((one) =>
          wholes.flatMap((other) => {
            const alike = one.atoms.every((atom, index) => index === at || other.atoms[index] === atom)
            if (!alike) return []
            const before = one.words[fact] ?? 0
            const after = other.words[fact] ?? 0
            const rises =
              fact === "危" || fact === "首"
                ? before !== after
                : fact === "序"
                  ? Number(before) < Number(after)
                  : (one.atoms[at] ?? 0) < (other.atoms[at] ?? 0)
            return rises && breaks(paid.get(one) ?? 0, paid.get(other) ?? 0) ? [one] : []
          }),
        )
        const worst = bad.reduce<Whole | undefined>(
          (best, one) => (best && rest(best) <= rest(one) ? best : one),
          undefined,
        )
        if (!worst) expect(verdict.is).toBe("proved")
        else {
          if (verdict.is !== "fails") throw new Error(`expected a counterexample, got ${verdict.is}`)
          expect(verdict.counterexample.changes).toEqual(changesOf(policy, worst, fact))
        }
      }),
      { numRuns: 25 },
    )
  })

  test("首 未知时,钱 不提前发放: paid only where every completion pays the same", () => {
    fc.assert(
      fc.property(modelArbitrary, (model) => {
        const policy = resolvedOf(model)
        const verdict = verdictOf(model, "首 未知时,钱 不提前发放")
        const paid = everyCase(model, policy).filter((one) => {
          const both = ["是", "否"].map((first) =>
            Number(interpret(model, { ...one.words, 首: first }, "钱")),
          )
          return one.words.首 === "是" && (both[0] ?? 0) > 0 && both[0] === both[1]
        })
        const worst = least(paid)
        expect(verdict.is).toBe(worst ? "fails" : "proved")
        if (verdict.is === "fails" && worst)
          expect(verdict.counterexample.changes).toEqual(changesOf(policy, worst, "首"))
      }),
      { numRuns: 25 },
    )
  })
})

describe("sentences", () => {
  test("every pattern is read in both languages and says the same", () => {
    const model = huishui().model
    const filled = (pattern: string) =>
      pattern
        .replace("当 F=a 且 G=b 时", "当 信息价值=重大 且 首报=是 时")
        .replace("whenever F=a and G=b", "whenever value=major and first report=yes")
        .replace(/a 至 b/, "50 至 200")
        .replace(/between a and b/, "between 50 and 200")
        .replace(/a、b|a, b/, "50,100")
        .replace(/X>0 与 Y>0|X>0 and Y>0/, (both) => both.replace("X", "cash").replace("Y", "积分"))
        .replace(/ v$/, " 0")
        .replace(/\bF\b/, "level of verification")
        .replace(/\bX\b/, "现金")
        .replace(/ N\b/, " 60")
        .replace(/ p$/, " 5%")
    for (const pattern of patterns) {
      const [zh, en] = [readSentence(model, filled(pattern.zh)), readSentence(model, filled(pattern.en))]
      expect([pattern.zh, zh.ok]).toEqual([pattern.zh, true])
      expect([pattern.en, en]).toEqual([pattern.en, zh])
    }
  })

  test("full-width punctuation reads the same", () => {
    const model = huishui().model
    expect(readSentence(model, "现金＞0 与 积分＞0 不会同时出现。")).toEqual(
      readSentence(model, "现金>0 与 积分>0 不会同时出现"),
    )
  })

  test("what fits no pattern gets the nearest one", () => {
    const { model } = huishui()
    expect(readSentence(model, "现金 越多 越好")).toMatchObject({
      ok: false,
      nearest: { zh: "F 越高,X 不减少" },
    })
    expect(readSentence(model, "category has no affect on cash")).toMatchObject({ ok: false })
  })

  test("R404 a search beyond its budget is sampled, never proved", () => {
    const { model } = huishui()
    const [judged] = judgeProperties(model, {
      budget: 20,
      tries: 500,
      seed: 7,
      properties: [{ id: "性1", text: "每件信息 都有 现级" }],
    })
    expect(judged?.verdict).toMatchObject({ is: "sampled", seed: 7, expected: false })
  })

  test("R401 what sampling finds says so and keeps its seed", () => {
    const { model } = huishui()
    const [judged] = judgeProperties(model, {
      budget: 20,
      seed: 7,
      properties: [{ id: "甲", text: "分级 只能是 普通治理" }],
    })
    expect(judged?.verdict).toMatchObject({ is: "fails", counterexample: { smallest: false, seed: 7 } })
  })
})
