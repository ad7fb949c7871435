import { memoryStorage } from "@yingshao/storage-memory"
import { postgresStorage } from "@yingshao/storage-postgres"
import { sameBehaviour, storageOperations } from "@yingshao/testkit/storage-model"
import * as fc from "fast-check"
import { it } from "vitest"
import { testPool, testSchema, withServer } from "./database.ts"

const pool = testPool()
const schema = testSchema()

withServer("PostgreSQL behaves like the memory store", () => {
  it("S9 A3 O5 O7 random operations give equal answers, journals, documents, indexes, tallies and outbox", async () => {
    const storage = await postgresStorage({ pool, schema })
    let programmes = 0
    await fc.assert(
      fc.asyncProperty(storageOperations(60), (operations) => {
        programmes += 1
        return sameBehaviour(memoryStorage(), storage, `model-${programmes}`, operations)
      }),
      { numRuns: 15 },
    )
  }, 120_000)
})
