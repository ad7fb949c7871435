/** What the refusals about verification and rewards say, in both languages. */
export const rewardRefusals = {
  "already-decided": {
    zh: "信息 {report} 的奖励已有决定。",
    en: "the reward of {report} was decided already",
  },
  "all-levels-verified": {
    zh: "信息 {report} 已核实到最高一级。",
    en: "report {report} was verified at every level",
  },
  "level-not-yours": { zh: "您不负责 {level} 核实。", en: "you do not verify at the level {level}" },
  "not-verified-yet": {
    zh: "信息 {report} 还没有核实完成。",
    en: "the verification of {report} is not complete",
  },
  "reward-undecided": {
    zh: "还缺:{missing},规则无法得出结论。",
    en: "the policy cannot decide yet; still unknown: {missing}",
  },
  "band-not-yours": { zh: "这一金额须由 {band} 审批。", en: "an amount of this size is approved by {band}" },
  "interest-declared": {
    zh: "申明了利害关系或未能说明,须回避。",
    en: "an interest was declared or could not be excluded; somebody else must decide",
  },
  "cap-reached": { zh: "已达上限({cap})。", en: "the cap is reached ({cap})" },
  "not-payable": { zh: "信息 {report} 没有待领的现金。", en: "{report} has no cash waiting to be collected" },
  "claim-window-over": {
    zh: "领取期限已过,视为放弃。",
    en: "the time to collect is over; the award is forfeited",
  },
  "claim-window-open": { zh: "领取期限还没有过。", en: "the time to collect is not over" },
  "not-collector": { zh: "须由第一署名人领取。", en: "the first signatory collects" },
  "no-award": { zh: "信息 {report} 没有奖励。", en: "{report} has no award" },
  "finding-pending": { zh: "已有认定等待确认。", en: "a finding waits for a second person already" },
  "no-finding": { zh: "没有等待确认的认定。", en: "no finding waits to be confirmed" },
  "nothing-to-recover": { zh: "没有可追回的差额。", en: "there is nothing to recover" },
  "appeal-too-late": {
    zh: "申诉期限已过,可通过其他渠道反映。",
    en: "the time to appeal is over; other channels remain open",
  },
  "appeal-pending": { zh: "申诉正在复核。", en: "an appeal is under review already" },
  "no-appeal": { zh: "没有待复核的申诉。", en: "no appeal waits for a decision" },
  "nothing-to-appeal": { zh: "没有可申诉的决定。", en: "there is no decision to appeal against" },
} as const
