/**
 * Entries that leave their journal rows for a sealed file: first the place is written down, then rows are emptied
 * some at a time, so that commands wait for none of it long.
 *
 * How far that has come stands in the database, so a call that was cut off goes on where it stood, in this process
 * or another. What it does not do: it gives no room back to the disk; vacuum makes it free for other rows.
 */
import { type Archiving, storageFailure } from "@yingshao/ports/storage"
import { checkPlace } from "@yingshao/ports/storage-limits"
import type { PostgresAnswer, Statement } from "./postgres-pool.ts"
import type { Statements } from "./statements.ts"

/** What it needs of the store. */
export interface ArchivedIn {
  readonly sql: Statements
  /** Throws for a name that is none, and when the store is closed. */
  readonly check: (programme: string) => void
  readonly isClosed: () => boolean
  readonly read: (statement: Statement, values: unknown[]) => Promise<PostgresAnswer["rows"]>
  /** A write of one programme in its turn; the values behind the programme. */
  readonly write: (
    programme: string,
    statement: Statement,
    values: unknown[],
  ) => Promise<PostgresAnswer["rows"]>
  /** For messages. */
  readonly where: string
}

export const archivingIn = ({ sql, check, isClosed, read, write, where }: ArchivedIn): Archiving => ({
  archivedTo: async (name) => {
    check(name)
    return Number((await read(sql.archivedTo, [name]))[0]?.[0] ?? 0)
  },
  archive: async (name, upTo) => {
    check(name)
    checkPlace(upTo)
    const place = { number: upTo.number, hash: upTo.hash }
    const [row] = await write(name, sql.noteArchived, [place.number, place.hash])
    const to = Number(row?.[0] ?? 0)
    if (to < place.number) return to
    for (let emptied = Number(row?.[1]); emptied < to; ) {
      if (isClosed()) {
        throw storageFailure(
          "closed",
          "unknown",
          `${where}: closed while entries were leaving; archive again`,
        )
      }
      const reached = Number((await write(name, sql.emptyArchived, [rowsAtOnce]))[0]?.[0])
      if (!(reached > emptied)) throw storageFailure("corrupt", "unknown", `${where}: no entry leaves`)
      emptied = reached
    }
    return to
  },
})

// internal

const rowsAtOnce = 500
