/**
 * WithholdReport: keeps a negative-listed report from being handed over (三个不准).
 *
 * Only where the settled facts say that nobody is in danger, and only because a person confirms it; unknown
 * danger is danger. A withheld report never earns and is always answered. Not once the matter was handed
 * over, and not while other reports are about it.
 *
 * Refuses: `not-found`, `report-not-open`, `not-negative-listed`, `danger-not-excluded`,
 * `already-handed-over`, `others-report-it`, `own-report`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { reportId } from "../kernel/ids.ts"
import { invariant, refuse } from "../kernel/refusal.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { cancel, findOpen, openObligations } from "../obligation/obligation.ts"
import { isReporter } from "./report.ts"

const payload = z.strictObject({ report: reportId, reason: z.string().trim().min(1).max(500) })
export type WithholdReport = z.output<typeof payload>

export const withholdReport = command({
  type: "WithholdReport",
  roles: ["duty-officer", "programme-admin"],
  payload,
  queue: ({ report }) => `report/${report}`,
  decide,
})

function* decide(withhold: WithholdReport, context: Context): Rule<Outcome> {
  const id = withhold.report
  const report = yield* read("report", id)
  if (report.status === "none") return refuse("not-found", { what: "report", id })
  if (report.status !== "open") return refuse("report-not-open", { report: id })
  if (isReporter(report, context.by.person)) return refuse("own-report", { report: id })
  if (report.negative === "none") return refuse("not-negative-listed", { report: id })
  if (report.facts.danger !== "no") return refuse("danger-not-excluded", { danger: report.facts.danger })
  invariant(report.incident !== undefined, "F1", "an open report has its incident")
  const incident = yield* read("incident", report.incident)
  invariant(incident.status !== "none", "F1", "the incident of an open report exists")
  if (incident.status !== "open") return refuse("already-handed-over", { report: id })
  if (incident.reports.length > 1) return refuse("others-report-it", { report: id })

  const followUp = findOpen(report.obligations, "followUp")
  return happen({
    events: [
      on("report", id, {
        type: "ReportWithheld",
        at: context.at,
        by: context.by.person,
        reason: withhold.reason,
        negative: report.negative,
        policy: context.book.policyOn(report.acceptedOn).digest,
      }),
      ...(followUp === undefined ? [] : [on("report", id, cancel(followUp, context.at, "withheld"))]),
      ...openObligations(incident.obligations).map((owed) =>
        on("incident", report.incident as string, cancel(owed, context.at, "withheld")),
      ),
    ],
  })
}
