/**
 * One case through the tables, rule by rule: what is concluded, and which rules did it.
 *
 * Plain interpretation of resolved tables, for telling a case to people and for trying examples. It is not the
 * way a running system decides (`compile`), and it knows nothing of pending: every fact has an atom.
 */
import { emptyBits, intersect, setBit } from "../bits.ts"
import type { ResolvedPolicy, ResolvedRule, ResolvedTable, Value } from "../resolved.ts"
import { conclude, settle } from "../settle.ts"
import type { Case } from "./case.ts"

/** What the tables come to for one case. */
export interface Evaluation {
  /** Conclusions by key; a key is missing where no rule decides. */
  readonly values: ReadonlyMap<string, Value>
  /** For each table the rules that decided. */
  readonly deciding: ReadonlyMap<ResolvedTable, readonly number[]>
}

/** A rule that mattered for some conclusions. */
export interface Link {
  readonly table: ResolvedTable
  readonly rule: ResolvedRule
}

/** @param tables each after those whose conclusions it reads. */
export const evaluate = (policy: ResolvedPolicy, tables: readonly ResolvedTable[], one: Case): Evaluation => {
  const values = new Map<string, Value>()
  const deciding = new Map<ResolvedTable, readonly number[]>()
  for (const table of tables) {
    const rules = decide(policy, table, one, values)
    deciding.set(table, rules ?? [])
    if (rules === undefined) continue
    const results = conclude(table, rules, (key) => numberIn(values, key))
    for (const [column, key] of table.conclusions.entries()) values.set(key, results[column] ?? "")
  }
  return { values, deciding }
}

/** The rules that made some conclusions, in the order of use: those that give them, before them those they read. */
export const chainOf = ({ deciding }: Evaluation, keys: Iterable<string>): Link[] => {
  const wanted = new Set(keys)
  const chain: Link[] = []
  for (const [table, rules] of [...deciding].toReversed()) {
    if (!table.conclusions.some((key) => wanted.has(key))) continue
    const used = rules.flatMap((rule) => table.rules[rule] ?? [])
    chain.unshift(...used.map((rule) => ({ table, rule })))
    for (const rule of used) for (const key of keysReadBy(table, rule)) wanted.add(key)
  }
  return chain
}

// internal

/** The deciding rules, or undefined where none decides or two contradict each other. */
const decide = (
  policy: ResolvedPolicy,
  table: ResolvedTable,
  one: Case,
  values: ReadonlyMap<string, Value>,
): readonly number[] | undefined => {
  let matching = emptyBits(table.rules.length)
  for (const rule of table.rules.keys()) if (rule !== table.rest) setBit(matching, rule)
  for (const { source, masks } of table.columns) {
    const piece =
      source.is === "fact"
        ? (one[source.variable] ?? 0)
        : (policy.conclusions.get(source.key)?.values.indexOf(values.get(source.key) ?? "") ?? -1)
    const mask = masks[piece]
    if (mask === undefined) return undefined
    matching = intersect(matching, mask)
  }
  if (table.captures.some((key) => typeof values.get(key) !== "number")) return undefined
  const settled = settle(table, matching)
  return settled.is === "rules" ? settled.rules : undefined
}

const numberIn = (values: ReadonlyMap<string, Value>, key: string): number => {
  const value = values.get(key)
  return typeof value === "number" ? value : 0
}

const keysReadBy = (table: ResolvedTable, rule: ResolvedRule): string[] => [
  ...table.columns.flatMap(({ source }, column) =>
    rule.reads[column] && source.is === "conclusion" ? [source.key] : [],
  ),
  ...rule.gives.flatMap((result) =>
    result.is === "call"
      ? result.of.flatMap((operand) => (typeof operand === "number" ? [] : [operand.conclusion]))
      : [],
  ),
]
