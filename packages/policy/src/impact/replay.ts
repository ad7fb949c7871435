/**
 * A history replayed under two policies: for every report less, more, the same, or nobody can tell.
 *
 * Each policy is asked as its last version stands, whatever the date of the report: the question is what these rules
 * would have given. Caps and budgets are not applied; the amounts are what the rules award. What it does not do: it
 * gives out no handle of a person; handles only count people.
 */
import type { DecisionDates, Facts } from "@yingshao/core/decisions"
import type { CompiledPolicy } from "../compile.ts"
import type { Bilingual } from "../finding.ts"
import { PolicyMisuse } from "../reader.ts"
import type { PastCase } from "./read-past-case.ts"

/** What one report earns: cash in fen, or points; both 0 where there is no reward. */
export interface Award {
  readonly cashFen: number
  readonly points: number
}

export const effects = ["less", "more", "same", "cannot-tell"] as const
/** For the reporter. Cash is better than points, points better than nothing. */
export type Effect = (typeof effects)[number]

/** Sums over reports; those that nobody can tell are counted and not summed. */
export interface EffectSums {
  readonly reports: number
  readonly cashFen: readonly [before: number, after: number]
  readonly points: readonly [before: number, after: number]
}

/** Of all reports, or of those that are alike in one fact. */
export interface Tally {
  readonly byEffect: Readonly<Record<Effect, EffectSums>>
  /** People by what happened to their reports; empty where the history has no handles. */
  readonly people: Readonly<Record<PersonEffect, number>>
  /** People who have a report with this effect; one person can have several. */
  readonly met: Readonly<Record<Effect, number>>
}

/** `mixed`: less for some of their reports, more for others. One report that nobody can tell makes it `cannot-tell`. */
export type PersonEffect = Effect | "mixed"

/** What one report comes to under both; `undefined` where that policy leaves it open. */
export interface ReplayedCase {
  readonly effect: Effect
  readonly before: Award | undefined
  readonly after: Award | undefined
}

export type Replayed =
  | ({ readonly ok: true } & ReplayedCase)
  /** The case cannot happen, or no rule answers it. */
  | { readonly ok: false; readonly why: Bilingual }

/** @example replayCase(before, after, past) // => { ok: true, effect: "less", before: { cashFen: 15000, points: 0 }, … } */
export const replayCase = (before: CompiledPolicy, after: CompiledPolicy, past: PastCase): Replayed => {
  try {
    const [old, now] = [awardUnder(before, past.before), awardUnder(after, past.after)]
    return { ok: true, effect: effectOf(old, now), before: old, after: now }
  } catch (error) {
    if (!(error instanceof PolicyMisuse)) throw error
    return { ok: false, why: misuses[error.reason] }
  }
}

/** Adds up replayed reports, all together and by the values of one fact. */
export interface Tallying {
  add(past: PastCase, replayed: ReplayedCase): void
  all(): Tally
  /** By the key of the value, `unknown` where the history does not say. */
  groups(): ReadonlyMap<string, Tally>
  /** Tallies of several groups taken together, people counted once. */
  together(groups: readonly string[]): Tally
}

/** @param by a key of a fact. */
export const tallying = (by: keyof Facts): Tallying => {
  const groups = new Map<string, Gathered>()
  return {
    add(past, replayed) {
      const value = String(past.before[by] ?? past.after[by] ?? "unknown")
      const group = groups.get(value) ?? gathered()
      groups.set(value, group)
      gather(group, past.person, replayed)
    },
    all: () => tallyOf([...groups.values()]),
    groups: () => new Map([...groups].map(([value, group]) => [value, tallyOf([group])])),
    together: (names) => tallyOf(names.flatMap((name) => groups.get(name) ?? [])),
  }
}

/** The dates that stand for a policy as its last version says. */
export const lastDates = (policy: CompiledPolicy): DecisionDates => {
  const last = policy.versionStarts.at(-1) ?? policy.effectiveFrom
  return { accepted: last, step: last }
}

// internal

