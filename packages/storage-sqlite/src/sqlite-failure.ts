/**
 * Turns what the driver throws into the port's tagged failure.
 *
 * It decides the reason only; whether something may have been written is known by the caller alone.
 */
import { isStorageFailure, type StorageFailure, storageFailure } from "@yingshao/ports/storage"

/**
 * @param where what was being done and to which file, for staff: `open /srv/county.db`.
 * @param outcome `unknown` only when a COMMIT may have reached the disk.
 */
export const sqliteFailure = (
  error: unknown,
  where: string,
  outcome: StorageFailure["outcome"] = "unchanged",
): StorageFailure => {
  if (isStorageFailure(error)) return error
  const code = resultCode(error)
  const reason = reasons[code] ?? "unavailable"
  const said = error instanceof Error ? error.message : "unknown error"
  return storageFailure(reason, outcome, `${where}: ${said} (sqlite ${code})`, error)
}

/** Another connection holds the lock: worth trying again. */
export const isBusy = (error: unknown): boolean => reasons[resultCode(error)] === "busy"

/** The disk took no more: SQLite says so for writes, never for a sync. */
export const isFull = (error: unknown): boolean => reasons[resultCode(error)] === "full"

// internal

/** Primary result codes of SQLite. */
const reasons: { readonly [code: number]: StorageFailure["reason"] } = {
  5: "busy",
  6: "busy",
  11: "corrupt",
  13: "full",
  26: "foreign-file",
}

/** The primary result code is the low byte of an extended one; 0 when it is no SQLite error. */
const resultCode = (error: unknown): number =>
  typeof error === "object" && error !== null && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode & 0xff
    : 0
