import { DatabaseSync } from "node:sqlite"
import { memoryStorage } from "@yingshao/storage-memory"
import { sqliteStorage } from "@yingshao/storage-sqlite"
import { storageModel } from "@yingshao/testkit/storage-model"
import { afterAll, describe, it } from "vitest"

const store = sqliteStorage({ database: new DatabaseSync(":memory:") })
afterAll(async () => (await store).close())

storageModel(
  { name: "sqlite", open: () => store },
  async () => memoryStorage(),
  { describe, it },
  { runs: 60 },
)
