/**
 * What the refusals about participants say, in both languages.
 *
 * `same-person` and `unknown-negative` stand in `report-refusals.ts`, `limit-reached` in
 * `programme-refusals.ts`.
 */
export const participantRefusals = {
  "participant-status": {
    zh: "目前的状态({status},申请:{candidacy})下不能办理。",
    en: "this cannot be done in the present state ({status}, application: {candidacy})",
  },
  "own-case": {
    zh: "不能办理自己的事,须由别人来办。",
    en: "this concerns yourself; somebody else must do it",
  },
  "not-yourself": { zh: "只能为本人办理。", en: "you can do this for yourself only" },
  "sector-not-yours": {
    zh: "类别“{sector}”不在您负责的范围内。",
    en: 'the sector "{sector}" is not among yours',
  },
  "policy-undecided": {
    zh: "规则还缺少事实,不能得出结论:{missing}。",
    en: "the policy cannot decide yet; missing: {missing}",
  },
  "admission-rejected": {
    zh: "按准入规则不能通过(结论:{admission})。",
    en: "the rules of admission do not allow a pass ({admission})",
  },
  "candidate-repeats": { zh: "同一候选人出现了两次。", en: "a candidate is listed twice" },
  "credential-used": {
    zh: "证号 {number} 已经用过,不能再用。",
    en: "the credential number {number} was used before and is never used again",
  },
  "valid-until-past": {
    zh: "有效期 {validUntil} 已经过去。",
    en: "the credential would have ended on {validUntil} already",
  },
  "not-expired-yet": {
    zh: "信息员证还没有到期({validUntil})。",
    en: "the credential has not expired yet ({validUntil})",
  },
  "readmission-by-admin": {
    zh: "清退的人员须由项目管理员重新接纳。",
    en: "whoever was removed is let in again by the programme admin only",
  },
  "not-your-squad": { zh: "只能办理本分队的事。", en: "this is not your squad" },
  "already-leader": { zh: "已经是这名队员的分队长。", en: "this is the member's squad leader already" },
  "leader-not-in-service": {
    zh: "分队长须是在册信息员。",
    en: "a squad leader must be an informant in service",
  },
  "squad-full": {
    zh: "每个分队最多 {limit} 名队员。",
    en: "a squad has {limit} members at most",
  },
  "successor-needed": {
    zh: "分队还有 {members} 名队员,须指定接任的分队长。",
    en: "the squad has {members} members; name who takes over",
  },
  "successor-is-leader": { zh: "接任的须是另一个人。", en: "somebody else must take over" },
  "nothing-to-remind": { zh: "按规则不需要提醒。", en: "the policy proposes no reminder" },
} as const satisfies { readonly [code: string]: { readonly zh: string; readonly en: string } }
