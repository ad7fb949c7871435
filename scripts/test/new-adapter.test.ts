/**
 * `yingshao new adapter` as its author would use it: a package outside this repository, installed from
 * tarballs, whose tests pass at the first run and fail when the adapter is broken; and the page that explains it.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { installInto, packFresh } from "../embedding.mjs"
import { root } from "../repository/repository.ts"

const folder = mkdtempSync(join(tmpdir(), "yingshao-new-adapter-"))
const page = readFileSync(join(root, "docs", "writing-an-adapter.md"), "utf8")
interface Manifest {
  readonly scripts: { readonly test: string }
}

let tarballs: readonly string[] = []

beforeAll(async () => {
  tarballs = await packFresh(["ports", "testkit"], folder)
}, 240_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (command: string, args: readonly string[], cwd: string) =>
  spawnSync(command, args, { cwd, encoding: "utf8", env: { PATH: process.env.PATH, LANG: "en_US.UTF-8" } })

const newAdapter = (...args: readonly string[]) => {
  const bin = join(root, "examples/cli/bin/yingshao.mjs")
  return run(process.execPath, [bin, "new", "adapter", "--packages", join(folder, "packed"), ...args], folder)
}

const generated = (kind: string, name: string): string => {
  const made = newAdapter(kind, name)
  expect(made.stderr).toBe("")
  expect(made.status).toBe(0)
  return join(folder, `yingshao-${kind}-${name}`)
}

const test = (project: string) => run(process.execPath, ["--test", "test/*.test.ts"], project)

describe("yingshao new adapter", () => {
  it("makes packages whose tests pass at the first run, and fail without one line of the adapter", () => {
    const notify = generated("notify", "sms-gateway")
    const manifest = JSON.parse(readFileSync(join(notify, "package.json"), "utf8")) as Manifest
    expect(manifest.scripts.test).toBe('node --test "test/*.test.ts"')
    installInto([...tarballs], notify, manifest)
    const first = test(notify)
    expect(first.stdout).toMatch(/^ℹ pass 26$/m)
    expect(first.stdout).toMatch(/^ℹ skipped 0$/m)
    expect(first.status).toBe(0)

    const source = join(notify, "src", "sms-gateway-notifier.ts")
    const line = "if (failure !== undefined) throw failure"
    const text = readFileSync(source, "utf8")
    expect(text).toContain(line)
    writeFileSync(source, text.replace(line, ""))
    expect(test(notify).status).toBe(1)

    const dispatch = generated("dispatch", "water")
    // One installation serves both: they need the same two packages.
    symlinkSync(join(notify, "node_modules"), join(dispatch, "node_modules"), "junction")
    const second = test(dispatch)
    expect(second.stdout).toMatch(/^ℹ pass 20$/m)
    expect(second.status).toBe(0)
  }, 120_000)

  it("says in a sentence what it cannot take, and overwrites nothing", () => {
    const said = (...args: readonly string[]) => {
      const { status, stderr } = newAdapter(...args)
      expect(status).toBe(2)
      expect(stderr).not.toMatch(/ at /)
      return stderr
    }
    expect(said("sms", "acme")).toMatch(/"sms" is neither notify nor dispatch/)
    expect(said("notify", "../acme")).toMatch(/lower-case letters/)
    expect(said("notify", "sms-gateway")).toMatch(/is there already/)
    expect(said("notify", "other", "--packages", folder)).toMatch(/npm run pack/)
  })
})

describe("docs/writing-an-adapter.md", () => {
  it("shows parts of the files that are generated, word for word", () => {
    const blocks = [...page.matchAll(/<!-- file: (\w+) (\S+) -->\n```ts\n([\s\S]*?)```/g)]
    expect(blocks.length).toBeGreaterThanOrEqual(5)
    for (const [, kind, file, block] of blocks) {
      const text = readFileSync(join(root, "examples/cli/templates", kind ?? "", file ?? ""), "utf8")
      expect(text).toContain(block)
    }
  })

  it("shows parts of examples that are run, word for word", () => {
    const blocks = [...page.matchAll(/<!-- example: (\S+) -->\n```ts\n([\s\S]*?)```/g)]
    expect(blocks.length).toBeGreaterThanOrEqual(1)
    for (const [, file, block] of blocks)
      expect(readFileSync(join(root, file ?? ""), "utf8")).toContain(block)
  })

  it("names commands that exist", () => {
    const shell = /<!-- shell -->\n```sh\n([\s\S]*?)```/.exec(page)?.[1] ?? ""
    expect(shell.split("\n").filter((line) => line !== "")).toEqual([
      "npm run build && npm run pack",
      "npx yingshao new adapter notify acme --into ..",
      "cd ../yingshao-notify-acme",
      "npm install && npm test",
    ])
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object }
    expect(scripts).toMatchObject({ build: expect.any(String), pack: expect.any(String) })
  })
})
