import { mkdir, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { writeWhole } from "@yingshao/ports/outbound/whole-file"
import { afterEach, beforeEach, describe, expect, test } from "vitest"

let folder = ""
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "yingshao-whole-"))
})
afterEach(() => rm(folder, { recursive: true }))

describe("a file that is whole or not there", () => {
  test("O2 is there under its name alone, with the mode that was asked for", async () => {
    await writeWhole(folder, "a.json", "应哨", 0o600)
    await writeWhole(folder, "b", Uint8Array.of(1, 2))
    expect((await readdir(folder)).sort()).toEqual(["a.json", "b"])
    expect(await readFile(join(folder, "a.json"), "utf8")).toBe("应哨")
    expect((await stat(join(folder, "a.json"))).mode & 0o777).toBe(0o600)
  })

  test("O2 of writers at once one wins, and what is there is its own", async () => {
    const contents = Array.from({ length: 20 }, (_, at) => String(at).repeat(50_000))
    await Promise.all(contents.map((content) => writeWhole(folder, "a.json", content)))
    expect(contents).toContain(await readFile(join(folder, "a.json"), "utf8"))
    expect(await readdir(folder)).toEqual(["a.json"])
  })

  test("leaves nothing behind when it fails", async () => {
    await mkdir(join(folder, "taken", "by-a-folder"), { recursive: true })
    await expect(writeWhole(folder, "taken", "x")).rejects.toThrow()
    await expect(writeWhole(join(folder, "missing"), "a", "x")).rejects.toThrow("ENOENT")
    expect(await readdir(folder)).toEqual(["taken"])
  })
})
