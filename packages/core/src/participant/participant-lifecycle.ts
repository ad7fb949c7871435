/**
 * The two lifecycles of a participant as tables: the standing in the programme, and a candidacy.
 *
 * They are two because a member who applies stays a member until the credential is issued. An event that
 * stands in a table may happen only from a row that lists it; one that stands in both needs both. Folds,
 * deciders, tests and documents read these tables; what a table cannot say (who, when, for which reason)
 * stands with the command.
 *
 * A credential that ended never comes back: the ways out of `withdrawn`, `removed` and `expired` start
 * again under a new one.
 */
import * as z from "zod"

export const participantStatus = z.enum([
  "none",
  "enrolled",
  "active",
  "reminded",
  "suspended",
  "left",
  "withdrawn",
  "removed",
  "expired",
])
export type ParticipantStatus = z.infer<typeof participantStatus>

export const candidacyStage = z.enum(["none", "applied", "recommended", "passed", "selected"])
export type CandidacyStage = z.infer<typeof candidacyStage>

/** Status × event → status. */
export type LifecycleTable<S extends string> = {
  readonly [status in S]: { readonly [event in string]?: S }
}

/** Standing. `enrolled` is a member; `active` and `reminded` are informants in service. */
export const participantLifecycle = {
  none: {
    ApplicationMade: "none",
    MemberEnrolled: "enrolled",
    CredentialIssued: "active",
    ReportCounted: "none",
    FalseReportCounted: "none",
  },
  enrolled: {
    ApplicationMade: "enrolled",
    CredentialIssued: "active",
    SquadLeaderAssigned: "enrolled",
    MembershipEnded: "left",
    ParticipantRemoved: "removed",
    ReportCounted: "enrolled",
    FalseReportCounted: "enrolled",
  },
  active: {
    SquadMembersAdded: "active",
    SquadMembersGone: "active",
    InformantReminded: "reminded",
    InformantSuspended: "suspended",
    InformantWithdrew: "withdrawn",
    ParticipantRemoved: "removed",
    CredentialExpired: "expired",
    ReportCounted: "active",
    FalseReportCounted: "active",
  },
  reminded: {
    SquadMembersAdded: "reminded",
    SquadMembersGone: "reminded",
    InformantReminded: "reminded",
    InformantSuspended: "suspended",
    InformantWithdrew: "withdrawn",
    ParticipantRemoved: "removed",
    CredentialExpired: "expired",
    ReportCounted: "active",
    FalseReportCounted: "reminded",
  },
  suspended: {
    SquadMembersGone: "suspended",
    InformantReinstated: "active",
    InformantWithdrew: "withdrawn",
    ParticipantRemoved: "removed",
    CredentialExpired: "expired",
    ReportCounted: "suspended",
    FalseReportCounted: "suspended",
  },
  left: {
    ApplicationMade: "left",
    MemberEnrolled: "enrolled",
    CredentialIssued: "active",
    ReportCounted: "left",
    FalseReportCounted: "left",
  },
  withdrawn: {
    ApplicationMade: "withdrawn",
    MemberEnrolled: "enrolled",
    CredentialIssued: "active",
    ReportCounted: "withdrawn",
    FalseReportCounted: "withdrawn",
  },
  removed: {
    ApplicationMade: "removed",
    MemberEnrolled: "enrolled",
    CredentialIssued: "active",
    ReportCounted: "removed",
    FalseReportCounted: "removed",
  },
  expired: {
    ApplicationMade: "expired",
    MemberEnrolled: "enrolled",
    CredentialIssued: "active",
    ReportCounted: "expired",
    FalseReportCounted: "expired",
  },
} as const satisfies LifecycleTable<ParticipantStatus>

/** Candidacy: voluntary application, recommendation, county review, comparison, credential. */
export const candidacyLifecycle = {
  none: { ApplicationMade: "applied", ParticipantRemoved: "none" },
  applied: {
    ApplicantRecommended: "recommended",
    ApplicantRejected: "none",
    ApplicationWithdrawn: "none",
    ParticipantRemoved: "none",
  },
  recommended: {
    ApplicantPassed: "passed",
    ApplicantRejected: "none",
    ApplicationWithdrawn: "none",
    ParticipantRemoved: "none",
  },
  // Whoever is not chosen stays a candidate for the next comparison.
  passed: {
    CandidateSelected: "selected",
    CandidateNotSelected: "passed",
    ApplicantRejected: "none",
    ApplicationWithdrawn: "none",
    ParticipantRemoved: "none",
  },
  selected: {
    CredentialIssued: "none",
    ApplicantRejected: "none",
    ApplicationWithdrawn: "none",
    ParticipantRemoved: "none",
  },
} as const satisfies LifecycleTable<CandidacyStage>

/**
 * Where an event leads.
 *
 * @returns the next status; the same one when the table does not speak of the event at all; `undefined`
 *   when the table knows the event and does not allow it from here.
 * @example follow(participantLifecycle, "active", "InformantReminded") // => "reminded"
 * @example follow(participantLifecycle, "none", "InformantReminded") // => undefined
 */
export const follow = <S extends string>(
  table: LifecycleTable<S>,
  status: S,
  event: string,
): S | undefined => {
  const next = table[status][event]
  if (next !== undefined) return next
  const rows: readonly { readonly [event in string]?: S }[] = Object.values(table)
  return rows.some((row) => event in row) ? undefined : status
}

/** May this event happen to a participant of this standing and candidacy? */
export const mayHappen = (
  state: { readonly status: ParticipantStatus; readonly candidacy: { readonly stage: CandidacyStage } },
  event: string,
): boolean =>
  follow(participantLifecycle, state.status, event) !== undefined &&
  follow(candidacyLifecycle, state.candidacy.stage, event) !== undefined
