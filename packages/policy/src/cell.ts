/**
 * Cells: from the words of a condition or conclusion to a tree, and back to the words.
 *
 * Knows the grammar of a cell and nothing of facts, parameters or units in force: whether a word means
 * anything is decided where the document is resolved. There are no expressions and no regular expressions.
 */
import {
  type Alternative,
  type Calculation,
  type Comparison,
  type Conclusion,
  calculations,
  type Operand,
  type Test,
} from "./model.ts"
import { isUnit } from "./unit.ts"

/** A parsed cell, or what is wrong with it in both languages. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly zh: string; readonly en: string }

/**
 * A condition cell.
 *
 * @example parseTest(">={人数线},未知") // => any: false, oneOf: [compare >= {人数线}, equal 未知]
 */
export const parseTest = (text: string): Parsed<Test> => {
  if (isDash(text)) return { ok: true, value: { any: true, oneOf: [] } }
  const parts = text.split(",").map((part) => part.trim())
  if (parts.includes(""))
    return fault("条件不能空着;任何情况都可以时写“—”", "an empty condition; write — for any value")
  const oneOf: Alternative[] = []
  for (const part of parts) {
    const item = parseAlternative(part)
    if (!item.ok) return item
    oneOf.push(item.value)
  }
  if (oneOf.length > 1 && oneOf.filter((item) => item.is === "not").length > 1)
    return fault("一格里写了两个“非”,合起来等于什么都可以", "two negations in one cell match everything")
  return { ok: true, value: { any: false, oneOf } }
}

/** A conclusion cell: a literal, a parameter or one of the named calculations. */
export const parseConclusion = (text: string): Parsed<Conclusion> => {
  if (text === "") return fault("结论不能空着", "an empty conclusion")
  const open = text.indexOf("(")
  const name = open > 0 && text.endsWith(")") ? text.slice(0, open).trim() : ""
  if (isCalculation(name)) {
    const of: Operand[] = []
    for (const part of text.slice(open + 1, -1).split(",")) {
      const operand = parseOperand(part.trim())
      if (!operand.ok) return operand
      of.push(operand.value)
    }
    const wanted = name === "四舍五入到元" ? 1 : 2
    if (of.length !== wanted)
      return fault(`“${name}”要写 ${wanted} 个数`, `"${name}" takes ${wanted} operand(s)`)
    return { ok: true, value: { is: "call", name, of } }
  }
  const operand = parseOperand(text.replace(/\s*,\s*/gu, ","))
  return operand.ok ? { ok: true, value: { is: "value", of: operand.value } } : operand
}

/** A number with an optional unit, `{parameter}`, or a word. */
export const parseOperand = (text: string): Parsed<Operand> => {
  if (text.startsWith("{") && text.endsWith("}"))
    return { ok: true, value: { is: "parameter", name: text.slice(1, -1).trim() } }
  if (text === "" || text.includes("{") || text.includes("}"))
    return fault(`看不懂“${text}”`, `cannot read "${text}"`)
  const number = parseNumber(text)
  return { ok: true, value: number ?? { is: "word", text } }
}

/** A dash alone: any value, or nothing to say. */
export const isDash = (text: string): boolean => /^-{1,4}$/.test(text)

/** The cell as an officer would write it. */
export const printTest = (test: Test): string =>
  test.any ? "—" : test.oneOf.map(printAlternative).join("、")

export const printConclusion = (conclusion: Conclusion): string =>
  conclusion.is === "value"
    ? printOperand(conclusion.of)
    : `${conclusion.name}(${conclusion.of.map(printOperand).join("、")})`

export const printOperand = (operand: Operand): string =>
  operand.is === "number"
    ? `${operand.value}${operand.unit && ` ${operand.unit}`}`
    : operand.is === "parameter"
      ? `{${operand.name}}`
      : operand.text

// internal

const fault = (zh: string, en: string) => ({ ok: false, zh, en }) as const

const isCalculation = (name: string): name is Calculation => calculations.some((known) => known === name)

const comparisons: readonly Comparison[] = [">=", "<=", ">", "<"]

const parseAlternative = (text: string): Parsed<Alternative> => {
  for (const op of comparisons) {
    if (!text.startsWith(op)) continue
    const to = parseOperand(text.slice(op.length).trim())
    return to.ok ? { ok: true, value: { is: "compare", op, to: to.value } } : to
  }
  if (text.startsWith("非 ")) {
    const to = parseOperand(text.slice(2).trim())
    return to.ok ? { ok: true, value: { is: "not", to: to.value } } : to
  }
  const dots = splitRange(text)
  if (dots !== undefined) {
    const low = parseOperand(dots[0])
    if (!low.ok) return low
    const high = parseOperand(dots[1])
    return high.ok ? { ok: true, value: { is: "range", low: low.value, high: high.value } } : high
  }
  const to = parseOperand(text)
  return to.ok ? { ok: true, value: { is: "equal", to: to.value } } : to
}

const splitRange = (text: string): [string, string] | undefined => {
  for (const mark of ["..", "~"]) {
    const at = text.indexOf(mark)
    if (at > 0) return [text.slice(0, at).trim(), text.slice(at + mark.length).trim()]
  }
  return undefined
}

const parseNumber = (text: string): Operand | undefined => {
  const match = /^(\d{1,12}(?:\.\d{1,2})?) ?(\D{0,8})$/u.exec(text)
  if (!match) return undefined
  const unit = match[2] ?? ""
  return unit === "" || isUnit(unit) ? { is: "number", value: Number(match[1]), unit } : undefined
}

const printAlternative = (item: Alternative): string => {
  if (item.is === "equal") return printOperand(item.to)
  if (item.is === "not") return `非 ${printOperand(item.to)}`
  if (item.is === "range") return `${printOperand(item.low)}..${printOperand(item.high)}`
  return `${item.op.replace(">=", "≥").replace("<=", "≤")}${printOperand(item.to)}`
}
