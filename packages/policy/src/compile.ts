/**
 * From a resolved policy to the interface that core asks decisions of.
 *
 * Diagrams are built once for each decision and pair of versions; a call looks a complete case up in a table and walks
 * down a diagram for the others. Order of rows never matters, because matching rules are settled when the diagram is
 * built. Where a later version says 从旧兼从优, both are asked and core says which one is better for the person.
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
import { type Answering, betterOutcome, hasBetterVersion } from "@yingshao/core/programme/better-version"
import { answerIn } from "./answer-table.ts"
import { betterPairOf, tablesBehind, type VersionPair } from "./cases/in-force.ts"
import { compose } from "./compose.ts"
import type { PolicyModel } from "./model.ts"
import { decisionNames, isDecisionName, isFactKey, keysOf, timingOf } from "./needs.ts"
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
  /**
   * One decision found once and asked many times, as a statement is prepared: a tenth quicker than by its name.
   *
   * @throws PolicyMisuse `unknown-value` for a name that is no decision.
   * @example policy.prepared("reward").bare(facts, dates)?.rewardForm // => "cash"
   */
  prepared<D extends DecisionName>(decision: D): PreparedDecision<D>
  /** Any conclusions of the document by key, also helpers that core does not know. */
  conclude(keys: readonly string[], facts: Partial<Facts>, dates: DecisionDates): Answer | Pending
  /** Whose rules a decision takes: as declared, or under 从旧兼从优 those that are better for the person. */
  versionTaken(decision: DecisionName, facts: Partial<Facts>, dates: DecisionDates): "accepted" | "step"
  /** A label as it is used under the fact or conclusion `of`: `label("none", "zh", "rewardForm")`. */
  label(key: string, language: "zh" | "en", of?: string): string
}

/** One decision, found already. Both throw what `decide` and `decideBare` throw. */
export interface PreparedDecision<D extends DecisionName> {
  decide(facts: Partial<Facts>, dates: DecisionDates): Outcome<Conclusions<D>>
  bare(facts: Partial<Facts>, dates: DecisionDates): Conclusions<D> | undefined
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
  const versionPairs = new Map<number, Prepared>()

  /** All decisions under one pair of versions, at their places in `names`. */
  const prepare = (accepted: number, step: number): Prepared => {
    const pair = accepted * resolved.versions.length + step
    const known = versionPairs.get(pair)
    if (known) return known
    const runnersFor = (of: VersionPair) =>
      names.words.map((name) => (isDecisionName(name) ? make(keysOf(name), of, budget) : undefined))
    const better = betterPairOf(resolved, { accepted, step })
    const made = {
      runners: runnersFor({ accepted, step }),
      better: better === undefined ? undefined : runnersFor(better),
    }
    versionPairs.set(pair, made)
    return made
  }

  let current = prepare(0, 0)
  let accepted = resolved.effectiveFrom
  let step = resolved.effectiveFrom
  const turnTo = (dates: DecisionDates): void => {
    if (dates.accepted !== accepted || dates.step !== step) {
      current = prepare(versionOf(dates.accepted), versionOf(dates.step))
      accepted = dates.accepted
      step = dates.step
    }
  }
  const placeOfDecision = (decision: DecisionName): number => {
    const place = placeOf(names, decision)
    if (place >= 0) return place
    throw new PolicyMisuse("unknown-value", `unknown decision "${decision}"`)
  }
  const outcomeAt = <D extends DecisionName>(runners: Runners, place: number, facts: Partial<Facts>) => {
    const runner = runners[place] as Runner
    const answer = answerIn(runner.table, facts)
    return (answer?.outcome ?? outcomeOf(runner, facts, source.digest)) as Outcome<Conclusions<D>>
  }
  const outcomeWith = <D extends DecisionName>(runners: Runners, decision: D, facts: Partial<Facts>) =>
    outcomeAt<D>(runners, placeOfDecision(decision), facts)
  const better = <D extends DecisionName>(
    { runners, better: later }: Prepared,
    decision: D,
    facts: Partial<Facts>,
  ): Outcome<Conclusions<D>> => {
    const old: Answering = (asked) => outcomeWith(runners, asked, facts)
    const now: Answering = (asked) => outcomeWith(later ?? runners, asked, facts)
    return betterOutcome(decision, old, now)
  }
  for (const version of resolved.versions.keys()) prepare(version, version)

