import type { Storage } from "@yingshao/ports/storage"
import { postgresStorage } from "@yingshao/storage-postgres"
import { partitionByProgramme } from "@yingshao/storage-postgres/partition-by-programme"
import { type StorageCapabilities, storageContract } from "@yingshao/testkit/storage-contract"
import { it } from "vitest"
import { testPool, testSchema, withServer } from "./database.ts"

const pool = testPool()

/** A store for each case, all on one schema: programmes keep the cases apart. */
const storesOn = (schema: string, prepare: () => Promise<void>) => {
  let prepared: Promise<void> | undefined
  return async (): Promise<Storage> => {
    prepared ??= prepare()
    await prepared
    return postgresStorage({ pool, schema })
  }
}

/** A database of its own for what a case does to a whole one: here, programmes of the same schema. */
const capabilitiesOf = (schema: string, open: () => Promise<Storage>): StorageCapabilities => ({
  closing: true,
  reopening: async () => ({ open }),
  severalStores: async () => ({ open }),
  archiving: async () => ({ open }),
  appendOnly: async () => ({
    open,
    forgeries: [
      { name: "UPDATE", attempt: () => pool.query(`UPDATE ${schema}.journal SET entry = 'forged'`) },
      {
        name: "UPDATE of an entry to nothing",
        attempt: () => pool.query(`UPDATE ${schema}.journal SET entry = ''`),
      },
      { name: "DELETE", attempt: () => pool.query(`DELETE FROM ${schema}.journal`) },
      { name: "TRUNCATE", attempt: () => pool.query(`TRUNCATE ${schema}.journal`) },
    ],
  }),
  backpressure: async () => {
    await open()
    return { open: () => postgresStorage({ pool, schema, limits: { waiting: 8, batch: 4 } }), waiting: 8 }
  },
})

const contractOn = (name: string, prepare: (schema: string) => Promise<void>): void => {
  const schema = testSchema()
  const open = storesOn(schema, () => prepare(schema))
  storageContract({ name, open, capabilities: capabilitiesOf(schema, open) }, { describe: withServer, it })
}

contractOn("postgres", async (schema) => (await postgresStorage({ pool, schema })).close())

contractOn("postgres partitioned by programme", async (schema) => {
  await (await postgresStorage({ pool, schema })).close()
  await partitionByProgramme({ pool, schema, partitions: 4 })
})
