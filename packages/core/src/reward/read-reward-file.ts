/**
 * Reading what every step of a reward starts from: a report that was looked at, and its reward file.
 */
import type { ReportId } from "../kernel/ids.ts"
import { invariant, type Refused, refuse } from "../kernel/refusal.ts"
import { type Rule, read } from "../kernel/rule.ts"
import type { SettledReport } from "../report/report.ts"
import type { RewardFile } from "./reward.ts"

/** Refuses `not-found`, also for a report that nobody has looked at yet. */
export function* readRewardFile(
  id: ReportId,
): Rule<{ readonly ok: true; readonly file: RewardFile; readonly report: SettledReport } | Refused> {
  const file = yield* read("reward", id)
  const report = yield* read("report", id)
  if (file.status === "none") return refuse("not-found", { what: "report", id })
  invariant(report.status !== "none" && report.status !== "new", "L11", "a reward file opens with the answer")
  return { ok: true, file, report }
}
