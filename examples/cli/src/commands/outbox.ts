/**
 * `yingshao outbox list | retry | park`: what waits, what was given up, and who looks after it.
 *
 * Shown are number, kind, state and note. Whom a message is for and what it says are not: neither stands in the
 * output of any of these commands.
 */
import { outboxDesk } from "@yingshao/engine/outbox-desk"
import type { OutboxRow, OutboxStatus } from "@yingshao/ports/storage"
import { localTime } from "../read/local-time.ts"
import { type ProgrammeOptions, type RecordedProgramme, withProgramme } from "../store/recorded-programme.ts"
import { CliFailure } from "../terminal/failure.ts"
import { type Text, text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"

export interface OutboxListOptions extends ProgrammeOptions {
  readonly status: keyof typeof statuses
  readonly topic?: string | undefined
  /** Rows printed at most. */
  readonly limit: number
}

/** The words of `--status`, and what the store calls them. */
export const statuses = {
  "given-up": "dead",
  waiting: "pending",
  sent: "delivered",
} as const satisfies Readonly<Record<string, OutboxStatus>>

/** @returns 1 when something was given up. */
export const outboxList = (options: OutboxListOptions, out: Output): Promise<number> =>
  withProgramme(options, async (opened) => {
    const { say } = out
    const counts = await opened.storage.outboxCounts(opened.record.programme)
    const rows: OutboxRow[] = []
    let more = false
    for await (const row of deskOf(opened).list(statuses[options.status], { topic: options.topic })) {
      more = rows.length === options.limit
      if (more) break
      rows.push(row)
    }
    const ended = counts.dead > 0 ? 1 : 0
    if (out.json) {
      const shown = rows.map(({ id, topic, status, attempts, notBefore, settledAt, note, body }) => {
        return { id, topic, kind: kindOf(body), status, attempts, notBefore, settledAt, note }
      })
      out.line(
        JSON.stringify({ programme: opened.record.programme, counts, rows: shown, more }, undefined, 2),
      )
      return ended
    }
    for (const row of rows) print(row, opened, out)
    if (more) out.line(say(text(`(还有,--limit 可加大)`, "(there are more: --limit)")))
    out.line(
      say(
        text(
          `已送 ${counts.delivered},待送 ${counts.pending},停投 ${counts.dead}`,
          `${counts.delivered} sent, ${counts.pending} waiting, ${counts.dead} given up`,
        ),
      ),
    )
    return ended
  })

export interface OutboxRetryOptions extends ProgrammeOptions {
  readonly ids: readonly string[]
  readonly all?: boolean | undefined
  /** With `all`: only those whose note has this text. */
  readonly note?: string | undefined
}

/** @returns 1 when one of them was not given up. */
export const outboxRetry = (options: OutboxRetryOptions, out: Output): Promise<number> => {
  const { ids, all, note } = options
  if (ids.length > 0 === (all === true)) {
    throw new CliFailure(2, "写明编号,或用 --all", "name the messages, or say --all")
  }
  return withProgramme(options, async (opened) => {
    const desk = deskOf(opened)
    const missed: string[] = []
    let again = 0
    if (all === true) again = await desk.retryAll((row) => note === undefined || row.note.includes(note))
    for (const id of ids) {
      if (await desk.retry(id)) again += 1
      else missed.push(id)
    }
    if (out.json) out.line(JSON.stringify({ again, missed }))
    else {
      out.line(out.say(text(`重新投递 ${again} 条`, `${again} wait to be sent again`)))
      for (const id of missed) out.line(out.say(text(`${id}:没有停投`, `${id}: is not given up`)))
    }
    return missed.length === 0 ? 0 : 1
  })
}

export interface OutboxParkOptions extends ProgrammeOptions {
  readonly id: string
  readonly by: string
  readonly why: string
  readonly pass?: boolean | undefined
}

/** @returns 1 when it is sent, unknown, or being sent just now. */
export const outboxPark = (options: OutboxParkOptions, out: Output): Promise<number> => {
  const { id, by, why, pass } = options
  if (by.trim() === "" || by.length > 60 || why.trim() === "" || why.length > 200) {
    throw new CliFailure(
      2,
      "--by 为 1 至 60 个字,--why 为 1 至 200 个字",
      "--by takes 1 to 60 characters, --why 1 to 200",
    )
  }
  return withProgramme(options, async (opened) => {
    const parked = await deskOf(opened).park(id, { by, why, passes: pass })
    if (out.json) out.line(JSON.stringify({ id, parked }))
    else {
      out.paragraph(
        parked
          ? out.say(text(`${id} 停投,由 ${by} 处理`, `${id} is parked; ${by} looks after it`))
          : out.say(
              text(`${id}:没有这条、已送出,或正在投递`, `${id}: unknown, sent, or being sent just now`),
            ),
      )
    }
    return parked ? 0 : 1
  })
}

// internal

const deskOf = ({ record, storage, yingshao }: RecordedProgramme) =>
  outboxDesk({ programme: record.programme, storage, now: yingshao.now })

const print = (row: OutboxRow, { policy }: RecordedProgramme, out: Output): void => {
  const { say } = out
  const when = localTime((row.settledAt ?? row.notBefore) as never, policy.timeZone)
  const tries =
    row.attempts === 0 ? "" : say(text(` 试过 ${row.attempts} 次`, ` tried ${row.attempts} times`))
  out.paragraph(`${row.id} ${say(topics[row.topic] ?? text(row.topic, row.topic))} ${kindOf(row.body)}`, "  ")
  out.paragraph(`  ${say(stateWords[row.status])} ${when}${tries}`, "  ")
  if (row.note !== "") out.paragraph(`  ${row.note}`, "  ")
}

/** What a message is about: the kind of its notice or the type of its order. */
const kindOf = (body: string): string => {
  try {
    const { notice, order } = JSON.parse(body) as { notice?: { kind?: unknown }; order?: { type?: unknown } }
    const kind = notice?.kind ?? order?.type
    return typeof kind === "string" && /^[a-z-]{1,60}$/.test(kind) ? kind : "?"
  } catch {
    return "?"
  }
}

const topics: Readonly<Record<string, Text>> = {
  notify: text("通知", "notice"),
  dispatch: text("派单", "order"),
}

const stateWords: Readonly<Record<OutboxStatus, Text>> = {
  dead: text("停投于", "given up"),
  pending: text("待送,不早于", "waits, not before"),
  delivered: text("已送于", "sent"),
}
