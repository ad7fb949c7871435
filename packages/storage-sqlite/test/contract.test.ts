import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import type { Storage } from "@yingshao/ports/storage"
import { openSqliteStorage, sqliteStorage } from "@yingshao/storage-sqlite"
import { type StorageCapabilities, storageContract } from "@yingshao/testkit/storage-contract"
import { afterAll, describe, it } from "vitest"

storageContract(
  {
    name: "sqlite in memory",
    open: () => sqliteStorage({ database: new DatabaseSync(":memory:") }),
    capabilities: { closing: true },
  },
  { describe, it },
)

const folder = mkdtempSync(join(tmpdir(), "yingshao-contract-"))
let files = 0
const newFile = (): string => {
  files += 1
  return join(folder, `${files}.db`)
}
// One file for all ordinary cases: programmes keep them apart, and opening files costs more than the cases do.
let shared: Promise<Storage> | undefined
afterAll(async () => {
  await (await shared)?.close()
  rmSync(folder, { recursive: true })
})

const database = async () => {
  const file = newFile()
  return { file, open: () => openSqliteStorage(file) }
}

/** Every write goes to the second thread, as far as it has started. */
const beside = { writer: "beside", thread: { threadFrom: 1 } } as const

const forgery = (file: string, name: string, sql: string) => ({
  name,
  attempt: async () => {
    const stranger = new DatabaseSync(file)
    try {
      stranger.exec(sql)
    } finally {
      stranger.close()
    }
  },
})

const capabilities: StorageCapabilities = {
  reopening: database,
  severalStores: database,
  archiving: database,
  appendOnly: async () => {
    const { file, open } = await database()
    return {
      open,
      forgeries: [
        forgery(file, "UPDATE", "UPDATE journal SET entry = 'forged'"),
        forgery(file, "UPDATE of an entry to nothing", "UPDATE journal SET entry = ''"),
        forgery(file, "DELETE", "DELETE FROM journal WHERE place = (SELECT max(place) FROM journal)"),
      ],
    }
  },
  backpressure: async () => {
    const file = newFile()
    return { open: () => openSqliteStorage(file, { limits: { waiting: 8, batch: 4 } }), waiting: 8 }
  },
}

storageContract(
  {
    name: "sqlite file",
    open: () => {
      shared ??= openSqliteStorage(newFile())
      return shared
    },
    close: async () => {},
    capabilities,
  },
  { describe, it },
)

let sharedBeside: Promise<Storage> | undefined
afterAll(async () => {
  await (await sharedBeside)?.close()
})

storageContract(
  {
    name: "sqlite file, a second thread writes",
    open: () => {
      sharedBeside ??= openSqliteStorage(newFile(), beside)
      return sharedBeside
    },
    close: async () => {},
    capabilities: {
      reopening: async () => {
        const file = newFile()
        return { file, open: () => openSqliteStorage(file, beside) }
      },
      severalStores: async () => {
        const file = newFile()
        return { file, open: () => openSqliteStorage(file, beside) }
      },
    },
  },
  { describe, it },
)
