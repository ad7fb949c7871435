/**
 * From a resolved policy to the interface that core asks decisions of.
 *
 * Diagrams are built once for each decision and pair of versions; a call looks a complete case up in a table and walks down a diagram for the others. Order of
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
import { answerIn } from "./answer-table.ts"
import { compose } from "./compose.ts"
import type { PolicyModel } from "./model.ts"
import { decisionNames, isDecisionName, isFactKey, keysOf } from "./needs.ts"
import { type FactReader, factReader, PolicyMisuse } from "./reader.ts"
import type { ResolvedPolicy, Value } from "./resolved.ts"
import { type Answer, createRunner, type Pending, type Runner } from "./runner.ts"
import { createTableBudget, type TableBudget } from "./tabulate.ts"
import { walk } from "./walker.ts"
import { createWordList, placeOf } from "./word-list.ts"

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
  conclude(keys: readonly string[], facts: Partial<Facts>, dates: DecisionDates): Answer | Pending
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
  const make = runnerMaker(resolved, readers, source.digest)
  const runnerOf = runnerCache(make)
  const budget = createTableBudget()
  const versionOf = versionFinder(resolved)
  const names = createWordList(decisionNames())
  const prepared = new Map<number, Prepared>()

  /** All decisions under one pair of versions, at their places in `names`. */
  const prepare = (accepted: number, step: number): Prepared => {
    const pair = accepted * resolved.versions.length + step
    const known = prepared.get(pair)
    if (known) return known
    const made = names.words.map((name) =>
      isDecisionName(name) ? make(keysOf(name), accepted, step, budget) : undefined,
    )
    prepared.set(pair, made)
    return made
  }

  let current = prepare(0, 0)
  let accepted = resolved.effectiveFrom
  let step = resolved.effectiveFrom
  const find = (decision: DecisionName, dates: DecisionDates): Runner => {
    if (dates.accepted !== accepted || dates.step !== step) {
      current = prepare(versionOf(dates.accepted), versionOf(dates.step))
      accepted = dates.accepted
      step = dates.step
    }
    const found = current[placeOf(names, decision)]
    if (found) return found
    throw new PolicyMisuse("unknown-value", `unknown decision "${decision}"`)
  }
  for (const version of resolved.versions.keys()) prepare(version, version)

  const labelOf = (key: string, language: "zh" | "en", of?: string) =>
    resolved.vocabulary.labelOf(key, of)?.[language] ?? key

  return {
    id: resolved.id,
    digest: source.digest,
    canonical: source.canonical,
    effectiveFrom: resolved.effectiveFrom,
    timeZone: resolved.timeZone,
    levels: wordsOf(resolved, "level"),
    categories: wordsOf(resolved, "category"),
    negativeList: wordsOf(resolved, "negative").filter((key) => key !== "none"),
    model: source.model,
    resolved,
    versionStarts: resolved.versions.map((version) => version.from),
    knows: (fact, value) => isFactKey(fact) && (byFact.get(fact)?.knows(value) ?? false),
    decide<D extends DecisionName>(decision: D, facts: Partial<Facts>, dates: DecisionDates) {
      const runner = find(decision, dates)
      const answer = answerIn(runner.table, facts)
      return (answer?.outcome ?? outcomeOf(runner, facts, source.digest)) as Outcome<Conclusions<D>>
    },
    decideBare<D extends DecisionName>(decision: D, facts: Partial<Facts>, dates: DecisionDates) {
      const runner = find(decision, dates)
      const answer = answerIn(runner.table, facts)
      return (answer?.values ?? valuesOf(runner, facts)) as Conclusions<D> | undefined
    },
    conclude: (keys, facts, dates) =>
      runnerOf(keys, versionOf(dates.accepted), versionOf(dates.step)).complete(facts),
    label: labelOf,
    revive: source.revive,
  }
}

// internal

type Prepared = readonly (Runner | undefined)[]

const wordsOf = (resolved: ResolvedPolicy, fact: FactKey): string[] =>
  (resolved.variables.find((variable) => variable.fact === fact)?.atoms ?? []).flatMap((atom) =>
    atom.is === "value" ? [atom.key] : [],
  )

/** The version in force on a date. */
const versionFinder = (resolved: ResolvedPolicy): ((date: string) => number) => {
  const starts = resolved.versions.map((version) => version.from)
  return (date) => {
    const version = starts.findLastIndex((start) => start <= date)
    if (version >= 0) return version
    throw new PolicyMisuse("before-start", `the policy applies from ${starts[0]}, asked for ${date}`)
  }
}

type RunnerMaker = (keys: readonly string[], accepted: number, step: number, budget: TableBudget) => Runner

const runnerMaker =
  (resolved: ResolvedPolicy, readers: readonly FactReader[], digest: string): RunnerMaker =>
  (keys, accepted, step, budget) =>
    createRunner(resolved, compose(resolved, accepted, step, keys), keys, readers, digest, budget)

/** Runners for conclusions that are asked now and then: without tables. */
const runnerCache = (make: RunnerMaker) => {
  const runners = new Map<string, Runner>()
  return (keys: readonly string[], accepted: number, step: number): Runner => {
    const name = [accepted, step, ...keys].join("\n")
    const runner = runners.get(name) ?? make(keys, accepted, step, { left: 0 })
    runners.set(name, runner)
    return runner
  }
}

/** The answer that the diagram leads to, or what all completions of the unknown facts come to. */
const walked = (runner: Runner, facts: Partial<Facts>): Answer | Pending => {
  const at = runner.way ? walk(runner.way.walk, facts) : -1
  const answer = at < 0 ? undefined : runner.way?.answers[at]
  return answer?.outcome === undefined ? runner.complete(facts) : answer
}

const valuesOf = (runner: Runner, facts: Partial<Facts>): Answer["values"] => {
  const answer = walked(runner, facts)
  return "values" in answer ? answer.values : undefined
}

const outcomeOf = (
  runner: Runner,
  facts: Partial<Facts>,
  digest: string,
): Outcome<{ readonly [key: string]: Value }> => {
  const answer = walked(runner, facts)
  if ("values" in answer && answer.outcome) return answer.outcome
  return {
    status: "pending",
    missing: "missing" in answer ? answer.missing : [],
    because: { policy: digest, rules: [...answer.rules] },
  }
}
