/**
 * What people were told on their page, in a file of its own, sealed under the same keys as their names.
 *
 * A notice is durable before it counts as delivered, stands there once however often it is delivered, and goes
 * with the person who is erased: the key first, so that an older copy of the file says nothing either.
 *
 * What it does not do: it keeps no more than the newest of each person; that something was told is in the
 * journal's outbox.
 */
import type { DatabaseSync } from "node:sqlite"
import { noSeals, type PersonSeals } from "../identity/person-seals.ts"
import { bytesIn, inBatches, openSealedFile, whole, wiped } from "../identity/sealed-file.ts"

export interface NoticeText {
  /** When it came, ISO UTC. */
  readonly at: string
  readonly title: string
  readonly lines: readonly string[]
  readonly urgent: boolean
}

export interface NoticeBook {
  /**
   * Keeps a notice; one that is there already stays as it is. Resolves when it is durable.
   *
   * @returns `erased` when the person was, and nothing is kept.
   */
  keep(handle: string, deliveryId: string, notice: NoticeText): Promise<"kept" | "erased">
  /** Newest first: at most `limit` of those before a number, or the newest. */
  page(
    handle: string,
    wanted: { readonly before?: number | undefined; readonly limit: number },
  ): readonly (NoticeText & { readonly number: number })[]
  close(): void
}

/** Of each person; what is older is forgotten. */
export const mostOfOne = 500

/** @throws Error when the file does not open. */
export const noticeFile = (programme: string, file: string, seals: PersonSeals): NoticeBook => {
  const database = openSealedFile(file, schema)
  forgetErased(database, programme, seals)
  seals.onErased((of, person) => {
    if (of === programme) forget(database, programme, person)
  })
  const shelf = { database, programme, seals }
  const keep = inBatches<Told>((some) => write(shelf, some))
  return {
    async keep(handle, deliveryId, notice) {
      // Also for whoever is erased while this one waits.
      if (seals.toSeal(programme, handle) === undefined) return "erased"
      await keep({ handle, deliveryId, notice })
      return "kept"
    },
    page(handle, { before, limit }) {
      const person = seals.known(programme, handle)
      if (person === undefined) return []
      const rows = database.prepare(sql.page).all(programme, person, before ?? Number.MAX_SAFE_INTEGER, limit)
      return rows.flatMap((row) => {
        const sealed = bytesIn(row, "sealed")
        const text = sealed === undefined ? undefined : seals.unseal(programme, person, about, sealed)
        return text === undefined ? [] : [{ ...(JSON.parse(text) as NoticeText), number: Number(row.number) }]
      })
    },
    close: () => database.close(),
  }
}

/** The same in memory, for tests and for a server that keeps nothing. */
export const noticesInMemory = (): NoticeBook => noticeFile("", ":memory:", noSeals())

// internal

interface Told {
  readonly handle: string
  readonly deliveryId: string
  readonly notice: NoticeText
}

interface Shelf {
  readonly database: DatabaseSync
  readonly programme: string
  readonly seals: PersonSeals
}

const about = "notice"

const schema = `
  CREATE TABLE IF NOT EXISTS notice (programme TEXT, person TEXT, number INTEGER, delivery TEXT NOT NULL,
    sealed BLOB NOT NULL, PRIMARY KEY (programme, person, number)) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX IF NOT EXISTS notice_once ON notice (programme, person, delivery);`

const sql = {
  keep: `INSERT INTO notice (programme, person, number, delivery, sealed)
    SELECT :programme, :person, coalesce(max(number), 0) + 1, :delivery, :sealed
    FROM notice WHERE programme = :programme AND person = :person ON CONFLICT DO NOTHING`,
  prune: `DELETE FROM notice WHERE programme = :programme AND person = :person AND number <=
    (SELECT max(number) FROM notice WHERE programme = :programme AND person = :person) - :most`,
  page: `SELECT number, sealed FROM notice WHERE programme = ? AND person = ? AND number < ?
    ORDER BY number DESC LIMIT ?`,
  people: "SELECT DISTINCT person FROM notice WHERE programme = ?",
  forget: "DELETE FROM notice WHERE programme = ? AND person = ?",
}

const write = ({ database, programme, seals }: Shelf, some: readonly Told[]): void =>
  whole(database, () => {
    for (const { handle, deliveryId, notice } of some) {
      const person = seals.toSeal(programme, handle)
      if (person === undefined) continue
      const sealed = seals.seal(programme, person, about, JSON.stringify(notice))
      database.prepare(sql.keep).run({ programme, person, delivery: deliveryId, sealed })
      database.prepare(sql.prune).run({ programme, person, most: mostOfOne })
    }
  })

const forget = (database: DatabaseSync, programme: string, person: string): void => {
  database.prepare(sql.forget).run(programme, person)
  wiped(database)
}

/** A copy of the file that is older than an erasure has notices that nobody can read: they go. */
const forgetErased = (database: DatabaseSync, programme: string, seals: PersonSeals): void => {
  for (const { person } of database.prepare(sql.people).all(programme)) {
    if (seals.isErased(programme, String(person))) forget(database, programme, String(person))
  }
}
