/** Runs the command as people do: a child process through bin/yingshao.mjs. */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll } from "vitest"

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const bin = fileURLToPath(new URL("../bin/yingshao.mjs", import.meta.url))

export const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))

/** Not a terminal; English and 80 columns unless `environment` says otherwise. */
export const yingshao = (
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const { LC_ALL: _, LC_MESSAGES: __, ...inherited } = process.env
    const child = spawn(process.execPath, [bin, ...args], {
      env: { ...inherited, LANG: "en_US.UTF-8", COLUMNS: "80", ...environment },
    })
    let stdout = ""
    let stderr = ""
    // A piece may end within a character.
    child.stdout.setEncoding("utf8")
    child.stderr.setEncoding("utf8")
    child.stdout.on("data", (chunk) => (stdout += chunk))
    child.stderr.on("data", (chunk) => (stderr += chunk))
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, stdout, stderr }))
  })

/** Starts the command, kills it for good as soon as `when` holds, and tells by which signal it ended. */
export const killedAfter = (args: readonly string[], when: () => boolean): Promise<NodeJS.Signals | null> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args], { stdio: "ignore" })
    const look = setInterval(() => when() && child.kill("SIGKILL"), 20)
    child.on("error", reject)
    child.on("close", (_, signal) => {
      clearInterval(look)
      resolve(signal)
    })
  })

/** A folder of its own for a test file, removed at the end. */
export const ownFolder = (): ((name: string) => string) => {
  const folder = mkdtempSync(join(tmpdir(), "yingshao-cli-"))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return (name) => join(folder, name)
}
