/**
 * MergeIncidents and SplitIncident: people decide that two incidents are one matter, or that one is two.
 *
 * Neither makes an award (L16). After a merge the earliest accepted holder keeps the claim; one that was
 * settled by an award stays; two that were both settled open a review and nothing is paid. The incident
 * that came out of a split has no holder until two people name one.
 *
 * Refuses: `not-found`, `same-incident`, `different-class`, `in-progress`, `too-many-reports`,
 * `holder-stays`, `not-about-this`, `nothing-left`, `calendar-ends`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { type IncidentId, incidentId, reportId } from "../kernel/ids.ts"
import { refuse } from "../kernel/refusal.ts"
import {
  type ClaimChange,
  type Context,
  type Emitted,
  happen,
  type Outcome,
  on,
  type Rule,
} from "../kernel/rule.ts"
import { deadlinesOf } from "../obligation/deadlines.ts"
import { cancel, findOpen, open, openObligations } from "../obligation/obligation.ts"
import { dutyDesk } from "../programme/book.ts"
import { unplaced } from "./candidates.ts"
import { holderOf, knownSince, type LiveIncident, type Member } from "./incident.ts"
import { mostReports, moveClaim, takes } from "./join.ts"
import { readLive } from "./read-live.ts"

const reason = z.string().trim().min(1).max(500)
const mergePayload = z.strictObject({ from: incidentId, into: incidentId, reason })
const splitPayload = z.strictObject({
  incident: incidentId,
  reports: z.array(reportId).min(1).max(50),
  reason,
})
export type MergeIncidents = z.output<typeof mergePayload>
export type SplitIncident = z.output<typeof splitPayload>

export const mergeIncidents = command({
  type: "MergeIncidents",
  roles: ["duty-officer", "programme-admin"],
  payload: mergePayload,
  queue: ({ into }) => `incident/${into}`,
  decide: decideMerge,
})

export const splitIncident = command({
  type: "SplitIncident",
  roles: ["duty-officer", "programme-admin"],
  payload: splitPayload,
  queue: ({ incident }) => `incident/${incident}`,
  decide: decideSplit,
})

/** Reports that one merge moves at most. */
const mostMoved = 200

function* decideMerge(merge: MergeIncidents, context: Context): Rule<Outcome> {
  if (merge.from === merge.into) return refuse("same-incident", { incident: merge.into })
  const from = yield* readLive(merge.from)
  if (!from.ok) return from
  const into = yield* readLive(merge.into)
  if (!into.ok) return into
  if (from.state.class !== into.state.class) return refuse("different-class", { incident: merge.from })
  // What was handed over from the one would be lost with it: staff end or return it first.
  if (from.state.status === "handed-over") return refuse("in-progress", { incident: merge.from })
  if (from.state.status === "open" && into.state.status === "handled") {
    return refuse("in-progress", { incident: merge.from })
  }
  // Each report that moves is a stream of this commit.
  if (
    from.state.reports.length > mostMoved ||
    from.state.reports.length + into.state.reports.length > mostReports
  ) {
    return refuse("too-many-reports", { limit: Math.min(mostMoved, mostReports - into.state.reports.length) })
  }
  const claim = mergedClaim(merge, from.state, into.state, context)
  return happen({
    events: [
      ...from.state.reports.flatMap(({ report }) => [
        on("incident", merge.from, { type: "ReportLeft", report, to: merge.into }),
        on("report", report, { type: "IncidentAssigned", incident: merge.into, how: "merged" }),
      ]),
      ...from.state.reports.map((member) =>
        on("incident", merge.into, { type: "ReportJoined", member, how: "merged" }),
      ),
      ...openObligations(from.state.obligations).map((owed) =>
        on("incident", merge.from, cancel(owed, context.at, "merged")),
      ),
      ...claim.events,
      on("incident", merge.from, {
        type: "IncidentMerged",
        at: context.at,
        by: context.by.person,
        into: merge.into,
        reason: merge.reason,
      }),
      ...unplaced(merge.from, from.state),
    ],
    claims: claim.claims,
  })
}

function* decideSplit(split: SplitIncident, context: Context): Rule<Outcome> {
  const found = yield* readLive(split.incident)
  if (!found.ok) return found
  const { state } = found
  const leaving = state.reports.filter(({ report }) => split.reports.includes(report))
  if (leaving.length !== new Set(split.reports).size)
    return refuse("not-about-this", { report: split.reports[0] ?? "" })
  if (leaving.length === state.reports.length) return refuse("nothing-left", { incident: split.incident })
  const holder = holderOf(state.claim)
  if (leaving.some(({ report }) => report === holder)) return refuse("holder-stays", { report: holder ?? "" })
  const to = incidentId.parse(context.freshId("i"))
  return happen({ events: splitEvents(split, state, leaving, to, context) })
}

