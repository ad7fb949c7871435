/**
 * What the pages call the keys that no policy names. Categories, classes, tiers, obligations and levels have
 * their names in the policy document.
 */
import { type Text, text } from "../web/language.ts"

type Words = Readonly<Record<string, Text>>

export const reportStatusWords: Words = {
  new: text("待应哨", "waiting for an answer"),
  open: text("办理中", "being handled"),
  withheld: text("压下不派", "withheld"),
  closed: text("已办结", "closed"),
}

export const rewardStatusWords: Words = {
  none: text("还没有进入核实", "not verified yet"),
  verifying: text("核实中", "being verified"),
  declined: text("不奖励", "no reward"),
  approved: text("待领取现金", "cash to be collected"),
  credited: text("积分已到账", "points credited"),
  paid: text("现金已付", "cash paid"),
  forfeited: text("逾期未领", "not collected in time"),
}

export const partStatusWords: Words = {
  ordered: text("未签收", "silent"),
  acknowledged: text("已签收", "received"),
  handled: text("已办结", "done"),
  returned: text("已退单", "returned"),
}

export const incidentStatusWords: Words = {
  open: text("待派发", "to be handed over"),
  "handed-over": text("已派发", "handed over"),
  handled: text("已处置", "handled"),
  merged: text("已并案", "merged"),
}

export const channelWords: Words = {
  app: text("随手拍", "app"),
  hotline: text("热线", "hotline"),
  "duty-desk": text("值班室", "duty desk"),
  partner: text("对接系统", "partner"),
}

export const tristateWords: Words = {
  yes: text("是", "yes"),
  no: text("否", "no"),
  unknown: text("不清楚", "not known"),
}

/** Keys that are English words everywhere and have no entry of their own in the policy's labels. */
export const verdictWords: Words = {
  true: text("属实", "true"),
  partlyTrue: text("部分属实", "partly true"),
  false: text("不属实", "false"),
  unverifiable: text("无法核实", "cannot be verified"),
}

export const followUpWords: Words = {
  satisfied: text("满意", "satisfied"),
  unsatisfied: text("不满意", "not satisfied"),
  unreachable: text("联系不上", "not reached"),
}

export const triggerWords: Words = {
  newDanger: text("新增人身危险", "new danger to people"),
  warning: text("红橙预警", "red or orange warning"),
  countyResponse: text("县级启动响应", "county response started"),
  dangerRemoved: text("险情解除(须第二人确认)", "danger removed (a second person confirms)"),
}

export const rankWords: Words = {
  first: text("首报", "first report"),
  later: text("非首报", "not the first"),
  undecided: text("首报未定", "first report undecided"),
}

/** @returns the word, or the key where there is none. */
export const wordOf = (words: Words, key: string): Text => words[key] ?? text(key, key)
