/**
 * Running a decision: down one diagram to a prepared answer, or over all completions when facts are unknown.
 *
 * Every answer of a decision is built once, frozen and shared, with the rules that fired; a call allocates
 * nothing. Where one joint diagram would grow too large, the tables run one after the other instead.
 */
import type { FactKey, FiredRule, Outcome } from "@yingshao/core/decisions"
import type { AnswerTable } from "./answer-table.ts"
import type { ComposedTable, Composition } from "./compose.ts"
import { createDiagrams, type NodeId, TooLarge } from "./diagram.ts"
import { type FactReader, type GivenFacts, PolicyMisuse } from "./reader.ts"
import type { ResolvedPolicy, Value } from "./resolved.ts"
import { noTable, type TableBudget, tabulate } from "./tabulate.ts"
import { createWalk, type Walk, walk } from "./walker.ts"

/** A prepared answer. Values are undefined where no rule matched, which only impossible cases reach. */
export interface Answer {
  readonly values: { readonly [key: string]: Value } | undefined
  readonly rules: readonly FiredRule[]
  /** Equal for equal values; 0 for no answer. */
  readonly same: number
  /** The impossible combination that holds, if any. */
  readonly impossible: string | undefined
  /** The answer as core takes it; undefined where the answer must not be given. */
  readonly outcome: Decided | undefined
}

export type Decided = Extract<Outcome<{ readonly [key: string]: Value }>, { status: "decided" }>

export interface Pending {
  readonly missing: readonly FactKey[]
  readonly rules: readonly FiredRule[]
}

export interface Runner {
  /** The answers to complete cases; empty where they would be too many. */
  readonly table: AnswerTable
  /** The joint diagram, unless it would be too large. */
  readonly way: Way | undefined
  /** Any facts: the answer, over all completions of unknown facts, or what still matters. */
  complete(facts: GivenFacts): Answer | Pending
}

/** A diagram and its answers by number of the outcome. */
export interface Way {
  readonly walk: Walk
  readonly answers: readonly Answer[]
}

/** Joint diagrams beyond this number of situations are split. */
export const mostJointSteps = 60_000
/** `because` holds at most this many rules. */
export const mostRules = 64

/** A runner for the conclusions `keys` under the composition made for them. @throws TooLarge */
export const createRunner = (
  policy: ResolvedPolicy,
  composition: Composition,
  keys: readonly string[],
  readersByVariable: readonly FactReader[],
  digest: string,
  budget: TableBudget,
): Runner => {
  const readers = composition.order.flatMap((variable) => readersByVariable[variable] ?? [])
  const { tables } = composition
  const guards = guardsOf(policy, tables)
  const answers = createAnswers(policy, tables, guards, keys, digest)
  const roots = [
    ...tables.map((table) => table.root),
    ...guards.map((index) => composition.impossible(index)),
  ]
  try {
    const root = composition.diagrams.product(roots, answers.intern, mostJointSteps)
    return jointRunner(composition, root, answers, readers, digest, budget)
  } catch (error) {
    if (error instanceof TooLarge) return splitRunner(composition, roots, answers, readers, digest)
    throw error
  }
}

// internal

/** Combinations whose facts this decision reads; others cannot be judged here. */
const guardsOf = (policy: ResolvedPolicy, tables: readonly ComposedTable[]): number[] => {
  const read = new Set(
    tables.flatMap(({ table }) =>
      table.columns.flatMap(({ source }) => (source.is === "fact" ? [source.variable] : [])),
    ),
  )
  return [...policy.impossible.keys()].filter((index) =>
    policy.impossible[index]?.when.every(({ variable }) => read.has(variable)),
  )
}

interface Answers {
  readonly list: readonly Answer[]
  /** The number of the answer for one outcome of each table and guard. */
  readonly intern: (outcomes: readonly number[]) => number
}

