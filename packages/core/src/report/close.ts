/**
 * CloseReport: ends a withheld report once its reporter was answered.
 *
 * Every other report ends by its follow-up. Refuses: `not-found`, `report-not-withheld`, `no-reply-yet`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { reportId } from "../kernel/ids.ts"
import { refuse } from "../kernel/refusal.ts"
import { type Context, type Outcome, type Rule, read } from "../kernel/rule.ts"
import { closes } from "./follow-up.ts"

const payload = z.strictObject({ report: reportId, reason: z.string().trim().min(1).max(500) })
export type CloseReport = z.output<typeof payload>

export const closeReport = command({
  type: "CloseReport",
  roles: ["duty-officer", "programme-admin"],
  payload,
  queue: ({ report }) => `report/${report}`,
  decide,
})

function* decide(close: CloseReport, context: Context): Rule<Outcome> {
  const report = yield* read("report", close.report)
  if (report.status === "none") return refuse("not-found", { what: "report", id: close.report })
  if (report.status !== "withheld") return refuse("report-not-withheld", { report: close.report })
  if (report.replies === 0) return refuse("no-reply-yet", { report: close.report })
  return closes(close.report, report, context, [], close.reason)
}
