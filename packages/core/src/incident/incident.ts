/**
 * An incident (事件): the real-world matter that one report or several are about.
 *
 * It holds the claim to the first report, the hand-over and what must be done. The first accepted valid
 * report holds the claim; a holder found false loses it only by two people, and then nobody moves up
 * without two people deciding anew. Merging and splitting are decisions by people and never make an award.
 */
import * as z from "zod"
import { because, channel, reportClass } from "../decisions.ts"
import { incidentId, orderId, personId, photoDigest, reportId, unitId } from "../kernel/ids.ts"
import type { IndexEntry, StreamDefinition, TallyIncrement } from "../kernel/stream.ts"
import { type Instant, instant } from "../kernel/time.ts"
import {
  evolveObligations,
  isObligationEvent,
  type Obligation,
  obligationEvents,
  obligationIndexes,
  obligationTallies,
  openObligations,
} from "../obligation/obligation.ts"
import { place } from "../place/place.ts"

/** A report among those about the matter, by acceptance. */
export const member = z.strictObject({
  report: reportId,
  acceptedAt: instant,
  /** Negative-listed reports are about the matter and never hold the claim. */
  eligible: z.enum(["eligible", "negative-listed"]),
})
export type Member = z.infer<typeof member>

/** Who handles: one owner in the closed loop, or the channels with exactly one leading. */
export const route = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("ordinary"), owner: unitId }),
  z.strictObject({
    kind: z.literal("emergency"),
    lead: channel,
    joint: z.array(channel).max(4),
  }),
])
export type Route = z.infer<typeof route>

/** What one unit does about it. */
export const part = z.strictObject({
  unit: unitId,
  status: z.enum(["ordered", "acknowledged", "handled", "returned"]),
  /** The order that gave it; absent where an early release handed over. */
  order: orderId.optional(),
})
export type Part = z.infer<typeof part>

const text = z.string().min(1).max(500)

/** A change of the claim that waits for a second person. */
export const claimChange = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("revoke") }),
  z.strictObject({ kind: z.literal("name"), report: reportId }),
])
export type ClaimDecision = z.infer<typeof claimChange>

export const incidentEvent = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("IncidentOpened"),
    at: instant,
    class: reportClass,
    category: z.string().min(1).max(64),
    place,
    /** The grid cell in which it stands among its kind, when it has a coordinate. */
    cell: z.string().max(64).optional(),
    opening: member,
    origin: z.enum(["report", "split"]),
  }),
  z.strictObject({ type: z.literal("ReportJoined"), member, how: z.enum(["candidate", "person", "merged"]) }),
  z.strictObject({ type: z.literal("ReportLeft"), report: reportId, to: incidentId }),
  z.strictObject({
    type: z.literal("ClaimTaken"),
    report: reportId,
    how: z.enum(["first", "earlier", "named"]),
  }),
  z.strictObject({ type: z.literal("ClaimSettled"), report: reportId }),
  z.strictObject({
    type: z.literal("ClaimChangeProposed"),
    at: instant,
    by: personId,
    change: claimChange,
    reason: text,
  }),
  z.strictObject({
    type: z.literal("ClaimRevoked"),
    at: instant,
    report: reportId,
    by: z.array(personId).length(2),
    reason: text,
  }),
  /** Two incidents that both paid were merged, or an earlier report came after the award. */
  z.strictObject({
    type: z.literal("ClaimReviewOpened"),
    at: instant,
    reports: z.array(reportId).min(1).max(20),
    reason: text,
  }),
  z.strictObject({
    type: z.literal("IncidentHandedOver"),
    at: instant,
    by: personId,
    route,
    /** What the policy proposes; a person may route otherwise with a reason. */
    because,
    reason: text.optional(),
    /** Which order went to which unit; absent in what an early release wrote. */
    orders: z
      .array(z.strictObject({ unit: unitId, order: orderId }))
      .max(5)
      .optional(),
  }),
  z.strictObject({ type: z.literal("OrderAcknowledged"), at: instant, by: personId, unit: unitId }),
  z.strictObject({ type: z.literal("OrderReturned"), at: instant, by: personId, unit: unitId, reason: text }),
  z.strictObject({ type: z.literal("LeadPassed"), at: instant, by: personId, to: channel, reason: text }),
  z.strictObject({
    type: z.literal("PartHandled"),
    at: instant,
    by: personId,
    unit: unitId,
    /** What was done, fit to be told to reporters. */
    result: z.string().min(1).max(1000),
    /** Of what was done; absent where none was taken. */
    photos: z.array(photoDigest).max(9).optional(),
    /** Residents who benefited, counted by the owner or the leading channel; 0 from the others. */
    residentsBenefited: z.int().min(0).max(1_000_000),
  }),
  z.strictObject({ type: z.literal("IncidentHandled"), at: instant }),
  /** The owner was dissolved; its successor has the part. `order`: its own, absent in what an early release wrote. */
  z.strictObject({
    type: z.literal("OwnerReplaced"),
    from: unitId,
    to: unitId,
    order: orderId.optional(),
  }),
  z.strictObject({ type: z.literal("IncidentReopened"), at: instant, reason: text }),
  z.strictObject({
    type: z.literal("IncidentClassChanged"),
    at: instant,
    from: reportClass,
    to: reportClass,
  }),
  z.strictObject({
    type: z.literal("IncidentMerged"),
    at: instant,
    by: personId,
    into: incidentId,
    reason: text,
  }),
  z.strictObject({
    type: z.literal("IncidentSplit"),
    at: instant,
    by: personId,
    to: incidentId,
    reports: z.array(reportId).min(1).max(50),
    reason: text,
  }),
  ...obligationEvents,
])
export type IncidentEvent = z.infer<typeof incidentEvent>
type Of<T extends IncidentEvent["type"]> = Extract<IncidentEvent, { type: T }>

