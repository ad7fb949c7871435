/**
 * A counterexample told to people: the typical case, the fewest facts to change, expected and got, the chain of
 * rules with their clauses, and the cells to look at.
 */
import { type Case, showValue } from "../cases/case.ts"
import { chainOf, evaluate, type Link } from "../cases/evaluate.ts"
import { datesOf, type VersionPair } from "../cases/in-force.ts"
import type { Leaf } from "../cases/question.ts"
import { printConclusion, printTest } from "../cell.ts"
import type { Bilingual, Place, Places } from "../finding.ts"
import type { Conclusion, PolicyModel } from "../model.ts"
import type { ResolvedPolicy, Value, Variable } from "../resolved.ts"
import { showAmount } from "../unit.ts"
import type { Breach, Claim } from "./claim.ts"
import type { Cell, ChainLink, Counterexample } from "./verdict.ts"

/** What telling needs to know besides the claim. */
export interface Teller {
  readonly model: PolicyModel
  readonly policy: ResolvedPolicy
  readonly places: Places
}

/** The counterexample that a leaf is. */
export const tellCounterexample = (
  teller: Teller,
  claim: Claim,
  leaf: Leaf,
  breach: Breach,
  pair: VersionPair,
  found: {
    readonly smallest: boolean
    readonly seed?: number
    /** What came out, when it is more than the conclusions of this one case. */
    readonly got?: Bilingual
  },
): Counterexample => {
  const { policy } = teller
  const { split } = claim.question
  const base = leaf.one()
  const sides = breach.map((lane) => sideOf(claim, lane, base))
  const chains = sides.map((side) => side.chain)
  const chain = distinct(chains.flat())
  const variable = split === undefined ? undefined : policy.variables[split]
  const changes = changedFacts(policy, base, split)
  const varied = variedFact(claim, variable, breach)
  const gotten = found.got ?? gotOf(policy, claim, sides)
  const versions = policy.versions.length > 1 && !claim.between ? datesOf(policy, pair) : undefined
  const cells = cellsOf(teller, claim, sides[sides.length - 1]?.chain ?? [], chain, [
    ...changes.map(({ fact }) => fact),
    ...(variable ? [variable.name] : []),
  ])
  return {
    story: storyOf(claim, { changes, varied, gotten, chain, cells, dates: versions }),
    changes: changes.map(({ fact, value }) => ({ fact, value })),
    ...(varied && "pair" in varied && varied.pair && { varied: varied.pair }),
    expected: claim.expected,
    got: gotten,
    chain: chain.map(linkOf),
    cells,
    dates: datesOf(policy, pair),
    conclusions: claim.of.map((key) => ({
      name: policy.conclusions.get(key)?.name ?? key,
      ...(claim.settles !== undefined && { value: showConclusion(policy, key, claim.settles).zh }),
    })),
    smallest: found.smallest,
    ...(found.seed !== undefined && { seed: found.seed }),
  }
}

/** What people call a conclusion, in both languages. */
export const conclusionName = (policy: ResolvedPolicy, key: string): Bilingual => ({
  zh: policy.conclusions.get(key)?.name ?? key,
  en: policy.vocabulary.labelOf(key)?.en ?? key,
})

/** A value of a conclusion as people write it, in both languages. */
export const showConclusion = (policy: ResolvedPolicy, key: string, value: Value | undefined): Bilingual => {
  if (value === undefined) return { zh: "没有规则管", en: "no rule decides" }
  if (typeof value === "number") {
    const amount = showAmount(value, policy.conclusions.get(key)?.unit)
    return { zh: amount, en: amount }
  }
  return policy.vocabulary.labelOf(value, key) ?? { zh: value, en: value }
}

/** A fact and one of its atoms, in both languages. */
export const showFact = (policy: ResolvedPolicy, variable: Variable, atom: number) => {
  const own = variable.atoms[atom]
  const value = showValue(variable, atom)
  const label = own?.is === "value" ? policy.vocabulary.labelOf(own.key, variable.fact) : undefined
  return {
    fact: variable.name,
    value,
    factEn: policy.vocabulary.labelOf(variable.fact)?.en ?? variable.fact,
    valueEn: label?.en ?? (own?.is === "unknown" ? "unknown" : value),
  }
}

/** The facts of a case that are not as usual, in both languages. */
export const changedFacts = (policy: ResolvedPolicy, one: Case, but: number | undefined) =>
  policy.variables.flatMap((variable, at) => {
    const atom = one[at] ?? 0
    return at === but || showValue(variable, atom) === variable.typical
      ? []
      : [showFact(policy, variable, atom)]
  })

// internal

type Told = ReturnType<typeof showFact>

interface Side {
  readonly values: ReadonlyMap<string, Value>
  readonly chain: readonly Link[]
}

const sideOf = (claim: Claim, lane: number, base: Case): Side => {
  const { lanes, split } = claim.question
  const own = lanes[lane]
  if (!own) return { values: new Map(), chain: [] }
  const one = split === undefined ? base : base.with(split, own.atom ?? 0)
  const evaluation = evaluate(own.policy, own.tables, one)
  return { values: evaluation.values, chain: chainOf(evaluation, claim.of) }
}

