/**
 * Delivers one row of the topic `notify`: finds the people, renders, and sends as the channel plan says.
 *
 * A channel that cannot reach this person gives way to the next; a channel with wrong credentials is stopped
 * until the operator resumes it; a group gets nothing that is for one person. Of several people of one notice,
 * those reached are not told again. Whatever nobody could deliver names who is to look after it.
 */
import { type Notice, notice, type Recipient } from "@yingshao/core/kernel/message"
import { type Instant, instant, toMs } from "@yingshao/core/kernel/time"
import {
  afterFailure,
  type ChannelPlan,
  channelsOf,
  type KeeperOffice,
  mayCarry,
  quietUntil,
} from "@yingshao/core/notice/channel-plan"
import type { NoticeText } from "@yingshao/core/notice/notice-text"
import {
  isNotifyFailure,
  type NoticeAddress,
  type Notifier,
  type NotifyFailure,
  type Notice as Rendered,
} from "@yingshao/ports/notifier"
import { cutUtf8 } from "@yingshao/ports/outbound/text-budget"
import type { LeasedMessage } from "@yingshao/ports/storage"
import * as z from "zod"
import type { ChannelGate } from "./channel-gate.ts"
import { reachedIn, reachedMark } from "./reached.ts"
import type { Attempted } from "./retry.ts"
import type { SendSlots } from "./send-slots.ts"
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
  readonly plan: ChannelPlan
  /** IANA zone in which quiet hours count. */
  readonly timeZone: string
  /** Who is meant now: a person, whoever is on duty in a unit, whoever holds a role. */
  readonly recipients: (to: Recipient, notice: Notice) => Promise<readonly Reachable[]>
  readonly render: (notice: Notice) => RenderedText
  /** Several texts as one, when an address is over its budget. */
  readonly digest: (texts: readonly NoticeText[]) => RenderedText
  /** A channel was stopped for wrong credentials. */
  readonly onStopped: (channel: string) => void
}

export interface Attempting {
  readonly stopped: Set<string>
  readonly gate: ChannelGate
  readonly slots: SendSlots
  readonly now: () => Instant
  /** After this instant no further channel is tried: the lease would run out under it. */
  readonly lastStart: Instant
  readonly sendTimeoutMs: number
}

export const deliverNotice = async (
  desk: NotifyDesk,
  row: LeasedMessage,
  attempting: Attempting,
): Promise<Attempted> => {
  const body = parseBody(row.body)
  if (body === undefined) return giveUp("developer", "the row cannot be read")
  const now = attempting.now()
  const morning = quietUntil(desk.plan, body.notice, now, desk.timeZone)
  if (morning !== undefined)
    return { kind: "again", counted: false, afterMs: toMs(morning) - toMs(now), note: "quiet hours" }
  const attempted = await attempt(desk, row, attempting, body)
  const waitedMs = toMs(attempting.now()) - toMs(body.at)
  const tooLong = waitedMs > desk.plan.parkAfterHours * 3_600_000
  if (attempted.kind !== "again" || attempted.counted || !tooLong) return attempted
  const note = `waited ${desk.plan.parkAfterHours} hours: ${attempted.note}`
  return { kind: "give-up", keeper: "operator", note, told: attempted.told }
}

// internal

const rowBody = z.object({
  v: z.literal(1),
  at: instant,
  lane: z.union([z.literal(1), z.literal(2)]),
  notice,
})
type Body = z.infer<typeof rowBody>

