/**
 * A participant: a worker of one of the six sectors who reports, as informant or as team member.
 *
 * One stream `participant/{person}` for all the person's years in the programme: applications, credentials,
 * membership, squad, and the counters that the rules of reward and of the roster read. It holds no name
 * and no phone. Somebody who was never enrolled has no stream and is a member of the public.
 *
 * What it does not do: it holds no points and no reports; accounts and reports have streams of their own.
 */
import * as z from "zod"
import { because, type ReporterStanding } from "../decisions.ts"
import { type PersonId, personId } from "../kernel/ids.ts"
import { invariant } from "../kernel/refusal.ts"
import type { IndexEntry, StreamDefinition, TallyIncrement } from "../kernel/stream.ts"
import { type CivilDate, civilDate, type Instant, instant, monthOf, yearOf } from "../kernel/time.ts"
import {
  type CandidacyStage,
  candidacyLifecycle,
  follow,
  type ParticipantStatus,
  participantLifecycle,
} from "./participant-lifecycle.ts"

/** 三新组织类别: 网约配送, 快递物流, 网约出行, 物业行业协会, 环卫企业, 交运非公企业. */
export const sector = z.enum([
  "on-demand-delivery",
  "express-logistics",
  "ride-hailing",
  "property-management",
  "sanitation",
  "private-transport",
])
export type Sector = z.infer<typeof sector>

/** The platform, firm or association that a worker belongs to. */
export const organisationId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "1 to 64 of a-z, 0-9 and -, not starting with -")
export type OrganisationId = z.infer<typeof organisationId>

/** Number on an informant's card (信息员证号). It carries no meaning and is never used twice. */
export const credentialNumber = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{3,63}$/, "4 to 64 of a-z, 0-9 and -, not starting with -")
export type CredentialNumber = z.infer<typeof credentialNumber>

/** Which wording of the consent a person agreed to. */
export const consentVersion = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$/)

/** Why a person decided so; kept with the decision, never sent out. */
export const reason = z.string().trim().min(1).max(500)

/** At most so many members follow one squad leader. */
export const squadCap = 64
/** At most so many credentials one person may have had. */
export const formerCap = 32

export const rosterProposal = z.enum(["leave", "suspend", "remind", "continue"])

/** What the policy proposed when a person decided; recorded beside the decision, which may differ. */
export const advice = z.strictObject({ proposed: rosterProposal, because })
export type Advice = z.infer<typeof advice>

/** What becomes of the points of somebody who is removed (L23): decided once, with the removal. */
export const balanceDisposition = z.enum(["keep", "forfeit"])

const grade = z.enum(["fair", "good", "excellent"])
/** 品行, 公道, 示范. */
export const grades = z.strictObject({ conduct: grade, fairness: grade, example: grade })
export type Grades = z.infer<typeof grades>

const given = { at: instant, by: personId }
const placed = {
  ...given,
  selection: z.string(),
  grades,
  score: z.int().min(0),
  rank: z.int().min(1),
  of: z.int().min(1),
  places: z.int().min(0),
  because,
}

