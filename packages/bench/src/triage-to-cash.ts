/**
 * Decisions a second of the compiled chain from triage to cash, beside the same rules written by hand.
 *
 * A chain is what a report asks on its way: `triage`, `deadlines`, `reward`, and `cashAward` or
 * `pointsAward` where something is earned. All three answer each question with an object of conclusions;
 * the policy also with the rules that fired, where asked. Before measuring they must agree on every case.
 *
 * A chain hands its answers over, so that no compiler leaves the objects out, and every pass goes through the
 * cases in another order, so that no processor learns by heart which case comes next. What comes out when one
 * order repeats is told in a note.
 */
import type { Conclusions, Facts } from "@yingshao/core/decisions"
import type { CompiledPolicy } from "@yingshao/policy/policy"
import * as byHand from "./by-hand.ts"
import { dates, examplePolicy } from "./example-policy.ts"
import { type Effort, type Line, lineOf } from "./line.ts"
import { median, rates, ratioOf } from "./rounds.ts"

export const triageToCash = async ({ smoke }: Effort): Promise<readonly Line[]> => {
  const policy = examplePolicy()
  const rivals = { byHand: askHand, bare: asking(policy), explained: askingWhy(policy) }
  for (const facts of cases) {
    const [hand, bare, why] = [rivals.byHand(facts), rivals.bare(facts), rivals.explained(facts)].map(sumOf)
    if (hand !== bare || hand !== why) {
      throw new Error(`the rivals disagree on ${JSON.stringify(facts)}: ${hand} ${bare} ${why}`)
    }
  }
  const asked = cases.reduce((sum, facts) => sum + askHand(facts).asked, 0)
  const timed = (ask: (facts: Facts) => Answers) => ({ size: asked, batch: shuffled(ask) })
  const repeated = (ask: (facts: Facts) => Answers) => ({
    size: asked,
    batch: () => {
      let sum = 0
      for (const facts of cases) sum += sumOf(ask(facts))
      return sum
    },
  })
  const found = rates(
    {
      byHand: timed(rivals.byHand),
      bare: timed(rivals.bare),
      explained: timed(rivals.explained),
      byHandRepeated: repeated(rivals.byHand),
      bareRepeated: repeated(rivals.bare),
      explainedRepeated: repeated(rivals.explained),
    },
    smoke ? { rounds: 1, ms: 20 } : { rounds: 15, ms: 200 },
  )
  const line = (name: string, ours: readonly number[], again: readonly number[], atLeast: number): Line =>
    lineOf({
      name,
      unit: "1/s",
      ours: median(ours),
      beside: median(found.byHand),
      peer: "by hand in TypeScript",
      ratio: ratioOf(ours, found.byHand),
      goal: { atLeast },
      note: `in one order of the cases that repeats: ${ratioOf(again, found.byHandRepeated).toFixed(2)} x`,
    })
  return [
    line("triage to cash, conclusions", found.bare, found.bareRepeated, 0.5),
    line("triage to cash, with fired rules", found.explained, found.explainedRepeated, 0.3),
  ]
}

// internal

/** What a chain hands over: the answers, and how many questions it asked. */
interface Answers {
  readonly triage: Conclusions<"triage">
  readonly deadlines: Conclusions<"deadlines">
  readonly reward: Conclusions<"reward">
  readonly earned: number
  readonly asked: number
}

const limitsOf = ({ answer, acknowledge, reply, handle, followUp }: ReturnType<typeof byHand.deadlines>) =>
  answer + acknowledge + reply + handle + followUp

/** A number that depends on every answer. */
const sumOf = ({ triage, deadlines, reward, earned }: Answers): number =>
  limitsOf(deadlines) +
  (triage.triage === "emergency" ? 1 : 0) +
  (reward.rewardForm === "none" ? 2 : 0) +
  earned

