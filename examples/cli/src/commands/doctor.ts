/**
 * `yingshao doctor`: is a day in the database as it must be?
 */
import { localTime } from "../read/local-time.ts"
import { type ProgrammeOptions, withProgramme } from "../store/recorded-programme.ts"
import { text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"
import { table } from "../terminal/table.ts"

/** @returns 1 with findings. */
export const doctor = (options: ProgrammeOptions, out: Output): Promise<number> =>
  withProgramme(options, async ({ record, policy, yingshao }) => {
    const { say } = out
    out.progress(say(text("逐条核对……", "checking everything …")))
    const world = await yingshao.checkWorld()
    const report = await yingshao.doctor({ chain: "whole" })
    out.progress("")
    const findings = [...world.findings, ...report.findings]
    const { facts } = report
    const ok = findings.length === 0
    if (out.json) {
      out.line(JSON.stringify({ day: record, ok, findings, facts, counted: world.counted }, undefined, 2))
      return ok ? 0 : 1
    }
    const { counted } = world
    const rows: readonly (readonly [string, string])[] = [
      [say(text("项目", "programme")), record.programme],
      [say(text("存储", "store")), `${facts.store} (${facts.contract})`],
      ...facts.settings.map(({ name, value }) => [name, value] as const),
      [
        say(text("日志", "journal")),
        say(
          text(
            `${facts.head.number} 条,首部 ${facts.head.hash.slice(0, 12)}…`,
            `${facts.head.number} records, head ${facts.head.hash.slice(0, 12)}…`,
          ),
        ),
      ],
      [
        say(text("散列链", "hash chain")),
        say(text(`核对 ${facts.chainChecked} 条`, `${facts.chainChecked} records followed`)),
      ],
      [
        say(text("世界", "world")),
        say(
          text(
            `${counted.streams} 个数据流、${counted.events} 个事件、${counted.indexEntries} 条索引、${counted.tallies} 个计数、${counted.claims} 个占位`,
            `${counted.streams} streams, ${counted.events} events, ${counted.indexEntries} index entries, ${counted.tallies} counters, ${counted.claims} claims`,
          ),
        ),
      ],
      [
        say(text("投递", "outbox")),
        say(
          text(
            `已送 ${facts.outbox.delivered},待送 ${facts.outbox.pending},停投 ${facts.outbox.dead}`,
            `${facts.outbox.delivered} delivered, ${facts.outbox.pending} pending, ${facts.outbox.dead} given up`,
          ),
        ),
      ],
      [say(text("最早待送", "oldest due")), facts.oldestPendingAt ?? "—"],
      [say(text("排队命令", "commands waiting")), String(facts.waiting)],
      ...(facts.archivedTo === 0
        ? []
        : [
            [
              say(text("已归档", "archived")),
              say(text(`至第 ${facts.archivedTo} 条`, `up to record ${facts.archivedTo}`)),
            ] as const,
          ]),
      [say(text("工作日历", "calendar")), yearsText(facts.calendarYears)],
      [say(text("到此为止", "as of")), localTime(yingshao.now(), policy.timeZone)],
    ]
    out.lines(table([{ head: "" }, { head: "", wraps: true }], rows, out.width))
    out.line()
    for (const found of findings)
      out.paragraph(`${found.invariant} ${found.where}: ${found[out.language]}`, "  ")
    out.line(
      ok
        ? say(text("没有发现问题。", "nothing found."))
        : say(text(`发现 ${findings.length} 处。`, `${findings.length} found.`)),
    )
    return ok ? 0 : 1
  })

// internal

const yearsText = (years: readonly number[]): string => {
  const [first, last] = [years[0], years.at(-1)]
  return first === undefined || last === undefined
    ? "—"
    : years.length === last - first + 1
      ? `${first}—${last}`
      : years.join(", ")
}
