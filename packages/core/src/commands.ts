/**
 * Every command there is, and the one way to perform one: authorise, then decide.
 *
 * Deny unless listed. A role that the table does not name for a command, a person who does not hold the
 * role, and anything unknown get a typed refusal, and the world stays as it is.
 */
import * as z from "zod"
import { confirmClaimChange, proposeClaimChange } from "./incident/claim.ts"
import { handOver } from "./incident/hand-over.ts"
import { mergeIncidents, splitIncident } from "./incident/merge-split.ts"
import { acknowledgeOrder, passLead, recordHandled, returnOrder } from "./incident/orders.ts"
import type { CommandDefinition } from "./kernel/command.ts"
import { actor } from "./kernel/roles.ts"
import type { Context, Outcome, Rule } from "./kernel/rule.ts"
import { dissolveUnit } from "./obligation/dissolve-unit.ts"
import { escalateObligation } from "./obligation/escalate.ts"
import { extendObligation } from "./obligation/extend.ts"
import { annotateReport, setLegalHold } from "./report/annotate.ts"
import { answerWhistle } from "./report/answer-whistle.ts"
import { closeReport } from "./report/close.ts"
import { convertClass, decideCalming } from "./report/convert-class.ts"
import { recordFollowUp } from "./report/follow-up.ts"
import { replyToReporters } from "./report/reply.ts"
import { submitReport } from "./report/submit-report.ts"
import { withholdReport } from "./report/withhold.ts"
import { gradeReport, verifyReport } from "./reward/verify.ts"

const table = {
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
  ProposeClaimChange: proposeClaimChange,
  ConfirmClaimChange: confirmClaimChange,
  MergeIncidents: mergeIncidents,
  SplitIncident: splitIncident,
  EscalateObligation: escalateObligation,
  ExtendObligation: extendObligation,
  DissolveUnit: dissolveUnit,
  VerifyReport: verifyReport,
  GradeReport: gradeReport,
} as const
