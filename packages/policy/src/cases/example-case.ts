/**
 * A document's example as a case: typical values for what it leaves out, every completion of what is unknown.
 *
 * For trying examples many times over, on changed rules too; whether an example is written well is said when the
 * document loads.
 */
import { printOperand } from "../cell.ts"
import type { ExampleModel } from "../model.ts"
import type { ResolvedPolicy, ResolvedTable, Value, Variable } from "../resolved.ts"
import { chainOf, evaluate, type Link } from "./evaluate.ts"
import { tablesInForce } from "./in-force.ts"

/** One example, ready to be tried. */
export interface ExampleCase {
  readonly example: ExampleModel
  /** For each fact the atoms that it may have: one, or all where it is unknown and the answer has to wait. */
  readonly atoms: readonly (readonly number[])[]
  /** Whole numbers that the example gives, by fact. */
  readonly numbers: ReadonlyMap<number, number>
  readonly tables: readonly ResolvedTable[]
}

/** Undefined when a value of the example is none of its fact. */
export const exampleCase = (policy: ResolvedPolicy, example: ExampleModel): ExampleCase | undefined => {
  const date = example.date === "" ? policy.effectiveFrom : example.date
  const version = policy.versions.findLastIndex(({ from }) => from <= date)
  if (version < 0) return undefined
  const numbers = new Map<number, number>()
  const atoms = policy.variables.map((variable, at) => {
    const given = example.given.find(({ name }) => name === variable.name)
    if (!given) {
      if (/^\d+$/.test(variable.typical)) numbers.set(at, Number(variable.typical))
      return atomsOfWord(variable, variable.typical)
    }
    const word = printOperand(given.value)
    if (given.value.is === "number") numbers.set(at, given.value.value)
    return atomsOfWord(variable, word)
  })
  if (atoms.some((some) => some.length === 0)) return undefined
  return { example, atoms, numbers, tables: tablesInForce(policy, { accepted: version, step: version }) }
}

/** What an example comes to: values by key, `undefined` where it has to wait, and the rules behind one of them. */
export interface Tried {
  readonly valueOf: (key: string) => Value | undefined
  readonly chainOf: (key: string) => readonly Link[]
}

export const tryExample = (policy: ResolvedPolicy, { atoms, tables }: ExampleCase): Tried => {
  let cases: number[][] = [[]]
  for (const some of atoms) cases = cases.flatMap((one) => some.map((atom) => [...one, atom]))
  const evaluations = cases.slice(0, mostCompletions).map((one) => evaluate(policy, tables, one))
  const [first] = evaluations
  return {
    valueOf(key) {
      const value = first?.values.get(key)
      return evaluations.every(({ values }) => values.get(key) === value) ? value : undefined
    },
    chainOf(key) {
      const chains = evaluations.map((evaluation) => chainOf(evaluation, [key]))
      return (chains[0] ?? []).filter(({ rule }) =>
        chains.every((chain) => chain.some((link) => link.rule === rule)),
      )
    },
  }
}

/** The atoms that a word means: one; all where it is unknown and the answer has to wait; none if it is no value. */
export const atomsOfWord = (variable: Variable, word: string): number[] => {
  if (word === "未知") {
    const unknown = variable.atoms.findIndex(({ is }) => is === "unknown")
    return unknown >= 0 ? [unknown] : [...variable.atoms.keys()]
  }
  const number = /^\d{1,9}/.exec(word) ? Number.parseInt(word, 10) : Number.NaN
  const found = variable.atoms.findIndex((atom) =>
    atom.is === "span" ? atom.low <= number && number <= atom.high : atom.is === "value" && atom.zh === word,
  )
  return found < 0 ? [] : [found]
}

// internal

/** Completions of one example that are tried; an example leaves few facts open. */
const mostCompletions = 4096
