/** What changes between two documents: edits, cases, who gains and who loses, and who is in flight. */
import type { Facts } from "@yingshao/core/decisions"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type CaseChanges, caseChanges, inFlight, oldAndNew } from "../src/compare/case-changes.ts"
import { partChanges } from "../src/compare/part-changes.ts"
import { timelineRows } from "../src/compare/timeline-rows.ts"
import { joinPolicies } from "../src/compare/two-versions.ts"
import { decideCase, readFacts } from "../src/explain/decide-case.ts"
import { decisionNames, keysOf } from "../src/needs.ts"
import { openPolicy } from "../src/policy.ts"
import { PolicyMisuse } from "../src/reader.ts"
import type { Atom } from "../src/resolved.ts"
import { changed, dates, huishui, huishuiText } from "./fixtures/huishui.ts"

/** The example with some edits; examples that fail by them do not matter here. */
const edited = (...edits: readonly (readonly [string, string])[]) =>
  openPolicy(
    edits.reduce((text, [from, to]) => changed(from, to, text), huishuiText),
    "new.policy.md",
  )

const joined = (model: ReturnType<typeof edited>["model"]) => {
  const both = joinPolicies({ model: huishui().model }, { model })
  if (!both.ok) throw new Error(JSON.stringify(both.because))
  return both.policy
}

const changedOnly = ({ conclusions }: CaseChanges) =>
  conclusions.filter(({ tendency }) => tendency !== "same")

describe("the same document twice", () => {
  it("changes nothing for anybody", () => {
    const policy = joined(huishui().model)
    expect(policy.versions).toHaveLength(1)
    expect(partChanges(huishui().model, huishui().model)).toEqual([])
    expect(changedOnly(caseChanges(policy, oldAndNew(policy)))).toEqual([])
  })
})

describe("a cap on points that falls from 60 to 30 reports", () => {
  const after = edited(["| 每月计分件数 | 60 |", "| 每月计分件数 | 30 |"])
  const policy = joined(after.model)

  it("is one edit", () => {
    expect(partChanges(huishui().model, after.model)).toMatchObject([
      {
        kind: "changed",
        what: { zh: "参数 每月计分件数(自 2026-01-01)" },
        from: "60 件 假设",
        to: "30 件 假设",
      },
    ])
  })

  it("makes nobody better off, and says by how much and in which smallest case", () => {
    expect(changedOnly(caseChanges(policy, oldAndNew(policy)))).toMatchObject([
      {
        key: "points",
        tendency: "never-better",
        changes: [
          { from: { zh: "5" }, to: { zh: "0" }, is: "worse", cases: 24 },
          { from: { zh: "10" }, to: { zh: "0" }, is: "worse", cases: 18 },
        ],
      },
    ])
    const [points] = changedOnly(caseChanges(policy, oldAndNew(policy)))
    expect(points?.changes[0]?.smallest.map(({ fact, value }) => `${fact}=${value}`)).toEqual([
      "曾确认最高级=普通治理",
      "本月第几件=31",
    ])
  })

  it("takes nothing from reports that were accepted before: acceptance settles points", () => {
    expect(changedOnly(caseChanges(policy, inFlight(policy)))).toEqual([])
  })
})

