/**
 * The order of a search: fact after fact, table after table, and what has to be remembered in between.
 *
 * A fact is taken up when the first table needs it and forgotten after the last one has used it. Atoms that
 * nothing in the question can tell apart are taken together.
 */
import { bitsKey } from "../bits.ts"
import type { ResolvedTable, Value } from "../resolved.ts"
import { sizeOfChoice, typicalAtom } from "./case.ts"
import { tablesBehind } from "./in-force.ts"
import type { Lane, Question, Requirement } from "./question.ts"

/** Atoms of one fact that count as one, with the smallest of them. */
export interface AtomClass {
  readonly atom: number
  readonly size: number
  readonly atoms: number
}

/** One table in one lane; lanes in which it must come out the same share one. */
export interface Group {
  readonly lane: number
  readonly table: ResolvedTable
  /** Where the rules that still match are remembered. */
  readonly slot: number
  /** For each column where its value is remembered; -1 for the split fact, -2 where nothing concludes it. */
  readonly sources: readonly number[]
  readonly captures: readonly number[]
  /** Where conclusions go, in the order of the table's columns; -1 where nobody asks for one. */
  readonly conclusions: readonly number[]
  readonly rulesSlot: number
}

/** Leaves a lane out when all parts hold. */
export interface Check {
  readonly lane: number
  readonly parts: readonly { readonly slot: number; readonly holds: (piece: number) => boolean }[]
}

/** One step: perhaps a fact is taken up; then columns are applied, tables end, lanes are left out. */
export interface Stage {
  readonly fact: number
  readonly classes: readonly AtomClass[]
  readonly begins: readonly number[]
  readonly narrows: readonly { readonly group: number; readonly column: number }[]
  readonly settles: readonly number[]
  readonly checks: readonly Check[]
  /** Slots to remember after this step. */
  readonly keep: readonly number[]
  /** After this step nothing can set lanes apart that are alike now: the cases still to come. Else 0. */
  readonly alikeFrom: number
  /** Pairs of remembered slots that hold the same thing in two lanes. */
  readonly twins: readonly (readonly [number, number])[]
}

export interface Plan {
  readonly question: Question
  readonly groups: readonly Group[]
  readonly stages: readonly Stage[]
  readonly slots: number
  /** For each watch and lane its slot, or -1 for the split fact. */
  readonly watched: readonly (readonly number[])[]
  /** For each slot that holds a conclusion its values; one past the last means that no rule decided. */
  readonly valuesOf: ReadonlyMap<number, readonly Value[]>
}

/** Plans a search. */
export const planOf = (question: Question): Plan => {
  const draft = layOut(question)
  const uses = usesOf(question, draft)
  const steps = orderSteps(question, draft, uses)
  const stages = keepOnly(question, draft, steps, uses)
  return {
    question,
    groups: draft.groups,
    stages,
    slots: draft.slots,
    watched: draft.watched,
    valuesOf: draft.valuesOf,
  }
}

// internal

interface Draft {
  readonly groups: Group[]
  readonly watched: number[][]
  readonly valuesOf: Map<number, readonly Value[]>
  readonly twins: (readonly [number, number])[]
  readonly slotOf: (lane: number, key: string) => number
  /** Facts that the question depends on. */
  readonly facts: readonly number[]
  slots: number
}

type Step = Omit<Stage, "keep" | "alikeFrom" | "twins">

const keysAsked = ({ premise, watch }: Question): string[] => [
  ...premise.flatMap(({ source }) => (source.is === "conclusion" ? [source.key] : [])),
  ...watch.flatMap((one) => (one.is === "conclusion" ? [one.key] : [])),
]

/** The tables of a lane that the question depends on. */
const conesOf = (question: Question): (readonly ResolvedTable[])[] =>
  question.lanes.map(({ tables }) => {
    const named = question.watch.flatMap((one) =>
      one.is === "rules" ? (tables.find(({ name }) => name === one.table)?.conclusions ?? []) : [],
    )
    return tablesBehind(tables, [...keysAsked(question), ...named])
  })

