/**
 * What the database says about itself, read from a live connection: durability, version, isolation, clock.
 *
 * Servers and roles can be configured to promise less than this store does; the doctor shows it. Reading
 * changes nothing.
 */
import type { StorageSetting } from "@yingshao/ports/storage"
import type { PostgresClient } from "./postgres-pool.ts"
import { ask, quoted, schemaVersion, storedVersion } from "./schema.ts"

/** @param depth writes that wait in this process; @param most how many may. */
export const readSettings = async (
  client: PostgresClient,
  schema: string,
  { depth, most }: { readonly depth: number; readonly most: number },
): Promise<readonly StorageSetting[]> => {
  const before = Date.now()
  const [row] = await ask(
    client,
    `SELECT current_setting('server_version'), current_setting('server_version_num')::int,
       current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes'),
       current_setting('default_transaction_isolation'), current_setting('server_encoding'),
       extract(epoch FROM clock_timestamp()) * 1000, pg_is_in_recovery(),
       (SELECT count(*) FROM pg_inherits WHERE inhparent = to_regclass($1))`,
    [`${quoted(schema)}.journal`],
  )
  const after = Date.now()
  const [version, number, fsync, synchronous, pages, isolation, encoding, clock, standby, partitions] =
    row ?? []
  const offsetMs = Math.round(Number(clock) - (before + after) / 2)
  const stored = await storedVersion(client, schema)
  const line = (name: string, value: unknown, wanted: string, ok: boolean): StorageSetting => ({
    name,
    value: String(value),
    wanted,
    ok,
  })
  return [
    line("server_version", version, "15 or newer", Number(number) >= 150_000),
    line("schema", schema, schema, true),
    line("schema version", stored, String(schemaVersion), stored === schemaVersion),
    line("partitions", Number(partitions), "0 or more", true),
    line("fsync", fsync, "on", fsync === "on"),
    // The store raises "off" to "on" for its own commits; "local" would not wait for a standby.
    line(
      "synchronous_commit",
      synchronous,
      "on",
      ["on", "remote_apply", "remote_write"].includes(synchronous),
    ),
    line("full_page_writes", pages, "on", pages === "on"),
    line("default_transaction_isolation", isolation, "read committed", isolation === "read committed"),
    line("server_encoding", encoding, "UTF8", encoding === "UTF8"),
    line("in recovery", standby, "false", standby === false),
    line("clock offset ms", offsetMs, `within ${mostOffsetMs}`, Math.abs(offsetMs) <= mostOffsetMs),
    line("waiting writes", depth, `at most ${most}`, depth < most),
  ]
}

// internal

const mostOffsetMs = 1_000
