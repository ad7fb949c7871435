/**
 * The storage port in memory: for tests, the simulator and trying things out.
 *
 * As strict as the durable stores: the same limits, the same answers, the same hash chain, nothing shared by
 * reference with the caller. What it does not do: it does not survive the process, and it does not yield
 * between checking and writing, so that a commit is atomic by being synchronous.
 */
import { compareBytes } from "@yingshao/ports/byte-order"
import { decodeCursor, encodeCursor } from "@yingshao/ports/index-cursor"
import { chainHash, firstHash } from "@yingshao/ports/journal-chain"
import {
  type Commit,
  type CommitResult,
  type Head,
  type IndexPage,
  type IndexQuery,
  type JournalRecord,
  type LoadedState,
  type Restatement,
  type StateDocument,
  type Storage,
  storageContract,
  storageFailure,
} from "@yingshao/ports/storage"
import {
  addToTally,
  checkCommit,
  checkInstant,
  checkKey,
  checkKeyPart,
  checkLease,
  checkLimit,
  checkOutboxPage,
  checkPage,
  checkParking,
  checkPlace,
  checkProgramme,
  checkQuery,
  checkRestatements,
  checkSettlements,
  checkStreamKey,
  checkStreamKeys,
} from "@yingshao/ports/storage-limits"
import { type MemoryOutbox, memoryOutbox } from "./memory-outbox.ts"
import { type SortedList, sortedList } from "./sorted-list.ts"

/** A fresh, empty store. */
export const memoryStorage = (): Storage => {
  const programmes = new Map<string, Programme>()
  let closed = false

  /** The programme to write to. */
  const opened = (name: string): Programme => {
    if (closed) throw storageFailure("closed", "unchanged", "memory storage is closed")
    checkProgramme(name)
    const programme = programmes.get(name) ?? emptyProgramme()
    programmes.set(name, programme)
    return programme
  }

  return {
    contract: storageContract,
    name: "memory",
    commit: async (name, commit) => commitTo(opened(name), checkCommit(commit)),
    load: async (name, streams) => {
      const programme = opened(name)
      return checkStreamKeys(streams).map((stream) => loaded(programme, stream))
    },
    find: async (name, query) => findIn(opened(name), checkQuery(query)),
    streams: async (name, { prefix, after, limit }) => {
      const programme = opened(name)
      checkKeyPart("prefix", prefix)
      checkKeyPart("after", after)
      checkLimit(limit)
      return page(programme.names.values, prefix, after, limit).flatMap(
        (stream) => loaded(programme, stream) ?? [],
      )
    },
    history: async (name, stream, wanted) => {
      const programme = opened(name)
      checkStreamKey(stream)
      checkPage(wanted)
      const numbers = programme.streams.get(stream)?.touches ?? []
      return numbers
        .filter((number) => number > wanted.after)
        .slice(0, wanted.limit)
        .map((number) => record(programme, number))
    },
    journal: async (name, wanted) => {
      const programme = opened(name)
      checkPage(wanted)
      const until = Math.min(programme.journal.length, wanted.after + wanted.limit)
      const length = Math.max(0, until - wanted.after)
      return Array.from({ length }, (_, at) => record(programme, wanted.after + at + 1))
    },
    command: async (name, commandId) => {
      const programme = opened(name)
      checkKey("commandId", commandId)
      const number = programme.commands.get(commandId)
      return number === undefined ? undefined : record(programme, number)
    },
    head: async (name) => headOf(opened(name)),
    tallies: async (name, { prefix, after, limit }) => {
      const programme = opened(name)
      checkKeyPart("prefix", prefix)
      checkKeyPart("after", after)
      checkLimit(limit)
      const keys = [...programme.tallies.keys()].sort(compareBytes)
      return page(keys, prefix, after, limit).map((key) => ({
        key,
        value: programme.tallies.get(key) ?? 0,
      }))
    },
    holder: async (name, key) => {
      const programme = opened(name)
      checkKey("claim", key)
      return programme.claims.get(key)
    },
    restate: async (name, restatements) => {
      const programme = opened(name)
      return checkRestatements(restatements).filter((one) => restateIn(programme, one)).length
    },
    lease: async (name, request) => opened(name).outbox.lease(checkLease(request)),
    settle: async (name, settlements) => {
      const { outbox } = opened(name)
      return checkSettlements(settlements).map(outbox.settle)
    },
    outbox: async (name, wanted) => {
      const { outbox } = opened(name)
      checkOutboxPage(wanted)
      return outbox.page(wanted.status, wanted.after, wanted.limit)
    },
    outboxCounts: async (name) => opened(name).outbox.counts(),
    redrive: async (name, id, notBefore) => {
      const { outbox } = opened(name)
      checkKey("message id", id)
      checkInstant("notBefore", notBefore)
      return outbox.redrive(id, notBefore)
    },
    park: async (name, id, parking) => {
      const { outbox } = opened(name)
      return outbox.park(id, checkParking(id, parking))
    },
    settings: async () => {
      if (closed) throw storageFailure("closed", "unchanged", "memory storage is closed")
      return [{ name: "durability", value: "none: memory only", wanted: "on disk", ok: false }]
    },
    archiving: {
      archivedTo: async (name) => opened(name).archived,
      archive: async (name, upTo) => {
        const programme = opened(name)
        checkPlace(upTo)
        return archiveIn(programme, upTo)
      },
    },
    close: async () => {
      closed = true
    },
  }
}

