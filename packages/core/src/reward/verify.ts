/**
 * VerifyReport and GradeReport (逐级核实): each level confirms in turn, each by another person.
 *
 * Levels come from the policy, lowest first; none is skipped, and a level is confirmed once. A verifier
 * holds the level, is not a reporter, did not triage and verified no other level (S5, L12). Grading by
 * value and difficulty is needed where cash is possible; a verifier or the programme does it, never a
 * reporter.
 *
 * A verdict of *false* is counted with each participant who reported; nothing follows from the count by
 * itself (S8).
 *
 * Refuses: `not-found`, `already-decided`, `all-levels-verified`, `level-out-of-order`, `level-not-yours`,
 * `same-person`, `not-verified-yet`.
 */
import * as z from "zod"
import { type Policy, reportClass, verdict } from "../decisions.ts"
import { command } from "../kernel/command.ts"
import { reportId } from "../kernel/ids.ts"
import { refuse } from "../kernel/refusal.ts"
import { type Context, type Emitted, happen, type Outcome, on, type Rule } from "../kernel/rule.ts"
import { falseReportCounted } from "../participant/participant.ts"
import { isReporter, type SettledReport } from "../report/report.ts"
import { readRewardFile } from "./read-reward-file.ts"
import { grading, type RewardFile, verifiersOf } from "./reward.ts"

const verifyPayload = z.strictObject({
  report: reportId,
  level: z.string().min(1).max(64),
  verdict,
  confirmedClass: reportClass,
  reason: z.string().trim().max(500).default(""),
})
const gradePayload = z.strictObject({ report: reportId, grading, reason: z.string().trim().min(1).max(500) })
export type VerifyReport = z.output<typeof verifyPayload>
export type GradeReport = z.output<typeof gradePayload>

export const verifyReport = command({
  type: "VerifyReport",
  roles: ["verifier"],
  payload: verifyPayload,
  queue: ({ report }) => `reward/${report}`,
  *decide(verify: VerifyReport, context: Context): Rule<Outcome> {
    const found = yield* readRewardFile(verify.report)
    if (!found.ok) return found
    const { file, report } = found
    if (file.status !== "verifying") return refuse("already-decided", { report: verify.report })
    const next = nextLevel(file, context.book.policyOn(report.acceptedOn))
    if (next === undefined) return refuse("all-levels-verified", { report: verify.report })
    if (verify.level !== next) return refuse("level-out-of-order", { level: verify.level, next })
    if (!context.scopes.includes(verify.level)) return refuse("level-not-yours", { level: verify.level })
    const other = otherPart(context.by.person, file, report)
    if (other !== undefined) return refuse("same-person", { other })
    const { report: _, reason, ...confirmed } = verify
    return happen({
      events: [
        on("reward", verify.report, {
          type: "LevelVerified",
          step: { ...confirmed, by: context.by.person, at: context.at },
          reason,
        }),
        ...(verify.verdict === "false" && !file.steps.some((one) => one.verdict === "false")
          ? countedFalse(report, context)
          : []),
      ],
    })
  },
})

export const gradeReport = command({
  type: "GradeReport",
  roles: ["verifier", "programme-admin"],
  payload: gradePayload,
  queue: ({ report }) => `reward/${report}`,
  *decide(grade: GradeReport, context: Context): Rule<Outcome> {
    const found = yield* readRewardFile(grade.report)
    if (!found.ok) return found
    const { file, report } = found
    if (file.status !== "verifying") return refuse("already-decided", { report: grade.report })
    if (file.steps.length === 0) return refuse("not-verified-yet", { report: grade.report })
    if (isReporter(report, context.by.person)) {
      return refuse("same-person", { other: "reporter" })
    }
    return happen({
      events: [
        on("reward", grade.report, {
          type: "ReportGraded",
          at: context.at,
          by: context.by.person,
          grading: grade.grading,
          reason: grade.reason,
        }),
      ],
    })
  },
})

/** The level that has to verify now; undefined when all have. The lowest level of a policy is *unverified*. */
export const nextLevel = (
  { level }: Pick<RewardFile, "level">,
  { levels }: Pick<Policy, "levels">,
): string | undefined => levels[level === undefined ? 1 : levels.indexOf(level) + 1]

/** Which part this person already has in the matter, if any. */
export const otherPart = (person: string, file: RewardFile, report: SettledReport): string | undefined => {
  if (isReporter(report, person)) return "reporter"
  if (report.triager === person) return "triager"
  return verifiersOf(file).includes(person) ? "verifier" : undefined
}

// internal

const countedFalse = (report: SettledReport, context: Context): readonly Emitted[] =>
  report.reporters
    .filter(({ standing }) => standing === "informant" || standing === "member")
    .map(({ person }) => on("participant", person, falseReportCounted(context.today)))
