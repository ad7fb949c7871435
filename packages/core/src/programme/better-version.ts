/**
 * 从旧兼从优: a right follows the rules in force at acceptance, unless those in force at the step are better for the
 * person.
 *
 * A right is taken whole from the one or the other, never mixed: form, tier, cash and points of a reward go together.
 * Where nobody can say which is better, the rules at acceptance stay. What it does not do: it says nothing about
 * procedure, which follows the step anyway, nor about classification, which is neither better nor worse.
 */
import type { Conclusions, DecisionName, FactKey, Outcome } from "../decisions.ts"

/** What a set of rules answers to one case, decision by decision. */
export type Answering = <D extends DecisionName>(decision: D) => Outcome<Conclusions<D>>

/** Conclusions by key; those that were not asked for are missing. */
export type Concluded = { readonly [key: string]: string | number | undefined }

/** For the person: `neither` where both are alike or no order is known. */
export type Comparison = "better" | "worse" | "neither"

/** May a document take the better version for this decision? */
export const hasBetterVersion = (decision: DecisionName): boolean => rightOf(decision) !== undefined

/** Keys of the conclusions by which the better version of a decision is told; empty where there is none. */
export const keysCompared = (decision: DecisionName): readonly string[] => {
  const right = rightOf(decision)
  return right === undefined ? [] : rightKeys[right]
}

/**
 * Is the right to which a decision belongs better for the person under the second conclusions?
 *
 * @example isBetterFor("cashAward", { rewardForm: "cash", cash: 5000 }, { rewardForm: "cash", cash: 10000 }) // => true
 */
export const isBetterFor = (decision: DecisionName, before: Concluded, after: Concluded): boolean => {
  const right = rightOf(decision)
  if (right === undefined) return false
  if (right === "reward") return compareRewards(before, after) === "better"
  const kinds = rightKeys[right].map((key) => compareConclusion(key, before, after))
  return kinds.includes("better") && !kinds.includes("worse")
}

/**
 * The answer of the rules at acceptance, or of those at the step where these are better for the person.
 *
 * Pending where what is unknown settles which of them is better.
 *
 * @param before asks the rules at acceptance. @param after asks the rules at the step.
 * @example betterOutcome("cashAward", (asked) => old.decide(asked, …), (asked) => now.decide(asked, …))
 */
export const betterOutcome = <D extends DecisionName>(
  decision: D,
  before: Answering,
  after: Answering,
): Outcome<Conclusions<D>> => {
  const [old, now] = [before(decision), after(decision)]
  if (isAlike(old, now)) return old
  const right = rightOf(decision)
  if (right === undefined) return old
  const asked: readonly DecisionName[] = right === "reward" ? rewardAsked(before, after) : [decision]
  const [olds, nows] = [before, after].map((asks) => asked.map((name) => asks(name)))
  const missing = [...(olds ?? []), ...(nows ?? [])].flatMap((one) =>
    one.status === "pending" ? one.missing : [],
  )
  if (missing.length > 0) return { status: "pending", missing: distinct(missing), because: old.because }
  return isBetterFor(decision, together(olds ?? []), together(nows ?? [])) ? now : old
}

/**
 * One conclusion, told from the person's side; a span of time is compared with the clock that it runs on.
 *
 * @param key the conclusion. @param before what it was, `clock` beside it. @param after what it is now.
 */
export const compareConclusion = (key: string, before: Concluded, after: Concluded): Comparison => {
  const [from, to] = [before[key], after[key]]
  if (runsOnClock.has(key) && before.clock !== after.clock) return overClocks(from, to, after.clock)
  const [was, is] = [worth(key, from), worth(key, to)]
  if (was === undefined || is === undefined || was === is) return "neither"
  return is > was ? "better" : "worse"
}

/** Spans that run on the clock that the same decision names; answering always runs round the clock. */
export const runsOnClock: ReadonlySet<string> = new Set(["acknowledge", "reply", "handle", "followUp"])

// internal

