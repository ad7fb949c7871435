/**
 * A report (信息): one message from one reporter or several, from acceptance to its last word.
 *
 * `new` until a duty officer answered the whistle and settled the facts; `open` while something is owed to
 * the reporter; `withheld` when it is on the negative list and is not handed over; `closed` when the
 * reporter has the answer. What must be *done* about the matter belongs to the incident, what it *earns*
 * to the reward file. No words of a reporter are in here: the original stands with the identity port under
 * a handle, so that it can be erased.
 */
import * as z from "zod"
import { because, conversionTrigger, reportClass, reporterStanding, tristate } from "../decisions.ts"
import { incidentId, personId, photoDigest } from "../kernel/ids.ts"
import { unreachable } from "../kernel/refusal.ts"
import type { IndexEntry, StreamDefinition, TallyIncrement } from "../kernel/stream.ts"
import { civilDate, instant } from "../kernel/time.ts"
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

export const intakeChannel = z.enum(["app", "hotline", "duty-desk", "partner"])

/** One of those who report together, and what the rules took them for when the report was accepted. */
export const reporter = z.strictObject({ person: personId, standing: reporterStanding })
export type Reporter = z.infer<typeof reporter>

/** What a duty officer found out. Unknown is a value and never guessed. */
export const settledFacts = z.strictObject({
  category: z.string().min(1).max(64),
  danger: tristate,
  ongoing: tristate,
  affected: z.union([z.int().min(0).max(100_000), z.literal("unknown")]),
})
export type SettledFacts = z.infer<typeof settledFacts>

/** A person's decision beside the rule's answer. */
export const override = z.strictObject({ class: reportClass, reason: z.string().trim().min(1).max(500) })

export const reportEvent = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("ReportAccepted"),
    at: instant,
    on: civilDate,
    channel: intakeChannel,
    /** The first signatory stands first; empty when nobody gave a name. */
    reporters: z.array(reporter).max(20),
    place,
    photos: z.array(photoDigest).max(9),
    /** What the reporter called it. Nobody has looked yet, so no rule reads it. */
    claimedCategory: z.string().max(64).optional(),
    /** Handle of the reporter's own words, kept erasable elsewhere. */
    original: z.string().max(64).optional(),
  }),
  z.strictObject({
    type: z.literal("WhistleAnswered"),
    at: instant,
    by: personId,
    facts: settledFacts,
    /** An entry of the negative list, or `none`. */
    negative: z.string().min(1).max(64),
    /** Reporters who may not be rewarded, and why. */
    excluded: z
      .array(z.strictObject({ person: personId, standing: z.enum(["onDuty", "interested"]) }))
      .max(20),
    /** What the rules say. */
    triage: reportClass,
    because,
    /** What holds: the rules' answer, or the person's with a reason. */
    class: reportClass,
    override: override.optional(),
  }),
  z.strictObject({
    type: z.literal("IncidentAssigned"),
    incident: incidentId,
    how: z.enum(["opened", "joined", "merged", "split"]),
  }),
  z.strictObject({ type: z.literal("FirstReportHeld"), incident: incidentId }),
  z.strictObject({
    type: z.literal("FirstReportRefused"),
    incident: incidentId,
    code: z.enum(["already-reported", "not-valid", "claim-revoked"]),
  }),
  z.strictObject({
    type: z.literal("ReportWithheld"),
    at: instant,
    by: personId,
    reason: z.string().min(1).max(500),
    /** The entry of the negative list, under the policy of the digest. */
    negative: z.string(),
    policy: z.string(),
  }),
  z.strictObject({
    type: z.literal("ClassConverted"),
    at: instant,
    from: reportClass,
    to: reportClass,
    trigger: conversionTrigger,
    reason: z.string().min(1).max(500),
    because,
  }),
  /** Emergency to ordinary waits for a second person. */
  z.strictObject({
    type: z.literal("CalmingProposed"),
    at: instant,
    by: personId,
    reason: z.string().min(1).max(500),
  }),
  z.strictObject({
    type: z.literal("CalmingDeclined"),
    at: instant,
    by: personId,
    reason: z.string().max(500),
  }),
  z.strictObject({
    type: z.literal("ReplyGiven"),
    at: instant,
    by: personId,
    /** What the reporter is told. Written by staff, without anybody's name. */
    text: z.string().min(1).max(1000),
    /** How many reporters were told, 1 or more; one notice each. */
    told: z.int().min(1).max(20),
    /** `owed`: it keeps an open promise. `further`: something more to say. */
    standing: z.enum(["owed", "further"]),
  }),
  z.strictObject({
    type: z.literal("FollowedUp"),
    at: instant,
    by: personId,
    result: z.enum(["satisfied", "unsatisfied", "unreachable"]),
    note: z.string().max(500),
    /** How many reporters are owed another reply because it goes on; 0 otherwise. */
    owedAgain: z.int().min(0).max(20),
  }),
  z.strictObject({
    type: z.literal("ReportClosed"),
    at: instant,
    by: personId,
    reason: z.string().min(1).max(500),
  }),
  z.strictObject({
    type: z.literal("ReportAnnotated"),
    at: instant,
    by: personId,
    note: z.string().min(1).max(1000),
  }),
  z.strictObject({
    type: z.literal("LegalHoldSet"),
    at: instant,
    by: personId,
    reason: z.string().min(1).max(500),
  }),
  ...obligationEvents,
])
export type ReportEvent = z.infer<typeof reportEvent>

