/**
 * ReplyToReporters (回应): tells every reporter of a report what was done, one notice each.
 *
 * The first reply keeps the promise; later ones say more. Written by the unit that owes it, or by the
 * programme above it, and never empty. It goes out in the same commit (F5, F6).
 *
 * Refuses: `not-found`, `not-answered-yet`, `report-closed`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { reportId } from "../kernel/ids.ts"
import type { Notice } from "../kernel/message.ts"
import { refuse } from "../kernel/refusal.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { findOpen, meet } from "../obligation/obligation.ts"
import { type ReportData, toldCount } from "./report.ts"

const payload = z.strictObject({ report: reportId, text: z.string().trim().min(1).max(1000) })
export type ReplyToReporters = z.output<typeof payload>

export const replyToReporters = command({
  type: "ReplyToReporters",
  roles: ["duty-officer", "programme-admin"],
  payload,
  queue: ({ report }) => `report/${report}`,
  decide,
})

function* decide(reply: ReplyToReporters, context: Context): Rule<Outcome> {
  const report = yield* read("report", reply.report)
  if (report.status === "none") return refuse("not-found", { what: "report", id: reply.report })
  if (report.status === "new") return refuse("not-answered-yet", { report: reply.report })
  if (report.status === "closed") return refuse("report-closed", { report: reply.report })
  const owed = findOpen(report.obligations, "reply")
  return happen({
    events: [
      on("report", reply.report, {
        type: "ReplyGiven",
        at: context.at,
        by: context.by.person,
        text: reply.text,
        told: toldCount(report),
        standing: owed === undefined ? "further" : "owed",
      }),
      ...(owed === undefined ? [] : [on("report", reply.report, meet(owed, context.at))]),
    ],
    notices: tell(report, "reply", { report: reply.report, text: reply.text }),
  })
}

/** One notice for each reporter. Who gave no name asks by the report's number. */
export const tell = (
  report: Pick<ReportData, "reporters">,
  kind: string,
  data: Notice["data"],
): readonly Notice[] =>
  report.reporters.map(({ person }) => ({
    kind,
    to: { kind: "person", person },
    urgent: false,
    orderingKey: `person/${person}`,
    data,
  }))
