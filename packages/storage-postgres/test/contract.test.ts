import type { Storage } from "@yingshao/ports/storage"
import { postgresStorage } from "@yingshao/storage-postgres"
import { storageContract } from "@yingshao/testkit/storage-contract"
import { it } from "vitest"
import { testPool, testSchema, withServer } from "./database.ts"

const pool = testPool()
const schema = testSchema()
let opened: Promise<Storage> | undefined

storageContract(
  {
    name: "postgres",
    // A store for each case on one schema: programmes keep the cases apart.
    open: async () => {
      opened ??= postgresStorage({ pool, schema })
      await opened
      return postgresStorage({ pool, schema })
    },
  },
  { describe: withServer, it },
)
