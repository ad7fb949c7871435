/**
 * From an outcome to one commit: events become appends with their folded states, index entries and
 * tallies; every other stream that was read becomes a guard; notices and orders become outbox rows.
 *
 * Checks on the way out: an event that its own schema would not read back is a broken promise (S11) and
 * is never written.
 *
 * What it does not do: it reads nothing and writes nothing.
 */

import { BrokenInvariant } from "@yingshao/core/kernel/refusal"
import type { Accepted, Outcome } from "@yingshao/core/kernel/rule"
import type { Instant } from "@yingshao/core/kernel/time"
import { lanesOf } from "@yingshao/core/notice/channel-plan"
import type { Append, Commit, OutboxMessage, TallyIncrement } from "@yingshao/ports/storage"
import { canonical } from "./canonical.ts"
import type { Catalogue } from "./catalogue.ts"
import type { Reads } from "./drive.ts"
import { encodeEntry, leafOf, type StoredEvent } from "./entry.ts"
import type { Envelope } from "./envelope.ts"
import { messageIds } from "./fresh-id.ts"
import type { StreamState } from "./state-cache.ts"
import { addressed } from "./stream-reader.ts"

/** A commit and what it makes of the streams it writes. */
export interface Assembled {
  readonly commit: Commit
  readonly events: readonly StoredEvent[]
  /** The new state of each stream that is written, with the size of its document. */
  readonly written: ReadonlyMap<string, StreamState & { readonly bytes: number }>
}

/** What the commit is made for. */
export interface Occasion {
  readonly catalogue: Catalogue
  readonly programme: string
  readonly secret: string
  readonly envelope: Envelope
  readonly at: Instant
}

/** Streams that the outcome writes; their states must be among the reads before `assemble`. */
export const streamsWritten = (outcome: Outcome): readonly string[] =>
  outcome.ok ? [...new Set(outcome.events.map(({ kind, id }) => `${kind}/${id}`))] : []

/** @throws BrokenInvariant for an event that does not fit its schema. */
export const assemble = (occasion: Occasion, reads: Reads, outcome: Outcome): Assembled => {
  const { envelope, at } = occasion
  const folded = outcome.ok ? fold(occasion.catalogue, reads, outcome) : nothingWritten
  const outbox = outcome.ok ? messages(occasion, outcome) : []
  const claims = outcome.ok ? outcome.claims : []
  const entry = encodeEntry({
    id: envelope.id,
    type: envelope.type,
    by: envelope.by,
    at,
    payloadText: envelope.payloadText,
    events: folded.events,
    refusal: outcome.ok ? undefined : outcome.refusal,
    claims,
    messages: outbox.map(({ id }) => id),
  })
  const guards = []
  for (const [stream, { version }] of reads) {
    if (!folded.written.has(stream)) guards.push({ stream, version })
  }
  return {
    events: folded.events,
    written: folded.written,
    commit: {
      commandId: envelope.scopedId,
      payloadDigest: envelope.payloadDigest,
      entry,
      leaf: leafOf(entry),
      appends: folded.appends,
      guards,
      claims,
      tallies: folded.tallies,
      outbox,
    },
  }
}

/** The body of an outbox row of the topic `notify` or `dispatch`. */
export const outboxBodyVersion = 1

// internal

interface Folded {
  readonly events: readonly StoredEvent[]
  readonly appends: readonly Append[]
  readonly tallies: readonly TallyIncrement[]
  readonly written: Map<string, StreamState & { readonly bytes: number }>
}

const nothingWritten: Folded = { events: [], appends: [], tallies: [], written: new Map() }

const fold = (catalogue: Catalogue, reads: Reads, outcome: Accepted): Folded => {
  const events: StoredEvent[] = []
  const states = new Map<string, { version: number; state: unknown }>()
  const tallies = new Map<string, number>()
  for (const { kind, id, event } of outcome.events) {
    const stream = `${kind}/${id}`
    const { definition } = addressed(catalogue, stream)
    const parsed = definition.event.safeParse(event)
    if (!parsed.success) throw new BrokenInvariant("S11", `an event of ${kind} does not fit its schema`)
    const now = states.get(stream) ?? before(reads, stream)
    const state = definition.evolve(now.state, event)
    const version = now.version + 1
    states.set(stream, { version, state })
    events.push({ stream, version, event })
    for (const { key, by } of definition.tallies(event)) tallies.set(key, (tallies.get(key) ?? 0) + by)
  }
  return { events, ...appendsOf(catalogue, reads, states), tallies: increments(tallies) }
}

const appendsOf = (
  catalogue: Catalogue,
  reads: Reads,
  states: ReadonlyMap<string, StreamState>,
): Pick<Folded, "appends" | "written"> => {
  const appends: Append[] = []
  const written: Folded["written"] = new Map()
  for (const [stream, { version, state }] of states) {
    const { definition, id } = addressed(catalogue, stream)
    const expectedVersion = before(reads, stream).version
    const document = JSON.stringify(state)
    appends.push({
      stream,
      expectedVersion,
      events: version - expectedVersion,
      state: { foldVersion: definition.foldVersion, document, indexes: definition.indexes(state, id) },
    })
    written.set(stream, { version, state, bytes: document.length })
  }
  return { appends, written }
}

const before = (reads: Reads, stream: string): StreamState => {
  const read = reads.get(stream)
  if (read === undefined) throw new BrokenInvariant("S9", "a stream is written that was not read")
  return read
}

const increments = (tallies: ReadonlyMap<string, number>): readonly TallyIncrement[] => {
  const list: TallyIncrement[] = []
  for (const [key, by] of tallies) if (by !== 0) list.push({ key, by })
  return list
}

/** An urgent notice becomes two rows, which the relay sends over two different channels. */
const messages = (
  { programme, secret, envelope, at }: Occasion,
  outcome: Accepted,
): readonly OutboxMessage[] => {
  const rows: OutboxMessage[] = []
  if (outcome.orders.length + outcome.notices.length === 0) return rows
  const idOf = messageIds(secret, programme, envelope.scopedId, at)
  const add = (topic: string, orderingKey: string, body: object, id = idOf(rows.length + 1)): void => {
    rows.push({
      id,
      topic,
      orderingKey,
      notBefore: at,
      body: canonical({ v: outboxBodyVersion, at, ...body }),
    })
  }
  for (const { id, ...order } of outcome.orders) add("dispatch", order.orderingKey, { order }, id)
  for (const notice of outcome.notices) {
    for (const { lane, orderingKey } of lanesOf(notice)) add("notify", orderingKey, { lane, notice })
  }
  return rows
}
