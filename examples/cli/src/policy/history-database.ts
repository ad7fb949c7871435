/**
 * A history of reports from the program's own database: what is known of each report now, as facts by their keys.
 *
 * In the order of acceptance, so that *which report of the month* can be counted as core does: by awards of the person
 * who stands first. A reporter's standing is the one at acceptance. What it does not do: it reads no words and no
 * place, and a report that nobody has looked at has no facts.
 */
import { open } from "node:fs/promises"
import type { Facts } from "@yingshao/core/decisions"
import type { Queries } from "@yingshao/engine/queries"
import { withProgramme } from "../store/recorded-programme.ts"
import type { HistoryBatch } from "./history-file.ts"

/** Columns of the date and of the handle; the others are keys of facts. */
export const databaseColumns = { date: "日期", person: "人员" } as const

/** Is this a database and no list of rows? A file is, by its first bytes; an address of PostgreSQL is. */
export const isDatabase = async (history: string): Promise<boolean> => {
  if (/^postgres(ql)?:\/\//.test(history)) return true
  try {
    const file = await open(history, "r")
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0)
      return bytesRead === 16 && buffer.toString("latin1") === "SQLite format 3\0"
    } finally {
      await file.close()
    }
  } catch {
    return false
  }
}

/** @param programme the newest when left out. @throws CliFailure when there is no such database or programme. */
export const databaseRows = async (
  database: string,
  programme: string | undefined,
): Promise<readonly HistoryBatch[]> => {
  let batch: HistoryBatch = { columns: [], rows: [] }
  await withProgramme({ database, programme }, async ({ yingshao, policy }) => {
    batch = await rowsOf(yingshao.queries, policy.levels[0] ?? "")
    return 0
  })
  return [batch]
}

// internal

const factKeys = [
  ...["category", "danger", "ongoing", "affected", "currentClass", "highestConfirmedClass", "trigger"],
  ...["verdict", "level", "first", "reporter", "negative", "value", "difficulty", "nth"],
] as const satisfies readonly (keyof Facts)[]

type Known = Partial<Record<keyof Facts, string | number>>

interface Past {
  readonly at: string
  readonly date: string
  readonly person: string
  readonly earned: boolean
  readonly facts: Known
}

const ranks = { first: "yes", later: "no", undecided: "unknown" } as const

/** @param lowest the level that means: not verified. */
const rowsOf = async (queries: Queries, lowest: string): Promise<HistoryBatch> => {
  const rewards = new Map<string, { readonly known: Known; readonly earned: boolean }>()
  for await (const { id, state } of queries.readAll("reward")) {
    if (state.status === "none") continue
    const { highestConfirmedClass, verdict, level, grading, award } = state
    const known = { highestConfirmedClass, verdict, level, ...grading }
    rewards.set(id, { known: withoutUnknown(known), earned: award !== undefined })
  }
  const reports: Past[] = []
  for await (const { id, state } of queries.readAll("report")) {
    if (state.status === "none") continue
    const [first] = state.reporters
    const shared = { at: state.acceptedAt, date: state.acceptedOn, person: first?.person ?? "" }
    const reporter = first?.standing ?? "anonymous"
    if (state.status === "new") {
      reports.push({ ...shared, earned: false, facts: { currentClass: "new", trigger: "none", reporter } })
      continue
    }
    const reward = rewards.get(id)
    const settled = { ...state.facts, negative: state.negative, first: ranks[state.rank] }
    const stands = { currentClass: state.class, trigger: "none", reporter }
    const facts = { level: lowest, ...reward?.known, ...settled, ...stands }
    reports.push({ ...shared, earned: reward?.earned ?? false, facts })
  }
  return batchOf(reports.sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0)))
}

const withoutUnknown = (known: { readonly [key: string]: string | undefined }): Known =>
  Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined))

const batchOf = (reports: readonly Past[]): HistoryBatch => {
  const awards = new Map<string, number>()
  const rows = reports.map(({ date, person, earned, facts }, at) => {
    const month = `${person} ${date.slice(0, 7)}`
    const nth = Math.min(1000, 1 + (awards.get(month) ?? 0))
    if (earned) awards.set(month, nth)
    const known: Known = person === "" ? facts : { ...facts, nth }
    return { line: at + 1, fields: [date, person, ...factKeys.map((key) => String(known[key] ?? ""))] }
  })
  return { columns: [databaseColumns.date, databaseColumns.person, ...factKeys], rows }
}
