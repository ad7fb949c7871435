/**
 * The default text of a notice, in Chinese or English, with privacy by default.
 *
 * A title by kind, then only the facts that stand in the list of allowed ones: number, class, unit, what is
 * owed and until when. No reporter, phone, photo, place or amount, whatever a rule put into the notice. What
 * was written to one person, the reply and the reason of closing, is in the text for that person only.
 *
 * What it does not do: it does not cut to a channel's length and adds no link of its own.
 */
import type { Notice } from "../kernel/message.ts"
import { fromMs, type Instant, instant, offsetMinutes, toMs } from "../kernel/time.ts"
import { mayCarry } from "./channel-plan.ts"
import { type NoticeKind, noticeKinds } from "./notice-kinds.ts"

export type NoticeLanguage = "zh" | "en"

export interface NoticeWords {
  readonly language: NoticeLanguage
  /** IANA zone of the times that are shown. */
  readonly timeZone: string
  /** An https address that leads to the case, where the host has one. */
  readonly link?: (notice: Notice) => string | undefined
  /** What people call a unit, a class or an obligation; left out: its key. */
  readonly label?: (key: string) => string
}

export interface NoticeText {
  readonly title: string
  readonly lines: readonly string[]
  readonly link?: string
}

/** @example noticeTextOf(whistle, { language: "zh", timeZone: "Asia/Shanghai" }) // => { title: "新信息待应哨", lines: ["信息 r-1"] } */
export const noticeTextOf = (notice: Notice, words: NoticeWords): NoticeText => {
  const { language, label = (key) => key } = words
  const link = words.link?.(notice)
  const known = Object.hasOwn(noticeKinds, notice.kind) ? titles[notice.kind as NoticeKind] : undefined
  const title = known?.[language] ?? (language === "zh" ? "通知" : "notice")
  const lines = facts.flatMap(({ field, zh, en, show }) => {
    const value = Object.hasOwn(notice.data, field) ? notice.data[field] : undefined
    if (value === undefined) return []
    const shown =
      show === "time"
        ? localTime(String(value), words.timeZone)
        : show === "label"
          ? label(String(value))
          : String(value)
    return [`${language === "zh" ? zh : en} ${shown}`]
  })
  const said = notice.to.kind === "person" && mayCarry(notice, "one-person") ? personal(notice) : []
  const urgent = notice.urgent ? (language === "zh" ? "【紧急】" : "URGENT: ") : ""
  return { title: `${urgent}${title}`, lines: [...lines, ...said], ...(link === undefined ? {} : { link }) }
}

/** Several texts as one: a line each, title and first fact. */
export const digestTextOf = (texts: readonly NoticeText[], language: NoticeLanguage): NoticeText => ({
  title: language === "zh" ? `${texts.length} 条通知` : `${texts.length} notices`,
  lines: texts.map(({ title, lines: [first] }) => (first === undefined ? title : `${title} ${first}`)),
})

// internal

interface Fact {
  readonly field: string
  readonly zh: string
  readonly en: string
  readonly show?: "time" | "label"
}

/** Allowed facts, in the order in which they are told. */
const facts: readonly Fact[] = [
  { field: "report", zh: "信息", en: "report" },
  { field: "incident", zh: "事件", en: "incident" },
  { field: "class", zh: "类别", en: "class", show: "label" },
  { field: "category", zh: "事类", en: "category", show: "label" },
  { field: "obligation", zh: "应办", en: "owed", show: "label" },
  { field: "owner", zh: "承办", en: "by", show: "label" },
  { field: "unit", zh: "单位", en: "unit", show: "label" },
  { field: "partner", zh: "协作方", en: "partner" },
  { field: "receipt", zh: "回执", en: "receipt", show: "label" },
  { field: "due", zh: "时限", en: "due", show: "time" },
  { field: "level", zh: "催办级别", en: "level" },
  { field: "count", zh: "件数", en: "how many" },
  { field: "validUntil", zh: "有效期至", en: "valid until" },
]

const personal = ({ kind, data }: Notice): readonly string[] => {
  const field = kind === "reply" ? "text" : kind === "closed" ? "reason" : undefined
  const text = field === undefined || !Object.hasOwn(data, field) ? undefined : data[field]
  return text === undefined ? [] : [String(text)]
}

