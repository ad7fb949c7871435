import { spawn } from "node:child_process"
import { once } from "node:events"
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chainHash, firstHash } from "@yingshao/ports/journal-chain"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { backupSqliteFile } from "@yingshao/storage-sqlite/backup-file"
import { command } from "@yingshao/testkit/storage-cases/storage-case"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "yingshao-backup-"))
})
afterAll(() => rmSync(folder, { recursive: true }))
const inFolder = (name: string): string => join(folder, name)

/** Everything of the copy follows from its journal, and the journal is whole up to its head. */
const expectWhole = async (file: string): Promise<readonly string[]> => {
  const storage = await openSqliteStorage(file)
  const ids: string[] = []
  let hash = firstHash
  for (;;) {
    const page = await storage.journal("p", { after: ids.length, limit: 1_000 })
    for (const record of page) {
      ids.push(record.commandId)
      hash = chainHash(ids.length, hash, record.leaf)
      expect(record).toMatchObject({ number: ids.length, hash })
    }
    if (page.length < 1_000) break
  }
  expect(await storage.head("p")).toEqual({ number: ids.length, hash })
  expect(await storage.tallies("p", { prefix: "", after: undefined, limit: 9 })).toEqual([
    { key: "count", value: ids.length },
  ])
  expect(await storage.outboxCounts("p")).toEqual({ pending: ids.length, delivered: 0, dead: 0 })
  const last = await storage.load("p", [`r/${ids.at(-1)}`])
  expect(last[0]?.version).toBe(1)
  // It is a store like any other: the next command goes on from it.
  expect(await storage.commit("p", command("after the restore"))).toMatchObject({ number: ids.length + 1 })
  await storage.close()
  return ids
}

describe("a backup of an SQLite file", () => {
  it("O1 A3 taken while another process commits holds what was acknowledged before it began, whole, and can be restored", async () => {
    const file = inFolder("county.db")
    const script = join(import.meta.dirname, "fixtures", "committer.ts")
    const child = spawn(process.execPath, ["--conditions=@yingshao/source", script, file, "load"])
    let out = ""
    child.stdout.on("data", (data) => {
      out += data
    })
    const ended = once(child, "exit")
    const backups: { readonly file: string; readonly acknowledged: number }[] = []
    for (const enough of [50, 400, 900]) {
      while (out.split("\n").length <= enough) await once(child.stdout, "data")
      const acknowledged = out.split("\n").length - 1
      const copy = inFolder(`copy-${enough}.db`)
      const { pages, pageBytes } = await backupSqliteFile(file, copy)
      expect(pages * pageBytes).toBe(readFileSync(copy).length)
      expect(existsSync(`${copy}-wal`)).toBe(false)
      backups.push({ file: copy, acknowledged })
    }
    child.kill("SIGKILL")
    await ended
    for (const { file: copy, acknowledged } of backups) {
      const restored = inFolder("restored.db")
      copyFileSync(copy, restored)
      const ids = await expectWhole(restored)
      expect(ids.length).toBeGreaterThanOrEqual(acknowledged)
      rmSync(restored)
    }
  }, 60_000)

  it("of what is not ours, not there or empty is none", async () => {
    const foreign = inFolder("foreign.db")
    writeFileSync(foreign, "a diary and no database, longer than a header. ".repeat(10))
    await expect(backupSqliteFile(foreign, inFolder("a.db"))).rejects.toMatchObject({
      reason: "foreign-file",
    })
    writeFileSync(inFolder("empty.db"), "")
    await expect(backupSqliteFile(inFolder("empty.db"), inFolder("b.db"))).rejects.toMatchObject({
      reason: "foreign-file",
    })
    await expect(backupSqliteFile(inFolder("none.db"), inFolder("c.db"))).rejects.toMatchObject({
      _tag: "StorageFailure",
    })
  })

  it("that was damaged on its way does not pass for one", async () => {
    const file = inFolder("damaged.db")
    const storage = await openSqliteStorage(file)
    for (let at = 0; at < 50; at += 1) {
      await storage.commit("p", command(`c${at}`, { entry: "x".repeat(2_000) }))
    }
    await storage.close()
    const bytes = readFileSync(file)
    bytes.fill(0, 4_096 * 8, 4_096 * 10)
    writeFileSync(file, bytes)
    await expect(backupSqliteFile(file, inFolder("d.db"))).rejects.toMatchObject({
      _tag: "StorageFailure",
      reason: "corrupt",
    })
  })
})
