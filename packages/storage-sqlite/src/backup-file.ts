/**
 * Copies a database that is at work into another file: a whole, consistent state of one instant.
 *
 * The copy is made through a connection of its own that only reads, in one step: writers go on meanwhile and
 * their WAL grows until it is done. What it does not do: it does not name, rotate or move files; whoever calls
 * it gives the copy its last name once it is checked.
 */
import { backup, DatabaseSync } from "node:sqlite"
import { storageFailure } from "@yingshao/ports/storage"
import { applicationId, recognise } from "./schema.ts"
import { sqliteFailure } from "./sqlite-failure.ts"

export interface BackupReport {
  /** Pages of the copy; each has `pageBytes`. */
  readonly pages: number
  readonly pageBytes: number
}

/**
 * @param from a file of yingshao; other connections and processes may be writing to it.
 * @param to a file that does not exist yet, or is empty. It is checked page by page before this returns.
 * @throws StorageFailure `foreign-file` or `newer-schema` for what is not ours, `corrupt` for a copy that does
 *   not check, `full`, `busy` or `unavailable`. What was begun of the copy is left: it is no backup.
 * @example await backupSqliteFile("county.db", "county-2026-03-24.db")
 */
export const backupSqliteFile = async (from: string, to: string): Promise<BackupReport> => {
  const source = opened(from, true)
  try {
    recognise(source)
    // A database that was never written to is nobody's, and no backup.
    if (numberOf(source, "application_id") !== applicationId) {
      throw storageFailure("foreign-file", "unchanged", `${from} is no database of yingshao`)
    }
    await backup(source, to, { rate: wholeFile })
  } catch (error) {
    throw sqliteFailure(error, `back up ${from}`)
  } finally {
    source.close()
  }
  return checked(to)
}

// internal

/** Pages in one step; the copy is then of one instant and cannot be made to begin again by writers. */
const wholeFile = 2_147_483_647

/** A connection that may write leaves no WAL behind when it closes; the source is only read. */
const opened = (path: string, readOnly: boolean): DatabaseSync => {
  try {
    return new DatabaseSync(path, { readOnly, timeout: 10_000 })
  } catch (error) {
    throw sqliteFailure(error, `open ${path}`)
  }
}

const numberOf = (database: DatabaseSync, pragma: string): number =>
  Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma])

const checked = (path: string): BackupReport => {
  const copy = opened(path, false)
  try {
    recognise(copy)
    const found = copy.prepare("PRAGMA integrity_check(1)").get()?.integrity_check
    if (found !== "ok")
      throw storageFailure("corrupt", "unchanged", `${path} does not check: ${String(found)}`)
    return { pages: numberOf(copy, "page_count"), pageBytes: numberOf(copy, "page_size") }
  } catch (error) {
    throw sqliteFailure(error, `check ${path}`)
  } finally {
    copy.close()
  }
}
