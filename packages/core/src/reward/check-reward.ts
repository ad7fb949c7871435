/**
 * What must hold of a reward file beside its report and its incident.
 */
import { breachesOf, type Checked } from "../kernel/check.ts"
import { type Rule, read } from "../kernel/rule.ts"
import { cashClaimKey, earnClaimKey } from "./claims.ts"
import { type RewardFile, type RewardState, verifiersOf } from "./reward.ts"

export function* checkReward(state: RewardState, id: string): Rule<Checked> {
  if (state.status === "none") return { breaches: [], claims: [] }
  const report = yield* read("report", id)
  const settled = report.status !== "none" && report.status !== "new"
  const { award } = state
  const reporters = settled ? report.reporters.map(({ person }) => person as string) : []
  const verifiers = verifiersOf(state)
  const triager = settled ? report.triager : undefined
  const breaches = breachesOf(
    ["F1", settled, "奖励档案没有对应的信息", "the reward file has no settled report"],
    [
      "S5",
      new Set(state.steps.map(({ level }) => level)).size === state.steps.length,
      "同一层级核实两次",
      "one level was verified twice",
    ],
    ["S5", new Set(verifiers).size === verifiers.length, "同一人核实两级", "one person verified two levels"],
    [
      "L12",
      !verifiers.some((one) => reporters.includes(one) || one === triager),
      "核实人另有身份",
      "a verifier has another part in the matter",
    ],
  )
  if (award === undefined) {
    const claims = [{ key: earnClaimKey(id), holder: undefined }]
    return { breaches: [...breaches, ...undecided(state)], claims }
  }
  const total = award.shares.reduce((sum, { amount }) => sum + amount, 0)
  const awarded = breachesOf(
    ["L9", total === award.amount, "各份之和不等于奖励", "the shares do not add up to the award"],
    [
      "L11",
      award.form !== "cash" || state.highestConfirmedClass === "emergency",
      "未确认应急却发现金",
      "cash without a confirmed emergency",
    ],
    [
      "L11",
      award.form !== "cash" || state.verdict === "true",
      "未属实却发现金",
      "cash for a report not found true",
    ],
    [
      "L11",
      award.amount === 0 || !settled || report.negative === "none",
      "触碰负面清单却有奖励",
      "a negative-listed report was rewarded",
    ],
    [
      "L12",
      ![...reporters, ...verifiers, triager].includes(award.by),
      "审批人另有身份",
      "the approver has another part in the matter",
    ],
    ["L18", state.recovered <= award.amount, "追回超过奖励", "more was recovered than awarded"],
    ["L1", Number.isSafeInteger(award.amount), "金额不是整数", "the amount is no safe integer"],
  )
  return {
    breaches: [...breaches, ...awarded],
    claims: [
      { key: earnClaimKey(id), holder: id },
      ...(award.form === "cash" ? [{ key: cashClaimKey(award.incident), holder: id }] : []),
    ],
  }
}

// internal

const undecided = (state: RewardFile) =>
  breachesOf([
    "L10",
    state.status === "verifying" || state.status === "declined",
    "有结论却没有奖励记录",
    "decided without an award on record",
  ])
