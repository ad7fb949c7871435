/**
 * What the examples of a document try: every rule that decided for them, and both sides of every bound.
 *
 * A rule counts as tried when it stands in the chain of something that an example expects. A bound counts as tried
 * when examples stand on the two numbers on either side of it. A promise tries nothing: it looks at all cases and
 * says nothing of a single amount.
 */
import { hasBit } from "../bits.ts"
import { exampleCase, tryExample } from "../cases/example-case.ts"
import type { Report } from "../finding.ts"
import type { PolicyModel, RuleModel, TableModel } from "../model.ts"
import type { ResolvedPolicy, ResolvedTable } from "../resolved.ts"

/** One rule and the examples that try it. */
export interface RuleTried {
  readonly table: ResolvedTable
  readonly rule: RuleModel
  readonly by: readonly string[]
}

/** A number at which some rule of a table begins or ends. */
export interface BoundTried {
  readonly table: ResolvedTable
  readonly column: number
  readonly variable: number
  /** The first number of the upper side. */
  readonly at: number
  /** The rule whose cell names the bound. */
  readonly rule: RuleModel
  readonly below: readonly string[]
  readonly above: readonly string[]
}

export interface Coverage {
  readonly rules: readonly RuleTried[]
  readonly bounds: readonly BoundTried[]
}

/** Rules and bounds of every version, in the order of the document. */
export const coverageOf = (model: PolicyModel, policy: ResolvedPolicy): Coverage => {
  const byRule = new Map<RuleModel, Set<string>>()
  const numbers = new Map<TableModel, Map<string, Set<string>>>()
  for (const example of model.examples) {
    const ready = exampleCase(policy, example)
    if (!ready) continue
    const tried = tryExample(policy, ready)
    for (const { name } of example.expect) {
      const domain = [...policy.conclusions.values()].find((one) => one.name === name)
      for (const { table, rule } of domain ? tried.chainOf(domain.key) : []) {
        note(byRule, rule.model, example.id)
        const own = numbers.get(table.model) ?? new Map<string, Set<string>>()
        numbers.set(table.model, own)
        for (const [variable, number] of ready.numbers) note(own, `${variable}=${number}`, example.id)
      }
    }
  }
  const tables = distinctTables(policy)
  return {
    rules: tables.flatMap((table) =>
      table.rules.map(({ model: rule }) => ({ table, rule, by: [...(byRule.get(rule) ?? [])] })),
    ),
    bounds: tables.flatMap((table) =>
      boundsOf(policy, table).map(({ variable, at, ...bound }) => ({
        ...bound,
        table,
        variable,
        at,
        below: [...(numbers.get(table.model)?.get(`${variable}=${at - 1}`) ?? [])],
        above: [...(numbers.get(table.model)?.get(`${variable}=${at}`) ?? [])],
      })),
    ),
  }
}

/** Is this bound tried on both sides? */
export const isTried = ({ below, above }: BoundTried): boolean => below.length > 0 && above.length > 0

/** T302 and T303, as notes. */
export const reportCoverage = (coverage: Coverage, policy: ResolvedPolicy, report: Report): void => {
  for (const { table, rule, by } of coverage.rules)
    if (by.length === 0)
      report.add(
        "T302",
        rule,
        {
          zh: `没有例子试过决策表“${table.name}”的规则“${rule.id}”`,
          en: `no example tries rule "${rule.id}" of table "${table.name}"`,
        },
        suggestion,
      )
  for (const bound of coverage.bounds) {
    if (isTried(bound)) continue
    const { table, rule, column, variable, at, below, above } = bound
    const missing = [...(below.length === 0 ? [at - 1] : []), ...(above.length === 0 ? [at] : [])]
    const name = policy.variables[variable]?.name ?? ""
    report.add(
      "T303",
      rule.when[column],
      {
        zh: `没有例子试过决策表“${table.name}”在“${name}”${at - 1} 与 ${at} 之间的分界:缺 ${missing.join("、")}`,
        en: `no example tries table "${table.name}" at the bound of "${name}" between ${at - 1} and ${at}: ${missing.join(", ")} missing`,
      },
      suggestion,
    )
  }
}

/** Every table of every version once, in the order of the document. */
export const distinctTables = (policy: ResolvedPolicy): ResolvedTable[] => {
  const seen = new Map<TableModel, ResolvedTable>()
  for (const { tables } of policy.versions)
    for (const table of tables) if (!seen.has(table.model)) seen.set(table.model, table)
  return [...seen.values()]
}

// internal

const suggestion = {
  zh: "yingshao policy suggest-examples 会给出最接近典型的情形",
  en: "yingshao policy suggest-examples names the case nearest to the typical one",
}

const note = <K>(map: Map<K, Set<string>>, key: K, id: string) => {
  const known = map.get(key)
  if (known) known.add(id)
  else map.set(key, new Set([id]))
}

/** Where neighbouring stretches of a number are matched by different rules. */
const boundsOf = (
  policy: ResolvedPolicy,
  table: ResolvedTable,
): Pick<BoundTried, "column" | "variable" | "at" | "rule">[] =>
  table.columns.flatMap(({ source, masks }, column) => {
    if (source.is !== "fact") return []
    const { variable } = source
    return (policy.variables[variable]?.atoms ?? []).flatMap((atom, at) => {
      const [before, after] = [masks[at - 1], masks[at]]
      if (atom.is !== "span" || at === 0 || !before || !after) return []
      const rule = table.rules.find((_, index) => hasBit(before, index) !== hasBit(after, index))
      return rule ? [{ column, variable, at: atom.low, rule: rule.model }] : []
    })
  })
