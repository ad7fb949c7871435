/**
 * From a resolved policy to the interface that core asks decisions of.
 *
 * Diagrams are built once for each decision and pair of versions; a call is a walk down one diagram. Order of
 * rows never matters, because matching rules are settled when the diagram is built.
 */
import type {
  Conclusions,
  DecisionDates,
  DecisionName,
  FactKey,
  Facts,
  Outcome,
  Policy,
} from "@yingshao/core/decisions"
import { type Composition, compose } from "./compose.ts"
import { isFactKey, keysOf, decisionNames } from "./needs.ts"
import type { PolicyModel } from "./model.ts"
import { factReader, PolicyMisuse } from "./reader.ts"
import type { ResolvedPolicy, Value } from "./resolved.ts"
import { type Answer, createRunner, type Pending, type Runner } from "./runner.ts"

/** A compiled policy, with what the policy's own tools need besides what core needs. */
export interface CompiledPolicy extends Policy {
  readonly model: PolicyModel
  readonly resolved: ResolvedPolicy
  /** First dates of the versions of the rules, ascending. */
  readonly versionStarts: readonly string[]
  /**
   * The conclusions alone, or undefined when the decision is pending. Does not build an explanation; the
   * object is frozen and shared.
   */
  decideBare<D extends DecisionName>(
    decision: D,
    facts: Partial<Facts>,
    dates: DecisionDates,
  ): Conclusions<D> | undefined
  /** Any conclusions of the document by key, also helpers that core does not know. */
  conclude(
    keys: readonly string[],
    facts: Partial<Facts>,
    dates: DecisionDates,
  ): Answer | Pending
  /** A label as it is used under the fact or conclusion `of`: `label("none", "zh", "rewardForm")`. */
  label(key: string, language: "zh" | "en", of?: string): string
}

/** Identity of the text that a policy was compiled from. */
export interface Source {
  readonly model: PolicyModel
  readonly canonical: string
  readonly digest: string
  readonly revive: (canonical: string) => CompiledPolicy
}

/** @throws TooLarge from `prepare` when the rules are too many to go through. */
export const compile = (resolved: ResolvedPolicy, source: Source): CompiledPolicy => {
  const readers = resolved.variables.map(factReader)
  const byFact = new Map(readers.map((reader) => [reader.variable.fact, reader]))
  const runnerOf = runnerCache(resolved, readers)
  const versionOf = versionFinder(resolved)
  const names = decisionNames()
  const prepared = new Map(names.map((name) => [name, decisionCache(source.digest)]))

  const find = (decision: DecisionName, dates: DecisionDates): PreparedDecision => {
    const cache = prepared.get(decision)
    const accepted = versionOf(dates.accepted)
    const step = versionOf(dates.step)
    const known = cache?.at(accepted, step)
    if (known) return known
    const runner = runnerOf(decision, keysOf(decision), accepted, step)
    if (!cache) throw new PolicyMisuse("unknown-value", `unknown decision "${decision}"`)
    return cache.set(accepted, step, runner)
  }
  for (let version = 0; version < resolved.versions.length; version++)
    for (const name of names) {
      const from = resolved.versions[version]?.from ?? ""
      find(name, { accepted: from, step: from })
    }

  const labelOf = (key: string, language: "zh" | "en", of?: string) =>
    resolved.vocabulary.labelOf(key, of)?.[language] ?? key

  return {
    id: resolved.id,
    digest: source.digest,
    canonical: source.canonical,
    effectiveFrom: resolved.effectiveFrom,
    timeZone: resolved.timeZone,
    levels: valuesOf(resolved, "level"),
    categories: valuesOf(resolved, "category"),
    negativeList: valuesOf(resolved, "negative").filter((key) => key !== "none"),
    model: source.model,
    resolved,
    versionStarts: resolved.versions.map((version) => version.from),
    knows: (fact, value) => isFactKey(fact) && (byFact.get(fact)?.knows(value) ?? false),
    decide<D extends DecisionName>(decision: D, facts: Partial<Facts>, dates: DecisionDates) {
      return find(decision, dates).decide(facts) as Outcome<Conclusions<D>>
    },
    decideBare<D extends DecisionName>(decision: D, facts: Partial<Facts>, dates: DecisionDates) {
      return find(decision, dates).bare(facts) as Conclusions<D> | undefined
    },
    conclude(keys, facts, dates) {
      const runner = runnerOf(keys.join("\n"), keys, versionOf(dates.accepted), versionOf(dates.step))
      return runner.run(facts) ?? runner.complete(facts)
    },
    label: labelOf,
    revive: source.revive,
  }
}

