/**
 * The storage port on SQLite: the embedded default. Durable, with group commit.
 *
 * The caller hands in the driver's handle; several stores in several processes may use one file. Calls into
 * SQLite are synchronous and short: one transaction for whatever waits, then the loop turns. What it does not
 * do: it does not serve a network file system, where SQLite's locks do not hold.
 */
import type { DatabaseSync } from "node:sqlite"
import { afterPrefix, compareBytes } from "@yingshao/ports/byte-order"
import { firstHash } from "@yingshao/ports/journal-chain"
import {
  type Commit,
  type CommitResult,
  type LoadedState,
  type Storage,
  storageContract,
  storageFailure,
} from "@yingshao/ports/storage"
import {
  checkCommit,
  checkInstant,
  checkKey,
  checkKeyPart,
  checkLease,
  checkLimit,
  checkOutboxPage,
  checkPage,
  checkParking,
  checkProgramme,
  checkQuery,
  checkRestatements,
  checkSettlements,
  checkStreamKey,
  checkStreamKeys,
} from "@yingshao/ports/storage-limits"
import { archivingOn } from "./archived-entries.ts"
import { commitWriter, type JournalRow, journalColumns, journalRecord } from "./commit-writer.ts"
import { type GroupCommitLimits, groupCommit } from "./group-commit.ts"
import { type HeadRow, heads, journalPlace } from "./heads.ts"
import { indexEntries } from "./index-entries.ts"
import { type LogLimits, logKeeper } from "./log-keeper.ts"
import { openSqliteFile } from "./open-file.ts"
import { outboxRows } from "./outbox-rows.ts"
import {
  fileName,
  migrate,
  newerSchema,
  readSettings,
  recognise,
  schemaVersion,
  setPragmas,
} from "./schema.ts"
import { isBusy, sqliteFailure } from "./sqlite-failure.ts"
import { talliesOf } from "./tallies.ts"
import { touchesOf } from "./touches.ts"

export { openSqliteFile } from "./open-file.ts"

export interface SqliteOptions {
  /** A handle of `node:sqlite`. Whoever opened it closes it, after the store's `close`. */
  readonly database: DatabaseSync
  /** How long SQLite itself waits for another process, in milliseconds. While it waits, the loop stands. */
  readonly busyTimeoutMs?: number
  /** Bounds of the queue and of the log; see `GroupCommitLimits` and `LogLimits`. */
  readonly limits?: Partial<GroupCommitLimits & LogLimits>
}

/**
 * A store on an open handle: recognises the file, sets the pragmas, creates or migrates the tables.
 *
 * @throws StorageFailure `foreign-file`, `newer-schema`, `busy`, `full` or `corrupt`, naming the file; a file
 *   that is not ours is not changed.
 */
export const sqliteStorage = async (options: SqliteOptions): Promise<Storage> => {
  const { database, busyTimeoutMs = 1_000 } = options
  const limits: GroupCommitLimits & LogLimits = { ...defaultLimits, ...options.limits }
  await prepareFile(database, busyTimeoutMs, limits)
  return storeOn(database, busyTimeoutMs, limits)
}

/** Opens a file and a store on it; closing the store closes the file. */
export const openSqliteStorage = async (
  path: string,
  options: Omit<SqliteOptions, "database"> = {},
): Promise<Storage> => {
  const database = openSqliteFile(path)
  try {
    const storage = await sqliteStorage({ ...options, database })
    return {
      ...storage,
      close: async () => {
        await storage.close()
        if (database.isOpen) database.close()
      },
    }
  } catch (error) {
    database.close()
    throw error
  }
}

// internal

const defaultLimits: GroupCommitLimits & LogLimits = {
  batch: 256,
  waiting: 4_096,
  waitingCharacters: 64 * 1024 * 1024,
  busyTries: 30,
  busyPauseMs: 10,
  logBytes: 8 * 1024 * 1024,
  logPatienceMs: 50,
}

/** Programmes whose key is remembered. */
const mostIds = 1_000

/** Another process may be creating the same file: try again, bounded. */
const prepareFile = async (
  database: DatabaseSync,
  busyTimeoutMs: number,
  limits: GroupCommitLimits,
): Promise<void> => {
  for (let attempt = 0; ; attempt += 1) {
    try {
      database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
      recognise(database)
      setPragmas(database, busyTimeoutMs)
      return migrate(database)
    } catch (error) {
      if (!isBusy(error) || attempt >= limits.busyTries)
        throw sqliteFailure(error, `open ${fileName(database)}`)
      await new Promise((resolve) => setTimeout(resolve, limits.busyPauseMs))
    }
  }
}

