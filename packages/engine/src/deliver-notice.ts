/**
 * Delivers one row of the topic `notify`: finds the people, renders, and sends over one channel each.
 *
 * Lane 1 takes a person's first channel, lane 2 the first other one, so that an urgent notice goes out over
 * two. A channel that cannot reach this person gives way to the next; a channel with wrong credentials is
 * stopped until the operator resumes it. Of several people of one notice, those reached are not told again.
 */
import { type Notice, notice, type Recipient } from "@yingshao/core/kernel/message"
import {
  isNotifyFailure,
  type NoticeAddress,
  type Notifier,
  type Notice as Rendered,
} from "@yingshao/ports/notifier"
import type { LeasedMessage } from "@yingshao/ports/storage"
import * as z from "zod"
import { sha256 } from "./canonical.ts"
import type { Progress } from "./progress.ts"
import type { Attempted } from "./retry.ts"
import { withTimeout } from "./timeout.ts"

/** Somebody a notice is for, and where they can be reached, the channel they like best first. */
export interface Reachable {
  /** A handle; it goes nowhere but into the delivery's id, hashed. */
  readonly person: string
  readonly addresses: readonly NoticeAddress[]
}

/** The text of a notice. */
export type RenderedText = Pick<Rendered, "title" | "lines" | "link" | "mention">

export interface NotifyDesk {
  /** By channel. */
  readonly notifiers: ReadonlyMap<string, Notifier>
  /** Who is meant now: a person, whoever is on duty in a unit, whoever holds a role. */
  readonly recipients: (to: Recipient, notice: Notice) => Promise<readonly Reachable[]>
  readonly render: (notice: Notice) => RenderedText
  /** What to do when a notice may have been sent: send it again, or ask a person (money and points). */
  readonly whenUnknown: (notice: Notice) => "again" | "ask"
  /** A channel was stopped for wrong credentials. */
  readonly onStopped: (channel: string) => void
}

export interface Attempting {
  readonly stopped: Set<string>
  readonly progress: Progress
  readonly sendTimeoutMs: number
}

export const deliverNotice = async (
  desk: NotifyDesk,
  row: LeasedMessage,
  attempting: Attempting,
): Promise<Attempted> => {
  const body = parseBody(row.body)
  if (body === undefined) return { kind: "give-up", note: "the row cannot be read" }
  let people: readonly Reachable[]
  try {
    people = await desk.recipients(body.notice.to, body.notice)
  } catch {
    return { kind: "again", counted: true, note: "the recipients cannot be looked up" }
  }
  if (people.length === 0) return { kind: "again", counted: true, note: "nobody is there to be told" }
  const text = desk.render(body.notice)
  const reached = attempting.progress.reached(row.id)
  const results = await Promise.all(
    people
      .filter(({ person }) => !reached.has(person))
      .map((person) => tell(desk, row, attempting, { ...body, text, person })),
  )
  return together(results, people.length)
}

/** Kinds about money and points: what may have been sent is not sent again without a person. */
export const askAboutMoney = (notice: Notice): "again" | "ask" =>
  !notice.urgent && /(^|-)(award|cash|paid|payment|points|redemption|clawback)(-|$)/.test(notice.kind)
    ? "ask"
    : "again"

/** A plain text of kind and facts, for hosts that render nothing themselves. */
export const renderPlainly = (notice: Notice): RenderedText => ({
  title: notice.kind,
  lines: Object.entries(notice.data).map(([key, value]) => `${key}: ${value}`),
})

// internal

const rowBody = z.object({ v: z.literal(1), lane: z.union([z.literal(1), z.literal(2)]), notice })

