/**
 * How a rival's handle is set: as durable as ours, its page cache and its log as large.
 */
import type { DatabaseSync } from "node:sqlite"

export const setLikeOurs = (database: DatabaseSync): void => {
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
  database.exec("PRAGMA cache_size = -16000; PRAGMA wal_autocheckpoint = 4000")
}
