/**
 * The rules of the house over the whole repository, and proof that each of them bites.
 */
import { readFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { brokenLinks, machinePaths, untidy, untidyLock } from "../repository/house-rules.ts"
import { files, root } from "../repository/repository.ts"

const here = "scripts/test/tidy.test.ts"
const typescript = files(/\.ts$/)

describe("the house", () => {
  it("is tidy", () => {
    expect(typescript.length).toBeGreaterThan(20)
    expect(typescript.filter(({ path }) => path !== here).flatMap(untidy)).toEqual([])
  })

  it("names no place of one machine", () => {
    const texts = files(/(\.(ts|mjs|js|json|md|yml|csv|txt)|\/run|\.npmrc|\.gitignore)$/)
    expect(texts.filter(({ path }) => path !== here).flatMap(machinePaths)).toEqual([])
  })

  it("has no broken links", () => {
    expect(files(/\.md$/).flatMap(brokenLinks)).toEqual([])
  })

  it("has a lock file that names no registry", () => {
    expect(untidyLock(readFileSync(join(root, "package-lock.json"), "utf8"))).toEqual([])
  })
})

const docstring = "/** A tier. */\n"
const findings = (path: string, text: string) => untidy({ path, text })
const inCore = (statement: string) =>
  findings("packages/core/src/reward/tier.ts", `${docstring}${statement}\n`)
const inTest = (statement: string) =>
  findings("packages/core/test/tier.test.ts", `${docstring}${statement}\n`)

describe("the checker of the house", () => {
  it.each([
    ["const now = Date.now()", "Date.now"],
    ["const now = new Date()", "new Date()"],
    ["const now = Date()", "Date()"],
    ["const then = new Date(2026, 1, 1)", "time zone of this process"],
    ["const hour = new Date(instant).getHours()", "getHours"],
    ["const dice = Math.random()", "Math.random"],
    ["const zone = process.env.TZ", "process.env"],
    ["const zone = process.env['TZ']", "process.env"],
    ["setTimeout(act, 1)", "setTimeout()"],
    ["enum Tier { one }", "an enum"],
    ["namespace Tier { export const one = 1 }", "a namespace"],
    ["class Tier { @logged pay() {} }", "a decorator"],
    ["class Tier { constructor(private fen: number) {} }", "a parameter property"],
    ["// TODO: pay\nexport const one = 1", "leaves a TODO"],
    ['export * from "./first.ts"', "a barrel"],
    ['import * as Sql from "effect/sql/SqlClient"', "does not tag as stable"],
    ['import * as Http from "effect/unstable/http"', "does not tag as stable"],
  ])("T1 finds %s in core", (statement, sentence) => {
    expect(inCore(statement)).toEqual([expect.stringContaining(sentence)])
  })

  it.each([
    ["enum Tier { one }", "an enum"],
    ["namespace Tier { export const one = 1 }", "a namespace"],
    ["class Tier { constructor(private fen: number) {} }", "a parameter property"],
    ['import tier = require("./tier.ts")', "import … ="],
    ["import one = Tier.one", "import … ="],
    ["export = 1", "export ="],
    ["const tier = <string>given", "angle brackets"],
  ])("finds %s, which Node refuses to start from source", (statement, sentence) => {
    expect(() => stripTypeScriptTypes(statement)).toThrow(/not supported|unsupported/i)
    expect(inTest(statement)).toEqual([expect.stringContaining(sentence)])
  })

  it("TypeScript itself refuses what Node cannot take away, in every project", () => {
    const options = files(/(^|\/)tsconfig(\.\w+)?\.json$/).map(({ path, text }) => [path, JSON.parse(text)])
    const base = options.find(([path]) => path === "tsconfig.base.json")
    expect(base?.[1].compilerOptions.erasableSyntaxOnly).toBe(true)
    for (const [path, { compilerOptions = {}, files: none, extends: from }] of options) {
      if (path === "tsconfig.base.json" || none?.length === 0) continue
      expect([path, from]).toEqual([path, expect.stringMatching(/tsconfig\.base\.json$/)])
      expect(compilerOptions).not.toHaveProperty("erasableSyntaxOnly")
    }
  })

  it.each([
    "const then = new Date(instant)",
    "const day = new Date(instant).getUTCDate()",
    "const then = Date.parse(instant)",
    'import * as Effect from "effect/Effect"',
    'const text = "Date.now()"',
    'export { one } from "./first.ts"\nexport const two = 2',
  ])("lets pass %s in core", (statement) => {
    expect(inCore(statement)).toEqual([])
  })

  it.each([
    ["it.only('pays', () => {})", "test.only"],
    ["describe.only('pays', () => {})", "test.only"],
    ["it.todo('pays')", "test.todo"],
    ["it.skip('pays', () => {})", "without a comment"],
    ["it.skipIf(slow).each([1])('pays', () => {})", "without a comment"],
    ["it.each.skip([1])('pays', () => {})", "without a comment"],
  ])("finds %s in a test", (statement, sentence) => {
    expect(inTest(statement)).toEqual([expect.stringContaining(sentence)])
  })

  it("lets pass a skip that says why", () => {
    expect(inTest("// No tmpfs here.\nit.skip('pays', () => {})")).toEqual([])
  })

  it("lets other packages ask the clock", () => {
    expect(findings("packages/bench/src/clock.ts", `${docstring}const now = Date.now()`)).toEqual([])
  })

  it.each([
    ["packages/core/src/index.ts", `${docstring}export const one = 1`, "barrel"],
    ["packages/core/src/rewardTier.ts", `${docstring}export const one = 1`, "kebab-case"],
    ["packages/core/src/tier.ts", "export const one = 1", "docstring"],
    ["packages/core/src/tier.ts", `${docstring}${"\n".repeat(600)}export const one = 1`, "602 lines"],
  ])("finds what is wrong with %s", (path, text, sentence) => {
    expect(findings(path, text)).toEqual([expect.stringContaining(sentence)])
  })

  // Put together, so that this file holds no such path itself.
  const paths = ["home/li/yingshao", "root/.npmrc", "tmp/a.db"].map((path) => `/${path}`)
  it.each([...paths, "C:\\\\Users"])("finds the path %s", (path) => {
    expect(machinePaths({ path: "docs/a.md", text: `See \`${path}\`.` })).toHaveLength(1)
  })

  it.each(["https://example.org/home/li", "a/tmp/b", "$(mktemp -d)/tmp/x", "`/reports`", "1:\\n"])(
    "lets the path %s pass",
    (path) => {
      expect(machinePaths({ path: "docs/a.md", text: path })).toEqual([])
    },
  )

  it("finds a broken link, and only in prose", () => {
    const text = "[a](0001-toolchain.md) [b](gone.md#x) [c](https://example.org) `[d]`\n```ts\n[e](f)\n```\n"
    expect(brokenLinks({ path: "docs/decisions/x.md", text })).toEqual([
      "docs/decisions/x.md: links to gone.md, which is not there",
    ])
  })

  it("finds a registry and a missing integrity in a lock file", () => {
    const lock = (entry: object) => JSON.stringify({ packages: { "": {}, "node_modules/zod": entry } })
    expect(untidyLock(lock({ integrity: "sha512-1", resolved: "https://r.example/zod.tgz" }))).toHaveLength(1)
    expect(untidyLock(lock({ version: "4.6.7" }))).toEqual(["node_modules/zod has no integrity"])
    expect(untidyLock(lock({ integrity: "sha512-1" }))).toEqual([])
    expect(untidyLock(lock({ link: true, resolved: "packages/core" }))).toEqual([])
  })
})
