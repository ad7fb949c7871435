/** The lines of PostgreSQL run, or it is said why not. What the numbers are is nobody's promise here. */
import { spawn } from "node:child_process"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))

const names = [
  "SubmitReport on PostgreSQL, 1 in flight",
  "a note to a report on PostgreSQL, 1 in flight",
  "SubmitReport on PostgreSQL, 32 in flight",
  "SubmitReport on PostgreSQL, 32 in flight, 16 programmes",
  "16 programmes beside one, 32 in flight",
  ...["relay on PostgreSQL", "relay on PostgreSQL", "relay on SQLite", "relay on SQLite"],
  ...["commit to first attempt, p50", "commit to first attempt, p99", "relay, 200 queued, heap"],
]

test("the workloads postgres and relay run, and their lines have their names", async () => {
  const only = ["postgres", "relay"].flatMap((name) => ["--only", name])
  const args = ["--conditions=@yingshao/source", main, "--smoke", "--json", ...only]
  const child = spawn(process.execPath, args, { stdio: "pipe" })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const seen = () => JSON.parse(stdout).lines.map((line: { name: string }) => line.name)
  if (stderr.includes(" are skipped: ")) {
    console.warn(stderr.trim())
    expect(seen()).toEqual(names.filter((one) => one.includes("heap")))
    return
  }
  expect(stderr).toBe("")
  expect(seen()).toEqual(names)
}, 120_000)