describe("other edits", () => {
  it("a daily cap that falls is felt by whoever is in flight (D501), and raised amounts by nobody", () => {
    const policy = joined(
      edited(
        ["| 每人每日现金 | 200 |", "| 每人每日现金 | 150 |"],
        ["| 二档金额 | 150 |", "| 二档金额 | 160 |"],
      ).model,
    )
    expect(
      changedOnly(caseChanges(policy, oldAndNew(policy))).map(({ key, tendency }) => [key, tendency]),
    ).toEqual([
      ["cash", "never-worse"],
      ["dailyCashCap", "never-better"],
    ])
    expect(
      changedOnly(caseChanges(policy, inFlight(policy), { only: "step" })).map(({ key }) => key),
    ).toEqual(["dailyCashCap"])
  })

  it("a group that means something else is compared by what it means", () => {
    const after = edited([
      "| 甲类 | 火情、溺水、危化泄漏、地质灾害、坍塌 |\n| 乙类 | 交通事故、",
      "| 甲类 | 火情、溺水、危化泄漏、地质灾害、坍塌、交通事故 |\n| 乙类 | ",
    ])
    const policy = joined(after.model)
    const triage = changedOnly(caseChanges(policy, oldAndNew(policy))).find(({ key }) => key === "triage")
    expect(triage).toMatchObject({
      tendency: "different",
      changes: [{ from: { en: "ordinary" }, to: { en: "emergency" }, is: "neither" }],
    })
    expect(triage?.changes[0]?.smallest[0]).toMatchObject({ fact: "事件类别", value: "交通事故" })
  })

  it("minutes of two clocks are no plain numbers: the same number in working time is worse", () => {
    const cases = (edit: readonly [string, string]) => {
      const policy = joined(edited(edit).model)
      const found = changedOnly(caseChanges(policy, oldAndNew(policy))).find(({ key }) => key === "handle")
      return found?.changes.map(({ from, to, is }) => `${from.zh} → ${to.zh} ${is}`)
    }
    expect(cases(["| 应急治理 | 全天 |", "| 应急治理 | 工作时间 |"])).toEqual([
      "1440（全天） → 1440（工作时间） worse",
    ])
    expect(cases(["| 普通治理 | 工作时间 |", "| 普通治理 | 全天 |"])).toEqual([
      "4800（工作时间） → 4800（全天） better",
    ])
  })

  it("documents that declare different facts are not compared, and say which", () => {
    const both = joinPolicies(
      { model: huishui().model },
      {
        model: edited([
          "| 影响人数 | affected | 整数 | 0..100000 |",
          "| 影响人数 | affected | 整数 | 0..1000 |",
        ]).model,
      },
    )
    expect(both).toMatchObject({ ok: false, because: [{ zh: expect.stringContaining("影响人数") }] })
  })

  it("a search without room says that it was not exhausted, and says nothing about those conclusions", () => {
    const policy = joined(edited(["| 每月计分件数 | 60 |", "| 每月计分件数 | 30 |"]).model)
    const found = caseChanges(policy, oldAndNew(policy), { budget: 10 })
    expect(found.is).toBe("too-large")
    expect(found.conclusions.some(({ key }) => key === "points")).toBe(false)
  })
})

/** The value of an atom, or both ends of a stretch of numbers. */
const ends = (atom: Atom): readonly (string | number)[] => {
  if (atom.is === "span") return [atom.low, atom.high]
  return [atom.is === "value" ? atom.key : "unknown"]
}

describe("beside the running rules", () => {
  it("every difference of a random case is listed, and nothing listed as the same ever differs (sampled)", () => {
    const after = edited(
      ["| 三档金额 | 100 |", "| 三档金额 | 90 |"],
      ["| 级5 | 乙类 | 未知 | 是、未知 |", "| 级5 | 乙类 | 未知 | 是 |"],
      ["| 级6 | 乙类 | 未知 | 否 |", "| 级6 | 乙类 | 未知 | 否、未知 |"],
      ["| 提醒天数 | 60 |", "| 提醒天数 | 90 |"],
    )
    const now = after.policy
    if (!now) throw new Error("the edited document is not sound")
    const policy = joined(after.model)
    const found = new Map(caseChanges(policy, oldAndNew(policy)).conclusions.map((one) => [one.key, one]))
    const { resolved } = now
    const facts = fc.record(
      Object.fromEntries(
        resolved.variables.map(({ fact, atoms }) => [fact, fc.constantFrom(...atoms.flatMap(ends))]),
      ),
    ) as unknown as fc.Arbitrary<Partial<Facts>>
    const answer = (one: ReturnType<typeof huishui>, key: string, given: Partial<Facts>) => {
      try {
        const told = one.conclude([key], given, dates)
        return "values" in told ? told.values?.[key] : undefined
      } catch (error) {
        if (error instanceof PolicyMisuse) return undefined
        throw error
      }
    }
    let differences = 0
    fc.assert(
      fc.property(facts, (given) => {
        for (const key of decisionNames().flatMap(keysOf)) {
          const [from, to] = [answer(huishui(), key, given), answer(now, key, given)]
          if (from === undefined || to === undefined || from === to) continue
          differences += 1
          const shown = (value: string | number) =>
            typeof value === "number" && key === "cash" ? `${value / 100}` : now.label(`${value}`, "zh", key)
          const kinds = found
            .get(key)
            ?.changes.map((change) => `${change.from.zh} ${change.to.zh}`.replace(/（[^）]*）/g, ""))
          expect(kinds, key).toContain(`${shown(from)} ${shown(to)}`)
        }
      }),
      { seed: 11, numRuns: 400 },
    )
    expect(differences).toBeGreaterThan(20)
  })
})