const variedFact = (claim: Claim, variable: Variable | undefined, breach: Breach) => {
  const { lanes } = claim.question
  const policy = lanes[0]?.policy
  if (claim.between) return claim.between
  if (!variable || !policy) return undefined
  if (claim.question.completing !== undefined) {
    const factEn = policy.vocabulary.labelOf(variable.fact)?.en ?? variable.fact
    return { zh: `${variable.name} 未知`, en: `${factEn} unknown` }
  }
  const [from, to] = breach.map((lane) => showFact(policy, variable, lanes[lane]?.atom ?? 0))
  if (!from || !to) return undefined
  return {
    zh: `${variable.name} ${from.value}→${to.value}`,
    en: `${from.factEn} ${from.valueEn}→${to.valueEn}`,
    pair: { fact: variable.name, from: from.value, to: to.value },
  }
}

const gotOf = (policy: ResolvedPolicy, claim: Claim, sides: readonly Side[]): Bilingual => {
  const parts = claim.of.map((key) => {
    const shown = sides.map((side) => showConclusion(policy, key, side.values.get(key)))
    const name = policy.conclusions.get(key)?.name ?? key
    return {
      zh: `${name} ${shown.map(({ zh }) => zh).join("→")}`,
      en: `${policy.vocabulary.labelOf(key)?.en ?? key} ${shown.map(({ en }) => en).join("→")}`,
    }
  })
  return { zh: parts.map(({ zh }) => zh).join("、"), en: parts.map(({ en }) => en).join(", ") }
}

const storyOf = (
  claim: Claim,
  told: {
    readonly changes: readonly Told[]
    readonly varied: Bilingual | undefined
    readonly gotten: Bilingual
    readonly chain: readonly Link[]
    readonly cells: readonly Cell[]
    readonly dates: { readonly accepted: string; readonly step: string } | undefined
  },
): Bilingual => {
  const { changes, varied, gotten, chain, cells, dates } = told
  const zhCase =
    changes.length === 0
      ? "一切照典型情况,什么都不用改"
      : `照典型情况,只改 ${changes.map(({ fact, value }) => `${fact}=${value}`).join("、")}`
  const enCase =
    changes.length === 0
      ? "the typical case, nothing changed"
      : `the typical case but for ${changes.map(({ factEn, valueEn }) => `${factEn}=${valueEn}`).join(", ")}`
  const rules = chain.map(({ table, rule }) => `${table.name} ${rule.id}`).join(" → ")
  const clauses = distinct(chain.map(({ rule }) => rule.clause)).join(";")
  const look = cells.map(({ text, place }) => `${text}${place ? `(${place.line}:${place.column})` : ""}`)
  const zhDates = dates ? `(受理 ${dates.accepted},步骤 ${dates.step})` : ""
  const enDates = dates ? ` (accepted ${dates.accepted}, step ${dates.step})` : ""
  return {
    zh: `${zhCase}${varied ? `;${varied.zh}` : ""}${zhDates}:应为${claim.expected.zh},实为 ${gotten.zh}。规则:${rules || "没有"}(${clauses})。请看:${look.join(";")}`,
    en: `${enCase}${varied ? `; ${varied.en}` : ""}${enDates}: ${claim.expected.en}, got ${gotten.en}. Rules: ${rules || "none"} (${clauses}). Look at: ${look.join("; ")}`,
  }
}

const distinct = <T>(items: readonly T[]): T[] => {
  const seen = new Set<unknown>()
  return items.filter((item) => {
    const key =
      typeof item === "object" && item !== null && "rule" in item ? (item as { rule: unknown }).rule : item
    return seen.has(key) ? false : seen.add(key)
  })
}

const linkOf = ({ table, rule }: Link): ChainLink => ({
  table: table.name,
  rule: rule.id,
  clause: rule.clause,
})

/** Conclusion cells from the last rule back, their parameters, then conditions on the facts that were changed. */
const cellsOf = (
  { model, places }: Teller,
  claim: Claim,
  lastSide: readonly Link[],
  chain: readonly Link[],
  facts: readonly string[],
): Cell[] => {
  const cells: Cell[] = []
  const add = (text: string, at: object) => {
    const place: Place | undefined = places.get(at)
    if (!cells.some((cell) => cell.text === text)) cells.push({ text, ...(place && { place }) })
  }
  const wanted = new Set(claim.of)
  for (const { table, rule } of distinct([...lastSide.toReversed(), ...chain.toReversed()]))
    for (const [column, key] of table.conclusions.entries()) {
      const cell = rule.model.gives[column]
      if (!cell || !wanted.has(key)) continue
      add(`${table.name} ${rule.id}“${table.model.conclusions[column]?.name}”=${printConclusion(cell)}`, cell)
      for (const name of parametersOf(cell))
        for (const parameter of model.parameters)
          if (parameter.name === name) add(`参数“${name}”=${parameter.value}${parameter.unit}`, parameter)
    }
  for (const { table, rule } of chain)
    for (const [column, test] of rule.model.when.entries()) {
      const name = table.model.conditions[column]?.name ?? ""
      if (!test.any && facts.includes(name)) add(`${table.name} ${rule.id}“${name}”=${printTest(test)}`, test)
    }
  return cells.slice(0, mostCells)
}

const mostCells = 6

const parametersOf = (cell: Conclusion): string[] =>
  (cell.is === "value" ? [cell.of] : cell.of).flatMap((operand) =>
    operand.is === "parameter" ? [operand.name] : [],
  )
