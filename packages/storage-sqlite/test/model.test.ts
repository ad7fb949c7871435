import { DatabaseSync } from "node:sqlite"
import { memoryStorage } from "@yingshao/storage-memory"
import { sqliteStorage } from "@yingshao/storage-sqlite"
import { storageFaults } from "@yingshao/testkit/storage-faults"
import { sameBehaviour, storageOperations } from "@yingshao/testkit/storage-model"
import * as fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"

const sqlite = sqliteStorage({ database: new DatabaseSync(":memory:") })
afterAll(async () => (await sqlite).close())
let programmes = 0
const fresh = (): string => {
  programmes += 1
  return `model-${programmes}`
}

describe("SQLite behaves like the memory store", () => {
  it("S9 A3 O5 O7 random operations give equal answers, journals, documents, indexes, tallies and outbox", async () => {
    const store = await sqlite
    await fc.assert(
      fc.asyncProperty(storageOperations(60), (operations) =>
        sameBehaviour(memoryStorage(), store, fresh(), operations),
      ),
      { numRuns: 150 },
    )
  }, 120_000)

  // Each of these differs from a good store only in what the model draws, so the model has to find it.
  for (const id of [
    "guards ignored",
    "settling is not fenced",
    "a dead dispatch does not block",
    "stale index entries are left",
    "payloads are not compared",
  ]) {
    it(`and the model finds a planted fault: ${id}`, async () => {
      const fault = storageFaults.find((one) => one.id === id)
      const property = fc.asyncProperty(storageOperations(60), (operations) =>
        sameBehaviour(memoryStorage(), fault?.plant(memoryStorage()) ?? memoryStorage(), "p", operations),
      )
      const details = await fc.check(property, { numRuns: 200, endOnFailure: true })
      expect(details.failed).toBe(true)
    }, 120_000)
  }
})
