/**
 * `yingshao policy impact`: a history replayed under two policies: who would have got less or more, and what a year
 * may cost.
 */
import { writeFileSync } from "node:fs"
import type { FactKey } from "@yingshao/core/decisions"
import type { CompiledPolicy } from "@yingshao/policy"
import { budgetSource } from "@yingshao/policy/impact/budget"
import { impactCsv, impactMemo } from "@yingshao/policy/impact/memo"
import { isFactColumn } from "@yingshao/policy/impact/read-past-case"
import { tallying } from "@yingshao/policy/impact/replay"
import { type RowHead, rowReplayer } from "@yingshao/policy/impact/replay-rows"
import { type Impact, impactTables, type RefusedRow } from "@yingshao/policy/impact/tables"
import { databaseColumns, databaseRows, isDatabase } from "../policy/history-database.ts"
import { type HistoryBatch, historyRows } from "../policy/history-file.ts"
import { openSound } from "../policy/open-sound.ts"
import { CliFailure } from "../terminal/failure.ts"
import { text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"

export interface ImpactOptions {
  /** A file of rows, or a database of this program. */
  readonly history: string
  /** Which day of a database; the newest when left out. */
  readonly programme?: string
  /** Column of the civil date. */
  readonly date: string
  /** Column of a handle that counts people. */
  readonly person?: string
  /** Fact by which reports are grouped, by name or key. */
  readonly by: string
  /** Facts without a column are typical instead of unknown. */
  readonly typical?: boolean
  readonly growth: number
  readonly years: number
  readonly seed: number
  /** Where the memo goes; standard output when left out. */
  readonly memo?: string
  readonly csv?: string
  /** Where the chart goes. */
  readonly chart?: string
}

/** @returns 0, or 1 when rows were refused; what could be read is told all the same. */
export const policyImpact = async (
  before: string,
  after: string,
  options: ImpactOptions,
  out: Output,
): Promise<number> => {
  const impact = await replayed(openSound(before), openSound(after), options, out)
  if (options.chart !== undefined) {
    const { impactChart } = await import("@yingshao/policy/impact/chart")
    write(options.chart, impactChart(impact, out.language))
  }
  if (options.csv !== undefined) write(options.csv, impactCsv(impact))
  if (options.memo !== undefined) write(options.memo, impactMemo(impact))
  if (out.json) {
    const { received, refused, columnsNotUsed, takenAsTypical, budget } = impact
    const tables = impactTables(impact)
    out.line(
      JSON.stringify({ received, refused, columnsNotUsed, takenAsTypical, tables, budget }, undefined, 2),
    )
  } else if (options.memo === undefined) out.line(impactMemo(impact).trimEnd())
  else {
    const taken = impact.received - impact.refused.length
    out.paragraph(
      out.say(
        text(
          `已写 ${options.memo}:算了 ${taken} 行,没算 ${impact.refused.length} 行`,
          `wrote ${options.memo}: ${taken} rows replayed, ${impact.refused.length} refused`,
        ),
      ),
    )
  }
  return impact.refused.length > 0 ? 1 : 0
}

// internal

const replayed = async (
  before: CompiledPolicy,
  after: CompiledPolicy,
  options: ImpactOptions,
  out: Output,
): Promise<Impact> => {
  const by = groupingFact(before, options.by)
  const history = await historyOf(options)
  const { date, person } = history
  const replayerFor = rowReplayer(before, after, options.typical === true ? "typical" : "unknown")
  const tally = tallying(by)
  const costs = budgetSource()
  const refused: RefusedRow[] = []
  const columns = new Set<string>()
  let received = 0
  let period: readonly [string, string] = ["", ""]
  let replayer: { readonly of: string; readonly replay: ReturnType<typeof replayerFor> } | undefined
  for await (const batch of history.batches) {
    for (const name of batch.columns) columns.add(name)
    const of = batch.columns.join("\n")
    if (replayer?.of !== of) {
      const head: RowHead = { columns: batch.columns, date, ...(person !== undefined && { person }) }
      replayer = { of, replay: replayerFor(head) }
    }
    for (const row of batch.rows) {
      received += 1
      const found = "why" in row ? { ok: false as const, why: row.why } : replayer.replay(row.fields)
      if (!found.ok) {
        refused.push({ line: row.line, why: found.why })
        continue
      }
      period = widened(period, found.past.date)
      tally.add(found.past, found.replayed)
      costs.add(found.past.date, found.replayed)
    }
    out.progress(`${received}`)
  }
  out.progress("")
  checkColumns(columns, [date, person], options.history, received - refused.length)
  const isFact = (name: string) => isFactColumn(before, name) || isFactColumn(after, name)
  const { growth: growthPercent, years, seed } = options
  return {
    before,
    after,
    period,
    received,
    refused,
    columnsNotUsed: [...columns].filter((name) => name !== date && name !== person && !isFact(name)),
    takenAsTypical:
      options.typical === true
        ? before.resolved.variables
            .filter(({ name, fact }) => !columns.has(name) && !columns.has(fact))
            .map(({ name }) => name)
        : [],
    hasPeople: person !== undefined,
    by,
    tallying: tally,
    budget: costs.sample(before, after, { growthPercent, years, seed }),
  }
}

const widened = (period: readonly [string, string], date: string): readonly [string, string] => {
  const [from, until] = period
  if (from !== "" && date >= from && date <= until) return period
  return [from === "" || date < from ? date : from, date > until ? date : until]
}

interface History {
  readonly batches: AsyncIterable<HistoryBatch> | Iterable<HistoryBatch>
  readonly date: string
  readonly person?: string | undefined
}

const historyOf = async ({ history, programme, date, person }: ImpactOptions): Promise<History> =>
  (await isDatabase(history))
    ? { ...databaseColumns, batches: await databaseRows(history, programme) }
    : { date, person, batches: historyRows(history) }

const checkColumns = (
  columns: ReadonlySet<string>,
  wanted: readonly (string | undefined)[],
  history: string,
  taken: number,
): void => {
  const missing = wanted.filter((name) => name !== undefined && !columns.has(name))
  if (columns.size > 0 && missing.length > 0) {
    const names = missing.join("、")
    throw new CliFailure(2, `${history} 没有这一列:${names}`, `${history} has no column ${names}`)
  }
  if (taken === 0)
    throw new CliFailure(2, `${history} 里没有一行能算`, `no row of ${history} can be replayed`)
}

const groupingFact = (policy: CompiledPolicy, word: string): FactKey => {
  const found = policy.resolved.variables.find(({ name, fact }) => name === word || fact === word)
  // A number is nearly a name: groups of one.
  if (found?.atoms.every(({ is }) => is !== "span") === true) return found.fact
  throw new CliFailure(2, `不能按“${word}”分组`, `reports cannot be grouped by "${word}"`)
}

const write = (file: string, content: string): void => {
  try {
    writeFileSync(file, content)
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : ""
    throw new CliFailure(2, `写不了 ${file}(${code})`, `${file} cannot be written (${code})`)
  }
}
