import { spawn } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))

const bench = async (...args: readonly string[]) => {
  const child = spawn(process.execPath, ["--conditions=@yingshao/source", ...args], { stdio: "pipe" })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { stdout, stderr }
}

/** The shape of a line; what the numbers are is nobody's promise here. */
const line = {
  name: expect.any(String),
  unit: expect.stringMatching(/^(1\/s|ns|ms|s|MB)$/),
  ours: expect.any(Number),
  beside: expect.any(Number),
  peer: expect.any(String),
  ratio: expect.any(Number),
  met: expect.any(Boolean),
}

/**
 * One process for many workloads: a start costs more than most of them when they are small. Code from strings is
 * forbidden in the second one: compiled policies must decide all the same.
 */
test.concurrent.each([
  [
    [],
    [
      ...["rule-engines", "policy-files", "due-times", "commands"],
      ...["growth", "in-flight", "existing-report", "fold-journal"],
    ],
    [
      "a table of 20 rows beside json-rules-engine",
      "a table of 20 rows beside zen-engine",
      ...["policy: 2,000 reports replayed", "policy: 2,000 reports replayed, peak"],
      ...["policy: 2 columns x 20 dense rows", "policy: 2 columns x 20 dense rows, peak"],
      "due times",
      "SubmitReport through handle on SQLite",
      "candidates at 240 reports",
      "candidates at 240 reports, time",
      "duty board, first page, time",
      "leaderboard, time",
      "one register, time",
      "SubmitReport at 240 reports",
      ...[4, 8].flatMap((width) => Array.from({ length: 3 }, () => `SubmitReport, ${width} in flight`)),
      "a note to an existing report, on SQLite",
      ...["folding a journal", "folding a journal, every event checked"],
    ],
  ],
  [
    ["--disallow-code-generation-from-strings"],
    ["decisions", "policy-check"],
    [
      "triage to cash, conclusions",
      "triage to cash, with fired rules",
      "policy: tables of the example",
      "policy: all sentences proved",
      "policy: sentences, search and brute force",
    ],
  ],
])("workloads run, the rivals agree, and the lines have their shape: %s %s", async (flags, only, names) => {
  const { stdout, stderr } = await bench(
    ...flags,
    main,
    "--smoke",
    "--json",
    ...only.flatMap((name) => ["--only", name]),
  )
  expect(stderr).not.toContain("bench:")
  const { machine, date, smoke, lines } = JSON.parse(stdout)
  expect([machine.node, smoke, Date.parse(date) > 0]).toEqual([process.version, true, true])
  expect(lines.map(({ name }: { name: string }) => name)).toEqual(names)
  for (const each of lines) {
    expect(each).toMatchObject(line)
    expect(Object.keys(each.goal)).toEqual([expect.stringMatching(/^(atLeast|atMost)$/)])
  }
})

test.concurrent("an unknown workload is named, with those there are", async () => {
  const { stderr } = await bench(main, "--only", "speed")
  expect(stderr).toContain('no workload is called "speed"; there are decisions, large-table')
})

test("the policy compiler makes no code from texts", () => {
  const sources = new URL("../../policy/src/", import.meta.url)
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  )
  expect(files.length).toBeGreaterThan(10)
  const guilty = files.filter((file) =>
    /\beval\s*\(|new Function\b|\bFunction\s*\(|node:vm/.test(readFileSync(new URL(file, sources), "utf8")),
  )
  expect(guilty).toEqual([])
})
