/** Runs the command as people do, through bin/yingshao.mjs: in a process of its own, or after others in one. */
import { type ChildProcess, fork, spawn } from "node:child_process"
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

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const bin = here("../bin/yingshao.mjs")

export const fixture = (name: string): string => here(`fixtures/${name}`)

/** Not a terminal; English and 80 columns unless a test says otherwise. */
const plain = { LANG: "en_US.UTF-8", COLUMNS: "80" }
const environmentOf = (): NodeJS.ProcessEnv => {
  const { LC_ALL: _, LC_MESSAGES: __, ...inherited } = process.env
  return { ...inherited, ...plain }
}

/** In a process of its own, with lines on standard input: for what only a process shows. */
export const yingshaoAlone = (args: readonly string[], input = ""): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args], { env: environmentOf() })
    let stdout = ""
    let stderr = ""
    // A piece may end within a character.
    child.stdout.setEncoding("utf8")
    child.stderr.setEncoding("utf8")
    child.stdout.on("data", (chunk) => (stdout += chunk))
    child.stderr.on("data", (chunk) => (stderr += chunk))
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, stdout, stderr }))
    child.stdin.end(input)
  })

/** The process that the commands of a worker's test files share, and who waits for it; started with the first. */
let shared: ChildProcess | undefined
const waiting: { resolve(ran: Ran): void; reject(error: Error): void }[] = []

const sharedProcess = (): ChildProcess => {
  if (shared !== undefined) return shared
  const child = fork(here("run-many.mjs"), {
    ...{ env: environmentOf(), execArgv: [], stdio: ["ignore", "inherit", "inherit", "ipc"] },
  })
  child.on("message", ({ left, ...ran }: Ran & { readonly left: readonly string[] }) => {
    const next = waiting.shift()
    if (left.length === 0) next?.resolve(ran)
    else next?.reject(new Error(`the command would not end: ${left.join(", ")} left open`))
  })
  const failed = (error: Error) => {
    if (shared === child) shared = undefined
    for (const { reject } of waiting.splice(0)) reject(error)
  }
  child.on("error", failed)
  child.on("exit", (code) => failed(new Error(`the process of the commands ended with ${code}`)))
  // It ends when the worker does, and keeps no worker alive.
  child.unref()
  child.channel?.unref()
  shared = child
  return child
}

/** Lets go of the process that commands share: the code with which it ended by itself, or the signal that it took. */
export const endedByItself = async (): Promise<number | NodeJS.Signals | null> => {
  const child = sharedProcess()
  shared = undefined
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once("exit", (code, signal) => resolve(code ?? signal)),
  )
  child.disconnect()
  return ended
}

export interface Standing {
  readonly environment?: Readonly<Record<string, string>>
  /** Where the command stands; the system's temporary folder. */
  readonly folder?: string
  /** Files to write there before, by name. */
  readonly files?: Readonly<Record<string, string>>
}

/**
 * In the process that commands share, after those that were asked for before. It fails where a command leaves
 * something open that would keep its process alive.
 */
export const yingshao = (words: readonly string[], standing: Standing = {}): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const environment = { ...plain, ...standing.environment }
    waiting.push({ resolve, reject })
    sharedProcess().send({
      ...{ words, environment },
      ...{ folder: standing.folder ?? tmpdir(), files: standing.files ?? {} },
    })
  })

/** Starts the command, lets it die for good at that commit of its own, and tells by which signal it ended. */
export const killedAtCommit = (args: readonly string[], commit: number): Promise<NodeJS.Signals | null> =>
  new Promise((resolve, reject) => {
    const environment = { ...environmentOf(), DIES_AT_COMMIT: `${commit}` }
    const options = { env: environment, stdio: "ignore" } as const
    const child = spawn(process.execPath, ["--import", here("dies-at-commit.mjs"), bin, ...args], options)
    child.on("error", reject)
    child.on("close", (_, signal) => resolve(signal))
  })

/** A folder of its own for a test file, removed at the end. */
export const ownFolder = (): ((name: string) => string) => {
  const folder = mkdtempSync(join(tmpdir(), "yingshao-cli-"))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return (name) => join(folder, name)
}
