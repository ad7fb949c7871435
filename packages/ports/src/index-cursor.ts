/**
 * The cursor of an index page: the place of its last row, packed so that it passes through a URL.
 *
 * It is no secret and carries no signature: whoever hands one in may start a page anywhere, and sees nothing
 * that the query without a cursor would not give. Anything malformed is refused.
 */
import { storageFailure } from "./storage.ts"

export interface IndexPlace {
  readonly range: string
  readonly stream: string
  readonly equals: string
}

/** @example encodeCursor({ range: "a", stream: "b", equals: "c" }) // => "WyJhIiwiYiIsImMiXQ" */
export const encodeCursor = ({ range, stream, equals }: IndexPlace): string =>
  Buffer.from(JSON.stringify([range, stream, equals])).toString("base64url")

/** @throws StorageFailure `invalid` for anything that `encodeCursor` did not make. */
export const decodeCursor = (cursor: string): IndexPlace => {
  const place = parsed(cursor)
  if (place === undefined) throw storageFailure("invalid", "unchanged", "storage: cursor is malformed")
  return place
}

// internal

/** Three keys of 200 bytes, each byte escaped as `\u0000` at worst, in base64. */
const longestCursor = 5_000

const parsed = (cursor: string): IndexPlace | undefined => {
  if (typeof cursor !== "string" || cursor.length > longestCursor) return undefined
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(cursor, "base64url").toString())
  } catch {
    return undefined
  }
  if (!Array.isArray(value) || value.length !== 3) return undefined
  const [range, stream, equals] = value as readonly unknown[]
  if (typeof range !== "string" || typeof stream !== "string" || typeof equals !== "string") return undefined
  if (![range, stream, equals].every((one) => one.isWellFormed() && !one.includes("\0"))) return undefined
  return { range, stream, equals }
}
