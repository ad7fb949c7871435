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
  const sides = [columnsOf(before), columnsOf(after)] as const
  const typical = [typicalFacts(before, rest), typicalFacts(after, rest)] as const
  const isDate = remembering(isCivilDate)
  return ({ date, person, cells }) => {
    if (!isDate(date)) return refused("日期要写成 2026-03-01 这样", "the date must be like 2026-03-01")
    const facts = [{ ...typical[0] }, { ...typical[1] }] as const
    for (const column in cells) {
      const cell = cells[column] ?? ""
      for (const at of [0, 1] as const) {
        const found = sides[at].get(column)
        if (found === undefined) continue
        const value = found.asFact(cell)
        if (value === unreadable) {
          return refused(`“${column}”的取值读不懂`, `the value of "${column}" is not known`)
        }
        const into: { [fact: string]: string | number | undefined } = facts[at]
        into[found.fact] = value
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

/** What is remembered at most of one column: numbers can be many, words are few. */
const mostRemembered = 10_000

/** A function of a text that keeps its answers. */
const remembering = <T>(find: (text: string) => T): ((text: string) => T) => {
  const known = new Map<string, T>()
  return (text) => {
    const answer = known.get(text)
    if (answer !== undefined || known.has(text)) return answer as T
    const found = find(text)
    if (known.size < mostRemembered) known.set(text, found)
    return found
  }
}

const unreadable = Symbol("unreadable")

interface Column {
  readonly fact: FactKey
  /** Undefined where the cell says that nobody knows. */
  readonly asFact: (cell: string) => string | number | undefined | typeof unreadable
}

/** The facts of a policy by name and by key. */
const columnsOf = (policy: CompiledPolicy): ReadonlyMap<string, Column> =>
  new Map(
    policy.resolved.variables.flatMap(({ name, fact }) => {
      const asFact = remembering((cell) => valueIn(policy, fact, cell.trim()))
      return [name, fact].map((column): [string, Column] => [column, { fact, asFact }])
    }),
  )

const valueIn = (
  policy: CompiledPolicy,
  fact: FactKey,
  word: string,
): string | number | undefined | typeof unreadable => {
  // A fact that may not stay unknown waits too, like one that was never told.
  if (["", "未知", "unknown"].includes(word)) return undefined
  const read = readFacts(policy, [{ name: fact, value: word }], "unknown")
  return read.ok ? Object.values(read.facts)[0] : unreadable
}
