/**
 * Turns what `pg` throws into the port's tagged failure.
 *
 * The server said ERROR: the statement, which was a transaction of its own, is undone and that is certain.
 * Anything else (a lost connection, a timeout of the client, a server that goes down) may come after the
 * commit. Of the server's words only the message is kept: its detail may quote data.
 */
import { isStorageFailure, type StorageFailure, storageFailure } from "@yingshao/ports/storage"

/** @param where what was being done, for staff. */
export const postgresFailure = (error: unknown, where: string): StorageFailure => {
  if (isStorageFailure(error)) return error
  const { code = "", message = "unknown error", severity } = asError(error)
  const reason = reasons[code] ?? "unavailable"
  const said = newerRelease.has(code) ? `${message}; use a newer release of yingshao` : message
  return Object.assign(
    storageFailure(
      reason,
      severity === "ERROR" || isUndone(code) ? "unchanged" : "unknown",
      `${where}: ${said} (${code || "no code"})`,
    ),
    { sqlState: code },
  )
}

/** The transaction lost against another one and may simply be tried again: serialization failure, deadlock. */
export const mayBeRetried = (failure: StorageFailure): boolean => {
  const code = "sqlState" in failure ? failure.sqlState : undefined
  return code === "40001" || code === "40P01"
}

// internal

const reasons: { readonly [code: string]: StorageFailure["reason"] } = {
  "40001": "busy",
  "40P01": "busy",
  "55P03": "busy",
  "57014": "busy",
  "53300": "busy",
  "53100": "full",
  XX001: "corrupt",
  XX002: "corrupt",
  YS001: "newer-schema",
  "42883": "newer-schema",
}

/** A function that another release replaced or dropped. */
const newerRelease = new Set(["YS001", "42883"])

/**
 * Classes of SQLSTATE that end a statement and leave the connection: what was sent is undone, also where the
 * server says ERROR in another language. Not among them: 08 (connection), 53 (out of something, perhaps while committing), 57P (going down), 58 and XX (system).
 */
const isUndone = (code: string): boolean =>
  /^(0A|21|22|23|25|26|2D|2F|34|38|39|3[BDF]|40|42|44|54|55|P0|YS)/.test(code) || code === "57014"

interface ServerError {
  readonly code?: string
  readonly message?: string
  readonly severity?: string
}

const asError = (error: unknown): ServerError => (typeof error === "object" && error !== null ? error : {})
