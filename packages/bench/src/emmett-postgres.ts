/**
 * emmett's PostgreSQL event store with the best settings that were found for it: a pool of its own with as many
 * connections as help, streams that are known to be new, and nothing inline. It has no shared commits: each append
 * is a transaction of its own.
 */
import { STREAM_DOES_NOT_EXIST } from "@event-driven-io/emmett"
import { getPostgreSQLEventStore } from "@event-driven-io/emmett-postgresql"
import pg from "pg"

export interface EmmettEvent {
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Events of one command, by stream. */
export type Appends = ReadonlyMap<string, readonly EmmettEvent[]>

export interface EmmettPostgres {
  /** One durable transaction for each new stream. */
  append(appends: Appends): Promise<void>
  close(): Promise<void>
}

/** @param connections of its pool. */
export const openEmmettPostgres = async (url: string, connections: number): Promise<EmmettPostgres> => {
  const pool = new pg.Pool({ connectionString: url, max: connections })
  const store = getPostgreSQLEventStore(url, {
    connectionOptions: { pool },
    schema: { autoMigration: "None" },
  })
  await store.schema.migrate()
  return {
    append: async (appends) => {
      for (const [stream, events] of appends) {
        await store.appendToStream(stream, [...events], { expectedStreamVersion: STREAM_DOES_NOT_EXIST })
      }
    },
    close: async () => {
      await store.close()
      await pool.end()
    },
  }
}

/** The events in the `entry` of a journal record, by stream, as emmett takes them. */
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
