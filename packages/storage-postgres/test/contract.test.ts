import type { Storage } from "@yingshao/ports/storage"
import { postgresStorage } from "@yingshao/storage-postgres"
import { partitionByProgramme } from "@yingshao/storage-postgres/partition-by-programme"
import { storageContract } from "@yingshao/testkit/storage-contract"
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

const plain = testSchema()
storageContract(
  {
    name: "postgres",
    open: storesOn(plain, async () => (await postgresStorage({ pool, schema: plain })).close()),
  },
  { describe: withServer, it },
)

const pieces = testSchema()
storageContract(
  {
    name: "postgres partitioned by programme",
    open: storesOn(pieces, async () => {
      await (await postgresStorage({ pool, schema: pieces })).close()
      await partitionByProgramme({ pool, schema: pieces, partitions: 4 })
    }),
  },
  { describe: withServer, it },
)
