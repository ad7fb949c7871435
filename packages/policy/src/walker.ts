/**
 * The walk down a diagram: the one loop in which decisions spend their time.
 *
 * It allocates nothing and calls nothing on its way: facts are read by a switch, values compared with a short
 * list of keys, numbers searched among the starts of their stretches.
 */
import type { Diagrams, NodeId } from "./diagram.ts"
import { type FactReader, type GivenFacts, indexOfFact, valueAt } from "./reader.ts"

/** A diagram made ready for walking. */
export interface Walk {
  /** For each node: fact, first and last place of its keys, variable, then one child an atom. */
  readonly code: Int32Array
  readonly root: number
  /** The keys of all facts in one list. */
  readonly keys: readonly string[]
  /** The first numbers of all stretches in one list, and where each fact's part of it begins. */
  readonly starts: Float64Array
  readonly spanStarts: Int32Array
  readonly lasts: Float64Array
  readonly readers: readonly FactReader[]
}

/** Facts with more values than this are looked up instead of compared one by one. */
export const longestKeyList = 32

/** @param readers one for each variable of the diagrams, in their order. */
export const createWalk = (diagrams: Diagrams, root: NodeId, readers: readonly FactReader[]): Walk => {
  const { factOf, keyStarts, ...lists } = listsOf(readers)
  const head = (variable: number) => [
    factOf[variable] ?? 0,
    keyStarts[variable] ?? 0,
    keyStarts[variable + 1] ?? 0,
    variable,
  ]
  return { ...diagrams.flatten(root, head), ...lists, readers }
}

/** The number of the outcome for some facts, or -1 when an unknown fact is asked for. */
export const walk = (on: Walk, facts: GivenFacts): number => {
  const { code, keys } = on
  let at = on.root
  while (at >= 0) {
    const value = valueAt(facts, code[at] as number)
    let atom = 0
    if (typeof value === "string") {
      const first = code[at + 1] as number
      if (value === keys[first]) atom = 0
      else if (value === keys[first + 1]) atom = 1
      else if (value === keys[first + 2]) atom = 2
      else {
        const end = code[at + 2] as number
        let key = first + 3
        while (key < end && keys[key] !== value) key++
        atom = key < end ? key - first : otherAtom(on, code[at + 3] as number, value)
      }
    } else atom = numberAtom(on, code[at + 3] as number, value)
    if (atom < 0) return -1
    at = code[at + 4 + atom] as number
  }
  return ~at
}

// internal

const numberAtom = (on: Walk, variable: number, value: number | undefined): number => {
  if (value === undefined) return otherAtom(on, variable, value)
  const { starts, spanStarts, lasts } = on
  const first = spanStarts[variable] as number
  if (value > (lasts[variable] as number) || value < (starts[first] as number) || value !== Math.floor(value))
    return otherAtom(on, variable, value)
  let low = first
  let high = (spanStarts[variable + 1] as number) - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if ((starts[middle] as number) <= value) low = middle
    else high = middle - 1
  }
  return low - first
}

const otherAtom = (on: Walk, variable: number, value: string | number | undefined): number =>
  on.readers[variable]?.atomOf(value) ?? -1

/** What the loop looks things up in: one list for all facts, and where each fact's part starts. */
const listsOf = (readers: readonly FactReader[]) => {
  const keys: string[] = []
  const keyStarts = [0]
  const starts: number[] = []
  const spanStarts = [0]
  for (const { variable } of readers) {
    const words = variable.atoms.flatMap((atom) =>
      atom.is === "value" ? [atom.key] : atom.is === "unknown" ? ["unknown"] : [],
    )
    const isNumber = variable.atoms.some((atom) => atom.is === "span")
    if (!isNumber && words.length <= longestKeyList) keys.push(...words)
    while (keys.length - (keyStarts.at(-1) ?? 0) < 3) keys.push(noKey)
    keyStarts.push(keys.length)
    for (const atom of variable.atoms) if (atom.is === "span") starts.push(atom.low)
    spanStarts.push(starts.length)
  }
  return {
    factOf: readers.map((reader) => indexOfFact(reader.variable.fact)),
    keys,
    keyStarts,
    starts: Float64Array.from([...starts, 0]),
    spanStarts: Int32Array.from(spanStarts),
    lasts: Float64Array.from(readers, lastOf),
  }
}

/** Fills up lists of fewer than three keys; no fact has this value. */
const noKey = "\u0000"

/** The highest number that a fact can have; less than any number for facts that are words. */
const lastOf = ({ variable }: FactReader): number => {
  const spans = variable.atoms.filter((atom) => atom.is === "span")
  return spans.at(-1)?.high ?? Number.NEGATIVE_INFINITY
}
