/**
 * `yingshao day`: takes in one day and simulates until nothing is owed any more.
 */
import { civilDateOf } from "@yingshao/core/kernel/time"
import type { Yingshao } from "@yingshao/engine"
import type { Finding } from "@yingshao/engine/finding"
import { setupOf } from "../county/setup.ts"
import { type DayOptions, type PlannedDay, planDay, readFileOf } from "../day/plan-day.ts"
import { printAssumptions } from "../day/print-assumptions.ts"
import { printSummary } from "../day/print-summary.ts"
import { type Summary, summaryOf } from "../read/summary.ts"
import { compareDuplicates } from "../replay/compare.ts"
import { calendarOf } from "../simulate/day-calendar.ts"
import { openDay } from "../simulate/open-day.ts"
import { runDay } from "../simulate/run-day.ts"
import { runSetup } from "../simulate/run-setup.ts"
import { type DatabaseOptions, defaultDatabase, openDatabase, shownDatabase } from "../store/database.ts"
import { recordDay, recordedDays } from "../store/days.ts"
import { loadPolicy } from "../store/policy-file.ts"
import { type Text, text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"

export interface DayCommand extends DatabaseOptions, DayOptions {
  readonly policy: string
}

/** @returns the exit code: 1 when the doctor finds something. */
export const day = async (options: DayCommand, out: Output): Promise<number> => {
  const started = performance.now()
  const read = readFileOf(options)
  const { policy } = await loadPolicy(options.policy)
  const planned = planDay(options, read, policy)
  const storage = await openDatabase(options, "create")
  try {
    const earlier = (await recordedDays(storage)).filter(
      (one) =>
        one.kind === planned.record.kind &&
        one.date === planned.record.date &&
        one.programme !== planned.record.programme &&
        one.reports < planned.record.reports,
    )
    const opened = await openDay(
      storage,
      planned.record.programme,
      planned.policy,
      planned.county,
      planned.openedAt,
    )
    await recordDay(storage, planned.record)
    out.progress(out.say(text("准备虚构县……", "setting up the fictional county …")))
    await runSetup(opened, setupOf(planned.county, planned.policy, planned.date))
    const before = (await storage.head(planned.record.programme)).number
    await runDay({
      ...opened,
      scenarios: planned.scenarios,
      until: planned.until,
      script: scriptOf(planned),
      onProgress: (at, waiting) => out.live && out.progress(progressText(out, planned, at, waiting())),
    })
    out.progress(out.say(text("核对全部账目……", "checking everything …")))
    const summary = await summarised(opened.yingshao, planned, options.memory === true)
    const changed = (await storage.head(planned.record.programme)).number - before
    out.progress("")
    const elapsedMs = Math.round(performance.now() - started)
    if (out.json) printJson(out, planned, summary, elapsedMs)
    else {
      printAssumptions(out, planned)
      for (const one of earlier) out.paragraph(out.say(besides(one.programme, one.reports)))
      if (changed === 0)
        out.paragraph(
          out.say(text("这一天此前已办完,没有任何变化。", "This day was complete before; nothing changed.")),
        )
      printSummary(out, summary, planned.policy)
      out.line()
      if (options.memory !== true) out.paragraph(out.say(nextSteps(planned, options.database)))
      out.line(
        out.say(text(`用时 ${(elapsedMs / 1000).toFixed(1)} 秒`, `${(elapsedMs / 1000).toFixed(1)} s`)),
      )
    }
    return summary.doctor.ok ? 0 : 1
  } finally {
    out.progress("")
    await storage.close()
  }
}

// internal

const scriptOf = ({ policy, county, chance, date }: PlannedDay) => ({
  policy,
  staff: county.staff,
  chance,
  calendar: calendarOf(policy, date),
  unitName: (unit: string) => county.units.find(({ id }) => id === unit)?.nameZh ?? unit,
})

const summarised = async (yingshao: Yingshao, planned: PlannedDay, memory: boolean): Promise<Summary> => {
  const findings = (await examined(yingshao)).filter(({ invariant }) => !(memory && invariant === "setting"))
  const received = planned.replay?.export.received ?? planned.scenarios.length
  const { timeZone } = planned.policy
  const summary = await summaryOf(yingshao, { received, now: yingshao.now(), timeZone, findings })
  if (planned.replay === undefined) return summary
  return { ...summary, duplicates: await compareDuplicates(yingshao, planned.replay.export.verdicts()) }
}

/** What the doctor and the check of the whole world find. Who asked for memory knows that nothing is durable. */
const examined = async (yingshao: Yingshao): Promise<readonly Finding[]> => {
  const world = await yingshao.checkWorld()
  const report = await yingshao.doctor()
  return [...world.findings, ...report.findings]
}

const progressText = (
  out: Output,
  { policy }: PlannedDay,
  at: Parameters<typeof civilDateOf>[0],
  waiting: number,
): string =>
  out.say(
    text(
      `模拟到 ${civilDateOf(at, policy.timeZone)},还有 ${waiting} 件事要办`,
      `simulated up to ${civilDateOf(at, policy.timeZone)}, ${waiting} things still to do`,
    ),
  )

/** What to look at next; the database is named where it is not the default one. */
const nextSteps = ({ scenarios }: PlannedDay, database: string): Text => {
  const where = database === defaultDatabase ? "" : ` --database ${shownDatabase(database)}`
  const [handle = ""] = scenarios.map((one) => one.handle).sort()
  const explain = `yingshao explain ${handle}${where}`
  return text(`看一件信息的全过程:${explain}`, `the story of one report: ${explain}`)
}

const besides = (programme: string, reports: number): Text =>
  text(
    `数据库里另有同一天较小的一次(${reports} 件,项目 ${programme}):已作的决定不能重来,所以这次另立项目,结果与一次办完相同。`,
    `A smaller run of the same day is in the database (${reports} reports, programme ${programme}): what was decided is not decided again, so this one stands beside it and ends as if it had been taken at once.`,
  )

const printJson = (
  out: Output,
  { record, replay }: PlannedDay,
  summary: Summary,
  elapsedMs: number,
): void => {
  const rows =
    replay === undefined
      ? {}
      : {
          mapping: replay.mapping,
          refusedRows: replay.export.refused.map(({ line, key, why }) => ({ line, key, why: out.say(why) })),
        }
  out.line(JSON.stringify({ day: record, ...rows, ...summary, elapsedMs }, undefined, 2))
}
