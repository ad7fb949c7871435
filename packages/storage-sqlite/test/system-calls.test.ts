/**
 * Faults at every single write and sync that the store asks the system for, one run each, until a run ends
 * without a fault. Killing a process proves atomicity, not durability: the page cache survives it.
 */
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { cpSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Storage } from "@yingshao/ports/storage"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { command, full } from "@yingshao/testkit/storage-cases/storage-case"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const canTrace = spawnSync("strace", ["-f", "-e", "trace=fsync", "true"]).status === 0
const reason = canTrace ? "" : " (skipped: strace is missing or may not trace here)"
if (!canTrace) console.warn(`faults at system calls${reason}`)

/** Far more than a run makes: beyond it something is wrong. */
const mostPoints = 60

let folder = ""
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "yingshao-calls-"))
  const storage = await openSqliteStorage(join(folder, "before.db"))
  await storage.commit("p", command("before"))
  await storage.close()
})
afterAll(() => rmSync(folder, { recursive: true }))

/** One run on a copy of the file with one fault: what it said, and whether the fault came. */
const runWith = async (call: string, fault: string, at: number, way: "whole" | "halves") => {
  const file = join(folder, `${way}-${call}-${fault.replace(/\W/g, "-")}-${at}.db`)
  cpSync(join(folder, "before.db"), file)
  const child = spawn("strace", [
    ...["-f", "-qq", "-o", `${file}.trace`, "-P", file, "-P", `${file}-wal`, "-e", `trace=${call}`],
    ...["-e", `inject=${call}:${fault}:when=${at}`, process.execPath, "--conditions=@yingshao/source"],
    ...[join(import.meta.dirname, "fixtures", "one-command.ts"), file, way],
  ])
  let out = ""
  let err = ""
  child.stdout.on("data", (data) => {
    out += data
  })
  child.stderr.on("data", (data) => {
    err += data
  })
  await once(child, "close")
  const traced = spawnSync("grep", ["-cE", `${call}\\(`, `${file}.trace`], { encoding: "utf8" })
  return { file, said: out.split("\n").slice(0, -1), err, reached: Number(traced.stdout) >= at }
}

/** How many of the parts of the command are there: none, or all four, else it is half done. */
const partsOf = async (storage: Storage): Promise<number> => {
  const [stream] = await storage.load("p", ["r/1"])
  const holder = await storage.holder("p", "claim of a")
  const tallies = await storage.tallies("p", { prefix: "", after: undefined, limit: 9 })
  const { pending } = await storage.outboxCounts("p")
  return [stream !== undefined, holder === "a", tallies[0]?.value === 2, pending === 1].filter(Boolean).length
}

/** Every point of each of these kinds of call; how many there were. */
const points = async (
  calls: readonly string[],
  fault: string,
  way: "whole" | "halves",
  look: (run: Awaited<ReturnType<typeof runWith>>, storage: Storage) => Promise<void>,
): Promise<number> => {
  let met = 0
  for (const call of calls) {
    for (let at = 1; ; at += 1) {
      expect(at).toBeLessThan(mostPoints)
      const run = await runWith(call, fault, at, way)
      const storage = await openSqliteStorage(run.file)
      await look(run, storage)
      await storage.close()
      if (!run.reached) break
      met += 1
    }
  }
  return met
}

// Faults are planted with strace, which not every machine has or permits; `reason` says so in the name.
describe.skipIf(!canTrace)(`a fault at each write and sync${reason}`, () => {
  it("I1 O1 killed: the command is whole or absent, what was acknowledged is there, sent again it has one effect", async () => {
    const met = await points(
      ["pwrite64", "fdatasync", "fsync", "ftruncate", "unlink"],
      "signal=SIGKILL",
      "whole",
      async ({ said, err }, storage) => {
        expect(err).toBe("")
        const parts = await partsOf(storage)
        expect([0, 4]).toContain(parts)
        if (said.includes("committed")) expect(parts).toBe(4)
        const again = await storage.commit("p", full("a"))
        expect(again.kind).toBe(parts === 4 ? "repeated" : "committed")
        expect(await partsOf(storage)).toBe(4)
        expect((await storage.head("p")).number).toBe(2)
      },
    )
    expect(met).toBeGreaterThan(4)
  }, 120_000)

  it("and a command split over two commits is seen half done", async () => {
    const seen = new Set<number>()
    await points(["fsync"], "signal=SIGKILL", "halves", async (_, storage) => {
      seen.add(await partsOf(storage))
    })
    expect([...seen]).toContain(1)
  }, 120_000)

  for (const [call, fault] of [
    ["pwrite64", "error=ENOSPC"],
    ["fsync", "error=EIO"],
  ] as const) {
    it(`I6 ${call} ${fault}: a typed failure, and the same command sent again in the same process has one effect`, async () => {
      let failures = 0
      await points([call], fault, "whole", async ({ said, err }, storage) => {
        expect(err).toBe("")
        failures += said.filter((one) => one.startsWith("failed")).length
        if (said[0] === "did not open") expect(await partsOf(storage)).toBe(0)
        else {
          expect([
            "committed,repeated",
            "failed unchanged,committed",
            "failed unknown,committed",
            "failed unknown,repeated",
          ]).toContain(said.join())
          expect(await partsOf(storage)).toBe(4)
          expect((await storage.head("p")).number).toBe(2)
        }
      })
      expect(failures).toBeGreaterThan(0)
    }, 120_000)
  }
})
