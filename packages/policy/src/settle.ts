/**
 * From the rules that match to the rules that decide: exceptions first, then the table's hit policy.
 *
 * One function for checks, diagrams and later proofs, so that they cannot disagree.
 */
import { type Bits, hasBit, intersects, members } from "./bits.ts"
import type { Aggregation, Calculation } from "./model.ts"
import type { ResolvedTable, Value } from "./resolved.ts"

/** The rules that decide; none; or rules that contradict each other, two of them named. */
export type Settled =
  | { readonly is: "rules"; readonly rules: readonly number[] }
  | { readonly is: "none" }
  | {
      readonly is: "clash"
      readonly rules: readonly [number, number]
      /** All rules that no exception removed. */
      readonly left: readonly number[]
    }

/** What the matching rules come to. The row 其余 decides when no other rule matches. */
export const settle = (table: ResolvedTable, matching: Bits): Settled => {
  const all = members(matching)
  if (all.length === 0) {
    if (table.rest >= 0) return { is: "rules", rules: [table.rest] }
    return table.hit.policy === "collect" ? { is: "rules", rules: [] } : { is: "none" }
  }
  const left = all.filter((rule) => !all.some((other) => beats(table, other, rule)))
  switch (table.hit.policy) {
    case "collect":
      return { is: "rules", rules: left }
    case "first":
      return { is: "rules", rules: left.slice(0, 1) }
    case "any":
      return agree(table, left)
    case "priority": {
      const best = Math.min(...left.map((rule) => table.rules[rule]?.rank ?? 0))
      return agree(
        table,
        left.filter((rule) => table.rules[rule]?.rank === best),
      )
    }
    case "unique":
      return settleUnique(table, left, matching)
  }
}

/**
 * What the deciding rules conclude, one value a conclusion column.
 *
 * @param captured values of the earlier conclusions that calculations read.
 */
export const conclude = (
  table: ResolvedTable,
  rules: readonly number[],
  captured: (key: string) => number,
): Value[] =>
  table.conclusions.map((_, column) => {
    const values = rules.map((rule) => valueAt(table, rule, column, captured))
    if (table.hit.policy !== "collect") return values[0] ?? ""
    return aggregate(
      table.hit.by,
      values.map((value) => (typeof value === "number" ? value : 0)),
    )
  })

/** Do two rules conclude the same? */
export const sameResults = (table: ResolvedTable, a: number, b: number): boolean =>
  a === b || JSON.stringify(table.rules[a]?.gives) === JSON.stringify(table.rules[b]?.gives)

// internal

const beats = (table: ResolvedTable, winner: number, loser: number): boolean => {
  const beaten = table.rules[winner]?.beats
  return beaten !== undefined && winner !== loser && hasBit(beaten, loser)
}

const agree = (table: ResolvedTable, rules: readonly number[]): Settled => {
  const first = rules[0] ?? 0
  const other = rules.find((rule) => !sameResults(table, first, rule))
  return other === undefined ? { is: "rules", rules } : { is: "clash", rules: [first, other], left: rules }
}

/** One rule, or exceptions to a matching rule that conclude the same. */
const settleUnique = (table: ResolvedTable, left: readonly number[], matching: Bits): Settled => {
  const [first = 0, second] = left
  if (second === undefined) return { is: "rules", rules: [first] }
  const plainOne = left.find((rule) => !intersects(table.rules[rule]?.beats ?? matching, matching))
  if (plainOne !== undefined)
    return { is: "clash", rules: [plainOne, left.find((rule) => rule !== plainOne) ?? second], left }
  return agree(table, left)
}

const valueAt = (
  table: ResolvedTable,
  rule: number,
  column: number,
  captured: (key: string) => number,
): Value => {
  const result = table.rules[rule]?.gives[column]
  if (!result) return ""
  if (result.is === "constant") return result.value
  return calculate(
    result.name,
    result.of.map((operand) => (typeof operand === "number" ? operand : captured(operand.conclusion))),
  )
}

/** Amounts are whole numbers in core's unit; a share is rounded down, so that shares never exceed the whole. */
const calculate = (name: Calculation, of: readonly number[]): number => {
  const [a = 0, b = 1] = of
  switch (name) {
    case "平分":
      return Math.floor(a / Math.max(1, b))
    case "不超过":
      return Math.min(a, b)
    case "四舍五入到元":
      return Math.round(a / 100) * 100
  }
}

const aggregate = (by: Aggregation, values: readonly number[]): number => {
  if (by === "计数") return values.length
  if (values.length === 0) return 0
  if (by === "合计") return values.reduce((sum, value) => sum + value, 0)
  return by === "最大" ? Math.max(...values) : Math.min(...values)
}
