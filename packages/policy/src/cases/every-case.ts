/**
 * Every case of a question, one after the other, by interpretation: nothing is merged, nothing is skipped.
 *
 * It is what the search is compared with, in tests and in measurements. Facts that the question does not depend on
 * keep their typical value.
 */
import { typicalCase } from "./case.ts"
import { tablesBehind } from "./in-force.ts"
import type { Leaf, Question } from "./question.ts"
import { onlyWhatMatters, tryCase } from "./try-case.ts"

/** Calls `visit` with every case that counts in some lane. */
export const everyCase = (question: Question, visit: (leaf: Leaf) => void): void => {
  const policy = question.lanes[0]?.policy
  if (!policy) return
  const narrowed = onlyWhatMatters(question)
  const facts = factsOf(question)
  const one = typicalCase(policy)
  const choose = (at: number): void => {
    const fact = facts[at]
    if (fact === undefined) {
      const leaf = tryCase(narrowed, [...one])
      if (leaf) visit(leaf)
      return
    }
    const typical = one[fact] ?? 0
    for (const atom of policy.variables[fact]?.atoms.keys() ?? []) {
      one[fact] = atom
      choose(at + 1)
    }
    one[fact] = typical
  }
  choose(0)
}

/** The tables that a question depends on in its first lane. */
export const tablesAsked = (question: Question) =>
  tablesBehind(question.lanes[0]?.tables ?? [], keysOf(question))

// internal

const keysOf = ({ watch, premise }: Question): string[] => [
  ...watch.flatMap((one) => (one.is === "conclusion" ? [one.key] : [])),
  ...premise.flatMap(({ source }) => (source.is === "conclusion" ? [source.key] : [])),
]

/** The facts that a question depends on, with those that an impossible combination ties to them. */
const factsOf = (question: Question): number[] => {
  const { lanes, premise, split } = question
  const facts = new Set<number>()
  for (const { source } of premise) if (source.is === "fact") facts.add(source.variable)
  for (const { tables } of lanes)
    for (const table of tablesBehind(tables, keysOf(question)))
      for (const { source } of table.columns) if (source.is === "fact") facts.add(source.variable)
  for (const { when } of lanes[0]?.policy.impossible ?? [])
    if (when.some(({ variable }) => facts.has(variable))) for (const { variable } of when) facts.add(variable)
  if (split !== undefined) facts.delete(split)
  return [...facts]
}