const storeOn = (
  database: DatabaseSync,
  busyTimeoutMs: number,
  limits: GroupCommitLimits & LogLimits,
): Storage => {
  const file = fileName(database)
  const rows = heads(database)
  const entries = indexEntries(database)
  const outbox = outboxRows(database)
  const tallies = talliesOf(database)
  const touches = touchesOf(database)
  const writer = commitWriter(database, { entries, outbox, tallies, touches })
  const read = readers(database)
  const keepLog = logKeeper(database, busyTimeoutMs, limits)
  const group = groupCommit(transactionOn(database, file, [rows, tallies], keepLog), limits, file)
  const ids = new Map<string, number>()
  let closed = false

  const check = (programme: string): void => {
    if (closed) throw storageFailure("closed", "unchanged", `${file} is closed`)
    checkProgramme(programme)
  }
  /** Reads what stands under a programme's key, which never changes once it is committed. */
  const readingIn = <A>(programme: string, none: A, work: (id: number) => A): A => {
    const id = ids.get(programme)
    if (id === undefined) {
      return reading(programme, none, (head) => {
        if (ids.size >= mostIds) ids.clear()
        ids.set(programme, head.id)
        return work(head.id)
      })
    }
    try {
      return work(id)
    } catch (error) {
      throw sqliteFailure(error, `${file}: read`)
    }
  }
  /** Reads with the head as it is now, from a programme that may not exist. */
  const reading = <A>(programme: string, none: A, work: (head: HeadRow) => A): A => {
    try {
      const head = rows.stored(programme)
      return head === undefined ? none : work(head)
    } catch (error) {
      throw sqliteFailure(error, `${file}: read`)
    }
  }

  return {
    contract: storageContract,
    name: `sqlite ${read.version}`,
    commit: async (name, commit): Promise<CommitResult> => {
      check(name)
      const copy = checkCommit(commit)
      return group.write(sizeOf(copy), () => writer.commit(rows.of(name), copy))
    },
    load: async (name, streams) => {
      check(name)
      const keys = checkStreamKeys(streams)
      const none = keys.map(() => undefined)
      return readingIn<readonly (LoadedState | undefined)[]>(name, none, (id) =>
        keys.map((key) => read.load(id, key)),
      )
    },
    find: async (name, query) => {
      check(name)
      const copy = checkQuery(query)
      return readingIn(name, { rows: [], cursor: undefined }, (id) => entries.find(id, copy))
    },
    streams: async (name, { prefix, after, limit }) => {
      check(name)
      checkKeyPart("prefix", prefix)
      checkKeyPart("after", after)
      checkLimit(limit)
      return readingIn<readonly LoadedState[]>(name, [], (id) => read.streams(id, prefix, after, limit))
    },
    history: async (name, stream, page) => {
      check(name)
      checkStreamKey(stream)
      checkPage(page)
      const { after, limit } = page
      return readingIn(name, [], (id) =>
        touches.page(id, stream, after, limit).map((one) => read.record(id, one)),
      )
    },
    journal: async (name, page) => {
      check(name)
      checkPage(page)
      const { after, limit } = page
      return reading(name, [], ({ id, number }) => read.journal(id, number, after, limit))
    },
    command: async (name, commandId) => {
      check(name)
      checkKey("commandId", commandId)
      return readingIn(name, undefined, (id) => writer.command(id, commandId))
    },
    head: async (name) => {
      check(name)
      return reading(name, { number: 0, hash: firstHash }, ({ number, hash }) => ({ number, hash }))
    },
    tallies: async (name, { prefix, after, limit }) => {
      check(name)
      checkKeyPart("prefix", prefix)
      checkKeyPart("after", after)
      checkLimit(limit)
      return readingIn(name, [], (id) => read.tallies(id, prefix, after, limit))
    },
    holder: async (name, key) => {
      check(name)
      checkKey("claim", key)
      return readingIn(name, undefined, (id) => read.holder(id, key))
    },
    restate: async (name, restatements) => {
      check(name)
      const copies = checkRestatements(restatements)
      const size = copies.reduce((sum, { state }) => sum + state.document.length, 0)
      return group.write(size, () => writer.restate(rows.of(name).id, copies))
    },
    lease: async (name, request) => {
      check(name)
      const copy = checkLease(request)
      return group.write(0, () => outbox.lease(rows.of(name).id, copy))
    },
    settle: async (name, settlements) => {
      check(name)
      const copies = checkSettlements(settlements)
      return group.write(0, () => copies.map((one) => outbox.settle(rows.of(name), one)))
    },
    outbox: async (name, page) => {
      check(name)
      checkOutboxPage(page)
      const { status, after, limit } = page
      return readingIn(name, [], (id) => outbox.page(id, status, after, limit))
    },
    outboxCounts: async (name) => {
      check(name)
      const none = { pending: 0, delivered: 0, dead: 0 }
      return reading(name, none, ({ id, delivered }) => outbox.counts(id, delivered))
    },
    redrive: async (name, id, notBefore) => {
      check(name)
      checkKey("message id", id)
      checkInstant("notBefore", notBefore)
      return group.write(0, () => outbox.redrive(rows.of(name).id, id, notBefore))
    },
    park: async (name, id, parking) => {
      check(name)
      const copy = checkParking(id, parking)
      return group.write(0, () => outbox.park(rows.of(name).id, id, copy))
    },
    archiving: archivingOn(database, { check, readingIn, rows, write: group.write }),
    settings: async () => {
      if (closed) throw storageFailure("closed", "unchanged", `${file} is closed`)
      return readSettings(database, busyTimeoutMs)
    },
    close: async () => {
      closed = true
      await group.drained()
    },
  }
}