const parseBody = (text: string): z.infer<typeof rowBody> | undefined => {
  try {
    return rowBody.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

interface Telling extends z.infer<typeof rowBody> {
  readonly text: RenderedText
  readonly person: Reachable
}

/** Goes through the person's channels until one takes the notice or a wait is due. */
const tell = async (
  desk: NotifyDesk,
  row: LeasedMessage,
  { stopped, progress, sendTimeoutMs }: Attempting,
  { lane, notice: told, text, person }: Telling,
): Promise<Attempted> => {
  const addresses = onLane(person.addresses, lane)
  if (addresses.length === 0)
    return { kind: "give-up", note: lane === 2 ? "no second channel" : "no channel" }
  let waiting = false
  const notes: string[] = []
  for (const to of addresses) {
    const notifier = desk.notifiers.get(to.channel)
    if (notifier === undefined) {
      notes.push(`${to.channel}: not wired`)
      continue
    }
    if (stopped.has(to.channel)) {
      waiting = true
      notes.push(`${to.channel}: stopped`)
      continue
    }
    const sent = await send(notifier, to, deliveryOf(row, told, text, person), sendTimeoutMs)
    if (sent.ok) {
      progress.add(row.id, person.person)
      return { kind: "delivered", receipt: `${to.channel}: ${sent.grade}` }
    }
    const note = `${to.channel}: ${sent.reason}${sent.code === undefined ? "" : ` ${sent.code}`}`
    notes.push(note)
    if (sent.reason === "recipient") continue
    if (sent.reason === "credentials") {
      stopped.add(to.channel)
      desk.onStopped(to.channel)
      waiting = true
      continue
    }
    return afterFailure(sent, note, desk.whenUnknown(told))
  }
  return waiting
    ? { kind: "again", counted: false, afterMs: 300_000, note: notes.join("; ") }
    : { kind: "give-up", note: notes.join("; ") }
}

/** Lane 2 starts at the first channel that is not the first one's. */
const onLane = (addresses: readonly NoticeAddress[], lane: 1 | 2): readonly NoticeAddress[] =>
  lane === 1 ? addresses : addresses.filter(({ channel }) => channel !== addresses[0]?.channel)

const deliveryOf = (row: LeasedMessage, told: Notice, text: RenderedText, person: Reachable): Rendered => ({
  deliveryId: `${row.id}-${sha256(`${row.id}\n${person.person}`).slice(0, 8)}`,
  kind: told.kind,
  urgent: told.urgent,
  ...text,
})

type Sent =
  | { readonly ok: true; readonly grade: string }
  | {
      readonly ok: false
      readonly reason: string
      readonly code?: string | undefined
      readonly afterMs?: number | undefined
    }

const send = async (
  notifier: Notifier,
  to: NoticeAddress,
  rendered: Rendered,
  timeoutMs: number,
): Promise<Sent> => {
  try {
    const receipt = await withTimeout(timeoutMs, (signal) => notifier.send(to, rendered, signal))
    return { ok: true, grade: receipt.grade }
  } catch (error) {
    // Whatever is not the port's own failure tells nothing about whether it was sent.
    if (!isNotifyFailure(error)) return { ok: false, reason: "unknown-outcome" }
    return { ok: false, reason: error.reason, code: error.vendorCode, afterMs: error.retryAfterMs }
  }
}

const afterFailure = (
  sent: Sent & { readonly ok: false },
  note: string,
  unknown: "again" | "ask",
): Attempted => {
  const wait = sent.afterMs === undefined ? {} : { afterMs: sent.afterMs }
  switch (sent.reason) {
    case "rate-limited":
      return { kind: "again", counted: false, afterMs: sent.afterMs ?? 60_000, note }
    case "unreachable":
      return { kind: "again", counted: true, ...wait, note }
    case "unknown-outcome":
      return unknown === "again" ? { kind: "again", counted: true, ...wait, note } : { kind: "give-up", note }
    default:
      return { kind: "give-up", note }
  }
}

/** One row for several people: again while anybody is still to be told, dead only when nobody was reached. */
const together = (results: readonly Attempted[], people: number): Attempted => {
  const again = results.filter((result) => result.kind === "again")
  const given = results.filter((result) => result.kind === "give-up")
  const first = again[0]
  if (first !== undefined) {
    const counted = again.some((result) => result.counted)
    const waits = again.map(({ afterMs }) => afterMs ?? 0)
    const afterMs = Math.max(...waits)
    return { kind: "again", counted, ...(afterMs > 0 ? { afterMs } : {}), note: first.note }
  }
  const reached = people - given.length
  if (reached === 0) return { kind: "give-up", note: given[0]?.note ?? "nobody was reached" }
  const receipts = results.flatMap((result) => (result.kind === "delivered" ? [result.receipt] : []))
  const missed = given.length === 0 ? "" : `; not reached: ${given.length} (${given[0]?.note ?? ""})`
  return { kind: "delivered", receipt: `${receipts[0] ?? "told before"} of ${reached}${missed}` }
}
