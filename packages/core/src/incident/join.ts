/**
 * Joining an incident or opening one, and who holds the claim to the first report.
 *
 * The first accepted valid report holds it, by server acceptance, whatever the order in which duty officers
 * get to look: an earlier report that is looked at later takes the claim over while it is not settled by an
 * award. After a revocation nobody takes it by joining. Whoever does not get it is told so by a typed
 * refusal in the events and loses nothing else.
 */
import type { ReportClass } from "../decisions.ts"
import { type IncidentId, incidentId } from "../kernel/ids.ts"
import type { Order } from "../kernel/message.ts"
import { type Refused, refuse } from "../kernel/refusal.ts"
import { type ClaimChange, type Context, type Emitted, on, type Rule, read } from "../kernel/rule.ts"
import type { Instant } from "../kernel/time.ts"
import { type Dates, deadlinesOf } from "../obligation/deadlines.ts"
import { advance, findOpen, type ObligationEvent, open } from "../obligation/obligation.ts"
import type { Place } from "../place/place.ts"
import { dutyDesk } from "../programme/book.ts"
import { placed, type Surroundings } from "./candidates.ts"
import { changeClass } from "./change-class.ts"
import type { IncidentEvent, LiveIncident, Member } from "./incident.ts"

/** The unique key that keeps one holder for one incident, in the database itself (L14, L15). */
export const firstClaimKey = (incident: string): string => `first/${incident}`

/** More reports about one matter than this open an incident of their own. */
export const mostReports = 400

/** A settled report on its way to an incident. */
export interface Arrival {
  readonly member: Member
  readonly class: ReportClass
  readonly category: string
  readonly place: Place
  readonly dates: Dates
}

export interface Arrived {
  readonly ok: true
  readonly events: readonly Emitted[]
  readonly claims: readonly ClaimChange[]
  /** What is recalled, where the report makes an emergency of its incident. */
  readonly orders: readonly Order[]
}

/**
 * Brings a report to `target`, or to an incident of its own where there is no target.
 *
 * Refuses `no-such-incident` when the target does not exist or was merged away.
 */
export function* bringToIncident(
  context: Context,
  arrival: Arrival,
  target: IncidentId | undefined,
  around: Surroundings,
  how: "candidate" | "person",
): Rule<Arrived | Refused> {
  if (target === undefined) return opened(context, arrival, around)
  const state = yield* read("incident", target)
  if (state.status === "none" || state.status === "merged") {
    return refuse("no-such-incident", { incident: target })
  }
  if (state.reports.length >= mostReports) return opened(context, arrival, around)
  return joined(context, arrival, target, state, how)
}

/** How the claim falls when `member` comes to be about the incident. */
export const claimOnJoining = (
  incident: IncidentId,
  state: Pick<LiveIncident, "claim" | "reports">,
  member: Member,
  at: Instant,
): Omit<Arrived, "ok" | "orders"> => {
  const { claim } = state
  if (member.eligible === "negative-listed") return refusedClaim(incident, member.report, "not-valid")
  if (claim.status === "revoked") return refusedClaim(incident, member.report, "claim-revoked")
  if (claim.status === "vacant") {
    return {
      events: takes(incident, member.report, "first"),
      claims: [{ kind: "take", key: firstClaimKey(incident), holder: member.report }],
    }
  }
  const refused = refusedClaim(incident, member.report, "already-reported")
  const holder = state.reports.find(({ report }) => report === claim.report)
  if (holder === undefined || holder.acceptedAt <= member.acceptedAt) return refused
  if (claim.status === "settled") {
    const review: IncidentEvent = {
      type: "ClaimReviewOpened",
      at,
      reports: [claim.report, member.report],
      reason: "an earlier report was looked at after the award",
    }
    return { events: [...refused.events, on("incident", incident, review)], claims: [] }
  }
  return {
    events: [
      ...takes(incident, member.report, "earlier"),
      ...refusedClaim(incident, claim.report, "already-reported").events,
    ],
    claims: moveClaim(incident, claim.report, member.report),
  }
}

/** The events by which a report comes to hold the claim. */
export const takes = (
  incident: IncidentId,
  report: Member["report"],
  how: Extract<IncidentEvent, { type: "ClaimTaken" }>["how"],
): readonly Emitted[] => [
  on("incident", incident, { type: "ClaimTaken", report, how }),
  on("report", report, { type: "FirstReportHeld", incident }),
]

