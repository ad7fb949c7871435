/**
 * What a year may cost: years put together from whole reports of the history, quarter by quarter, and the ceiling that
 * so many reports cannot pass.
 *
 * The bands are sampled under a seed and never proved; they know no year that is unlike the history. Reports of which
 * nobody can tell the amount cost nothing in a sampled year and count in the ceiling. What it does not do: daily and
 * yearly caps hold nothing back here, so that it shows when the budget would run out.
 */

import { tablesBehind, tablesInForce } from "../cases/in-force.ts"
import { search } from "../cases/search.ts"
import type { CompiledPolicy } from "../compile.ts"
import { lastDates, type ReplayedCase } from "./replay.ts"

export interface BudgetPlan {
  /** Reports of a year compared with the history, in percent: 10 is a tenth more, -100 none. */
  readonly growthPercent: number
  /** Years to put together; fewer where the history is long, and the result says how many. */
  readonly years: number
  readonly seed: number
}

/** Yearly cash in fen under one policy: 5, 50 and 95 of 100 sampled years stay at or below these. */
export interface CashBand {
  readonly low: number
  readonly middle: number
  readonly high: number
  /** Reports of a year × the highest amount that any case can get; undefined where that was not exhausted. */
  readonly ceiling: number | undefined
  /** The policy's own yearly budget; undefined where it depends on a case. */
  readonly yearlyBudget: number | undefined
  /** Sampled years above the yearly budget. */
  readonly yearsAbove: number
}

export interface Budget extends BudgetPlan {
  /**
   * Reports of one year. Those that nobody can tell are among them and cost nothing in a sampled year; how many they
   * are is not said here, because it may be few.
   */
  readonly reportsPerYear: number
  /** Quarters, 1 to 4, of which the history has no decided report: a sampled year has none there either. */
  readonly emptyQuarters: readonly number[]
  readonly before: CashBand
  readonly after: CashBand
}

/** Gathers reports by quarter for the sampling. */
export interface BudgetSource {
  add(date: string, replayed: ReplayedCase): void
  /** @throws RangeError for a growth below -100 or above 1000, or years outside 20 to 10000. */
  sample(before: CompiledPolicy, after: CompiledPolicy, plan: BudgetPlan): Budget
}

/** Reports drawn at most in one sampling. */
export const mostDraws = 50_000_000

/** @example budgetSource().sample(before, after, { growthPercent: 10, years: 1000, seed: 1 }).after.middle // fen */
export const budgetSource = (): BudgetSource => {
  const quarters = [1, 2, 3, 4].map(() => ({
    amounts: new Map<number, Map<number, Amount>>(),
    count: 0,
    open: 0,
  }))
  const numbers = new Map<string, number>()
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  return {
    add(date, { before, after }) {
      const number = numbers.get(date) ?? quarterOf(date)
      numbers.set(date, number)
      first = Math.min(first, number)
      last = Math.max(last, number)
      const quarter = quarters[number % 4]
      if (quarter === undefined) return
      if (before === undefined || after === undefined) {
        quarter.open += 1
        return
      }
      quarter.count += 1
      const alike = quarter.amounts.get(before.cashFen) ?? new Map<number, Amount>()
      const amount = alike.get(after.cashFen)
      if (amount !== undefined) {
        amount.count += 1
        return
      }
      alike.set(after.cashFen, { fen: [before.cashFen, after.cashFen], count: 1 })
      quarter.amounts.set(before.cashFen, alike)
    },
    sample(before, after, plan) {
      const { growthPercent, seed } = plan
      if (!(growthPercent >= -100 && growthPercent <= 1000))
        throw new RangeError("growth is -100 to 1000 percent")
      if (!(plan.years >= 20 && plan.years <= 10_000)) throw new RangeError("years are 20 to 10000")
      const grown = quarters.map(({ count, open, amounts }, at) => {
        const times = timesSeen(first, last, at)
        const scaled = (reports: number) => Math.round((reports / times) * (1 + growthPercent / 100))
        return {
          draws: scaled(count),
          all: scaled(count + open),
          wheel: wheelOf(
            [...amounts.values()].flatMap((alike) => [...alike.values()]),
            count,
          ),
        }
      })
      const draws = grown.reduce((sum, quarter) => sum + quarter.draws, 0)
      const years = Math.max(20, Math.min(plan.years, Math.floor(mostDraws / Math.max(1, draws))))
      const sampled = sampleYears(grown, years, seed)
      const most = grown.reduce((sum, quarter) => sum + quarter.all, 0)
      return {
        growthPercent,
        seed,
        years,
        reportsPerYear: most,
        emptyQuarters: quarters.flatMap(({ count }, at) => (count === 0 ? [at + 1] : [])),
        before: bandOf(before, sampled[0], most),
        after: bandOf(after, sampled[1], most),
      }
    },
  }
}

