/**
 * From a journal entry back to the commit that wrote it: documents, index entries, counters and claims all
 * follow from its events.
 *
 * Documents are those of this release's fold. What it does not do: outbox rows do not follow from an entry, it
 * names only their ids; the caller brings them. Guards are not rebuilt: what they guarded has happened.
 */
import type { Append, Commit, OutboxMessage } from "@yingshao/ports/storage"
import { decodeEntry, leafOf, parsedEvents } from "./entry.ts"
import { Unreadable } from "./failures.ts"
import { makeStateCache, type StreamState } from "./state-cache.ts"
import { addressed, makeStreamReader, type World } from "./stream-reader.ts"

/** What is stored of a command, without its place in the chain. */
export interface Recorded {
  readonly number: number
  readonly commandId: string
  readonly payloadDigest: string
  readonly entry: string
}

export interface Rebuilder {
  /**
   * The commit of the next record, on what the store and the commits made before hold.
   *
   * @throws Unreadable when the entry is unknown, or an event does not follow its stream.
   */
  commitOf(record: Recorded, outbox: readonly OutboxMessage[]): Promise<Commit>
  /** Everything made so far stands in the store. */
  committed(): void
}

/** @param cacheBytes documents kept in memory. */
export const makeRebuilder = (world: World, cacheBytes = 32_000_000): Rebuilder => {
  const reader = makeStreamReader(world, makeStateCache(cacheBytes))
  /** States made since `committed`, which the store does not have yet. */
  const made = new Map<string, StreamState & { readonly bytes: number }>()

  const stateOf = async (stream: string): Promise<StreamState> => {
    const known = made.get(stream) ?? reader.cached(stream)
    if (known !== undefined) return known
    const [loaded] = await reader.load([stream])
    return loaded ?? { version: 0, state: addressed(world.catalogue, stream).definition.initial }
  }

  return {
    async commitOf(record, outbox) {
      const where = `journal ${record.number}`
      const entry = decodeEntry(record)
      const before = new Map<string, StreamState>()
      const after = new Map<string, StreamState>()
      const tallies = new Map<string, number>()
      for (const { stream, version, event } of parsedEvents(world.catalogue, entry, where)) {
        const { definition } = addressed(world.catalogue, stream)
        const now = after.get(stream) ?? (await stateOf(stream))
        if (version !== now.version + 1) {
          throw new Unreadable({ where, why: `${stream} stands at ${now.version}, its event at ${version}` })
        }
        if (!before.has(stream)) before.set(stream, now)
        after.set(stream, { version, state: definition.evolve(now.state, event) })
        for (const { key, by } of definition.tallies(event)) tallies.set(key, (tallies.get(key) ?? 0) + by)
      }
      const appends: Append[] = []
      for (const [stream, { version, state }] of after) {
        const { definition, id } = addressed(world.catalogue, stream)
        const expectedVersion = before.get(stream)?.version ?? 0
        const document = JSON.stringify(state)
        const indexes = definition.indexes(state, id)
        appends.push({
          stream,
          expectedVersion,
          events: version - expectedVersion,
          state: { foldVersion: definition.foldVersion, document, indexes },
        })
        made.set(stream, { version, state, bytes: document.length })
      }
      return {
        commandId: record.commandId,
        payloadDigest: record.payloadDigest,
        entry: record.entry,
        leaf: leafOf(record.entry),
        appends,
        guards: [],
        claims: entry.claims,
        tallies: [...tallies].filter(([, by]) => by !== 0).map(([key, by]) => ({ key, by })),
        outbox,
      }
    },
    committed() {
      for (const [stream, { version, state, bytes }] of made) reader.keep(stream, { version, state }, bytes)
      made.clear()
    },
  }
}
