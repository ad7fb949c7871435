/** The lines of PostgreSQL run, or it is said why not. What the numbers are is nobody's promise here. */
import { spawn } from "node:child_process"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))

test("the workload of PostgreSQL runs, and its lines have their names", async () => {
  const args = ["--conditions=@yingshao/source", main, "--smoke", "--json", "--only", "postgres"]
  const child = spawn(process.execPath, args, { stdio: "pipe" })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const { lines } = JSON.parse(stdout)
  if (stderr.includes("the lines of PostgreSQL are skipped")) {
    console.warn(stderr.trim())
    expect(lines).toEqual([])
    return
  }
  expect(stderr).toBe("")
  expect(lines.map(({ name }: { name: string }) => name)).toEqual([
    "SubmitReport on PostgreSQL, 1 in flight",
    "a note to a report on PostgreSQL, 1 in flight",
    "SubmitReport on PostgreSQL, 32 in flight",
    "SubmitReport on PostgreSQL, 32 in flight, 16 programmes",
    "16 programmes beside one, 32 in flight",
  ])
}, 120_000)