type Of<T extends ReportEvent["type"]> = Extract<ReportEvent, { type: T }>

/** What is known of a report in every state but `none`. */
export interface ReportData {
  readonly acceptedAt: Of<"ReportAccepted">["at"]
  readonly acceptedOn: Of<"ReportAccepted">["on"]
  readonly channel: z.infer<typeof intakeChannel>
  readonly reporters: readonly Reporter[]
  readonly place: Of<"ReportAccepted">["place"]
  readonly photos: readonly z.infer<typeof photoDigest>[]
  readonly claimedCategory?: string | undefined
  readonly original?: string | undefined
  readonly obligations: readonly Obligation[]
  readonly legalHold: boolean
}

/** What a duty officer's answer adds. */
interface SettledData extends ReportData {
  readonly triager: z.infer<typeof personId>
  readonly facts: SettledFacts
  readonly negative: string
  readonly class: z.infer<typeof reportClass>
  readonly triage: z.infer<typeof reportClass>
  readonly override?: z.infer<typeof override> | undefined
  readonly incident: z.infer<typeof incidentId> | undefined
  readonly rank: "first" | "later" | "undecided"
  readonly calming?: { readonly by: z.infer<typeof personId>; readonly reason: string } | undefined
  readonly replies: number
  readonly lastReplyAt?: z.infer<typeof instant> | undefined
  readonly followUps: number
}

export type ReportState =
  | { readonly status: "none" }
  | ({ readonly status: "new" } & ReportData)
  | ({ readonly status: "open" } & SettledData)
  | ({ readonly status: "withheld" } & SettledData)
  | ({ readonly status: "closed" } & SettledData)

/** A report that a duty officer has looked at. */
export type SettledReport = Exclude<ReportState, { status: "none" | "new" }>

/** status × event → status. What is not here cannot happen. Obligation events keep the status. */
export const reportLifecycle = {
  none: { ReportAccepted: "new" },
  new: { WhistleAnswered: "open", ReportAnnotated: "new", LegalHoldSet: "new" },
  open: {
    IncidentAssigned: "open",
    FirstReportHeld: "open",
    FirstReportRefused: "open",
    ReportWithheld: "withheld",
    ClassConverted: "open",
    CalmingProposed: "open",
    CalmingDeclined: "open",
    ReplyGiven: "open",
    FollowedUp: "open",
    ReportClosed: "closed",
    ReportAnnotated: "open",
    LegalHoldSet: "open",
  },
  withheld: {
    ReplyGiven: "withheld",
    ReportClosed: "closed",
    ReportAnnotated: "withheld",
    LegalHoldSet: "withheld",
  },
  /** Terminal. A holder found false after closing still changes its rank. */
  closed: {
    IncidentAssigned: "closed",
    FirstReportHeld: "closed",
    FirstReportRefused: "closed",
    ReportAnnotated: "closed",
    LegalHoldSet: "closed",
  },
} as const satisfies Record<
  ReportState["status"],
  Partial<Record<ReportEvent["type"], ReportState["status"]>>
>

export const reportDefinition = {
  foldVersion: 1,
  initial: { status: "none" } as ReportState,
  event: reportEvent,
  evolve,
  indexes(state: ReportState, id: string): readonly IndexEntry[] {
    if (state.status === "none") return []
    const named = state.reporters.map(({ person }) => ({
      index: "reports/by",
      equals: person,
      range: state.acceptedAt,
    }))
    return [
      { index: "reports/status", equals: state.status, range: `${state.acceptedAt}/${id}` },
      ...obligationIndexes(state.obligations),
      ...named,
    ].slice(0, 16)
  },
  tallies,
} satisfies StreamDefinition<ReportState, ReportEvent>

