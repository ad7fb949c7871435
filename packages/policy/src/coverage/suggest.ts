/**
 * Examples worth writing: for every rule and bound that no example tries, the case nearest to the typical one.
 *
 * A suggestion never says what the rules come to: whoever writes the example says first what should come out.
 */
import { type Case, showValue } from "../cases/case.ts"
import { evaluate } from "../cases/evaluate.ts"
import { atomsOfWord } from "../cases/example-case.ts"
import { tablesInForce, type VersionPair, versionPairs } from "../cases/in-force.ts"
import type { Lane, Leaf } from "../cases/question.ts"
import { search } from "../cases/search.ts"
import type { Report } from "../finding.ts"
import type { PolicyModel, RuleModel } from "../model.ts"
import { showConclusion } from "../properties/tell.ts"
import type { ResolvedPolicy, ResolvedTable } from "../resolved.ts"
import { type BoundTried, type Coverage, coverageOf } from "./coverage.ts"

/** A case to write an expectation for. */
export interface Suggestion {
  /** What it would try. */
  readonly tries: readonly (
    | { readonly is: "rule"; readonly table: string; readonly rule: string }
    | { readonly is: "bound"; readonly table: string; readonly fact: string; readonly number: number }
  )[]
  /** Facts that are not as usual, in the document's words. */
  readonly given: readonly { readonly fact: string; readonly value: string }[]
  /** Civil date on which the rules apply, when it is not the first day. */
  readonly date?: string
  /** Conclusions to say an expectation for, the first one first. */
  readonly asks: readonly string[]
}

/** A rule that no case reaches, although its table alone would allow it. */
export interface Unreached {
  readonly table: ResolvedTable
  readonly rule: RuleModel
}

export interface Suggestions {
  readonly suggestions: readonly Suggestion[]
  readonly unreached: readonly Unreached[]
  /** Tables that were too large to search. */
  readonly tooLarge: readonly string[]
}

/** Suggestions for everything that no example tries, in the order of the document. */
export const suggestExamples = (
  model: PolicyModel,
  policy: ResolvedPolicy,
  coverage: Coverage = coverageOf(model, policy),
): Suggestions => {
  const found: Found[] = []
  const unreached: Unreached[] = []
  const tooLarge = new Set<string>()
  const untried = Map.groupBy(
    coverage.rules.filter(({ by }) => by.length === 0),
    ({ table }) => table,
  )
  for (const [table, rules] of untried) {
    const nearest = nearestByRule(policy, table)
    if (!nearest) {
      tooLarge.add(table.name)
      continue
    }
    for (const { rule } of rules) {
      const near = nearest.get(rule)
      if (near) found.push({ ...near, table, tries: { is: "rule", table: table.name, rule: rule.id } })
      else unreached.push({ table, rule })
    }
  }
  for (const bound of coverage.bounds) {
    const sides = nearestAtBound(policy, bound)
    if (sides === undefined) tooLarge.add(bound.table.name)
    else found.push(...sides)
  }
  return { suggestions: merged(policy, found), unreached, tooLarge: [...tooLarge] }
}

/** V203, as warnings: rules that their own table would allow and the tables before it never do. */
export const reportUnreached = ({ unreached }: Suggestions, report: Report): void => {
  for (const { table, rule } of unreached)
    report.add(
      "V203",
      rule,
      {
        zh: `决策表“${table.name}”的规则“${rule.id}”永远用不上:前面的表不会同时得出它的条件`,
        en: `rule "${rule.id}" of table "${table.name}" is never reached: the tables before it never come to its conditions`,
      },
      undefined,
      "warning",
    )
}

/** What the rules come to for a suggestion: for after an expectation was given. */
export const outcomeOf = (
  policy: ResolvedPolicy,
  given: Suggestion["given"],
  conclusion: string,
  date = policy.effectiveFrom,
) => {
  const version = Math.max(
    0,
    policy.versions.findLastIndex(({ from }) => from <= date),
  )
  const one = policy.variables.map((variable) => {
    const word = given.find(({ fact }) => fact === variable.name)?.value ?? variable.typical
    return atomsOfWord(variable, word)[0] ?? 0
  })
  const key = [...policy.conclusions.values()].find(({ name }) => name === conclusion)?.key ?? conclusion
  const { values } = evaluate(policy, tablesInForce(policy, { accepted: version, step: version }), one)
  return showConclusion(policy, key, values.get(key))
}

