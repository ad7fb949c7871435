/**
 * Reading: one state, a page of an index, counters, the story of a stream, streams of a kind, all or by the
 * beginning of their id.
 *
 * Everything is read from the store and folded by this release. Indexes and counters are written in the
 * transaction of the events, so nothing here falls behind.
 *
 * What it does not do: it does not ask who is asking. Rights, extracts and redaction belong to the host and
 * to core's views; these queries give whole states.
 */
import type { Refusal } from "@yingshao/core/kernel/refusal"
import type { Actor } from "@yingshao/core/kernel/roles"
import type { Instant } from "@yingshao/core/kernel/time"
import type { StateOf, StreamEvent, StreamKind } from "@yingshao/core/streams"
import { decodeEntry, parseEvent } from "./entry.ts"
import { needIndex } from "./index-building.ts"
import { addressed, stateOf, type World } from "./stream-reader.ts"

/** A stream's state at a version; version 0: there is no such stream, and the state is the empty one. */
export interface Stated<K extends StreamKind> {
  readonly kind: K
  readonly id: string
  readonly version: number
  readonly state: StateOf<K>
}

export interface PageRequest {
  readonly index: string
  /** One key or up to 32. */
  readonly equals: string | readonly string[]
  /** Inclusive lower and exclusive upper bound of the range. */
  readonly from?: string
  readonly below?: string
  readonly order?: "ascending" | "descending"
  /** 1 to 1,000; left out: 100. */
  readonly limit?: number
  readonly cursor?: string
}

export interface Page {
  readonly rows: readonly (Stated<StreamKind> & { readonly equals: string; readonly range: string })[]
  /** For the next page; `undefined` at the end. */
  readonly cursor: string | undefined
}

/** What one journal record did to a stream. */
export interface StoryLine<K extends StreamKind> {
  readonly number: number
  readonly at: Instant
  readonly command: { readonly type: string; readonly id: string; readonly by: Actor }
  readonly refusal: Refusal | undefined
  readonly events: readonly { readonly version: number; readonly event: StreamEvent<K> }[]
}

export interface Queries {
  state<K extends StreamKind>(kind: K, id: string): Promise<Stated<K>>
  /** @throws IndexBuilding while the index is not complete. */
  page(request: PageRequest): Promise<Page>
  /** Every counter whose key starts with `prefix`. */
  tallies(prefix: string): Promise<ReadonlyMap<string, number>>
  /**
   * Streams of a kind whose id begins with `start`, in the order of ids, at most `limit` (1 to 100): how a number
   * that people read out to each other is looked up. One range of the store's own key; no index is needed.
   *
   * @throws RangeError for an empty `start` or another limit.
   * @example await queries.beginning("report", "r-3db9096c", 2) // => [{ kind: "report", id: "r-3db9096c41…", … }]
   */
  beginning<K extends StreamKind>(kind: K, start: string, limit: number): Promise<readonly Stated<K>[]>
  /** Oldest first. */
  story<K extends StreamKind>(kind: K, id: string): AsyncIterable<StoryLine<K>>
  /** In the order of ids. */
  readAll<K extends StreamKind>(kind: K): AsyncIterable<Stated<K>>
}

export const makeQueries = (world: World): Queries => ({
  async state(kind, id) {
    const stream = `${kind}/${id}`
    const { definition } = addressed(world.catalogue, stream)
    const [row] = await world.storage.load(world.programme, [stream])
    const state = row === undefined ? definition.initial : await stateOf(world, row)
    return { kind, id, version: row?.version ?? 0, state: state as never }
  },
  page: (request) => page(world, request),
  tallies: (prefix) => tallies(world, prefix),
  beginning: (kind, start, limit) => beginning(world, kind, start, limit),
  story: (kind, id) => story(world, kind, id),
  readAll: (kind) => readAll(world, kind),
})

// internal

const page = async (world: World, request: PageRequest): Promise<Page> => {
  const { equals, order = "ascending", limit = 100, ...rest } = request
  const keys = typeof equals === "string" ? [equals] : equals
  await needIndex(world, request.index)
  const found = await world.storage.find(world.programme, { ...rest, equals: keys, order, limit })
  const rows = await Promise.all(
    found.rows.map(async (row) => {
      const { kind, id } = addressed(world.catalogue, row.stream)
      const state = (await stateOf(world, row)) as StateOf<StreamKind>
      const { version, equals: key, range } = row
      return { kind: kind as StreamKind, id, version, state, equals: key, range }
    }),
  )
  return { rows, cursor: found.cursor }
}

const tallies = async (world: World, prefix: string): Promise<ReadonlyMap<string, number>> => {
  const limit = 1_000
  const all = new Map<string, number>()
  for (let after: string | undefined; ; ) {
    const some = await world.storage.tallies(world.programme, { prefix, after, limit })
    for (const { key, value } of some) all.set(key, value)
    after = some.at(-1)?.key
    if (some.length < limit) return all
  }
}

const mostBegun = 100

const beginning = async <K extends StreamKind>(
  world: World,
  kind: K,
  start: string,
  limit: number,
): Promise<readonly Stated<K>[]> => {
  if (start === "") throw new RangeError("the beginning of an id is not empty")
  if (!Number.isInteger(limit) || limit < 1 || limit > mostBegun) {
    throw new RangeError(`a limit is a whole number from 1 to ${mostBegun}`)
  }
  const kindPrefix = `${kind}/`
  const prefix = `${kindPrefix}${start}`
  const rows = await world.storage.streams(world.programme, { prefix, after: undefined, limit })
  return Promise.all(
    rows.map(async (row) => {
      const state = (await stateOf(world, row)) as StateOf<K>
      return { kind, id: row.stream.slice(kindPrefix.length), version: row.version, state }
    }),
  )
}

async function* story<K extends StreamKind>(world: World, kind: K, id: string): AsyncGenerator<StoryLine<K>> {
  const limit = 200
  const stream = `${kind}/${id}`
  for (let after = 0; ; ) {
    const records = await world.storage.history(world.programme, stream, { after, limit })
    for (const record of records) {
      const where = `journal ${record.number}`
      const { command, refusal, events } = decodeEntry(record)
      yield {
        number: record.number,
        at: command.at,
        command: { type: command.type, id: command.id, by: { person: command.by, role: command.role } },
        refusal,
        events: events
          .filter((stored) => stored.stream === stream)
          .map((stored) => ({
            version: stored.version,
            event: parseEvent(world.catalogue, stored, where) as StreamEvent<K>,
          })),
      }
      after = record.number
    }
    if (records.length < limit) return
  }
}

async function* readAll<K extends StreamKind>(world: World, kind: K): AsyncGenerator<Stated<K>> {
  const limit = 200
  const prefix = `${kind}/`
  for (let after: string | undefined; ; ) {
    const rows = await world.storage.streams(world.programme, { prefix, after, limit })
    for (const row of rows) {
      const state = (await stateOf(world, row)) as StateOf<K>
      yield { kind, id: row.stream.slice(prefix.length), version: row.version, state }
    }
    after = rows.at(-1)?.stream
    if (rows.length < limit) return
  }
}