// internal

interface Stream {
  version: number
  state: StateDocument
  readonly touches: number[]
}

interface Place {
  readonly range: string
  readonly stream: string
}

interface Programme {
  readonly journal: JournalRecord[]
  /** Up to this number entries have left. */
  archived: number
  readonly commands: Map<string, number>
  readonly streams: Map<string, Stream>
  readonly names: SortedList<string>
  /** By index name and equality key. */
  readonly entries: Map<string, SortedList<Place>>
  readonly claims: Map<string, string>
  readonly tallies: Map<string, number>
  readonly outbox: MemoryOutbox
}

const emptyProgramme = (): Programme => ({
  journal: [],
  archived: 0,
  commands: new Map(),
  streams: new Map(),
  names: sortedList(compareBytes),
  entries: new Map(),
  claims: new Map(),
  tallies: new Map(),
  outbox: memoryOutbox(),
})

const record = (programme: Programme, number: number): JournalRecord => ({
  ...(programme.journal[number - 1] as JournalRecord),
})

const headOf = (programme: Programme) => {
  const last = programme.journal.at(-1)
  return { number: last?.number ?? 0, hash: last?.hash ?? firstHash }
}

/** All checks come before the first write; nothing between them yields. */
const commitTo = (programme: Programme, commit: Commit): CommitResult => {
  const earlier = programme.commands.get(commit.commandId)
  if (earlier !== undefined) {
    const stored = record(programme, earlier)
    return { kind: stored.payloadDigest === commit.payloadDigest ? "repeated" : "mismatch", record: stored }
  }
  const wanted = [
    ...commit.appends.map(({ stream, expectedVersion }) => ({ stream, version: expectedVersion })),
    ...commit.guards,
  ]
  for (const { stream, version } of wanted) {
    const stands = programme.streams.get(stream)?.version ?? 0
    if (stands !== version) return { kind: "conflict", stream, version: stands }
  }
  const claims = new Map<string, string | undefined>()
  for (const { kind, key, holder } of commit.claims) {
    const held = claims.has(key) ? claims.get(key) : programme.claims.get(key)
    if (kind === "take" ? held !== undefined : held !== holder) return { kind: "claimed", key, holder: held }
    claims.set(key, kind === "take" ? holder : undefined)
  }
  const ids = new Set<string>()
  for (const { id } of commit.outbox) {
    if (ids.has(id) || programme.outbox.has(id)) return { kind: "duplicate-message", id }
    ids.add(id)
  }
  const tallies = new Map<string, number>()
  for (const { key, by } of commit.tallies) {
    tallies.set(key, addToTally(tallies.get(key) ?? programme.tallies.get(key) ?? 0, by))
  }
  return write(programme, commit, claims, tallies)
}

