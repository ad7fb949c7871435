/**
 * One row of a history as facts for two policies: columns are facts by name or by key, cells are words or keys.
 *
 * An empty cell is unknown. What it does not do: it repeats no cell in what it refuses, because a cell that cannot be
 * read may hold a name.
 */
import type { FactKey, Facts } from "@yingshao/core/decisions"
import type { CompiledPolicy } from "../compile.ts"
import { readFacts } from "../explain/decide-case.ts"
import type { Bilingual } from "../finding.ts"

/** A row as it stands in the file: the civil date of the report, who reported, and the cells by column. */
export interface PastRow {
  readonly date: string
  /** Counts people, and is never given out. */
  readonly person?: string
  readonly cells: Readonly<Record<string, string>>
}

/** A row that both policies can be asked about. */
export interface PastCase {
  readonly date: string
  readonly person?: string
  readonly before: Partial<Facts>
  readonly after: Partial<Facts>
}

export type ReadPastCase =
  | { readonly ok: true; readonly past: PastCase }
  | { readonly ok: false; readonly why: Bilingual }

/**
 * Reads rows one after the other; every distinct cell is looked up once.
 *
 * @param rest what a fact is for which there is no cell at all.
 * @example pastCaseReader(before, after, "unknown")({ date: "2026-03-01", cells: { 首报: "是" } })
 *   // => { ok: true, past: { date: "2026-03-01", before: { first: "yes" }, after: { first: "yes" } } }
 */
export const pastCaseReader = (
  before: CompiledPolicy,
  after: CompiledPolicy,
  rest: "unknown" | "typical",
): ((row: PastRow) => ReadPastCase) => {
  const sides = [cellReader(before), cellReader(after)] as const
  const typical = [typicalFacts(before, rest), typicalFacts(after, rest)] as const
  return ({ date, person, cells }) => {
    if (!isCivilDate(date)) return refused("日期要写成 2026-03-01 这样", "the date must be like 2026-03-01")
    const facts = [{ ...typical[0] }, { ...typical[1] }] as const
    for (const [column, cell] of Object.entries(cells)) {
      const word = cell.trim() === "" ? "未知" : cell.trim()
      for (const [at, side] of sides.entries()) {
        const fact = side.factOf(column)
        if (fact === undefined) continue
        const value = side.valueOf(column, word)
        // An empty cell of a fact that may not stay unknown waits, like one that was never told.
        if (value === undefined && word !== "未知") {
          return refused(`“${column}”的取值读不懂`, `the value of "${column}" is not known`)
        }
        Object.assign(facts[at] ?? {}, { [fact]: value })
      }
    }
    const shared = { date, before: facts[0], after: facts[1] }
    return { ok: true, past: person === undefined || person === "" ? shared : { ...shared, person } }
  }
}

/** Is this column a fact of the policy, by its name or its key? */
export const isFactColumn = (policy: CompiledPolicy, column: string): boolean =>
  policy.resolved.variables.some(({ name, fact }) => name === column || fact === column)

// internal

const refused = (zh: string, en: string): ReadPastCase => ({ ok: false, why: { zh, en } })

const isCivilDate = (text: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const ms = Date.parse(`${text}T00:00:00Z`)
  return Number.isFinite(ms) && new Date(ms).toISOString().startsWith(text)
}

const typicalFacts = (policy: CompiledPolicy, rest: "unknown" | "typical"): Partial<Facts> => {
  const read = readFacts(policy, [], rest)
  return read.ok ? read.facts : {}
}

/** Cells that are remembered for each side: numbers are many, words are few. */
const mostRemembered = 100_000

const cellReader = (policy: CompiledPolicy) => {
  const facts = new Map<string, FactKey>(
    policy.resolved.variables.flatMap(({ name, fact }) => [
      [name, fact],
      [fact, fact],
    ]),
  )
  const known = new Map<string, string | number | undefined>()
  const look = (column: string, word: string): string | number | undefined => {
    const read = readFacts(policy, [{ name: column, value: word }], "unknown")
    return read.ok ? Object.values(read.facts)[0] : undefined
  }
  return {
    factOf: (column: string) => facts.get(column),
    valueOf: (column: string, word: string) => {
      const key = `${column}\n${word}`
      if (known.has(key)) return known.get(key)
      const value = look(column, word)
      if (known.size < mostRemembered) known.set(key, value)
      return value
    },
  }
}
