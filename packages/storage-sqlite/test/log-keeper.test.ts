import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { command } from "@yingshao/testkit/storage-cases/storage-case"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "yingshao-log-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

const megabyte = 1024 * 1024

/** The longest that the log was while twelve megabytes were written beside a reader that never pauses. */
const longestLog = async (name: string, logBytes: number): Promise<number> => {
  const file = join(folder, `${name}.db`)
  const storage = await openSqliteStorage(file, { limits: { logBytes, logPatienceMs: 5_000 } })
  await storage.commit("p", command("first"))
  const script = join(import.meta.dirname, "fixtures", "overlapping-reader.ts")
  const reader = spawn(process.execPath, ["--conditions=@yingshao/source", script, file])
  const ended = once(reader, "exit")
  await once(reader.stdout, "data")
  let longest = 0
  for (let at = 0; at < 192; at += 1) {
    await storage.commit("p", command(`c${at}`, { entry: "x".repeat(megabyte / 16) }))
    longest = Math.max(longest, statSync(`${file}-wal`).size)
  }
  reader.stdin.end()
  await ended
  expect((await storage.head("p")).number).toBe(193)
  await storage.close()
  return longest
}

describe("the log of SQLite beside a reader that never pauses", () => {
  it("O9 stays bounded", async () => {
    expect(await longestLog("kept", 2 * megabyte)).toBeLessThan(5 * megabyte)
  }, 120_000)

  it("and grows with all that is written when nobody keeps it", async () => {
    expect(await longestLog("left", Number.POSITIVE_INFINITY)).toBeGreaterThan(11 * megabyte)
  }, 120_000)
})
