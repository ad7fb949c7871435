/** `docs/properties.md` says what the tests say: ids, files and states, compared with the sources of the tests. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join, relative, sep } from "node:path"
import { describe, expect, test } from "vitest"

const root = join(import.meta.dirname, "..", "..", "..")
const statuses = ["exhausted", "sampled", "scenario", "untested", "not in this issue’s scope"]

interface Line {
  readonly id: string
  readonly keptIn: string
  readonly tests: readonly string[]
  readonly status: string
}

const quoted = (cell: string): readonly string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path)

const lines: readonly Line[] = readFileSync(join(root, "docs", "properties.md"), "utf8")
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .filter(([, id = ""]) => /^[A-Z]\d+$/.test(id))
  .map(([, id = "", , keptIn = "", tests = "", status = ""]) => ({
    id,
    keptIn: quoted(keptIn)[0] ?? "",
    tests: quoted(tests),
    status,
  }))

/** The names of tests, suites and storage cases in a source. */
const namesIn = (text: string): readonly string[] =>
  [
    ...text.matchAll(
      /(?:\b(?:test|it|describe)(?:\.each)?\s*\(|\)\s*\(|storageCase\(\s*"[^"]*",|capabilityCase\(\s*"[^"]*",\s*"[^"]*",)\s*(["`])(.*?)\1/gs,
    ),
  ].map(([, , name = ""]) => name)

const idsIn = (text: string): ReadonlySet<string> =>
  new Set(namesIn(text).flatMap((name) => name.match(/\b[LSFIOAPTZC]\d{1,2}\b/g) ?? []))

const sourcesUnder = (folder: string): readonly string[] =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts") && !file.includes("node_modules"))
        .map((file) =>
          relative(root, join(root, folder, file))
            .split(sep)
            .join("/"),
        )
    : []

const allTests = [
  ...readdirSync(join(root, "packages")).flatMap((name) => sourcesUnder(`packages/${name}/test`)),
  ...sourcesUnder("packages/testkit/src/storage-cases"),
  ...sourcesUnder("examples/cli/test"),
  ...sourcesUnder("scripts/test"),
]

const textOf = (path: string): string => readFileSync(join(root, path), "utf8")

describe("the document of properties", () => {
  test("names each promise once, where it is kept, and its status", () => {
    expect(lines.length).toBeGreaterThan(90)
    expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length)
    for (const { id, keptIn, tests, status } of lines) {
      expect(statuses, id).toContain(status)
      if (keptIn !== "") expect(existsSync(join(root, keptIn)), `${id}: ${keptIn}`).toBe(true)
      const claimed = status !== "untested" && status !== "not in this issue’s scope"
      expect(tests.length > 0, `${id} is ${status} and names ${tests.length} tests`).toBe(claimed)
    }
  })

  test("every id listed as tested occurs in a test's name in each file that is named", () => {
    const missing = lines.flatMap(({ id, tests }) =>
      tests
        .filter((path) => !existsSync(join(root, path)) || !idsIn(textOf(path)).has(id))
        .map((path) => `${id} ${path}`),
    )
    expect(missing).toEqual([])
  })

  test("no test's name carries an id that is not listed", () => {
    const listed = new Set(lines.map(({ id }) => id))
    const unknown = allTests.flatMap((path) =>
      [...idsIn(textOf(path))].filter((id) => !listed.has(id)).map((id) => `${id} ${path}`),
    )
    expect(unknown).toEqual([])
  })
})
