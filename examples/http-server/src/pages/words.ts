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

export const participantStatusWords: Words = {
  none: text("未参加", "not taking part"),
  enrolled: text("队伍成员", "team member"),
  active: text("在册信息员", "informant"),
  reminded: text("在册信息员(已提醒)", "informant (reminded)"),
  suspended: text("暂停", "suspended"),
  left: text("已离队", "left the team"),
  withdrawn: text("已退出", "withdrew"),
  removed: text("已清退", "removed"),
  expired: text("证件到期", "card expired"),
}

export const candidacyWords: Words = {
  none: text("没有申请", "no application"),
  applied: text("已申请,等行业推荐", "applied, waits for the sector"),
  recommended: text("已推荐,等县级审核", "recommended, waits for the county's review"),
  passed: text("审核通过,等比选", "passed, waits for the comparison"),
  selected: text("已选上,等发证", "chosen, waits for the card"),
}

export const sectorWords: Words = {
  "on-demand-delivery": text("网约配送", "on-demand delivery"),
  "express-logistics": text("快递物流", "express logistics"),
  "ride-hailing": text("网约出行", "ride-hailing"),
  "property-management": text("物业行业协会", "property management"),
  sanitation: text("环卫企业", "sanitation"),
  "private-transport": text("交运非公企业", "private transport"),
}

export const roleWords: Words = {
  captain: text("队长", "captain"),
  "duty-officer": text("应哨专人", "duty officer"),
  "department-officer": text("承办干部", "officer of a department"),
  verifier: text("核实人", "verifier"),
  approver: text("审批人", "approver"),
  payer: text("兑付人", "payer"),
  "programme-admin": text("社会工作部", "social-work department"),
  "policy-officer": text("规则人员", "policy staff"),
  auditor: text("审计", "auditor"),
  partner: text("对接系统", "partner system"),
}

export const parkedWords: Words = {
  "unknown-order": text("没有这个交办", "no such order"),
  "not-addressed": text("不是派给它的", "not its order"),
  incomplete: text("内容不全", "incomplete"),
}

export const receiptWords: Words = {
  received: text("签收", "received"),
  refused: text("退单", "refused"),
  transferred: text("转办", "passed on"),
  started: text("办理中", "at work"),
  "extension-asked": text("申请延期", "asks for time"),
  result: text("办结", "done"),
  withdrawn: text("撤回", "laid down"),
}

export const againstWords: Words = {
  declined: text("对不奖励的决定申诉", "against no reward"),
  recovered: text("对追回的决定申诉", "against what was taken back"),
}

export const claimWords: Words = {
  vacant: text("还没有首报", "no first report yet"),
  held: text("首报已定,未发奖", "held, not rewarded"),
  settled: text("首报已发奖", "rewarded"),
  revoked: text("首报资格空缺,须由两人另定", "vacant: two people must decide"),
}

/** @returns the word, or the key where there is none. */
export const wordOf = (words: Words, key: string): Text => words[key] ?? text(key, key)