// internal

interface Amount {
  readonly fen: readonly [number, number]
  count: number
}

/** How often a quarter of the year lies between the first and the last one of the history; at least once. */
const timesSeen = (first: number, last: number, at: number): number => {
  if (first > last) return 1
  const upTo = (number: number) => Math.floor((number - at) / 4)
  return Math.max(1, upTo(last) - upTo(first - 1))
}

/** Quarters since the year 0. */
const quarterOf = (date: string): number =>
  Number(date.slice(0, 4)) * 4 + Math.floor((Number(date.slice(5, 7)) - 1) / 3)

type Wheel = (fraction: number) => readonly [number, number]

/** Parts of a wheel in which one amount is all there is need no search. */
const wheelParts = 4096

/** Every report is as likely as any other; amounts in an order of their own, so that the same seed draws the same. */
const wheelOf = (unordered: readonly Amount[], count: number): Wheel => {
  const amounts = unordered.toSorted(({ fen: [a, b] }, { fen: [c, d] }) => a - c || b - d)
  const ends: number[] = []
  let end = 0
  for (const amount of amounts) {
    end += amount.count
    ends.push(end)
  }
  const search = (fraction: number): number => ends.findIndex((one) => fraction * count < one)
  const whole = Int32Array.from({ length: wheelParts }, (_, part) => {
    const [from, to] = [search(part / wheelParts), search((part + 1 - 1e-9) / wheelParts)]
    return from === to ? from : -1
  })
  return (fraction) => {
    const part = whole[Math.floor(fraction * wheelParts)] ?? -1
    return amounts[part >= 0 ? part : search(fraction)]?.fen ?? [0, 0]
  }
}

const sampleYears = (
  quarters: readonly { readonly draws: number; readonly wheel: Wheel }[],
  years: number,
  seed: number,
): readonly [number[], number[]] => {
  const next = fractions(seed)
  const sums: [number[], number[]] = [[], []]
  for (let year = 0; year < years; year += 1) {
    let [old, now] = [0, 0]
    for (const { draws, wheel } of quarters) {
      for (let at = 0; at < draws; at += 1) {
        const fen = wheel(next())
        old += fen[0]
        now += fen[1]
      }
    }
    sums[0].push(old)
    sums[1].push(now)
  }
  return sums
}

/** Mulberry32: a whole number up to 2³² as seed, the same fractions on every machine. */
const fractions = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const bandOf = (policy: CompiledPolicy, years: readonly number[], mostReports: number): CashBand => {
  const rising = years.toSorted((one, other) => one - other)
  const at = (percent: number) => rising[Math.max(0, Math.ceil((percent / 100) * rising.length) - 1)] ?? 0
  const highest = highestCash(policy)
  const yearlyBudget = policy.decideBare("caps", {}, lastDates(policy))?.yearlyBudget
  return {
    low: at(5),
    middle: at(50),
    high: at(95),
    ceiling: highest === undefined ? undefined : highest * mostReports,
    yearlyBudget,
    yearsAbove: yearlyBudget === undefined ? 0 : years.filter((year) => year > yearlyBudget).length,
  }
}

/** Over every case of the last version; undefined when the cases are too many to go through. */
const highestCash = ({ resolved }: CompiledPolicy): number | undefined => {
  const last = resolved.versions.length - 1
  const tables = tablesBehind(tablesInForce(resolved, { accepted: last, step: last }), ["cash"])
  const watch = [{ is: "conclusion" as const, key: "cash" }]
  const searched = search({ lanes: [{ policy: resolved, tables }], premise: [], watch })
  if (searched.is === "too-large") return undefined
  return searched.leaves
    .filter((leaf) => leaf.counts(0))
    .reduce((most, leaf) => Math.max(most, Number(leaf.seen(0, 0) ?? 0)), 0)
}