const rightKeys = {
  reward: ["rewardForm", "cash", "points"],
  deadlines: ["clock", "answer", "acknowledge", "reply", "handle", "followUp"],
  lotLife: ["lotLife"],
  clawback: ["clawback"],
  claim: ["claim"],
  appeal: ["appeal"],
} as const

type Right = keyof typeof rightKeys

const rightOf = (decision: DecisionName): Right | undefined => {
  switch (decision) {
    case "rewardBasis":
    case "reward":
    case "cashAward":
    case "pointsAward":
      return "reward"
    case "deadlines":
    case "lotLife":
    case "clawback":
    case "claim":
    case "appeal":
      return decision
    default:
      return undefined
  }
}

/** Conclusions of which more is better for the person, or less. Others have no order. */
const moreIsBetter: ReadonlySet<string> = new Set([
  "cash",
  "points",
  "lotLife",
  "dailyCashCap",
  "yearlyBudget",
])
const lessIsBetter: ReadonlySet<string> = new Set(["answer", ...runsOnClock])

/** Words from worst to best, for conclusions that are no numbers. */
const ranked: Readonly<Record<string, readonly string[]>> = {
  rewardForm: ["none", "unverified", "points", "cash"],
  admission: ["reject", "pending", "nominate", "admit"],
  rosterAdvice: ["leave", "suspend", "remind", "continue"],
  clawback: ["recoverAllAndRemove", "recoverDifference", "correct", "keep"],
  claim: ["forfeited", "claimable"],
  appeal: ["redirect", "review"],
  redeemable: ["no", "yes"],
  merit: ["no", "yes"],
  preference: ["no", "yes"],
}

const worth = (key: string, value: string | number | undefined): number | undefined => {
  if (value === undefined) return undefined
  if (typeof value === "number") {
    if (moreIsBetter.has(key)) return value
    return lessIsBetter.has(key) ? -value : undefined
  }
  const rank = ranked[key]?.indexOf(value) ?? -1
  return rank < 0 ? undefined : rank
}

/**
 * A span in working time takes at least as long round the clock. So shorter and round the clock is better, longer and
 * in working time is worse, and the rest cannot be told.
 */
const overClocks = (
  from: string | number | undefined,
  to: string | number | undefined,
  clock: string | number | undefined,
): Comparison => {
  if (typeof from !== "number" || typeof to !== "number") return "neither"
  if (clock === "roundTheClock" && to <= from) return "better"
  return clock === "workingTime" && to >= from ? "worse" : "neither"
}

/** The form first, then its amount: cash is better than points, points are better than nothing. */
const compareRewards = (before: Concluded, after: Concluded): Comparison => {
  const forms = compareConclusion("rewardForm", before, after)
  if (forms !== "neither") return forms
  if (before.rewardForm === "cash") return compareConclusion("cash", before, after)
  return before.rewardForm === "points" ? compareConclusion("points", before, after) : "neither"
}

/** The amount matters where both pay in the same form; asking for another one would wait for facts for nothing. */
const rewardAsked = (before: Answering, after: Answering): readonly DecisionName[] => {
  const [old, now] = [before("reward"), after("reward")]
  if (old.status === "pending" || now.status === "pending") return ["reward"]
  const form = old.conclusions.rewardForm
  if (form !== now.conclusions.rewardForm) return ["reward"]
  if (form === "cash") return ["reward", "cashAward"]
  return form === "points" ? ["reward", "pointsAward"] : ["reward"]
}

const together = (outcomes: readonly Outcome<object>[]): Concluded =>
  Object.assign({}, ...outcomes.map((one) => (one.status === "decided" ? one.conclusions : {})))

const isAlike = (old: Outcome<object>, now: Outcome<object>): boolean =>
  old.status === "decided" &&
  now.status === "decided" &&
  JSON.stringify(old.conclusions) === JSON.stringify(now.conclusions)

const distinct = (facts: readonly FactKey[]): readonly FactKey[] => [...new Set(facts)]
