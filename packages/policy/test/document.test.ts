/** Whole documents: printing, punctuation, damage, versions in time. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { canonicalJson, canonicalPolicy } from "../src/canonical.ts"
import { readDocument } from "../src/document.ts"
import { readPolicy, revive } from "../src/policy.ts"
import { printPolicy } from "../src/print.ts"
import { changed, dates, huishui, huishuiText } from "./fixtures/huishui.ts"

describe("C1 print and parse", () => {
  test("C1 the printed example reads back to the same digest", () => {
    const read = readPolicy(printPolicy(huishui().model))
    expect(read.ok && read.policy.digest).toBe(huishui().digest)
  })

  test("C1 printing twice is printing once", () => {
    const once = printPolicy(huishui().model)
    expect(printPolicy(readDocument(once, "f").model)).toBe(once)
  })

  test("C1 signs that mean something to Markdown survive", () => {
    const model = readDocument(
      "# *甲* a_b_c `d` [e] \\| f & g ~~h~~ <i> 1\\. {j}\n\n| 编号 | 性质 |\n|---|---|\n| 一\\|二 | 现金>0 与 *x* \\* \\\\ &amp; |\n",
      "f",
    ).model
    expect(model.properties[0]?.id).toBe("一|二")
    expect(canonicalPolicy(readDocument(printPolicy(model), "f").model)).toBe(canonicalPolicy(model))
  })
})

describe("C1 canonical JSON", () => {
  test("C1 keys are sorted, lists keep their order, there is no white space", () => {
    expect(canonicalJson({ b: [2, 1, { d: "x", c: null }], a: true, c: 0 })).toBe(
      '{"a":true,"b":[2,1,{"c":null,"d":"x"}],"c":0}',
    )
  })

  test("C2 C5 what is not the canonical JSON of a policy does not revive", () => {
    for (const text of ["", "{}", "[]", "null", '{"language":2}', huishui().canonical.slice(0, -1)])
      expect(() => revive(text)).toThrow()
    expect(() => revive(huishui().canonical.replace("{", '{"addedLater":1,'))).toThrow(/this language/)
    const broken = huishui().canonical.replace('"弄虚作假"', '"弄虚做假"')
    expect(() => revive(broken)).toThrow(/does not load/)
  })
})

describe("C1 punctuation", () => {
  test("C1 full-width and ASCII punctuation give the same hash", () => {
    const ascii = huishuiText
      .replaceAll("、", ",")
      .replaceAll("≥", ">=")
      .replaceAll("≤", "<=")
      .replaceAll("—", "-")
      .replaceAll("→", "->")
    const wide = huishuiText
      .replaceAll("(", "\uFF08")
      .replaceAll(")", "\uFF09")
      .replaceAll("{", "\uFF5B")
      .replaceAll("}", "\uFF5D")
      .replaceAll("<", "\uFF1C")
      .replaceAll(">", "\uFF1E")
      .replaceAll(",", "\uFF0C")
      .replaceAll(":", "\uFF1A")
    for (const text of [ascii, wide]) {
      expect(text).not.toBe(huishuiText)
      const read = readPolicy(text)
      expect(read.ok && read.policy.digest).toBe(huishui().digest)
    }
  })

  test("C1 prose and layout do not change the hash; a changed number does", () => {
    const talk = readPolicy(
      changed("## 二、参数 Parameters", "## 二、参数 Parameters\n\n随便说几句。\n\n- 一\n- 二"),
    )
    expect(talk.ok && talk.policy.digest).toBe(huishui().digest)
    const other = readPolicy(changed("| 聚集人数线 | 30 |", "| 聚集人数线 | 31 |"))
    expect(other.ok).toBe(true)
    expect(other.ok && other.policy.digest).not.toBe(huishui().digest)
  })
})

describe("damaged documents", () => {
  const lines = huishuiText.split("\n")
  /** A slice of the example that is quick to read: declarations without the long table of names. */
  const short = lines.filter((_, at) => at < 64 || (at > 262 && at < 300)).join("\n")

  const sane = (text: string) => {
    const count = text.split(/\r\n|\r|\n/).length
    for (const finding of readPolicy(text, "f").findings) {
      expect(finding.line).toBeGreaterThanOrEqual(1)
      expect(finding.line).toBeLessThanOrEqual(count)
      expect(finding.column).toBeGreaterThanOrEqual(1)
      expect(`${finding.zh}${finding.en}`).not.toMatch(/undefined|NaN|\[object/)
    }
  }

  test("C2 a cell deleted anywhere never throws and names a line inside the file", () => {
    const rows = short.split("\n").flatMap((line, at) => (line.startsWith("|") ? [at] : []))
    fc.assert(
      fc.property(fc.constantFrom(...rows), fc.nat(8), fc.boolean(), (row, cell, emptied) => {
        const text = short
          .split("\n")
          .map((line, at) => {
            if (at !== row) return line
            const cells = line.split("|")
            return cells
              .flatMap((words, index) => (index === cell + 1 ? (emptied ? [" "] : []) : [words]))
              .join("|")
          })
          .join("\n")
        sane(text)
      }),
      { numRuns: 30 },
    )
  })

  test("C2 bytes cut out anywhere never throw and name a line inside the file", () => {
    const bytes = Buffer.from(short)
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.nat(400), (at, size) => {
        sane(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + size)]).toString("utf8"))
      }),
      { numRuns: 30 },
    )
  })

  test("C2 any text is read without throwing", () => {
    const piece = fc.constantFrom(
      "| 规则 |",
      "|---|\n",
      "### 决策表 甲 · 命中 唯一\n",
      "| 事实 | 英文 |\n",
      "\n",
      "→",
      "{",
      "__proto__",
      "| 参数 |",
      "例",
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ unit: "binary" })), { maxLength: 20 }), (parts) => {
        sane(parts.join(""))
      }),
      { numRuns: 200 },
    )
  })
})

