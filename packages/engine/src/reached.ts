/**
 * Who of several people of one notice has been reached, carried in the row's note from attempt to attempt.
 *
 * It stands in the store with the settlement of the attempt, so another relay or the same one after a restart
 * tells nobody twice, and a row that was given up and put back tells only those who are missing. Between a send
 * and its settlement a crash may still tell somebody twice, under the same delivery id.
 *
 * What it does not do: it names nobody. A mark is a hash over the row and the person, as in the delivery's id.
 */
import { sha256 } from "./canonical.ts"

/** Eight hexadecimal digits for one person of one row. */
export const reachedMark = (row: string, person: string): string => sha256(`${row}\n${person}`).slice(0, 8)

/** The marks in a note. @example reachedIn("app: unreachable · told: 0a1b2c3d") // => Set { "0a1b2c3d" } */
export const reachedIn = (note: string): ReadonlySet<string> => {
  const found = /· told:((?: [0-9a-f]{8})+)$/.exec(note)
  return new Set(found?.[1]?.trim().split(" "))
}

/** The note with the marks behind it; of more than `mostMarks` the rest may be told once more. */
export const withReached = (note: string, marks: ReadonlySet<string>): string => {
  const own = note.replaceAll("·", " ")
  return marks.size === 0 ? own : `${own} · told: ${[...marks].slice(0, mostMarks).join(" ")}`
}

// internal

/** What fits into a note with its own words, in any store. */
const mostMarks = 250
