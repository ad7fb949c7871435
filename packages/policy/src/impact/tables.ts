/**
 * An impact as tables that may be shown: amounts in yuan, numbers under five hidden or merged, no handle of a person.
 *
 * `memo.ts` and `spreadsheet.ts` write these tables and nothing else, so that both hide the same.
 */
import type { Facts } from "@yingshao/core/decisions"
import type { CompiledPolicy } from "../compile.ts"
import type { Bilingual } from "../finding.ts"
import type { Budget } from "./budget.ts"
import { hideFew, isFew, mergeFew } from "./hide-few.ts"
import { type Effect, effects, type PersonEffect, type Tally, type Tallying } from "./replay.ts"

/** Everything that one replay found. */
export interface Impact {
  readonly before: CompiledPolicy
  readonly after: CompiledPolicy
  /** Civil dates of the first and the last report; empty without reports. */
  readonly period: readonly [from: string, until: string]
  /** Rows of the file, taken or refused. */
  readonly received: number
  readonly refused: readonly RefusedRow[]
  /** Columns that are no fact, no date and no handle. */
  readonly columnsNotUsed: readonly string[]
  /** Facts without a column, taken as typical; empty where they were left unknown. */
  readonly takenAsTypical: readonly string[]
  readonly hasPeople: boolean
  readonly by: keyof Facts
  readonly tallying: Tallying
  readonly budget: Budget
}

/** A row that was not replayed, by its line in the file, and never with what stands in it. */
export interface RefusedRow {
  readonly line: number
  readonly why: Bilingual
}

export interface ShownTable {
  readonly title: Bilingual
  readonly heads: readonly Bilingual[]
  readonly rows: readonly (readonly Bilingual[])[]
}

/** The tables in the order in which they are read. */
export const impactTables = (impact: Impact): readonly ShownTable[] => [
  effectTable(impact),
  ...(impact.hasPeople ? [peopleTable(impact)] : []),
  groupTable(impact),
  budgetTable(impact.budget),
]

/** Fen as yuan. @example yuan(15050) // => "150.50" */
export const yuan = (fen: number): string => (fen / 100).toFixed(fen % 100 === 0 ? 0 : 2)

// internal

const both = (zh: string, en: string): Bilingual => ({ zh, en })
const plain = (value: string | number): Bilingual => both(String(value), String(value))
const few = both("少于 5", "fewer than 5")
const notShown = both("不列", "not shown")
const counted = (count: number, hidden: boolean): Bilingual =>
  hidden ? (isFew(count) ? few : notShown) : plain(count)

const effectNames: Readonly<Record<PersonEffect, Bilingual>> = {
  less: both("变少", "less"),
  more: both("变多", "more"),
  same: both("不变", "the same"),
  mixed: both("有增有减", "less and more"),
  "cannot-tell": both("说不清", "cannot tell"),
}

const sumOf = ({ byEffect }: Tally, what: "cashFen" | "points", at: 0 | 1): number =>
  effects.reduce((sum, effect) => sum + byEffect[effect][what][at], 0)

const reportsOf = ({ byEffect }: Tally): number =>
  effects.reduce((sum, effect) => sum + byEffect[effect].reports, 0)

/** How many stand behind a number: people where they are counted, and at least one behind a report. */
const behind = (reports: number, people: number, hasPeople: boolean): number =>
  hasPeople ? Math.min(reports, Math.max(people, 1)) : reports

const sizesOf = ({ byEffect, met }: Tally, hasPeople: boolean): readonly number[] =>
  effects.map((effect) => behind(byEffect[effect].reports, met[effect], hasPeople))

const sizeOf = (tally: Tally, hasPeople: boolean): number =>
  behind(reportsOf(tally), peopleOf(tally), hasPeople)

const peopleOf = ({ people }: Tally): number => Object.values(people).reduce((sum, count) => sum + count, 0)

const sumHeads: readonly Bilingual[] = [
  both("原现金(元)", "cash before (yuan)"),
  both("新现金(元)", "cash after (yuan)"),
  both("原积分", "points before"),
  both("新积分", "points after"),
]

const sumCells = (
  cash: readonly [number, number],
  points: readonly [number, number],
): readonly Bilingual[] => [...cash.map((fen) => plain(yuan(fen))), ...points.map(plain)]

const totals = (tally: Tally): readonly Bilingual[] =>
  sumCells(
    [sumOf(tally, "cashFen", 0), sumOf(tally, "cashFen", 1)],
    [sumOf(tally, "points", 0), sumOf(tally, "points", 1)],
  )

