/** The database of the tests, and schemas of their own for each file. */
import { randomBytes } from "node:crypto"
import pg from "pg"
import { afterAll, describe, inject } from "vitest"

const { url, missing } = inject("postgres")

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
