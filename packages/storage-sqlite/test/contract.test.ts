import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import type { Storage } from "@yingshao/ports/storage"
import { openSqliteStorage, sqliteStorage } from "@yingshao/storage-sqlite"
import { storageContract } from "@yingshao/testkit/storage-contract"
import { afterAll, describe, it } from "vitest"

storageContract(
  { name: "sqlite in memory", open: () => sqliteStorage({ database: new DatabaseSync(":memory:") }) },
  { describe, it },
)

// One file for all cases: programmes keep them apart, and opening files costs more than the cases do.
const folder = mkdtempSync(join(tmpdir(), "yingshao-contract-"))
let file: Promise<Storage> | undefined
afterAll(async () => {
  await (await file)?.close()
  rmSync(folder, { recursive: true })
})

storageContract(
  {
    name: "sqlite file",
    open: () => {
      file ??= openSqliteStorage(join(folder, "county.db"))
      return file
    },
    close: async () => {},
    capabilities: { shared: true },
  },
  { describe, it },
)
