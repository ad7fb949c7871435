/**
 * Prints the summary of a day for a county officer.
 */
import type { Policy } from "@yingshao/core/decisions"
import type { ObligationCount, Summary } from "../read/summary.ts"
import { text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"
import { type Column, table } from "../terminal/table.ts"
import { reportStatusWords, rewardStatusWords, spanText, yuanText } from "../terminal/words.ts"

export const printSummary = (out: Output, summary: Summary, policy: Policy): void => {
  const { say } = out
  printReports(out, summary, policy)
  printObligations(out, summary, policy)
  printRewards(out, summary, policy)
  const { doctor } = summary
  out.heading(text("体检", "Doctor"))
  if (doctor.ok)
    out.paragraph(
      say(
        text(
          "全部检查通过:账目、时限、首报、日志链条都对得上。",
          "all checks pass: books, deadlines, first reports and the journal's chain agree.",
        ),
      ),
    )
  for (const found of doctor.findings) {
    out.paragraph(`${found.invariant} ${found.where}: ${found[out.language]}`, "  ")
  }
}

// internal

const number = (head: string): Column => ({ head, align: "right" })

const printReports = (out: Output, summary: Summary, policy: Policy): void => {
  const { say } = out
  const { reports, classes } = summary
  out.heading(text("信息", "Reports"))
  out.paragraph(
    say(
      text(
        `收到 ${reports.received},受理 ${reports.accepted},拒收 ${reports.refused};事件 ${summary.incidents},首报 ${summary.firstReports},重复 ${summary.laterReports},触碰负面清单 ${summary.barredReports}`,
        `${reports.received} received, ${reports.accepted} accepted, ${reports.refused} refused; ${summary.incidents} incidents, ${summary.firstReports} first reports, ${summary.laterReports} duplicates, ${summary.barredReports} on the negative list`,
      ),
    ),
  )
  const states = ["new", "open", "withheld", "closed"].filter((state) =>
    Object.values(classes).some((counts) => (counts[state] ?? 0) > 0),
  )
  const rows = Object.entries(classes)
    .filter(([, counts]) => Object.keys(counts).length > 0)
    .map(([key, counts]) => [
      key === "new" ? say(text("尚未分类", "not yet triaged")) : policy.label(key, out.language),
      ...states.map((state) => String(counts[state] ?? 0)),
      String(Object.values(counts).reduce((sum, one) => sum + one, 0)),
    ])
  const heads = states.map((state) => number(say(reportStatusWords[state] ?? text(state, state))))
  out.lines(
    table(
      [{ head: say(text("级别", "class")) }, ...heads, number(say(text("合计", "total")))],
      rows,
      out.width,
    ),
  )
  if (summary.duplicates === undefined) return
  const { agree, missed, extra, outsideFile } = summary.duplicates
  out.paragraph(
    say(
      text(
        `与对方的“重复”结论比:一致 ${agree},漏判 ${missed},多判 ${extra},首报在文件之外 ${outsideFile}(如实统计,未作调整)`,
        `compared with the agency's "duplicate": ${agree} agree, ${missed} missed, ${extra} extra, ${outsideFile} with a first report outside the file (measured, not tuned)`,
      ),
    ),
  )
}

const printObligations = (
  out: Output,
  { obligations, replies, residentsBenefited }: Summary,
  policy: Policy,
): void => {
  const { say } = out
  out.heading(text("应办事项", "Obligations"))
  const row = (name: string, count: ObligationCount): readonly string[] => [
    name,
    String(count.met),
    String(count.late),
    String(count.open),
    count.worstLatenessMinutes === 0 ? "—" : say(spanText(count.worstLatenessMinutes)),
  ]
  const kinds = ["answer", "acknowledge", "reply", "handle", "followUp"].filter(
    (kind) => kind in obligations.byKind,
  )
  out.lines(
    table(
      [
        { head: say(text("事项", "what")) },
        number(say(text("按时", "in time"))),
        number(say(text("超时", "late"))),
        number(say(text("未办", "open"))),
        number(say(text("最晚超时", "worst"))),
      ],
      [
        ...kinds.map((kind) =>
          row(policy.label(kind, out.language), obligations.byKind[kind] as ObligationCount),
        ),
        row(say(text("合计", "total")), obligations),
      ],
      out.width,
    ),
  )
  out.paragraph(
    say(
      text(
        `督办 ${obligations.escalations} 次;应回应 ${replies.owed} 人次,已回应 ${replies.sent} 人次;受益群众 ${residentsBenefited} 人`,
        `${obligations.escalations} reminders; ${replies.owed} replies owed, ${replies.sent} sent; ${residentsBenefited} residents benefited`,
      ),
    ),
  )
}

const printRewards = (out: Output, summary: Summary, policy: Policy): void => {
  const { say } = out
  const { cash, points, rewards, trialBalance } = summary
  out.heading(text("奖励", "Rewards"))
  const rows = Object.entries(cash.byTier).map(([tier, { awards, fen }]) => [
    policy.label(tier, out.language),
    String(awards),
    yuanText(fen),
  ])
  const total = [say(text("现金合计", "cash in all")), String(cash.awards), yuanText(cash.totalFen)]
  out.lines(
    table(
      [
        { head: say(text("档次", "tier")) },
        number(say(text("份数", "awards"))),
        number(say(text("元", "yuan"))),
      ],
      [...rows, total],
      out.width,
    ),
  )
  out.paragraph(
    say(
      text(
        `其中已付 ${yuanText(cash.paidFen)} 元,待领 ${yuanText(cash.waitingFen)} 元,逾期作废 ${yuanText(cash.forfeitedFen)} 元,追回 ${yuanText(cash.recoveredFen)} 元`,
        `of it ${yuanText(cash.paidFen)} yuan paid, ${yuanText(cash.waitingFen)} to be collected, ${yuanText(cash.forfeitedFen)} forfeited, ${yuanText(cash.recoveredFen)} clawed back`,
      ),
    ),
  )
  out.paragraph(
    say(
      text(
        `积分 ${points.total} 分(${points.awards} 份),已兑换 ${points.redeemed} 分`,
        `${points.total} points in ${points.awards} awards, ${points.redeemed} redeemed`,
      ),
    ),
  )
  const files = Object.keys(rewardStatusWords)
    .flatMap((status) => (rewards[status] === undefined ? [] : [[status, rewards[status]] as const]))
    .map(([status, count]) => `${say(rewardStatusWords[status] ?? text(status, status))} ${count}`)
  out.paragraph(say(text(`奖励档案:${files.join(",")}`, `reward files: ${files.join(", ")}`)))
  out.paragraph(
    say(
      text(
        `试算平衡:现金 ${yuanText(trialBalance.fen)} 元,积分 ${trialBalance.points} 分(都应为 0)`,
        `trial balance: ${yuanText(trialBalance.fen)} yuan, ${trialBalance.points} points (both must be 0)`,
      ),
    ),
  )
}
