/**
 * Brings a schema up to date, or refuses it: migrations are numbered, run once, each in a transaction of its
 * own, under a lock that other servers doing the same wait for.
 *
 * A schema that is up to date is only read, so that an application's role needs no right to create anything.
 * What it does not do: it never migrates downwards, and it never touches another schema.
 */
import { storageFailure } from "@yingshao/ports/storage"
import { archivedTable, archiveFunctions } from "./migrations/archived-entries.ts"
import { commitFunctions } from "./migrations/commit-functions.ts"
import { outboxFunctions } from "./migrations/outbox-functions.ts"
import { tables } from "./migrations/tables.ts"
import { turns } from "./migrations/turns.ts"
import type { PostgresClient, Sender } from "./postgres-pool.ts"

/** Position in `migrations` that a current schema stands at. The functions of the database know it too. */
export const schemaVersion = 5

/** Every table that holds data of programmes. */
export const tableNames = [
  "head",
  "journal",
  "stream",
  "touch",
  "entry",
  "tally",
  "claim",
  "outbox",
  "turn",
  "archived",
]

/** A name in quotes, for SQL texts. */
export const quoted = (name: string): string => `"${name}"`

/** @throws StorageFailure `invalid` unless it is a plain lower-case name: it goes into SQL texts and logs. */
export const checkSchemaName = (schema: string): void => {
  if (typeof schema !== "string" || !/^[a-z_][a-z0-9_]{0,47}$/.test(schema)) {
    throw storageFailure("invalid", "unchanged", "storage: schema is not a plain lower-case name")
  }
}

/**
 * Creates or migrates the schema; several servers may do it at once.
 *
 * @throws StorageFailure `newer-schema` when another release has been here, `foreign-file` for a schema that
 *   holds tables of somebody else, `invalid` when the database is not in UTF-8 or older than 15.
 */
export const migrate = async (sender: Sender, schema: string, where: string): Promise<void> => {
  const version = await sender.withClient(async (client) => {
    await checkServer(client, where)
    return storedVersion(client, schema)
  })
  refuseNewer(version, where)
  if (version === schemaVersion) return
  await sender.withClient((client) => migrateLocked(client, schema, where))
}

/** The stored version, 0 when the schema or its list of migrations is not there. */
export const storedVersion = async (client: PostgresClient, schema: string): Promise<number> => {
  const there = await ask(client, "SELECT to_regclass($1) IS NOT NULL", [`${quoted(schema)}.migration`])
  if (there[0]?.[0] !== true) return 0
  const rows = await ask(client, `SELECT coalesce(max(version), 0) FROM ${quoted(schema)}.migration`)
  return Number(rows[0]?.[0])
}

/** Does `work` in a transaction on this connection, with the schema as the only one in the search path. */
export const inTransaction = async (
  client: PostgresClient,
  schema: string,
  work: () => Promise<void>,
): Promise<void> => {
  await ask(client, "BEGIN ISOLATION LEVEL READ COMMITTED")
  try {
    // Servers that do this at once wait here; whoever waited sees what the first one did.
    await ask(client, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`yingshao/${schema}`])
    await ask(client, `SET LOCAL search_path = ${quoted(schema)}, pg_temp`)
    await work()
    const answer = await client.query({ text: "COMMIT", rowMode: "array" })
    if (answer.command !== "COMMIT") throw new Error(`the transaction ended with ${answer.command}`)
  } catch (error) {
    await ask(client, "ROLLBACK").catch(() => {})
    throw error
  }
}

export const ask = async (client: PostgresClient, text: string, values?: unknown[]) =>
  (await client.query(values === undefined ? { text, rowMode: "array" } : { text, values, rowMode: "array" }))
    .rows

// internal

const migrations: readonly (readonly string[])[] = [
  [tables],
  [],
  [turns],
  [archivedTable, outboxFunctions, archiveFunctions],
  // The functions are made anew by the newest, which `lock_head` knows.
  [commitFunctions(schemaVersion)],
]

const migrateLocked = (client: PostgresClient, schema: string, where: string): Promise<void> =>
  inTransaction(client, schema, async () => {
    await ask(client, `CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`)
    const version = await storedVersion(client, schema)
    refuseNewer(version, where)
    if (version === 0) await refuseForeign(client, schema, where)
    await ask(
      client,
      "CREATE TABLE IF NOT EXISTS migration (version integer PRIMARY KEY, done_at timestamptz NOT NULL DEFAULT now())",
    )
    for (const [at, texts] of migrations.entries()) {
      if (at < version) continue
      for (const text of texts) await ask(client, text)
      await ask(client, "INSERT INTO migration (version) VALUES ($1)", [at + 1])
    }
    // Functions may be called by anybody unless that is taken back.
    await ask(client, `REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ${quoted(schema)} FROM PUBLIC`)
  })

const refuseNewer = (version: number, where: string): void => {
  if (version <= schemaVersion) return
  throw storageFailure(
    "newer-schema",
    "unchanged",
    `${where} has schema version ${version}, this release knows ${schemaVersion}: use a newer release`,
  )
}

const refuseForeign = async (client: PostgresClient, schema: string, where: string): Promise<void> => {
  const rows = await ask(
    client,
    "SELECT 1 FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relname = ANY ($2) LIMIT 1",
    [quoted(schema), tableNames],
  )
  if (rows.length === 0) return
  throw storageFailure(
    "foreign-file",
    "unchanged",
    `${where} belongs to another application; nothing was changed`,
  )
}

const checkServer = async (client: PostgresClient, where: string): Promise<void> => {
  const [row] = await ask(
    client,
    "SELECT current_setting('server_version_num')::int, current_setting('server_encoding')",
  )
  const [version, encoding] = row ?? []
  if (Number(version) < 150_000) {
    throw storageFailure("invalid", "unchanged", `${where}: PostgreSQL ${String(version)} is older than 15`)
  }
  if (encoding !== "UTF8") {
    throw storageFailure(
      "invalid",
      "unchanged",
      `${where}: the database is in ${String(encoding)}, not in UTF8`,
    )
  }
}
