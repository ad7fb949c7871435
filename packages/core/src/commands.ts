/**
 * Every command there is, and the one way to perform one: authorise, then decide.
 *
 * Deny unless listed. A role that the table does not name for a command, a person who does not hold the
 * role, and anything unknown get a typed refusal, and the world stays as it is.
 */
import type * as z from "zod"
import { dismissReceipt, retryReceipt } from "./inbox/parked-receipts.ts"
import { takeReceipt } from "./inbox/take-receipt.ts"
import { confirmClaimChange, proposeClaimChange } from "./incident/claim.ts"
import { handOver } from "./incident/hand-over.ts"
import { mergeIncidents, splitIncident } from "./incident/merge-split.ts"
import { acknowledgeOrder, passLead, recordHandled, returnOrder } from "./incident/orders.ts"
import type { CommandDefinition } from "./kernel/command.ts"
import type { actor } from "./kernel/roles.ts"
import type { Context, Outcome, Rule } from "./kernel/rule.ts"
import { registerItem, stockItem } from "./ledger/catalogue.ts"
import { disposeRemovedBalance } from "./ledger/dispose-balance.ts"
import { expireAccountLots } from "./ledger/expire-lots.ts"
import { commitRedemption, holdRedemption, releaseRedemption } from "./ledger/redeem.ts"
import { settleCashReceivable } from "./ledger/settle-receivable.ts"
import { askExtension, declineExtension } from "./obligation/ask-extension.ts"
import { closeUnit, dissolveUnit } from "./obligation/dissolve-unit.ts"
import { escalateObligation } from "./obligation/escalate.ts"
import { extendObligation } from "./obligation/extend.ts"
import { applyAsInformant } from "./participant/apply-as-informant.ts"
import { assignSquadLeader } from "./participant/assign-squad-leader.ts"
import { endMembership } from "./participant/end-membership.ts"
import { enrolMember } from "./participant/enrol-member.ts"
import { expireCredential } from "./participant/expire-credential.ts"
import { issueCredential } from "./participant/issue-credential.ts"
import { recommendApplicant } from "./participant/recommend-applicant.ts"
import { remindInformant } from "./participant/remind-informant.ts"
import { removeParticipant } from "./participant/remove-participant.ts"
import { reviewApplicant } from "./participant/review-applicant.ts"
import { selectCandidates } from "./participant/selection.ts"
import { reinstateInformant, suspendInformant } from "./participant/suspend-informant.ts"
import { withdrawApplication } from "./participant/withdraw-application.ts"
import { withdrawAsInformant } from "./participant/withdraw-as-informant.ts"
import { addCalendarYear } from "./programme/add-calendar-year.ts"
import { adoptPolicy } from "./programme/adopt-policy.ts"
import { appointStaff } from "./programme/appoint-staff.ts"
import { authorize } from "./programme/authorize.ts"
import { dismissStaff } from "./programme/dismiss-staff.ts"
import { openProgramme } from "./programme/open-programme.ts"
import { registerUnit } from "./programme/register-unit.ts"
import { annotateReport, setLegalHold } from "./report/annotate.ts"
import { answerWhistle } from "./report/answer-whistle.ts"
import { closeReport } from "./report/close.ts"
import { convertClass, decideCalming } from "./report/convert-class.ts"
import { recordFollowUp } from "./report/follow-up.ts"
import { replyToReporters } from "./report/reply.ts"
import { submitReport } from "./report/submit-report.ts"
import { withholdReport } from "./report/withhold.ts"
import { decideAppeal, lodgeAppeal } from "./reward/appeal.ts"
import { approveReward } from "./reward/approve.ts"
import { decideFinding, proposeFinding } from "./reward/finding.ts"
import { forfeitAward, payAward } from "./reward/pay.ts"
import { gradeReport, verifyReport } from "./reward/verify.ts"

