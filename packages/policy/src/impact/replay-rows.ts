/**
 * Rows of one head replayed under two policies; rows that are alike but for date and person are decided once.
 *
 * What it does not do: it repeats no cell in what it refuses, and it remembers no person.
 */
import type { CompiledPolicy } from "../compile.ts"
import type { Bilingual } from "../finding.ts"
import { isFactColumn, type PastCase, pastCaseReader } from "./read-past-case.ts"
import { type ReplayedCase, replayCase } from "./replay.ts"

/** Where a row of this head has its date, its person and its facts. */
export interface RowHead {
  readonly columns: readonly string[]
  readonly date: string
  /** Column of a handle that counts people. */
  readonly person?: string
}

export type ReplayedRow =
  | { readonly ok: true; readonly past: PastCase; readonly replayed: ReplayedCase }
  | { readonly ok: false; readonly why: Bilingual }

/** Distinct cases that are remembered at most. */
export const mostRemembered = 200_000

/**
 * @param rest what a fact is that has no column.
 * @example rowReplayer(before, after, "unknown")({ columns: ["日期", "首报"], date: "日期" })(["2026-03-01", "是"])
 *   // => { ok: true, past: { date: "2026-03-01", … }, replayed: { effect: "cannot-tell", … } }
 */
export const rowReplayer = (before: CompiledPolicy, after: CompiledPolicy, rest: "unknown" | "typical") => {
  const read = pastCaseReader(before, after, rest)
  return ({ columns, date: dateColumn, person: personColumn }: RowHead) => {
    const dateAt = columns.indexOf(dateColumn)
    const personAt = personColumn === undefined ? -1 : columns.indexOf(personColumn)
    const factColumns = columns.flatMap((name, at) =>
      at !== dateAt && at !== personAt && (isFactColumn(before, name) || isFactColumn(after, name))
        ? [{ name, at }]
        : [],
    )
    const remembered = rowMemory(factColumns.map(({ at }) => at))

    const decide = (fields: readonly string[], date: string): ReplayedRow => {
      const cells = Object.fromEntries(factColumns.map(({ name, at }) => [name, fields[at] ?? ""]))
      const found = read({ date, cells })
      if (!found.ok) return found
      const replayed = replayCase(before, after, found.past)
      return replayed.ok ? { ok: true, past: found.past, replayed } : replayed
    }
    const dates = new Map<string, boolean>()
    const isDate = (date: string): boolean => {
      const found = dates.get(date) ?? read({ date, cells: {} }).ok
      dates.set(date, found)
      return found
    }
    return (fields: readonly string[]): ReplayedRow => {
      const date = (fields[dateAt] ?? "").trim()
      // A date that cannot be read is refused by the reader, in its own words.
      if (!isDate(date)) return decide(fields, date)
      const place = remembered.placeOf(fields)
      const row = place?.row ?? decide(fields, date)
      if (place !== undefined && place.row === undefined) remembered.keep(place, row)
      if (!row.ok) return row
      const person = personAt < 0 ? "" : (fields[personAt] ?? "").trim()
      const { before: old, after: now } = row.past
      const past =
        person === "" ? { date, before: old, after: now } : { date, person, before: old, after: now }
      return { ok: true, past, replayed: row.replayed }
    }
  }
}

// internal

/** Codes of seven cells fit into one whole number. */
const cellsInNumber = 7
const mostCodes = 128

interface Place {
  row?: ReplayedRow | undefined
}

/** Rows by the cells at some places: a cell is looked up once by its text, the rest are numbers. */
const rowMemory = (places: readonly number[]) => {
  const codes = places.map(() => new Map<string, number>())
  const root = new Map<number, unknown>()
  let kept = 0
  const codeOf = (cell: string, column: number): number | undefined => {
    const known = codes[column]
    const code = known?.get(cell)
    if (code !== undefined || known === undefined || known.size >= mostCodes) return code
    known.set(cell, known.size)
    return known.size - 1
  }
  return {
    /** Undefined for a cell with too many different texts. */
    placeOf(fields: readonly string[]): Place | undefined {
      let level = root
      let number = 0
      for (let column = 0; column < places.length; column += 1) {
        const code = codeOf(fields[places[column] ?? -1] ?? "", column)
        if (code === undefined) return undefined
        number = number * mostCodes + code
        if ((column + 1) % cellsInNumber !== 0) continue
        const next = (level.get(number) ?? new Map()) as Map<number, unknown>
        level.set(number, next)
        level = next
        number = 0
      }
      const place = (level.get(number) ?? {}) as Place
      level.set(number, place)
      return place
    },
    keep(place: Place, row: ReplayedRow): void {
      if (kept >= mostRemembered) return
      kept += 1
      place.row = row
    },
  }
}
