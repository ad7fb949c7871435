/**
 * emmett's SQLite event store on one shared connection, with the best settings it can be given: `node:sqlite`
 * instead of its own driver, which hands every statement to a thread; prepared statements that are kept; WAL and as
 * much of a page cache as ours.
 * Durability is the same as ours (`synchronous = FULL`), and what waits together may share a transaction, which
 * emmett does not do by itself.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite"
import {
  appendToStream,
  createEventStoreSchema,
  readStream,
  type SQLiteConnection,
} from "@event-driven-io/emmett-sqlite"
import { setLikeOurs } from "./peer-settings.ts"

/** Events of one command, by stream. */
export type Appends = ReadonlyMap<string, readonly EmmettEvent[]>

export interface EmmettEvent {
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface Emmett {
  /** One durable transaction for the appends of all these commands. */
  append(commands: readonly Appends[]): Promise<void>
  /** Events of a stream, and at which version it stands. */
  read(stream: string): Promise<{ readonly events: readonly unknown[]; readonly version: bigint }>
  /** Appends at a version that was read. */
  appendAt(stream: string, version: bigint, events: readonly EmmettEvent[]): Promise<void>
  close(): void
}

export const openEmmett = async (path: string): Promise<Emmett> => {
  const database = new DatabaseSync(path)
  setLikeOurs(database)
  const connection = connectionOn(database)
  await createEventStoreSchema(connection)
  const append = async (stream: string, events: readonly EmmettEvent[], version?: bigint): Promise<void> => {
    const options = version === undefined ? {} : { expectedStreamVersion: version }
    const result = await appendToStream(connection, stream, stream.split("/")[0] ?? "", [...events], options)
    if (!result.success) throw new Error(`emmett does not append to ${stream}`)
  }
  return {
    append: (commands) =>
      connection.withTransaction(async () => {
        for (const appends of commands) {
          for (const [stream, events] of appends) await append(stream, events)
        }
      }),
    read: async (stream) => {
      const { events, currentStreamVersion } = await readStream(connection, stream)
      return { events, version: currentStreamVersion }
    },
    appendAt: (stream, version, events) => append(stream, events, version),
    close: () => database.close(),
  }
}

/** The events in the `entry` of a journal row, by stream, as emmett takes them. */
export const appendsOf = (entry: string): Appends => {
  const { events } = JSON.parse(entry) as {
    readonly events: readonly { readonly stream: string; readonly event: Readonly<Record<string, unknown>> }[]
  }
  const appends = new Map<string, EmmettEvent[]>()
  for (const { stream, event } of events) {
    const { type, ...data } = event
    appends.set(stream, [...(appends.get(stream) ?? []), { type: String(type), data }])
  }
  return appends
}

// internal

type Values = Parameters<SQLiteConnection["query"]>[1]

/** A transaction within a transaction is the outer one, as with emmett's own connection. */
const connectionOn = (database: DatabaseSync): SQLiteConnection => {
  const statements = new Map<string, StatementSync>()
  const prepared = (sql: string): StatementSync => {
    const known = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, known)
    return known
  }
  const bound = (values: Values = []): SQLInputValue[] => values.map(bindable)
  let depth = 0
  return {
    close: () => database.close(),
    command: async (sql, values) => {
      const { changes, lastInsertRowid } = prepared(sql).run(...bound(values))
      return { changes: Number(changes), lastID: Number(lastInsertRowid) } as never
    },
    query: async <T>(sql: string, values?: Values) => prepared(sql).all(...bound(values)) as T[],
    querySingle: async <T>(sql: string, values?: Values) =>
      (prepared(sql).get(...bound(values)) ?? null) as T | null,
    withTransaction: async (work) => {
      depth += 1
      try {
        if (depth === 1) prepared("BEGIN IMMEDIATE").run()
        const result = await work()
        if (depth === 1) prepared("COMMIT").run()
        return result
      } catch (error) {
        if (depth === 1) prepared("ROLLBACK").run()
        throw error
      } finally {
        depth -= 1
      }
    },
  }
}

/** What its own driver binds for the values that `node:sqlite` refuses. */
const bindable = (value: NonNullable<Values>[number]): SQLInputValue => {
  if (typeof value === "boolean") return Number(value)
  return typeof value === "object" && value !== null ? String(value) : value
}