describe("versions in time", () => {
  const row = "| 一档金额 | 200 | 元 | 2026-01-01 | 原文·四档 | 假设 |"
  const later = changed(
    row,
    `${row}\n| 一档金额 | 180 | 元 | 2026-07-01 | 县里文件 | 已确认 惠社工8号 |`,
  ).replace(
    "### 决策表 退单 · 命中 唯一 · 依据 参照同类办法(假设)\n",
    "### 决策表 退单 · 命中 唯一 · 依据 新办法 · 自 2026-07-01\n\n| 规则 | 已退单次数 | → 可退单 |\n|---|---|---|\n| 新退1 | 0 | 是 |\n| 新退2 | ≥1 | 否 |\n\n### 决策表 退单 · 命中 唯一 · 依据 参照同类办法(假设)\n",
  )
  const ordered = later // the draft stands above the table in force: out of order
  const facts = {
    negative: "none",
    verdict: "true",
    reporter: "informant",
    highestConfirmedClass: "emergency",
    first: "yes",
    level: "county",
    value: "critical",
    difficulty: "hard",
    nth: 1,
  } as const

  test("P106 the older table comes first", () => {
    expect(
      readPolicy(ordered)
        .findings.filter(({ severity }) => severity === "error")
        .map(({ code }) => code),
    ).toEqual(["P106"])
  })

  test("C4 rights follow the date of acceptance, procedure the date of the step", () => {
    const start = later.indexOf("### 决策表 退单 · 命中 唯一 · 依据 新办法")
    const end = later.indexOf("### 决策表 退单 · 命中 唯一 · 依据 参照")
    const next = later.indexOf("### 决策表 延期")
    const draft = later.slice(start, end)
    const text = `${later.slice(0, start)}${later.slice(end, next)}${draft}${later.slice(next)}`
    const read = readPolicy(text)
    if (!read.ok)
      throw new Error(JSON.stringify(read.findings.filter(({ severity }) => severity === "error")))
    const { policy } = read
    expect(policy.versionStarts).toEqual(["2026-01-01", "2026-07-01"])
    const mixed = { accepted: "2026-06-30", step: "2026-07-01" }
    const fresh = { accepted: "2026-07-01", step: "2026-07-01" }
    expect(policy.conclude(["cash"], facts, mixed)).toMatchObject({ values: { cash: 20000 } })
    expect(policy.conclude(["cash"], facts, fresh)).toMatchObject({ values: { cash: 18000 } })
    const returns = (when: typeof mixed) => policy.decide("returns", { returnsSoFar: 1 }, when)
    expect(returns(dates).because.rules).toMatchObject([{ rule: "退1", clause: "参照同类办法(假设)" }])
    expect(returns(mixed).because.rules).toMatchObject([{ rule: "新退2", clause: "新办法" }])
  })

  test("C4 a date before the policy applies throws", () => {
    expect(() => huishui().decide("hours", {}, { accepted: "2025-12-31", step: "2026-01-01" })).toThrow(
      /applies from/,
    )
  })
})