/** Gives every fact, every running table and every conclusion its slot. */
const layOut = (question: Question): Draft => {
  const [first] = question.lanes
  const factCount = first?.policy.variables.length ?? 0
  let slots = factCount
  const groups: Group[] = []
  const valuesOf = new Map<number, readonly Value[]>()
  const conclusionSlots = new Map<string, number>()
  const rulesSlots = new Map<string, number>()
  const twins: (readonly [number, number])[] = []
  const slotOf = (lane: number, key: string) => conclusionSlots.get(`${lane} ${key}`) ?? -2
  const domains = domainsOf(question.lanes)
  const sharedWith = new Map<string, number>()
  const cones = conesOf(question)
  const names = namesInOrder(cones)
  const place = (lane: number, source: ResolvedTable["columns"][number]["source"]) =>
    source.is === "conclusion"
      ? slotOf(lane, source.key)
      : source.variable === question.split
        ? -1
        : source.variable
  for (const name of names)
    for (const [lane, cone] of cones.entries()) {
      const table = cone.find((one) => one.name === name)
      if (!table) continue
      const sources = table.columns.map(({ source }) => place(lane, source))
      const captures = table.captures.map((key) => slotOf(lane, key))
      const shareKey = `${name} ${sources.join()} ${captures.join()}`
      const other = sources.includes(-1) ? undefined : sharedWith.get(shareKey)
      const twin = other === undefined ? undefined : groups[other]
      if (twin && twin.table === table) {
        for (const [column, key] of table.conclusions.entries())
          conclusionSlots.set(`${lane} ${key}`, twin.conclusions[column] ?? -2)
        rulesSlots.set(`${lane} ${name}`, twin.rulesSlot)
        continue
      }
      const slot = slots++
      const alike = groups.find((group) => group.table === table)
      if (alike) twins.push([alike.slot, slot])
      const conclusions = table.conclusions.map((key) => {
        const own = slots++
        conclusionSlots.set(`${lane} ${key}`, own)
        valuesOf.set(own, domains.get(key) ?? [])
        const before = slotOf(0, key)
        if (lane > 0 && before >= 0) twins.push([before, own])
        return own
      })
      const rulesSlot = slots++
      rulesSlots.set(`${lane} ${name}`, rulesSlot)
      groups.push({ lane, table, slot, sources, captures, conclusions, rulesSlot })
      if (!sources.includes(-1) && !sharedWith.has(shareKey)) sharedWith.set(shareKey, groups.length - 1)
    }
  const watched = question.watch.map((one) =>
    question.lanes.map((_, lane) => {
      if (one.is === "fact") return one.variable === question.split ? -1 : one.variable
      return one.is === "conclusion" ? slotOf(lane, one.key) : (rulesSlots.get(`${lane} ${one.table}`) ?? -2)
    }),
  )
  return {
    groups,
    watched,
    valuesOf,
    twins,
    slotOf,
    facts: factsAsked(question, groups),
    slots: slots + 1,
  }
}

/** The values of each conclusion in any lane. */
const domainsOf = (lanes: readonly Lane[]): Map<string, Value[]> => {
  const domains = new Map<string, Value[]>()
  for (const { policy } of lanes)
    for (const [key, { values }] of policy.conclusions)
      domains.set(key, [...new Set([...(domains.get(key) ?? []), ...values])])
  return domains
}

/** Names of tables in an order that suits every lane: a lane with more tables leads. */
const namesInOrder = (cones: readonly (readonly ResolvedTable[])[]): string[] => {
  const waiting = new Set(cones.flatMap((cone) => cone.map(({ name }) => name)))
  const order: string[] = []
  const ready = (name: string) =>
    cones.every((cone) => {
      const table = cone.find((one) => one.name === name)
      const keys = [
        ...(table?.columns ?? []).flatMap(({ source }) => (source.is === "conclusion" ? [source.key] : [])),
        ...(table?.captures ?? []),
      ]
      return keys.every((key) => {
        const maker = cone.find(({ conclusions }) => conclusions.includes(key))
        return maker === undefined || !waiting.has(maker.name)
      })
    })
  while (waiting.size > 0) {
    const next = [...waiting].find(ready) ?? [...waiting][0] ?? ""
    waiting.delete(next)
    order.push(next)
  }
  return order
}

