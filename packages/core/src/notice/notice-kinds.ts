/**
 * Every kind of notice and what it is about: which of them wait for the morning, and which may be sent twice.
 *
 * A kind that is not in the table, of a host's own rules, is treated as duty: never quiet, sent again when in
 * doubt.
 */
import type { Notice } from "../kernel/message.ts"

/**
 * `duty`: somebody in office owes something. `answer`: a reporter is told what became of a report. `reward`:
 * money and points. `standing`: membership, credential, squad. `care`: what the county does for workers.
 */
export type Matter = "duty" | "answer" | "reward" | "standing" | "care"

/**
 * `quiet`: waits for the end of the quiet hours. `whenUnknown`: what happens to a notice that may have been
 * sent. A second alert does no harm; a second “you were paid” does, so a person looks first.
 */
export const matters = {
  duty: { quiet: false, whenUnknown: "again" },
  answer: { quiet: false, whenUnknown: "again" },
  reward: { quiet: true, whenUnknown: "ask" },
  standing: { quiet: true, whenUnknown: "again" },
  care: { quiet: true, whenUnknown: "again" },
} as const satisfies Record<Matter, { readonly quiet: boolean; readonly whenUnknown: "again" | "ask" }>

/** What each kind is about. */
export const noticeKinds = {
  whistle: "duty",
  converted: "duty",
  escalation: "duty",
  "order-returned": "duty",
  handled: "duty",
  "extension-asked": "duty",
  "extension-declined": "duty",
  "receipt-parked": "duty",
  "return-denied": "duty",
  "receipt-contradicts": "duty",
  "duties-inherited": "duty",
  appeal: "duty",
  "removal-proposed": "duty",
  "application-to-recommend": "duty",
  "applicant-to-review": "duty",
  "staff-appointed": "duty",
  "staff-dismissed": "duty",
  "report-accepted": "answer",
  reply: "answer",
  reopened: "answer",
  closed: "answer",
  "appeal-decided": "answer",
  award: "reward",
  recovered: "reward",
  forfeited: "reward",
  "redemption-held": "reward",
  "redemption-committed": "reward",
  "redemption-released": "reward",
  "application-received": "standing",
  "application-withdrawn": "standing",
  "applicant-recommended": "standing",
  "selection-chosen": "standing",
  "selection-not-chosen": "standing",
  "review-passed": "standing",
  "review-failed": "standing",
  "credential-issued": "standing",
  expired: "standing",
  suspended: "standing",
  reinstated: "standing",
  withdrawn: "standing",
  removed: "standing",
  "member-enrolled": "standing",
  "membership-ended": "standing",
  "squad-leader-changed": "standing",
  "roster-reminder": "care",
} as const satisfies Record<string, Matter>

export type NoticeKind = keyof typeof noticeKinds

/** @example matterOf({ kind: "award" }) // => "reward" */
export const matterOf = ({ kind }: Pick<Notice, "kind">): Matter =>
  Object.hasOwn(noticeKinds, kind) ? noticeKinds[kind as NoticeKind] : "duty"

/** An urgent notice is never quiet, whatever it is about. */
export const isQuiet = (notice: Pick<Notice, "kind" | "urgent">): boolean =>
  !notice.urgent && matters[matterOf(notice)].quiet