// internal

const valuesOf = (resolved: ResolvedPolicy, fact: FactKey): string[] =>
  (resolved.variables.find((variable) => variable.fact === fact)?.atoms ?? []).flatMap((atom) =>
    atom.is === "value" ? [atom.key] : [],
  )

/** The version in force on a date. Remembers the last date, because dates repeat. */
const versionFinder = (resolved: ResolvedPolicy): ((date: string) => number) => {
  const starts = resolved.versions.map((version) => version.from)
  let lastDate = ""
  let lastVersion = 0
  return (date) => {
    if (date === lastDate) return lastVersion
    const version = starts.findLastIndex((start) => start <= date)
    if (version < 0)
      throw new PolicyMisuse("before-start", `the policy applies from ${starts[0]}, asked for ${date}`)
    lastDate = date
    lastVersion = version
    return version
  }
}

const runnerCache = (resolved: ResolvedPolicy, readers: Parameters<typeof createRunner>[3]) => {
  const compositions = new Map<string, Composition>()
  const runners = new Map<string, Runner>()
  return (name: string, keys: readonly string[], accepted: number, step: number): Runner => {
    const pair = `${accepted},${step}`
    const known = runners.get(`${pair},${name}`)
    if (known) return known
    const composition = compositions.get(pair) ?? compose(resolved, accepted, step)
    compositions.set(pair, composition)
    const runner = createRunner(resolved, composition, keys, readers)
    runners.set(`${pair},${name}`, runner)
    return runner
  }
}

type Decided = Outcome<{ readonly [key: string]: Value }>

interface PreparedDecision {
  readonly decide: (facts: Partial<Facts>) => Decided
  readonly bare: (facts: Partial<Facts>) => { readonly [key: string]: Value } | undefined
}

/** The prepared decisions of one name by pair of versions, with the answers wrapped as outcomes once. */
const decisionCache = (digest: string) => {
  const table: PreparedDecision[][] = []
  return {
    at: (accepted: number, step: number): PreparedDecision | undefined => table[accepted]?.[step],
    set(accepted: number, step: number, runner: Runner): PreparedDecision {
      const made = prepareDecision(digest, runner)
      const row = table[accepted] ?? []
      row[step] = made
      table[accepted] = row
      return made
    },
  }
}

const prepareDecision = (digest: string, runner: Runner): PreparedDecision => {
  const wrapped = new WeakMap<Answer, Decided>()
  const wrap = (answer: Answer): Decided => {
    const known = wrapped.get(answer)
    if (known) return known
    const made: Decided = Object.freeze({
      status: "decided",
      conclusions: answer.values ?? {},
      because: Object.freeze({ policy: digest, rules: [...answer.rules] }),
    })
    wrapped.set(answer, made)
    return made
  }
  const complete = (facts: Partial<Facts>): Decided => {
    const result = runner.complete(facts)
    if ("values" in result) return wrap(result)
    return {
      status: "pending",
      missing: result.missing,
      because: { policy: digest, rules: [...result.rules] },
    }
  }
  return {
    decide: (facts) => {
      const answer = runner.run(facts)
      return answer ? wrap(answer) : complete(facts)
    },
    bare: (facts) => {
      const answer = runner.run(facts)
      if (answer) return answer.values
      const result = runner.complete(facts)
      return "values" in result ? result.values : undefined
    },
  }
}
