/**
 * What one case of the storage contract is, and the small words that the cases are written in.
 *
 * The builders make good arguments; a case spells out only what it is about.
 */
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import {
  type Append,
  type Claim,
  type Commit,
  type CommitResult,
  type IndexEntry,
  type IndexQuery,
  isStorageFailure,
  type OutboxMessage,
  type StateDocument,
  type Storage,
} from "@yingshao/ports/storage"
import type { StorageCapabilities, StorageCapability, TestDatabase } from "./storage-capability.ts"

export interface StorageWorld {
  readonly storage: Storage
  /** A programme that no other case uses. */
  readonly programme: string
  /** Another such programme. */
  readonly neighbour: string
  /** What the store under test claims. */
  readonly claims: StorageCapabilities
}

export interface StorageCase {
  /** Stable, for lists of known faults: `commit/stale-version`. */
  readonly id: string
  /** What holds, with the invariant's id first where there is one. */
  readonly name: string
  readonly run: (world: StorageWorld) => Promise<void>
  /** Run only for stores that claim this. */
  readonly needs?: StorageCapability
}

export const storageCase = (
  id: string,
  name: string,
  run: (world: StorageWorld) => Promise<void>,
): StorageCase => ({ id, name, run })

/** A case for stores that claim `needs`; it gets what the claim handed in. */
export const capabilityCase = <N extends Exclude<StorageCapability, "closing">>(
  needs: N,
  id: string,
  name: string,
  run: (database: Claimed<N>, world: StorageWorld) => Promise<void>,
): StorageCase => ({
  id,
  name,
  needs,
  run: async (world) => {
    const claim = world.claims[needs]
    assert.ok(claim !== undefined, `${needs} is not claimed`)
    const database = (await claim()) as Claimed<N>
    try {
      await run(database, world)
    } finally {
      await database.drop?.()
    }
  },
})

/** Opens so many stores on one database, and closes them whatever happens. */
export const withStores = async (
  database: TestDatabase,
  count: number,
  work: (stores: readonly Storage[]) => Promise<void>,
): Promise<void> => {
  const stores: Storage[] = []
  try {
    for (let at = 0; at < count; at += 1) stores.push(await database.open())
    await work(stores)
  } finally {
    for (const storage of stores) await storage.close()
  }
}

type Claimed<N extends Exclude<StorageCapability, "closing">> = Awaited<
  ReturnType<NonNullable<StorageCapabilities[N]>>
>

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

/** A commit that does nothing but remember itself, with what a case adds. */
export const command = (commandId: string, more: Partial<Commit> = {}): Commit => {
  const entry = more.entry ?? `{"command":"${commandId}"}`
  return {
    commandId,
    payloadDigest: sha256(`payload of ${commandId}`),
    leaf: sha256(entry),
    appends: [],
    guards: [],
    claims: [],
    tallies: [],
    outbox: [],
    ...more,
    entry,
  }
}

export const state = (
  document: string,
  indexes: readonly IndexEntry[] = [],
  foldVersion = 1,
): StateDocument => ({
  foldVersion,
  document,
  indexes,
})

export const append = (
  stream: string,
  expectedVersion: number,
  of: StateDocument = state(`${stream} after ${expectedVersion}`),
  events = 1,
): Append => ({ stream, expectedVersion, events, state: of })

export const entry = (index: string, equals: string, range = ""): IndexEntry => ({ index, equals, range })

export const take = (key: string, holder: string): Claim => ({ kind: "take", key, holder })

export const release = (key: string, holder: string): Claim => ({ kind: "release", key, holder })

/** Minutes after the first instant that cases know. */
export const minute = (minutes: number): string =>
  new Date(Date.UTC(2026, 0, 1) + minutes * 60_000).toISOString()

export const message = (
  id: string,
  orderingKey: string,
  more: Partial<OutboxMessage> = {},
): OutboxMessage => ({
  id,
  topic: "notify",
  orderingKey,
  notBefore: minute(0),
  body: `body of ${id}`,
  ...more,
})

export const lookup = (
  index: string,
  equals: readonly string[],
  more: Partial<IndexQuery> = {},
): IndexQuery => ({
  index,
  equals,
  order: "ascending",
  limit: 100,
  ...more,
})

/** Commits and insists that it worked. */
export const committed = async (
  { storage, programme }: Pick<StorageWorld, "storage" | "programme">,
  ...commits: readonly Commit[]
): Promise<void> => {
  for (const commit of commits) {
    const result = await storage.commit(programme, commit)
    assert.equal(result.kind, "committed", `${commit.commandId} gave ${JSON.stringify(result)}`)
  }
}

export const kinds = (results: readonly CommitResult[]): readonly string[] =>
  results.map(({ kind }) => kind).sort()

/** Everything that a programme shows, in order: what must be equal when nothing was written. */
export const everything = async (storage: Storage, programme: string) => ({
  head: await storage.head(programme),
  journal: await storage.journal(programme, { after: 0, limit: 1_000 }),
  streams: await storage.streams(programme, { prefix: "", after: undefined, limit: 1_000 }),
  tallies: await storage.tallies(programme, { prefix: "", after: undefined, limit: 1_000 }),
  pending: await storage.outbox(programme, { status: "pending", after: undefined, limit: 1_000 }),
  delivered: await storage.outbox(programme, { status: "delivered", after: undefined, limit: 1_000 }),
  dead: await storage.outbox(programme, { status: "dead", after: undefined, limit: 1_000 }),
  counts: await storage.outboxCounts(programme),
})

/** The commit is answered with `expected`, and the programme looks as before. */
export const writesNothing = async (
  { storage, programme }: StorageWorld,
  commit: Commit,
  expected: CommitResult,
): Promise<void> => {
  const before = await everything(storage, programme)
  assert.deepEqual(await storage.commit(programme, commit), expected)
  assert.deepEqual(await everything(storage, programme), before)
}

/** Rejects with a tagged failure for this reason, and says that nothing was written. */
export const refuses = async (reason: string, work: () => Promise<unknown>): Promise<void> => {
  const failure = await work().then(
    () => undefined,
    (error: unknown) => error,
  )
  assert.ok(isStorageFailure(failure), `expected a storage failure, got ${String(failure)}`)
  assert.equal(failure.reason, reason)
  assert.equal(failure.outcome, "unchanged")
}

/** A commit with something of everything. */
export const full = (id: string): Commit =>
  command(id, {
    appends: [append("r/1", 0, state(`document of ${id}`, [entry("i", "e", "r")]))],
    guards: [{ stream: "g/1", version: 0 }],
    claims: [take(`claim of ${id}`, id)],
    tallies: [{ key: "t", by: 2 }],
    outbox: [message(`message of ${id}`, "k")],
  })

/** A new stream with index entries. */
export const indexed = (stream: string, ...entries: readonly ReturnType<typeof entry>[]): Commit =>
  command(`index ${stream}`, { appends: [append(stream, 0, state(`of ${stream}`, entries))] })

/** The streams that a query finds, in its order. */
export const streamsOf = async (
  { storage, programme }: StorageWorld,
  query: IndexQuery,
): Promise<readonly string[]> => (await storage.find(programme, query)).rows.map(({ stream }) => stream)
