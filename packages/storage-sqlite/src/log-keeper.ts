/**
 * Keeps SQLite's write-ahead log bounded while other processes read.
 *
 * SQLite moves the log into the file by itself every 4,000 pages, but starts it anew only when a writer
 * happens to come while nobody reads from it. With readers in several processes that may not happen for
 * long, and the log grows. Once it is too long, this waits a moment for whoever reads just now; readers that
 * come meanwhile read from the file already. It fails quietly: what was committed is durable either way, and
 * it is tried again.
 *
 * What it does not do: a reader that stays in one transaction for minutes cannot be waited for.
 */
import { statSync } from "node:fs"
import type { DatabaseSync } from "node:sqlite"

export interface LogLimits {
  /** Bytes of the log from which it is started anew. */
  readonly logBytes: number
  /** How long the readers of that moment are waited for, in milliseconds; the loop stands meanwhile. */
  readonly logPatienceMs: number
}

/** @returns what to call after each commit, outside a transaction, with about as many bytes as it wrote or more. */
export const logKeeper = (
  database: DatabaseSync,
  busyTimeoutMs: number,
  limits: LogLimits,
): ((bytes: number) => void) => {
  const path = database.location()
  if (path === null) return () => {}
  /** Grows after a try in vain, so that not every commit waits. */
  let from = limits.logBytes
  let unseen = 0
  return (bytes) => {
    unseen += bytes
    if (unseen < limits.logBytes / 8) return
    unseen = 0
    try {
      if (sizeOf(path) <= from) return
      database.exec(`PRAGMA busy_timeout = ${limits.logPatienceMs}; PRAGMA wal_checkpoint(TRUNCATE)`)
    } catch {
      // What was committed is durable; the next try comes when the log has grown a little.
    }
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
    const left = sizeOf(path)
    from = left <= limits.logBytes ? limits.logBytes : left + limits.logBytes / 8
  }
}

// internal

const sizeOf = (path: string): number => statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0
