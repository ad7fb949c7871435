/** Whoever starts the server wrongly gets a sentence in both languages; a fault of ours keeps its place. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { readPartners } from "../src/county/county-partners.ts"
import { loadPolicy } from "../src/county/open-county.ts"
import { startFailure } from "../src/operations/start-failure.ts"

const folder = mkdtempSync(join(tmpdir(), "start-"))
afterAll(() => rmSync(folder, { recursive: true }))
const written = (text: string): string => {
  const file = join(folder, "given")
  writeFileSync(file, text)
  return file
}
const failing = async (work: () => unknown): Promise<unknown> => {
  try {
    return await work()
  } catch (error) {
    return startFailure(error)
  }
}
const listenOn = (host: string, port: number) =>
  new Promise((_, reject) => createServer().once("error", reject).listen(port, host))

test.each([
  ["partners that are no JSON", () => readPartners(written("{")), "--partners 的文件不对", "it is no JSON"],
  [
    "partners of another form",
    () => readPartners(written('{"water":{"secrets":["x"]}}')),
    "--partners 的文件不对",
    "water.secrets.0: a secret begins with whsec_",
  ],
  [
    "a policy that is none",
    () => loadPolicy(written("# no policy")),
    "规则文件不能用",
    "the policy does not load",
  ],
  ["a policy that is not there", () => loadPolicy(join(folder, "none")), "没有这个文件", "no such file"],
  [
    "a folder beneath a file",
    () => mkdirSync(join(written(""), "a", "b"), { recursive: true }),
    "路径",
    "no folder",
  ],
  ["a folder where a file is", () => readFileSync(folder), "是目录", "a folder, not a file"],
  [
    "an address of another machine",
    () => listenOn("192.0.2.1", 0),
    "这个地址不能用",
    "choose another --port or --host",
  ],
])("%s is told", async (_, work, zh, en) => {
  const sentence = await failing(work)
  expect(sentence).toContain(zh)
  expect(sentence).toContain(en)
})

test("a file that may not be written is no question of the port; what nobody expected stays a fault", () => {
  const denied = (syscall: string) =>
    Object.assign(new Error("EACCES: permission denied"), { code: "EACCES", syscall })
  expect(startFailure(denied("mkdir"))).toBe("没有权限 · not permitted: EACCES: permission denied")
  expect(startFailure(denied("listen"))).toContain("--port")
  expect(startFailure(new TypeError("x is not a function"))).toBeUndefined()
})