describe("one case told", () => {
  it("is decided by named rules and clauses, or pending with what is missing", () => {
    const read = readFacts(
      huishui(),
      [
        { name: "事件类别", value: "火情" },
        { name: "danger", value: "是" },
        { name: "上报人", value: "informant" },
        { name: "核实层级", value: "县级" },
      ],
      "unknown",
    )
    if (!read.ok) throw new Error(JSON.stringify(read.problems))
    const told = decideCase(huishui(), read.facts, dates, ["triage", "reward", "admission"])
    expect(told[0]).toMatchObject({
      version: { number: 1, from: "2026-01-01" },
      outcome: {
        is: "decided",
        conclusions: [{ key: "triage", value: { zh: "应急治理", en: "emergency" } }],
      },
      rules: [{ table: "分级", rule: "级1", clause: "原文·普通治理/应急治理" }],
    })
    expect(told[1]?.outcome).toMatchObject({
      is: "pending",
      missing: [{ zh: "曾确认最高级" }, { zh: "核实结论" }, { zh: "首报" }, { zh: "负面清单" }],
    })
    expect(told[2]?.outcome).toMatchObject({
      is: "pending",
      missing: [{ zh: "自愿" }, { zh: "行业推荐" }, { zh: "县级审核" }, { zh: "年龄" }],
    })
  })

  it("cannot be asked about what cannot happen", () => {
    const read = readFacts(huishui(), [{ name: "核实层级", value: "未核实" }], "typical")
    if (!read.ok) throw new Error(JSON.stringify(read.problems))
    expect(decideCase(huishui(), read.facts, dates, ["reward"])[0]?.outcome).toMatchObject({
      is: "cannot-be-asked",
      because: expect.stringContaining("否1"),
    })
  })

  it("takes typical values only where that is said, and names words that it does not know", () => {
    const typical = readFacts(huishui(), [], "typical")
    expect(typical).toMatchObject({ ok: true, facts: { category: "fire", nth: 1 } })
    expect(readFacts(huishui(), [{ name: "事件种类", value: "火情" }], "unknown")).toMatchObject({
      ok: false,
      problems: [{ zh: "没有“事件种类”这个事实;是不是“事件类别”?" }],
    })
    expect(readFacts(huishui(), [{ name: "nth", value: "0" }], "unknown")).toMatchObject({
      ok: false,
      problems: [{ zh: expect.stringContaining("1..60") }],
    })
  })
})

describe("what holds when", () => {
  it("ends a part on the day before the next one", () => {
    const { model } = edited([
      "| 二档金额 | 150 | 元 | 2026-01-01 | 原文·四档 | 假设 |",
      "| 二档金额 | 150 | 元 | 2026-01-01 | 原文·四档 | 假设 |\n| 二档金额 | 160 | 元 | 2027-01-01 | 原文·四档 | 假设 |",
    ])
    const rows = timelineRows(model, "2026-06-01").filter(({ name }) => name === "二档金额")
    expect(rows).toMatchObject([
      { from: "2026-01-01", until: "2026-12-31", says: "150 元", inForce: true },
      { from: "2027-01-01", until: "", says: "160 元", inForce: false },
    ])
  })
})
