/**
 * What was edited between two documents: parameters, tables, rules and facts, cell by cell, in the document's words.
 *
 * Prose and the order of rows mean nothing and are not compared. What it does not do: it does not say what an
 * edit means for anybody; `case-changes.ts` does.
 */
import { printConclusion, printTest } from "../cell.ts"
import type { Bilingual } from "../finding.ts"
import type { ParameterModel, PolicyModel, RuleModel, TableModel } from "../model.ts"

export interface PartChange {
  readonly kind: "added" | "removed" | "changed"
  readonly what: Bilingual
  /** Cells as they read; empty for a part that is not in that document. */
  readonly from: string
  readonly to: string
}

/**
 * Every edit, in the order of the new document, removals last in each kind.
 *
 * @example partChanges(before, after)
 * // => [{ kind: "changed", what: { zh: "参数 二档金额(自 2026-01-01)", … }, from: "150 元 假设", to: "100 元 假设" }]
 */
export const partChanges = (before: PolicyModel, after: PolicyModel): readonly PartChange[] => [
  ...named(
    before.parameters,
    after.parameters,
    ({ name, from }) => `${name}\n${from}`,
    showParameter,
    ({ name, from }) => ({ zh: `参数 ${name}(自 ${from})`, en: `parameter ${name} (from ${from})` }),
  ),
  ...named(
    before.facts,
    after.facts,
    ({ key }) => key,
    ({ type, values, low, high, unknown, typical }) =>
      [type, values.join("、") || `${low}..${high}`, unknown, typical].join(" "),
    ({ name, key }) => ({ zh: `事实 ${name}`, en: `fact ${key}` }),
  ),
  ...named(
    before.groups,
    after.groups,
    ({ name }) => name,
    ({ values }) => values.join("、"),
    ({ name }) => ({ zh: `分组 ${name}`, en: `group ${name}` }),
  ),
  ...named(
    before.tables,
    after.tables,
    tableKey,
    ({ hit, applies, conditions, conclusions }) =>
      [JSON.stringify(hit), applies, ...[...conditions, ...conclusions].map(({ name }) => name)].join(" "),
    ({ name, from }) => ({
      zh: `决策表 ${name}${from === "" ? "" : `(自 ${from})`}`,
      en: `table ${name}${from === "" ? "" : ` (from ${from})`}`,
    }),
  ),
  ...after.tables.flatMap((table) => {
    const known = before.tables.find((other) => tableKey(other) === tableKey(table))
    return known === undefined ? [] : ruleChanges(known, table)
  }),
]

// internal

const tableKey = ({ name, from }: TableModel): string => `${name}\n${from}`

const statuses = { given: "原文", assumed: "假设", open: "待定", confirmed: "已确认" } as const

const showParameter = ({ value, unit, status, remark }: ParameterModel): string =>
  [`${value}`, unit, statuses[status], remark].filter((part) => part !== "").join(" ")

const ruleChanges = (before: TableModel, after: TableModel): readonly PartChange[] =>
  named(
    before.rules,
    after.rules,
    ({ id }) => id,
    showRule,
    ({ id }) => ({ zh: `决策表 ${after.name} 规则 ${id}`, en: `table ${after.name}, rule ${id}` }),
  )

const showRule = ({ rest, when, gives, exceptionTo }: RuleModel): string => {
  const cells = rest ? ["其余"] : when.map(printTest)
  const exception = exceptionTo.length === 0 ? "" : ` 例外于 ${exceptionTo.join("、")}`
  return `${cells.join(" | ")} → ${gives.map(printConclusion).join(" | ")}${exception}`
}

const named = <T>(
  before: readonly T[],
  after: readonly T[],
  keyOf: (part: T) => string,
  show: (part: T) => string,
  what: (part: T) => Bilingual,
): readonly PartChange[] => {
  const old = new Map(before.map((part) => [keyOf(part), part]))
  const now = new Set(after.map(keyOf))
  return [
    ...after.flatMap((part): PartChange[] => {
      const known = old.get(keyOf(part))
      if (known === undefined) return [{ kind: "added", what: what(part), from: "", to: show(part) }]
      const [from, to] = [show(known), show(part)]
      return from === to ? [] : [{ kind: "changed", what: what(part), from, to }]
    }),
    ...before.flatMap((part): PartChange[] =>
      now.has(keyOf(part)) ? [] : [{ kind: "removed", what: what(part), from: show(part), to: "" }],
    ),
  ]
}