/** The claim's unique key passes from one report to another, or is given back, or is taken. */
export const moveClaim = (
  incident: string,
  from: string | undefined,
  to: string | undefined,
): readonly ClaimChange[] => {
  const key = firstClaimKey(incident)
  return [
    ...(from === undefined ? [] : [{ kind: "release" as const, key, holder: from }]),
    ...(to === undefined ? [] : [{ kind: "take" as const, key, holder: to }]),
  ]
}

// internal

const refusedClaim = (
  incident: IncidentId,
  report: Member["report"],
  code: "already-reported" | "not-valid" | "claim-revoked",
): Omit<Arrived, "ok" | "orders"> => ({
  events: [on("report", report, { type: "FirstReportRefused", incident, code })],
  claims: [],
})

/** An open incident whose handling is not owed (its only report was withheld) owes it from now on. */
const owedAnew = (
  context: Context,
  arrival: Arrival,
  incident: IncidentId,
  state: LiveIncident,
  isOwed: boolean,
): readonly ObligationEvent[] => {
  if (isOwed || state.status !== "open") return []
  const limits = deadlinesOf(context.book, arrival.class, arrival.dates)
  return [
    open(context.book, {
      id: `${incident}:handle:joined-${state.reports.length}`,
      kind: "handle",
      owner: dutyDesk(context.book).id,
      class: arrival.class,
      since: arrival.member.acceptedAt,
      clock: limits.clock,
      minutes: limits.handle,
      dates: arrival.dates,
    }),
  ]
}

const opened = (context: Context, arrival: Arrival, around: Surroundings): Arrived => {
  const incident = incidentId.parse(context.freshId("i"))
  const { member, place, category } = arrival
  const limits = deadlinesOf(context.book, arrival.class, arrival.dates)
  const claim = claimOnJoining(
    incident,
    { claim: { status: "vacant" }, reports: [member] },
    member,
    context.at,
  )
  return {
    ok: true,
    events: [
      on("incident", incident, {
        type: "IncidentOpened",
        at: context.at,
        class: arrival.class,
        category,
        place,
        ...(around.cell === undefined ? {} : { cell: around.cell }),
        opening: member,
        origin: "report",
      }),
      on("report", member.report, { type: "IncidentAssigned", incident, how: "opened" }),
      ...claim.events,
      on(
        "incident",
        incident,
        open(context.book, {
          id: `${incident}:handle`,
          kind: "handle",
          owner: dutyDesk(context.book).id,
          class: arrival.class,
          since: member.acceptedAt,
          clock: limits.clock,
          minutes: limits.handle,
          dates: arrival.dates,
        }),
      ),
      ...placed(incident, around, { place, acceptedAt: member.acceptedAt }),
    ],
    claims: claim.claims,
    orders: [],
  }
}

const joined = (
  context: Context,
  arrival: Arrival,
  incident: IncidentId,
  state: LiveIncident,
  how: "candidate" | "person",
): Arrived => {
  const { member } = arrival
  const claim = claimOnJoining(incident, state, member, context.at)
  const raised =
    arrival.class === "emergency" && state.class === "ordinary" && state.status !== "handled"
      ? changeClass(context, incident, state, "emergency", arrival.dates)
      : { events: [], orders: [] }
  const limits = deadlinesOf(context.book, arrival.class, arrival.dates)
  const owed = findOpen(state.obligations, "handle")
  const stricter =
    owed === undefined || raised.events.length > 0
      ? owedAnew(context, arrival, incident, state, owed !== undefined)
      : advance(
          context.book,
          owed,
          { class: arrival.class, clock: limits.clock, minutes: limits.handle, since: member.acceptedAt },
          arrival.dates,
        )
  return {
    ok: true,
    events: [
      on("incident", incident, { type: "ReportJoined", member, how }),
      on("report", member.report, { type: "IncidentAssigned", incident, how: "joined" }),
      ...claim.events,
      ...raised.events,
      ...stricter.map((event) => on("incident", incident, event)),
    ],
    claims: claim.claims,
    orders: raised.orders,
  }
}