/** Facts that the groups, the premise or the watch read, and whatever an impossible combination ties to them. */
const factsAsked = (question: Question, groups: readonly Group[]): number[] => {
  const facts = new Set<number>(question.split === undefined ? [] : [question.split])
  for (const { table } of groups)
    for (const { source } of table.columns) if (source.is === "fact") facts.add(source.variable)
  for (const { source } of question.premise) if (source.is === "fact") facts.add(source.variable)
  for (const one of question.watch) if (one.is === "fact") facts.add(one.variable)
  for (let before = -1; before !== facts.size; ) {
    before = facts.size
    for (const { when } of impossibleOf(question))
      if (when.some(({ variable }) => facts.has(variable)))
        for (const { variable } of when) facts.add(variable)
  }
  return [...facts]
}

const impossibleOf = ({ lanes, completing }: Question) =>
  (lanes[0]?.policy.impossible ?? []).filter(({ when }) =>
    when.every(({ variable }) => variable !== completing),
  )

interface Uses {
  readonly checks: readonly Check[]
  readonly classes: ReadonlyMap<number, readonly AtomClass[]>
}

const usesOf = (question: Question, draft: Draft): Uses => {
  const checks = question.lanes.flatMap((_, lane) => [
    ...question.premise.map((requirement) => premiseCheck(question, draft, lane, requirement)),
    ...impossibleOf(question).map(
      ({ when }): Check => ({
        lane,
        parts: when.map(({ variable, holds }) => ({
          slot: variable === question.split ? -1 : variable,
          holds: (atom) => holds[atom] ?? false,
        })),
      }),
    ),
  ])
  const classes = new Map(
    draft.facts
      .filter((variable) => variable !== question.split)
      .map((variable) => [variable, classesOf(question, draft, checks, variable)] as const),
  )
  return { checks, classes }
}

const premiseCheck = (
  question: Question,
  draft: Draft,
  lane: number,
  { source, holds }: Requirement,
): Check => {
  if (source.is === "fact")
    return {
      lane,
      parts: [
        {
          slot: source.variable === question.split ? -1 : source.variable,
          holds: (atom) => !holds(atom),
        },
      ],
    }
  const slot = draft.slotOf(lane, source.key)
  const values = draft.valuesOf.get(slot) ?? []
  return { lane, parts: [{ slot, holds: (piece) => !holds(values[piece]) }] }
}

const classesOf = (
  question: Question,
  draft: Draft,
  checks: readonly Check[],
  variable: number,
): AtomClass[] => {
  const policy = question.lanes[0]?.policy
  const own = policy?.variables[variable]
  if (!policy || !own) return []
  const whole = question.watch.some((one) => one.is === "fact" && one.variable === variable)
  const columns = draft.groups.flatMap(({ table, sources }) =>
    table.columns.filter((_, column) => sources[column] === variable),
  )
  const tests = checks.flatMap(({ parts }) => parts.filter(({ slot }) => slot === variable))
  const classes = new Map<string, AtomClass>()
  for (const atom of own.atoms.keys()) {
    const signature = whole
      ? `${atom}`
      : `${columns.map(({ masks }) => bitsKey(masks[atom] ?? new Uint32Array(0))).join("|")}|${tests.map(({ holds }) => (holds(atom) ? 1 : 0)).join("")}`
    const size = sizeOfChoice(policy, variable, atom)
    const known = classes.get(signature)
    classes.set(
      signature,
      known && known.size <= size
        ? { ...known, atoms: known.atoms + 1 }
        : { atom, size, atoms: (known?.atoms ?? 0) + 1 },
    )
  }
  return [...classes.values()]
}

