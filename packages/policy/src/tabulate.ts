/**
 * From a diagram to a table of answers: all situations in a row, facts reduced to what the decision can tell
 * apart.
 *
 * Values of a fact that lead to the same place in every node of the diagram are one; so are neighbouring
 * stretches of a number. A table that would be too large is not made.
 */
import type { FactKey } from "@yingshao/core/decisions"
import { type AnswerTable, asked, groups, nowhere, type OtherFact } from "./answer-table.ts"
import type { Diagrams, NodeId } from "./diagram.ts"
import { type FactReader, indexOfFact } from "./reader.ts"
import type { Answer } from "./runner.ts"
import { createWordList } from "./word-list.ts"

/** Places that may still be used: tables of one policy share a bound on memory. A place takes 8 bytes. */
export interface TableBudget {
  left: number
}

export const createTableBudget = (): TableBudget => ({ left: 1_000_000 })

/** The most places of one table. Below `nowhere`, so that no value without a place finds one. */
export const mostPlaces = 65_536
/** Words of one fact that may be compared one after the other. */
export const mostCompared = 8

/**
 * @param readers one for each variable of the diagrams, in their order.
 * @returns a table without any answer when it would be too large.
 */
export const tabulate = (
  diagrams: Diagrams,
  root: NodeId,
  readers: readonly FactReader[],
  answers: readonly Answer[],
  budget: TableBudget,
): AnswerTable => {
  const columns = columnsOf(diagrams, root, readers)
  const size = columns.reduce((product, { classes }) => product * classes, 1)
  const comparable = columns.every(({ reader }) => reader.words.longest <= mostCompared)
  if (size > Math.min(mostPlaces, budget.left) || !comparable) return noTable
  budget.left -= size
  return { ...layOut(columns), answers: listAnswers(diagrams, root, columns, answers) }
}

/** A table without any answer. */
export const noTable: AnswerTable = {
  asks: 0,
  summands: [],
  situation: 0,
  conversion: 0,
  verification: 0,
  worth: 0,
  category: 0,
  level: 0,
  negative: 0,
  affected: 0,
  nth: 0,
  categories: createWordList([]),
  levels: createWordList([]),
  negatives: createWordList([]),
  others: [],
  answers: [],
}

// internal

/** A fact that a diagram asks. */
interface Column {
  readonly variable: number
  readonly reader: FactReader
  /** For each atom the number of its class: atoms of one class are never told apart. */
  readonly classOf: readonly number[]
  /** One atom of each class. */
  readonly atomOf: readonly number[]
  readonly classes: number
  /** What one class more adds to a place. */
  readonly stride: number
}

const columnsOf = (diagrams: Diagrams, root: NodeId, readers: readonly FactReader[]): Column[] => {
  /** For each variable and atom: where it leads from every node. */
  const ways = new Map<number, string[]>()
  const seen = new Set<NodeId>()
  const visit = (at: NodeId) => {
    if (at < 0 || seen.has(at)) return
    seen.add(at)
    const children = diagrams.childrenOf(at)
    const variable = diagrams.variableOf(at)
    const known = ways.get(variable)
    ways.set(
      variable,
      children.map((child, atom) => `${known?.[atom] ?? ""},${child}`),
    )
    for (const child of children) visit(child)
  }
  visit(root)
  let stride = 1
  return [...ways]
    .toSorted(([a], [b]) => b - a)
    .flatMap(([variable, way]): Column[] => {
      const reader = readers[variable]
      if (!reader) return []
      const distinct = [...new Set(way)]
      const column = {
        variable,
        reader,
        classOf: way.map((one) => distinct.indexOf(one)),
        atomOf: distinct.map((one) => way.indexOf(one)),
        classes: distinct.length,
        stride,
      }
      stride *= distinct.length
      return [column]
    })
    .toReversed()
}

/** Every situation's answer, the last column changing fastest. */
const listAnswers = (
  diagrams: Diagrams,
  root: NodeId,
  columns: readonly Column[],
  answers: readonly Answer[],
): (Answer | undefined)[] => {
  const list: (Answer | undefined)[] = []
  const fill = (at: NodeId, depth: number) => {
    const column = columns[depth]
    if (column === undefined) {
      const answer = answers[~at]
      list.push(answer?.outcome === undefined ? undefined : answer)
      return
    }
    const asks = diagrams.variableOf(at) === column.variable
    for (const atom of column.atomOf) fill(asks ? (diagrams.childrenOf(at)[atom] ?? -1) : at, depth + 1)
  }
  fill(root, 0)
  return list
}

