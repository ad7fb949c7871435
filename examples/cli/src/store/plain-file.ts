/**
 * Files that a command reads in pieces or writes whole.
 *
 * A file that is written has its name only once all of it is on the disk, and never takes another's place.
 */
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs"
import { open, rename, rm } from "node:fs/promises"
import { dirname } from "node:path"
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
 * Writes a new file: under another name first, synced, then renamed.
 *
 * @param work writes to the path it is given.
 * @throws CliFailure, exit code 2, when there is a file of that name.
 */
export const writeWhole = async <A>(path: string, work: (part: string) => Promise<A>): Promise<A> => {
  if (existsSync(path)) {
    throw new CliFailure(
      2,
      `文件 ${path} 已存在,不覆盖`,
      `there is a file ${path} already; it is left as it is`,
    )
  }
  if (!existsSync(dirname(path))) {
    throw new CliFailure(2, `没有目录 ${dirname(path)}`, `there is no folder ${dirname(path)}`)
  }
  const part = `${path}.part`
  await rm(part, { force: true })
  try {
    const made = await work(part)
    await synced(part)
    await rename(part, path)
    await synced(dirname(path))
    return made
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

/** Writes lines as they come; the reader of the lines waits for the disk. */
export const writeLines = async (path: string, lines: AsyncIterable<string>): Promise<void> => {
  const file = await open(path, "w")
  try {
    let waiting = ""
    for await (const line of lines) {
      waiting += line
      if (waiting.length < 1 << 18) continue
      await file.write(waiting)
      waiting = ""
    }
    await file.write(waiting)
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

/** Also of a folder, so that the name of a new file in it lasts. */
const synced = async (path: string): Promise<void> => {
  const handle = await open(path, "r")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