const effectTable = ({ tallying, hasPeople }: Impact): ShownTable => {
  const all = tallying.all()
  const hidden = hideFew([sizesOf(all, hasPeople)])[0] ?? []
  const rows = effects.map((effect, at) => {
    const { reports, cashFen, points } = all.byEffect[effect]
    if (hidden[at] === true)
      return [effectNames[effect], counted(reports, true), ...sumHeads.map(() => notShown)]
    const sums = effect === "cannot-tell" ? sumHeads.map(() => plain("—")) : sumCells(cashFen, points)
    return [effectNames[effect], plain(reports), ...sums]
  })
  const total = reportsOf(all)
  const last = isFew(sizeOf(all, hasPeople))
    ? [few, ...sumHeads.map(() => notShown)]
    : [plain(total), ...totals(all)]
  return {
    title: both("信息件数和金额", "Reports and sums"),
    heads: [both("新规则下", "under the new rules"), both("件数", "reports"), ...sumHeads],
    rows: [...rows, [both("合计", "together"), ...last]],
  }
}

const peopleTable = ({ tallying }: Impact): ShownTable => {
  const { people } = tallying.all()
  const kinds: readonly PersonEffect[] = ["less", "more", "mixed", "same", "cannot-tell"]
  const counts = kinds.map((kind) => people[kind])
  const hidden = hideFew([counts])[0] ?? []
  const total = peopleOf(tallying.all())
  return {
    title: both("人数", "People"),
    heads: [both("新规则下", "under the new rules"), both("人数", "people")],
    rows: [
      ...kinds.map((kind, at) => [effectNames[kind], counted(people[kind], hidden[at] === true)]),
      [both("合计", "together"), counted(total, isFew(total))],
    ],
  }
}

/** Groups of fewer than five people, or reports where people are not counted, are merged into one. */
const groupTable = ({ before, by, tallying, hasPeople }: Impact): ShownTable => {
  const groups = tallying.groups()
  const sizes = new Map([...groups].map(([value, tally]) => [value, sizeOf(tally, hasPeople)]))
  const merged = mergeFew(sizes)
  const shown = [...groups]
    .filter(([value]) => !merged.includes(value))
    .map(([value, tally]) => ({ name: valueName(before, by, value), tally }))
    .toSorted((one, other) => reportsOf(other.tally) - reportsOf(one.tally))
  if (merged.length > 0) {
    const name = both(`合并的 ${merged.length} 组`, `${merged.length} small groups together`)
    shown.push({ name, tally: tallying.together(merged) })
  }
  const hidden = hideFew(shown.map(({ tally }) => sizesOf(tally, hasPeople)))
  const variable = before.resolved.variables.find(({ fact }) => fact === by)
  return {
    title: both(`按${variable?.name ?? by}`, `By ${before.label(by, "en")}`),
    heads: [
      both(variable?.name ?? by, before.label(by, "en")),
      both("件数", "reports"),
      ...effects.map((effect: Effect) => effectNames[effect]),
      ...sumHeads,
    ],
    rows: shown.map(({ name, tally }, row) => {
      if (isFew(sizeOf(tally, hasPeople))) {
        return [name, few, ...effects.map(() => notShown), ...sumHeads.map(() => notShown)]
      }
      const isHidden = (effect: Effect) => hidden[row]?.[effects.indexOf(effect)] === true
      const cells = effects.map((effect) => counted(tally.byEffect[effect].reports, isHidden(effect)))
      // From both sums the change follows, and from the change how few they are.
      const sums = isHidden("less") || isHidden("more") ? sumHeads.map(() => notShown) : totals(tally)
      return [name, plain(reportsOf(tally)), ...cells, ...sums]
    }),
  }
}

const valueName = (policy: CompiledPolicy, by: keyof Facts, value: string): Bilingual =>
  value === "unknown"
    ? both("未知", "unknown")
    : both(policy.label(value, "zh", by), policy.label(value, "en", by))

const budgetTable = (budget: Budget): ShownTable => {
  const row = (name: Bilingual, pick: (band: Budget["before"]) => Bilingual) => [
    name,
    pick(budget.before),
    pick(budget.after),
  ]
  const money = (fen: number | undefined): Bilingual =>
    fen === undefined ? both("没有算出", "not known") : plain(yuan(fen))
  return {
    title: both("一年的现金(抽样,不是证明)", "Cash of a year (sampled, not proved)"),
    heads: [both("元", "yuan"), both("原规则", "before"), both("新规则", "after")],
    rows: [
      row(both("100 年里 5 年不超过", "5 of 100 years stay within"), ({ low }) => money(low)),
      row(both("一半的年份不超过", "half of the years stay within"), ({ middle }) => money(middle)),
      row(both("100 年里 95 年不超过", "95 of 100 years stay within"), ({ high }) => money(high)),
      row(
        both("这么多件的上限(每件都给最高)", "ceiling of so many reports, each at the highest"),
        ({ ceiling }) => money(ceiling),
      ),
      row(both("文件里的年度预算", "the document's yearly budget"), ({ yearlyBudget }) =>
        money(yearlyBudget),
      ),
      row(both("抽样年份里超出预算的", "sampled years above the budget"), ({ yearsAbove }) =>
        plain(`${yearsAbove} / ${budget.years}`),
      ),
    ],
  }
}
