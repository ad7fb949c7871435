/**
 * The journal entry: what one command leaves behind, as canonical JSON, and how to read it back.
 *
 * `{ v, command, outcome, events, refusal?, claims?, messages? }`. It is the one truth: states, indexes,
 * tallies, claims and the outbox can all be checked against it. The leaf is a hash of exactly these bytes.
 *
 * What it does not do: it holds no state document and no text of a notice; both follow from the events.
 */

import { personId } from "@yingshao/core/kernel/ids"
import { type Refusal, refusal } from "@yingshao/core/kernel/refusal"
import { type Actor, role } from "@yingshao/core/kernel/roles"
import type { ClaimChange } from "@yingshao/core/kernel/rule"
import { type Instant, instant } from "@yingshao/core/kernel/time"
import type { JournalRecord } from "@yingshao/ports/storage"
import * as z from "zod"
import { canonical, sha256 } from "./canonical.ts"
import { addressOf, type Catalogue } from "./catalogue.ts"
import { Unreadable } from "./failures.ts"

/** Raised when the shape changes; a reader refuses what it does not know (S11). */
export const entryVersion = 1

/** One event where it stands: the stream's version after it. */
export interface StoredEvent {
  readonly stream: string
  readonly version: number
  readonly event: unknown
}

/** What goes into an entry. `payloadText` is canonical already. */
export interface EntryParts {
  readonly id: string
  readonly type: string
  readonly by: Actor
  readonly at: Instant
  readonly payloadText: string
  readonly events: readonly StoredEvent[]
  readonly refusal: Refusal | undefined
  readonly claims: readonly ClaimChange[]
  /** Ids of the outbox rows, in their order. */
  readonly messages: readonly string[]
}

/** An entry read back; `event` and `payload` are still plain JSON. */
export interface Entry {
  readonly command: {
    readonly id: string
    readonly type: string
    readonly by: Actor["person"]
    readonly role: Actor["role"]
    readonly at: Instant
    readonly payload: unknown
  }
  readonly outcome: "accepted" | "refused"
  readonly refusal?: Refusal | undefined
  readonly events: readonly StoredEvent[]
  readonly claims: readonly ClaimChange[]
  readonly messages: readonly string[]
}

/** Canonical JSON, written by hand around texts that are canonical already. */
export const encodeEntry = (parts: EntryParts): string => {
  const { id, type, by, at, payloadText, events, refusal: refused, claims, messages } = parts
  const written = events.map(
    ({ stream, version, event }) =>
      `{"event":${canonical(event)},"stream":${JSON.stringify(stream)},"version":${version}}`,
  )
  return (
    `{${claims.length === 0 ? "" : `"claims":${canonical(claims)},`}` +
    `"command":{"at":"${at}","by":"${by.person}","id":${JSON.stringify(id)},` +
    `"payload":${payloadText},"role":"${by.role}","type":${JSON.stringify(type)}},` +
    `"events":[${written.join(",")}]` +
    (messages.length === 0 ? "" : `,"messages":${canonical(messages)}`) +
    `,"outcome":${refused === undefined ? '"accepted"' : `"refused","refusal":${canonical(refused)}`}` +
    `,"v":${entryVersion}}`
  )
}

/** SHA-256 over a domain, the version and the canonical bytes (A3). */
export const leafOf = (entry: string): string => sha256(`yingshao/entry/${entryVersion}\n${entry}`)

/**
 * Reads an entry's frame. Events stay plain; `eventsOf` parses those of a stream.
 *
 * @throws Unreadable for another version or a broken shape.
 */
export const decodeEntry = (record: Pick<JournalRecord, "number" | "entry">): Entry => {
  const where = `journal ${record.number}`
  if (record.entry === "") {
    throw new Unreadable({ where, why: "its entry is in an archive that is not at hand" })
  }
  let value: unknown
  try {
    value = JSON.parse(record.entry)
  } catch (cause) {
    throw new Unreadable({ where, why: `it is no JSON: ${cause instanceof Error ? cause.name : "?"}` })
  }
  const version = typeof value === "object" && value !== null && "v" in value ? value.v : undefined
  if (version !== entryVersion)
    throw new Unreadable({ where, why: `entry version ${String(version)} is unknown` })
  const parsed = entrySchema.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new Unreadable({ where, why: `${issue?.path.join(".") ?? ""}: ${issue?.code ?? "does not fit"}` })
  }
  const { claims, messages, ...rest } = parsed.data
  return { ...rest, claims: claims ?? [], messages: messages ?? [] }
}

/**
 * The events of an entry, each parsed by the schema of its kind.
 *
 * @throws Unreadable for an unknown kind or an event that its schema does not know.
 */
export const parsedEvents = (catalogue: Catalogue, entry: Entry, where: string): readonly StoredEvent[] =>
  entry.events.map((stored) => ({ ...stored, event: parseEvent(catalogue, stored, where) }))

/** One event, parsed by the schema of its kind. */
export const parseEvent = (catalogue: Catalogue, stored: StoredEvent, where: string): unknown => {
  const address = addressOf(catalogue, stored.stream)
  if (address === undefined)
    throw new Unreadable({ where, why: `no kind of stream for ${kindOf(stored.stream)}` })
  const parsed = address.definition.event.safeParse(stored.event)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new Unreadable({
    where,
    why: `an event of ${kindOf(stored.stream)} at version ${stored.version} does not fit: ${issue?.path.join(".") ?? ""} ${issue?.code ?? ""}`,
  })
}

// internal

const kindOf = (stream: string): string => stream.slice(0, Math.max(0, stream.indexOf("/")))

const entrySchema = z.strictObject({
  v: z.literal(entryVersion),
  command: z.strictObject({
    id: z.string(),
    type: z.string(),
    by: personId,
    role,
    at: instant,
    payload: z.unknown(),
  }),
  outcome: z.enum(["accepted", "refused"]),
  refusal: refusal.optional(),
  events: z.array(z.strictObject({ stream: z.string(), version: z.int().min(1), event: z.unknown() })),
  claims: z
    .array(z.strictObject({ kind: z.enum(["take", "release"]), key: z.string(), holder: z.string() }))
    .optional(),
  messages: z.array(z.string()).optional(),
})
