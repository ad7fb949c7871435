/** The seeds: one edit of the example each, caught with code, line and the named cause. */
import { describe, expect, test } from "vitest"
import { type Review, reviewPolicy } from "../src/review.ts"
import { changed, huishuiText, placeIn } from "./fixtures/huishui.ts"

const seen = new Map<string, Review>()

/** Reviews each text once, because reading a whole document is the slow part. */
const review = (text: string): Review => {
  const found = seen.get(text) ?? reviewPolicy(text, "county.policy.md")
  seen.set(text, found)
  return found
}

/** What stands against the document: no notes. */
const grave = (text: string) => review(text).findings.filter(({ severity }) => severity !== "note")

const lineOf = (text: string, within: string) => placeIn(text, within, "|").line

const withoutLine = (start: string): string => {
  const lines = huishuiText.split("\n")
  const at = lines.findIndex((line) => line.startsWith(start))
  if (at < 0) throw new Error(`the example has no line ${start}`)
  return lines.toSpliced(at, 1).join("\n")
}

describe("the example itself", () => {
  test("every promise is proved and nothing stands against it", () => {
    expect(grave(huishuiText)).toEqual([])
    const verdicts = review(huishuiText).properties.map(({ verdict }) => verdict.is)
    expect(verdicts).toEqual(new Array(25).fill("proved"))
  })
})

