/**
 * A policy whose words have been resolved: facts with atoms, tables with one bitset of rules an atom.
 *
 * This is what checks, diagrams and later proofs work on. Atoms cut each column into pieces inside which no
 * rule can tell a difference, so that going through the atoms is going through everything.
 */
import type { FactKey } from "@yingshao/core/decisions"
import type { Bits } from "./bits.ts"
import type { Calculation, Hit, ImpossibleModel, RuleModel, TableModel, UnknownHandling } from "./model.ts"
import type { CoreUnit } from "./unit.ts"
import type { Vocabulary } from "./vocabulary.ts"

/** One piece of a fact: a value, a stretch of whole numbers, or unknown. */
export type Atom =
  | { readonly is: "value"; readonly key: string; readonly zh: string }
  | { readonly is: "span"; readonly low: number; readonly high: number }
  | { readonly is: "unknown" }

/** A fact as the rules of this document see it. Atoms are in the order of the document, unknown last. */
export interface Variable {
  readonly fact: FactKey
  readonly name: string
  readonly ordered: boolean
  readonly unknown: UnknownHandling
  readonly unit: CoreUnit | undefined
  readonly typical: string
  readonly atoms: readonly Atom[]
}

/** A conclusion value: a key, or a whole number in core's unit. */
export type Value = string | number

/** A conclusion column, over all versions of its table. */
export interface ConclusionDomain {
  readonly key: string
  readonly name: string
  readonly numeric: boolean
  readonly unit: CoreUnit | undefined
  /** Name of the table that concludes it. */
  readonly table: string
  /** Every value that some rule of some version can conclude. */
  readonly values: readonly Value[]
}

/** What a rule concludes in one column. Operands are numbers or conclusions of earlier tables. */
export type Result =
  | { readonly is: "constant"; readonly value: Value }
  | {
      readonly is: "call"
      readonly name: Calculation
      readonly of: readonly (number | { readonly conclusion: string })[]
    }

export type ColumnSource =
  | { readonly is: "fact"; readonly variable: number }
  | { readonly is: "conclusion"; readonly key: string }

export interface ResolvedColumn {
  readonly name: string
  readonly source: ColumnSource
  /** For each atom or value of the source: the rules whose cell matches it. */
  readonly masks: readonly Bits[]
}

export interface ResolvedRule {
  readonly model: RuleModel
  readonly id: string
  readonly clause: string
  /** One result for each conclusion of the table. */
  readonly gives: readonly Result[]
  /** For each column: the cell says something. */
  readonly reads: readonly boolean[]
  /** Rules of this table that this one is an exception to, directly or not. */
  readonly beats: Bits
  /** A rank under 优先, lower is stronger; 0 elsewhere. */
  readonly rank: number
}

export interface ResolvedTable {
  readonly model: TableModel
  readonly name: string
  readonly hit: Hit
  readonly timing: "accepted" | "step"
  /** 从旧兼从优: this version also decides about reports accepted before it, where it is better for the person. */
  readonly better: boolean
  readonly columns: readonly ResolvedColumn[]
  /** Conclusions of earlier tables that calculations of this table read. */
  readonly captures: readonly string[]
  readonly conclusions: readonly string[]
  readonly rules: readonly ResolvedRule[]
  /** The row 其余, or -1. Its bit is in no mask. */
  readonly rest: number
}

/** A combination of facts that the document declares impossible. */
export interface ResolvedImpossible {
  readonly model: ImpossibleModel
  readonly id: string
  /** Facts and, for each of their atoms, whether it belongs to the combination. */
  readonly when: readonly { readonly variable: number; readonly holds: readonly boolean[] }[]
}

/** The rules in force from one date to the next. */
export interface Version {
  readonly number: number
  readonly from: string
  /** In an order in which every table comes after the tables whose conclusions it reads. */
  readonly tables: readonly ResolvedTable[]
}

export interface ResolvedPolicy {
  readonly id: string
  readonly effectiveFrom: string
  readonly timeZone: string
  readonly vocabulary: Vocabulary
  readonly variables: readonly Variable[]
  readonly conclusions: ReadonlyMap<string, ConclusionDomain>
  readonly impossible: readonly ResolvedImpossible[]
  /** Ascending by date, at least one. */
  readonly versions: readonly Version[]
}

/** The number of pieces of a column. */
export const sizeOf = (policy: ResolvedPolicy, source: ColumnSource): number =>
  source.is === "fact"
    ? (policy.variables[source.variable]?.atoms.length ?? 0)
    : (policy.conclusions.get(source.key)?.values.length ?? 0)