/** By type. The order is the order of a programme's life. */
export const commands = {
  OpenProgramme: openProgramme,
  AdoptPolicy: adoptPolicy,
  AddCalendarYear: addCalendarYear,
  RegisterUnit: registerUnit,
  CloseUnit: closeUnit,
  DissolveUnit: dissolveUnit,
  AppointStaff: appointStaff,
  DismissStaff: dismissStaff,
  ApplyAsInformant: applyAsInformant,
  WithdrawApplication: withdrawApplication,
  RecommendApplicant: recommendApplicant,
  ReviewApplicant: reviewApplicant,
  SelectCandidates: selectCandidates,
  IssueCredential: issueCredential,
  EnrolMember: enrolMember,
  AssignSquadLeader: assignSquadLeader,
  EndMembership: endMembership,
  RemindInformant: remindInformant,
  SuspendInformant: suspendInformant,
  ReinstateInformant: reinstateInformant,
  WithdrawAsInformant: withdrawAsInformant,
  RemoveParticipant: removeParticipant,
  ExpireCredential: expireCredential,
  SubmitReport: submitReport,
  AnswerWhistle: answerWhistle,
  WithholdReport: withholdReport,
  ConvertClass: convertClass,
  DecideCalming: decideCalming,
  ReplyToReporters: replyToReporters,
  RecordFollowUp: recordFollowUp,
  CloseReport: closeReport,
  AnnotateReport: annotateReport,
  SetLegalHold: setLegalHold,
  HandOver: handOver,
  AcknowledgeOrder: acknowledgeOrder,
  ReturnOrder: returnOrder,
  PassLead: passLead,
  RecordHandled: recordHandled,
  TakeReceipt: takeReceipt,
  RetryReceipt: retryReceipt,
  DismissReceipt: dismissReceipt,
  ProposeClaimChange: proposeClaimChange,
  ConfirmClaimChange: confirmClaimChange,
  MergeIncidents: mergeIncidents,
  SplitIncident: splitIncident,
  EscalateObligation: escalateObligation,
  AskExtension: askExtension,
  DeclineExtension: declineExtension,
  ExtendObligation: extendObligation,
  VerifyReport: verifyReport,
  GradeReport: gradeReport,
  ApproveReward: approveReward,
  PayAward: payAward,
  ForfeitAward: forfeitAward,
  ProposeFinding: proposeFinding,
  DecideFinding: decideFinding,
  LodgeAppeal: lodgeAppeal,
  DecideAppeal: decideAppeal,
  SettleReceivable: settleCashReceivable,
  DisposeBalance: disposeRemovedBalance,
  ExpireLots: expireAccountLots,
  RegisterItem: registerItem,
  StockItem: stockItem,
  HoldRedemption: holdRedemption,
  CommitRedemption: commitRedemption,
  ReleaseRedemption: releaseRedemption,
} as const

export type CommandType = keyof typeof commands
export const commandTypes = Object.keys(commands) as readonly CommandType[]

type PayloadOf<T extends CommandType> = z.output<(typeof commands)[T]["payload"]>
type InputOf<T extends CommandType> = z.input<(typeof commands)[T]["payload"]>

/** A command as the rules see it: parsed, branded. */
export type Command = {
  [T in CommandType]: { readonly type: T; readonly payload: PayloadOf<T> }
}[CommandType]

/** What a host writes: the payload's fields beside type, id and actor. Plain strings; parsed at the edge. */
export type CommandInput = {
  [T in CommandType]: {
    readonly type: T
    /** Unique for this actor; the same id again gives the same answer. 1 to 120 printable characters. */
    readonly id: string
    readonly by: z.input<typeof actor>
  } & InputOf<T>
}[CommandType]

/** The definition of a command, in the general form that the engine works with. */
export const definitionOf = (type: CommandType): CommandDefinition =>
  commands[type] as unknown as CommandDefinition

/**
 * Authorises and decides one command.
 *
 * `context.scopes` is set here from the actor's appointment; what the caller put there is ignored.
 */
export function* perform(command: Command, context: Context): Rule<Outcome> {
  const definition = definitionOf(command.type)
  const permitted = yield* authorize(context.by, definition)
  if (!permitted.ok) return permitted
  return yield* definition.decide(command.payload, { ...context, scopes: permitted.scopes })
}