type Layout = Omit<AnswerTable, "answers">

/** Where the summands of each group and fact stand. */
const layOut = (columns: readonly Column[]): Layout => {
  const byFact = new Map(columns.map((column) => [column.reader.variable.fact, column]))
  const summands: number[] = []
  let asks = 0
  const begin = (name: keyof typeof asked): number => {
    asks |= asked[name]
    return summands.length
  }
  const group = (name: keyof typeof groups): number => {
    const facts: readonly GroupFact[] = groups[name]
    if (!facts.some(({ fact }) => byFact.has(fact))) return 0
    const start = begin(name)
    summands.push(...groupSummands(facts, byFact))
    for (const { fact } of facts) byFact.delete(fact)
    return start
  }
  const single = (name: "category" | "level" | "negative" | "affected" | "nth") => {
    const column = byFact.get(name)
    if (!column) return { start: 0, words: noWords }
    const start = begin(name)
    summands.push(...factSummands(column))
    byFact.delete(name)
    return { start, words: column.reader.words }
  }
  const [situation, conversion] = [group("situation"), group("conversion")]
  const [verification, worth] = [group("verification"), group("worth")]
  const [category, level] = [single("category"), single("level")]
  const [negative, affected] = [single("negative"), single("affected")]
  const nth = single("nth")
  if (byFact.size > 0) asks |= asked.others
  const others = [...byFact.values()].map((column): OtherFact => {
    const start = summands.length
    summands.push(...factSummands(column))
    const { variable, words } = column.reader
    return { fact: indexOfFact(variable.fact), start, words: isNumber(column) ? undefined : words }
  })
  return {
    asks,
    summands,
    situation,
    conversion,
    verification,
    worth,
    category: category.start,
    level: level.start,
    negative: negative.start,
    affected: affected.start,
    nth: nth.start,
    categories: category.words,
    levels: level.words,
    negatives: negative.words,
    others,
  }
}

interface GroupFact {
  readonly fact: FactKey
  readonly words: readonly string[]
}

/** A summand for each code of a group. Facts that the decision does not ask add nothing, whatever they are. */
const groupSummands = (facts: readonly GroupFact[], byFact: ReadonlyMap<FactKey, Column>): number[] => {
  let sums = [0]
  for (const { fact, words } of facts) {
    const column = byFact.get(fact)
    const own = column
      ? [nowhere, ...words.map((word) => summandOf(column, word))]
      : [0, ...words.map(() => 0)]
    sums = own.flatMap((summand) => sums.map((sum) => sum + summand))
  }
  return sums
}

/** A summand for each place of a list of words, or the search table of a number. */
const factSummands = (column: Column): number[] => {
  if (!isNumber(column)) return column.reader.words.words.map((word) => summandOf(column, word))
  const { atoms } = column.reader.variable
  const stretches = atoms.flatMap((atom, at) =>
    atom.is === "span" ? [{ low: atom.low, high: atom.high, summand: summandAt(column, at) }] : [],
  )
  const starts = stretches.filter(({ summand }, at) => at === 0 || summand !== stretches[at - 1]?.summand)
  let size = 1
  while (size < starts.length) size *= 2
  const fill = (value: number) => new Array<number>(size - starts.length).fill(value)
  return [
    size,
    stretches.at(-1)?.high ?? -1,
    summandOf(column, "unknown"),
    ...starts.map(({ low }) => low),
    ...fill(pastAllNumbers),
    ...starts.map(({ summand }) => summand),
    ...fill(nowhere),
  ]
}

const isNumber = ({ reader }: Column): boolean => reader.variable.atoms.some((atom) => atom.is === "span")

/** What a word adds to a place; *unknown* only where it is a value. */
const summandOf = (column: Column, word: string): number =>
  summandAt(
    column,
    column.reader.variable.atoms.findIndex((atom) =>
      atom.is === "value" ? atom.key === word : atom.is === "unknown" && word === "unknown",
    ),
  )

const summandAt = ({ classOf, stride }: Column, atom: number): number => {
  const found = classOf[atom]
  return found === undefined ? nowhere : found * stride
}

/** Larger than any number that is a fact, and small enough for 32-bit differences. */
const pastAllNumbers = 2 ** 30

const noWords = createWordList([])
