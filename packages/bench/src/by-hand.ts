/**
 * The rules of the example policy from triage to cash, written by hand in plain TypeScript: what a
 * programmer would write instead of a policy document, with the numbers in the code.
 *
 * It answers the same questions as the compiled policy with the same objects, one question after the other,
 * because the steps of a report ask them on different days. It explains nothing.
 */
import type { Conclusions, Facts } from "@yingshao/core/decisions"

/** 分级. */
export const triage = (facts: Facts): Conclusions<"triage"> => ({ triage: triaged(facts) })

/** 时限 and 签收, by the class that 现级 gives. */
export const deadlines = (facts: Facts): Conclusions<"deadlines"> =>
  classNow(facts) === "emergency"
    ? { clock: "roundTheClock", answer: 10, acknowledge: 15, reply: 30, handle: 1440, followUp: 4320 }
    : { clock: "workingTime", answer: 30, acknowledge: 240, reply: 480, handle: 4800, followUp: 7200 }

/** 方式. */
export const reward = (facts: Facts): Conclusions<"reward"> => ({ rewardForm: rewardForm(facts) })

/** 档次 and 现金. */
export const cashAward = (facts: Facts): Conclusions<"cashAward"> => {
  const tier = tierOf(facts)
  return { tier, cash: rewardForm(facts) === "cash" ? amounts[tier] : 0 }
}

/** 积分. */
export const pointsAward = (facts: Facts): Conclusions<"pointsAward"> => {
  if (rewardForm(facts) !== "points" || facts.nth > 60) return { points: 0 }
  return { points: facts.highestConfirmedClass === "emergency" ? 10 : 5 }
}

// internal

type Class = "ordinary" | "emergency"

const triaged = ({ category, danger, ongoing, affected }: Facts): Class => {
  switch (category) {
    case "unknown":
      return danger === "no" ? "ordinary" : "emergency"
    case "fire":
    case "drowning":
    case "hazmat":
    case "geohazard":
    case "collapse":
      return ongoing !== "no" || danger !== "no" ? "emergency" : "ordinary"
    case "environment":
    case "neighbours":
    case "fraudLead":
    case "suggestion":
      return danger === "yes" ? "emergency" : "ordinary"
    case "clash":
    case "foodDrug":
      if (danger === "no") {
        return ongoing !== "no" && (affected === "unknown" || affected >= 30) ? "emergency" : "ordinary"
      }
  }
  return danger === "yes" || (danger === "unknown" && ongoing !== "no") ? "emergency" : "ordinary"
}

const classNow = (facts: Facts): Class => {
  const { currentClass, trigger, level } = facts
  const raised = trigger === "newDanger" || trigger === "warning" || trigger === "countyResponse"
  if (currentClass === "new") return raised ? "emergency" : triaged(facts)
  if (currentClass === "ordinary") return raised ? "emergency" : "ordinary"
  return trigger === "dangerRemoved" && level === "county" ? "ordinary" : "emergency"
}

const rewardForm = (facts: Facts): "cash" | "points" | "none" | "unverified" => {
  const { negative, verdict, reporter, highestConfirmedClass, first, level } = facts
  if (negative !== "none") return "none"
  if (verdict !== "true" && verdict !== "partlyTrue") return "none"
  if (reporter !== "informant" && reporter !== "member") return "none"
  if (highestConfirmedClass === "ordinary" || first === "no" || verdict === "partlyTrue") return "points"
  return level === "county" ? "cash" : "unverified"
}

const tierOf = ({ value, difficulty }: Facts): "tier1" | "tier2" | "tier3" | "tier4" => {
  if (value === "critical") return "tier1"
  if (value === "major") return difficulty === "hard" ? "tier1" : "tier2"
  if (value === "notable") return difficulty === "hard" ? "tier2" : "tier3"
  return difficulty === "hard" ? "tier3" : "tier4"
}

const amounts = { tier1: 20_000, tier2: 15_000, tier3: 10_000, tier4: 5_000 }
