/**
 * The head rows of the programmes within one transaction: read once, moved in memory by each commit, written
 * once before the COMMIT.
 *
 * They are read inside `BEGIN IMMEDIATE`, so that no other process moves them meanwhile, and forgotten at the
 * end of every transaction.
 */
import type { DatabaseSync } from "node:sqlite"
import { firstHash } from "@yingshao/ports/journal-chain"

export interface HeadRow {
  readonly id: number
  number: number
  hash: string
  /** Outbox rows delivered so far. */
  delivered: number
  changed: boolean
}

export interface Heads {
  /** Inside a transaction: the head of a programme, its row created when missing. */
  of(programme: string): HeadRow
  /** Writes what changed. */
  flush(): void
  forget(): void
  /** Outside a transaction: the stored head, or `undefined` for a programme never written to. */
  stored(programme: string): HeadRow | undefined
}

export const heads = (database: DatabaseSync): Heads => {
  const select = database.prepare("SELECT id, number, hash, delivered FROM programme WHERE name = ?")
  select.setReturnArrays(true)
  const insert = database.prepare("INSERT INTO programme (name, number, hash, delivered) VALUES (?, 0, ?, 0)")
  const update = database.prepare("UPDATE programme SET number = ?, hash = ?, delivered = ? WHERE id = ?")
  const open = new Map<string, HeadRow>()

  const stored = (programme: string): HeadRow | undefined => {
    const row = select.get(programme) as unknown as readonly [number, number, string, number] | undefined
    if (row === undefined) return undefined
    const [id, number, hash, delivered] = row
    return { id, number, hash, delivered, changed: false }
  }

  const created = (programme: string): HeadRow => {
    const id = Number(insert.run(programme, firstHash).lastInsertRowid)
    return { id, number: 0, hash: firstHash, delivered: 0, changed: false }
  }

  return {
    stored,
    of: (programme) => {
      const known = open.get(programme) ?? stored(programme) ?? created(programme)
      open.set(programme, known)
      return known
    },
    flush: () => {
      for (const head of open.values()) {
        if (head.changed) update.run(head.number, head.hash, head.delivered, head.id)
      }
    },
    forget: () => open.clear(),
  }
}

// internal

/**
 * Journal rows have one integer key over all programmes: 2³⁶ records for each of 2¹⁷ programmes, all of them
 * safe integers.
 */
const recordsPerProgramme = 2 ** 36

export const journalPlace = (programme: number, number: number): number =>
  programme * recordsPerProgramme + number

export const journalNumber = (place: number): number => place % recordsPerProgramme