export const participantEvent = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("ApplicationMade"),
    ...given,
    sector,
    organisation: organisationId,
    consent: consentVersion,
    age: z.int().min(0).max(120),
  }),
  z.strictObject({ type: z.literal("ApplicationWithdrawn"), ...given }),
  z.strictObject({ type: z.literal("ApplicantRecommended"), ...given, opinion: reason }),
  z.strictObject({ type: z.literal("ApplicantPassed"), ...given, opinion: reason, because }),
  z.strictObject({
    type: z.literal("ApplicantRejected"),
    ...given,
    opinion: reason,
    because: because.optional(),
  }),
  z.strictObject({ type: z.literal("CandidateSelected"), ...placed }),
  z.strictObject({ type: z.literal("CandidateNotSelected"), ...placed }),
  z.strictObject({
    type: z.literal("CredentialIssued"),
    ...given,
    on: civilDate,
    number: credentialNumber,
    validUntil: civilDate.optional(),
    sector,
    organisation: organisationId,
    /** Whose squad a member leaves by becoming an informant. */
    leaves: personId.optional(),
  }),
  z.strictObject({
    type: z.literal("MemberEnrolled"),
    ...given,
    on: civilDate,
    sector,
    organisation: organisationId,
    consent: consentVersion,
    leader: personId,
  }),
  z.strictObject({
    type: z.literal("SquadLeaderAssigned"),
    ...given,
    leader: personId,
    previous: personId,
  }),
  z.strictObject({ type: z.literal("MembershipEnded"), ...given, reason }),
  z.strictObject({
    type: z.literal("SquadMembersAdded"),
    ...given,
    members: z.array(personId).min(1).max(squadCap),
  }),
  z.strictObject({
    type: z.literal("SquadMembersGone"),
    ...given,
    members: z.array(personId).min(1).max(squadCap),
  }),
  z.strictObject({
    type: z.literal("InformantReminded"),
    ...given,
    reason,
    advice: advice.optional(),
  }),
  z.strictObject({
    type: z.literal("InformantSuspended"),
    ...given,
    reason,
    advice: advice.optional(),
  }),
  z.strictObject({ type: z.literal("InformantReinstated"), ...given, on: civilDate, reason }),
  z.strictObject({ type: z.literal("InformantWithdrew"), ...given }),
  z.strictObject({
    type: z.literal("ParticipantRemoved"),
    ...given,
    reason,
    standing: z.enum(["informant", "member"]),
    balance: balanceDisposition,
    advice: advice.optional(),
  }),
  z.strictObject({ type: z.literal("CredentialExpired"), ...given }),
  z.strictObject({ type: z.literal("ReportCounted"), date: civilDate }),
  z.strictObject({ type: z.literal("FalseReportCounted"), date: civilDate }),
])
export type ParticipantEvent = z.infer<typeof participantEvent>
export type ParticipantEventType = ParticipantEvent["type"]

/** An application under way. */
export type Candidacy =
  | { readonly stage: "none" }
  | {
      readonly stage: Exclude<CandidacyStage, "none">
      readonly appliedAt: Instant
      readonly age: number
      readonly sector: Sector
      readonly organisation: OrganisationId
      readonly recommendedBy?: PersonId | undefined
    }

export interface FormerCredential {
  readonly number: CredentialNumber
  readonly endedAt: Instant
  readonly how: "withdrawn" | "removed" | "expired"
}

export interface ParticipantState {
  readonly status: ParticipantStatus
  /** When the status began. */
  readonly since?: Instant | undefined
  readonly candidacy: Candidacy
  readonly sector?: Sector | undefined
  readonly organisation?: OrganisationId | undefined
  readonly consent?: { readonly version: string; readonly at: Instant } | undefined
  readonly credential?:
    | { readonly number: CredentialNumber; readonly validUntil?: CivilDate | undefined }
    | undefined
  readonly former: readonly FormerCredential[]
  /** A member's squad leader. */
  readonly leader?: PersonId | undefined
  /** An informant's members. */
  readonly squad: readonly PersonId[]
  /** Since when days without a report count: credential, enrolment or reinstatement. */
  readonly countsFrom?: CivilDate | undefined
  readonly lastReportOn?: CivilDate | undefined
  /** Counted reports by month of acceptance, the newest 24 months. */
  readonly reportsByMonth: { readonly [month: string]: number }
  /** Reports found false by year, the newest 5 years. */
  readonly falseByYear: { readonly [year: string]: number }
}

export const participantDefinition = {
  foldVersion: 1,
  initial: {
    status: "none",
    candidacy: { stage: "none" },
    former: [],
    squad: [],
    reportsByMonth: {},
    falseByYear: {},
  } as ParticipantState,
  event: participantEvent,
  evolve(state: ParticipantState, event: ParticipantEvent): ParticipantState {
    return evolveDetails(moved(state, event), event)
  },
  indexes: (state: ParticipantState, id: string): readonly IndexEntry[] => participantIndexes(state, id),
  tallies: (event: ParticipantEvent): readonly TallyIncrement[] => participantTallies(event),
} satisfies StreamDefinition<ParticipantState, ParticipantEvent>

