/** Each code has a document that earns it: the code, the line, the column. C2: an error keeps it out. */
import { describe, expect, test } from "vitest"
import { type Finding, readPolicy } from "../src/policy.ts"
import { changed, huishuiText, placeIn } from "./fixtures/huishui.ts"

const file = "county.policy.md"

const seen = new Map<string, ReturnType<typeof readPolicy>>()

/** Reads each text once, because reading a whole document is the slow part of these tests. */
const read = (text: string) => {
  const reading = seen.get(text) ?? readPolicy(text, file)
  seen.set(text, reading)
  return reading
}

const errorsOf = (text: string): Finding[] => {
  const reading = read(text)
  const errors = reading.findings.filter((finding) => finding.severity === "error")
  expect(reading.ok).toBe(errors.length === 0)
  return errors
}

/** The change makes exactly these errors, at the start of `needle` in the line that holds `within`. */
const expectError = (text: string, code: string, within: string, needle: string, words: string) => {
  const errors = errorsOf(text)
  expect(errors.map((finding) => finding.code)).toEqual([code])
  expect(errors[0]).toMatchObject({ code, file, severity: "error", ...placeIn(text, within, needle) })
  expect(errors[0]?.zh).toContain(words)
  expect(errors[0]?.en).not.toMatch(/undefined|NaN/)
}

