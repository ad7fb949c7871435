/**
 * The system calls of one process on a few files, as strace saw them, in order.
 *
 * Only calls that change or sync a file count: opening with creation, writing, syncing, truncating,
 * unlinking. A call of another kind that could change one of the files is an error, never skipped: an image
 * rebuilt without it would be a picture of nothing. Marks are lines that the process writes into a file of
 * its own, so that it can be seen what it had been told before a cut.
 *
 * What it does not do: mapped memory is not seen. SQLite maps its `-shm` file only, which recovery rebuilds.
 */
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { createReadStream } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { createInterface } from "node:readline"

/** `file` is a name below the folder; `""` is the folder itself. */
export type SystemCall =
  | { readonly kind: "create" | "sync" | "unlink"; readonly file: string }
  | { readonly kind: "write"; readonly file: string; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: "truncate"; readonly file: string; readonly size: number }
  | { readonly kind: "mark"; readonly text: string }

/** Why strace cannot be used here, or `undefined` when it can. */
export const whyNoTrace = (): string | undefined => {
  const tried = spawnSync("strace", ["-f", "-qq", "-e", "trace=fsync", "true"], { encoding: "utf8" })
  if (tried.error !== undefined) return "strace is not installed"
  return tried.status === 0 ? undefined : "strace may not trace here"
}

/** The write-class calls, each of which can be killed or made to fail. */
export const writeCalls = ["pwrite64", "fsync", "fdatasync", "ftruncate", "unlink"] as const
export type WriteCall = (typeof writeCalls)[number]

/** A file of SQLite and those beside it that it writes. */
export const filesOf = (file: string): readonly string[] => [file, `${file}-wal`, `${file}-journal`]

export interface Child {
  readonly out: string
  readonly err: string
  readonly code: number | null
}

/** Runs a script of this package under strace with more arguments for it. */
export const runTraced = async (
  strace: readonly string[],
  script: string,
  args: readonly string[],
): Promise<Child> => {
  const child = spawn(
    "strace",
    ["-f", "-qq", ...strace, process.execPath, "--conditions=@yingshao/source", script, ...args],
    { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NODE_COMPILE_CACHE: compileCache } },
  )
  let out = ""
  let err = ""
  child.stdout.on("data", (data) => {
    out += data
  })
  child.stderr.on("data", (data) => {
    err += data
  })
  const [code] = await once(child, "close")
  return { out, err, code: code as number | null }
}

/**
 * Runs a script and gives its calls on the files of SQLite beside `file`, its folder and `marks`.
 *
 * @param file the database; it must stand in a folder of its own.
 * @throws Error when the script failed or did something to the files that is not understood.
 */
export const recordCalls = async (
  file: string,
  script: string,
  args: readonly string[],
): Promise<readonly SystemCall[]> => {
  const folder = dirname(file)
  const log = `${folder}.strace`
  const paths = [...filesOf(file), folder, marksOf(file)].flatMap((path) => ["-P", path])
  const { err, code } = await runTraced(
    ["--seccomp-bpf", "-xx", "-y", "-s", "70000", "-o", log, ...paths, "-e", `trace=${watched.join()}`],
    script,
    args,
  )
  if (code !== 0) throw new Error(`the recorded script ended with ${code}: ${err}`)
  return parsed(log, folder, marksOf(file))
}

/** Where a recorded script writes its marks. */
export const marksOf = (file: string): string => `${dirname(file)}.marks`

// internal

/** Children of one machine compile the same sources again and again. */
const compileCache = join(tmpdir(), "yingshao-compile-cache")

const watched = [
  ...["openat", "open", "creat", "write", "writev", "pwrite64", "pwritev", "pwritev2", "fsync", "fdatasync"],
  ...["sync_file_range", "ftruncate", "truncate", "fallocate", "unlink", "unlinkat", "rename", "renameat"],
  ...["renameat2", "link", "linkat", "copy_file_range", "sendfile"],
]

const parsed = async (log: string, folder: string, marks: string): Promise<readonly SystemCall[]> => {
  const calls: SystemCall[] = []
  const unfinished = new Map<string, string>()
  for await (const line of createInterface({ input: createReadStream(log), crlfDelay: Infinity })) {
    const [, pid = "", text = ""] = /^(\d+)\s+(.*)$/s.exec(line) ?? []
    const open = /^(.*?)\s*<unfinished \.\.\.>$/s.exec(text)
    if (open !== null) {
      unfinished.set(pid, open[1] ?? "")
      continue
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/s.exec(text)
    const whole = resumed === null ? text : `${unfinished.get(pid) ?? ""}${resumed[1] ?? ""}`
    const call = callOf(whole, folder, marks)
    if (call !== undefined) calls.push(call)
  }
  return calls
}

/** One finished call; `undefined` when it failed or changes nothing. */
const callOf = (text: string, folder: string, marks: string): SystemCall | undefined => {
  const [, name = "", given = "", result = ""] = /^(\w+)\((.*)\)\s+= (.*)$/s.exec(text) ?? []
  if (name === "" || result.startsWith("-1") || result.startsWith("?")) return undefined
  const path = bytesOf(/^(?:\d+<|"|AT_FDCWD<[^>]*>, ")([^>"]*)/.exec(given)?.[1] ?? "").toString()
  if (path === marks) {
    return name === "write" ? { kind: "mark", text: stringIn(given).toString().trim() } : undefined
  }
  const file = path === folder ? "" : basename(path)
  switch (name) {
    case "openat":
      return given.includes("O_CREAT") ? { kind: "create", file } : undefined
    case "pwrite64": {
      const at = Number(/, (\d+)$/.exec(given)?.[1])
      return { kind: "write", file, at, bytes: stringIn(given) }
    }
    case "fsync":
    case "fdatasync":
      return { kind: "sync", file }
    case "ftruncate":
      return { kind: "truncate", file, size: Number(/, (\d+)$/.exec(given)?.[1]) }
    case "unlink":
      return { kind: "unlink", file }
    default:
      throw new Error(`${name} on ${path} is not understood`)
  }
}

const stringIn = (given: string): Buffer => {
  const found = /, "([^"]*)"(\.\.\.)?/.exec(given)
  if (found === null || found[2] !== undefined) throw new Error("a write was cut short by strace")
  return bytesOf(found[1] ?? "")
}

/** `\x2f\x74` as bytes. */
const bytesOf = (escaped: string): Buffer => Buffer.from(escaped.replaceAll("\\x", ""), "hex")
