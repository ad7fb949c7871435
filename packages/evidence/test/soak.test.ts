/** The short version of `npm run soak`: a few seconds of it, all bounds but the one that is about time. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { brokenBounds, soak, soakBounds } from "@yingshao/evidence/soak"
import { expect, it } from "vitest"

it("O9 a mixed load keeps memory, file handles and the log of SQLite within bounds", async () => {
  const folder = mkdtempSync(join(tmpdir(), "yingshao-soak-"))
  try {
    const report = await soak({ folder, seconds: 3, callers: 4, say: () => {} })
    expect(report.commands).toBeGreaterThan(0)
    expect(report.walMaxBytes).toBeGreaterThan(0)
    // A few seconds warm nothing up and say nothing about times.
    expect(report.broken.filter((one) => !/^(p99|memory) grew$/.test(one))).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 120_000)

it("names every bound that is broken", () => {
  const good = {
    commands: 1,
    failures: 0,
    heapMb: [10, 10] as const,
    handles: [9, 9] as const,
    walMaxBytes: 1,
    p99Ms: [5, 5] as const,
  }
  expect(brokenBounds(good, 0)).toEqual([])
  expect(brokenBounds({ ...good, commands: 0 }, 0)).toEqual(["no command was answered"])
  expect(brokenBounds({ ...good, failures: 2 }, 0)).toEqual(["2 commands failed"])
  expect(brokenBounds(good, 3)).toEqual(["the world has 3 findings"])
  expect(brokenBounds({ ...good, heapMb: [10, 12.1] }, 0)).toEqual(["memory grew"])
  expect(brokenBounds({ ...good, handles: [9, 10] }, 0)).toEqual(["handles grew"])
  expect(brokenBounds({ ...good, walMaxBytes: soakBounds.walBytes + 1 }, 0)).toEqual([
    "the log of SQLite grew beyond its bound",
  ])
  expect(brokenBounds({ ...good, p99Ms: [5, 6.1] }, 0)).toEqual(["p99 grew"])
})
