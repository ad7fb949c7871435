/**
 * Decisions a second of the compiled chain from triage to cash, beside the same rules written by hand.
 *
 * A chain is what a report asks on its way: `triage`, `deadlines`, `reward`, and `cashAward` or
 * `pointsAward` where something is earned. All three answer each question with an object of conclusions;
 * the policy also with the rules that fired, where asked. Before measuring they must agree on every case.
 */
import type { Facts } from "@yingshao/core/decisions"
import type { CompiledPolicy } from "@yingshao/policy/policy"
import * as byHand from "./by-hand.ts"
import { dates, examplePolicy } from "./example-policy.ts"
import { type Effort, type Line, lineOf } from "./line.ts"
import { median, rates, ratioOf } from "./rounds.ts"

export const triageToCash = async ({ smoke }: Effort): Promise<readonly Line[]> => {
  const policy = examplePolicy()
  const rivals = { byHand: askHand, bare: asking(policy), explained: askingWhy(policy) }
  for (const facts of cases) {
    const [hand, bare, why] = [rivals.byHand(facts), rivals.bare(facts), rivals.explained(facts)]
    if (hand.sum !== bare.sum || hand.sum !== why.sum) {
      throw new Error(`the rivals disagree on ${JSON.stringify(facts)}: ${hand.sum} ${bare.sum} ${why.sum}`)
    }
  }
  const asked = cases.reduce((sum, facts) => sum + askHand(facts).asked, 0)
  const timed = (ask: (facts: Facts) => Asked) => ({
    size: asked,
    batch: () => {
      let sum = 0
      for (const facts of cases) sum += ask(facts).sum
      return sum
    },
  })
  const found = rates(
    { byHand: timed(rivals.byHand), bare: timed(rivals.bare), explained: timed(rivals.explained) },
    smoke ? { rounds: 1, ms: 20 } : { rounds: 15, ms: 200 },
  )
  const line = (name: string, ours: readonly number[], atLeast: number): Line =>
    lineOf({
      name,
      unit: "1/s",
      ours: median(ours),
      beside: median(found.byHand),
      peer: "by hand in TypeScript",
      ratio: ratioOf(ours, found.byHand),
      goal: { atLeast },
    })
  return [
    line("triage to cash, conclusions", found.bare, 0.5),
    line("triage to cash, with fired rules", found.explained, 0.3),
  ]
}

// internal

/** A number that depends on every answer of a chain, and how many questions it asked. */
interface Asked {
  readonly sum: number
  readonly asked: number
}

const pick = <T>(list: readonly T[], seed: number): T => list[seed % list.length] as T

/** Facts that nothing in the chain reads. */
const unread = {
  willing: "yes",
  nominated: "yes",
  review: "passed",
  age: 30,
  idle: 0,
  falseCount: 0,
  leave: "no",
  finding: "none",
  noticeDays: 0,
  appealDays: 0,
  rosterStatus: "active",
  yearPoints: 0,
  conduct: "fair",
  fairness: "fair",
  example: "fair",
  obligation: "reply",
  escalation: 1,
  returnsSoFar: 0,
  extensionsSoFar: 0,
} as const

const categories = [
  ...["fire", "drowning", "hazmat", "geohazard", "collapse", "traffic", "clash", "foodDrug"],
  ...["facility", "hardship", "environment", "neighbours", "fraudLead", "suggestion", "other", "unknown"],
]