const createAnswers = (
  policy: ResolvedPolicy,
  tables: readonly ComposedTable[],
  guards: readonly number[],
  keys: readonly string[],
  digest: string,
): Answers => {
  const list: Answer[] = []
  const known = new Map<string, number>()
  const alike = new Map<string, number>()
  const sames = new Map<string, number>()
  const build = (outcomes: readonly number[]): Answer => {
    const values = valuesOf(tables, outcomes, keys)
    const text = values && JSON.stringify(values)
    const same = text === undefined ? 0 : (sames.get(text) ?? sames.size + 1)
    if (text !== undefined) sames.set(text, same)
    const guard = guards.find((_, index) => (outcomes[tables.length + index] ?? 0) > 0)
    const impossible = guard === undefined ? undefined : policy.impossible[guard]?.id
    return answerOf(values, firedRules(tables, outcomes, keys), same, impossible, digest)
  }
  /** Situations that differ only in tables whose rules did not matter have one answer. */
  const intern = (outcomes: readonly number[]): number => {
    const key = outcomes.join()
    const found = known.get(key)
    if (found !== undefined) return found
    const answer = build(outcomes)
    const text = JSON.stringify([answer.same, answer.impossible ?? null, answer.rules])
    const at = alike.get(text) ?? list.length
    if (at === list.length) {
      list.push(answer)
      alike.set(text, at)
    }
    known.set(key, at)
    return at
  }
  return { list, intern }
}

const answerOf = (
  values: Answer["values"],
  fired: FiredRule[],
  same: number,
  impossible: string | undefined,
  digest: string,
): Answer => {
  const rules = Object.freeze(fired)
  const outcome: Decided | undefined =
    values === undefined || impossible !== undefined
      ? undefined
      : Object.freeze({
          status: "decided",
          conclusions: Object.freeze(values),
          because: Object.freeze({ policy: digest, rules: fired }),
        })
  return Object.freeze({ values, rules, same, impossible, outcome })
}

const valuesOf = (
  tables: readonly ComposedTable[],
  outcomes: readonly number[],
  keys: readonly string[],
): { [key: string]: Value } | undefined => {
  const found = new Map<string, Value>()
  for (const [index, { table, outcomes: results }] of tables.entries()) {
    const values = results[outcomes[index] ?? 0]?.values
    for (const [column, key] of table.conclusions.entries()) {
      const value = values?.[column]
      if (value !== undefined) found.set(key, value)
    }
  }
  if (!keys.every((key) => found.has(key))) return undefined
  return Object.fromEntries(keys.map((key) => [key, found.get(key) ?? ""]))
}

/**
 * The rules that mattered, in the order in which they were used: those that give a wanted conclusion, and
 * before them those whose conclusion such a rule reads.
 */
const firedRules = (
  tables: readonly ComposedTable[],
  outcomes: readonly number[],
  keys: readonly string[],
): FiredRule[] => {
  const wanted = new Set(keys)
  const fired: FiredRule[] = []
  for (let index = tables.length - 1; index >= 0; index--) {
    const composed = tables[index]
    if (!composed?.table.conclusions.some((key) => wanted.has(key))) continue
    const { table } = composed
    const rules = composed.outcomes[outcomes[index] ?? 0]?.rules ?? []
    const used = rules.flatMap((rule) => table.rules[rule] ?? [])
    fired.unshift(...used.map(({ id, clause }) => Object.freeze({ table: table.name, rule: id, clause })))
    for (const rule of used) {
      for (const [column, reads] of rule.reads.entries()) {
        const source = table.columns[column]?.source
        if (reads && source?.is === "conclusion") wanted.add(source.key)
      }
      for (const result of rule.gives)
        if (result.is === "call")
          for (const operand of result.of) if (typeof operand !== "number") wanted.add(operand.conclusion)
    }
  }
  return fired.slice(0, mostRules)
}

const jointRunner = (
  composition: Composition,
  root: NodeId,
  { list }: Answers,
  readers: readonly FactReader[],
  digest: string,
  budget: TableBudget,
): Runner => ({
  table: tabulate(composition.diagrams, root, readers, list, budget),
  way: { walk: createWalk(composition.diagrams, root, readers), answers: list },
  complete: (facts) => explore(composition, root, (at) => list[at], facts, readers, digest),
})

const checked = (answer: Answer): Answer => {
  if (answer.impossible !== undefined)
    throw new PolicyMisuse("impossible-case", `V207: facts of the impossible case "${answer.impossible}"`)
  if (answer.values === undefined) throw new PolicyMisuse("no-answer", "no rule matches these facts")
  return answer
}

/**
 * All completions of the unknown facts at once. Combinations that cannot happen *now* count as well: a
 * report that is not verified yet has no verdict, and that must not decide what the verdict will be.
 */
