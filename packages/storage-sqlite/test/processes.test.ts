import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chainHash, firstHash } from "@yingshao/ports/journal-chain"
import type { JournalRecord, Storage } from "@yingshao/ports/storage"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "yingshao-processes-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

const start = (script: string, ...args: readonly string[]): ChildProcessWithoutNullStreams =>
  spawn(process.execPath, [
    "--conditions=@yingshao/source",
    join(import.meta.dirname, "fixtures", script),
    ...args,
  ])

const textOf = (child: ChildProcessWithoutNullStreams): { out: string; err: string } => {
  const text = { out: "", err: "" }
  child.stdout.on("data", (data) => {
    text.out += data
  })
  child.stderr.on("data", (data) => {
    text.err += data
  })
  return text
}

/** Four processes look, all of them, before any of them commits. */
const rivals = async (file: string, incidents: number, way: "claim" | "naive") => {
  const storage = await openSqliteStorage(file)
  const children = [0, 1, 2, 3].map((at) => start("rival.ts", file, `w${at}`, String(incidents), way))
  const texts = children.map(textOf)
  const ended = children.map((child) => once(child, "exit"))
  await Promise.all(children.map((child) => once(child.stdout, "data")))
  for (const child of children) child.stdin.write("go\n")
  const codes = await Promise.all(ended.map(async (end) => (await end)[0]))
  const answers = texts.map(({ out }) => JSON.parse(out.trim().split("\n").at(-1) ?? "{}"))
  const sum = (name: string) => answers.reduce((total, one) => total + one[name], 0)
  const journal = await wholeJournal(storage)
  await storage.close()
  return {
    codes,
    errors: texts.map(({ err }) => err),
    journal,
    committed: sum("committed"),
    claimed: sum("claimed"),
  }
}

const wholeJournal = async (storage: Storage): Promise<readonly JournalRecord[]> => {
  const all: JournalRecord[] = []
  for (;;) {
    const page = await storage.journal("p", { after: all.length, limit: 1_000 })
    all.push(...page)
    if (page.length < 1_000) return all
  }
}

const expectChained = (journal: readonly JournalRecord[]): void => {
  let hash = firstHash
  for (const [at, record] of journal.entries()) {
    hash = chainHash(at + 1, hash, record.leaf)
    expect(record).toMatchObject({ number: at + 1, hash })
  }
}

describe("several processes on one file", () => {
  it("L14 L15 A3 give every claim to one of four rivals, the others typed, and one chain", async () => {
    const { codes, errors, journal, committed, claimed } = await rivals(
      join(folder, "claim.db"),
      200,
      "claim",
    )
    expect(errors).toEqual(["", "", "", ""])
    expect(codes).toEqual([0, 0, 0, 0])
    expect({ committed, claimed }).toEqual({ committed: 200, claimed: 600 })
    expect(journal).toHaveLength(200)
    expectChained(journal)
  }, 60_000)

  it("and four rivals who rely on having looked all win: the harness really races", async () => {
    const { committed, journal } = await rivals(join(folder, "naive.db"), 50, "naive")
    expect(committed).toBe(200)
    expectChained(journal)
  }, 60_000)

  it("O1 A3 kill -9 at any moment leaves every acknowledged command, whole, and one chain", async () => {
    const file = join(folder, "killed.db")
    const acknowledged: string[] = []
    for (const [round, acknowledgements] of [1, 40, 200, 11, 90].entries()) {
      const child = start("committer.ts", file, `round${round}`)
      const text = textOf(child)
      const ended = once(child, "exit")
      while (text.out.split("\n").length <= acknowledgements) await once(child.stdout, "data")
      child.kill("SIGKILL")
      await ended
      expect(text.err).toBe("")
      // The last line may have been cut by the kill.
      acknowledged.push(...text.out.split("\n").slice(0, -1))
    }
    const storage = await openSqliteStorage(file)
    const journal = await wholeJournal(storage)
    expectChained(journal)
    for (const line of acknowledged) {
      const [number, id] = line.split(" ")
      expect(journal[Number(number) - 1]?.commandId).toBe(id)
    }
    const tallies = await storage.tallies("p", { prefix: "", after: undefined, limit: 9 })
    expect(tallies).toEqual([{ key: "count", value: journal.length }])
    expect(await storage.outboxCounts("p")).toEqual({ pending: journal.length, delivered: 0, dead: 0 })
    expect((await storage.head("p")).number).toBe(journal.length)
    await storage.close()
  }, 60_000)
})
