/** Cells: what is written reads back after printing; what cannot be read says so. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { parseConclusion, parseOperand, parseTest, printConclusion, printTest } from "../src/cell.ts"
import { plain } from "../src/plain.ts"

const word = fc.constantFrom("火情", "不准一", "非首报", "甲类", "08:30-12:00", "是")
const operand = fc.oneof(
  word,
  fc.integer({ min: 0, max: 100000 }).map(String),
  fc
    .tuple(fc.integer({ min: 0, max: 999 }), fc.constantFrom("元", "分钟", "小时", "米"))
    .map((parts) => parts.join(" ")),
  fc.constantFrom("{人数线}", "{一档金额}"),
)
const alternative = fc.oneof(
  operand,
  fc.tuple(fc.constantFrom("≥", "≤", "<", ">", ">=", "<="), operand).map((parts) => parts.join("")),
  fc.tuple(operand, operand).map((parts) => parts.join("..")),
)

describe("C1 cells", () => {
  test("C1 a printed condition reads back to the same tree", () => {
    fc.assert(
      fc.property(fc.array(alternative, { minLength: 1, maxLength: 4 }), fc.boolean(), (parts, negated) => {
        const text = plain(`${negated ? "非 " : ""}${parts.join("、")}`)
        const once = parseTest(text)
        fc.pre(once.ok)
        expect(parseTest(plain(printTest(once.value)))).toEqual(once)
      }),
    )
  })

  test("C1 a printed conclusion reads back to the same tree", () => {
    const call = fc
      .tuple(fc.constantFrom("平分", "不超过"), operand, operand)
      .map(([name, a, b]) => `${name}(${a},${b})`)
    fc.assert(
      fc.property(fc.oneof(operand, call), (text) => {
        const once = parseConclusion(plain(text))
        fc.pre(once.ok)
        expect(parseConclusion(plain(printConclusion(once.value)))).toEqual(once)
      }),
    )
  })

  test.each(["", "火情,", ",", "{", "≥", "{a}b", "非 a,非 b"])("P102 refuses the condition %j", (text) => {
    expect(parseTest(plain(text)).ok).toBe(false)
  })

  test.each(["", "平分(现金)", "不超过(,)", "}x"])("P102 refuses the conclusion %j", (text) => {
    expect(parseConclusion(plain(text)).ok).toBe(false)
  })

  test("非首报 is a word, 非 首报 a negation", () => {
    expect(parseTest("非首报")).toMatchObject({ value: { oneOf: [{ is: "equal" }] } })
    expect(parseTest("非 首报")).toMatchObject({ value: { oneOf: [{ is: "not" }] } })
  })

  test("a number keeps its unit; a word that begins with digits stays a word", () => {
    expect(parseOperand("2 小时")).toEqual({ ok: true, value: { is: "number", value: 2, unit: "小时" } })
    expect(parseOperand("5工作日")).toEqual({ ok: true, value: { is: "word", text: "5工作日" } })
  })

  test("never throws, whatever a cell holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        parseTest(plain(text))
        parseConclusion(plain(text))
      }),
    )
  })
})
