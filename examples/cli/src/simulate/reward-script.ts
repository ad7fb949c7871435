/**
 * The script of what comes after handling: verification level by level, grading, approval, payment, and what
 * is found out later.
 *
 * Like `script.ts` it says only how staff behave. Which band must approve and whether anything is earned at
 * all is the policy's answer.
 */
import type { Policy } from "@yingshao/core/decisions"
import { toMs } from "@yingshao/core/kernel/time"
import { rewardFacts } from "@yingshao/core/reward/facts"
import type { LiveIncident, LiveReport, LiveReward } from "./mirror.ts"
import type { Scenario } from "./scenario.ts"
import { type Action, open, planner, type Script, type Step } from "./script.ts"

export interface RewardScript extends Script {
  readonly policy: Policy
  /** The caps that approvals of a report met, one after the other. */
  readonly capped: (report: string) => readonly string[]
}

/** What is done about a report's reward file. */
export const planReward = (
  script: RewardScript,
  nowMs: number,
  id: string,
  file: LiveReward,
  report: LiveReport,
  incident: LiveIncident | undefined,
  scenario: Scenario,
): readonly Action[] => {
  const plan = planner(script, nowMs, `reward/${id}`)
  if (report.status === "new") return []
  if (file.status === "verifying") {
    const actions = plan(...verifying(script, id, file, report, incident, scenario))
    if (actions[0]?.command.type !== "ApproveReward") return actions
    const lane = approvalLane(script, id, file, report, incident)
    return actions.map((action) => ({ ...action, lane }))
  }
  if (file.status === "approved") return plan(...collecting(script, id, file, scenario))
  if (file.status === "declined") return plan(...appealing(script, id, file, report, scenario))
  return file.status === "forfeited" ? [] : plan(...afterwards(script, id, file, scenario))
}

// internal

type Settled = Exclude<LiveReport, { status: "new" }>

const hours = (script: Script, name: string, least: number, most: number): number =>
  script.chance.whole(name, least, most) * 3_600_000

const verifying = (
  script: RewardScript,
  id: string,
  file: LiveReward,
  report: Settled,
  incident: LiveIncident | undefined,
  scenario: Scenario,
): readonly Step[] => {
  const { handle, conduct } = scenario
  const known = report.status === "closed" ? (report.lastReplyAt ?? report.acceptedAt) : undefined
  const ready = incident?.handledAt ?? known
  if (ready === undefined) return []
  const last = file.steps.at(-1)
  const after = toMs(last?.at ?? ready)
  const urgent = wasUrgent(report, scenario)
  const sound = conduct.verdict === "true" || conduct.verdict === "partlyTrue"
  const levels =
    urgent && sound && report.negative === "none"
      ? script.staff.verifiers
      : script.staff.verifiers.slice(0, 1)
  const next = levels[file.steps.length]
  if (next !== undefined) {
    const verifier = script.chance.pick(`${handle}/verifies/${next.level}`, next.people)
    const fields = {
      report: id,
      level: next.level,
      verdict: conduct.verdict,
      confirmedClass: urgent ? "emergency" : "ordinary",
      reason: sound ? "现场核实" : "现场未见所报情况",
    }
    const at = open(script, after + hours(script, `${handle}/verifies-after/${next.level}`, 1, 5))
    return [[at, "VerifyReport", `act:verify:${id}:${next.level}`, verifier, "verifier", fields]]
  }
  if (file.grading === undefined) {
    const grader = script.chance.pick(`${handle}/grades`, script.staff.admins)
    const fields = { report: id, grading: conduct.grading, reason: "按信息价值与处置难度评定" }
    return [
      [open(script, after + 1_800_000), "GradeReport", `act:grade:${id}`, grader, "programme-admin", fields],
    ]
  }
  return approving(script, id, file, report, incident, scenario, after)
}

/** Was it an emergency in truth, as far as the scenario knows? Verification confirms that, not what triage assumed. */
const wasUrgent = (report: Settled, { answer, conduct }: Scenario): boolean =>
  conduct.conversion === "newDanger" ? report.class === "emergency" : answer.facts.danger === "yes"

const mostAttempts = 4

