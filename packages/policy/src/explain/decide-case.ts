/**
 * One case decided under a policy and told: what comes out, by which rules and clauses, under which version, or what
 * is still missing.
 *
 * Facts are given in the document's words or by their keys. What is left out is unknown, or typical where the
 * caller says so. What it does not do: it guesses nothing; what is still missing is named.
 */
import type { DecisionDates, DecisionName, FactKey, Facts } from "@yingshao/core/decisions"
import type { CompiledPolicy } from "../compile.ts"
import { type Bilingual, didYouMean } from "../finding.ts"
import { decisionNames, keysOf, timingOf } from "../needs.ts"
import { conclusionName, showConclusion } from "../properties/tell.ts"
import { PolicyMisuse } from "../reader.ts"
import type { Variable } from "../resolved.ts"

/** `事件类别` and `火情`, or `category` and `fire`; `未知` and `unknown` say that nobody knows. */
export interface GivenFact {
  readonly name: string
  readonly value: string
}

export type ReadFacts =
  | { readonly ok: true; readonly facts: Partial<Facts> }
  | { readonly ok: false; readonly problems: readonly Bilingual[] }

/**
 * Facts of one case.
 *
 * @param rest what a fact that is not given is: `unknown`, or `typical` as in the document's examples.
 */
export const readFacts = (
  policy: CompiledPolicy,
  given: readonly GivenFact[],
  rest: "unknown" | "typical",
): ReadFacts => {
  const { variables } = policy.resolved
  const facts = new Map<FactKey, string | number>()
  const problems: Bilingual[] = []
  if (rest === "typical") {
    for (const variable of variables) {
      const typical = readValue(variable, variable.typical)
      if (typical !== undefined) facts.set(variable.fact, typical)
    }
  }
  for (const { name, value } of given) {
    const variable = variables.find((one) => one.name === name || one.fact === name)
    if (variable === undefined) {
      const near = didYouMean(
        name,
        variables.flatMap((one) => [one.name, one.fact]),
      )
      problems.push({
        zh: `没有“${name}”这个事实${near === undefined ? "" : `;${near.zh}`}`,
        en: `"${name}" is not a fact${near === undefined ? "" : `; ${near.en}`}`,
      })
      continue
    }
    const read = readValue(variable, value)
    if (read === undefined) {
      const words = wordsOf(variable)
      problems.push({
        zh: `“${variable.name}”没有“${value}”这个取值;可用:${words.join("、")}`,
        en: `"${variable.fact}" has no value "${value}"; known: ${words.join(", ")}`,
      })
    } else facts.set(variable.fact, read)
  }
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, facts: Object.fromEntries(facts) as Partial<Facts> }
}

export interface ToldDecision {
  readonly decision: DecisionName
  /** Whose rules were taken; `step` for a right only where they are better for the person. */
  readonly timing: "accepted" | "step"
  /** The version whose tables were used, by its first day. */
  readonly version: { readonly number: number; readonly from: string }
  readonly outcome:
    | { readonly is: "decided"; readonly conclusions: readonly ToldConclusion[] }
    /** These facts still matter. */
    | { readonly is: "pending"; readonly missing: readonly Bilingual[] }
    /** The case cannot happen, or no rule answers it. */
    | { readonly is: "cannot-be-asked"; readonly because: string }
  /** Rules in the order of use, with what the row says. */
  readonly rules: readonly {
    readonly table: string
    readonly rule: string
    readonly clause: string
    readonly note: string
  }[]
}

export interface ToldConclusion {
  readonly key: string
  readonly name: Bilingual
  readonly value: Bilingual
}

/**
 * Every decision, or some, for one case.
 *
 * @example decideCase(policy, facts, { accepted: "2026-03-01", step: "2026-03-01" }, ["triage"])
 *   // => [{ decision: "triage", outcome: { is: "decided", … }, rules: [{ table: "分级", rule: "级1", … }] }]
 */
export const decideCase = (
  policy: CompiledPolicy,
  facts: Partial<Facts>,
  dates: DecisionDates,
  only: readonly DecisionName[] = decisionNames(),
): readonly ToldDecision[] =>
  only.map((decision) => {
    const told = (timing: "accepted" | "step") => {
      const version = policy.resolved.versions.findLast(({ from }) => from <= dates[timing])
      return { decision, timing, version: { number: version?.number ?? 0, from: version?.from ?? "" } }
    }
    try {
      const shared = told(policy.versionTaken(decision, facts, dates))
      const outcome = policy.decide(decision, facts, dates)
      const rules = outcome.because.rules.map((fired) => ({ ...fired, note: noteOf(policy, fired) }))
      if (outcome.status === "pending") {
        const missing = outcome.missing.map((key) => factName(policy, key))
        return { ...shared, rules, outcome: { is: "pending", missing } }
      }
      const values = outcome.conclusions as Readonly<Record<string, string | number>>
      const conclusions = keysOf(decision).map((key) => ({
        key,
        name: conclusionName(policy.resolved, key),
        value: showConclusion(policy.resolved, key, values[key]),
      }))
      return { ...shared, rules, outcome: { is: "decided", conclusions } }
    } catch (error) {
      if (!(error instanceof PolicyMisuse)) throw error
      return {
        ...told(timingOf(decision)),
        rules: [],
        outcome: { is: "cannot-be-asked", because: error.message },
      }
    }
  })

// internal

const factName = (policy: CompiledPolicy, key: FactKey): Bilingual => ({
  zh: policy.resolved.variables.find(({ fact }) => fact === key)?.name ?? key,
  en: policy.label(key, "en"),
})

const wordsOf = (variable: Variable): readonly string[] =>
  variable.atoms.map((atom) => {
    if (atom.is === "unknown") return "未知"
    if (atom.is === "value") return atom.zh
    return `${atom.low}..${atom.high}`
  })

const readValue = (variable: Variable, word: string): string | number | undefined => {
  if (word === "未知" || word === "unknown") return variable.unknown === "refused" ? undefined : "unknown"
  for (const atom of variable.atoms) {
    if (atom.is === "value" && (atom.zh === word || atom.key === word)) return atom.key
    if (
      atom.is === "span" &&
      /^\d{1,9}$/.test(word) &&
      atom.low <= Number(word) &&
      Number(word) <= atom.high
    ) {
      return Number(word)
    }
  }
  return undefined
}

const noteOf = (policy: CompiledPolicy, fired: { readonly table: string; readonly rule: string }): string =>
  policy.model.tables
    .filter(({ name }) => name === fired.table)
    .flatMap(({ rules }) => rules)
    .find(({ id }) => id === fired.rule)?.note ?? ""