/** All cases once, in another order each time: by a step that has no factor in common with their number. */
const shuffled = (ask: (facts: Facts) => Answers) => {
  let turn = 0
  return () => {
    turn += 1
    const seed = Math.imul(turn, 0x9e3779b1) >>> 0
    const step = ((seed >>> 12) & (cases.length - 1)) | 1
    let at = (seed >>> 22) & (cases.length - 1)
    let sum = 0
    for (let count = 0; count < cases.length; count += 1) {
      sum += sumOf(ask(cases[at] as Facts))
      at = (at + step) & (cases.length - 1)
    }
    return sum
  }
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

const askHand = (facts: Facts): Answers => {
  const triage = byHand.triage(facts)
  const deadlines = byHand.deadlines(facts)
  const reward = byHand.reward(facts)
  if (reward.rewardForm === "cash")
    return { triage, deadlines, reward, earned: byHand.cashAward(facts).cash, asked: 4 }
  if (reward.rewardForm === "points")
    return { triage, deadlines, reward, earned: byHand.pointsAward(facts).points, asked: 4 }
  return { triage, deadlines, reward, earned: 0, asked: 3 }
}

/** The chain's questions, each found once. */
const questionsOf = (policy: CompiledPolicy) => ({
  ofTriage: policy.prepared("triage"),
  ofDeadlines: policy.prepared("deadlines"),
  ofReward: policy.prepared("reward"),
  ofCash: policy.prepared("cashAward"),
  ofPoints: policy.prepared("pointsAward"),
})

const asking = (policy: CompiledPolicy) => {
  const { ofTriage, ofDeadlines, ofReward, ofCash, ofPoints } = questionsOf(policy)
  return (facts: Facts): Answers => {
    const triage = ofTriage.bare(facts, dates)
    const deadlines = ofDeadlines.bare(facts, dates)
    const reward = ofReward.bare(facts, dates)
    if (triage === undefined || deadlines === undefined || reward === undefined) throw pending
    if (reward.rewardForm === "cash") {
      const cash = ofCash.bare(facts, dates)
      if (cash === undefined) throw pending
      return { triage, deadlines, reward, earned: cash.cash, asked: 4 }
    }
    if (reward.rewardForm === "points") {
      const points = ofPoints.bare(facts, dates)
      if (points === undefined) throw pending
      return { triage, deadlines, reward, earned: points.points, asked: 4 }
    }
    return { triage, deadlines, reward, earned: 0, asked: 3 }
  }
}

const askingWhy = (policy: CompiledPolicy) => {
  const { ofTriage, ofDeadlines, ofReward, ofCash, ofPoints } = questionsOf(policy)
  return (facts: Facts): Answers => {
    const first = ofTriage.decide(facts, dates)
    const second = ofDeadlines.decide(facts, dates)
    const third = ofReward.decide(facts, dates)
    if (first.status !== "decided" || second.status !== "decided" || third.status !== "decided") throw pending
    const rules = first.because.rules.length + second.because.rules.length + third.because.rules.length
    const triage = first.conclusions
    const deadlines = second.conclusions
    const reward = third.conclusions
    if (reward.rewardForm === "cash") {
      const cash = ofCash.decide(facts, dates)
      if (cash.status !== "decided") throw pending
      return explained({ triage, deadlines, reward, earned: cash.conclusions.cash, asked: 4 }, rules)
    }
    if (reward.rewardForm === "points") {
      const points = ofPoints.decide(facts, dates)
      if (points.status !== "decided") throw pending
      return explained({ triage, deadlines, reward, earned: points.conclusions.points, asked: 4 }, rules)
    }
    return explained({ triage, deadlines, reward, earned: 0, asked: 3 }, rules)
  }
}

const pending = new Error("a decision is pending")

/** A decision without a rule would be no decision. */
const explained = (answers: Answers, rules: number): Answers => {
  if (rules < answers.asked - 1) throw new Error("a decision without a rule")
  return answers
}
