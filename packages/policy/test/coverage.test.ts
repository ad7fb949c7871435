/** What examples try, which would be worth writing, and which changes nobody would notice. */
import { describe, expect, test } from "vitest"
import { addExample, nextExampleId } from "../src/cases/add-example.ts"
import { exampleCase, tryExample } from "../src/cases/example-case.ts"
import { coverageOf, isTried } from "../src/coverage/coverage.ts"
import { outcomeOf, suggestExamples } from "../src/coverage/suggest.ts"
import { createReport } from "../src/finding.ts"
import type { PolicyModel } from "../src/model.ts"
import { judgeMutants, reportMutants, scoreOf } from "../src/mutants/judge-mutants.ts"
import { mutantsOf } from "../src/mutants/mutate.ts"
import { openPolicy } from "../src/policy.ts"
import { resolve } from "../src/resolve.ts"
import { changed, huishui, huishuiText, placeIn } from "./fixtures/huishui.ts"
import { type SmallRule, smallFacts, smallModel, smallTable } from "./fixtures/small-model.ts"

const word = (text: string) => ({ is: "word" as const, text })

const resolvedOf = (model: PolicyModel) => {
  const policy = resolve(model, createReport("t", new Map()))
  if (!policy) throw new Error("does not resolve")
  return policy
}

const facts = smallFacts.filter(({ name }) => ["危", "序"].includes(name))

/** 判 by danger and number, one example on one side of one bound. */
const small = (more: Partial<PolicyModel> = {}) => {
  const rules: SmallRule[] = [
    { id: "甲", when: ["是", "-"], gives: ["急"] },
    { id: "乙", when: ["否,未知", "<=3"], gives: ["平"] },
    { id: "丙", when: ["否,未知", ">3"], gives: ["急"] },
  ]
  return smallModel([smallTable("判", ["危", "序"], ["判"], rules)], {
    facts,
    examples: [
      {
        id: "例1",
        date: "",
        given: [
          { name: "危", value: word("否") },
          { name: "序", value: { is: "number", value: 3, unit: "" } },
        ],
        expect: [{ name: "判", value: word("平") }],
      },
    ],
    ...more,
  })
}

describe("T302 and T303", () => {
  test("T302 T303 name the rules and the sides of bounds that no example tries", () => {
    const model = small()
    const { rules, bounds } = coverageOf(model, resolvedOf(model))
    expect(rules.map(({ rule, by }) => [rule.id, by])).toEqual([
      ["甲", []],
      ["乙", ["例1"]],
      ["丙", []],
    ])
    expect(bounds.map(({ at, below, above }) => [at, below, above])).toEqual([[4, ["例1"], []]])
    expect(bounds.every(isTried)).toBe(false)
  })

  test("a suggestion is the case nearest to the typical one and keeps the result to itself", () => {
    const model = small()
    const policy = resolvedOf(model)
    const { suggestions, unreached } = suggestExamples(model, policy)
    expect(unreached).toEqual([])
    expect(suggestions).toEqual([
      { tries: [{ is: "rule", table: "判", rule: "甲" }], given: [], asks: ["判"] },
      {
        tries: [
          { is: "rule", table: "判", rule: "丙" },
          { is: "bound", table: "判", fact: "序", number: 4 },
        ],
        given: [
          { fact: "危", value: "否" },
          { fact: "序", value: "4" },
        ],
        asks: ["判"],
      },
    ])
    expect(JSON.stringify(suggestions)).not.toMatch(/急|平/)
    expect(outcomeOf(policy, suggestions[1]?.given ?? [], "判").zh).toBe("急")
  })

  test("every suggestion written down as an example: everything of the example is tried and it still loads", () => {
    const opened = openPolicy(huishuiText)
    const policy = huishui().resolved
    let { model, places } = opened
    const { suggestions, unreached, tooLarge } = suggestExamples(model, policy)
    expect([unreached, tooLarge]).toEqual([[], []])
    let text = huishuiText
    for (const { given, asks, date } of suggestions) {
      const [name = ""] = asks
      const value = outcomeOf(policy, given, name, date).zh
      text = addExample(text, model, places, { id: nextExampleId(model), given, expect: [{ name, value }] })
      const examples = [...model.examples, { id: nextExampleId(model), date: "", given: [], expect: [] }]
      model = { ...model, examples }
      places = new Map([...places, [examples.at(-1) ?? {}, { line: text.split("\n").length, column: 1 }]])
    }
    const again = openPolicy(text)
    expect(again.findings.filter(({ severity }) => severity === "error")).toEqual([])
    const coverage = coverageOf(again.model, again.policy?.resolved ?? policy)
    expect(coverage.rules.filter(({ by }) => by.length === 0)).toEqual([])
    expect(coverage.bounds.every(isTried)).toBe(true)
  })

  test("an added example stands below the last one, prose and line ends as they were", () => {
    for (const text of [huishuiText, huishuiText.replaceAll("\n", "\r\n")]) {
      const { model, places } = openPolicy(text)
      const added = addExample(text, model, places, {
        id: nextExampleId(model),
        given: [{ fact: "人身危险", value: "否" }],
        expect: [{ name: "分级", value: "应急治理" }],
      })
      const more = added.length - text.length
      const from = [...text].findIndex((letter, at) => letter !== added[at])
      expect(added.slice(0, from) + added.slice(from + more)).toBe(text)
      expect(openPolicy(added).model.examples.at(-1)).toMatchObject({
        id: "例21",
        given: [{ name: "人身危险" }],
        expect: [{ name: "分级" }],
      })
    }
  })

  test("a pending example waits for what is unknown, by interpretation too", () => {
    const { model, resolved } = huishui()
    const example = model.examples.find(({ id }) => id.startsWith("例18"))
    const ready = example && exampleCase(resolved, example)
    if (!ready) throw new Error("no such example")
    const tried = tryExample(resolved, ready)
    expect([tried.valueOf("cash"), tried.valueOf("lotLife")]).toEqual([undefined, 730])
  })
})

