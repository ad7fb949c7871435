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
import { type CheckedWrites, type WriterSettings, writesOn } from "./checked-writes.ts"
import { type JournalRow, journalColumns, journalRecord } from "./commit-writer.ts"
import type { GroupCommitLimits } from "./group-commit.ts"
import { type HeadRow, journalPlace } from "./heads.ts"
import type { LogLimits } from "./log-keeper.ts"
import { openSqliteFile } from "./open-file.ts"
import { fileName, migrate, readSettings, recognise, type Sharing, setPragmas } from "./schema.ts"
import { isBusy, sqliteFailure } from "./sqlite-failure.ts"
import { startWriter, type ThreadLimits, writesBeside } from "./writes-beside.ts"

export { openSqliteFile } from "./open-file.ts"

export interface SqliteOptions {
  /** A handle of `node:sqlite`. Whoever opened it closes it, after the store's `close`. */
  readonly database: DatabaseSync
  /** How long SQLite itself waits for another process, in milliseconds. While it waits, the loop stands. */
  readonly busyTimeoutMs?: number
  /**
   * Pages of the file that each handle keeps in memory, in KB; left out: 16,000. A file of gigabytes is searched
   * quicker with 64,000, and every commit to any file becomes slower. A writer beside has a handle of its own.
   */
  readonly pageCacheKb?: number
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
  return openStore(options.database, settingsOf(options), alone)
}

/** What `openSqliteStorage` takes. */
export interface SqliteFileOptions extends Omit<SqliteOptions, "database"> {
  /**
   * Who may have the file open at the same time. `processes`, the default: any number on one machine.
   * `one-process`: this handle alone, which then locks nothing from call to call; who comes meanwhile is told
   * `busy`, and so is this one where somebody is there already.
   */
  readonly sharing?: Sharing
  /**
   * Who writes: `here`, the thread that calls, which is the default; or `beside`, a second thread, for
   * processes with many commands at once and a core to spare. What is durable when is the same. The thread has a
   * handle of its own, so a file for one handle alone is written to here only.
   */
  readonly writer?: "here" | "beside"
  readonly thread?: Partial<ThreadLimits>
}

/**
 * Opens a file and a store on it; closing the store closes the file.
 *
 * @param path of the database file, created when missing; a database in memory is written to here only.
 * @throws StorageFailure as `openSqliteFile` and `sqliteStorage` do.
 * @example await openSqliteStorage("county.db", { writer: "beside" }) // => a store; commits of many go to a thread
 */
export const openSqliteStorage = async (path: string, options: SqliteFileOptions = {}): Promise<Storage> => {
  const database = openSqliteFile(path, options.sharing)
  try {
    const settings = settingsOf(options)
    const file = database.location()
    const beside = (here: CheckedWrites): Writing =>
      file === null || settings.sharing === "one-process"
        ? alone(here)
        : writesBeside(here, () => startWriter({ file, settings }), { ...threadLimits, ...options.thread })
    const storage = await openStore(database, settings, options.writer === "beside" ? beside : alone)
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
  logBytes: 24 * 1024 * 1024,
  logPatienceMs: 50,
}

const threadLimits: ThreadLimits = { threadFrom: 2, threadEager: 8 }

/** Programmes whose key is remembered. */
const mostIds = 1_000

const settingsOf = ({
  busyTimeoutMs = 1_000,
  sharing = "processes",
  pageCacheKb = 16_000,
  limits,
}: SqliteFileOptions): WriterSettings => ({
  busyTimeoutMs,
  sharing,
  pageCacheKb,
  limits: { ...defaultLimits, ...limits },
})

/** Writes of a store, and their end. */
interface Writing extends CheckedWrites {
  close(): Promise<void>
}

const alone = (here: CheckedWrites): Writing => ({ ...here, close: here.drained })

const openStore = async (
  database: DatabaseSync,
  settings: WriterSettings,
  writing: (here: CheckedWrites) => Writing,
): Promise<Storage> => {
  await prepareFile(database, settings)
  return storeOn(database, settings, writing)
}

/** Another process may be creating the same file: try again, bounded. */
const prepareFile = async (database: DatabaseSync, settings: WriterSettings): Promise<void> => {
  const { busyTimeoutMs, limits } = settings
  for (let attempt = 0; ; attempt += 1) {
    try {
      database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
      recognise(database)
      setPragmas(database, settings)
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
  settings: WriterSettings,
  writing: (here: CheckedWrites) => Writing,
): Storage => {
  const file = fileName(database)
  const { writes: here, parts } = writesOn(database, settings)
  const { rows, entries, outbox, writer, touches, group } = parts
  const writes = writing(here)
  const read = readers(database)
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
      return read.together(() => {
        const head = rows.stored(programme)
        return head === undefined ? none : work(head)
      })
    } catch (error) {
      throw sqliteFailure(error, `${file}: read`)
    }
  }

  return {
    contract: storageContract,
    name: `sqlite ${read.version}`,
    reads: "in-this-thread",
    commit: async (name, commit): Promise<CommitResult> => {
      check(name)
      return writes.commit(name, checkCommit(commit))
    },
    load: async (name, streams) => {
      check(name)
      const keys = checkStreamKeys(streams)
      const none = keys.map(() => undefined)
      return readingIn<readonly (LoadedState | undefined)[]>(name, none, (id) =>
        keys.length === 1
          ? keys.map((key) => read.load(id, key))
          : read.together(() => keys.map((key) => read.load(id, key))),
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
        read.together(() => touches.page(id, stream, after, limit).map((one) => read.record(id, one))),
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
      return writes.restate(name, checkRestatements(restatements))
    },
    lease: async (name, request) => {
      check(name)
      return writes.lease(name, checkLease(request))
    },
    settle: async (name, settlements) => {
      check(name)
      return writes.settle(name, checkSettlements(settlements))
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
      return writes.redrive(name, id, notBefore)
    },
    park: async (name, id, parking) => {
      check(name)
      return writes.park(name, id, checkParking(id, parking))
    },
    archiving: archivingOn(database, { check, readingIn, rows, write: group.write }),
    settings: async () => {
      if (closed) throw storageFailure("closed", "unchanged", `${file} is closed`)
      return readSettings(database, settings)
    },
    close: async () => {
      closed = true
      await writes.close()
      await here.drained()
    },
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
  const begin = database.prepare("BEGIN")
  const end = database.prepare("COMMIT")
  return {
    version,
    /** Several reads see one state of the file, and lock it once instead of each. */
    together: <A>(work: () => A): A => {
      if (database.isTransaction) return work()
      begin.run()
      try {
        return work()
      } finally {
        end.run()
      }
    },
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
