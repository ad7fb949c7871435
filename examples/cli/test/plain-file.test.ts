import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { memoryStorage } from "@yingshao/storage-memory"
import { expect, test } from "vitest"
import { readingArchives } from "../src/store/archives.ts"
import { writeLines, writeWhole } from "../src/store/plain-file.ts"
import { CliFailure } from "../src/terminal/failure.ts"
import { ownFolder } from "./run-cli.ts"

const inFolder = ownFolder()

/** Writes so many characters as one file, in a process whose files may have so many KB. */
const writtenWithin = (path: string, characters: number, mostKb: number) => {
  const module = new URL("../src/store/plain-file.ts", import.meta.url)
  const script = `
    const { writeLines, writeWhole } = await import(${JSON.stringify(module)})
    const lines = async function* () {
      for (let at = 0; at < ${characters / 100}; at += 1) yield "x".repeat(99) + "\\n"
    }
    await writeWhole(process.argv[1], (part) => writeLines(part, lines())).catch((error) => {
      process.stdout.write(error.code)
      process.exitCode = 1
    })`
  const command = `ulimit -f ${mostKb * 2}; exec "$0" --input-type=module -e "$1" "$2"`
  return spawnSync("sh", ["-c", command, process.execPath, script, path], { encoding: "utf8" })
}

test("A5 a disk that takes only the beginning of the last piece leaves no file, and says so", () => {
  const path = inFolder("short.jsonl")
  // Pieces of 256 KB: the third is the last one and does not fit.
  const short = writtenWithin(path, 600_000, 560)
  expect([short.status, short.stdout]).toEqual([1, "EFBIG"])
  expect(existsSync(path)).toBe(false)
  const whole = writtenWithin(path, 600_000, 600)
  expect([whole.status, whole.stdout, whole.stderr]).toEqual([0, "", ""])
  expect(readFileSync(path).length).toBe(600_000)
})

test("A5 of two who write one name at once the first has it, whole, and the other is told", async () => {
  const path = inFolder("twice.jsonl")
  let [go, begun] = [() => {}, () => {}]
  const may = new Promise<void>((resolve) => (go = resolve))
  const isBegun = new Promise<void>((resolve) => (begun = resolve))
  const slow = async function* (): AsyncGenerator<string> {
    yield "slow\n".repeat(100_000)
    begun()
    await may
    yield "slow\n"
  }
  const quick = async function* (): AsyncGenerator<string> {
    yield "quick\n"
  }
  const late = writeWhole(path, (part) => writeLines(part, slow())).catch((error: unknown) => error)
  await isBegun
  await writeWhole(path, (part) => writeLines(part, quick()))
  go()
  const told = await late
  expect(told).toBeInstanceOf(CliFailure)
  expect(told).toMatchObject({ exitCode: 2, message: expect.stringContaining("left as it is") })
  expect(readFileSync(path, "utf8")).toBe("quick\n")
  expect(readdirSync(inFolder("")).filter((name) => name.includes(".part"))).toEqual([])
})

test("what a command that was killed had begun is gone with the next one, what others write stays", async () => {
  const path = inFolder("killed.db")
  const { pid } = spawnSync("true")
  const left = [`killed.db.${pid}-0123abcd.part`, `killed.db.${pid}-0123abcd.part-journal`]
  const kept = [`killed.db.${process.pid}-0123abcd.part`, `killed.db.${pid}.part`, "killed.db-wal"]
  for (const name of [...left, ...kept]) writeFileSync(inFolder(name), "")
  await writeWhole(path, async (part) => writeFileSync(part, "whole"))
  expect(readdirSync(inFolder("")).filter((name) => name.startsWith("killed"))).toEqual(
    ["killed.db", ...kept].sort(),
  )
})

test("a store is closed where its archives cannot be read, so that a connection keeps no process alive", async () => {
  const storage = memoryStorage()
  mkdirSync(inFolder("bad.archive"))
  writeFileSync(inFolder("bad.archive/note.jsonl"), "{}\n")
  await expect(readingArchives(storage, { database: inFolder("bad") })).rejects.toMatchObject({ exitCode: 2 })
  await expect(storage.head("p")).rejects.toMatchObject({ reason: "closed" })
})
