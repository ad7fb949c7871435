/**
 * Reading facts: from what core hands over to the number of an atom.
 *
 * One small function for each fact core knows, so that reading stays a plain property access.
 */
import type { FactKey, Facts } from "@yingshao/core/decisions"
import type { Variable } from "./resolved.ts"
import { createWordList, type WordList } from "./word-list.ts"

/** Core handed over what the document does not know, or asked before the document applies. */
export class PolicyMisuse extends Error {
  readonly _tag = "PolicyMisuse"
  readonly reason: "unknown-value" | "before-start" | "impossible-case" | "no-answer"
  constructor(reason: PolicyMisuse["reason"], message: string) {
    super(message)
    this.name = "PolicyMisuse"
    this.reason = reason
  }
}

export type GivenFacts = Partial<Facts>

export interface FactReader {
  readonly variable: Variable
  /** The atom of this fact, -1 when it is absent or unknown and that is no value. Throws PolicyMisuse. */
  readonly atomIn: (facts: GivenFacts) => number
  /** The atom of one value. */
  readonly atomOf: (value: string | number | undefined) => number
  readonly knows: (value: string | number) => boolean
  /** Its words, *unknown* among them where it is a value; none for a number. */
  readonly words: WordList
}

/** The reader of one fact. */
export const factReader = (variable: Variable): FactReader => {
  const find = variable.atoms.some((atom) => atom.is === "span")
    ? spanFinder(variable)
    : valueFinder(variable)
  const atomOf = (value: string | number | undefined): number => {
    const atom = find(value)
    if (atom !== undefined) return atom
    throw new PolicyMisuse("unknown-value", `fact "${variable.fact}" has no value ${JSON.stringify(value)}`)
  }
  const fact = indexOfFact(variable.fact)
  return {
    variable,
    atomOf,
    atomIn: (facts) => atomOf(valueAt(facts, fact)),
    knows: (value) => {
      const atom = find(value)
      return atom !== undefined && (atom >= 0 || variable.unknown === "pending")
    },
    words: createWordList(wordsOf(variable)),
  }
}

/**
 * A fact by number. One long switch: a property access of its own for each fact is several times faster than
 * an access by name or a call through a table, and this is where a decision spends its time.
 */
export const valueAt = (facts: GivenFacts, fact: number): string | number | undefined => {
  switch (fact) {
    case 0:
      return facts.category
    case 1:
      return facts.danger
    case 2:
      return facts.ongoing
    case 3:
      return facts.affected
    case 4:
      return facts.currentClass
    case 5:
      return facts.highestConfirmedClass
    case 6:
      return facts.trigger
    case 7:
      return facts.verdict
    case 8:
      return facts.level
    case 9:
      return facts.first
    case 10:
      return facts.reporter
    case 11:
      return facts.negative
    case 12:
      return facts.value
    case 13:
      return facts.difficulty
    case 14:
      return facts.nth
    case 15:
      return facts.willing
    case 16:
      return facts.nominated
    case 17:
      return facts.review
    case 18:
      return facts.age
    case 19:
      return facts.idle
    case 20:
      return facts.falseCount
    case 21:
      return facts.leave
    case 22:
      return facts.finding
    case 23:
      return facts.noticeDays
    case 24:
      return facts.appealDays
    case 25:
      return facts.rosterStatus
    case 26:
      return facts.yearPoints
    case 27:
      return facts.conduct
    case 28:
      return facts.fairness
    case 29:
      return facts.example
    case 30:
      return facts.obligation
    case 31:
      return facts.escalation
    case 32:
      return facts.returnsSoFar
    case 33:
      return facts.extensionsSoFar
    default:
      return undefined
  }
}

/** The number under which `valueAt` finds a fact. */
export const indexOfFact = (fact: FactKey): number => factNumbers[fact]

// internal

const factNumbers: { readonly [K in FactKey]: number } = {
  category: 0,
  danger: 1,
  ongoing: 2,
  affected: 3,
  currentClass: 4,
  highestConfirmedClass: 5,
  trigger: 6,
  verdict: 7,
  level: 8,
  first: 9,
  reporter: 10,
  negative: 11,
  value: 12,
  difficulty: 13,
  nth: 14,
  willing: 15,
  nominated: 16,
  review: 17,
  age: 18,
  idle: 19,
  falseCount: 20,
  leave: 21,
  finding: 22,
  noticeDays: 23,
  appealDays: 24,
  rosterStatus: 25,
  yearPoints: 26,
  conduct: 27,
  fairness: 28,
  example: 29,
  obligation: 30,
  escalation: 31,
  returnsSoFar: 32,
  extensionsSoFar: 33,
}

const wordsOf = ({ atoms }: Variable): string[] =>
  atoms.some((atom) => atom.is === "span")
    ? []
    : atoms.map((atom) => (atom.is === "value" ? atom.key : "unknown"))

type Finder = (value: string | number | undefined) => number | undefined

/** The atom of a fact that is absent or unknown, or -1 when the answer has to wait for it. */
const unknownAtom = (variable: Variable): number => variable.atoms.findIndex((atom) => atom.is === "unknown")

const valueFinder = (variable: Variable): Finder => {
  const unknown = unknownAtom(variable)
  const atoms = new Map<string | number | undefined, number>([
    [undefined, unknown],
    ["unknown", unknown],
  ])
  for (const [index, atom] of variable.atoms.entries()) if (atom.is === "value") atoms.set(atom.key, index)
  return (value) => atoms.get(value)
}

const spanFinder = (variable: Variable): Finder => {
  const unknown = unknownAtom(variable)
  const spans = variable.atoms.filter((atom) => atom.is === "span")
  const starts = Float64Array.from(spans, (span) => span.low)
  const last = spans.at(-1)?.high ?? 0
  return (value) => {
    if (typeof value !== "number") return value === undefined || value === "unknown" ? unknown : undefined
    if (!Number.isInteger(value) || value < (starts[0] ?? 0) || value > last) return undefined
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if ((starts[middle] ?? 0) <= value) low = middle
      else high = middle - 1
    }
    return low
  }
}
