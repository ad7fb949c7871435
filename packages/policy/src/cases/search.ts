/**
 * Going through every case without going through every case.
 *
 * Facts are taken up one by one, tables are applied as soon as their columns are known, and situations that
 * cannot be told apart any more are merged; of each the smallest case is kept. What comes out is exact: every
 * way in which the watched conclusions can come out, each with its smallest case and the number of its cases.
 * Beyond a budget the search gives up and says so.
 */
import { type Bits, bitsKey, emptyBits, intersect, setBit } from "../bits.ts"
import type { ResolvedTable, Value } from "../resolved.ts"
import { conclude, settle } from "../settle.ts"
import { typicalCase } from "./case.ts"
import { type Group, type Plan, planOf, type Stage } from "./plan.ts"
import type { Leaf, Question, Searched } from "./question.ts"

/** Situations that one search looks at unless its question says otherwise. */
export const usualBudget = 400_000

/**
 * Every way in which the watched things can come out.
 *
 * @example search({ lanes: [{ policy, tables }], premise: [], watch: [{ is: "conclusion", key: "cash" }] })
 * // => exhausted, one leaf for each amount, each with its smallest case
 */
export const search = (question: Question): Searched => {
  if (question.lanes.length > mostLanes) return { is: "too-large", situations: 0 }
  const plan = planOf(question)
  const tables = plan.groups.map((group) => tableRunner(plan, group))
  const alive = plan.slots - 1
  const scratch = new Array<number>(plan.slots).fill(0)
  const budget = question.budget ?? usualBudget
  let looked = 0
  let alike = 0
  let states: Situation[] = [
    { slots: [2 ** question.lanes.length - 1], size: 0, cases: 1, before: undefined, fact: -1, atom: 0 },
  ]
  let kept: readonly number[] = [alive]
  for (const stage of plan.stages) {
    const next = new Map<string, Situation>()
    const classes = stage.fact < 0 ? [undefined] : stage.classes
    for (const state of states)
      for (const chosen of classes) {
        if (++looked > budget) return { is: "too-large", situations: looked }
        for (let at = 0; at < kept.length; at++) scratch[kept[at] ?? 0] = state.slots[at] ?? 0
        if (chosen) scratch[stage.fact] = chosen.atom
        apply(plan, stage, tables, scratch)
        if (scratch[alive] === 0) continue
        if (stage.alikeFrom > 0 && stage.twins.every(([a, b]) => scratch[a] === scratch[b])) {
          alike += state.cases * (chosen?.atoms ?? 1) * stage.alikeFrom
          continue
        }
        remember(next, stage, state, chosen, scratch)
      }
    states = [...next.values()]
    kept = stage.keep
  }
  const place = new Map(kept.map((slot, at) => [slot, at]))
  return {
    is: "exhausted",
    leaves: states.map((state) => leafOf(plan, tables, state, place)),
    alike,
    situations: looked,
  }
}

// internal

/** Lanes are remembered as the bits of one whole number. */
const mostLanes = 30

interface Situation {
  readonly slots: readonly number[]
  size: number
  cases: number
  before: Situation | undefined
  fact: number
  atom: number
}

const remember = (
  next: Map<string, Situation>,
  stage: Stage,
  state: Situation,
  chosen: Stage["classes"][number] | undefined,
  scratch: readonly number[],
) => {
  const slots = stage.keep.map((slot) => scratch[slot] ?? 0)
  const key = String.fromCharCode(...slots.map((slot) => slot & 0xffff), ...slots.map((slot) => slot >>> 16))
  const size = state.size + (chosen?.size ?? 0)
  const cases = state.cases * (chosen?.atoms ?? 1)
  const known = next.get(key)
  const choice = {
    before: chosen ? state : state.before,
    fact: chosen ? stage.fact : state.fact,
    atom: chosen ? chosen.atom : state.atom,
  }
  if (!known) next.set(key, { slots, size, cases, ...choice })
  else {
    known.cases += cases
    if (size < known.size) Object.assign(known, choice, { size })
  }
}

/** Applies one stage to the situation in `scratch`. */
const apply = (plan: Plan, stage: Stage, tables: readonly TableRunner[], scratch: number[]) => {
  for (const group of stage.begins) scratch[plan.groups[group]?.slot ?? 0] = 0
  for (const { group, column } of stage.narrows) tables[group]?.narrow(column, scratch)
  for (const group of stage.settles) tables[group]?.end(scratch)
  const alive = plan.slots - 1
  const { lanes } = plan.question
  for (const { lane, parts } of stage.checks) {
    let holds = true
    for (const part of parts) {
      const piece = part.slot === -1 ? (lanes[lane]?.atom ?? 0) : (scratch[part.slot] ?? 0)
      if (!part.holds(piece)) {
        holds = false
        break
      }
    }
    if (holds) scratch[alive] = (scratch[alive] ?? 0) & ~(1 << lane)
  }
}

interface TableRunner {
  narrow(column: number, scratch: number[]): void
  end(scratch: number[]): void
  /** Names of the rules of a number that `end` left in the group's rules slot. */
  rulesOf(number: number): string | undefined
}

/** Sets of rules of one table by small numbers; 0 is the set of all rules. */
interface Sets {
  readonly list: Bits[]
  readonly byKey: Map<string, number>
}

const setsOf = (table: ResolvedTable): Sets => {
  const start = emptyBits(table.rules.length)
  for (const rule of table.rules.keys()) if (rule !== table.rest) setBit(start, rule)
  return { list: [start], byKey: new Map([[bitsKey(start), 0]]) }
}

