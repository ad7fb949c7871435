/**
 * Prints what a day rests on before it shows any result: what is fictional, what is scripted, what a mapping
 * assumes, and which rows were refused.
 */
import type { Policy } from "@yingshao/core/decisions"
import { taleNames } from "../county/tales.ts"
import type { ExportFile, Row } from "../replay/export-file.ts"
import { type Facts, factsOf, type Mapping } from "../replay/mapping.ts"
import { text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"
import { table } from "../terminal/table.ts"
import { mostDays, type PlannedDay } from "./plan-day.ts"

export const printAssumptions = (out: Output, day: PlannedDay): void => {
  if (day.replay === undefined) printCounty(out, day)
  else {
    printReplay(out, day, day.replay.mapping, day.replay.export)
    printMapping(out, day.replay.mapping, day.replay.export.rows, day.policy)
    printRefused(out, day.replay.export)
  }
}

// internal

const printCounty = (out: Output, { record, policy, county }: PlannedDay): void => {
  const { say } = out
  out.paragraph(
    say(
      text(
        `虚构县 990101 · ${record.date} · ${record.reports} 件信息 · 种子 ${record.source}`,
        `Fictional county 990101 · ${record.date} · ${record.reports} reports · seed ${record.source}`,
      ),
    ),
  )
  out.paragraph(
    say(
      text(
        `这个县并不存在:${county.informants.length} 名信息员、${county.members.length} 名队伍成员都只是编号。规则 ${policy.id}(${policy.effectiveFrom} 起)。项目 ${record.programme}。`,
        `It does not exist: its ${county.informants.length} informants and ${county.members.length} members are handles only. Policy ${policy.id}, from ${policy.effectiveFrom}. Programme ${record.programme}.`,
      ),
    ),
  )
  const tales = Object.values(taleNames).map((name) => say(name))
  out.paragraph(
    say(
      text(
        `时间是模拟的,人按脚本办事:应哨、签收、办结一般在时限的 10%—90% 时完成,工作时间的事在上班时办;核实、审批在上班时依次进行,首笔现金一至十四天内领取。每 150 件里依次有:${tales.join(";")}。规则作出一切决定;模拟至不再欠办为止,最多 ${mostDays} 天。`,
        `Time is simulated and people follow a script: whistles, orders and handling are mostly dealt with after 10 to 90 % of the time allowed, working-time matters in opening hours; verification and approval follow in opening hours, cash is collected within a fortnight. Every 150 reports begin with: ${tales.join("; ")}. The rules decide everything; it goes on until nothing is owed, at most ${mostDays} days.`,
      ),
    ),
  )
}

const printReplay = (
  out: Output,
  { record, policy }: PlannedDay,
  mapping: Mapping,
  exported: ExportFile,
): void => {
  const { say } = out
  out.paragraph(
    say(
      text(
        `重放 ${record.source} · ${record.date} · ${exported.received} 行,可用 ${exported.rows.length} 行,其中 ${exported.wordsOnly} 行只有地址文字`,
        `Replay of ${record.source} · ${record.date} · ${exported.received} rows, ${exported.rows.length} taken, ${exported.wordsOnly} of them by their words only`,
      ),
    ),
  )
  out.paragraph(
    say(
      text(
        `映射 ${mapping.id}:时区 ${mapping.timeZone},按 ${mapping.policyDate} 的规则 ${policy.id} 决定。规则和工作日历是中国的:节假日、调休按中国 ${record.date.slice(0, 4)} 年,时刻按 ${mapping.timeZone}。原文件没有报送人:按编号分给虚构县的 467 人。事件在首行的“${mapping.columns.closed}”办结,没有的一直不办结;办结的都按属实、价值一般、难度易评定。首报与重复的判定不看“${mapping.columns.status}”“${mapping.columns.closed}”和“${mapping.columns.resolution}”。项目 ${record.programme}。`,
        `Mapping ${mapping.id}: zone ${mapping.timeZone}, decided by the rules of ${mapping.policyDate} of policy ${policy.id}. Rules and calendar are Chinese: holidays and make-up workdays of China ${record.date.slice(0, 4)}, at the hours of ${mapping.timeZone}. The file has no reporters: each row is given by its key to one of the fictional county's 467 people. A matter is handled at the "${mapping.columns.closed}" of its first row, or never; whatever was handled is found true, of minor value and easy. First or duplicate is decided without "${mapping.columns.status}", "${mapping.columns.closed}" and "${mapping.columns.resolution}". Programme ${record.programme}.`,
      ),
    ),
  )
}

/** Types that settle the same facts share a line. */
const printMapping = (out: Output, mapping: Mapping, rows: readonly Row[], policy: Policy): void => {
  const { say, language } = out
  const counts = new Map<string, number>()
  for (const { type } of rows) counts.set(type, (counts.get(type) ?? 0) + 1)
  const unknown = [...counts.keys()].filter((type) => !factsOf(mapping, type).named)
  const groups = Map.groupBy(Object.entries(mapping.types), ([, facts]) => JSON.stringify(facts))
  const yesNo = { yes: text("是", "yes"), no: text("否", "no"), unknown: text("未知", "unknown") }
  const line = (facts: Facts, types: readonly string[]): readonly string[] => [
    policy.label(facts.category, language),
    say(yesNo[facts.danger]),
    say(yesNo[facts.ongoing]),
    facts.affected === "unknown" ? say(yesNo.unknown) : String(facts.affected),
    types.map((type) => (counts.has(type) ? `${type} (${counts.get(type)})` : type)).join(", "),
  ]
  const lines = [...groups.values()].map((types) =>
    line(
      (types[0] as (typeof types)[number])[1],
      types.map(([type]) => type),
    ),
  )
  const rest = say(text("其余类型", "any other type")) + (unknown.length > 0 ? `: ${unknown.join(", ")}` : "")
  out.line()
  out.lines(
    table(
      [
        { head: say(text("类别", "category")) },
        { head: say(text("危险", "danger")) },
        { head: say(text("正在", "ongoing")) },
        { head: say(text("人数", "people")), align: "right" },
        { head: say(text("投诉类型(行数)", "complaint types (rows)")), wraps: true },
      ],
      [...lines, line(mapping.otherwise, [rest])],
      out.width,
    ),
  )
}

const mostShown = 20

const printRefused = (out: Output, { refused }: ExportFile): void => {
  if (refused.length === 0) return
  const { say } = out
  out.heading(text(`拒收 ${refused.length} 行`, `${refused.length} rows refused`))
  out.lines(
    table(
      [
        { head: say(text("行", "line")), align: "right" },
        { head: say(text("编号", "key")) },
        { head: say(text("原因", "why")), wraps: true },
      ],
      refused.slice(0, mostShown).map(({ line, key, why }) => [String(line), key, say(why)]),
      out.width,
    ),
  )
  if (refused.length > mostShown) {
    const more = refused.length - mostShown
    out.line(say(text(`……另有 ${more} 行,--json 可看全部`, `… and ${more} more; --json shows all`)))
  }
}
