/**
 * What each event of a report, its incident and its reward file says to a person, in both languages.
 *
 * No name, and nothing that a reporter wrote. Keys of the policy are named by the policy's own labels.
 */
import type { Policy } from "@yingshao/core/decisions"
import type { IncidentEvent } from "@yingshao/core/incident/incident"
import { routeUnits } from "@yingshao/core/incident/incident"
import type { ReportEvent } from "@yingshao/core/report/report"
import type { RewardEvent } from "@yingshao/core/reward/reward"
import { type Language, type Text, text } from "../terminal/language.ts"
import { roleWords, spanText, yuanText } from "../terminal/words.ts"
import { localTime } from "./local-time.ts"

type ToldEvent = ReportEvent | IncidentEvent | RewardEvent

/** What the words are made with. */
export interface Wording {
  readonly policy: Policy
  readonly unitName: (unit: string, language: Language) => string
  /** Shortens a person's handle or another id. */
  readonly short: (id: string) => string
}

/** What happened; `undefined` for events that say nothing beside the others of their command. */
export const eventWords = (event: ToldEvent, wording: Wording): Text | undefined => {
  const teller = tellers[event.type] as ((event: never, wording: Wording) => Text | undefined) | undefined
  return teller === undefined ? text(event.type, event.type) : teller(event as never, wording)
}

// internal

type Tellers = {
  readonly [T in ToldEvent["type"]]: (
    event: Extract<ToldEvent, { type: T }>,
    wording: Wording,
  ) => Text | undefined
}

const label = ({ policy }: Wording, key: string): Text =>
  text(policy.label(key, "zh"), policy.label(key, "en"))
const unit = ({ unitName }: Wording, id: string): Text => text(unitName(id, "zh"), unitName(id, "en"))
const when = ({ policy }: Wording, at: Parameters<typeof localTime>[0]): string =>
  localTime(at, policy.timeZone)
const about = (reason: string | undefined): Text =>
  reason ? text(`(${reason})`, ` (${reason})`) : text("", "")
const silent = (): undefined => undefined

const amount = (form: "cash" | "points", value: number): Text =>
  form === "cash"
    ? text(`现金 ${yuanText(value)} 元`, `${yuanText(value)} yuan`)
    : text(`积分 ${value} 分`, `${value} points`)

const channelWords: Readonly<Record<string, Text>> = {
  app: text("随手拍", "app"),
  hotline: text("热线", "hotline"),
  "duty-desk": text("值班室", "duty desk"),
  partner: text("对接系统", "partner"),
}

const verdictWords = {
  true: text("属实", "true"),
  partlyTrue: text("部分属实", "partly true"),
  false: text("不属实", "false"),
  unverifiable: text("无法核实", "not verifiable"),
}
const resultWords = {
  satisfied: text("满意", "satisfied"),
  unsatisfied: text("不满意", "unsatisfied"),
  unreachable: text("联系不上", "not reached"),
}
const refusedWords = {
  "already-reported": text("已有人先报,不算首报", "somebody reported it before: not the first report"),
  "not-valid": text("触碰负面清单,不算首报", "on the negative list: not the first report"),
  "claim-revoked": text("首报资格已撤销", "the claim to the first report was revoked"),
}

