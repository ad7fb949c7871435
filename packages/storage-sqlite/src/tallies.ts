/**
 * Tallies within one transaction: read once, added up in memory, written once before the COMMIT, however many
 * commands add to them.
 *
 * Like the head rows they are read inside `BEGIN IMMEDIATE` and forgotten at the end of every transaction.
 * What it does not do: it answers no reader; those read the table.
 */
import type { DatabaseSync } from "node:sqlite"

export interface Tallies {
  /** Inside a transaction: the value as this transaction sees it; 0 where there is none. */
  valueOf(programme: number, key: string): number
  set(programme: number, key: string, value: number): void
  /** Writes what was set. */
  flush(): void
  forget(): void
}

export const talliesOf = (database: DatabaseSync): Tallies => {
  const select = database.prepare("SELECT value FROM tally WHERE programme = ? AND key = ?")
  select.setReturnArrays(true)
  const write = database.prepare(
    `INSERT INTO tally (programme, key, value) VALUES (?, ?, ?)
     ON CONFLICT (programme, key) DO UPDATE SET value = excluded.value`,
  )
  const open = new Map<number, Map<string, Kept>>()

  const keep = (programme: number, key: string, kept: Kept): void => {
    const keys = open.get(programme)
    if (keys === undefined) open.set(programme, new Map([[key, kept]]))
    else keys.set(key, kept)
  }

  return {
    valueOf: (programme, key) => {
      const known = open.get(programme)?.get(key)
      if (known !== undefined) return known.value
      const row = select.get(programme, key) as unknown as readonly [number] | undefined
      const value = row?.[0] ?? 0
      keep(programme, key, { value, changed: false })
      return value
    },
    set: (programme, key, value) => keep(programme, key, { value, changed: true }),
    flush: () => {
      for (const [programme, keys] of open) {
        for (const [key, { value, changed }] of keys) if (changed) write.run(programme, key, value)
      }
    },
    forget: () => open.clear(),
  }
}

// internal

interface Kept {
  readonly value: number
  readonly changed: boolean
}