const approving = (
  script: RewardScript,
  id: string,
  file: LiveReward,
  report: Settled,
  incident: LiveIncident | undefined,
  { handle }: Scenario,
  after: number,
): readonly Step[] => {
  const attempt = script.capped(id).length
  if (attempt >= mostAttempts) return []
  const { facts, dates } = asking(script, file, report, incident)
  const asked = script.policy.decide("approval", facts, dates)
  const bands = Object.keys(script.staff.approvers)
  const band = asked.status === "decided" ? asked.conclusions.approvalBand : (bands[0] ?? "")
  const approver = script.chance.pick(
    `${handle}/approves/${attempt}`,
    script.staff.approvers[band] ?? script.staff.admins,
  )
  const at = open(script, after + hours(script, `${handle}/approves-after`, 1, 6) + attempt * 86_400_000)
  const fields = { report: id, interest: "none" }
  return [[at, "ApproveReward", `act:approve:${id}:${attempt}`, approver, "approver", fields]]
}

/** What the script knows when it asks the policy about a report: who approves, and whether it is about cash. */
const asking = (
  { policy }: RewardScript,
  file: LiveReward,
  report: Settled,
  incident: LiveIncident | undefined,
) => ({
  facts: rewardFacts(report, file, {
    standing: report.reporters[0]?.standing ?? "anonymous",
    first: incident !== undefined && report.rank === "first" ? "yes" : "no",
    nth: 1,
    levels: policy.levels,
  }),
  dates: { accepted: report.acceptedOn, step: report.acceptedOn },
})

/**
 * Approvals that may meet are given one after the other: those of cash, which share the year's budget, and
 * those of points by whose they are. Once the budget was used up, cash meets nobody any more.
 */
const approvalLane = (
  script: RewardScript,
  id: string,
  file: LiveReward,
  report: Settled,
  incident: LiveIncident | undefined,
): string => {
  const { facts, dates } = asking(script, file, report, incident)
  const reward = script.policy.decide("reward", facts, dates)
  const cash = reward.status === "decided" && reward.conclusions.rewardForm === "cash"
  return cash && !script.capped(id).includes("yearly")
    ? "approval/cash"
    : `approval/${report.reporters[0]?.person ?? id}`
}

const day = 86_400_000

/** The first signatory collects within a fortnight, or never. */
const collecting = (
  script: RewardScript,
  id: string,
  file: LiveReward,
  { handle, conduct }: Scenario,
): readonly Step[] => {
  const collector = file.award?.shares[0]?.person
  if (conduct.collects === "never" || collector === undefined || file.decidedAt === undefined) return []
  const payer = script.chance.pick(`${handle}/pays`, script.staff.payers)
  const at = open(script, toMs(file.decidedAt) + script.chance.whole(`${handle}/collects`, 1, 14) * day)
  return [[at, "PayAward", `act:pay:${id}`, payer, "payer", { report: id, collectedBy: collector }]]
}

/** A later finding: the award was too high; one finds, another confirms, and half is taken back. */
const afterwards = (
  script: RewardScript,
  id: string,
  file: LiveReward,
  { conduct }: Scenario,
): readonly Step[] => {
  if (conduct.afterwards !== "clawback" || file.award === undefined || file.recovered > 0) return []
  const { pendingFinding, award } = file
  if (pendingFinding === undefined) {
    const fields = {
      report: id,
      finding: "miscalculated",
      rightAmount: Math.floor(award.amount / 2),
      reason: "复核发现价值评定偏高",
    }
    return [
      [
        open(script, toMs(award.at) + 20 * day),
        "ProposeFinding",
        `act:find:${id}`,
        script.staff.auditor,
        "auditor",
        fields,
      ],
    ]
  }
  const fields = { report: id, decision: "confirm", reason: "复核属实" }
  const at = open(script, toMs(pendingFinding.at) + 2 * day)
  return [[at, "DecideFinding", `act:found:${id}`, script.staff.admins[0], "programme-admin", fields]]
}

const appealing = (
  script: RewardScript,
  id: string,
  file: LiveReward,
  report: Settled,
  { conduct }: Scenario,
): readonly Step[] => {
  const reporter = report.reporters[0]?.person
  if (conduct.afterwards !== "appeal" || reporter === undefined || file.decidedAt === undefined) return []
  if (file.appeal === undefined) {
    if (file.appeals > 0) return []
    return [
      [
        toMs(file.decidedAt) + 3 * day,
        "LodgeAppeal",
        `act:appeal:${id}`,
        reporter,
        "reporter",
        { report: id },
      ],
    ]
  }
  // Whoever graded has had a part in the decision; another admin decides.
  const admins = script.staff.admins.filter((person) => person !== file.gradedBy)
  const fields = { report: id, outcome: "upheld", reason: "复核维持原核实结论" }
  const at = open(script, toMs(file.appeal.at) + 4 * day)
  return [
    [
      at,
      "DecideAppeal",
      `act:appealed:${id}`,
      admins[0] ?? script.staff.admins[0],
      "programme-admin",
      fields,
    ],
  ]
}