const tellers: Tellers = {
  ReportAccepted: (event) => {
    const { channel, reporters, place, photos } = event
    const coordinate =
      place.coordinate === undefined
        ? undefined
        : `${place.coordinate.lat.toFixed(4)}, ${place.coordinate.lng.toFixed(4)}`
    const where = [place.words, coordinate].filter((one) => one !== undefined).join(" · ")
    const by = channelWords[channel] ?? text(channel, channel)
    return text(
      `受理(${by.zh}),${reporters.length === 0 ? "未留姓名" : `${reporters.length} 人署名`},照片 ${photos.length} 张,地点 ${where}`,
      `accepted (${by.en}), ${reporters.length === 0 ? "nobody gave a name" : `${reporters.length} signed`}, ${photos.length} photos, at ${where}`,
    )
  },
  WhistleAnswered: (event, wording) => {
    const { facts, negative, override } = event
    const tristate = { yes: text("是", "yes"), no: text("否", "no"), unknown: text("未知", "unknown") }
    const affected =
      facts.affected === "unknown" ? tristate.unknown : text(String(facts.affected), String(facts.affected))
    const of = label(wording, event.class)
    const kind = label(wording, facts.category)
    const listed =
      negative === "none"
        ? text("", "")
        : text(
            `,触碰${label(wording, negative).zh}`,
            `, on the negative list (${label(wording, negative).en})`,
          )
    const over =
      override === undefined
        ? text("", "")
        : text(`,人工改定(${override.reason})`, `, overridden (${override.reason})`)
    return text(
      `应哨:${kind.zh},危险${tristate[facts.danger].zh},正在发生${tristate[facts.ongoing].zh},影响 ${affected.zh} 人${listed.zh} → ${of.zh}${over.zh}`,
      `whistle answered: ${kind.en}, danger ${tristate[facts.danger].en}, ongoing ${tristate[facts.ongoing].en}, affected ${affected.en}${listed.en} → ${of.en}${over.en}`,
    )
  },
  IncidentAssigned: ({ incident, how }, { short }) => {
    const words = {
      opened: text("立为新事件", "opens incident"),
      joined: text("并入事件", "joins incident"),
      merged: text("随合并转入事件", "moves with a merge to incident"),
      split: text("随拆分转入事件", "moves with a split to incident"),
    }
    return text(`${words[how].zh} ${short(incident)}`, `${words[how].en} ${short(incident)}`)
  },
  FirstReportHeld: () => text("首报", "first report"),
  FirstReportRefused: ({ code }) => refusedWords[code],
  ReportWithheld: ({ reason }) =>
    text(`压下不派${about(reason).zh}`, `withheld from dispatch${about(reason).en}`),
  ClassConverted: ({ from, to, reason }, wording) =>
    text(
      `平急转换:${label(wording, from).zh} → ${label(wording, to).zh}${about(reason).zh}`,
      `converted: ${label(wording, from).en} → ${label(wording, to).en}${about(reason).en}`,
    ),
  CalmingProposed: ({ reason }) =>
    text(`提议急转平${about(reason).zh}`, `calming proposed${about(reason).en}`),
  CalmingDeclined: ({ reason }) =>
    text(`不同意急转平${about(reason).zh}`, `calming declined${about(reason).en}`),
  ReplyGiven: (event) => text(`回应 ${event.told} 人:${event.text}`, `reply to ${event.told}: ${event.text}`),
  FollowedUp: ({ result, note }) =>
    text(
      `回访:${resultWords[result].zh}${about(note).zh}`,
      `follow-up: ${resultWords[result].en}${about(note).en}`,
    ),
  ReportClosed: ({ reason }) => {
    const known =
      reason in resultWords ? resultWords[reason as keyof typeof resultWords] : text(reason, reason)
    return text(`归档(${known.zh})`, `closed (${known.en})`)
  },
  ReportAnnotated: ({ note }) => text(`备注:${note}`, `note: ${note}`),
  LegalHoldSet: ({ reason }) => text(`保全${about(reason).zh}`, `legal hold${about(reason).en}`),
  ObligationOpened: ({ opened }, wording) =>
    text(
      `须${label(wording, opened.kind).zh}:${unit(wording, opened.owner).zh},${when(wording, opened.due)} 前`,
      `owed: ${label(wording, opened.kind).en} by ${unit(wording, opened.owner).en}, until ${when(wording, opened.due)}`,
    ),
  ObligationMet: ({ kind, lateMinutes }, wording) =>
    lateMinutes === 0
      ? text(`${label(wording, kind).zh}按时完成`, `${label(wording, kind).en} done in time`)
      : text(
          `${label(wording, kind).zh}完成,超时 ${spanText(lateMinutes).zh}`,
          `${label(wording, kind).en} done, ${spanText(lateMinutes).en} late`,
        ),
  ObligationCancelled: ({ kind, reason }, wording) =>
    text(
      `${label(wording, kind).zh}不再须办(${reason})`,
      `${label(wording, kind).en} is owed no more (${reason})`,
    ),
  DueAdvanced: ({ due }, wording) =>
    text(`时限提前到 ${when(wording, due)}`, `due earlier: ${when(wording, due)}`),
  DueExtended: ({ due, reason }, wording) =>
    text(
      `延期到 ${when(wording, due)}${about(reason).zh}`,
      `extended to ${when(wording, due)}${about(reason).en}`,
    ),
  ExtensionAsked: ({ minutes, reason }) =>
    text(
      `申请延期 ${spanText(minutes).zh}${about(reason).zh}`,
      `asks for ${spanText(minutes).en} more${about(reason).en}`,
    ),
  ExtensionDeclined: ({ reason }) =>
    text(`不同意延期${about(reason).zh}`, `more time was declined${about(reason).en}`),
  ObligationReassigned: ({ owner }, wording) =>
    text(`转由${unit(wording, owner).zh}负责`, `now owed by ${unit(wording, owner).en}`),
  ObligationEscalated: ({ kind, level, to }, wording) =>
    text(
      `督办第 ${level} 次:${label(wording, kind).zh}超时,报${(roleWords[to] ?? text(to, to)).zh}`,
      `reminder ${level}: ${label(wording, kind).en} is overdue, told ${(roleWords[to] ?? text(to, to)).en}`,
    ),
  IncidentOpened: silent,
  ReportJoined: silent,
  ReportLeft: ({ to }, { short }) => text(`转到事件 ${short(to)}`, `moved to incident ${short(to)}`),
  ClaimTaken: ({ how }) =>
    how === "first"
      ? undefined
      : text(
          how === "earlier" ? "更早受理的取得首报" : "两人确定新的首报",
          how === "earlier" ? "an earlier report takes the claim" : "named the first report by two people",
        ),
  ClaimSettled: () => text("首报资格随奖励确定", "the claim to the first report is settled by the award"),
  ClaimChangeProposed: ({ change, reason }) =>
    text(
      `提议${change.kind === "revoke" ? "撤销首报" : "另定首报"}${about(reason).zh}`,
      `proposed to ${change.kind === "revoke" ? "revoke the first report" : "name another first report"}${about(reason).en}`,
    ),
  ClaimRevoked: ({ reason }) =>
    text(`撤销首报${about(reason).zh}`, `first report revoked${about(reason).en}`),
  ClaimReviewOpened: ({ reason }) =>
    text(`首报待复核${about(reason).zh}`, `the first report is to be reviewed${about(reason).en}`),
  IncidentHandedOver: ({ route, reason }, wording) => {
    const [lead = "", ...others] = routeUnits(route)
    const joint = (language: Language) => others.map((one) => wording.unitName(one, language))
    return text(
      `派发:${unit(wording, lead).zh}${others.length > 0 ? `牵头,${joint("zh").join("、")}协同` : "承办"}${about(reason).zh}`,
      `handed over to ${unit(wording, lead).en}${others.length > 0 ? ` (leading) with ${joint("en").join(", ")}` : ""}${about(reason).en}`,
    )
  },
  OrderAcknowledged: (event, wording) =>
    text(`${unit(wording, event.unit).zh}签收`, `${unit(wording, event.unit).en} acknowledges`),
  OrderReturned: (event, wording) =>
    text(
      `${unit(wording, event.unit).zh}退单${about(event.reason).zh}`,
      `${unit(wording, event.unit).en} returns it${about(event.reason).en}`,
    ),
  LeadPassed: ({ to, reason }, wording) =>
    text(
      `改由${label(wording, to).zh}牵头${about(reason).zh}`,
      `${label(wording, to).en} leads now${about(reason).en}`,
    ),
  PartHandled: (event, wording) =>
    text(
      `${unit(wording, event.unit).zh}办结:${event.result}${event.residentsBenefited > 0 ? `,受益 ${event.residentsBenefited} 人` : ""}`,
      `${unit(wording, event.unit).en} handled it: ${event.result}${event.residentsBenefited > 0 ? `, ${event.residentsBenefited} residents benefited` : ""}`,
    ),
  IncidentHandled: () => text("事件处置完毕", "the matter is handled"),
  OwnerReplaced: ({ to }, wording) =>
    text(`承办改为${unit(wording, to).zh}`, `the owner is now ${unit(wording, to).en}`),
  IncidentReopened: ({ reason }) => text(`重新办理${about(reason).zh}`, `reopened${about(reason).en}`),
  IncidentClassChanged: ({ to }, wording) =>
    text(`事件转为${label(wording, to).zh}`, `the incident becomes ${label(wording, to).en}`),
  IncidentMerged: ({ into, reason }, { short }) =>
    text(`并入事件 ${short(into)}${about(reason).zh}`, `merged into ${short(into)}${about(reason).en}`),
  IncidentSplit: ({ to, reason }, { short }) =>
    text(`拆出事件 ${short(to)}${about(reason).zh}`, `split off ${short(to)}${about(reason).en}`),
  RewardFileOpened: silent,
  LevelVerified: ({ step }, wording) =>
    text(
      `${label(wording, step.level).zh}核实:${verdictWords[step.verdict].zh},${label(wording, step.confirmedClass).zh}`,
      `verified (${label(wording, step.level).en}): ${verdictWords[step.verdict].en}, ${label(wording, step.confirmedClass).en}`,
    ),
  ReportGraded: ({ grading }, wording) =>
    text(
      `评定:价值${label(wording, grading.value).zh},难度${label(wording, grading.difficulty).zh}`,
      `graded: value ${label(wording, grading.value).en}, difficulty ${label(wording, grading.difficulty).en}`,
    ),
  AwardApproved: (event, wording) => {
    const tier =
      event.tier === undefined
        ? text("", "")
        : text(`(${label(wording, event.tier).zh})`, ` (${label(wording, event.tier).en})`)
    const shared =
      event.shares.length > 1
        ? text(`,${event.shares.length} 人分`, `, shared by ${event.shares.length}`)
        : text("", "")
    const what = amount(event.form, event.amount)
    return text(
      `批准奖励:${what.zh}${tier.zh}${shared.zh},审批档 ${label(wording, event.band).zh}`,
      `award approved: ${what.en}${tier.en}${shared.en}, band ${label(wording, event.band).en}`,
    )
  },
  RewardDeclined: () => text("不奖励", "no reward"),
  AwardPaid: () => text("现金已领取", "cash collected"),
  AwardForfeited: () => text("逾期未领,视为放弃", "not collected in time: forfeited"),
  FindingProposed: (event, wording) =>
    text(
      `提出认定:${label(wording, event.finding).zh}${about(event.reason).zh}`,
      `finding proposed: ${label(wording, event.finding).en}${about(event.reason).en}`,
    ),
  FindingDismissed: ({ reason }) =>
    text(`认定不成立${about(reason).zh}`, `finding dismissed${about(reason).en}`),
  AwardRecovered: (event, wording) =>
    text(
      `追回 ${event.amount}(${label(wording, event.finding).zh};现金以分计)`,
      `clawed back ${event.amount} (${label(wording, event.finding).en}; cash in fen)`,
    ),
  AppealLodged: () => text("提出申诉", "appeal lodged"),
  AppealDecided: ({ outcome, reason }) =>
    text(
      `申诉${outcome === "upheld" ? "维持原决定" : "改判"}${about(reason).zh}`,
      `appeal: ${outcome === "upheld" ? "the decision stands" : "overturned"}${about(reason).en}`,
    ),
}
