/** How far a database of SQLite has come, looked at from outside while a command writes to it. */
import { DatabaseSync } from "node:sqlite"

/** Journal records of all programmes; 0 while the file is not there yet. */
export const recordsIn = (file: string): number => {
  try {
    const handle = new DatabaseSync(file, { readOnly: true })
    try {
      return Number(handle.prepare("SELECT count(*) AS n FROM journal").get()?.n)
    } finally {
      handle.close()
    }
  } catch {
    return 0
  }
}
