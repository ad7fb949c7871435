/**
 * Opens an SQLite file of yingshao through `node:sqlite`.
 *
 * Refuses what is not ours before a byte of it changes. It does not create directories.
 */
import { DatabaseSync } from "node:sqlite"
import { fileName, lockAsShared, recognise, type Sharing } from "./schema.ts"
import { sqliteFailure } from "./sqlite-failure.ts"

/**
 * Opens a file, created when missing; `":memory:"` for one that lives as long as the handle.
 *
 * @param path of the database file; `-wal` and `-shm` files appear beside it.
 * @param sharing who else may have it open; left out: other processes too.
 * @returns a handle for `sqliteStorage`, which sets the pragmas and creates the tables.
 * @throws StorageFailure `foreign-file`, `newer-schema`, `unavailable`, `corrupt` or `busy`, naming the file.
 */
export const openSqliteFile = (path: string, sharing: Sharing = "processes"): DatabaseSync => {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout: 1_000 })
    lockAsShared(database, sharing)
    recognise(database)
    return database
  } catch (error) {
    const file = database === undefined ? path : fileName(database)
    database?.close()
    throw sqliteFailure(error, `open ${file}`)
  }
}