describe("seeds", () => {
  test("S1 V201 a deleted rule leaves a gap, named by its conditions", () => {
    const text = withoutLine("| 档4 ")
    const findings = grave(text)
    expect(findings.map(({ code }) => code)).toEqual(["V201"])
    expect(findings[0]).toMatchObject(placeIn(text, "### 决策表 档次", "决策表"))
    expect(findings[0]?.zh).toContain("信息价值=较大 且 处置难度=难")
  })

  test("S2 V202 a widened condition overlaps with the rule it swallows", () => {
    const text = changed("| 档5 | 较大 | 易、中 |", "| 档5 | 较大 | — |")
    const findings = grave(text)
    expect(findings.map(({ code, line }) => [code, line])).toEqual([["V202", lineOf(text, "| 档5 ")]])
    expect(findings[0]?.zh).toContain("“档4”和“档5”")
  })

  test("gaps, overlaps and broken promises are told where words still lack their names", () => {
    const unnamed = (text: string) => text.replace("| 评优入围 | merit |", "| 评优 | merit |")
    const gap = grave(unnamed(withoutLine("| 档4 "))).map(({ code }) => code)
    expect(gap).toContain("P109")
    expect(gap.filter((code) => code.startsWith("V") || code.startsWith("R"))).toEqual(["V201"])
    const swapped = changed("| 二档金额 | 150 |", "| 二档金额 | 100 |").replace(
      "| 三档金额 | 100 |",
      "| 三档金额 | 150 |",
    )
    const broken = grave(unnamed(swapped)).map(({ code }) => code)
    expect(broken.filter((code) => code === "R401")).toHaveLength(2)
  })

  test("S3 V203 two exceptions that together cover a rule are both named", () => {
    const row = "| 级3 | 甲类 | 否 | 否 | — | 普通治理 | | 已结束且无危险 |"
    const text = changed(
      row,
      [
        row,
        "| 级3甲 | 甲类 | 否 | 否 | ≥100 | 应急治理 | 级3 | |",
        "| 级3乙 | 甲类 | 否 | 否 | <100、未知 | 普通治理 | 级3 | |",
      ].join("\n"),
    )
    const findings = grave(text)
    expect(findings.map(({ code, line }) => [code, line])).toEqual([["V203", lineOf(text, "| 级3 ")]])
    expect(findings[0]?.zh).toContain("级3乙、级3甲")
  })

  test("S4 R401 swapped amounts break the promise at the very step where they fall", () => {
    const text = changed("| 二档金额 | 150 |", "| 二档金额 | 100 |").replace(
      "| 三档金额 | 100 |",
      "| 三档金额 | 150 |",
    )
    const broken = review(text).properties.find(({ property }) => property.id === "性4")
    expect(broken?.verdict).toMatchObject({
      is: "fails",
      counterexample: {
        changes: [],
        varied: { fact: "信息价值", from: "较大", to: "重大" },
        got: { zh: "现金 150→100" },
        smallest: true,
      },
    })
    const finding = grave(text).find(({ code, zh }) => code === "R401" && zh.includes("性4"))
    expect(finding?.line).toBe(lineOf(text, "| 性4 "))
    expect(finding?.zh).toContain("金2“现金”={二档金额}")
  })

  test("S5 V201 a limit that became strict leaves out exactly the limit day", () => {
    const text = changed("| 领1 | ≤{领取期限} |", "| 领1 | <{领取期限} |")
    const findings = grave(text)
    expect(findings.map(({ code }) => code)).toEqual(["V201"])
    expect(findings[0]?.zh).toMatch(/通知后天数=60$/)
  })

  test("S6 R401 an amount above the limit breaks the promise of limits", () => {
    const text = changed("| 金1 | 现金 | 一档 | {一档金额} |", "| 金1 | 现金 | 一档 | 400 |")
    const codes = grave(text).map(({ code, line }) => [code, line])
    expect(codes).toContainEqual(["R401", lineOf(text, "| 性3 ")])
    const broken = review(text).properties.find(({ property }) => property.id === "性3")
    expect(broken?.verdict).toMatchObject({
      is: "fails",
      counterexample: { changes: [{ fact: "信息价值", value: "特别重大" }], got: { zh: "现金 400" } },
    })
  })

  test("S6 R401 the same amount from a later date on is found in the later version", () => {
    const row = "| 一档金额 | 200 | 元 | 2026-01-01 | 原文·四档 | 假设 |"
    const text = changed(row, `${row}\n| 一档金额 | 400 | 元 | 2026-10-01 | 夜间 | 假设 |`)
    const broken = review(text).properties.find(({ property }) => property.id === "性3")
    expect(broken?.verdict).toMatchObject({
      is: "fails",
      counterexample: { dates: { accepted: "2026-10-01" }, got: { zh: "现金 400" } },
    })
  })

  test("R401 from one version to the next somebody gets less: the case and both dates are named", () => {
    const row = "| 一档金额 | 200 | 元 | 2026-01-01 | 原文·四档 | 假设 |"
    const promise = "| 性25 | 当 曾确认最高级=普通治理 时,现金 一定是 0 |"
    const text = changed(row, `${row}\n| 一档金额 | 180 | 元 | 2026-07-01 | 原文·四档 | 假设 |`).replace(
      promise,
      "| 性25 | 从 v1 到 v2,没有人 现金 减少 |\n| 性26 | 从 2026-07-01 到 v1,没有人 现金 减少 |",
    )
    const verdicts = review(text).properties.slice(-2)
    expect(verdicts[0]?.verdict).toMatchObject({
      is: "fails",
      counterexample: { changes: [{ fact: "信息价值", value: "特别重大" }], got: { zh: "现金 200→180" } },
    })
    expect(grave(text).map(({ code, line }) => [code, line])).toEqual([["R401", lineOf(text, "| 性25 ")]])
    expect(grave(text)[0]?.zh).toContain("规则 2026-01-01→2026-07-01")
    expect(verdicts[1]?.verdict.is).toBe("proved")
  })

  test("R402 a condition that cannot come true is said to say nothing", () => {
    const text = changed("当 上报人=值守人员、利害关系人 时", "当 核实层级=未核实 且 核实结论=属实 时")
    expect(grave(text).map(({ code, line }) => [code, line])).toEqual([["R402", lineOf(text, "| 性18 ")]])
  })

  test("R403 a sentence outside the patterns gets the closest one", () => {
    const text = changed("| 性13 | 本月第几件 不影响 现金 |", "| 性13 | 本月第几件 对 现金 不影响 |")
    const [finding] = grave(text)
    expect(finding).toMatchObject({ code: "R403", line: lineOf(text, "| 性13 ") })
    expect(finding?.suggestion?.zh).toContain("F 不影响 X")
  })

  test("P104 a word that the document does not have is named in the sentence that uses it", () => {
    const text = changed("| 性13 | 本月第几件 不影响", "| 性13 | 本月几件 不影响")
    const [finding] = grave(text)
    expect(finding).toMatchObject({ code: "P104", line: lineOf(text, "| 性13 ") })
    expect(finding?.suggestion?.zh).toContain("本月第几件")
  })

  test("V201 a value that leaves a group of conditions is named", () => {
    const findings = grave(changed("| 奖1 | 三个不准 |", "| 奖1 | 不准一、不准二 |"))
    expect(findings.map(({ code }) => code)).toContain("V201")
    expect(findings.find(({ code }) => code === "V201")?.zh).toContain("负面清单=不准三")
  })

  test("V201 a report of which nothing is known yet must be triaged", () => {
    const findings = grave(withoutLine("| 级11 "))
    expect(findings.map(({ code }) => code)).toEqual(["V201"])
    expect(findings[0]?.zh).toContain("事件类别=未知")
  })

  test("V202 a first report that is not asked for any more overlaps with the others", () => {
    const text = changed(
      "| 奖7 | 无 | 属实 | 参与人 | 应急治理 | 是 | 县级 |",
      "| 奖7 | 无 | 属实 | 参与人 | 应急治理 | — | 县级 |",
    )
    const findings = grave(text)
    expect(findings.map(({ code, line }) => [code, line])).toEqual([["V202", lineOf(text, "| 奖7 ")]])
    expect(findings[0]?.zh).toContain("“奖5”和“奖7”")
  })

  test("V203 a rule that the tables before it never come to, although its own table would allow it", () => {
    const row = "| 批3 | 积分、不奖励、待核实 | — | 一级审批 | 积分一律一级审批 |"
    const text = changed(
      row,
      "| 批3 | 积分、不奖励、待核实 | ≤{一级审批限额} | 一级审批 | |\n| 批4 | 积分、不奖励、待核实 | >{一级审批限额} | 二级审批 | |",
    )
    expect(grave(text).map(({ code, line }) => [code, line])).toEqual([["V203", lineOf(text, "| 批4 ")]])
  })

  test("R401 cash for the negative list breaks the promise about it, in the smallest case", () => {
    const text = changed(
      "| 金5 | 积分、不奖励、待核实 | — | 0 |",
      "| 金5 | 积分、不奖励、待核实 | — | {奖励下限} |",
    )
    const broken = review(text).properties.find(({ property }) => property.id === "性6")
    expect(broken?.verdict).toMatchObject({
      is: "fails",
      counterexample: { changes: [{ fact: "负面清单", value: "不准一" }], got: { zh: "现金 50" } },
    })
  })

  test.each([
    {
      name: "R401 an emergency that a township may calm: the promise about levels names the rule",
      edits: [
        ["| 转7 | 应急治理 | — | 险情解除 | 县级 |", "| 转7 | 应急治理 | — | 险情解除 | 乡级、县级 |"],
        ["| 险情解除 | 未核实、村级、乡级 | 应急治理 |", "| 险情解除 | 未核实、村级 | 应急治理 |"],
      ],
      found: [["R401", "| 性23 ", "现级 转7(原文·平急转换)"]],
    },
    {
      name: "V202 an exception to the wrong rule meets the one that it should have beaten",
      edits: [["| 是 | 是 | 是 | 用4 |", "| 是 | 是 | 是 | 用3 |"]],
      found: [["V202", "| 用5 ", "规则“用4”和“用5”同时管:名册状态=在册"]],
    },
    {
      name: "V203 a step of a ladder that moved onto the step above it",
      edits: [["| 册6 | — | — | — | ≥{提醒天数} |", "| 册6 | — | — | — | ≥{暂停天数} |"]],
      found: [
        ["V208", "| 提醒天数 ", "没有用到"],
        ["V203", "| 册6 ", "册5"],
      ],
    },
    {
      name: "V205 an amount that begins a month late",
      edits: [["| 三档金额 | 100 | 元 | 2026-01-01 |", "| 三档金额 | 100 | 元 | 2026-02-01 |"]],
      found: [["V205", "| 三档金额 ", "2026-01-01 到那之前没有"]],
    },
    {
      name: "T301 the lowest tier gets the amount of the one above it",
      edits: [["| 金4 | 现金 | 四档 | {四档金额} |", "| 金4 | 现金 | 四档 | {三档金额} |"]],
      found: [
        ["V208", "| 四档金额 ", "没有用到"],
        ["T301", "| 例5 ", "应为 50,实为 100("],
      ],
    },
    {
      name: "V201 a group that loses a word leaves that word without a rule",
      edits: [["| 甲类 | 火情、溺水、", "| 甲类 | 火情、"]],
      found: [["V201", "### 决策表 分级 ", "事件类别=溺水"]],
    },
  ])("$name", ({ edits, found }) => {
    const text = edits.reduce((all, [from = "", to = ""]) => changed(from, to, all), huishuiText)
    const lines = text.split("\n")
    const seen = grave(text)
    expect(seen.map(({ code, line }) => [code, line])).toEqual(
      found.map(([code, start = ""]) => [code, lines.findIndex((line) => line.startsWith(start)) + 1]),
    )
    for (const [at, [, , cause = ""]] of found.entries()) expect(seen[at]?.zh).toContain(cause)
  })

  test("T301 an amount is told in yuan in both languages", () => {
    const text = changed("| 金4 | 现金 | 四档 | {四档金额} |", "| 金4 | 现金 | 四档 | {三档金额} |")
    expect(grave(text).find(({ code }) => code === "T301")?.en).toContain('should be "50" and is "100"')
  })

  test("a cause is reported once: promises wait until the tables are sound", () => {
    const text = withoutLine("| 档4 ").replace("| 一档金额 | 200 |", "| 一档金额 | 400 |")
    expect(grave(text).map(({ code }) => code)).toEqual(["V201"])
  })

  test("every finding has a place in the file, both languages and one suggestion", () => {
    for (const [text, { findings }] of seen) {
      const lines = text.split("\n")
      for (const finding of findings) {
        expect([finding.zh, finding.suggestion?.zh ?? ""]).toEqual([
          expect.stringMatching(/./),
          expect.stringMatching(/./),
        ])
        expect(finding.suggestion?.en).toMatch(/./)
        expect(finding.line).toBeLessThanOrEqual(lines.length)
        expect(finding.column).toBeLessThanOrEqual((lines[finding.line - 1]?.length ?? 0) + 1)
      }
    }
  })
})
