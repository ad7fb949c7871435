/** Every command on participants, with the event that it puts on the stream of the person concerned. */
import { applyAsInformant } from "@yingshao/core/participant/apply-as-informant"
import { assignSquadLeader } from "@yingshao/core/participant/assign-squad-leader"
import { endMembership } from "@yingshao/core/participant/end-membership"
import { enrolMember } from "@yingshao/core/participant/enrol-member"
import { expireCredential } from "@yingshao/core/participant/expire-credential"
import { issueCredential } from "@yingshao/core/participant/issue-credential"
import type { ParticipantEventType } from "@yingshao/core/participant/participant"
import { recommendApplicant } from "@yingshao/core/participant/recommend-applicant"
import { remindInformant } from "@yingshao/core/participant/remind-informant"
import { removeParticipant } from "@yingshao/core/participant/remove-participant"
import { reviewApplicant } from "@yingshao/core/participant/review-applicant"
import { selectCandidates } from "@yingshao/core/participant/selection"
import { reinstateInformant, suspendInformant } from "@yingshao/core/participant/suspend-informant"
import { withdrawApplication } from "@yingshao/core/participant/withdraw-application"
import { withdrawAsInformant } from "@yingshao/core/participant/withdraw-as-informant"
import type { AnyCommand } from "../fixtures/world.ts"

export interface Case {
  readonly command: AnyCommand
  /** What happens to the person when all goes well. */
  readonly event: ParticipantEventType
  /** Does the person concerned give it themselves? */
  readonly self: boolean
  readonly payload: (person: string, leader: string) => unknown
}

export const grades = { conduct: "good", fairness: "good", example: "excellent" }
export const consent = "2026-1"
export const application = { sector: "sanitation", organisation: "clean-town", consent, age: 30 }

export const cases: readonly Case[] = [
  { command: applyAsInformant, event: "ApplicationMade", self: true, payload: () => application },
  { command: withdrawApplication, event: "ApplicationWithdrawn", self: true, payload: () => ({}) },
  {
    command: recommendApplicant,
    event: "ApplicantRecommended",
    self: false,
    payload: (person) => ({ person, opinion: "reliable" }),
  },
  {
    command: reviewApplicant,
    event: "ApplicantPassed",
    self: false,
    payload: (person) => ({ person, review: "passed", opinion: "suitable" }),
  },
  {
    command: reviewApplicant,
    event: "ApplicantRejected",
    self: false,
    payload: (person) => ({ person, review: "failed", opinion: "not now" }),
  },
  {
    command: selectCandidates,
    event: "CandidateSelected",
    self: false,
    payload: (person) => ({ candidates: [{ person, grades }], places: 1 }),
  },
  {
    command: selectCandidates,
    event: "CandidateNotSelected",
    self: false,
    payload: (person) => ({ candidates: [{ person, grades }], places: 0 }),
  },
  { command: issueCredential, event: "CredentialIssued", self: false, payload: (person) => ({ person }) },
  {
    command: enrolMember,
    event: "MemberEnrolled",
    self: false,
    payload: (person, leader) => ({
      person,
      sector: "sanitation",
      organisation: "clean-town",
      consent,
      leader,
    }),
  },
  {
    command: endMembership,
    event: "MembershipEnded",
    self: false,
    payload: (person) => ({ person, reason: "moved away" }),
  },
  {
    command: assignSquadLeader,
    event: "SquadLeaderAssigned",
    self: false,
    payload: (person, leader) => ({ member: person, leader }),
  },
  {
    command: remindInformant,
    event: "InformantReminded",
    self: false,
    payload: (person) => ({ person, reason: "silent" }),
  },
  {
    command: suspendInformant,
    event: "InformantSuspended",
    self: false,
    payload: (person) => ({ person, reason: "two false reports" }),
  },
  {
    command: reinstateInformant,
    event: "InformantReinstated",
    self: false,
    payload: (person) => ({ person, reason: "cleared" }),
  },
  { command: withdrawAsInformant, event: "InformantWithdrew", self: true, payload: () => ({}) },
  {
    command: removeParticipant,
    event: "ParticipantRemoved",
    self: false,
    payload: (person) => ({ person, reason: "fraud", balance: "forfeit" }),
  },
  {
    command: expireCredential,
    event: "CredentialExpired",
    self: false,
    payload: (person) => ({ person }),
  },
]

export const participantCommands: readonly AnyCommand[] = [...new Set(cases.map(({ command }) => command))]