// internal

interface Found {
  readonly one: Case
  /** Numbers that a fact has exactly, in place of the one nearest to the typical. */
  readonly exact?: { readonly variable: number; readonly number: number }
  readonly pair: VersionPair
  readonly table: ResolvedTable
  readonly tries: Suggestion["tries"][number]
}

const pairOf = (policy: ResolvedPolicy, table: ResolvedTable): VersionPair | undefined =>
  versionPairs(policy).find(
    (pair) =>
      pair.accepted === pair.step && tablesInForce(policy, pair).some(({ model }) => model === table.model),
  )

/** For each rule of a table the smallest case in which it decides; undefined when the search is too large. */
const nearestByRule = (
  policy: ResolvedPolicy,
  table: ResolvedTable,
): Map<RuleModel, { one: Case; pair: VersionPair }> | undefined => {
  const pair = pairOf(policy, table)
  if (!pair) return new Map()
  const searched = search({
    lanes: [{ policy, tables: tablesInForce(policy, pair) }],
    premise: [],
    watch: [{ is: "rules", table: table.name }],
  })
  if (searched.is === "too-large") return undefined
  const nearest = new Map<RuleModel, { leaf: Leaf; one: Case; pair: VersionPair }>()
  for (const leaf of searched.leaves)
    for (const index of `${leaf.seen(0, 0) ?? ""}`.split(",")) {
      const rule = table.rules[Number(index)]?.model
      const known = rule && nearest.get(rule)
      if (!rule || index === "" || (known && known.leaf.size <= leaf.size)) continue
      nearest.set(rule, { leaf, one: leaf.one(), pair })
    }
  return nearest
}

/** The smallest case in which a bound decides between rules, on those sides that no example tries. */
const nearestAtBound = (policy: ResolvedPolicy, bound: BoundTried): Found[] | undefined => {
  const { table, variable, at } = bound
  const pair = pairOf(policy, table)
  const atoms = policy.variables[variable]?.atoms ?? []
  const high = atoms.findIndex((atom) => atom.is === "span" && atom.low === at)
  if (!pair || high < 1) return []
  const tables = tablesInForce(policy, pair)
  const searched = search({
    lanes: [high - 1, high].map((atom): Lane => ({ policy, tables, atom })),
    split: variable,
    premise: [],
    watch: [{ is: "rules", table: table.name }],
  })
  if (searched.is === "too-large") return undefined
  let best: Leaf | undefined
  for (const leaf of searched.leaves)
    if (leaf.counts(0) && leaf.counts(1) && leaf.seen(0, 0) !== leaf.seen(1, 0))
      if (!best || leaf.size < best.size) best = leaf
  if (!best) return []
  const base = best.one()
  const fact = policy.variables[variable]?.name ?? ""
  const side = (atom: number, number: number): Found => ({
    one: base.with(variable, atom),
    exact: { variable, number },
    pair,
    table,
    tries: { is: "bound", table: table.name, fact, number },
  })
  return [
    ...(bound.below.length === 0 ? [side(high - 1, at - 1)] : []),
    ...(bound.above.length === 0 ? [side(high, at)] : []),
  ]
}

/** One suggestion for each case, with everything that it would try in one table. */
const merged = (policy: ResolvedPolicy, found: readonly Found[]): Suggestion[] => {
  const byCase = new Map<string, Suggestion>()
  for (const { one, exact, pair, table, tries } of found) {
    const given = policy.variables.flatMap((variable, at) => {
      const value = exact?.variable === at ? `${exact.number}` : showValue(variable, one[at] ?? 0)
      return value === variable.typical ? [] : [{ fact: variable.name, value }]
    })
    const date = policy.versions[pair.step]?.from
    const asks = table.model.conclusions.map(({ name }) => name)
    const key = JSON.stringify([given, date, asks])
    const known = byCase.get(key)
    byCase.set(
      key,
      known
        ? { ...known, tries: [...known.tries, tries] }
        : {
            tries: [tries],
            given,
            asks,
            ...(date !== undefined && date !== policy.effectiveFrom && { date }),
          },
    )
  }
  return [...byCase.values()]
}
