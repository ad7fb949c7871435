/**
 * RecordFollowUp (跟踪回访): the visit or call after handling, or the reporter's own answer, and how a report
 * ends.
 *
 * Satisfied, or not to be reached: the report closes with a notice. Unsatisfied: it goes on. The matter is
 * reopened, and the reporter is owed a new reply and a new follow-up, counted from now; what was promised
 * before stays on record as it was kept or missed.
 *
 * A reporter answers for his or her own report only, with satisfied or unsatisfied and without a note: words
 * of a reporter never stand in an event, and the matter's reason is read by whoever handles. Of several
 * signatories the first answer counts. Staff never follow up a report of their own.
 *
 * Refuses: `not-found`, `report-not-open`, `not-handled-yet`, `no-reply-yet`, `own-report`,
 * `only-satisfied-or-not`, `calendar-ends`.
 */
import * as z from "zod"
import { reopened } from "../incident/reopen.ts"
import { command } from "../kernel/command.ts"
import { type ReportId, reportId } from "../kernel/ids.ts"
import { invariant, refuse } from "../kernel/refusal.ts"
import { type Context, type Emitted, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { deadlinesOf } from "../obligation/deadlines.ts"
import { cancel, findOpen, meet, open, openObligations } from "../obligation/obligation.ts"
import { dutyDesk } from "../programme/book.ts"
import { tell } from "./reply.ts"
import { isReporter, type ReportData, type ReportState, toldCount } from "./report.ts"

const payload = z.strictObject({
  report: reportId,
  result: z.enum(["satisfied", "unsatisfied", "unreachable"]),
  note: z.string().trim().max(500).default(""),
})
export type RecordFollowUp = z.output<typeof payload>
type OpenReport = Extract<ReportState, { status: "open" | "withheld" | "closed" }>

export const recordFollowUp = command({
  type: "RecordFollowUp",
  roles: ["reporter", "duty-officer", "squad-leader", "programme-admin"],
  payload,
  queue: ({ report }) => `report/${report}`,
  decide,
})

function* decide(visit: RecordFollowUp, context: Context): Rule<Outcome> {
  const report = yield* read("report", visit.report)
  if (report.status === "none") return refuse("not-found", { what: "report", id: visit.report })
  const refused = misplaced(visit, report, context)
  if (refused !== undefined) return refused
  if (report.status !== "open") return refuse("report-not-open", { report: visit.report })
  invariant(report.incident !== undefined, "F1", "an open report has its incident")
  const incident = yield* read("incident", report.incident)
  invariant(incident.status !== "none", "F1", "the incident of an open report exists")
  if (incident.status !== "handled") return refuse("not-handled-yet", { report: visit.report })
  if (report.replies === 0) return refuse("no-reply-yet", { report: visit.report })

  const goesOn = visit.result === "unsatisfied"
  const owed = findOpen(report.obligations, "followUp")
  const events: Emitted[] = [
    on("report", visit.report, {
      type: "FollowedUp",
      at: context.at,
      by: context.by.person,
      result: visit.result,
      note: visit.note,
      owedAgain: goesOn ? toldCount(report) : 0,
    }),
    ...(owed === undefined ? [] : [on("report", visit.report, meet(owed, context.at))]),
  ]
  if (!goesOn) return closes(visit.report, report, context, events, visit.result)
  return happen({
    events: [
      ...events,
      ...owedAgain(visit.report, report, context),
      ...reopened(context, report.incident, incident, visit.note || "unsatisfied at follow-up"),
    ],
    notices: tell(report, "reopened", { report: visit.report }),
  })
}

/** The events and notices that end a report; whatever is still owed to it is cancelled with the reason. */
export const closes = (
  id: ReportId,
  report: OpenReport,
  context: Context,
  before: readonly Emitted[],
  reason: string,
): Outcome => {
  const met = new Set(
    before.flatMap(({ event }) => (event.type === "ObligationMet" ? [event.obligation as string] : [])),
  )
  const left = openObligations(report.obligations).filter((owed) => !met.has(owed.id))
  return happen({
    events: [
      ...before,
      ...left.map((owed) => on("report", id, cancel(owed, context.at, "report-closed"))),
      on("report", id, { type: "ReportClosed", at: context.at, by: context.by.person, reason }),
    ],
    notices: tell(report, "closed", { report: id, reason }),
  })
}

// internal

/** Somebody else's report answers like a missing one to whoever asks as a reporter (Z5). */
const misplaced = (
  visit: RecordFollowUp,
  report: Pick<ReportData, "reporters">,
  context: Context,
): Outcome | undefined => {
  const own = isReporter(report, context.by.person)
  if (context.by.role !== "reporter") return own ? refuse("own-report", { report: visit.report }) : undefined
  if (!own) return refuse("not-found", { what: "report", id: visit.report })
  return visit.result === "unreachable" || visit.note !== "" ? refuse("only-satisfied-or-not") : undefined
}

const owedAgain = (id: ReportId, report: OpenReport, context: Context): readonly Emitted[] => {
  const dates = { accepted: report.acceptedOn, step: context.today }
  const limits = deadlinesOf(context.book, report.class, dates)
  const round = report.followUps + 2
  return (["reply", "followUp"] as const).map((kind) =>
    on(
      "report",
      id,
      open(context.book, {
        id: `${id}:${kind}:${round}`,
        kind,
        owner: dutyDesk(context.book).id,
        class: report.class,
        since: context.at,
        clock: limits.clock,
        minutes: limits[kind],
        dates,
      }),
    ),
  )
}
