/**
 * Reads states of streams from the store: parsed, folded by this release's fold, cached.
 *
 * A document of another fold version is never trusted: the state is folded anew from history, and written
 * back when this fold is the newer one. What a command read stands in `Reads`, at the version read, so that
 * its commit can guard every one of them.
 */

import { BrokenInvariant } from "@yingshao/core/kernel/refusal"
import type { LoadedState, Restatement, Storage } from "@yingshao/ports/storage"
import { addressOf, type Catalogue, type StreamAddress } from "./catalogue.ts"
import { decodeEntry, type Entry, parseEvent, type StoredEvent } from "./entry.ts"
import { Unreadable } from "./failures.ts"
import type { StateCache, StreamState } from "./state-cache.ts"

/** Where a programme's streams are and how they are understood. */
export interface World {
  readonly programme: string
  readonly storage: Storage
  readonly catalogue: Catalogue
}

export interface StreamReader {
  /** The state as cached, or `undefined`: ask `load`. Never waits. */
  cached(stream: string): StreamState | undefined
  /** The states as stored, in the order asked; fills the cache. A stream that does not exist is at version 0. */
  load(streams: readonly string[]): Promise<readonly StreamState[]>
  /** Takes a row that a query brought along. */
  take(row: LoadedState): Promise<StreamState>
  /** Keeps what a commit just made true. */
  keep(stream: string, entry: StreamState, bytes: number): void
  forget(stream: string): void
}

export const makeStreamReader = (world: World, cache: StateCache): StreamReader => {
  const take = async (row: LoadedState): Promise<StreamState> => {
    const known = cache.get(row.stream)
    if (known !== undefined && known.version >= row.version) return known
    const entry = { version: row.version, state: await stateOf(world, row) }
    cache.put(row.stream, entry, row.document.length)
    return entry
  }
  return {
    cached: cache.get,
    forget: cache.forget,
    keep: cache.put,
    take,
    async load(streams) {
      const rows = await world.storage.load(world.programme, streams)
      return Promise.all(
        streams.map((stream, at) => {
          const row = rows[at]
          if (row !== undefined) return take(row)
          const none = { version: 0, state: addressed(world.catalogue, stream).definition.initial }
          // That there is none is a state like any other: guarded by who read it, forgotten when it loses.
          cache.put(stream, none, 0)
          return none
        }),
      )
    },
  }
}

/** The state of a stored row under this release's fold. */
export const stateOf = async (world: World, row: LoadedState): Promise<unknown> => {
  const { definition } = addressed(world.catalogue, row.stream)
  if (row.foldVersion === definition.foldVersion) return parseDocument(row)
  const state = await foldHistory(world, row.stream, row.version)
  if (definition.foldVersion > row.foldVersion) {
    await world.storage.restate(world.programme, [restatementOf(world, row, state)])
  }
  return state
}

/** A state of this release's fold, to take the place of an older document at the same version. */
export const restatementOf = (
  world: World,
  { stream, version }: Pick<LoadedState, "stream" | "version">,
  state: unknown,
): Restatement => {
  const { definition, id } = addressed(world.catalogue, stream)
  const document = JSON.stringify(state)
  const indexes = definition.indexes(state, id)
  return { stream, version, state: { foldVersion: definition.foldVersion, document, indexes } }
}

/**
 * fold(events) of a stream up to a version, in pages.
 *
 * @throws Unreadable when the history has a gap, ends early, or holds what the schemas do not know.
 */
export const foldHistory = async (world: World, stream: string, upTo: number): Promise<unknown> => {
  const { definition } = addressed(world.catalogue, stream)
  let state = definition.initial
  for await (const { version, event } of historyOf(world, stream)) {
    if (version > upTo) return state
    state = definition.evolve(state, event)
    if (version === upTo) return state
  }
  if (upTo === 0) return state
  throw new Unreadable({ where: stream, why: `its history ends before version ${upTo}` })
}

/** One event of a stream with the journal record it stands in. */
export interface HistoryEvent {
  readonly number: number
  readonly version: number
  readonly event: unknown
}

/** Every event of one stream, oldest first, parsed; versions are 1, 2, 3, … or it throws `Unreadable`. */
export async function* historyOf(world: World, stream: string): AsyncGenerator<HistoryEvent> {
  for await (const { number, events } of recordsOf(world, stream, () => false)) {
    for (const { version, event } of events) yield { number, version, event }
  }
}

/** What one journal record did to a stream. */
export interface HistoryRecord {
  readonly number: number
  /** The whole record's text. */
  readonly entry: string
  readonly events: readonly StoredEvent[]
}

/**
 * The records of one stream's history, oldest first; versions are 1, 2, 3, … or it throws `Unreadable`.
 *
 * @param isRead tells that a record was parsed by the schemas already, so that its text is only taken apart.
 */
export async function* recordsOf(
  world: World,
  stream: string,
  isRead: (number: number) => boolean,
): AsyncGenerator<HistoryRecord> {
  const limit = 200
  let version = 0
  for (let after = 0; ; ) {
    const page = await world.storage.history(world.programme, stream, { after, limit })
    for (const record of page) {
      const { number, entry } = record
      const where = `journal ${number}`
      const read = isRead(number)
      const all = read ? (JSON.parse(entry) as Entry).events : decodeEntry(record).events
      const events: StoredEvent[] = []
      for (const stored of all) {
        if (stored.stream !== stream) continue
        version += 1
        if (stored.version !== version) {
          throw new Unreadable({
            where,
            why: `${stream} jumps to version ${stored.version} instead of ${version}`,
          })
        }
        events.push(read ? stored : { ...stored, event: parseEvent(world.catalogue, stored, where) })
      }
      yield { number, entry, events }
      after = number
    }
    if (page.length < limit) return
  }
}

/** @throws BrokenInvariant for a kind of stream that is not in the catalogue. */
export const addressed = (catalogue: Catalogue, stream: string): StreamAddress => {
  const address = addressOf(catalogue, stream)
  if (address === undefined) {
    throw new BrokenInvariant(
      "S11",
      `no kind of stream for ${stream.slice(0, Math.max(0, stream.indexOf("/")))}`,
    )
  }
  return address
}

/** A document as a value. */
export const parseDocument = (row: Pick<LoadedState, "stream" | "document">): unknown => {
  try {
    return JSON.parse(row.document)
  } catch {
    throw new Unreadable({ where: row.stream, why: "its document is no JSON" })
  }
}
