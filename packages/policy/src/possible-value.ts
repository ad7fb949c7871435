/**
 * Every value that one column of a table can conclude: its domain for the tables that read it.
 */
import { emptyBits, setBit } from "./bits.ts"
import { reachableSets } from "./frontier.ts"
import type { ResolvedTable, Value } from "./resolved.ts"
import type { Scope } from "./scope.ts"
import { conclude, settle } from "./settle.ts"

/** Values in the order of the rules; sums of 汇总 over every set of rules that can match together. */
export const possibleValues = (table: ResolvedTable, column: number, scope: Scope): Value[] => {
  const values = new Set<Value>()
  const add = (rules: readonly number[]) => {
    for (const captured of capturedCases(table, scope)) {
      const value = conclude(table, rules, (key) => captured.get(key) ?? 0)[column]
      if (value !== undefined) values.add(value)
    }
  }
  if (table.hit.policy !== "collect") for (const rule of table.rules.keys()) add([rule])
  else {
    const start = emptyBits(table.rules.length)
    for (const rule of table.rules.keys()) if (rule !== table.rest) setBit(start, rule)
    const leaves = reachableSets(
      start,
      table.columns.map((entry) => entry.masks),
    )
    if (!leaves)
      scope.report.add("R404", table.model, {
        zh: `决策表“${table.name}”太大,不能全部查完`,
        en: `table "${table.name}" is too large to exhaust`,
      })
    for (const leaf of leaves ?? []) {
      const settled = settle(table, leaf.matching)
      if (settled.is === "rules") add(settled.rules)
    }
  }
  return [...values]
}

// internal

/** Every combination of values of the earlier conclusions that calculations read. */
const capturedCases = (table: ResolvedTable, scope: Scope): Map<string, number>[] => {
  let cases = [new Map<string, number>()]
  for (const key of table.captures) {
    const values = (scope.conclusions().get(key)?.values ?? []).filter((value) => typeof value === "number")
    cases = cases.flatMap((known) => values.map((value) => new Map([...known, [key, value]])))
  }
  return cases
}
