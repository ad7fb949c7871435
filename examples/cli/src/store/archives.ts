/**
 * The sealed segments of a database: files in a folder beside it, `county.db.archive/`, or for PostgreSQL, which
 * has no place on this machine, in a folder under `data` named by host and database, without a password.
 *
 * Every command that reads a programme reads through them. A file that is not a segment is refused by name.
 */
import { existsSync, readdirSync } from "node:fs"
import { open } from "node:fs/promises"
import { dirname, join } from "node:path"
import { withArchives } from "@yingshao/engine/archive"
import { type Archive, type ByteSource, openArchive } from "@yingshao/engine/archive-file"
import type { Storage } from "@yingshao/ports/storage"
import { CliFailure } from "../terminal/failure.ts"
import { defaultDatabase, isPostgres, shownDatabase } from "./database.ts"

export interface ArchivesOptions {
  readonly database: string
  /** The folder, where it is another one. */
  readonly archives?: string | undefined
}

export const archiveFolder = ({ database, archives }: ArchivesOptions): string => {
  if (archives !== undefined) return archives
  if (!isPostgres(database)) return `${database}.archive`
  const place = shownDatabase(database).replace(/^[a-z]+:[/]*/, "")
  const name = place.replace(/[^A-Za-z0-9._-]+/g, "-")
  return join(dirname(defaultDatabase), `postgres-${name}.archive`)
}

/**
 * The store with its archives, which are closed with it; where they cannot be read, all of it is closed.
 *
 * @throws CliFailure, exit code 2, for a file that is no segment.
 */
export const readingArchives = async (storage: Storage, options: ArchivesOptions): Promise<Storage> => {
  const folder = archiveFolder(options)
  if (!existsSync(folder)) return storage
  const archives: Archive[] = []
  const closing: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const one of closing) await one()
    await storage.close()
  }
  try {
    for (const name of readdirSync(folder).filter((one) => one.endsWith(".jsonl"))) {
      const path = join(folder, name)
      const opened = await sourceOf(path)
      closing.push(opened.close)
      archives.push(
        await openArchive(opened.source).catch(() => {
          throw new CliFailure(2, `${path} 不是归档分段`, `${path} is no segment of an archive`)
        }),
      )
    }
  } catch (error) {
    await close()
    throw error
  }
  return { ...withArchives(storage, archives), close }
}

// internal

const sourceOf = async (
  path: string,
): Promise<{ readonly source: ByteSource; readonly close: () => Promise<void> }> => {
  const file = await open(path, "r")
  const { size } = await file.stat()
  return {
    close: () => file.close(),
    source: {
      name: path,
      size,
      async read(offset, length) {
        const wanted = Math.max(0, Math.min(length, size - offset))
        const bytes = new Uint8Array(wanted)
        let done = 0
        while (done < wanted) {
          const { bytesRead } = await file.read(bytes, done, wanted - done, offset + done)
          if (bytesRead === 0) break
          done += bytesRead
        }
        return bytes.subarray(0, done)
      },
    },
  }
}