/** Tables one after the other; before each the facts that it needs and that are not there yet. */
const orderSteps = (question: Question, draft: Draft, { checks, classes }: Uses): Step[] => {
  const steps: Step[] = []
  const known = new Set<number>()
  const checked = new Set<Check>()
  const dueChecks = () => {
    const due = checks.filter(
      (check) => !checked.has(check) && check.parts.every(({ slot }) => slot === -1 || known.has(slot)),
    )
    for (const check of due) checked.add(check)
    return due
  }
  const running = new Set<number>()
  const takeUp = (variable: number) => {
    known.add(variable)
    const narrows = [...running].flatMap((group) =>
      (draft.groups[group]?.sources ?? []).flatMap((slot, column) =>
        slot === variable ? [{ group, column }] : [],
      ),
    )
    steps.push({
      fact: variable,
      classes: classes.get(variable) ?? [],
      begins: [],
      narrows,
      settles: [],
      checks: dueChecks(),
    })
  }
  for (const name of new Set(draft.groups.map(({ table }) => table.name))) {
    const own = [...draft.groups.keys()].filter((index) => draft.groups[index]?.table.name === name)
    const missing = new Set(
      own
        .flatMap((index) => draft.groups[index]?.sources ?? [])
        .filter((slot) => slot >= 0 && !known.has(slot)),
    )
    steps.push({
      fact: -1,
      classes: [],
      begins: own,
      narrows: own.flatMap((group) =>
        (draft.groups[group]?.sources ?? []).flatMap((slot, column) =>
          slot < 0 || known.has(slot) ? [{ group, column }] : [],
        ),
      ),
      settles: [],
      checks: dueChecks(),
    })
    for (const group of own) running.add(group)
    for (const variable of missing) takeUp(variable)
    for (const group of own) {
      running.delete(group)
      for (const slot of draft.groups[group]?.conclusions ?? []) known.add(slot)
      const rulesSlot = draft.groups[group]?.rulesSlot
      if (rulesSlot !== undefined) known.add(rulesSlot)
    }
    steps.push({ fact: -1, classes: [], begins: [], narrows: [], settles: own, checks: dueChecks() })
  }
  for (const variable of draft.facts)
    if (variable !== question.split && !known.has(variable)) takeUp(variable)
  const rest = dueChecks()
  if (rest.length > 0 || steps.length === 0)
    steps.push({ fact: -1, classes: [], begins: [], narrows: [], settles: [], checks: rest })
  return steps
}

/** Adds to every step what has to be remembered after it. */
const keepOnly = (question: Question, draft: Draft, steps: readonly Step[], uses: Uses): Stage[] => {
  const alive = draft.slots - 1
  const always = new Set([alive, ...draft.watched.flat().filter((slot) => slot >= 0)])
  const needed = new Set(always)
  const born = bornBefore(draft, steps)
  const stages: Stage[] = []
  let casesToCome = 1
  let quiet = question.onlyDifferences === true
  for (let at = steps.length - 1; at >= 0; at--) {
    const step = steps[at]
    if (!step) continue
    const keep = [...needed].filter((slot) => slot === alive || born[at]?.has(slot)).toSorted((a, b) => a - b)
    const twins = draft.twins.filter((pair) => pair.every((slot) => keep.includes(slot)))
    stages.unshift({ ...step, keep, alikeFrom: quiet ? casesToCome : 0, twins })
    for (const slot of slotsRead(draft, step)) needed.add(slot)
    if (step.fact >= 0)
      casesToCome *= (uses.classes.get(step.fact) ?? []).reduce((sum, { atoms }) => sum + atoms, 0)
    quiet &&= step.checks.length === 0 && !setsApart(draft, step)
  }
  return stages
}

const slotsRead = (draft: Draft, step: Step): number[] => [
  ...step.narrows.flatMap(({ group, column }) => {
    const own = draft.groups[group]
    const source = own?.sources[column] ?? -1
    return [own?.slot ?? -1, source].filter((slot) => slot >= 0)
  }),
  ...step.settles.flatMap((group) => {
    const own = draft.groups[group]
    return own ? [own.slot, ...own.captures] : []
  }),
  ...step.checks.flatMap(({ parts }) => parts.map(({ slot }) => slot).filter((slot) => slot >= 0)),
]

/** For each step the slots that have a value once it is over. */
const bornBefore = (draft: Draft, steps: readonly Step[]): Set<number>[] => {
  const born = new Set<number>()
  return steps.map((step) => {
    if (step.fact >= 0) born.add(step.fact)
    for (const group of step.begins) born.add(draft.groups[group]?.slot ?? -1)
    for (const group of step.settles) {
      const own = draft.groups[group]
      for (const slot of own?.conclusions ?? []) born.add(slot)
      if (own) born.add(own.rulesSlot)
    }
    return new Set(born)
  })
}

/** Can lanes that are alike before this step differ after it? Only where a table that differs ends. */
const setsApart = (draft: Draft, { settles }: Step): boolean =>
  settles.some((index) => {
    const own = draft.groups[index]
    if (!own) return false
    return (
      own.sources.includes(-1) ||
      draft.groups.some((other) => other.table.name === own.table.name && other.table !== own.table)
    )
  })

/** The first lane's typical atom of the split fact. */
export const typicalSplit = ({ lanes, split }: Question): number => {
  const variable = split === undefined ? undefined : lanes[0]?.policy.variables[split]
  return variable ? typicalAtom(variable) : 0
}