/** The claim to the first report. */
export type FirstClaim =
  /** No valid report yet. */
  | { readonly status: "vacant" }
  | { readonly status: "held"; readonly report: Member["report"]; readonly how: Of<"ClaimTaken">["how"] }
  /** The holder was rewarded; the claim moves no more. */
  | { readonly status: "settled"; readonly report: Member["report"] }
  /** A holder was found false, or the incident came out of a split: two people must decide anew. */
  | { readonly status: "revoked" }

export interface IncidentData {
  readonly openedAt: Instant
  readonly class: z.infer<typeof reportClass>
  readonly category: string
  readonly place: Of<"IncidentOpened">["place"]
  readonly cell?: string | undefined
  /** By acceptance, earliest first. */
  readonly reports: readonly Member[]
  readonly claim: FirstClaim
  readonly pendingClaim?: Omit<Of<"ClaimChangeProposed">, "type"> | undefined
  readonly route?: Route | undefined
  readonly parts: readonly Part[]
  readonly returns: number
  readonly residentsBenefited: number
  readonly result?: string | undefined
  /** Of what the units did, newest last, at most 9. */
  readonly resultPhotos?: readonly z.infer<typeof photoDigest>[] | undefined
  readonly handledAt?: Instant | undefined
  readonly reopened: number
  readonly obligations: readonly Obligation[]
}

export type IncidentState =
  | { readonly status: "none" }
  | ({ readonly status: "open" | "handed-over" | "handled" | "merged" } & IncidentData)
export type LiveIncident = Exclude<IncidentState, { status: "none" }>

const claims = {
  ClaimTaken: 1,
  ClaimSettled: 1,
  ClaimChangeProposed: 1,
  ClaimRevoked: 1,
  ClaimReviewOpened: 1,
} as const
const always = <S extends string>(status: S) =>
  Object.fromEntries(
    [...Object.keys(claims), "ReportJoined", "ReportLeft", "IncidentSplit"].map((type) => [type, status]),
  ) as Record<keyof typeof claims | "ReportJoined" | "ReportLeft" | "IncidentSplit", S>

/** status × event → status, or the statuses it may lead to. Obligation events keep the status. */
export const incidentLifecycle = {
  none: { IncidentOpened: "open" },
  open: {
    ...always("open"),
    IncidentHandedOver: "handed-over",
    IncidentClassChanged: "open",
    IncidentMerged: "merged",
  },
  "handed-over": {
    ...always("handed-over"),
    OrderAcknowledged: "handed-over",
    OrderReturned: ["handed-over", "open"],
    LeadPassed: "handed-over",
    PartHandled: "handed-over",
    OwnerReplaced: "handed-over",
    IncidentHandled: "handled",
    IncidentClassChanged: ["handed-over", "open"],
    IncidentMerged: "merged",
  },
  handled: {
    ...always("handled"),
    IncidentReopened: "open",
    // Calmed; an emergency reopens it first.
    IncidentClassChanged: "handled",
    IncidentMerged: "merged",
  },
  merged: { ReportLeft: "merged", ClaimReviewOpened: "merged" },
} as const