/** Has every promise to the reporter been kept or ended? */
export const owesNothing = (state: ReportState): boolean =>
  state.status === "none" || openObligations(state.obligations).length === 0

/** Is this person among those who reported? Compared as a person, in whatever role he or she acts. */
export const isReporter = (report: Pick<ReportData, "reporters">, person: string): boolean =>
  report.reporters.some((one) => one.person === person)

/** Those who must be told: one notice each. Somebody who gave no name is told by the report's number. */
export const toldCount = (state: ReportData): number => Math.max(1, state.reporters.length)

// internal

function evolve(state: ReportState, event: ReportEvent): ReportState {
  if (event.type === "ReportAccepted") {
    const { type: _, at, on, ...accepted } = event
    return { status: "new", acceptedAt: at, acceptedOn: on, ...accepted, obligations: [], legalHold: false }
  }
  if (state.status === "none") return state
  if (isObligationEvent(event)) return { ...state, obligations: evolveObligations(state.obligations, event) }
  switch (event.type) {
    case "LegalHoldSet":
      return { ...state, legalHold: true }
    case "ReportAnnotated":
      return state
    case "WhistleAnswered":
      return settle(state, event)
    default:
      return state.status === "new" ? state : evolveSettled(state, event)
  }
}

const settle = (state: ReportData, event: Of<"WhistleAnswered">): ReportState => ({
  ...state,
  status: "open",
  reporters: state.reporters.map((one) => {
    const excluded = event.excluded.find(({ person }) => person === one.person)
    return excluded === undefined ? one : { ...one, standing: excluded.standing }
  }),
  triager: event.by,
  facts: event.facts,
  negative: event.negative,
  class: event.class,
  triage: event.triage,
  override: event.override,
  incident: undefined,
  rank: "undecided",
  replies: 0,
  followUps: 0,
})

type Settled = Extract<ReportState, { status: "open" | "withheld" | "closed" }>
type SettledEvent = Exclude<
  ReportEvent,
  | { type: "ReportAccepted" | "WhistleAnswered" | "LegalHoldSet" | "ReportAnnotated" }
  | { type: `Obligation${string}` | `Due${string}` | `Extension${string}` }
>

const evolveSettled = (state: Settled, event: SettledEvent): ReportState => {
  switch (event.type) {
    case "IncidentAssigned":
      return { ...state, incident: event.incident }
    case "FirstReportHeld":
      return { ...state, rank: "first" }
    case "FirstReportRefused":
      return { ...state, rank: "later" }
    case "ReportWithheld":
      return { ...state, status: "withheld" }
    case "ClassConverted":
      return { ...state, class: event.to, calming: undefined }
    case "CalmingProposed":
      return { ...state, calming: { by: event.by, reason: event.reason } }
    case "CalmingDeclined":
      return { ...state, calming: undefined }
    case "ReplyGiven":
      return { ...state, replies: state.replies + 1, lastReplyAt: event.at }
    case "FollowedUp":
      return { ...state, followUps: state.followUps + 1 }
    case "ReportClosed":
      return { ...state, status: "closed" }
  }
  return unreachable(event)
}

function tallies(event: ReportEvent): readonly TallyIncrement[] {
  if (isObligationEvent(event)) return obligationTallies(event)
  switch (event.type) {
    case "ReportAccepted":
      return [
        { key: "reports/accepted", by: 1 },
        { key: "replies/owed", by: Math.max(1, event.reporters.length) },
      ]
    case "WhistleAnswered":
      return [{ key: `reports/class/${event.class}`, by: 1 }]
    case "ClassConverted":
      return [
        { key: `reports/class/${event.from}`, by: -1 },
        { key: `reports/class/${event.to}`, by: 1 },
      ]
    case "ReplyGiven":
      return [{ key: event.standing === "owed" ? "replies/sent" : "replies/further", by: event.told }]
    case "FollowedUp":
      return event.owedAgain > 0 ? [{ key: "replies/owed", by: event.owedAgain }] : []
    case "ReportClosed":
      return [{ key: "reports/closed", by: 1 }]
    case "ReportWithheld":
      return [{ key: "reports/withheld", by: 1 }]
    case "IncidentAssigned":
    case "FirstReportHeld":
    case "FirstReportRefused":
    case "CalmingProposed":
    case "CalmingDeclined":
    case "ReportAnnotated":
    case "LegalHoldSet":
      return []
  }
}
