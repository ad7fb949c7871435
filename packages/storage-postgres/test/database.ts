/** The database of the tests, and schemas of their own for each file. */
import { randomBytes } from "node:crypto"
import { isStorageFailure, type StorageFailure } from "@yingshao/ports/storage"
import pg from "pg"
import { afterAll, describe, inject } from "vitest"
import type { TestServer } from "./start-server.ts"

const { url, missing } = inject("postgres" as never) as TestServer

/** Declares tests that need a server, or skips them with the reason in the name. */
export const withServer = (name: string, body: () => void): void => {
  if (url !== undefined) describe(name, body)
  // Without a server there is nothing to test; the reason was said aloud when the run began.
  else describe.skip(`${name} (skipped: ${missing})`, body)
}

/** A pool on the tests' database, ended after the file. */
export const testPool = (more: pg.PoolConfig = {}): pg.Pool => {
  const pool = new pg.Pool({ connectionString: url ?? "postgres://nowhere", max: 4, ...more })
  afterAll(() => pool.end())
  return pool
}

/** The tests' server as another user or in another database. */
export const elsewhere = ({ user, database }: { user?: string; database?: string }): string => {
  const place = new URL(url ?? "postgres://nowhere")
  if (user !== undefined) place.username = user
  if (database !== undefined) place.pathname = `/${database}`
  return place.href
}

/** A schema that no other test uses, dropped after the file. */
export const testSchema = (): string => {
  const schema = `test_${randomBytes(6).toString("hex")}`
  if (url === undefined) return schema
  afterAll(async () => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
    await client.end()
  })
  return schema
}

/** What a promise is rejected with: it has to be a failure of the port. */
export const failureOf = async (work: Promise<unknown>): Promise<StorageFailure> => {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!isStorageFailure(failure)) throw new Error(`expected a storage failure, got ${String(failure)}`)
  return failure
}
