/**
 * What everybody may know of a month: how many reports, of which kind and class, roughly where.
 *
 * Time is a whole month that has ended, a place is a square of about five kilometres, and no number from 1 to 4 is
 * shown or follows from others (P4). Nothing in it depends on who reported.
 */
import { type CivilDate, startOfDay, toMs } from "@yingshao/core/kernel/time"
import type { ReportState } from "@yingshao/core/report/report"
import type { Yingshao } from "@yingshao/engine"
import { hideFew } from "@yingshao/policy/impact/hide-few"

/** `undefined` where the number is not shown. */
export interface Row {
  readonly key: string
  readonly counts: readonly (number | undefined)[]
}

export interface MonthlyStatistics {
  /** `YYYY-MM` */
  readonly month: string
  readonly total: number | undefined
  /** By kind; ordinary, emergency. What nobody has looked at is `unknown` and counts as an emergency. */
  readonly kinds: readonly Row[]
  /** By square, with the coordinate of its middle in its key; reports with a coordinate only. */
  readonly places: readonly Row[]
}

/** Side of a square: about five kilometres. */
const squareDegrees = 0.05
/** How long what was counted is shown again. */
const keptMs = 10 * 60_000

const known = new WeakMap<
  Yingshao,
  Map<string, { readonly atMs: number; readonly told: MonthlyStatistics }>
>()

/** Months that have ended, the newest first. */
export const endedMonths = (today: CivilDate, many = 12): readonly string[] => {
  const [year, month] = today.split("-").map(Number) as [number, number]
  return Array.from({ length: many }, (_, at) => {
    const count = year * 12 + month - 2 - at
    return `${Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, "0")}`
  })
}

export const monthlyStatistics = async (
  engine: Yingshao,
  month: string,
  timeZone: string,
): Promise<MonthlyStatistics> => {
  const kept = known.get(engine) ?? new Map()
  known.set(engine, kept)
  const atMs = toMs(engine.now())
  const before = kept.get(month)
  if (before !== undefined && atMs - before.atMs < keptMs) return before.told
  const told = statisticsOf(month, await reportsIn(engine, month, timeZone))
  kept.set(month, { atMs, told })
  return told
}

/** Counts and hides. */
export const statisticsOf = (month: string, reports: readonly ReportState[]): MonthlyStatistics => {
  const kinds = new Map<string, [number, number]>()
  const places = new Map<string, [number]>()
  for (const report of reports) {
    if (report.status === "none") continue
    const settled = report.status === "new" ? undefined : report
    const row = kinds.get(settled?.facts.category ?? "unknown") ?? [0, 0]
    row[settled?.class === "ordinary" ? 0 : 1] += 1
    kinds.set(settled?.facts.category ?? "unknown", row)
    const { coordinate } = report.place
    if (coordinate === undefined) continue
    const square = squareOf(coordinate)
    places.set(square, [(places.get(square)?.[0] ?? 0) + 1])
  }
  return {
    month,
    total: reports.length > 0 && reports.length < 5 ? undefined : reports.length,
    kinds: hidden(kinds),
    places: hidden(places),
  }
}

// internal

/** All reports accepted in a month, whatever became of them. */
const reportsIn = async (
  engine: Yingshao,
  month: string,
  timeZone: string,
): Promise<readonly ReportState[]> => {
  const from = startOfDay(`${month}-01` as CivilDate, timeZone)
  const [year, count] = month.split("-").map(Number) as [number, number]
  const next = count === 12 ? `${year + 1}-01` : `${year}-${String(count + 1).padStart(2, "0")}`
  const below = startOfDay(`${next}-01` as CivilDate, timeZone)
  const reports: ReportState[] = []
  for (let cursor: string | undefined; ; ) {
    const found = await engine.queries.page({
      index: "reports/status",
      equals: ["new", "open", "withheld", "closed"],
      from,
      below,
      limit: 1_000,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const { state } of found.rows) reports.push(state as ReportState)
    cursor = found.cursor
    if (cursor === undefined) return reports
  }
}

const hidden = (counts: ReadonlyMap<string, readonly number[]>): readonly Row[] => {
  const rows = [...counts].sort(([, a], [, b]) => sum(b) - sum(a))
  const hide = hideFew(rows.map(([, row]) => row))
  return rows.map(([key, row], at) => ({
    key,
    counts: row.map((count, column) => (hide[at]?.[column] === true ? undefined : count)),
  }))
}

const sum = (row: readonly number[]): number => row.reduce((total, count) => total + count, 0)

/** The middle of the square of the grid in which it lies; the same for everything in it. */
const squareOf = ({ lng, lat }: { readonly lng: number; readonly lat: number }): string => {
  const middle = (value: number) =>
    (Math.floor(value / squareDegrees) * squareDegrees + squareDegrees / 2).toFixed(3)
  return `${middle(lng)},${middle(lat)}`
}