describe("C2 a document with an error does not load", () => {
  test("C2 the example loads, with notes only", () => {
    const { ok, findings } = read(huishuiText)
    expect(ok).toBe(true)
    expect(new Set(findings.map(({ code, severity }) => `${code} ${severity}`))).toEqual(
      new Set(["V206 note"]),
    )
  })

  test("P101 a row with a cell too many", () => {
    const text = changed("| 档1 | 特别重大 | — | 一档 |", "| 档1 | 特别重大 | — | 一档 | 多 |")
    expectError(text, "P101", "| 档1 |", "多", "这一行有 5 格,表头有 4 列")
  })

  test("P101 a row with a cell too few", () => {
    const text = changed("| 档1 | 特别重大 | — | 一档 |", "| 档1 | 特别重大 | 一档 |")
    expectError(text, "P101", "| 档1 |", "|", "这一行有 3 格")
  })

  test("P101 a header that does not fit its line of dashes", () => {
    const text = changed(
      "| 规则 | 事后认定 | → 追回 |\n|---|---|---|",
      "| 规则 | 事后认定 | → 追回 |\n|---|---|",
    )
    expect(errorsOf(text)[0]).toMatchObject({ code: "P101", ...placeIn(text, "| 规则 | 事后认定", "|") })
  })

  test("P102 an unknown value, with the nearest one named", () => {
    const text = changed("| 追4 | 弄虚作假 |", "| 追4 | 弄虚做假 |")
    expectError(text, "P102", "| 追4 |", "弄虚做假", "没有“弄虚做假”这个取值")
    expect(errorsOf(text)[0]?.suggestion?.zh).toContain("弄虚作假")
  })

  test("P102 an empty condition is not a dash", () => {
    expectError(
      changed("| 档1 | 特别重大 | — |", "| 档1 | 特别重大 | |"),
      "P102",
      "| 档1 |",
      "| | 一档",
      "条件不能空着",
    )
  })

  test("P102 a negation that is easily misread", () => {
    const text = changed("| 派7 | 环境卫生 |", "| 派7 | 非 环境卫生、坍塌 |")
    expect(errorsOf(text)[0]).toMatchObject({ code: "P102", ...placeIn(text, "| 派7 |", "非 环境卫生") })
  })

  test("P102 未知 in a column that does not have it as a value", () => {
    const text = changed("| 追4 | 弄虚作假 |", "| 追4 | 弄虚作假、未知 |")
    expectError(text, "P102", "| 追4 |", "弄虚作假", "没有“未知”这个取值")
  })

  test("P102 an exception to a rule that does not exist", () => {
    const text = changed(
      "| 用5 | 在册 | ≥{优待线} | 是 | 是 | 是 | 用4 |",
      "| 用5 | 在册 | ≥{优待线} | 是 | 是 | 是 | 用9 |",
    )
    expectError(text, "P102", "| 用5 |", "用5", "表里没有这一条")
  })

  test("P103 an unknown parameter, with the nearest one named", () => {
    const text = changed("| 金1 | 现金 | 一档 | {一档金额} |", "| 金1 | 现金 | 一档 | {一挡金额} |")
    expectError(text, "P103", "| 金1 |", "{一挡金额}", "没有“一挡金额”这个参数")
    expect(errorsOf(text)[0]?.suggestion?.zh).toContain("一档金额")
  })

  test("P104 an unknown column, with the nearest one named", () => {
    const text = changed("| 规则 | 信息价值 | 处置难度 | → 档次 |", "| 规则 | 信息价直 | 处置难度 | → 档次 |")
    expectError(text, "P104", "| 规则 | 信息价直", "信息价直", "没有“信息价直”这个事实或结论")
    expect(errorsOf(text)[0]?.suggestion?.zh).toContain("信息价值")
  })

  test("P104 a decision table that does not start with 规则", () => {
    const text = changed("| 规则 | 信息价值 |", "| 规侧 | 信息价值 |")
    expect(errorsOf(text)[0]).toMatchObject({ code: "P104", ...placeIn(text, "| 规侧 |", "规侧") })
  })

  test("P105 a parameter of another unit than the column", () => {
    const text = changed("| 一档金额 | 200 | 元 |", "| 一档金额 | 200 | 分 |")
    expectError(text, "P105", "| 金1 |", "{一档金额}", "单位和这一列不一致")
  })

  test("P105 a unit that does not convert exactly", () => {
    const text = changed("| 普通办结 | 4800 | 分钟 |", "| 普通办结 | 10 | 工作日 |")
    expectError(text, "P105", "| 普通办结 |", "工作日", "没有“工作日”这个单位")
  })

  test("P105 working days inside a cell", () => {
    const text = changed("| 并6 | 其他、未知 | 50 米 | 2 小时 |", "| 并6 | 其他、未知 | 50 米 | 2 工作日 |")
    expectError(text, "P105", "| 并6 |", "2 工作日", "单位")
  })

  test("P106 a date that does not exist", () => {
    const text = changed("| 奖励下限 | 50 | 元 | 2026-01-01 |", "| 奖励下限 | 50 | 元 | 2026-02-30 |")
    expectError(text, "P106", "| 奖励下限 |", "2026-02-30", "不是日期")
  })

  test("P106 versions of a parameter out of order", () => {
    const row = "| 兑换起点 | 30 | 分 | 2026-01-01 | 原文·兑换 | 假设 |"
    const text = changed(row, `| 兑换起点 | 40 | 分 | 2026-09-01 | 原文·兑换 | 假设 |\n${row}`)
    expectError(text, "P106", row, "兑换起点", "早于上面的")
  })

  test("P107 a decision that core needs and no table makes", () => {
    const text = changed("### 决策表 退单 · 命中 唯一", "### 退单")
      .replace("| 规则 | 已退单次数 | → 可退单 |", "| 旧表 | 已退单次数 | → 可退单 |")
      .replace(/\| 例1[45] .*\n/g, "")
    const errors = errorsOf(text)
    expect(errors).toMatchObject([{ code: "P107", line: 1, column: 1 }])
    expect(errors[0]?.en).toContain("returnAllowed")
  })

  test("P107 a negative list of two", () => {
    const text = changed("| 不准三 | (条文由县里提供) | 报送人、办理人 | 待定 |\n", "")
    expectError(text, "P107", "| 不准一 | (条文", "不准一", "负面清单要有3条")
  })

  test("P108 a fact that core cannot supply", () => {
    const text = changed("| 年龄 | age |", "| 年龄 | ages |")
    expectError(text, "P108", "| 年龄 | ages |", "年龄", "系统提供不了")
    expect(errorsOf(text)[0]?.suggestion?.en).toContain("age")
  })

  test("P108 a value that core never sends", () => {
    const text = changed("| 部分属实 | partlyTrue |", "| 部分属实 | half |")
    expectError(text, "P108", "| 核实结论 | verdict |", "核实结论", "部分属实")
  })

  test("P108 a range wider than core supplies", () => {
    expectError(changed("| 0..120 |", "| 0..150 |"), "P108", "| 年龄 | age |", "年龄", "超出")
  })

  test("P109 a conclusion that core does not know and nothing reads", () => {
    const text = changed("| → 工作时段 | 说明 |", "| → 工作时段 | → 午休 |")
    const errors = errorsOf(text)
    expect(errors.map(({ code }) => code)).toContain("P109")
    expect(errors[0]).toMatchObject({ code: "P109", ...placeIn(text, "→ 午休", "→ 午休") })
  })

  test("P109 a concluded value outside core's list", () => {
    const text = changed("| 提醒 | remind |", "| 提醒 | warn |")
    expectError(text, "P109", "| 册6 |", "提醒 |", "系统不认识")
  })

  test("V201 a gap, with an example of what no rule covers", () => {
    const text = changed("| 追3 | 非首报、重复领取 |", "| 追3 | 重复领取 |")
    expectError(text, "V201", "### 决策表 追回", "决策表", "事后认定=非首报")
  })

  test("V201 a gap in unknown", () => {
    expectError(
      changed("| 级12 | 未知 | 否 |", "| 级12 | 未知 | 否 |").replace(
        "| 级11 | 未知 | 是、未知 |",
        "| 级11 | 未知 | 是 |",
      ),
      "V201",
      "### 决策表 分级",
      "决策表",
      "人身危险=未知",
    )
  })

  test("V201 a gap of a single number, at exactly one number", () => {
    const text = changed("| 领2 | >{领取期限} |", "| 领2 | ≥62 |")
    expectError(text, "V201", "### 决策表 领取", "决策表", "通知后天数=61")
  })

  test("V202 an overlap, reported at the later rule", () => {
    const text = changed("| 追4 | 弄虚作假 |", "| 追4 | 弄虚作假、重复领取 |")
    expectError(text, "V202", "| 追4 |", "追4", "“追3”和“追4”同时管:事后认定=重复领取")
  })

  test("V203 a rule that never decides, with the rules that decide instead", () => {
    const text = changed(
      "| 册6 | — | — | — | ≥{提醒天数} | 提醒 |",
      "| 册6 | — | — | — | ≥{暂停天数} | 提醒 |",
    )
    expectError(text, "V203", "| 册6 |", "册6", "册5")
  })

  test("V204 exceptions in a circle", () => {
    const text = changed("| 用2 | 在册 | — | 否 | 否 | 否 | |", "| 用2 | 在册 | — | 否 | 否 | 否 | 用5 |")
    const errors = errorsOf(text)
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(["V204"]))
    expect(errors[0]).toMatchObject(placeIn(text, "| 用2 |", "用2"))
  })

  test("V205 a hole before a parameter begins", () => {
    const text = changed("| 兑换起点 | 30 | 分 | 2026-01-01 |", "| 兑换起点 | 30 | 分 | 2026-03-01 |")
    expectError(text, "V205", "| 兑换起点 |", "兑换起点", "从 2026-03-01 才开始")
  })

  test("V205 one date twice", () => {
    const row = "| 兑换起点 | 30 | 分 | 2026-01-01 | 原文·兑换 | 假设 |"
    const errors = errorsOf(changed(row, `${row}\n${row.replace("30", "40")}`))
    expect(errors).toMatchObject([{ code: "V205" }])
  })

  test("V206 an unconfirmed assumption is a note and a confirmed one is not", () => {
    const place = placeIn(huishuiText, "| 聚集人数线 | 30 |", "聚集人数线")
    const notes = (text: string) => read(text).findings.filter(({ code }) => code === "V206")
    expect(notes(huishuiText)).toContainEqual(expect.objectContaining({ ...place, severity: "note" }))
    const confirmed = notes(
      changed("| 30 | 人 | 2026-01-01 | — | 假设 |", "| 30 | 人 | 2026-01-01 | — | 已确认 惠社工3号 |"),
    )
    expect(confirmed).not.toContainEqual(
      expect.objectContaining({ zh: expect.stringContaining("聚集人数线") }),
    )
  })

  test("V207 an example that cannot happen", () => {
    const text = changed("| 例18 还没有核实结论,奖励待定 |", "| 例18 没核实就有结论 |")
      .replace(
        "| 例 | 曾确认最高级 | 首报 | 核实结论 | 信息价值 |",
        "| 例 | 曾确认最高级 | 首报 | 核实层级 | 信息价值 |",
      )
      .replaceAll(
        /\| (例1[678][^|]*) \| 应急治理 \| 是 \| (属实|未知) \|/g,
        "| $1 | 应急治理 | 是 | 未核实 |",
      )
    const errors = errorsOf(text)
    expect(errors[0]).toMatchObject({ code: "V207", ...placeIn(text, "| 例16", "例16") })
  })

  test("V208 a parameter that nothing uses is a warning", () => {
    const text = changed(
      "| 奖励下限 | 50 |",
      "| 备用线 | 7 | 件 | 2026-01-01 | — | 假设 |\n| 奖励下限 | 50 |",
    )
    const { ok, findings } = read(text)
    expect(ok).toBe(true)
    expect(findings.filter(({ severity }) => severity === "warning")).toMatchObject([
      { code: "V208", ...placeIn(text, "| 备用线 |", "备用线") },
    ])
  })

  test("T301 an example that comes out otherwise, with the chain of rules", () => {
    const text = changed(
      "| 例5 最低一档 | 火情 | 是 | 应急治理 | 是 | 属实 | 一般 | 易 | 无 | 应急治理 | 现金 | 50 |",
      "| 例5 最低一档 | 火情 | 是 | 应急治理 | 是 | 属实 | 一般 | 易 | 无 | 应急治理 | 现金 | 60 |",
    )
    expectError(text, "T301", "| 例5 ", "| 60 |".slice(2, 4), "应为 60,实为 50")
    expect(errorsOf(text)[0]?.zh).toContain("档次 档7 → 现金 金4")
  })

  test("R404 a document too long to read", () => {
    expect(errorsOf("长".repeat(4_000_001)).map(({ code }) => code)).toContain("R404")
  })
})

describe("a cause is reported once", () => {
  test("examples are not run on a table with a gap, an overlap or an unreadable row", () => {
    const text = changed("| 金4 | 现金 | 四档 | {四档金额} |\n", "")
    expect(errorsOf(text).map(({ code }) => code)).toEqual(["V201"])
  })

  test("a fact whose values lost their names does not make every cell unknown", () => {
    const errors = errorsOf(changed("| 溺水 | drowning | drowning | |\n", ""))
    expect(errors.map(({ code }) => code)).toEqual(["P108"])
  })
})
