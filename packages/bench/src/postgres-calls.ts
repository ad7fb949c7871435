/**
 * What a store sends to PostgreSQL, call by call, and the bare client that sends it again.
 */
import type { PostgresPool } from "@yingshao/storage-postgres"
import pg from "pg"

export interface PostgresCall {
  readonly name?: string
  readonly text: string
  readonly values?: unknown[]
}

/** The same pool, writing down every call of whoever uses it. */
export const recordingPool = (pool: pg.Pool, calls: PostgresCall[]): PostgresPool => ({
  on: (event, listener) => pool.on(event, listener),
  connect: async () => {
    const client = await pool.connect()
    return {
      on: (event, listener) => client.on(event, listener),
      off: (event, listener) => client.off(event, listener),
      release: (destroy) => client.release(destroy),
      query: (query) => {
        calls.push(query)
        return client.query(query)
      },
    }
  },
})

export interface BareClient {
  /** The calls one after the other, on one connection, to another schema than they were recorded on. */
  send(calls: readonly PostgresCall[]): Promise<void>
  close(): Promise<void>
}

/** @param from the schema in the recorded calls. @param to the one that gets them. */
export const bareClient = async (url: string, from: string, to: string): Promise<BareClient> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const renamed = new Map<string, string>()
  const inOther = (text: string): string => {
    const known =
      renamed.get(text) ?? text.replaceAll(`"${from}"`, `"${to}"`).replaceAll(`/${from}/`, `/${to}/`)
    renamed.set(text, known)
    return known
  }
  return {
    send: async (calls) => {
      for (const { name, text, values = [] } of calls) {
        const named = name === undefined ? {} : { name: inOther(name) }
        await client.query({ ...named, text: inOther(text), values, rowMode: "array" })
      }
    },
    close: () => client.end(),
  }
}
