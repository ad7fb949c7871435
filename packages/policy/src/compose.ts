/**
 * Tables as diagrams over facts: a condition on an earlier conclusion is replaced by what concludes it.
 *
 * For some conclusions under one pair of versions (of acceptance and of the step).
 */
import { type Bits, bitsKey, emptyBits, intersect, setBit } from "./bits.ts"
import { tablesBehind, tablesInForce, type VersionPair } from "./cases/in-force.ts"
import { createDiagrams, type Diagrams, type NodeId, TooLarge, topVariable } from "./diagram.ts"
import type { ColumnSource, ResolvedPolicy, ResolvedTable, Value } from "./resolved.ts"
import { conclude, settle } from "./settle.ts"

/** What one table comes to: the rules that decided and their values; no values where no rule matched. */
export interface TableOutcome {
  readonly rules: readonly number[]
  readonly values: readonly Value[] | undefined
}

export interface ComposedTable {
  readonly table: ResolvedTable
  readonly root: NodeId
  readonly outcomes: readonly TableOutcome[]
}

export interface Composition {
  readonly diagrams: Diagrams
  /**
   * The facts in the order in which diagrams ask them: those nearest to the conclusions first, so that what
   * settles a case early keeps the rest from being asked. Diagrams number facts by place in this order.
   */
  readonly order: readonly number[]
  /** The tables behind the conclusions, in the order in which they are used. */
  readonly tables: readonly ComposedTable[]
  /** Outcome 1 + i where impossible combination i holds, 0 elsewhere. */
  impossible(index: number): NodeId
}

/** Limits of one composition; a document beyond them is refused, not half checked. */
export const mostNodes = 400_000
export const mostSteps = 1_000_000

/** @throws TooLarge when a diagram grows past its limit. */
export const compose = (policy: ResolvedPolicy, pair: VersionPair, keys: readonly string[]): Composition => {
  const diagrams = createDiagrams(mostNodes)
  const inForce = tablesBehind(tablesInForce(policy, pair), keys)
  const order = orderFacts(policy, inForce)
  const places = policy.variables.map((_, variable) => order.indexOf(variable))
  const byKey = new Map(inForce.flatMap((table) => table.conclusions.map((key) => [key, table] as const)))
  const composed = new Map<ResolvedTable, ComposedTable>()
  const columns = new Map<string, NodeId>()

  const factNode = (variable: number): NodeId => {
    const atoms = policy.variables[variable]?.atoms ?? []
    return diagrams.node(
      places[variable] ?? 0,
      atoms.map((_, atom) => ~atom),
    )
  }

  /** A diagram whose outcomes are the pieces of a column; one past the last means: no answer. */
  const pieceNode = (source: ColumnSource): NodeId => {
    if (source.is === "fact") return factNode(source.variable)
    const known = columns.get(source.key)
    if (known !== undefined) return known
    const table = byKey.get(source.key)
    const values = policy.conclusions.get(source.key)?.values ?? []
    if (!table) return ~values.length
    const { root, outcomes } = composeTable(table)
    const column = table.conclusions.indexOf(source.key)
    const node = diagrams.mapOutcomes(root, (outcome) => {
      const value = outcomes[outcome]?.values?.[column]
      const piece = value === undefined ? -1 : values.indexOf(value)
      return piece < 0 ? values.length : piece
    })
    columns.set(source.key, node)
    return node
  }

  const composeTable = (table: ResolvedTable): ComposedTable => {
    const known = composed.get(table)
    if (known) return known
    const made = buildTable(policy, table, diagrams, order, pieceNode)
    composed.set(table, made)
    return made
  }

  const impossible = (index: number): NodeId => {
    const when = (policy.impossible[index]?.when ?? []).map(({ variable, holds }) => ({
      place: places[variable] ?? 0,
      holds,
    }))
    let node: NodeId = ~(index + 1)
    for (const { place, holds } of when.toSorted((a, b) => b.place - a.place))
      node = diagrams.node(
        place,
        holds.map((hold) => (hold ? node : ~0)),
      )
    return node
  }

  return {
    diagrams,
    order,
    tables: inForce.map(composeTable),
    impossible,
  }
}