describe("T304", () => {
  test("every kind of change is made, and none of them twice", () => {
    const { model } = huishui()
    const mutants = mutantsOf(model)
    expect(new Set(mutants.map(({ kind }) => kind)).size).toBe(8)
    expect(new Set(mutants.map(({ what }) => what.zh)).size).toBe(mutants.length)
    for (const mutant of mutants) expect(mutant.model).not.toEqual(model)
  })

  test("who notices: the tables, an example, a promise, nobody", () => {
    const model = small({
      properties: [{ id: "性1", text: "当 危=是 时,判 一定是 急" }],
    })
    const judged = judgeMutants(model)
    const noticeOf = (what: string) => judged.find(({ mutant }) => mutant.what.zh.includes(what))?.notice
    expect(noticeOf("丙:整条删去")).toEqual({ is: "tables" })
    expect(noticeOf("乙:结论")).toEqual({ is: "example", id: "例1" })
    expect(noticeOf("甲:结论")).toEqual({ is: "property", id: "性1" })
    expect(noticeOf("丙:结论")).toEqual({
      is: "nobody",
      differs: {
        given: [
          { fact: "危", value: "否" },
          { fact: "序", value: "4" },
        ],
        conclusion: "判",
        from: { zh: "急", en: "emergency" },
        to: { zh: "平", en: "ordinary" },
        date: "2026-01-01",
      },
    })
    const score = scoreOf(judged)
    expect(score.changes).toBe(score.noticed + judged.filter(({ notice }) => notice.is === "nobody").length)
  })

  test("a change that changes no case does not count", () => {
    const rules: SmallRule[] = [
      { id: "甲", when: ["是", "-"], gives: ["急"] },
      { id: "乙", when: ["-", "<=3"], gives: ["平"] },
      { id: "丙", when: ["-", ">3"], gives: ["急"] },
    ]
    const model = smallModel([smallTable("判", ["危", "序"], ["判"], rules, { policy: "first" })], { facts })
    const judged = judgeMutants(model)
    const same = judged.filter(({ notice }) => notice.is === "no-change").map(({ mutant }) => mutant.what.zh)
    expect(same).toEqual([
      expect.stringContaining("丙:条件“序”从“>3”改成“—”"),
      expect.stringContaining("丙:条件“序”从“>3”改成“≥3”"),
    ])
  })

  test("T304 a note stands at the cell that was changed, with the smallest case in which it matters", () => {
    const row = "| 追2 | 计算错误 | 多退少补 |"
    const { model, places } = openPolicy(huishuiText)
    const table = model.tables.find(({ name }) => name === "追回")
    const judged = judgeMutants({
      ...model,
      parameters: [],
      examples: [],
      properties: [],
      tables: table ? [table] : [],
    })
    const report = createReport("county.policy.md", places)
    reportMutants(judged, report)
    const finding = report.findings.find(({ zh }) => zh.includes("追2:结论"))
    expect(finding).toMatchObject({
      code: "T304",
      severity: "note",
      ...placeIn(changed(row, row), row, "多退少补"),
    })
    expect(finding?.zh).toContain("事后认定=计算错误")
  })
})
