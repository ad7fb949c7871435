/**
 * What changes for whom when one document takes the place of another: every case, every conclusion.
 *
 * Each conclusion is judged over all cases: the same, never worse, never better, mixed, or merely different where
 * nobody can say which is better. Each kind of change has its number of cases and the smallest of them. What it does
 * not do: it weighs no case by how often it happens; `impact` replays a history for that.
 */

import { compareConclusion, runsOnClock } from "@yingshao/core/programme/better-version"
import { tablesBehind, tablesInForce, type VersionPair } from "../cases/in-force.ts"
import { search } from "../cases/search.ts"
import type { Bilingual } from "../finding.ts"
import { decisionNames, keysOf, timingOf } from "../needs.ts"
import { changedFacts, conclusionName, showConclusion } from "../properties/tell.ts"
import type { ResolvedPolicy, Value } from "../resolved.ts"

/** Over all cases, from the informant's side. */
export type Tendency =
  | "same"
  /** Some are better off, none worse. */
  | "never-worse"
  /** Some are worse off, none better. */
  | "never-better"
  | "mixed"
  /** Something else comes out, and nobody is better or worse off by it. */
  | "different"

/** One way in which a conclusion changes. */
export interface CaseChange {
  readonly from: Bilingual
  readonly to: Bilingual
  /** For the informant; `neither` where no order is known. */
  readonly is: "better" | "worse" | "neither"
  /** Cases that change like this; a stretch of numbers that no rule can tell apart counts as one. */
  readonly cases: number
  /** Facts of the smallest case that are not as usual, in both languages. */
  readonly smallest: readonly {
    readonly fact: string
    readonly value: string
    readonly factEn: string
    readonly valueEn: string
  }[]
}

export interface ConclusionChanges {
  readonly key: string
  readonly name: Bilingual
  readonly decision: string
  readonly timing: "accepted" | "step"
  readonly tendency: Tendency
  /** The most frequent first. Empty when nothing changes. */
  readonly changes: readonly CaseChange[]
}

export type CaseChanges =
  | { readonly is: "exhausted"; readonly conclusions: readonly ConclusionChanges[] }
  /** R404: conclusions that were not searched to the end are named; nothing is said about them. */
  | {
      readonly is: "too-large"
      readonly conclusions: readonly ConclusionChanges[]
      readonly notExhausted: readonly Bilingual[]
    }

/**
 * Every conclusion that core asks for, compared between two pairs of versions over every case.
 *
 * @param policy of `joinPolicies`. @param only decisions by whose date picks the version; all when left out.
 * @param budget situations that one search may look at.
 */
export const caseChanges = (
  policy: ResolvedPolicy,
  [before, after]: readonly [VersionPair, VersionPair],
  { only, budget }: { readonly only?: "accepted" | "step"; readonly budget?: number } = {},
): CaseChanges => {
  const conclusions: ConclusionChanges[] = []
  const notExhausted: Bilingual[] = []
  const [first, second] = [tablesInForce(policy, before), tablesInForce(policy, after)]
  for (const decision of decisionNames()) {
    const timing = timingOf(decision)
    if (only !== undefined && timing !== only) continue
    for (const key of keysOf(decision)) {
      const name = conclusionName(policy, key)
      const seen = runsOnClock.has(key) ? [key, "clock"] : [key]
      const lanes = [first, second].map((tables) => ({ policy, tables: tablesBehind(tables, seen) }))
      if (lanes[0]?.tables.every((table, at) => table === lanes[1]?.tables[at])) {
        conclusions.push({ key, name, decision, timing, tendency: "same", changes: [] })
        continue
      }
      const searched = search({
        lanes,
        premise: [],
        // Minutes on two different clocks are no plain numbers.
        watch: seen.map((one) => ({ is: "conclusion", key: one })),
        onlyDifferences: true,
        ...(budget === undefined ? {} : { budget }),
      })
      if (searched.is === "too-large") {
        notExhausted.push(name)
        continue
      }
      const changes = changesOf(policy, key, searched.leaves)
      conclusions.push({ key, name, decision, timing, tendency: tendencyOf(changes), changes })
    }
  }
  return notExhausted.length === 0
    ? { is: "exhausted", conclusions }
    : { is: "too-large", conclusions, notExhausted }
}

/** Of a joined policy: everything under the old document, and everything under the new one. */
export const oldAndNew = (policy: ResolvedPolicy): readonly [VersionPair, VersionPair] => {
  const last = policy.versions.length - 1
  return [
    { accepted: 0, step: 0 },
    { accepted: last, step: last },
  ]
}

/** Of a joined policy: a report accepted under the old document whose next step falls under the old, or the new. */
export const inFlight = (policy: ResolvedPolicy): readonly [VersionPair, VersionPair] => [
  { accepted: 0, step: 0 },
  { accepted: 0, step: policy.versions.length - 1 },
]

// internal

/** A value and, for a span, the clock that it runs on. */
interface Seen {
  readonly value: Value | undefined
  readonly clock: Value | undefined
}

const compared = (key: string, from: Seen, to: Seen): CaseChange["is"] =>
  compareConclusion(key, { [key]: from.value, clock: from.clock }, { [key]: to.value, clock: to.clock })

interface Gathered {
  readonly from: Seen
  readonly to: Seen
  cases: number
  size: number
  smallest: readonly number[]
}

const changesOf = (
  policy: ResolvedPolicy,
  key: string,
  leaves: Extract<ReturnType<typeof search>, { is: "exhausted" }>["leaves"],
): readonly CaseChange[] => {
  const gathered = new Map<string, Gathered>()
  for (const leaf of leaves) {
    if (!leaf.counts(0) || !leaf.counts(1)) continue
    const [from, to] = [0, 1].map(
      (lane): Seen => ({
        value: leaf.seen(lane, 0),
        clock: runsOnClock.has(key) ? leaf.seen(lane, 1) : undefined,
      }),
    ) as [Seen, Seen]
    if (from.value === to.value && from.clock === to.clock) continue
    const kind = JSON.stringify([from, to])
    const known = gathered.get(kind)
    if (known === undefined) {
      gathered.set(kind, { from, to, cases: leaf.cases, size: leaf.size, smallest: leaf.one() })
      continue
    }
    known.cases += leaf.cases
    if (leaf.size < known.size) {
      known.size = leaf.size
      known.smallest = leaf.one()
    }
  }
  return [...gathered.values()]
    .toSorted((one, other) => other.cases - one.cases || one.size - other.size)
    .map(({ from, to, cases, smallest }) => ({
      from: shown(policy, key, from, from.clock !== to.clock),
      to: shown(policy, key, to, from.clock !== to.clock),
      is: compared(key, from, to),
      cases,
      smallest: changedFacts(policy, smallest, undefined),
    }))
}

const shown = (
  policy: ResolvedPolicy,
  key: string,
  { value, clock }: Seen,
  withClock: boolean,
): Bilingual => {
  const said = showConclusion(policy, key, value)
  if (!withClock) return said
  const on = showConclusion(policy, "clock", clock)
  return { zh: `${said.zh}（${on.zh}）`, en: `${said.en} (${on.en})` }
}

const tendencyOf = (changes: readonly CaseChange[]): Tendency => {
  if (changes.length === 0) return "same"
  const kinds = new Set(changes.map((change) => change.is))
  if (kinds.has("better") && kinds.has("worse")) return "mixed"
  if (kinds.has("better")) return "never-worse"
  return kinds.has("worse") ? "never-better" : "different"
}