/** What one transaction keeps in memory: written before its COMMIT, forgotten when the next one begins. */
interface KeptInMemory {
  flush(): void
  forget(): void
}

/** Writes see one schema, one set of heads and one set of tallies from BEGIN to COMMIT. */
const transactionOn = (
  database: DatabaseSync,
  file: string,
  kept: readonly KeptInMemory[],
  keepLog: () => void,
) => {
  const begin = database.prepare("BEGIN IMMEDIATE")
  const commit = database.prepare("COMMIT")
  const rollback = database.prepare("ROLLBACK")
  const schema = database.prepare("PRAGMA user_version")
  schema.setReturnArrays(true)
  return {
    begin: () => {
      for (const one of kept) one.forget()
      begin.run()
      // Another process may have migrated the file since this one opened it.
      const [version] = schema.get() as unknown as readonly [number]
      if (version === schemaVersion) return
      rollback.run()
      throw newerSchema(file, version)
    },
    commit: () => {
      for (const one of kept) one.flush()
      commit.run()
      keepLog()
    },
    rollback: () => {
      rollback.run()
    },
    isOpen: () => database.isTransaction,
  }
}

const readers = (database: DatabaseSync) => {
  const statement = (text: string) => {
    const made = database.prepare(text)
    made.setReturnArrays(true)
    return made
  }
  const [version] = statement("SELECT sqlite_version()").get() as unknown as readonly [string]
  const load = statement("SELECT name, version, fold, document FROM stream WHERE programme = ? AND name = ?")
  const streams = statement(
    `SELECT name, version, fold, document FROM stream
     WHERE programme = ? AND name >= ? AND name < ? ORDER BY name LIMIT ?`,
  )
  const record = statement(`SELECT ${journalColumns} FROM journal WHERE place = ?`)
  const journal = statement(
    `SELECT ${journalColumns} FROM journal WHERE place > ? AND place <= ? ORDER BY place`,
  )
  const tallies = statement(
    "SELECT key, value FROM tally WHERE programme = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?",
  )
  const holder = statement("SELECT holder FROM claim WHERE programme = ? AND key = ?")
  return {
    version,
    load: (programme: number, stream: string): LoadedState | undefined => {
      const row = load.get(programme, stream)
      return row === undefined ? undefined : loadedState(row as unknown as LoadedRow)
    },
    /** One row more than asked for, because the bound includes `after` itself. */
    streams: (programme: number, prefix: string, after: string | undefined, limit: number) =>
      streams
        .all(programme, lower(prefix, after), afterPrefix(prefix) ?? aboveAllTexts, limit + 1)
        .map((row) => loadedState(row as unknown as LoadedRow))
        .filter(({ stream }) => stream !== after)
        .slice(0, limit),
    record: (programme: number, number: number) =>
      journalRecord(record.get(journalPlace(programme, number)) as unknown as JournalRow),
    journal: (programme: number, head: number, after: number, limit: number) =>
      after >= head
        ? []
        : journal
            .all(journalPlace(programme, after), journalPlace(programme, Math.min(head, after + limit)))
            .map((row) => journalRecord(row as unknown as JournalRow)),
    tallies: (programme: number, prefix: string, after: string | undefined, limit: number) =>
      tallies
        .all(programme, lower(prefix, after), afterPrefix(prefix) ?? aboveAllTexts, limit + 1)
        .map((row) => row as unknown as readonly [string, number])
        .filter(([key]) => key !== after)
        .slice(0, limit)
        .map(([key, value]) => ({ key, value })),
    holder: (programme: number, key: string): string | undefined =>
      (holder.get(programme, key) as unknown as readonly [string] | undefined)?.[0],
  }
}

/** name, version, fold, document */
type LoadedRow = readonly [string, number, number, string]

const loadedState = ([stream, version, foldVersion, document]: LoadedRow): LoadedState => ({
  stream,
  version,
  foldVersion,
  document,
})

/** SQLite sorts every blob behind every text. */
const aboveAllTexts = Uint8Array.of(0xff)

const lower = (prefix: string, after: string | undefined): string =>
  after !== undefined && compareBytes(after, prefix) > 0 ? after : prefix

const sizeOf = (commit: Commit): number =>
  commit.entry.length +
  commit.appends.reduce((sum, { state }) => sum + state.document.length, 0) +
  commit.outbox.reduce((sum, { body }) => sum + body.length, 0)