/**
 * Who this person is to the rules of reward at this moment.
 *
 * Suspended informants are `suspended`; whoever left, withdrew, expired or was removed is `public`.
 */
export const standingAt = (
  state: ParticipantState,
): Extract<ReporterStanding, "informant" | "member" | "suspended" | "public"> => {
  switch (state.status) {
    case "active":
    case "reminded":
      return "informant"
    case "enrolled":
      return "member"
    case "suspended":
      return "suspended"
    case "none":
    case "left":
    case "withdrawn":
    case "removed":
    case "expired":
      return "public"
  }
}

/** Suspended or removed: no grant and no redemption now, whatever the person was when reporting (S4, L11). */
export const barredFromReward = (state: ParticipantState): boolean =>
  state.status === "suspended" || state.status === "removed"

/** May lead a squad, act as squad leader, take over members. */
export const isInService = (state: ParticipantState): boolean =>
  state.status === "active" || state.status === "reminded"

/** The fact `rosterStatus` of the policy's `privileges`. */
export const rosterStatusAt = (state: ParticipantState): "active" | "suspended" | "left" => {
  const standing = standingAt(state)
  return standing === "suspended" ? "suspended" : standing === "public" ? "left" : "active"
}

/** Reports counted in the month of a date: the next one is number `+ 1` (the fact `nth`). */
export const reportsInMonth = (state: ParticipantState, date: CivilDate): number =>
  state.reportsByMonth[monthOf(date)] ?? 0

/** A report by this person was accepted on this day. Append it to `participant/{person}` once per report. */
export const reportCounted = (date: CivilDate): ParticipantEvent => ({ type: "ReportCounted", date })

/** A report by this person was found false on this day. Once per report; nothing follows by itself (S8). */
export const falseReportCounted = (date: CivilDate): ParticipantEvent => ({
  type: "FalseReportCounted",
  date,
})

// internal

/** The tables decide where an event leads; one that they forbid cannot have been stored. */
const moved = (state: ParticipantState, event: ParticipantEvent): ParticipantState => {
  const status = follow(participantLifecycle, state.status, event.type)
  const stage = follow(candidacyLifecycle, state.candidacy.stage, event.type)
  invariant(status !== undefined, "S1", `${event.type} cannot follow the status ${state.status}`)
  invariant(stage !== undefined, "S1", `${event.type} cannot follow the stage ${state.candidacy.stage}`)
  const candidacy: Candidacy =
    stage === "none" || state.candidacy.stage === "none" ? { stage: "none" } : { ...state.candidacy, stage }
  // Counting a report may end a reminder and has no instant of its own.
  const since = status === state.status || !("at" in event) ? state.since : event.at
  return { ...state, status, since, candidacy }
}

const evolveDetails = (state: ParticipantState, event: ParticipantEvent): ParticipantState => {
  switch (event.type) {
    case "ApplicationMade": {
      const { at, age, sector, organisation } = event
      return {
        ...state,
        consent: { version: event.consent, at },
        candidacy: { stage: "applied", appliedAt: at, age, sector, organisation },
      }
    }
    case "ApplicantRecommended":
      return state.candidacy.stage === "none"
        ? state
        : { ...state, candidacy: { ...state.candidacy, recommendedBy: event.by } }
    case "ApplicantPassed":
    case "ApplicantRejected":
    case "ApplicationWithdrawn":
    case "CandidateSelected":
    case "CandidateNotSelected":
    case "InformantReminded":
    case "InformantSuspended":
      return state
    case "CredentialIssued":
      return {
        ...state,
        sector: event.sector,
        organisation: event.organisation,
        credential: { number: event.number, validUntil: event.validUntil },
        leader: undefined,
        countsFrom: event.on,
      }
    case "MemberEnrolled":
      return {
        ...state,
        sector: event.sector,
        organisation: event.organisation,
        consent: { version: event.consent, at: event.at },
        leader: event.leader,
        countsFrom: event.on,
      }
    case "SquadLeaderAssigned":
      return { ...state, leader: event.leader }
    case "SquadMembersAdded":
      return { ...state, squad: [...state.squad, ...event.members] }
    case "SquadMembersGone":
      return { ...state, squad: state.squad.filter((member) => !event.members.includes(member)) }
    case "InformantReinstated":
      return { ...state, countsFrom: event.on }
    case "MembershipEnded":
      return { ...state, leader: undefined }
    case "InformantWithdrew":
      return departed(state, event.at, "withdrawn")
    case "ParticipantRemoved":
      return departed(state, event.at, "removed")
    case "CredentialExpired":
      return departed(state, event.at, "expired")
    case "ReportCounted": {
      const { date } = event
      const lastReportOn =
        state.lastReportOn !== undefined && state.lastReportOn > date ? state.lastReportOn : date
      return { ...state, lastReportOn, reportsByMonth: plusOne(state.reportsByMonth, monthOf(date), 24) }
    }
    case "FalseReportCounted":
      return { ...state, falseByYear: plusOne(state.falseByYear, String(yearOf(event.date)), 5) }
  }
}

