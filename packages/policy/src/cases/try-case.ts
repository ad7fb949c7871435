/**
 * One case of a question, tried by interpretation instead of searched: what a leaf of the search would show.
 *
 * It serves what is too large to search, and it is what the search is tested against.
 */
import type { Case } from "./case.ts"
import { sizeOfChoice, typicalCase } from "./case.ts"
import { evaluate } from "./evaluate.ts"
import { tablesBehind } from "./in-force.ts"
import type { Lane, Leaf, Question } from "./question.ts"

/** The case as a leaf of its own, or undefined when no lane counts. */
export const tryCase = (question: Question, one: Case): Leaf | undefined => {
  const { lanes, split, watch } = question
  const cases = lanes.map(({ atom }) => one.map((own, at) => (at === split ? (atom ?? own) : own)))
  const evaluations = lanes.map(({ policy, tables }, lane) => evaluate(policy, tables, cases[lane] ?? one))
  const counts = lanes.map(({ policy }, lane) => {
    const own = cases[lane] ?? one
    const impossible = policy.impossible.some(
      ({ when }) =>
        when.every(({ variable }) => variable !== question.completing) &&
        when.every(({ variable, holds }) => holds[own[variable] ?? 0] ?? false),
    )
    return (
      !impossible &&
      question.premise.every(({ source, holds }) =>
        holds(source.is === "fact" ? own[source.variable] : evaluations[lane]?.values.get(source.key)),
      )
    )
  })
  if (!counts.includes(true)) return undefined
  const [first] = lanes
  return {
    cases: 1,
    size: one.reduce(
      (sum, atom, at) => (at === split || !first ? sum : sum + sizeOfChoice(first.policy, at, atom)),
      0,
    ),
    counts: (lane) => counts[lane] ?? false,
    seen(lane, number) {
      const asked = watch[number]
      if (asked?.is === "fact") return cases[lane]?.[asked.variable]
      if (asked?.is === "conclusion") return evaluations[lane]?.values.get(asked.key)
      const table = lanes[lane]?.tables.find(({ name }) => name === asked?.table)
      const rules = table && evaluations[lane]?.deciding.get(table)
      return rules === undefined || rules.length === 0 ? undefined : rules.join()
    },
    one: () => {
      const typical = first ? typicalCase(first.policy) : []
      return one.map((atom, at) => (at === split ? (typical[at] ?? atom) : atom))
    },
  }
}

/** The question without the tables that it does not depend on: trying every one of them costs most of the time. */
export const onlyWhatMatters = (question: Question): Question => {
  const { watch, premise, lanes } = question
  const keysIn = ({ tables }: Lane): readonly string[] => [
    ...watch.flatMap((one) => {
      if (one.is === "conclusion") return [one.key]
      return one.is === "rules" ? (tables.find(({ name }) => name === one.table)?.conclusions ?? []) : []
    }),
    ...premise.flatMap(({ source }) => (source.is === "conclusion" ? [source.key] : [])),
  ]
  return {
    ...question,
    lanes: lanes.map((lane) => ({ ...lane, tables: tablesBehind(lane.tables, keysIn(lane)) })),
  }
}

/** What random cases showed. */
export interface Sample {
  readonly tries: number
  readonly counted: number
  /** A leaf that `wanted` asked for, made as small as giving back typical values makes it. */
  readonly found: Leaf | undefined
}

/**
 * Tries random cases of a question until `wanted` says yes, then gives facts their typical value back as long
 * as it still says yes.
 *
 * @param seed the same seed tries the same cases.
 */
export const sampleCases = (
  asked: Question,
  wanted: (leaf: Leaf) => boolean,
  { tries, seed }: { readonly tries: number; readonly seed: number },
): Sample => {
  const question = onlyWhatMatters(asked)
  const policy = question.lanes[0]?.policy
  if (!policy) return { tries: 0, counted: 0, found: undefined }
  const random = randomFrom(seed)
  let counted = 0
  for (let at = 1; at <= tries; at++) {
    const one = policy.variables.map(({ atoms }) => Math.floor(random() * atoms.length))
    const leaf = tryCase(question, one)
    if (!leaf) continue
    counted++
    if (wanted(leaf)) return { tries: at, counted, found: smaller(question, one, leaf, wanted) }
  }
  return { tries, counted, found: undefined }
}

/** Numbers from 0 up to 1, the same for the same seed (the generator mulberry32). */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

// internal

const smaller = (question: Question, start: Case, leaf: Leaf, wanted: (leaf: Leaf) => boolean): Leaf => {
  const policy = question.lanes[0]?.policy
  const typical = policy ? typicalCase(policy) : []
  let [one, best] = [[...start], leaf]
  for (let before: number[] | undefined; before?.join() !== one.join(); ) {
    before = one
    for (const [at, atom] of typical.entries()) {
      if (one[at] === atom) continue
      const candidate = one.with(at, atom)
      const tried = tryCase(question, candidate)
      if (tried && wanted(tried)) [one, best] = [candidate, tried]
    }
  }
  return best
}
