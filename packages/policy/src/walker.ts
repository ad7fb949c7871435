/**
 * The walk down a diagram: the one loop in which decisions spend their time.
 *
 * It allocates nothing and calls nothing on its way: facts are read by a switch, values compared with a short
 * list of keys, numbers searched among the starts of their stretches.
 */
import { type FactReader, type GivenFacts, indexOfFact, valueAt } from "./reader.ts"

/** A flattened diagram: variable, then one child an atom; outcomes are negative. */
export interface FlatDiagram {
  readonly code: Int32Array
  readonly root: number
}

/** A diagram made ready for walking. All facts share each list; `…Starts` say where a fact's part begins. */
export interface Walk {
  readonly code: Int32Array
  readonly root: number
  readonly factOf: Int32Array
  readonly keys: readonly string[]
  readonly keyStarts: Int32Array
  readonly starts: Float64Array
  readonly spanStarts: Int32Array
  readonly lasts: Float64Array
  readonly readers: readonly FactReader[]
}

/** Facts with more values than this are looked up instead of compared one by one. */
export const longestKeyList = 32

/** @param readers one for each variable of the diagram, in the diagram's order. */
export const createWalk = (diagram: FlatDiagram, readers: readonly FactReader[]): Walk => ({
  ...diagram,
  ...tablesOf(readers),
  readers,
})

/** The number of the outcome for some facts, or -1 when an unknown fact is asked for. */
export const walk = (on: Walk, facts: GivenFacts): number => {
  const { code, factOf, keys, keyStarts } = on
  let at = on.root
  while (at >= 0) {
    const variable = code[at] as number
    const value = valueAt(facts, factOf[variable] as number)
    let atom = 0
    if (typeof value === "string") {
      const first = keyStarts[variable] as number
      const end = keyStarts[variable + 1] as number
      let key = first
      while (key < end && keys[key] !== value) key++
      atom = key < end ? key - first : otherAtom(on, variable, value)
    } else atom = typeof value === "number" ? spanAt(on, variable, value) : otherAtom(on, variable, value)
    if (atom < 0) return -1
    at = code[at + 1 + atom] as number
  }
  return ~at
}

// internal

const spanAt = (on: Walk, variable: number, value: number): number => {
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
const tablesOf = (readers: readonly FactReader[]) => {
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
    keyStarts.push(keys.length)
    for (const atom of variable.atoms) if (atom.is === "span") starts.push(atom.low)
    spanStarts.push(starts.length)
  }
  return {
    factOf: Int32Array.from(readers, (reader) => indexOfFact(reader.variable.fact)),
    keys,
    keyStarts: Int32Array.from(keyStarts),
    starts: Float64Array.from([...starts, 0]),
    spanStarts: Int32Array.from(spanStarts),
    lasts: Float64Array.from(readers, lastOf),
  }
}

/** The highest number that a fact can have; less than any number for facts that are words. */
const lastOf = ({ variable }: FactReader): number => {
  const spans = variable.atoms.filter((atom) => atom.is === "span")
  return spans.at(-1)?.high ?? Number.NEGATIVE_INFINITY
}