export const incidentDefinition = {
  foldVersion: 2,
  indexesSince: { "orders/received": 2, "incidents/claim": 2 },
  initial: { status: "none" } as IncidentState,
  event: incidentEvent,
  evolve,
  indexes(state: IncidentState, id: string): readonly IndexEntry[] {
    if (state.status === "none") return []
    return [
      { index: "incidents/status", equals: state.status, range: `${state.openedAt}/${id}` },
      ...(state.pendingClaim === undefined || state.status === "merged"
        ? []
        : [{ index: "incidents/claim", equals: "proposed", range: state.pendingClaim.at }]),
      ...receivedIndexes(state, id),
      ...obligationIndexes(state.obligations),
    ]
  },
  tallies,
} satisfies StreamDefinition<IncidentState, IncidentEvent>

/** The unit that answers for the whole: the owner, the leading channel, or nobody yet. */
export const leadUnit = (route: Route): string => (route.kind === "ordinary" ? route.owner : route.lead)

/** Every unit that an order went to. */
export const routeUnits = (route: Route): readonly string[] =>
  route.kind === "ordinary" ? [route.owner] : [route.lead, ...route.joint]

export const isSettled = (claim: FirstClaim): boolean => claim.status === "settled"

/** The report that holds the claim, settled or not. */
export const holderOf = (claim: FirstClaim): string | undefined =>
  claim.status === "held" || claim.status === "settled" ? claim.report : undefined

/** When the matter became known: what is promised about it follows the policy of that day, whenever it was looked at. */
export const knownSince = ({ reports, openedAt }: Pick<LiveIncident, "reports" | "openedAt">): Instant =>
  reports[0]?.acceptedAt ?? openedAt

// internal

/**
 * What a unit has received and owes nothing for by a time of its own: `owed` does not find it there.
 *
 * A unit that owes stands in `owed` alone, so that five channels stay within the entries of a document.
 */
const receivedIndexes = (state: LiveIncident, id: string): readonly IndexEntry[] => {
  if (state.status !== "handed-over") return []
  const owing = openObligations(state.obligations).map(({ owner }) => owner as string)
  return state.parts
    .filter(({ unit, status }) => status !== "returned" && !owing.includes(unit))
    .map(({ unit }) => ({ index: "orders/received", equals: unit, range: `${state.openedAt}/${id}` }))
}

const byAcceptance = (a: Member, b: Member): number =>
  a.acceptedAt < b.acceptedAt ? -1 : a.acceptedAt > b.acceptedAt ? 1 : 0

function evolve(state: IncidentState, event: IncidentEvent): IncidentState {
  if (event.type === "IncidentOpened") {
    return {
      status: "open",
      openedAt: event.at,
      class: event.class,
      category: event.category,
      place: event.place,
      cell: event.cell,
      reports: [event.opening],
      claim: event.origin === "split" ? { status: "revoked" } : { status: "vacant" },
      parts: [],
      returns: 0,
      residentsBenefited: 0,
      reopened: 0,
      obligations: [],
    }
  }
  if (state.status === "none") return state
  if (isObligationEvent(event)) return { ...state, obligations: evolveObligations(state.obligations, event) }
  return evolveLive(state, event)
}

type LiveEvent = Exclude<
  IncidentEvent,
  { type: "IncidentOpened" | `Obligation${string}` | `Due${string}` | `Extension${string}` }
>

