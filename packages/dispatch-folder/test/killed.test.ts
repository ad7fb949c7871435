/**
 * Writer and reader of a drop folder as two processes that are killed at random.
 *
 * `YINGSHAO_KILLS=200` makes it longer; the short run is part of the tests. A kill proves that no half file is
 * ever seen, not that files survive a power cut.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it, onTestFinished } from "vitest"

const kills = Number(process.env.YINGSHAO_KILLS ?? 6)
const orders = kills * 40

const start = (name: string, ...args: string[]): ChildProcess =>
  spawn(
    process.execPath,
    [
      "--conditions=@yingshao/source",
      fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url)),
      ...args,
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  )

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once("exit", (code) => resolve(code)))

/** A small generator, so that a red run can be made again. */
const randomOf = (seed: number) => () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return seed / 2 ** 32
}

it(`O2 O3 of ${orders} orders none is lost or torn while both sides are killed ${kills} times (sampled)`, async () => {
  const root = await mkdtemp(join(tmpdir(), "drop-folder-kill-"))
  const done = join(root, "done.log")
  const worked = join(root, "worked.log")
  const random = randomOf(20_260_303)
  const sides = {
    writer: () => start("writer", root, done, String(orders)),
    reader: () => start("reader", root, worked),
  }
  let reader = sides.reader()
  let writer = sides.writer()
  // Whatever fails: a process that is left behind would keep the whole run from ending.
  onTestFinished(() => {
    reader.kill("SIGKILL")
    writer.kill("SIGKILL")
  })
  for (let at = 0; at < kills; at += 1) {
    await new Promise((resolve) => setTimeout(resolve, 250 + random() * 350))
    const killsWriter = random() < 0.5
    const victim = killsWriter ? writer : reader
    const gone = ended(victim)
    if (victim.exitCode === null) {
      victim.kill("SIGKILL")
      await gone
    }
    if (killsWriter) writer = sides.writer()
    else reader = sides.reader()
  }
  expect(writer.exitCode ?? (await ended(writer))).toBe(0)
  reader.kill("SIGKILL")

  const lines = async (file: string) => (await readFile(file, "utf8")).trim().split("\n")
  const all = Array.from({ length: orders }, (_, at) => `o-${at + 1}`).sort()
  expect([...new Set(await lines(worked))].sort()).toEqual(all)
  expect([...new Set(await lines(done))].sort()).toEqual(all)
  expect(await readdir(root)).not.toContain("quarantine")
  await rm(root, { recursive: true, force: true })
})

it("O2 a planted writer that writes under the visible name is seen by the same reader", async () => {
  const root = await mkdtemp(join(tmpdir(), "drop-folder-torn-"))
  const worked = join(root, "worked.log")
  const sides = [
    start("reader", root, worked),
    start("writer", root, join(root, "done.log"), "1000", "in-halves"),
  ]
  const torn = async () => (await readFile(worked, "utf8").catch(() => "")).includes(".json torn")
  try {
    await expect.poll(torn, { timeout: 20_000, interval: 50 }).toBe(true)
  } finally {
    for (const side of sides) {
      const gone = ended(side)
      side.kill("SIGKILL")
      await gone
    }
    await rm(root, { recursive: true, force: true })
  }
})
