/**
 * Reading facts: from what core hands over to the number of an atom.
 *
 * One small function for each fact core knows, so that reading stays a plain property access.
 */
import type { FactKey, Facts } from "@yingshao/core/decisions"
import type { Variable } from "./resolved.ts"

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
  readonly read: (facts: GivenFacts) => string | number | undefined
  /** The atom of a value, -1 when it is not known, or throws PolicyMisuse. */
  readonly atomOf: (value: string | number | undefined) => number
  readonly knows: (value: string | number) => boolean
}

/** The reader of one fact. */
export const factReader = (variable: Variable): FactReader => {
  const find = variable.atoms.some((atom) => atom.is === "span") ? spanFinder(variable) : valueFinder(variable)
  return {
    variable,
    read: accessors[variable.fact],
    atomOf: (value) => {
      const atom = find(value)
      if (atom !== undefined) return atom
      throw new PolicyMisuse("unknown-value", `fact "${variable.fact}" has no value ${JSON.stringify(value)}`)
    },
    knows: (value) => {
      const atom = find(value)
      return atom !== undefined && (atom >= 0 || variable.unknown === "pending")
    },
  }
}

// internal

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

const accessors: { readonly [K in FactKey]: (facts: GivenFacts) => Facts[K] | undefined } = {
  category: (facts) => facts.category,
  danger: (facts) => facts.danger,
  ongoing: (facts) => facts.ongoing,
  affected: (facts) => facts.affected,
  currentClass: (facts) => facts.currentClass,
  highestConfirmedClass: (facts) => facts.highestConfirmedClass,
  trigger: (facts) => facts.trigger,
  verdict: (facts) => facts.verdict,
  level: (facts) => facts.level,
  first: (facts) => facts.first,
  reporter: (facts) => facts.reporter,
  negative: (facts) => facts.negative,
  value: (facts) => facts.value,
  difficulty: (facts) => facts.difficulty,
  nth: (facts) => facts.nth,
  willing: (facts) => facts.willing,
  nominated: (facts) => facts.nominated,
  review: (facts) => facts.review,
  age: (facts) => facts.age,
  idle: (facts) => facts.idle,
  falseCount: (facts) => facts.falseCount,
  leave: (facts) => facts.leave,
  finding: (facts) => facts.finding,
  noticeDays: (facts) => facts.noticeDays,
  appealDays: (facts) => facts.appealDays,
  rosterStatus: (facts) => facts.rosterStatus,
  yearPoints: (facts) => facts.yearPoints,
  conduct: (facts) => facts.conduct,
  fairness: (facts) => facts.fairness,
  example: (facts) => facts.example,
  obligation: (facts) => facts.obligation,
  escalation: (facts) => facts.escalation,
  returnsSoFar: (facts) => facts.returnsSoFar,
  extensionsSoFar: (facts) => facts.extensionsSoFar,
}
