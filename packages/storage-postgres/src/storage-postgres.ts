/**
 * The storage port on PostgreSQL 15 to 18: many stateless servers on one database.
 *
 * The caller hands in a pool of `pg` and ends it after the store's `close`. Commits of one programme that wait
 * in this process share one call of a function in the database, which locks the programme's head and answers
 * for each; programmes never wait for each other. What it does not do: it opens no connection of its own, it
 * does not repeat a call whose outcome is unknown, and it trusts no isolation level alone.
 */
import { afterPrefix, compareBytes } from "@yingshao/ports/byte-order"
import { firstHash } from "@yingshao/ports/journal-chain"
import {
  type JournalRecord,
  type LoadedState,
  type OutboxRow,
  type Restatement,
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
import { archivingIn } from "./archived-entries.ts"
import { answersOf, packEntries } from "./commit-batch.ts"
import { indexPages } from "./index-pages.ts"
import { type OutboxTurns, outboxTurns } from "./outbox-turns.ts"
import { type PostgresAnswer, type PostgresPool, type Sender, senderOn } from "./postgres-pool.ts"
import { type ProgrammeQueue, programmeQueue, type QueueLimits } from "./programme-queue.ts"
import { checkSchemaName, migrate, quoted, schemaVersion } from "./schema.ts"
import { readSettings } from "./settings.ts"
import { preparedFor, statementsFor } from "./statements.ts"
import { turnedOf, turnStatement } from "./turn-statement.ts"

export type { PostgresClient, PostgresPool } from "./postgres-pool.ts"
export type { QueueLimits } from "./programme-queue.ts"

export interface PostgresOptions {
  /** A `Pool` of `pg`. Whoever made it ends it, after the store's `close`. */
  readonly pool: PostgresPool
  /** Where the tables are; created when missing. `yingshao` when not given. */
  readonly schema?: string
  /** How long a write waits for another process that writes to the same programme, in milliseconds. */
  readonly lockWaitMs?: number
  readonly limits?: Partial<QueueLimits>
}

/**
 * A store on a pool: creates or migrates the schema, which several servers may do at once.
 *
 * @throws StorageFailure `unavailable`, `newer-schema`, `foreign-file`, or `invalid` for a database that is
 *   older than 15 or not in UTF-8.
 * @example
 * const storage = await postgresStorage({ pool: new pg.Pool({ connectionString }) })
 */
export const postgresStorage = async (options: PostgresOptions): Promise<Storage> => {
  const { pool, schema = "yingshao", lockWaitMs = 10_000 } = options
  checkSchemaName(schema)
  const where = `postgres schema ${schema}`
  const sender = senderOn(pool, where)
  await migrate(sender, schema, where)
  const [row] = await sender.read({ text: "SELECT current_setting('server_version')" }, [])
  const version = String(row?.[0]).split(" ")[0] ?? ""
  const limits = { ...defaultLimits, ...options.limits }
  return storeOn(sender, { schema, where, version, lockWaitMs, limits })
}

// internal

const defaultLimits: QueueLimits = {
  batch: 256,
  batchCharacters: 4 * 1024 * 1024,
  waiting: 4_096,
  waitingCharacters: 64 * 1024 * 1024,
  tries: 20,
  pauseMs: 5,
}

interface StoreOptions {
  readonly schema: string
  readonly where: string
  readonly version: string
  readonly lockWaitMs: number
  readonly limits: QueueLimits
}

const storeOn = (sender: Sender, options: StoreOptions): Storage => {
  const { schema, where, version, lockWaitMs, limits } = options
  const sql = statementsFor(schema)
  const indexes = indexPages(preparedFor(schema), quoted(schema))
  const queues = new Map<string, ProgrammeQueue>()
  const turns = new WeakMap<ProgrammeQueue, OutboxTurns>()
  let closed = false

  const check = (programme: string): void => {
    if (closed) throw storageFailure("closed", "unchanged", `${where}: the store is closed`)
    checkProgramme(programme)
  }
  const under = (programme: string): unknown[] => [schemaVersion, lockWaitMs, programme]

  const queueOf = (programme: string): ProgrammeQueue => {
    const known = queues.get(programme)
    if (known !== undefined) return known
    const made = programmeQueue(
      async ({ count, values }) =>
        answersOf(count, await sender.write(sql.commitBatch, [...under(programme), ...values])),
      limits,
      where,
    )
    if (queues.size >= mostIdleQueues) {
      for (const [name, queue] of queues) if (queue.depth() === 0) queues.delete(name)
    }
    queues.set(programme, made)
    return made
  }

  const turnsOf = (programme: string): OutboxTurns => {
    const queue = queueOf(programme)
    const known = turns.get(queue)
    if (known !== undefined) return known
    const made = outboxTurns(
      (work) => queue.call(0, work),
      async (turn) => {
        const [statement, values] = turnStatement(sql, turn)
        return turnedOf(turn, await sender.write(statement, [...under(programme), ...values]))
      },
    )
    turns.set(queue, made)
    return made
  }

  return {
    contract: storageContract,
    name: `postgres ${version}`,
    commit: async (name, commit) => {
      check(name)
      const copy = checkCommit(commit)
      const { entry, appends, outbox } = copy
      const size =
        entry.length +
        appends.reduce((sum, { state }) => sum + state.document.length, 0) +
        outbox.reduce((sum, { body }) => sum + body.length, 0)
      return queueOf(name).commit(copy, size)
    },
    load: async (name, streams) => {
      check(name)
      const keys = checkStreamKeys(streams)
      if (keys.length === 0) return []
      const rows = await sender.read(sql.load, [name, keys])
      const found = new Map(rows.map((row) => [row[0], row]))
      return keys.map((key) => {
        const row = found.get(key)
        return row === undefined ? undefined : loadedState(row)
      })
    },
    find: async (name, query) => {
      check(name)
      const copy = checkQuery(query)
      return indexes.page(copy, await sender.read(...indexes.ask(name, copy)))
    },
    streams: async (name, { prefix, after, limit }) => {
      check(name)
      checkKeyPart("prefix", prefix)
      checkKeyPart("after", after)
      checkLimit(limit)
      const [above, values] = pageValues(name, prefix, after, limit)
      return (await sender.read(sql.streams(above), values)).map(loadedState)
    },
    history: async (name, stream, { after, limit }) => {
      check(name)
      checkStreamKey(stream)
      checkPage({ after, limit })
      return (await sender.read(sql.history, [name, stream, after, limit])).map(journalRecord)
    },
    journal: async (name, { after, limit }) => {
      check(name)
      checkPage({ after, limit })
      return (await sender.read(sql.journal, [name, after, limit])).map(journalRecord)
    },
    command: async (name, commandId) => {
      check(name)
      checkKey("commandId", commandId)
      const [row] = await sender.read(sql.command, [name, commandId])
      return row === undefined ? undefined : journalRecord(row)
    },
    head: async (name) => {
      check(name)
      const [row] = await sender.read(sql.head, [name])
      return row === undefined ? { number: 0, hash: firstHash } : { number: Number(row[0]), hash: row[1] }
    },
    tallies: async (name, { prefix, after, limit }) => {
      check(name)
      checkKeyPart("prefix", prefix)
      checkKeyPart("after", after)
      checkLimit(limit)
      const [above, values] = pageValues(name, prefix, after, limit)
      const rows = await sender.read(sql.tallies(above), values)
      return rows.map(([key, value]) => ({ key, value: Number(value) }))
    },
    holder: async (name, key) => {
      check(name)
      checkKey("claim", key)
      return (await sender.read(sql.holder, [name, key]))[0]?.[0]
    },
    restate: async (name, restatements) => {
      check(name)
      const copies = checkRestatements(restatements)
      const size = copies.reduce((sum, { state }) => sum + state.document.length, 0)
      return queueOf(name).call(size, async () => {
        let changed = 0
        for (const some of withoutRepeats(copies)) {
          const values = [
            some.map(({ stream }) => stream),
            some.map(({ version }) => version),
            some.map(({ state }) => state.foldVersion),
            some.map(({ state }) => packEntries(state.indexes)),
            some.map(({ state }) => state.document),
          ]
          const rows = await sender.write(sql.restate, [...under(name), ...values])
          changed += Number(rows[0]?.[0])
        }
        return changed
      })
    },
    lease: async (name, request) => {
      check(name)
      return turnsOf(name).lease(checkLease(request))
    },
    settle: async (name, settlements) => {
      check(name)
      const copies = checkSettlements(settlements)
      return copies.length === 0 ? [] : turnsOf(name).settle(copies)
    },
    outbox: async (name, page) => {
      check(name)
      checkOutboxPage(page)
      const { number, position } = page.after ?? { number: 0, position: 0 }
      return (await sender.read(sql.outbox[page.status], [name, number, position, page.limit])).map(outboxRow)
    },
    outboxCounts: async (name) => {
      check(name)
      const [row] = await sender.read(sql.outboxCounts, [name])
      return { pending: Number(row?.[0]), delivered: Number(row?.[1] ?? 0), dead: Number(row?.[2]) }
    },
    redrive: async (name, id, notBefore) => {
      check(name)
      checkKey("message id", id)
      checkInstant("notBefore", notBefore)
      return queueOf(name).call(0, async () => {
        const rows = await sender.write(sql.redrive, [...under(name), id, notBefore])
        return rows[0]?.[0] === true
      })
    },
    park: async (name, id, parking) => {
      check(name)
      const { at, blocking, note } = checkParking(id, parking)
      return queueOf(name).call(0, async () => {
        const rows = await sender.write(sql.park, [...under(name), id, at, note, blocking])
        return rows[0]?.[0] === true
      })
    },
    archiving: archivingIn({
      sql,
      check,
      isClosed: () => closed,
      read: sender.read,
      write: (name, statement, values) =>
        queueOf(name).call(0, () => sender.write(statement, [...under(name), ...values])),
      where,
    }),
    settings: async () => {
      if (closed) throw storageFailure("closed", "unchanged", `${where}: the store is closed`)
      const depth = [...queues.values()].reduce((sum, queue) => sum + queue.depth(), 0)
      return sender.withClient((client) => readSettings(client, schema, { depth, most: limits.waiting }))
    },
    close: async () => {
      closed = true
      await Promise.all([...queues.values()].map((queue) => queue.drained()))
    },
  }
}

/** Queues that are kept although nothing waits in them. */
const mostIdleQueues = 1_000

/** Whether there is an upper bound, and the values of a page by prefix. */
const pageValues = (
  programme: string,
  prefix: string,
  after: string | undefined,
  limit: number,
): readonly [boolean, unknown[]] => {
  const above = afterPrefix(prefix)
  const from = after !== undefined && compareBytes(after, prefix) > 0 ? after : prefix
  const values = [programme, from, after ?? null, limit]
  return above === undefined ? [false, values] : [true, [...values, above]]
}

/** In order, in as few pieces as have no stream twice: the database replaces a piece as a whole. */
const withoutRepeats = (restatements: readonly Restatement[]): readonly (readonly Restatement[])[] => {
  const pieces: Restatement[][] = []
  let seen = new Set<string>()
  for (const one of restatements) {
    if (pieces.length === 0 || seen.has(one.stream)) {
      pieces.push([])
      seen = new Set()
    }
    pieces.at(-1)?.push(one)
    seen.add(one.stream)
  }
  return pieces
}

type Row = PostgresAnswer["rows"][number]

const loadedState = ([stream, version, fold, document]: Row): LoadedState => ({
  stream,
  version: Number(version),
  foldVersion: Number(fold),
  document,
})

const journalRecord = ([number, commandId, payloadDigest, entry, leaf, hash]: Row): JournalRecord => ({
  number: Number(number),
  commandId,
  payloadDigest,
  entry,
  leaf,
  hash,
})

const outboxRow = (row: Row): OutboxRow => {
  const [id, topic, orderingKey, notBefore, body, number, position, status, attempts, note, lease, settled] =
    row
  return {
    id,
    topic,
    orderingKey,
    notBefore,
    body,
    number: Number(number),
    position: Number(position),
    status,
    attempts: Number(attempts),
    note,
    leasedUntil: lease ?? undefined,
    settledAt: settled ?? undefined,
  }
}
