/**
 * The arrows between packages, and proof that a wrong one is found.
 */
import { describe, expect, it } from "vitest"
import { importTable, workspaceOf, wrongImports } from "../repository/import-table.ts"
import { files, type Manifest, manifestOf } from "../repository/repository.ts"

const sources = files(/^(packages|examples)\/[^/]+\/src\/.*\.ts$/)

const core: Manifest = {
  name: "@yingshao/core",
  version: "0.1.0",
  dependencies: { "@date-fns/tz": "1", "@yingshao/engine": "0.1.0", zod: "4" },
}

const inCore = (text: string) => wrongImports({ path: "packages/core/src/reward/tier.ts", text }, core)

describe("the import table", () => {
  it("has a line for every workspace", () => {
    const workspaces = files(/^(packages|examples)\/[^/]+\/package\.json$/).map((file) =>
      workspaceOf(file.path),
    )
    expect([...workspaces].sort()).toEqual(Object.keys(importTable).sort())
  })

  it("is kept by every source file", () => {
    expect(sources.length).toBeGreaterThan(10)
    expect(sources.flatMap((file) => wrongImports(file, manifestOf(workspaceOf(file.path))))).toEqual([])
  })
})

describe("the checker of the import table", () => {
  it.each([
    ['import { openYingshao } from "@yingshao/engine"', "may not import @yingshao/engine"],
    ['import type { Engine } from "@yingshao/engine/handle"', "may not import @yingshao/engine"],
    ['export { handle } from "@yingshao/engine/handle"', "may not import @yingshao/engine"],
    ['export * from "@yingshao/engine/handle"', "may not import @yingshao/engine"],
    ['type Engine = import("@yingshao/engine/handle").Engine', "may not import @yingshao/engine"],
    ['const engine = await import("@yingshao/engine/handle")', "may not import @yingshao/engine"],
    ['import "@yingshao/engine/handle"', "may not import @yingshao/engine"],
    ['import { hash } from "node:crypto"', "may not import node:crypto"],
    ['import * as Effect from "effect/Effect"', "may not import effect"],
    ['import { readFile } from "fs"', "may not import fs"],
    ["const engine = await import(name)", "computed"],
    ['import { addDays } from "date-fns/addDays"', "may not import date-fns"],
    ['import * as gcoord from "gcoord"', "which the dependencies of @yingshao/core do not name"],
    ['import { handle } from "../../../engine/src/handle.ts"', "reaches out of packages/core/src/"],
    ['import { tiers } from "./tiers"', "lacks its ending"],
    ['import { tiers } from "./tiers.js"', "lacks its ending"],
  ])("finds %s", (text, sentence) => {
    const found = inCore(`/** Tiers. */\nimport * as z from "zod"\n${text}\n`)
    expect(found).toEqual([expect.stringContaining(sentence)])
    expect(found[0]).toMatch(/^packages\/core\/src\/reward\/tier\.ts:3: /)
  })

  it.each([
    'import * as z from "zod"',
    'import { tzOffset } from "@date-fns/tz/tzOffset"',
    'import type { Rule } from "../kernel/rule.ts"',
    'import years from "../calendar/china-years.json" with { type: "json" }',
    'const text = "import { hash } from \\"node:crypto\\""',
    '// import { hash } from "node:crypto"',
    "export const tiers = [1, 2]",
  ])("lets pass %s", (text) => {
    expect(inCore(text)).toEqual([])
  })

  it("asks for a module where the front door loads everything", () => {
    const engine = { ...core, name: "@yingshao/engine", dependencies: { effect: "4" } }
    const found = wrongImports(
      { path: "packages/engine/src/handle.ts", text: 'import { Effect } from "effect"' },
      engine,
    )
    expect(found).toEqual([expect.stringContaining("name the module, for instance effect/Effect")])
  })

  it("knows no package that is not in the table", () => {
    const file = { path: "packages/stray/src/stray.ts", text: "" }
    expect(wrongImports(file, core)).toEqual([
      "packages/stray is not in the import table of scripts/repository",
    ])
  })
})