// internal

/** Facts by the last table that reads them, latest table first, then as the table lists them. */
const orderFacts = (policy: ResolvedPolicy, tables: readonly ResolvedTable[]): number[] => {
  const order = new Set<number>()
  for (const table of tables.toReversed())
    for (const { source } of table.columns) if (source.is === "fact") order.add(source.variable)
  for (const variable of policy.variables.keys()) order.add(variable)
  return [...order]
}

interface Open {
  readonly column: number
  readonly node: NodeId
}

const buildTable = (
  policy: ResolvedPolicy,
  table: ResolvedTable,
  diagrams: Diagrams,
  order: readonly number[],
  pieceNode: (source: ColumnSource) => NodeId,
): ComposedTable => {
  const outcomes: TableOutcome[] = [{ rules: [], values: undefined }]
  const known = new Map<string, number>([["", 0]])
  const outcome = (matching: Bits, captured: ReadonlyMap<string, number>): NodeId => {
    const settled = settle(table, matching)
    if (settled.is !== "rules") return ~0
    const values = conclude(table, settled.rules, (key) => captured.get(key) ?? 0)
    const key = JSON.stringify([settled.rules, values])
    const index = known.get(key) ?? outcomes.length
    if (index === outcomes.length) {
      outcomes.push({ rules: settled.rules, values })
      known.set(key, index)
    }
    return ~index
  }
  const walk = createWalk(policy, table, diagrams, order, outcome)
  const start = emptyBits(table.rules.length)
  for (const rule of table.rules.keys()) if (rule !== table.rest) setBit(start, rule)
  const open = [
    ...table.columns.map(({ source }, column) => ({ column, node: pieceNode(source) })),
    ...table.captures.map((key, index) => ({
      column: table.columns.length + index,
      node: pieceNode({ is: "conclusion", key }),
    })),
  ]
  return { table, root: walk(start, open, new Map()), outcomes }
}

/** Goes down all columns at once, fact by fact, remembering each distinct situation. */
const createWalk = (
  policy: ResolvedPolicy,
  table: ResolvedTable,
  diagrams: Diagrams,
  order: readonly number[],
  outcome: (matching: Bits, captured: ReadonlyMap<string, number>) => NodeId,
) => {
  const done = new Map<string, NodeId>()
  const budget = { left: mostSteps }
  const walk = (before: Bits, asked: readonly Open[], known: ReadonlyMap<string, number>): NodeId => {
    let matching = before
    let captured = known
    const open: Open[] = []
    for (const part of asked) {
      if (part.node >= 0) {
        open.push(part)
        continue
      }
      const piece = ~part.node
      const column = table.columns[part.column]
      if (column) {
        const mask = column.masks[piece]
        if (mask === undefined) return ~0
        matching = intersect(matching, mask)
      } else {
        const key = table.captures[part.column - table.columns.length] ?? ""
        const value = policy.conclusions.get(key)?.values[piece]
        if (typeof value !== "number") return ~0
        captured = new Map([...captured, [key, value]])
      }
    }
    const top = topVariable(
      open.map((part) => part.node),
      diagrams.variableOf,
    )
    if (top < 0) return outcome(matching, captured)
    const key = `${bitsKey(matching)}|${open.map((part) => `${part.column}:${part.node}`).join()}|${[...captured].join()}`
    const found = done.get(key)
    if (found !== undefined) return found
    if (budget.left-- <= 0) throw new TooLarge()
    const width = policy.variables[order[top] ?? 0]?.atoms.length ?? 0
    const kids: NodeId[] = []
    for (let atom = 0; atom < width; atom++)
      kids.push(walk(matching, descend(open, top, atom, diagrams), captured))
    const made = diagrams.node(top, kids)
    done.set(key, made)
    return made
  }
  return walk
}

const descend = (open: readonly Open[], variable: number, atom: number, diagrams: Diagrams): Open[] =>
  open.map((part) =>
    diagrams.variableOf(part.node) === variable
      ? { column: part.column, node: diagrams.childrenOf(part.node)[atom] ?? -1 }
      : part,
  )
