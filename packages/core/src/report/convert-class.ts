/**
 * Conversion (平急转换): ordinary to emergency or back, on the same report.
 *
 * `ConvertClass` with new danger, a warning or the county's response takes effect at once: the promises
 * become stricter and the incident goes back to the duty desk for the five channels. Calming
 * (`dangerRemoved`) only proposes; `DecideCalming` by a second person, a verifier, brings the level that the
 * policy asks for. Converting to the class it has changes nothing. Nothing is due later than before, and
 * id, reporters, rank, photos and history stay (S3).
 *
 * Refuses: `not-found`, `report-not-open`, `calming-already-proposed`, `no-calming-proposed`,
 * `same-person`, `level-not-enough`, `own-report`, `calendar-ends`.
 */
import * as z from "zod"
import type { Because, Facts, ReportClass } from "../decisions.ts"
import { conversionTrigger } from "../decisions.ts"
import type { Supplement } from "../inbox/supplement.ts"
import { changeClass } from "../incident/change-class.ts"
import { command } from "../kernel/command.ts"
import { type IncidentId, type ReportId, reportId } from "../kernel/ids.ts"
import { invariant, type Refused, refuse } from "../kernel/refusal.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { type Dates, deadlinesOf } from "../obligation/deadlines.ts"
import { advance, openObligations } from "../obligation/obligation.ts"
import { isReporter, type SettledReport } from "./report.ts"

const reason = z.string().trim().min(1).max(500)
const convertPayload = z.strictObject({
  report: reportId,
  trigger: conversionTrigger.exclude(["none"]),
  reason,
})
const calmingPayload = z.strictObject({ report: reportId, decision: z.enum(["confirm", "decline"]), reason })
export type ConvertClass = z.output<typeof convertPayload>
export type DecideCalming = z.output<typeof calmingPayload>
type OpenReport = Extract<SettledReport, { status: "open" }>

export const convertClass = command({
  type: "ConvertClass",
  roles: ["duty-officer", "programme-admin"],
  payload: convertPayload,
  queue: ({ report }) => `report/${report}`,
  decide: decideConversion,
})

export const decideCalming = command({
  type: "DecideCalming",
  roles: ["verifier"],
  payload: calmingPayload,
  queue: ({ report }) => `report/${report}`,
  decide: decideCalmed,
})

function* decideConversion(convert: ConvertClass, context: Context): Rule<Outcome> {
  const found = yield* readOpen(convert.report, context)
  if (!found.ok) return found
  const { report } = found
  if (convert.trigger === "dangerRemoved") {
    if (report.class === "ordinary") return happen({})
    if (report.calming !== undefined) return refuse("calming-already-proposed", { report: convert.report })
    const proposed = {
      type: "CalmingProposed",
      at: context.at,
      by: context.by.person,
      reason: convert.reason,
    } as const
    return happen({ events: [on("report", convert.report, proposed)] })
  }
  const dates = { accepted: report.acceptedOn, step: context.today }
  const to = ruled(report, convert.trigger, undefined, context, dates)
  if (to.class === report.class) return happen({})
  return happen({
    ...(yield* converted(convert.report, report, to, convert.trigger, convert.reason, context, dates)),
    notices: [
      {
        kind: "converted",
        to: { kind: "role", role: "duty-officer" },
        urgent: to.class === "emergency",
        orderingKey: `report/${convert.report}`,
        data: { report: convert.report, class: to.class },
      },
    ],
  })
}

function* decideCalmed(calming: DecideCalming, context: Context): Rule<Outcome> {
  const found = yield* readOpen(calming.report, context)
  if (!found.ok) return found
  const { report } = found
  if (report.calming === undefined) return refuse("no-calming-proposed", { report: calming.report })
  if (report.calming.by === context.by.person) return refuse("same-person", { other: "proposer" })
  if (calming.decision === "decline") {
    const declined = {
      type: "CalmingDeclined",
      at: context.at,
      by: context.by.person,
      reason: calming.reason,
    } as const
    return happen({ events: [on("report", calming.report, declined)] })
  }
  const dates = { accepted: report.acceptedOn, step: context.today }
  const { levels } = context.book.policyOn(report.acceptedOn)
  const level = levels.findLast((one) => context.scopes.includes(one))
  const to = ruled(report, "dangerRemoved", level, context, dates)
  if (to.class === report.class) return refuse("level-not-enough", { level: level ?? levels[0] ?? "" })
  return happen(yield* converted(calming.report, report, to, "dangerRemoved", calming.reason, context, dates))
}

// internal

function* readOpen(id: ReportId, context: Context): Rule<{ ok: true; report: OpenReport } | Refused> {
  const report = yield* read("report", id)
  if (report.status === "none") return refuse("not-found", { what: "report", id })
  if (report.status !== "open") return refuse("report-not-open", { report: id })
  return isReporter(report, context.by.person) ? refuse("own-report", { report: id }) : { ok: true, report }
}

interface Ruled {
  readonly class: ReportClass
  readonly because: Because
}

const ruled = (
  report: OpenReport,
  trigger: Facts["trigger"],
  level: string | undefined,
  context: Context,
  dates: Dates,
): Ruled => {
  const { levels } = context.book.policyOn(report.acceptedOn)
  const facts: Partial<Facts> = {
    ...report.facts,
    currentClass: report.class,
    trigger,
    level: level ?? levels[0] ?? "",
  }
  const outcome = context.book.decide("conversion", facts, dates)
  invariant(outcome.status === "decided", "S3", "conversion waits for no unknown fact")
  return { class: outcome.conclusions.class, because: outcome.because }
}

function* converted(
  id: ReportId,
  report: OpenReport,
  to: Ruled,
  trigger: Facts["trigger"],
  why: string,
  context: Context,
  dates: Dates,
): Rule<Supplement> {
  const limits = deadlinesOf(context.book, to.class, dates)
  const stricter = openObligations(report.obligations).flatMap((owed) =>
    owed.kind === "reply" || owed.kind === "followUp"
      ? advance(
          context.book,
          owed,
          { class: to.class, clock: limits.clock, minutes: limits[owed.kind] },
          dates,
        )
      : [],
  )
  const follows = yield* incidentFollows(report.incident, id, to.class, context, dates)
  const events = [
    on("report", id, {
      type: "ClassConverted",
      at: context.at,
      from: report.class,
      to: to.class,
      trigger,
      reason: why,
      because: to.because,
    }),
    ...stricter.map((event) => on("report", id, event)),
    ...follows.events,
  ]
  return { events, orders: follows.orders }
}

/** The incident is an emergency while any of its reports is one. */
function* incidentFollows(
  incident: IncidentId | undefined,
  id: ReportId,
  to: ReportClass,
  context: Context,
  dates: Dates,
): Rule<Supplement> {
  invariant(incident !== undefined, "F1", "an open report has its incident")
  const state = yield* read("incident", incident)
  invariant(state.status !== "none", "F1", "the incident of an open report exists")
  if (to === "ordinary") {
    for (const { report: other } of state.reports) {
      if (other === id) continue
      const sibling = yield* read("report", other)
      if (sibling.status === "open" && sibling.class === "emergency") return { events: [], orders: [] }
    }
  }
  return changeClass(context, incident, state, to, dates)
}
