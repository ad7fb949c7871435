/**
 * `yingshao explain`: the story of one report, every step of it: who, when, by which rule and clause, what
 * was owed and when it was met.
 */

import { toMs } from "@yingshao/core/kernel/time"
import type { Obligation } from "@yingshao/core/obligation/obligation"
import { programmeStream } from "@yingshao/core/programme/programme"
import { eventWords, type Wording } from "../read/event-words.ts"
import { findReport } from "../read/find-report.ts"
import { localTime } from "../read/local-time.ts"
import { type Line, type Story, storyOf } from "../read/story.ts"
import { type ProgrammeOptions, type RecordedProgramme, withProgramme } from "../store/recorded-programme.ts"
import { CliFailure } from "../terminal/failure.ts"
import { text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"
import { table } from "../terminal/table.ts"
import { reportStatusWords, rewardStatusWords, roleWords, spanText } from "../terminal/words.ts"

export interface ExplainOptions extends ProgrammeOptions {
  readonly report: string
}

export const explain = (options: ExplainOptions, out: Output): Promise<number> =>
  withProgramme(options, async (programme) => {
    const { storage, yingshao, record } = programme
    const id = await findReport(storage, yingshao.queries, record.programme, options.report)
    const story = await storyOf(yingshao.queries, id)
    if (story === undefined) throw new CliFailure(1, `没有信息 ${id}`, `there is no report ${id}`)
    const wording = await wordingOf(programme)
    if (out.json) out.line(JSON.stringify(plain(story, wording, out), undefined, 2))
    else print(story, wording, out)
    return 0
  })

// internal

const wordingOf = async ({ yingshao, policy }: RecordedProgramme): Promise<Wording> => {
  const { state } = await yingshao.queries.state("programme", programmeStream)
  const units = new Map(state.units.map((unit) => [unit.id as string, unit]))
  return {
    policy,
    unitName: (id, language) => {
      const unit = units.get(id)
      return unit === undefined ? id : language === "zh" ? unit.nameZh : unit.nameEn
    },
    short: (id) => (id.length > 9 ? `${id.slice(0, 8)}…` : id),
  }
}

const print = (story: Story, wording: Wording, out: Output): void => {
  const { say } = out
  const { report, reward } = story
  const settled = report.status === "new" ? "" : ` · ${wording.policy.label(report.class, out.language)}`
  const status = reportStatusWords[report.status] ?? text(report.status, report.status)
  out.line(`${story.id}${report.original === undefined ? "" : ` (${report.original})`}`)
  out.paragraph(
    say(
      text(
        `${say(status)}${settled}${story.incident === undefined ? "" : ` · 事件 ${wording.short(story.incident)}(${story.reports} 件信息)`}${reward.status === "none" ? "" : ` · ${say(rewardStatusWords[reward.status] ?? text(reward.status, reward.status))}`}`,
        `${say(status)}${settled}${story.incident === undefined ? "" : ` · incident ${wording.short(story.incident)} (${story.reports} reports)`}${reward.status === "none" ? "" : ` · ${say(rewardStatusWords[reward.status] ?? text(reward.status, reward.status))}`}`,
      ),
    ),
  )
  out.line()
  for (const line of story.lines) printLine(line, wording, out)
  out.heading(text("欠什么、何时办的", "What was owed, and when it was met"))
  out.lines(
    table(
      [
        { head: say(text("事项", "what")), wraps: true },
        { head: say(text("由谁", "by")), wraps: true },
        { head: say(text("应在", "due")) },
        { head: say(text("办于", "done")) },
        { head: say(text("结果", "result")), wraps: true },
      ],
      story.obligations.map((owed) => obligationRow(owed, wording, out)),
      out.width,
    ),
  )
}

const printLine = ({ at, by, events, because }: Line, wording: Wording, out: Output): void => {
  const who = by.role === "scheduler" ? "" : ` ${wording.short(by.person)}`
  out.line(
    `${localTime(at, wording.policy.timeZone)}  ${out.say(roleWords[by.role] ?? text(by.role, by.role))}${who}`,
  )
  for (const event of events) {
    const words = eventWords(event, wording)
    if (words !== undefined) out.paragraph(`    ${out.say(words)}`, "      ")
  }
  if (because === undefined) return
  const rules = because.rules.map(
    ({ table: name, rule, clause }) => `${name} ${rule}${clause === "" ? "" : `〔${clause}〕`}`,
  )
  out.paragraph(
    `    ${out.say(text("依据", "because"))} ${rules.join(";")} · ${because.policy.slice(0, 8)}`,
    "      ",
  )
}

const obligationRow = (owed: Obligation, wording: Wording, out: Output): readonly string[] => {
  const { timeZone } = wording.policy
  const late = owed.endedAt === undefined ? 0 : Math.floor((toMs(owed.endedAt) - toMs(owed.due)) / 60_000)
  const results = {
    open: text("未办", "open"),
    cancelled: text("取消", "cancelled"),
    met: late > 0 ? text(`超时 ${spanText(late).zh}`, `${spanText(late).en} late`) : text("按时", "in time"),
  }
  const notes = [
    out.say(results[owed.status]),
    ...(owed.escalation > 0
      ? [out.say(text(`督办 ${owed.escalation} 次`, `${owed.escalation} reminders`))]
      : []),
    ...(localTime(owed.due, timeZone) === localTime(owed.originalDue, timeZone)
      ? []
      : [
          out.say(
            text(
              `原定 ${localTime(owed.originalDue, timeZone)}`,
              `first ${localTime(owed.originalDue, timeZone)}`,
            ),
          ),
        ]),
  ]
  return [
    wording.policy.label(owed.kind, out.language),
    wording.unitName(owed.owner, out.language),
    localTime(owed.due, timeZone),
    owed.endedAt === undefined ? "—" : localTime(owed.endedAt, timeZone),
    notes.join(","),
  ]
}

const plain = (story: Story, wording: Wording, out: Output) => ({
  report: story.id,
  handle: story.report.original,
  status: story.report.status,
  incident: story.incident,
  reward: story.reward.status,
  steps: story.lines.map(({ number, at, command, by, events, because }) => ({
    number,
    at,
    command,
    role: by.role,
    person: wording.short(by.person),
    what: events.flatMap((event) => {
      const words = eventWords(event, wording)
      return words === undefined ? [] : [out.say(words)]
    }),
    because,
  })),
  obligations: story.obligations,
})
