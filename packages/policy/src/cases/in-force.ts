/**
 * Which tables are in force for a pair of versions, and which of them stand behind some conclusions.
 */
import type { ResolvedPolicy, ResolvedTable } from "../resolved.ts"

/** Versions by their place in `ResolvedPolicy.versions`: the one at acceptance and the one at the step. */
export interface VersionPair {
  readonly accepted: number
  readonly step: number
  /** Tables that say 从旧兼从优 are taken as at the step. */
  readonly better?: boolean
}

/** Every pair of versions that can meet: a step never starts before the report was accepted. */
export const versionPairs = (policy: ResolvedPolicy): VersionPair[] =>
  policy.versions.flatMap((_, accepted) =>
    policy.versions.slice(accepted).map((__, later) => ({ accepted, step: accepted + later })),
  )

/** The tables of a pair, each after those whose conclusions it reads. */
export const tablesInForce = (policy: ResolvedPolicy, pair: VersionPair): ResolvedTable[] => {
  const later = new Map((policy.versions[pair.step]?.tables ?? []).map((table) => [table.name, table]))
  return (policy.versions[pair.accepted]?.tables ?? []).map((table) => {
    const then = later.get(table.name) ?? table
    return table.timing === "step" || (pair.better === true && then.better) ? then : table
  })
}

/**
 * The same pair with the tables that say 从旧兼从优 as at the step; undefined where that is no difference.
 *
 * Which of both decides about a case is for `better-version.ts` of core to say.
 */
export const betterPairOf = (policy: ResolvedPolicy, pair: VersionPair): VersionPair | undefined => {
  const taken = { ...pair, better: true }
  const before = tablesInForce(policy, pair)
  return tablesInForce(policy, taken).some((table, at) => table !== before[at]) ? taken : undefined
}

/** The tables that some conclusions depend on, in the same order. */
export const tablesBehind = (
  tables: readonly ResolvedTable[],
  keys: Iterable<string>,
): readonly ResolvedTable[] => {
  const wanted = new Set(keys)
  const behind: ResolvedTable[] = []
  for (const table of tables.toReversed()) {
    if (!table.conclusions.some((key) => wanted.has(key))) continue
    behind.unshift(table)
    for (const { source } of table.columns) if (source.is === "conclusion") wanted.add(source.key)
    for (const key of table.captures) wanted.add(key)
  }
  return behind
}

/** The civil dates of a pair: the first days of its two versions. */
export const datesOf = (policy: ResolvedPolicy, { accepted, step }: VersionPair) => ({
  accepted: policy.versions[accepted]?.from ?? policy.effectiveFrom,
  step: policy.versions[step]?.from ?? policy.effectiveFrom,
})