/** Facts as reports have them, from a fixed rule: categories even, of the rest every value sometimes. */
const cases: readonly Facts[] = Array.from({ length: 1024 }, (_, index): Facts => {
  const seed = Math.imul(index + 1, 0x9e3779b1) >>> 0
  const level = pick(["unverified", "village", "township", "county", "county", "county"], seed >>> 3)
  return {
    category: pick(categories, index),
    danger: pick(["yes", "no", "unknown"], seed >>> 5),
    ongoing: pick(["yes", "no", "unknown"], seed >>> 7),
    affected: pick([0, 1, 12, 29, 30, 80, "unknown"], seed >>> 9),
    currentClass: pick(["new", "ordinary", "emergency"], seed >>> 11),
    highestConfirmedClass: pick(["ordinary", "emergency"], seed >>> 12),
    trigger: pick(["none", "none", "newDanger", "warning", "countyResponse", "dangerRemoved"], seed >>> 13),
    // Nothing was found true before anybody verified it: the document excludes that case.
    verdict:
      level === "unverified" ? "unverifiable" : pick(["true", "true", "partlyTrue", "false"], seed >>> 15),
    level,
    first: pick(["yes", "no"], seed >>> 16),
    reporter: pick(["informant", "member", "informant", "suspended", "public"], seed >>> 17),
    negative: pick(["none", "none", "none", "none", "not1"], seed >>> 18),
    value: pick(["minor", "notable", "major", "critical"], seed >>> 19),
    difficulty: pick(["easy", "medium", "hard"], seed >>> 20),
    nth: 1 + (seed % 80),
    ...unread,
  }
})

const limitsOf = ({ answer, acknowledge, reply, handle, followUp }: ReturnType<typeof byHand.deadlines>) =>
  answer + acknowledge + reply + handle + followUp

const askHand = (facts: Facts): Asked => {
  const { triage } = byHand.triage(facts)
  const sum = limitsOf(byHand.deadlines(facts)) + (triage === "emergency" ? 1 : 0)
  const { rewardForm } = byHand.reward(facts)
  if (rewardForm === "cash") return { sum: sum + byHand.cashAward(facts).cash, asked: 4 }
  if (rewardForm === "points") return { sum: sum + byHand.pointsAward(facts).points, asked: 4 }
  return { sum, asked: 3 }
}

const asking =
  (policy: CompiledPolicy) =>
  (facts: Facts): Asked => {
    const triage = policy.decideBare("triage", facts, dates)
    const deadlines = policy.decideBare("deadlines", facts, dates)
    const reward = policy.decideBare("reward", facts, dates)
    if (triage === undefined || deadlines === undefined || reward === undefined) return pending
    const sum = limitsOf(deadlines) + (triage.triage === "emergency" ? 1 : 0)
    if (reward.rewardForm === "cash") {
      return { sum: sum + (policy.decideBare("cashAward", facts, dates)?.cash ?? Number.NaN), asked: 4 }
    }
    if (reward.rewardForm === "points") {
      return { sum: sum + (policy.decideBare("pointsAward", facts, dates)?.points ?? Number.NaN), asked: 4 }
    }
    return { sum, asked: 3 }
  }

const askingWhy =
  (policy: CompiledPolicy) =>
  (facts: Facts): Asked => {
    const triage = policy.decide("triage", facts, dates)
    const deadlines = policy.decide("deadlines", facts, dates)
    const reward = policy.decide("reward", facts, dates)
    if (triage.status !== "decided" || deadlines.status !== "decided" || reward.status !== "decided") {
      return pending
    }
    const rules = triage.because.rules.length + deadlines.because.rules.length + reward.because.rules.length
    const sum = limitsOf(deadlines.conclusions) + (triage.conclusions.triage === "emergency" ? 1 : 0)
    const { rewardForm } = reward.conclusions
    if (rewardForm === "cash") {
      const cash = policy.decide("cashAward", facts, dates)
      return cash.status === "decided" ? counted(sum + cash.conclusions.cash, rules, 4) : pending
    }
    if (rewardForm === "points") {
      const points = policy.decide("pointsAward", facts, dates)
      return points.status === "decided" ? counted(sum + points.conclusions.points, rules, 4) : pending
    }
    return counted(sum, rules, 3)
  }

const pending: Asked = { sum: Number.NaN, asked: 0 }

/** A decision without a rule would be no decision. */
const counted = (sum: number, rules: number, asked: number): Asked =>
  rules < asked - 1 ? pending : { sum, asked }