const explore = (
  composition: Composition,
  root: NodeId,
  answerAt: (outcome: number) => Answer | undefined,
  facts: GivenFacts,
  readers: readonly FactReader[],
  digest: string,
): Answer | Pending => {
  const { variableOf, childrenOf } = composition.diagrams
  const local = createDiagrams(Number.MAX_SAFE_INTEGER)
  const done = new Map<NodeId, NodeId>()
  const reached = new Set<Answer>()
  const visit = (at: NodeId): NodeId => {
    if (at < 0) {
      const answer = answerAt(~at)
      if (answer) reached.add(answer)
      return ~(answer?.same ?? 0)
    }
    const known = done.get(at)
    if (known !== undefined) return known
    const variable = variableOf(at)
    const reader = readers[variable]
    const atom = reader ? reader.atomIn(facts) : -1
    const made =
      atom >= 0 ? visit(childrenOf(at)[atom] ?? -1) : local.node(variable, childrenOf(at).map(visit))
    done.set(at, made)
    return made
  }
  const result = visit(root)
  const all = [...reached]
  const [first] = all
  if (first && all.every((answer) => answer.impossible !== undefined)) return checked(first)
  const rules = commonRules(all)
  if (result < 0 && first) return checked(answerOf(first.values, rules, first.same, undefined, digest))
  const missing = support(local, result).toSorted(
    (a, b) => (composition.order[a] ?? 0) - (composition.order[b] ?? 0),
  )
  return { missing: missing.flatMap((position) => readers[position]?.variable.fact ?? []), rules }
}

const commonRules = (answers: readonly Answer[]): FiredRule[] =>
  (answers[0]?.rules ?? []).filter((rule) =>
    answers.every((answer) =>
      answer.rules.some((other) => other.table === rule.table && other.rule === rule.rule),
    ),
  )

/** The variables that a reduced diagram asks. */
const support = (diagrams: ReturnType<typeof createDiagrams>, root: NodeId): number[] => {
  const variables = new Set<number>()
  const seen = new Set<NodeId>()
  const visit = (at: NodeId) => {
    if (at < 0 || seen.has(at)) return
    seen.add(at)
    variables.add(diagrams.variableOf(at))
    for (const child of diagrams.childrenOf(at)) visit(child)
  }
  visit(root)
  return [...variables]
}

const splitRunner = (
  composition: Composition,
  roots: readonly NodeId[],
  answers: Answers,
  readers: readonly FactReader[],
  digest: string,
): Runner => {
  const walks = roots.map((root) => createWalk(composition.diagrams, root, readers))
  return {
    table: noTable,
    way: undefined,
    complete: (facts) => {
      const outcomes = walks.map((one) => walk(one, facts))
      if (outcomes.includes(-1)) return exploreParts(composition, roots, answers, facts, readers, digest)
      const answer = answers.list[answers.intern(outcomes)]
      return answer ? checked(answer) : { missing: [], rules: [] }
    },
  }
}

/** Completions table by table: each table's diagram is exact by itself. */
const exploreParts = (
  composition: Composition,
  roots: readonly NodeId[],
  answers: Answers,
  facts: GivenFacts,
  readers: readonly FactReader[],
  digest: string,
): Answer | Pending => {
  const restricted = roots.map((root) => restrict(composition, root, facts, readers))
  const root = composition.diagrams.product(restricted, answers.intern, Number.MAX_SAFE_INTEGER)
  return explore(composition, root, (at) => answers.list[at], facts, readers, digest)
}

/** The diagram that is left once the known facts are put in. */
const restrict = (
  composition: Composition,
  root: NodeId,
  facts: GivenFacts,
  readers: readonly FactReader[],
): NodeId => {
  const { variableOf, childrenOf, node } = composition.diagrams
  const done = new Map<NodeId, NodeId>()
  const visit = (at: NodeId): NodeId => {
    if (at < 0) return at
    const known = done.get(at)
    if (known !== undefined) return known
    const reader = readers[variableOf(at)]
    const atom = reader ? reader.atomIn(facts) : -1
    const made =
      atom >= 0 ? visit(childrenOf(at)[atom] ?? -1) : node(variableOf(at), childrenOf(at).map(visit))
    done.set(at, made)
    return made
  }
  return visit(root)
}
