/**
 * How fast a compiled policy decides, beside the same rules written by hand in TypeScript.
 *
 * `node --conditions=@yingshao/source packages/policy/bench/decide.ts` prints decisions per second of
 * the thread's own CPU time; a figure of one machine on one day. Rounds of the rivals alternate, and the best round counts.
 */
import { readFileSync } from "node:fs"
import type { Facts } from "@yingshao/core/decisions"
import { readPolicy } from "../src/policy.ts"

const file = new URL("../../../examples/policies/huishui.policy.md", import.meta.url)
const read = readPolicy(readFileSync(file, "utf8"))
if (!read.ok) throw new Error("the example policy does not load")
const { policy } = read
const dates = { accepted: "2026-03-01", step: "2026-03-01" }

const pick = <T>(list: readonly T[], seed: number): T => list[seed % list.length] as T
const cases: Facts[] = Array.from({ length: 1024 }, (_, i) => {
  const r = (i * 2654435761) >>> 0
  return {
    category: pick([...policy.categories, "unknown"], r),
    danger: pick(["yes", "no", "unknown"] as const, r >>> 4),
    ongoing: pick(["yes", "no", "unknown"] as const, r >>> 6),
    affected: r % 60,
    currentClass: pick(["new", "ordinary", "emergency"] as const, r >>> 8),
    highestConfirmedClass: pick(["ordinary", "emergency"] as const, r >>> 9),
    trigger: pick(["none", "newDanger", "warning", "countyResponse", "dangerRemoved"] as const, r >>> 10),
    verdict: pick(["true", "partlyTrue", "false", "unverifiable"] as const, r >>> 11),
    level: pick(["village", "township", "county"], r >>> 12),
    first: pick(["yes", "no"] as const, r >>> 13),
    reporter: pick(["informant", "member", "suspended", "public"] as const, r >>> 14),
    negative: pick(["none", "none", "none", "not1"], r >>> 15),
    value: pick(["minor", "notable", "major", "critical"] as const, r >>> 16),
    difficulty: pick(["easy", "medium", "hard"] as const, r >>> 17),
    nth: 1 + (r % 80),
  } as Facts
})

const kindA = new Set(["fire", "drowning", "hazmat", "geohazard", "collapse"])
const kindC = new Set(["environment", "neighbours", "fraudLead", "suggestion"])

const triage = (f: Facts): "ordinary" | "emergency" => {
  if (f.category === "unknown") return f.danger === "no" ? "ordinary" : "emergency"
  if (kindA.has(f.category)) return f.ongoing !== "no" || f.danger !== "no" ? "emergency" : "ordinary"
  if (kindC.has(f.category)) return f.danger === "yes" ? "emergency" : "ordinary"
  if (f.danger === "yes") return "emergency"
  if (f.danger === "unknown") return f.ongoing === "no" ? "ordinary" : "emergency"
  const crowd = f.category === "clash" || f.category === "foodDrug"
  return crowd && f.ongoing !== "no" && (f.affected === "unknown" || f.affected >= 30)
    ? "emergency"
    : "ordinary"
}

const present = (f: Facts): "ordinary" | "emergency" => {
  const raised = f.trigger !== "none" && f.trigger !== "dangerRemoved"
  if (f.currentClass === "new") return raised ? "emergency" : triage(f)
  if (f.currentClass === "ordinary") return raised ? "emergency" : "ordinary"
  return f.trigger === "dangerRemoved" && f.level === "county" ? "ordinary" : "emergency"
}

const form = (f: Facts): "cash" | "points" | "none" | "unverified" => {
  if (f.negative !== "none") return "none"
  if (f.verdict !== "true" && f.verdict !== "partlyTrue") return "none"
  if (f.reporter !== "informant" && f.reporter !== "member") return "none"
  if (f.highestConfirmedClass === "ordinary" || f.first === "no" || f.verdict === "partlyTrue")
    return "points"
  return f.level === "county" ? "cash" : "unverified"
}

const tier = (f: Facts): "tier1" | "tier2" | "tier3" | "tier4" => {
  if (f.value === "critical") return "tier1"
  const hard = f.difficulty === "hard"
  if (f.value === "major") return hard ? "tier1" : "tier2"
  if (f.value === "notable") return hard ? "tier2" : "tier3"
  return hard ? "tier3" : "tier4"
}

const amounts = { tier1: 20000, tier2: 15000, tier3: 10000, tier4: 5000 }

const handWritten = (f: Facts): number => {
  const cls = present(f)
  const limits =
    cls === "emergency"
      ? { clock: "roundTheClock", answer: 10, acknowledge: 15, reply: 30, handle: 1440, followUp: 4320 }
      : { clock: "workingTime", answer: 30, acknowledge: 240, reply: 480, handle: 4800, followUp: 7200 }
  const reward = { rewardForm: form(f) }
  if (reward.rewardForm === "cash") {
    const award = { tier: tier(f), cash: amounts[tier(f)] }
    return limits.reply + award.cash
  }
  if (reward.rewardForm !== "points") return limits.reply
  const points = f.nth > 60 ? 0 : f.highestConfirmedClass === "emergency" ? 10 : 5
  const award = { points, lotLife: 730 }
  return limits.reply + award.points
}

const bare = (f: Facts): number => {
  const limits = policy.decideBare("deadlines", f, dates)
  const reward = policy.decideBare("reward", f, dates)
  const reply = limits?.reply ?? 0
  if (reward?.rewardForm === "cash") return reply + (policy.decideBare("cashAward", f, dates)?.cash ?? 0)
  if (reward?.rewardForm !== "points") return reply
  return reply + (policy.decideBare("pointsAward", f, dates)?.points ?? 0)
}

const explained = (f: Facts): number => {
  const limits = policy.decide("deadlines", f, dates)
  const reward = policy.decide("reward", f, dates)
  if (limits.status !== "decided" || reward.status !== "decided") return Number.NaN
  const reply = limits.conclusions.reply + 0 * (limits.because.rules.length + reward.because.rules.length)
  if (reward.conclusions.rewardForm === "cash") {
    const award = policy.decide("cashAward", f, dates)
    return award.status === "decided"
      ? reply + award.conclusions.cash + 0 * award.because.rules.length
      : Number.NaN
  }
  if (reward.conclusions.rewardForm !== "points") return reply
  const award = policy.decide("pointsAward", f, dates)
  return award.status === "decided"
    ? reply + award.conclusions.points + 0 * award.because.rules.length
    : Number.NaN
}

for (const facts of cases) {
  const [a, b, c] = [handWritten(facts), bare(facts), explained(facts)]
  if (a !== b || a !== c) throw new Error(`rivals disagree on ${JSON.stringify(facts)}: ${a} ${b} ${c}`)
}

const rivals = { handWritten, bare, explained }
const best = new Map<string, number>()
for (let round = 0; round < 12; round++)
  for (const [name, run] of Object.entries(rivals)) {
    const before = process.threadCpuUsage().user
    let sum = 0
    for (let i = 0; i < 300_000; i++) sum += run(cases[i & 1023] as Facts)
    const perSecond = 3e11 / Math.max(1, process.threadCpuUsage().user - before)
    if (Number.isNaN(sum)) throw new Error("not decided")
    best.set(name, Math.max(best.get(name) ?? 0, perSecond))
  }
const base = best.get("handWritten") ?? 1
for (const [name, perSecond] of best)
  console.log(
    `${name.padEnd(12)} ${Math.round(perSecond).toLocaleString("en")} chains/s, ${(perSecond / base).toFixed(2)} x`,
  )
