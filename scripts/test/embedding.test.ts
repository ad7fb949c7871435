/**
 * The first embedding of each README, run as a host would: from packed tarballs in an empty project.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { embeddingOf, installInto, packagesOf, packFresh, place } from "../embedding.mjs"
import { root } from "../repository/repository.ts"

const readme = (name: string) => embeddingOf(readFileSync(join(root, name), "utf8"))

describe("the first embedding", () => {
  const { program, printed } = readme("README.md")
  const folder = mkdtempSync(join(tmpdir(), "yingshao-embedding-"))
  const project = join(folder, "host")

  beforeAll(async () => {
    installInto(await packFresh(packagesOf(program), folder), project)
  }, 240_000)

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it("has at most 20 lines", () => {
    expect(program.trimEnd().split("\n").length).toBeLessThanOrEqual(20)
  })

  it("is the same program in both languages", () => {
    const bare = (text: string) => text.replace(/^\s*\/\/ .*\n/gm, "")
    expect(bare(readme("README.zh-CN.md").program)).toBe(bare(program))
  })

  it("runs in an empty project and prints what it promises", () => {
    const run = spawnSync(process.execPath, [place(program, project)], {
      cwd: project,
      encoding: "utf8",
      env: { PATH: process.env.PATH },
    })
    expect(run.stderr).toBe("")
    expect(run.stdout.trimEnd().split("\n")).toEqual(printed)
    expect(run.status).toBe(0)
  })
})

describe("the reader of embeddings", () => {
  it("takes the marked block and its promises", () => {
    const markdown = "```ts\nno\n```\n<!-- embedding -->\n```ts\nconsole.log(1 + 1) // => 2\n```\n"
    expect(embeddingOf(markdown)).toEqual({ program: "console.log(1 + 1) // => 2\n", printed: ["2"] })
    expect(() => embeddingOf("```ts\n1\n```")).toThrow("no fenced block")
  })

  it("finds the packages behind a program", () => {
    const program = 'import { memoryStorage } from "@yingshao/storage-memory"\n'
    expect([...packagesOf(program)].sort()).toEqual(["ports", "storage-memory"])
    expect(() => packagesOf('import "x" from "@yingshao/cli"')).toThrow("cli is not among")
  })
})