/** An instant as people of the zone read it; anything else as it is. */
const localTime = (value: string, timeZone: string): string => {
  if (!instant.safeParse(value).success) return value
  const ms = toMs(value as Instant)
  return fromMs(ms + offsetMinutes(timeZone, ms) * 60_000)
    .slice(0, 16)
    .replace("T", " ")
}

const titles: Readonly<Record<NoticeKind, { readonly zh: string; readonly en: string }>> = {
  whistle: { zh: "新信息待应哨", en: "a new report to answer" },
  converted: { zh: "平急转换", en: "class converted" },
  escalation: { zh: "逾期催办", en: "overdue" },
  "order-returned": { zh: "退单", en: "order returned" },
  handled: { zh: "处置完毕待回应", en: "handled, to be answered" },
  "extension-asked": { zh: "申请延期，待决定", en: "more time is asked for" },
  "extension-declined": { zh: "延期未批准", en: "more time was not granted" },
  "receipt-parked": { zh: "回执待人工处理", en: "a receipt waits for a person" },
  "return-denied": { zh: "退单超出次数，未予退回", en: "returned too often, and not taken back" },
  "receipt-contradicts": { zh: "回执前后矛盾，请核实", en: "a receipt contradicts an earlier one" },
  "duties-inherited": { zh: "承接撤销单位的未办事项", en: "you take over what a dissolved unit owed" },
  appeal: { zh: "收到申诉", en: "an appeal" },
  "removal-proposed": { zh: "建议移出，待决定", en: "a removal to decide" },
  "application-to-recommend": { zh: "有人申请，待推荐", en: "an application to recommend" },
  "applicant-to-review": { zh: "申请人待审核", en: "an applicant to review" },
  "staff-appointed": { zh: "岗位任命", en: "you were appointed" },
  "staff-dismissed": { zh: "岗位变动", en: "your post has ended" },
  "report-accepted": { zh: "信息已收到", en: "your report was received" },
  reply: { zh: "回应", en: "an answer to your report" },
  reopened: { zh: "重新办理", en: "your report was reopened" },
  closed: { zh: "信息已归档", en: "your report was closed" },
  "appeal-decided": { zh: "申诉有结果", en: "your appeal was decided" },
  award: { zh: "奖励已批准，登录查看", en: "a reward was approved; sign in to see it" },
  recovered: { zh: "奖励有变动，登录查看", en: "a reward was changed; sign in to see it" },
  forfeited: { zh: "奖励逾期未领", en: "a reward was not collected in time" },
  "redemption-held": { zh: "积分兑换已预留", en: "points were set aside" },
  "redemption-committed": { zh: "积分兑换完成", en: "points were redeemed" },
  "redemption-released": { zh: "积分已退回", en: "points were given back" },
  "application-received": { zh: "申请已收到", en: "your application was received" },
  "application-withdrawn": { zh: "申请已撤回", en: "your application was withdrawn" },
  "applicant-recommended": { zh: "已获推荐", en: "you were recommended" },
  "selection-chosen": { zh: "比选入选", en: "you were chosen" },
  "selection-not-chosen": { zh: "比选未入选", en: "you were not chosen" },
  "review-passed": { zh: "审核通过", en: "your review was passed" },
  "review-failed": { zh: "审核未通过", en: "your review was not passed" },
  "credential-issued": { zh: "信息员证已发", en: "your credential was issued" },
  expired: { zh: "信息员证到期", en: "your credential expired" },
  suspended: { zh: "资格暂停", en: "you are suspended" },
  reinstated: { zh: "资格恢复", en: "you are reinstated" },
  withdrawn: { zh: "已退出", en: "you have withdrawn" },
  removed: { zh: "已移出", en: "you were removed" },
  "member-enrolled": { zh: "已加入队伍", en: "you joined a team" },
  "membership-ended": { zh: "已离开队伍", en: "you left the team" },
  "squad-leader-changed": { zh: "分队长变动", en: "your squad leader changed" },
  "roster-reminder": { zh: "好久没有收到您的信息", en: "it has been a while" },
}
