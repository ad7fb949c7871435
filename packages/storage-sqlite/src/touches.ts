/**
 * Which journal records touched a stream.
 *
 * The newest numbers stand in the stream's own row, which every append writes in any case; when that text is
 * full it moves to one row of `touched`. So a stream's history costs no row a command, and one in thirty.
 * What it does not do: it does not read the records.
 */
import type { DatabaseSync } from "node:sqlite"

export interface Touches {
  /**
   * @param recent the text in the stream's row.
   * @returns the text that belongs there now.
   */
  add(streamId: number, recent: string, number: number): string
  /** Numbers above `after`, oldest first. */
  page(programme: number, stream: string, after: number, limit: number): readonly number[]
}

export const touchesOf = (database: DatabaseSync): Touches => {
  const insert = database.prepare("INSERT INTO touched (stream, last, numbers) VALUES (?, ?, ?)")
  const row = database.prepare("SELECT id, recent FROM stream WHERE programme = ? AND name = ?")
  row.setReturnArrays(true)
  const older = database.prepare("SELECT numbers FROM touched WHERE stream = ? AND last > ? ORDER BY last")
  older.setReturnArrays(true)

  return {
    add: (streamId, recent, number) => {
      if (recent === "") return `${number}`
      if (recent.length < mostCharacters) return `${recent},${number}`
      insert.run(streamId, Number(recent.slice(recent.lastIndexOf(",") + 1)), recent)
      return `${number}`
    },
    page: (programme, stream, after, limit) => {
      const found = row.get(programme, stream) as unknown as readonly [number, string] | undefined
      if (found === undefined) return []
      const [id, recent] = found
      const numbers: number[] = []
      const take = (text: string): void => {
        for (const part of text.split(",")) {
          const number = Number(part)
          if (number > after && numbers.length < limit) numbers.push(number)
        }
      }
      for (const block of older.iterate(id, after)) {
        take((block as unknown as readonly [string])[0])
        if (numbers.length >= limit) return numbers
      }
      take(recent)
      return numbers
    },
  }
}

// internal

/** About thirty numbers of a programme with ten million records. */
const mostCharacters = 240
