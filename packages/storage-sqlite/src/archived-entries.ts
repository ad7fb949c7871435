/**
 * Entries that leave their journal rows for a sealed file: first the place is written down, then rows are emptied
 * some at a time, so that commands wait for none of it long.
 *
 * A trigger lets nothing else of a row change, and nothing before its place is written down. It does not see the
 * file: whoever calls has it on the disk already.
 */
import type { DatabaseSync } from "node:sqlite"
import type { Archiving } from "@yingshao/ports/storage"
import { checkPlace } from "@yingshao/ports/storage-limits"
import type { GroupCommit } from "./group-commit.ts"
import { type Heads, journalPlace } from "./heads.ts"

export const archivingOn = (
  database: DatabaseSync,
  store: {
    readonly check: (programme: string) => void
    readonly readingIn: <A>(programme: string, none: A, work: (id: number) => A) => A
    readonly rows: Heads
    readonly write: GroupCommit["write"]
  },
): Archiving => {
  const statement = (text: string) => {
    const made = database.prepare(text)
    made.setReturnArrays(true)
    return made
  }
  const stands = statement("SELECT number FROM archived WHERE programme = ?")
  const hash = statement("SELECT hash FROM journal WHERE place = ?")
  const note = statement(
    `INSERT INTO archived (programme, number, hash) VALUES (?, ?, ?)
     ON CONFLICT (programme) DO UPDATE SET number = excluded.number, hash = excluded.hash
     WHERE excluded.number > number`,
  )
  const empty = statement("UPDATE journal SET entry = '' WHERE place > ? AND place <= ? AND entry <> ''")

  const isEmpty = statement("SELECT entry = '' FROM journal WHERE place = ?")

  /** The last number up to which every row is empty: all who empty rows begin with the oldest. */
  const emptiedTo = (id: number, upTo: number): number => {
    let [empty, beyond] = [0, upTo + 1]
    while (beyond - empty > 1) {
      const middle = Math.floor((empty + beyond) / 2)
      const row = isEmpty.get(journalPlace(id, middle)) as unknown as readonly [number] | undefined
      if (row?.[0] === 1) empty = middle
      else beyond = middle
    }
    return empty
  }

  const archivedTo = (id: number): number =>
    (stands.get(id) as unknown as readonly [number] | undefined)?.[0] ?? 0

  return {
    archivedTo: async (name) => {
      store.check(name)
      return store.readingIn(name, 0, archivedTo)
    },
    archive: async (name, upTo) => {
      store.check(name)
      checkPlace(upTo)
      const place = { number: upTo.number, hash: upTo.hash }
      const [id, to] = await store.write(0, () => {
        const { id: programme } = store.rows.of(name)
        const [known] = (hash.get(journalPlace(programme, place.number)) ??
          []) as unknown as readonly string[]
        if (known === place.hash) note.run(programme, place.number, place.hash)
        return [programme, archivedTo(programme)] as const
      })
      if (to < place.number) return to
      for (let number = emptiedTo(id, place.number); number < place.number; number += rowsAtOnce) {
        const last = Math.min(number + rowsAtOnce, place.number)
        await store.write(0, () => empty.run(journalPlace(id, number), journalPlace(id, last)))
      }
      return to
    },
  }
}

// internal

const rowsAtOnce = 500