const tableRunner = (plan: Plan, group: Group): TableRunner => {
  const { table } = group
  const lane = plan.question.lanes[group.lane]
  const sets = sharedSets(plan, table)
  const pieces = table.columns.map(({ source }, column) => {
    const slot = group.sources[column] ?? -2
    if (source.is === "fact") return undefined
    const own = lane?.policy.conclusions.get(source.key)?.values ?? []
    return (plan.valuesOf.get(slot) ?? []).map((value) => own.indexOf(value))
  })
  const narrowed = table.columns.map(() => new Map<number, number>())
  const widths = table.columns.map(
    ({ masks }, column) => Math.max(masks.length, pieces[column]?.length ?? 0) + 2,
  )
  const ended = new Map<string, { readonly rules: number; readonly values: readonly number[] }>()
  const names: (string | undefined)[] = [undefined]

  const narrow = (column: number, scratch: number[]) => {
    const slot = group.sources[column] ?? -2
    const value = slot === -1 ? (lane?.atom ?? 0) : slot < 0 ? -1 : (scratch[slot] ?? 0)
    const set = scratch[group.slot] ?? 0
    const memo = narrowed[column]
    const key = set * (widths[column] ?? 1) + value + 1
    let to = memo?.get(key)
    if (to === undefined) {
      const piece = pieces[column]?.[value] ?? (pieces[column] ? -1 : value)
      const mask = table.columns[column]?.masks[piece]
      const before = sets.list[set] ?? emptyBits(table.rules.length)
      const decidable = mask !== undefined && before !== noRules
      to = numberOf(sets, decidable ? intersect(before, mask) : noRules, decidable)
      memo?.set(key, to)
    }
    scratch[group.slot] = to
  }

  const end = (scratch: number[]) => {
    const set = scratch[group.slot] ?? 0
    const captured = group.captures.map((slot) => plan.valuesOf.get(slot)?.[scratch[slot] ?? 0])
    const key = captured.length === 0 ? `${set}` : `${set} ${captured.join()}`
    let found = ended.get(key)
    if (!found) {
      found = finish(set, captured)
      ended.set(key, found)
    }
    for (const [at, slot] of group.conclusions.entries()) scratch[slot] = found.values[at] ?? 0
    scratch[group.rulesSlot] = found.rules
  }

  const finish = (set: number, captured: readonly (Value | undefined)[]) => {
    const missing = group.conclusions.map((slot) => plan.valuesOf.get(slot)?.length ?? 0)
    const bits = sets.list[set]
    const settled = bits && bits !== noRules ? settle(table, bits) : undefined
    if (settled?.is !== "rules" || captured.some((value) => typeof value !== "number"))
      return { rules: 0, values: missing }
    const values = conclude(table, settled.rules, (key) => {
      const value = captured[table.captures.indexOf(key)]
      return typeof value === "number" ? value : 0
    })
    const name = settled.rules.join()
    const known = names.indexOf(name)
    if (known < 0) names.push(name)
    return {
      rules: known < 0 ? names.length - 1 : known,
      values: group.conclusions.map((slot, at) => {
        const place = (plan.valuesOf.get(slot) ?? []).indexOf(values[at] ?? "")
        return place < 0 ? (missing[at] ?? 0) : place
      }),
    }
  }

  return { narrow, end, rulesOf: (number) => names[number] }
}

/** Marks the set of a table that cannot decide, because a column has no value. */
const noRules: Bits = new Uint32Array(0)

const numberOf = (sets: Sets, bits: Bits, decidable: boolean): number => {
  const key = decidable ? bitsKey(bits) : "undecidable"
  const known = sets.byKey.get(key)
  if (known !== undefined) return known
  sets.list.push(bits)
  sets.byKey.set(key, sets.list.length - 1)
  return sets.list.length - 1
}

const setsByPlan = new WeakMap<Plan, Map<ResolvedTable, Sets>>()

/** Lanes with the same table number its sets alike, so that they can be compared. */
const sharedSets = (plan: Plan, table: ResolvedTable): Sets => {
  const byTable = setsByPlan.get(plan) ?? new Map<ResolvedTable, Sets>()
  setsByPlan.set(plan, byTable)
  const sets = byTable.get(table) ?? setsOf(table)
  byTable.set(table, sets)
  return sets
}

const leafOf = (
  plan: Plan,
  tables: readonly TableRunner[],
  state: Situation,
  place: ReadonlyMap<number, number>,
): Leaf => {
  const { lanes, watch } = plan.question
  const at = (slot: number) => state.slots[place.get(slot) ?? -1] ?? 0
  const alive = at(plan.slots - 1)
  return {
    cases: state.cases,
    size: state.size,
    counts: (lane) => (alive & (1 << lane)) !== 0,
    seen(lane, number) {
      const slot = plan.watched[number]?.[lane] ?? -2
      if (slot === -1) return lanes[lane]?.atom
      if (slot === -2) return undefined
      const one = watch[number]
      if (one?.is === "fact") return at(slot)
      if (one?.is === "conclusion") return plan.valuesOf.get(slot)?.[at(slot)]
      const group = plan.groups.findIndex(({ rulesSlot }) => rulesSlot === slot)
      return tables[group]?.rulesOf(at(slot))
    },
    one() {
      const [first] = lanes
      const one = first ? typicalCase(first.policy) : []
      for (let now: Situation | undefined = state; now && now.fact >= 0; now = now.before)
        one[now.fact] = now.atom
      return one
    },
  }
}
