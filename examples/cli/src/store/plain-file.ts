/**
 * Files that a command reads in pieces or writes whole.
 *
 * A file that is written has its name only once all of it is on the disk, and never takes another's place, also
 * where two commands write the same name at once.
 */
import { randomBytes } from "node:crypto"
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs"
import { link, open, readdir, rename, rm } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { CliFailure } from "../terminal/failure.ts"

/** The bytes of a file, from the beginning each time. @throws CliFailure, exit code 2, when there is none. */
export const bytesOf = (path: string): (() => AsyncIterable<Uint8Array>) => {
  checkFile(path)
  return () => createReadStream(path, { highWaterMark: 1 << 18 })
}

/** A short text file, a key or a list of heads. @throws CliFailure, exit code 2, when there is none. */
export const shortText = (path: string): string => {
  checkFile(path)
  if (statSync(path).size > mostShortBytes) {
    throw new CliFailure(2, `文件 ${path} 太大`, `the file ${path} is too large for what it should be`)
  }
  return readFileSync(path, "utf8")
}

/**
 * Writes a new file: under a name that nobody else uses first, synced, then under its own.
 *
 * @param work writes to the path it is given.
 * @throws CliFailure, exit code 2, when there is a file of that name, also one that came meanwhile.
 */
export const writeWhole = async <A>(path: string, work: (part: string) => Promise<A>): Promise<A> => {
  if (existsSync(path)) throw isThere(path)
  if (!existsSync(dirname(path))) {
    throw new CliFailure(2, `没有目录 ${dirname(path)}`, `there is no folder ${dirname(path)}`)
  }
  await removeLeft(path)
  const part = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.part`
  try {
    const made = await work(part)
    await synced(part)
    await named(part, path)
    await synced(dirname(path))
    return made
  } finally {
    await rm(part, { force: true })
  }
}

/**
 * Writes lines as they come; the reader of the lines waits for the disk.
 *
 * A disk that is nearly full takes the beginning of a piece without an error: `writeFile` goes on until all of it
 * is written or the disk says no.
 */
export const writeLines = async (path: string, lines: AsyncIterable<string>): Promise<void> => {
  const file = await open(path, "w")
  try {
    let waiting = ""
    for await (const line of lines) {
      waiting += line
      if (waiting.length < 1 << 18) continue
      await file.writeFile(waiting)
      waiting = ""
    }
    await file.writeFile(waiting)
  } finally {
    await file.close()
  }
}

// internal

const mostShortBytes = 10_000_000

const checkFile = (path: string): void => {
  if (!existsSync(path)) throw new CliFailure(2, `没有这个文件:${path}`, `there is no file ${path}`)
  if (!statSync(path).isFile()) throw new CliFailure(2, `${path} 不是文件`, `${path} is no file`)
}

const isThere = (path: string): CliFailure =>
  new CliFailure(2, `文件 ${path} 已存在,不覆盖`, `there is a file ${path} already; it is left as it is`)

/** Gives the file its name, unless somebody else has it by now. Not every file system has links. */
const named = async (part: string, path: string): Promise<void> => {
  try {
    await link(part, path)
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : ""
    if (code === "EEXIST" || existsSync(path)) throw isThere(path)
    await rename(part, path)
  }
}

/** What commands that were killed began of this file; SQLite has files of its own beside one. */
const removeLeft = async (path: string): Promise<void> => {
  const begins = `${basename(path)}.`
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(begins)) continue
    const [, pid] = /^(\d+)-[0-9a-f]{8}\.part(-wal|-shm|-journal)?$/.exec(name.slice(begins.length)) ?? []
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(dirname(path), name), { force: true })
  }
}

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return !(typeof error === "object" && error !== null && "code" in error && error.code === "ESRCH")
  }
}

/** Also of a folder, so that the name of a new file in it lasts. */
const synced = async (path: string): Promise<void> => {
  const handle = await open(path, "r")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