const misuses: Readonly<Record<PolicyMisuse["reason"], Bilingual>> = {
  "unknown-value": { zh: "有一个取值不在规则文件里", en: "a value is not in the document" },
  "before-start": { zh: "日期早于施行日期", en: "the date is before the policy starts" },
  "impossible-case": {
    zh: "规则文件说这种情形不会发生",
    en: "the document says that such a case cannot happen",
  },
  "no-answer": { zh: "没有规则回答这种情形", en: "no rule answers such a case" },
}

const awardUnder = (policy: CompiledPolicy, facts: Partial<Facts>): Award | undefined => {
  const dates = lastDates(policy)
  switch (policy.decideBare("reward", facts, dates)?.rewardForm) {
    case "cash": {
      const award = policy.decideBare("cashAward", facts, dates)
      return award && { cashFen: award.cash, points: 0 }
    }
    case "points": {
      const award = policy.decideBare("pointsAward", facts, dates)
      return award && { cashFen: 0, points: award.points }
    }
    case "none":
      return { cashFen: 0, points: 0 }
    // Not verified far enough: what it will come to is open.
    case "unverified":
    case undefined:
      return undefined
  }
}

const effectOf = (before: Award | undefined, after: Award | undefined): Effect => {
  if (before === undefined || after === undefined) return "cannot-tell"
  const change = Math.sign(after.cashFen - before.cashFen) || Math.sign(after.points - before.points)
  return change < 0 ? "less" : change > 0 ? "more" : "same"
}

interface Sums {
  reports: number
  readonly cashFen: [number, number]
  readonly points: [number, number]
}

interface Gathered {
  readonly sums: Readonly<Record<Effect, Sums>>
  /** One bit for each effect that a person met. */
  readonly people: Map<string, number>
}

const emptySums = (): Sums => ({ reports: 0, cashFen: [0, 0], points: [0, 0] })

const sumsByEffect = (): Record<Effect, Sums> => ({
  less: emptySums(),
  more: emptySums(),
  same: emptySums(),
  "cannot-tell": emptySums(),
})

const gathered = (): Gathered => ({ sums: sumsByEffect(), people: new Map() })

const gather = ({ sums, people }: Gathered, person: string | undefined, replayed: ReplayedCase): void => {
  const { effect, before, after } = replayed
  const sum = sums[effect]
  sum.reports += 1
  if (before !== undefined && after !== undefined) {
    sum.cashFen[0] += before.cashFen
    sum.cashFen[1] += after.cashFen
    sum.points[0] += before.points
    sum.points[1] += after.points
  }
  if (person === undefined) return
  const met = people.get(person) ?? 0
  if ((met | bitOf[effect]) !== met) people.set(person, met | bitOf[effect])
}

const bitOf: Readonly<Record<Effect, number>> = { less: 1, more: 2, same: 4, "cannot-tell": 8 }

const personEffect = (bits: number): PersonEffect => {
  if ((bits & bitOf["cannot-tell"]) !== 0) return "cannot-tell"
  if ((bits & bitOf.less) !== 0) return (bits & bitOf.more) !== 0 ? "mixed" : "less"
  return (bits & bitOf.more) !== 0 ? "more" : "same"
}

const tallyOf = (parts: readonly Gathered[]): Tally => {
  const byEffect = sumsByEffect()
  const bits = new Map<string, number>()
  for (const { sums, people } of parts) {
    for (const effect of effects) {
      const [into, from] = [byEffect[effect], sums[effect]]
      into.reports += from.reports
      for (const at of [0, 1] as const) {
        into.cashFen[at] += from.cashFen[at]
        into.points[at] += from.points[at]
      }
    }
    for (const [person, one] of people) bits.set(person, (bits.get(person) ?? 0) | one)
  }
  const people: Record<PersonEffect, number> = { less: 0, more: 0, same: 0, mixed: 0, "cannot-tell": 0 }
  const met: Record<Effect, number> = { less: 0, more: 0, same: 0, "cannot-tell": 0 }
  for (const one of bits.values()) {
    people[personEffect(one)] += 1
    for (const effect of effects) if ((one & bitOf[effect]) !== 0) met[effect] += 1
  }
  return { byEffect, people, met }
}
