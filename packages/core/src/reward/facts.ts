/**
 * The facts from which a reward is decided, as far as they are known.
 *
 * A fact that nobody has found out stays unknown; the policy then answers *pending* unless it cannot
 * matter. Rewards read the class that verification confirmed, never the one that triage assumed.
 */
import type { Facts, ReporterStanding } from "../decisions.ts"
import type { SettledReport } from "../report/report.ts"
import type { RewardFile } from "./reward.ts"

export const rewardFacts = (
  report: SettledReport,
  file: RewardFile,
  at: {
    readonly standing: ReporterStanding
    readonly first: "yes" | "no"
    /** Which report of the month this one is for the person's points, from 1. */
    readonly nth: number
    readonly levels: readonly string[]
  },
): Partial<Facts> => ({
  ...report.facts,
  currentClass: report.class,
  trigger: "none",
  highestConfirmedClass: file.highestConfirmedClass ?? "unknown",
  verdict: file.verdict ?? "unknown",
  level: file.level ?? at.levels[0] ?? "",
  first: at.first,
  reporter: at.standing,
  negative: report.negative,
  value: file.grading?.value ?? "unknown",
  difficulty: file.grading?.difficulty ?? "unknown",
  nth: Math.min(1000, at.nth),
})