  const preparing = <D extends DecisionName>(decision: D): PreparedDecision<D> => {
    const place = placeOfDecision(decision)
    const maybeBetter = hasBetterVersion(decision)
    return {
      decide(facts, dates) {
        turnTo(dates)
        if (maybeBetter && current.better !== undefined) return better(current, decision, facts)
        return outcomeAt<D>(current.runners, place, facts)
      },
      bare(facts, dates) {
        turnTo(dates)
        if (maybeBetter && current.better !== undefined) {
          const outcome = better(current, decision, facts)
          return outcome.status === "decided" ? outcome.conclusions : undefined
        }
        const runner = current.runners[place] as Runner
        const answer = answerIn(runner.table, facts)
        return (answer?.values ?? valuesOf(runner, facts)) as Conclusions<D> | undefined
      },
    }
  }
  /** At their places in `names`. */
  const all = names.words.map((name) => (isDecisionName(name) ? preparing(name) : undefined))
  const prepared = <D extends DecisionName>(decision: D): PreparedDecision<D> =>
    all[placeOfDecision(decision)] as PreparedDecision<D>

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
    decide: (decision, facts, dates) => prepared(decision).decide(facts, dates),
    decideBare: (decision, facts, dates) => prepared(decision).bare(facts, dates),
    prepared,
    conclude: (keys, facts, dates) =>
      runnerOf(keys, { accepted: versionOf(dates.accepted), step: versionOf(dates.step) }).complete(facts),
    takesBetter: (decision, on) => takesBetter(resolved, versionOf(on), decision),
    versionTaken(decision, facts, dates) {
      if (timingOf(decision) === "step") return "step"
      turnTo(dates)
      if (current.better === undefined || !hasBetterVersion(decision)) return "accepted"
      const taken = better(current, decision, facts)
      return isSame(taken, outcomeWith(current.runners, decision, facts)) ? "accepted" : "step"
    },
    label: labelOf,
    revive: source.revive,
  }
}

// internal

/** Of all decisions, at their places in the list of names. */
type Runners = readonly (Runner | undefined)[]

interface Prepared {
  readonly runners: Runners
  /** With the tables that say 从旧兼从优 as at the step, where that is a difference. */
  readonly better: Runners | undefined
}

/** Does every table that gives the decision say 从旧兼从优? */
const takesBetter = (resolved: ResolvedPolicy, version: number, decision: DecisionName): boolean => {
  const keys = keysOf(decision)
  const giving = tablesBehind(resolved.versions[version]?.tables ?? [], keys).filter(({ conclusions }) =>
    conclusions.some((key) => keys.includes(key)),
  )
  return hasBetterVersion(decision) && giving.every((table) => table.better)
}

const isSame = (one: Outcome<object>, other: Outcome<object>): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other)

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

type RunnerMaker = (keys: readonly string[], pair: VersionPair, budget: TableBudget) => Runner

const runnerMaker =
  (resolved: ResolvedPolicy, readers: readonly FactReader[], digest: string): RunnerMaker =>
  (keys, pair, budget) =>
    createRunner(resolved, compose(resolved, pair, keys), keys, readers, digest, budget)

/** Runners for conclusions that are asked now and then: without tables. */
const runnerCache = (make: RunnerMaker) => {
  const runners = new Map<string, Runner>()
  return (keys: readonly string[], pair: VersionPair): Runner => {
    const name = [pair.accepted, pair.step, ...keys].join("\n")
    const runner = runners.get(name) ?? make(keys, pair, { left: 0 })
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