const departed = (state: ParticipantState, at: Instant, how: FormerCredential["how"]): ParticipantState => ({
  ...state,
  leader: undefined,
  credential: undefined,
  former:
    state.credential === undefined
      ? state.former
      : [...state.former, { number: state.credential.number, endedAt: at, how }],
})

/** One more under a key; only the `keep` newest keys stay, in order. */
const plusOne = (counts: { readonly [key: string]: number }, key: string, keep: number) =>
  Object.fromEntries(
    Object.entries({ ...counts, [key]: (counts[key] ?? 0) + 1 })
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(-keep),
  )

/** At most 7 entries. */
const participantIndexes = (state: ParticipantState, _id: string): readonly IndexEntry[] => {
  const entries: IndexEntry[] = []
  const { candidacy } = state
  if (state.status !== "none") {
    entries.push({ index: "participant/status", equals: state.status, range: state.since ?? "" })
  }
  if (candidacy.stage !== "none") {
    entries.push({ index: "participant/candidacy", equals: candidacy.stage, range: candidacy.appliedAt })
  }
  const sector = state.sector ?? (candidacy.stage === "none" ? undefined : candidacy.sector)
  if (sector !== undefined) {
    entries.push({ index: "participant/sector", equals: sector, range: state.status })
  }
  if (state.organisation !== undefined) {
    entries.push({ index: "participant/organisation", equals: state.organisation, range: state.status })
  }
  if (state.leader !== undefined) {
    entries.push({ index: "participant/leader", equals: state.leader, range: "" })
  }
  if (state.credential?.validUntil !== undefined) {
    entries.push({ index: "participant/expiry", equals: "valid", range: state.credential.validUntil })
  }
  const standing = standingAt(state)
  if (standing === "informant") {
    // Whoever has been silent longest comes first.
    const silentSince = [state.countsFrom ?? "", state.lastReportOn ?? ""].sort()[1] ?? ""
    entries.push({ index: "participant/idle", equals: standing, range: silentSince })
  }
  return entries
}

/** Informants (suspended ones included) and members at this moment. */
const participantTallies = (event: ParticipantEvent): readonly TallyIncrement[] => {
  const informants = (by: number): TallyIncrement => ({ key: "participants/informants", by })
  const members = (by: number): TallyIncrement => ({ key: "participants/members", by })
  switch (event.type) {
    case "CredentialIssued":
      return event.leaves === undefined ? [informants(1)] : [informants(1), members(-1)]
    case "MemberEnrolled":
      return [members(1)]
    case "MembershipEnded":
      return [members(-1)]
    case "InformantWithdrew":
    case "CredentialExpired":
      return [informants(-1)]
    case "ParticipantRemoved":
      return [event.standing === "informant" ? informants(-1) : members(-1)]
    case "ApplicationMade":
    case "ApplicationWithdrawn":
    case "ApplicantRecommended":
    case "ApplicantPassed":
    case "ApplicantRejected":
    case "CandidateSelected":
    case "CandidateNotSelected":
    case "SquadLeaderAssigned":
    case "SquadMembersAdded":
    case "SquadMembersGone":
    case "InformantReminded":
    case "InformantSuspended":
    case "InformantReinstated":
    case "ReportCounted":
    case "FalseReportCounted":
      return []
  }
}