// internal

interface Claimed {
  readonly events: readonly Emitted[]
  readonly claims: readonly ClaimChange[]
}

/** Who holds the claim after a merge. The key of the merged one is given back in any case. */
const mergedClaim = (
  merge: MergeIncidents,
  from: LiveIncident,
  into: LiveIncident,
  context: Context,
): Claimed => {
  const loser = holderOf(from.claim) as Member["report"] | undefined
  const keeper = holderOf(into.claim) as Member["report"] | undefined
  const back = moveClaim(merge.from, loser, undefined)
  if (loser === undefined) return { events: [], claims: [] }
  const refused = on("report", loser, {
    type: "FirstReportRefused",
    incident: merge.into,
    code: "already-reported",
  })
  if (from.claim.status === "settled") {
    const review = on("incident", merge.into, {
      type: "ClaimReviewOpened",
      at: context.at,
      reports: keeper === undefined ? [loser] : [keeper, loser],
      reason: "merged with an incident that was rewarded",
    })
    return into.claim.status === "settled"
      ? { events: [review], claims: back }
      : {
          events: [review, ...settledMoves(merge, loser, keeper)],
          claims: [...back, ...moveClaim(merge.into, keeper, loser)],
        }
  }
  if (
    keeper !== undefined &&
    (into.claim.status === "settled" || acceptedAt(into, keeper) <= acceptedAt(from, loser))
  ) {
    return { events: [refused], claims: back }
  }
  if (into.claim.status === "revoked") return { events: [refused], claims: back }
  return {
    events: [
      ...takes(merge.into, loser, keeper === undefined ? "first" : "earlier"),
      ...(keeper === undefined
        ? []
        : [
            on("report", keeper, {
              type: "FirstReportRefused",
              incident: merge.into,
              code: "already-reported",
            }),
          ]),
    ],
    claims: [...back, ...moveClaim(merge.into, keeper, loser)],
  }
}

/** The rewarded holder of the merged incident stays the holder of the matter. */
const settledMoves = (
  merge: MergeIncidents,
  rewarded: Member["report"],
  keeper: Member["report"] | undefined,
): readonly Emitted[] => [
  ...takes(merge.into, rewarded, "named"),
  on("incident", merge.into, { type: "ClaimSettled", report: rewarded }),
  ...(keeper === undefined
    ? []
    : [on("report", keeper, { type: "FirstReportRefused", incident: merge.into, code: "already-reported" })]),
]

const acceptedAt = (state: LiveIncident, report: string): string =>
  state.reports.find((member) => member.report === report)?.acceptedAt ?? ""

const splitEvents = (
  split: SplitIncident,
  state: LiveIncident,
  leaving: readonly Member[],
  to: IncidentId,
  context: Context,
): readonly Emitted[] => {
  const [opening, ...others] = leaving
  if (opening === undefined) return []
  const dates = { accepted: context.book.dateOf(knownSince(state)), step: context.today }
  const limits = deadlinesOf(context.book, state.class, dates)
  const owed = findOpen(state.obligations, "handle")
  return [
    on("incident", split.incident, {
      type: "IncidentSplit",
      at: context.at,
      by: context.by.person,
      to,
      reports: leaving.map(({ report }) => report),
      reason: split.reason,
    }),
    ...leaving.flatMap(({ report }) => [
      on("incident", split.incident, { type: "ReportLeft", report, to }),
      on("report", report, { type: "IncidentAssigned", incident: to, how: "split" }),
    ]),
    on("incident", to, {
      type: "IncidentOpened",
      at: context.at,
      class: state.class,
      category: state.category,
      place: state.place,
      opening,
      origin: "split",
    }),
    ...others.map((member) => on("incident", to, { type: "ReportJoined", member, how: "person" })),
    on(
      "incident",
      to,
      open(context.book, {
        id: `${to}:handle`,
        kind: "handle",
        owner: dutyDesk(context.book).id,
        class: state.class,
        // The promise to these reporters is as old as it was; handled already, it starts anew.
        since: owed?.since ?? context.at,
        clock: limits.clock,
        minutes: limits.handle,
        dates,
      }),
    ),
  ]
}
