/**
 * What the store needs of a pool of `pg`, and one way to send a statement through it.
 *
 * The types are written out so that a host needs no others; `new pg.Pool({ … })` fits them. It does not open
 * or end the pool: that is the caller's.
 */
import { type StorageFailure, storageFailure } from "@yingshao/ports/storage"
import { postgresFailure } from "./postgres-failure.ts"

/** A `Pool` of `pg` 8.11 or newer. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>
  on(event: "error", listener: (error: Error) => void): unknown
  on(event: "connect", listener: (client: PostgresClient) => void): unknown
}

export interface PostgresClient {
  query(query: PostgresQuery): Promise<PostgresAnswer>
  /** `true` closes the connection instead of giving it back. */
  release(destroy?: boolean): void
  on(event: "error", listener: (error: Error) => void): unknown
  off(event: "error", listener: (error: Error) => void): unknown
}

export interface PostgresQuery {
  /** Of the prepared statement. */
  name?: string
  text: string
  values?: unknown[]
  rowMode: "array"
}

export interface PostgresAnswer {
  readonly command: string
  // biome-ignore lint/suspicious/noExplicitAny: `pg` types the values of a row so; the readers convert each one.
  readonly rows: any[][]
}

/** A statement with a name is prepared once a connection. */
export interface Statement {
  readonly name?: string
  readonly text: string
}

export interface Sender {
  read(statement: Statement, values: unknown[]): Promise<PostgresAnswer["rows"]>
  /**
   * Sends one statement, which is a transaction of its own, under READ COMMITTED whatever the role's default.
   *
   * @throws StorageFailure `unknown` when it may have been committed all the same.
   */
  write(statement: Statement, values: unknown[]): Promise<PostgresAnswer["rows"]>
  /** Several statements on one connection. A failure of `work` closes the connection. */
  withClient<A>(work: (client: PostgresClient) => Promise<A>): Promise<A>
}

/** @param where which database, for messages: `postgres schema yingshao`. */
export const senderOn = (pool: PostgresPool, where: string): Sender => {
  if (!watched.has(pool)) {
    watched.add(pool)
    pool.on("error", ignored)
    // A server may end a session with the same bytes that begin it, before whoever asked for it hears of it.
    pool.on("connect", (client) => client.on("error", ignored))
  }
  const connected = async (): Promise<PostgresClient> => {
    try {
      const client = await pool.connect()
      client.on("error", ignored)
      return client
    } catch (error) {
      // Nothing was sent yet, whatever the reason.
      const { reason, message } = postgresFailure(error, `${where}: connect`)
      throw storageFailure(reason, "unchanged", message)
    }
  }
  const withClient = async <A>(work: (client: PostgresClient) => Promise<A>): Promise<A> => {
    const client = await connected()
    let destroy = true
    try {
      const result = await work(client)
      destroy = false
      return result
    } catch (error) {
      throw postgresFailure(error, where)
    } finally {
      client.off("error", ignored)
      client.release(destroy)
    }
  }
  /** Is it known that transactions begin at another level than READ COMMITTED? */
  let otherLevel = false
  const send = async (client: PostgresClient, query: PostgresQuery): Promise<PostgresAnswer["rows"]> => {
    if (!otherLevel) {
      try {
        return (await client.query(query)).rows
      } catch (error) {
        if (!isOtherLevel(error)) throw error
        otherLevel = true
      }
    }
    return inReadCommitted(client, query, where)
  }
  const withStatement = async (
    work: (client: PostgresClient) => Promise<PostgresAnswer["rows"]>,
  ): Promise<PostgresAnswer["rows"]> => {
    const client = await connected()
    let destroy = false
    try {
      return await work(client)
    } catch (error) {
      const failure = postgresFailure(error, where)
      destroy = failure.outcome === "unknown"
      throw failure
    } finally {
      client.off("error", ignored)
      client.release(destroy)
    }
  }
  return {
    withClient,
    write: (statement, values) =>
      withStatement((client) => send(client, { ...statement, values, rowMode: "array" })),
    read: async (statement, values) => {
      try {
        return await withStatement(
          async (client) => (await client.query({ ...statement, values, rowMode: "array" })).rows,
        )
      } catch (error) {
        const { reason, message } = error as StorageFailure
        throw storageFailure(reason, "unchanged", message)
      }
    },
  }
}

// internal

/** Pools that have a listener for idle connections that break. */
const watched = new WeakSet<PostgresPool>()

/** A lost connection is told to whoever waits for an answer on it; without a listener it would end the process. */
const ignored = (): void => {}

/** The functions refuse to write in a transaction that keeps an old snapshot; nothing was written. */
const isOtherLevel = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "code" in error && error.code === "YS002"

/** Where a role or database begins transactions at another level, one is begun at the right one. */
const inReadCommitted = async (
  client: PostgresClient,
  query: PostgresQuery,
  where: string,
): Promise<PostgresAnswer["rows"]> => {
  await client.query({ text: "BEGIN ISOLATION LEVEL READ COMMITTED", rowMode: "array" })
  let rows: PostgresAnswer["rows"]
  try {
    rows = (await client.query(query)).rows
  } catch (error) {
    // Whoever cannot undo it gives the connection back broken: then it is closed.
    await client.query({ text: "ROLLBACK", rowMode: "array" })
    throw error
  }
  const { command } = await client.query({ text: "COMMIT", rowMode: "array" })
  if (command === "COMMIT") return rows
  throw storageFailure("unavailable", "unchanged", `${where}: the transaction ended with ${command}`)
}
