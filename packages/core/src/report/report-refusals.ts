/** What the refusals about reports, incidents and obligations say, in both languages. */
export const reportRefusals = {
  "not-found": { zh: "没有找到 {id}。", en: "there is no {what} {id}" },
  "photo-needed": { zh: "随手拍需要至少一张照片。", en: "a report by the app needs at least one photo" },
  "reporter-not-first": {
    zh: "第一署名人须是提交人本人。",
    en: "whoever submits by the app must be the first signatory",
  },
  "reporters-repeat": { zh: "联名人有重复。", en: "the same person is named twice among the reporters" },
  "channel-not-yours": {
    zh: "您的身份不能使用这个渠道({channel})。",
    en: 'the channel "{channel}" is not open to the role {role}',
  },
  "already-answered": { zh: "信息 {report} 已有人应哨。", en: "report {report} was answered already" },
  "own-report": {
    zh: "您是信息 {report} 的报送人,须由别人办理。",
    en: "you reported {report} yourself; somebody else must do this",
  },
  "unknown-category": {
    zh: "当时生效的规则里没有类别“{category}”。",
    en: 'the policy in force has no category "{category}"',
  },
  "unknown-negative": {
    zh: "当时生效的规则里没有负面清单条目“{negative}”。",
    en: 'the policy in force has no entry "{negative}" in its negative list',
  },
  "not-a-reporter": {
    zh: "被排除的人不在信息 {report} 的报送人之中。",
    en: "the person to exclude is not among the reporters of {report}",
  },
  "no-such-incident": {
    zh: "没有这个事件,或已并入别的事件:{incident}。",
    en: "incident {incident} does not exist or was merged into another",
  },
  "not-answered-yet": {
    zh: "信息 {report} 还没有应哨。",
    en: "nobody has answered the whistle for {report} yet",
  },
  "report-closed": { zh: "信息 {report} 已办结归档。", en: "report {report} is closed" },
  "report-not-open": { zh: "信息 {report} 不在办理中。", en: "report {report} is not open" },
  "not-handled-yet": {
    zh: "信息 {report} 的事件还没有处置完。",
    en: "the matter of {report} is not handled yet",
  },
  "only-satisfied-or-not": {
    zh: "报送人只回答满意或不满意,不写备注;其他结果由回访人员填写。",
    en: "a reporter answers satisfied or unsatisfied, without a note; any other result is for whoever follows up",
  },
  "no-reply-yet": { zh: "还没有回应报送人:{report}。", en: "the reporters of {report} have no reply yet" },
  "not-negative-listed": {
    zh: "信息 {report} 没有触碰“三个不准”。",
    en: "report {report} is not on the negative list",
  },
  "danger-not-excluded": {
    zh: "没有确认无人身危险(现为:{danger}),不能压下不派。",
    en: "danger to people is not excluded (it is {danger}), so it may not be withheld",
  },
  "already-handed-over": {
    zh: "信息 {report} 的事件已经派发。",
    en: "the matter of {report} was handed over already",
  },
  "others-report-it": { zh: "还有别人报告了同一事件。", en: "others report the same matter" },
  "report-not-withheld": { zh: "信息 {report} 不是压下不派的信息。", en: "report {report} is not withheld" },
  "on-hold-already": { zh: "信息 {report} 已在保全中。", en: "report {report} is on legal hold already" },
  "calming-already-proposed": {
    zh: "信息 {report} 已有人提出急转平,等待确认。",
    en: "calming of {report} is proposed already and waits for a second person",
  },
  "no-calming-proposed": { zh: "信息 {report} 没有急转平的提议。", en: "nobody proposed to calm {report}" },
  "level-not-enough": { zh: "核实层级({level})不够。", en: "the level {level} is not enough for this" },
  "same-person": {
    zh: "您已经是这件事的{other},须由另一个人来做。",
    en: "you have another part in this ({other}); it takes another person",
  },
  "not-open": {
    zh: "事件 {incident} 不在待派发状态(现为 {status})。",
    en: "incident {incident} is not waiting to be handed over ({status})",
  },
  withheld: { zh: "事件 {incident} 已压下不派。", en: "incident {incident} is withheld" },
  "reason-needed": {
    zh: "与规则建议不同,须写明理由。",
    en: "this differs from what the policy proposes; give a reason",
  },
  "route-of-other-class": {
    zh: "派发方式与事件级别({class})不符。",
    en: "the route does not fit the class {class}",
  },
  "lead-twice": { zh: "渠道 {unit} 重复。", en: "the unit {unit} stands in the route twice" },
  "no-such-unit": {
    zh: "没有这个单位,或已撤销:{unit}。",
    en: "the unit {unit} does not exist or was dissolved",
  },
  "already-acknowledged": { zh: "{unit} 已经签收。", en: "{unit} has acknowledged already" },
  "already-handled": { zh: "{unit} 已经办结。", en: "{unit} has handled it already" },
  "return-limit": {
    zh: "退单已达 {returns} 次,不能再退。",
    en: "it was returned {returns} times; no further return is allowed",
  },
  "not-an-emergency": { zh: "事件 {incident} 不是应急事件。", en: "incident {incident} is not an emergency" },
  "already-leading": { zh: "{unit} 已在牵头。", en: "{unit} is leading already" },
  "not-in-route": { zh: "{unit} 不在联动渠道之中。", en: "{unit} has no part in this incident" },
  "counted-by-lead": {
    zh: "受益人数由承办或牵头单位填报。",
    en: "residents who benefited are counted by the owner or the leading channel",
  },
  "not-owed": { zh: "应办事项 {obligation} 已不再欠办。", en: "obligation {obligation} is not owed" },
  "level-out-of-order": {
    zh: "层级须依次进行:现在不能是 {level}。",
    en: "levels follow one another: {level} is not next",
  },
  "not-due-yet": { zh: "还没有到 {at}。", en: "it is not due before {at}" },
  "no-extension": {
    zh: "这类事项不能延期({obligation})。",
    en: "an obligation of this kind is not extended ({obligation})",
  },
  "extension-limit": {
    zh: "已延期 {extensions} 次,不能再延。",
    en: "it was extended {extensions} times; no further extension is allowed",
  },
  "nothing-asked": {
    zh: "没有人为应办事项 {obligation} 申请延期。",
    en: "nobody asked for more time for obligation {obligation}",
  },
  "extension-too-long": { zh: "一次最多延 {limit} 分钟。", en: "one extension is at most {limit} minutes" },
  "unit-not-dissolvable": { zh: "{unit} 不能撤销。", en: "{unit} cannot be dissolved" },
  "successor-not-active": {
    zh: "接替单位 {unit} 不存在或已撤销。",
    en: "the successor {unit} is not an active unit",
  },
  "unit-not-closing": {
    zh: "撤销 {unit} 之前须先停止向其派件。",
    en: "close {unit} to new work before it is dissolved",
  },
  "claim-settled": {
    zh: "首报已经奖励,不能再改:{report}。",
    en: "the first report {report} was rewarded; it is not changed here",
  },
  "no-holder": { zh: "现在没有首报。", en: "nobody holds the claim to the first report" },
  "holder-not-false": {
    zh: "首报 {report} 没有被核实为不属实。",
    en: "the first report {report} was not found false",
  },
  "claim-not-vacant": { zh: "首报仍是 {report}。", en: "{report} still holds the claim to the first report" },
  "not-about-this": {
    zh: "信息 {report} 不属于这个事件。",
    en: "report {report} is not about this incident",
  },
  "report-not-valid": {
    zh: "信息 {report} 无效,不能作首报。",
    en: "report {report} is not valid as a first report",
  },
  "nothing-proposed": { zh: "没有等待确认的提议。", en: "nothing waits to be confirmed" },
  "same-incident": { zh: "同一个事件不能与自己合并。", en: "an incident is not merged with itself" },
  "different-class": {
    zh: "两个事件级别不同,请先转换。",
    en: "the two incidents are of different classes; convert one first",
  },
  "in-progress": {
    zh: "事件 {incident} 正在办理,请先办结或退回。",
    en: "incident {incident} is in progress; let it be handled or returned first",
  },
  "too-many-reports": {
    zh: "一个事件最多 {limit} 件信息。",
    en: "one incident takes at most {limit} reports",
  },
  "holder-stays": {
    zh: "首报 {report} 须留在原事件。",
    en: "the first report {report} stays with its incident",
  },
  "nothing-left": { zh: "原事件至少要留下一件信息。", en: "at least one report must stay with the incident" },
  "calendar-ends": {
    zh: "工作日历没有 {year} 年:请先录入该年的节假日和调休安排。",
    en: "the working calendar does not know {year}: add the year's holidays and make-up workdays first",
  },
} as const
