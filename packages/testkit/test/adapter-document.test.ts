/** The code of `docs/writing-a-storage-adapter.md` is run as it stands there. */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { storageCases } from "@yingshao/testkit/storage-contract"
import { storagePoints } from "@yingshao/testkit/storage-injection"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const text = readFileSync(
  join(import.meta.dirname, "..", "..", "..", "docs", "writing-a-storage-adapter.md"),
  "utf8",
)
const blocks = [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, head = "", code = ""]) => ({
  head,
  code,
}))

// Within the package, so that the code finds the packages that it imports.
let folder = ""
beforeAll(() => {
  const parent = join(import.meta.dirname, "..", "dist")
  mkdirSync(parent, { recursive: true })
  folder = mkdtempSync(join(parent, "document-"))
  for (const { head, code } of blocks) writeFileSync(join(folder, head.split("file=")[1] ?? ""), code)
})
afterAll(() => rmSync(folder, { recursive: true }))

const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, ["--conditions=@yingshao/source", ...args], { cwd: folder, encoding: "utf8" })

/** What a block exports, as JSON. */
const exported = (file: string, name: string): unknown => {
  const url = pathToFileURL(join(folder, file)).href
  const { stdout, stderr } = run(
    "--input-type=module",
    "-e",
    `console.log(JSON.stringify((await import(${JSON.stringify(url)})).${name}))`,
  )
  expect(stderr).toBe("")
  return JSON.parse(stdout)
}

describe("the document for writers of adapters", () => {
  it("has only code that is run", () => {
    expect(blocks.map(({ head }) => head.split(" ")[0])).toEqual(blocks.map(() => "ts"))
    expect(blocks.map(({ head }) => head.split("file=")[1])).toEqual([
      "append-log-storage.ts",
      "append-log-storage.test.ts",
      "skips.ts",
      "broken.ts",
      "injected.ts",
    ])
    expect(storagePoints).toHaveLength(19)
    expect(text).toContain("nineteen methods")
  })

  it("its adapter passes the contract and the model under Node's own runner", () => {
    const { stdout, status } = run("--test", "--test-reporter=tap", "append-log-storage.test.ts")
    expect(stdout).not.toMatch(/^\s*not ok/m)
    expect(status).toBe(0)
    const unclaimed = storageCases.filter(
      ({ needs }) => needs !== undefined && needs !== "closing" && needs !== "reopening",
    )
    expect(stdout.match(/# SKIP/g)).toHaveLength(unclaimed.length)
    expect(stdout.match(/not claimed/g)?.length).toBeGreaterThanOrEqual(unclaimed.length)
    expect(stdout).toContain("storage model store/1: append-log")
  }, 120_000)

  it("a skip stands in the list with its reason", () => {
    expect(exported("skips.ts", "declared")).toContainEqual(
      expect.stringMatching(/\[entry\/large\] \(skipped: this database keeps at most 256 KiB in a row\)$/),
    )
  })

  it("no broken store escapes", () => {
    expect(exported("broken.ts", "escaped")).toEqual([])
  })

  it("a lost answer is unknown, and the same command again is repeated", () => {
    expect(exported("injected.ts", "seen")).toEqual(["unknown", "repeated", 1])
  })
})
