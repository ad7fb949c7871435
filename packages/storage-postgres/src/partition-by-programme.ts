/**
 * Turns the tables of a schema into tables partitioned by programme, by hash: for many programmes on one
 * server, so that vacuum, indexes and caches work on pieces.
 *
 * Rows are copied while everybody else waits, so it is done once, best while the schema is empty. Nothing
 * else changes: every key is led by the programme. What it does not do: it does not change the number of
 * partitions later, and it grants no rights; what was granted to roles has to be granted again.
 */
import { storageFailure } from "@yingshao/ports/storage"
import { type PostgresClient, type PostgresPool, senderOn } from "./postgres-pool.ts"
import { ask, checkSchemaName, inTransaction, schemaVersion, storedVersion, tableNames } from "./schema.ts"

export interface PartitionOptions {
  /** Of a role that owns the tables. */
  readonly pool: PostgresPool
  readonly schema?: string
  /** 2 to 256; 16 when not given. */
  readonly partitions?: number
}

/**
 * All tables or none.
 *
 * @throws StorageFailure `invalid` when the schema is partitioned already or not at this release's version.
 */
export const partitionByProgramme = async (options: PartitionOptions): Promise<void> => {
  const { pool, schema = "yingshao", partitions = 16 } = options
  checkSchemaName(schema)
  if (!Number.isInteger(partitions) || partitions < 2 || partitions > 256) {
    throw storageFailure("invalid", "unchanged", "storage: partitions is not a whole number from 2 to 256")
  }
  const where = `postgres schema ${schema}: partition`
  await senderOn(pool, where).withClient((client) =>
    inTransaction(client, schema, async () => {
      await checkSchema(client, schema, where)
      await ask(client, `LOCK TABLE ${tableNames.join(", ")} IN ACCESS EXCLUSIVE MODE`)
      for (const table of tableNames) await partition(client, table, partitions)
      await ask(client, "SELECT protect_journal()")
    }),
  )
}

// internal

const checkSchema = async (client: PostgresClient, schema: string, where: string): Promise<void> => {
  if ((await storedVersion(client, schema)) !== schemaVersion) {
    throw storageFailure(
      "invalid",
      "unchanged",
      `${where}: open a store on it first, so that it is up to date`,
    )
  }
  const rows = await ask(
    client,
    "SELECT 1 FROM pg_partitioned_table WHERE partrelid = to_regclass('journal')",
  )
  if (rows.length > 0) throw storageFailure("invalid", "unchanged", `${where}: it is partitioned already`)
}

const partition = async (client: PostgresClient, table: string, partitions: number): Promise<void> => {
  const whole = `${table}_whole`
  const indexes = await ask(
    client,
    "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = to_regclass($1)",
    [table],
  )
  // The new table takes the names.
  for (const [index] of indexes) await ask(client, `ALTER INDEX ${index} RENAME TO ${index}_whole`)
  await ask(client, `ALTER TABLE ${table} RENAME TO ${whole}`)
  await ask(client, `CREATE TABLE ${table} (LIKE ${whole} INCLUDING ALL) PARTITION BY HASH (programme)`)
  for (let remainder = 0; remainder < partitions; remainder += 1) {
    await ask(
      client,
      `CREATE TABLE ${table}_${remainder} PARTITION OF ${table} FOR VALUES WITH (MODULUS ${partitions}, REMAINDER ${remainder})`,
    )
  }
  await ask(client, `INSERT INTO ${table} SELECT * FROM ${whole}`)
  await ask(client, `DROP TABLE ${whole}`)
}
