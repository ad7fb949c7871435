/**
 * What the refusals about accounts, redemption and stock say, in both languages.
 *
 * `cap-reached` stands in `reward-refusals.ts`, `own-case` and `not-yourself` in `participant-refusals.ts`.
 */
export const ledgerRefusals = {
  "account-full": {
    zh: "该账户已达到系统上限({limit})。",
    en: "the account has reached the limit of the system ({limit})",
  },
  "already-awarded": {
    zh: "信息 {report} 的奖金已经发放到账户。",
    en: "{report} was awarded to this account already",
  },
  "no-such-payable": {
    zh: "账户上没有信息 {report} 的待领奖金。",
    en: "this account has no uncollected award for {report}",
  },
  "not-paid": { zh: "信息 {report} 的奖金还没有领取。", en: "the award for {report} was not collected yet" },
  "exceeds-payable": {
    zh: "追回 {fen} 分超过待领的 {leftFen} 分。",
    en: "{fen} fen is more than the {leftFen} fen that are left of the award",
  },
  "exceeds-receivable": {
    zh: "退回 {fen} 分超过应退的 {owedFen} 分。",
    en: "{fen} fen is more than the {owedFen} fen that are owed",
  },
  "insufficient-points": {
    zh: "积分不够:需要 {needed},可用 {spendable}。",
    en: "not enough points: {needed} are needed, {spendable} can be spent",
  },
  "too-many-holds": {
    zh: "同时办理的兑换最多 {limit} 笔。",
    en: "at most {limit} redemptions can be under way at a time",
  },
  "hold-exists": { zh: "兑换 {hold} 已在办理。", en: "the redemption {hold} is under way already" },
  "no-such-hold": { zh: "没有兑换 {hold}。", en: "there is no redemption {hold}" },
  "already-ended": { zh: "兑换 {hold} 已经办结。", en: "the redemption {hold} has ended already" },
  "not-redeemable": {
    zh: "目前不能兑换积分。",
    en: "points cannot be redeemed at present",
  },
  "no-such-item": { zh: "兑换目录中没有 {item}。", en: "the catalogue has no {item}" },
  "insufficient-stock": {
    zh: "{item} 库存不够,现有 {units}。",
    en: "not enough in stock of {item}: {units} left",
  },
  "stock-limit": { zh: "库存最多 {limit}。", en: "at most {limit} can be in stock" },
  "nothing-to-expire": { zh: "没有到期的积分。", en: "no points have expired" },
  "not-removed": {
    zh: "该人没有被清退,不处理余额。",
    en: "the person was not removed, so the balance stays",
  },
  "already-disposed": {
    zh: "这次清退的积分余额已经处理。",
    en: "the balance was disposed of for this removal already",
  },
  "holds-open": {
    zh: "还有 {holds} 笔兑换没有办结。",
    en: "{holds} redemptions are still under way",
  },
} as const satisfies { readonly [code: string]: { readonly zh: string; readonly en: string } }