const parseBody = (text: string): Body | undefined => {
  try {
    return rowBody.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

const giveUp = (keeper: KeeperOffice, note: string): Attempted => ({ kind: "give-up", keeper, note })

const attempt = async (
  desk: NotifyDesk,
  row: LeasedMessage,
  attempting: Attempting,
  body: Body,
): Promise<Attempted> => {
  let people: readonly Reachable[]
  try {
    people = await withTimeout(attempting.sendTimeoutMs, () => desk.recipients(body.notice.to, body.notice))
  } catch {
    return { kind: "again", counted: true, note: "the recipients cannot be looked up" }
  }
  if (people.length === 0) return { kind: "again", counted: true, note: "nobody is there to be told" }
  let text: RenderedText
  try {
    text = desk.render(body.notice)
  } catch {
    return giveUp("developer", "the notice cannot be rendered")
  }
  const told = new Set(reachedIn(row.note))
  const results = await Promise.all(
    people
      .map((person) => ({ ...body, text, person, mark: reachedMark(row.id, person.person) }))
      .filter(({ mark }) => !told.has(mark))
      .map(async (telling) => {
        const attempted = await tell(desk, row, attempting, telling)
        if (attempted.kind === "delivered") told.add(telling.mark)
        return attempted
      }),
  )
  const all = together(results, people.length)
  return all.kind === "delivered" ? all : { ...all, told }
}

interface Telling extends Body {
  readonly text: RenderedText
  readonly person: Reachable
  /** Of this person in this row. */
  readonly mark: string
}

/** Goes through the person's channels until one takes the notice or a wait is due. */
const tell = async (
  desk: NotifyDesk,
  row: LeasedMessage,
  attempting: Attempting,
  telling: Telling,
): Promise<Attempted> => {
  const { lane, notice: told } = telling
  const { addresses, alone } = addressesOf(desk, telling)
  if (addresses.length === 0) return giveUp("people", "no channel")
  const { stopped } = attempting
  let waiting = false
  const notes: string[] = []
  for (const to of addresses) {
    if (stopped.has(to.channel)) {
      waiting = true
      notes.push(`${to.channel}: stopped`)
      continue
    }
    if (attempting.now() > attempting.lastStart) {
      return { kind: "again", counted: true, note: [...notes, "out of time"].join("; ") }
    }
    const sent = await send(desk, attempting, to, deliveryOf(row, telling))
    if (sent.kind === "sent") {
      const reminder = lane === 2 && alone ? ", again: no second channel" : ""
      return { kind: "delivered", receipt: `${sent.receipt}${reminder}` }
    }
    if (sent.kind === "wait") {
      return { kind: "again", counted: false, afterMs: sent.afterMs, note: [...notes, sent.note].join("; ") }
    }
    notes.push(sent.note)
    const after = afterFailure(sent.reason, told)
    if (after.step === "park") return giveUp(after.tell, notes.join("; "))
    const wait = sent.afterMs === undefined ? {} : { afterMs: sent.afterMs }
    if (after.step === "retry") return { kind: "again", counted: true, ...wait, note: notes.join("; ") }
    if (after.step === "wait") {
      return { kind: "again", counted: false, afterMs: sent.afterMs ?? 60_000, note: notes.join("; ") }
    }
    if (after.step === "stop-channel") {
      if (!stopped.has(to.channel)) desk.onStopped(to.channel)
      stopped.add(to.channel)
      waiting = true
    }
  }
  return waiting
    ? { kind: "again", counted: false, afterMs: 300_000, note: notes.join("; ") }
    : giveUp("people", notes.join("; "))
}

/**
 * One address a channel, only channels that are wired and may carry the notice, those of this lane; and whether it is
 * the only one.
 */
const addressesOf = (
  { notifiers }: NotifyDesk,
  { lane, notice: told, person }: Telling,
): { readonly addresses: readonly NoticeAddress[]; readonly alone: boolean } => {
  const byChannel = new Map<string, NoticeAddress>()
  for (const to of person.addresses) {
    const notifier = notifiers.get(to.channel)
    if (notifier === undefined || byChannel.has(to.channel) || !mayCarry(told, notifier.audience)) continue
    byChannel.set(to.channel, to)
  }
  const channels = channelsOf(lane, told.urgent, [...byChannel.keys()])
  return {
    addresses: channels.flatMap((channel) => byChannel.get(channel) ?? []),
    alone: byChannel.size === 1,
  }
}

const deliveryOf = (row: LeasedMessage, { notice: told, text, mark }: Telling): Rendered => ({
  deliveryId: `${row.id}-${mark}`,
  kind: told.kind,
  urgent: told.urgent,
  ...text,
})

type Sent =
  | { readonly kind: "sent"; readonly receipt: string }
  | { readonly kind: "wait"; readonly afterMs: number; readonly note: string }
  | {
      readonly kind: "failed"
      readonly reason: NotifyFailure["reason"]
      readonly afterMs?: number | undefined
      readonly note: string
    }

const send = async (
  desk: NotifyDesk,
  { gate, slots, sendTimeoutMs }: Attempting,
  to: NoticeAddress,
  rendered: Rendered,
): Promise<Sent> => {
  const notifier = desk.notifiers.get(to.channel)
  if (notifier === undefined) return { kind: "failed", reason: "recipient", note: `${to.channel}: not wired` }
  try {
    const passed = await gate.pass(to, rendered, (one) =>
      slots.run(to.channel, () => withTimeout(sendTimeoutMs, (signal) => notifier.send(to, one, signal))),
    )
    if (passed.kind === "wait") return passed
    const { result, gathered } = passed
    if ("backInMs" in result) return { kind: "wait", afterMs: result.backInMs, note: `${to.channel}: busy` }
    const among = gathered > 1 ? ` in a digest of ${gathered}` : ""
    return { kind: "sent", receipt: `${to.channel}: ${result.done.grade}${among}` }
  } catch (error) {
    // Whatever is not the port's own failure tells nothing about whether it was sent.
    const known = isNotifyFailure(error) ? error : undefined
    const reason = known?.reason ?? "unknown-outcome"
    const code = known?.vendorCode === undefined ? "" : ` ${known.vendorCode}`
    return { kind: "failed", reason, afterMs: known?.retryAfterMs, note: `${to.channel}: ${reason}${code}` }
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
  if (reached === 0) return given[0] ?? giveUp("people", "nobody was reached")
  const receipts = results.flatMap((result) => (result.kind === "delivered" ? [result.receipt] : []))
  const missed = given.length === 0 ? "" : `; not reached: ${given.length} (${given[0]?.note ?? ""})`
  return { kind: "delivered", receipt: `${receipts[0] ?? "told before"} of ${reached}${missed}` }
}

/** A line of a digest, at most eighty bytes. */
export const digestLine = (line: string): string => cutUtf8(line, 80)