const evolveLive = (state: LiveIncident, event: LiveEvent): IncidentState => {
  switch (event.type) {
    case "ReportJoined":
      return { ...state, reports: [...state.reports, event.member].sort(byAcceptance) }
    case "ReportLeft":
      return { ...state, reports: state.reports.filter(({ report }) => report !== event.report) }
    case "ClaimTaken":
      return {
        ...state,
        claim: { status: "held", report: event.report, how: event.how },
        pendingClaim: undefined,
      }
    case "ClaimSettled":
      return { ...state, claim: { status: "settled", report: event.report } }
    case "ClaimChangeProposed": {
      const { type: _, ...proposal } = event
      return { ...state, pendingClaim: proposal }
    }
    case "ClaimRevoked":
      return { ...state, claim: { status: "revoked" }, pendingClaim: undefined }
    case "ClaimReviewOpened":
    case "IncidentSplit":
      return state
    case "IncidentHandedOver":
      return {
        ...state,
        status: "handed-over",
        route: event.route,
        parts: routeUnits(event.route).map((unit) => ordered(unitId.parse(unit), event.orders)),
      }
    case "OrderAcknowledged":
      return { ...state, parts: withPart(state, event.unit, "acknowledged") }
    case "OrderReturned":
      return returned(state, event.unit)
    case "LeadPassed":
      return { ...state, route: led(state.route, event.to) }
    case "PartHandled":
      return {
        ...state,
        parts: withPart(state, event.unit, "handled"),
        residentsBenefited: state.residentsBenefited + event.residentsBenefited,
        result: event.unit === (state.route && leadUnit(state.route)) ? event.result : state.result,
        ...(event.photos === undefined
          ? {}
          : { resultPhotos: [...(state.resultPhotos ?? []), ...event.photos].slice(-9) }),
      }
    case "OwnerReplaced":
      return {
        ...state,
        route: state.route?.kind === "ordinary" ? { kind: "ordinary", owner: event.to } : state.route,
        parts: state.parts.map((one) =>
          one.unit === event.from
            ? { ...one, unit: event.to, ...(event.order === undefined ? {} : { order: event.order }) }
            : one,
        ),
      }
    case "IncidentHandled":
      return { ...state, status: "handled", handledAt: event.at }
    case "IncidentReopened":
      return { ...state, status: "open", route: undefined, parts: [], reopened: state.reopened + 1 }
    case "IncidentClassChanged":
      // An emergency needs the five channels: an ordinary hand-over no longer does.
      return event.to === "emergency"
        ? { ...state, class: event.to, status: "open", route: undefined, parts: [] }
        : { ...state, class: event.to }
    case "IncidentMerged":
      return { ...state, status: "merged" }
  }
}

const ordered = (unit: Part["unit"], orders: Of<"IncidentHandedOver">["orders"]): Part => {
  const order = orders?.find((one) => one.unit === unit)?.order
  return { unit, status: "ordered", ...(order === undefined ? {} : { order }) }
}

const withPart = (state: LiveIncident, unit: string, status: Part["status"]): readonly Part[] =>
  state.parts.map((part) => (part.unit === unit ? { ...part, status } : part))

/** The route under another leading channel; who led before joins. */
const led = (route: Route | undefined, to: z.infer<typeof channel>): Route | undefined =>
  route?.kind === "emergency"
    ? { kind: "emergency", lead: to, joint: [route.lead, ...route.joint].filter((one) => one !== to) }
    : route

/** A returned order leaves the route; when the leader returns, the next channel leads, or nobody is left. */
const returned = (state: LiveIncident, unit: string): IncidentState => {
  const parts = withPart(state, unit, "returned")
  const returns = state.returns + 1
  const route = state.route
  if (route?.kind === "emergency") {
    const left = [route.lead, ...route.joint].filter((one) => one !== unit)
    const [lead, ...joint] = left
    if (lead !== undefined) return { ...state, parts, returns, route: { kind: "emergency", lead, joint } }
  }
  return { ...state, status: "open", route: undefined, parts: [], returns }
}

function tallies(event: IncidentEvent): readonly TallyIncrement[] {
  if (isObligationEvent(event)) return obligationTallies(event)
  switch (event.type) {
    case "IncidentOpened":
      return [{ key: "incidents/opened", by: 1 }]
    case "IncidentMerged":
      return [{ key: "incidents/merged", by: 1 }]
    case "PartHandled":
      return event.residentsBenefited > 0
        ? [{ key: "residents/benefited", by: event.residentsBenefited }]
        : []
    case "OrderReturned":
      return [{ key: "orders/returned", by: 1 }]
    case "ClaimTaken":
      return event.how === "first" ? [{ key: "first-reports", by: 1 }] : []
    case "ReportJoined":
      return event.how === "candidate" ? [{ key: "reports/joined", by: 1 }] : []
    default:
      return []
  }
}