const write = (
  programme: Programme,
  commit: Commit,
  claims: ReadonlyMap<string, string | undefined>,
  tallies: ReadonlyMap<string, number>,
): CommitResult => {
  const head = headOf(programme)
  const number = head.number + 1
  const hash = chainHash(number, head.hash, commit.leaf)
  const { commandId, payloadDigest, entry, leaf } = commit
  programme.journal.push({ number, commandId, payloadDigest, entry, leaf, hash })
  programme.commands.set(commandId, number)
  for (const { stream, expectedVersion, events, state } of commit.appends) {
    const known = programme.streams.get(stream)
    reindex(programme, stream, known?.state, state)
    if (known === undefined) {
      programme.streams.set(stream, { version: events, state, touches: [number] })
      programme.names.add(stream)
    } else {
      known.version = expectedVersion + events
      known.state = state
      known.touches.push(number)
    }
  }
  for (const [key, holder] of claims) {
    if (holder === undefined) programme.claims.delete(key)
    else programme.claims.set(key, holder)
  }
  for (const [key, value] of tallies) programme.tallies.set(key, value)
  commit.outbox.forEach((message, position) => {
    programme.outbox.enqueue(message, number, position)
  })
  return { kind: "committed", number, hash }
}

const restateIn = (programme: Programme, { stream, version, state }: Restatement): boolean => {
  const known = programme.streams.get(stream)
  if (known === undefined || known.version !== version || known.state.foldVersion > state.foldVersion)
    return false
  reindex(programme, stream, known.state, state)
  known.state = state
  return true
}

const archiveIn = (programme: Programme, { number, hash }: Head): number => {
  if (programme.journal[number - 1]?.hash !== hash) return programme.archived
  for (let at = programme.archived; at < number; at += 1) {
    programme.journal[at] = { ...(programme.journal[at] as JournalRecord), entry: "" }
  }
  programme.archived = Math.max(programme.archived, number)
  return programme.archived
}

const reindex = (
  programme: Programme,
  stream: string,
  before: StateDocument | undefined,
  after: StateDocument,
): void => {
  for (const { index, equals, range } of before?.indexes ?? []) {
    programme.entries.get(`${index}\0${equals}`)?.remove({ range, stream })
  }
  for (const { index, equals, range } of after.indexes) {
    const name = `${index}\0${equals}`
    const list = programme.entries.get(name) ?? sortedList<Place>(comparePlaces)
    programme.entries.set(name, list)
    list.add({ range, stream })
  }
}

const comparePlaces = (a: Place, b: Place): number =>
  compareBytes(a.range, b.range) || compareBytes(a.stream, b.stream)

const loaded = (programme: Programme, stream: string): LoadedState | undefined => {
  const known = programme.streams.get(stream)
  if (known === undefined) return undefined
  return {
    stream,
    version: known.version,
    foldVersion: known.state.foldVersion,
    document: known.state.document,
  }
}

const findIn = (programme: Programme, query: IndexQuery): IndexPage => {
  const sign = query.order === "ascending" ? 1 : -1
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor)
  const compare = (a: Place & { equals: string }, b: Place & { equals: string }): number =>
    sign * (comparePlaces(a, b) || compareBytes(a.equals, b.equals))
  const { from = "", below } = query
  const matches = query.equals
    .flatMap((equals) => {
      const list = programme.entries.get(`${query.index}\0${equals}`)
      if (list === undefined) return []
      const end = below === undefined ? list.values.length : list.placeOf({ range: below, stream: "" })
      return list.values
        .slice(list.placeOf({ range: from, stream: "" }), end)
        .map((one) => ({ ...one, equals }))
    })
    .filter((one) => after === undefined || compare(one, after) > 0)
    .sort(compare)
  const rows = matches.slice(0, query.limit).map(({ stream, equals, range }) => ({
    ...(loaded(programme, stream) as LoadedState),
    equals,
    range,
  }))
  const last = rows.at(-1)
  const cursor = matches.length > rows.length && last !== undefined ? encodeCursor(last) : undefined
  return { rows, cursor }
}

const page = (
  sorted: readonly string[],
  prefix: string,
  after: string | undefined,
  limit: number,
): readonly string[] =>
  sorted
    .filter((key) => key.startsWith(prefix) && (after === undefined || compareBytes(key, after) > 0))
    .slice(0, limit)
