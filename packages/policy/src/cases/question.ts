/**
 * What a search over all cases is asked: which tables, side by side in how many lanes, and what to look at.
 *
 * A lane is one copy of the rules. Two versions, two policies, or the same rules with one fact at different
 * values stand side by side and see the same case otherwise.
 */
import type { ColumnSource, ResolvedPolicy, ResolvedTable, Value } from "../resolved.ts"

/** One copy of the rules. */
export interface Lane {
  readonly policy: ResolvedPolicy
  /** The tables in force, each after those whose conclusions it reads. */
  readonly tables: readonly ResolvedTable[]
  /** The atom of the question's `split` fact in this lane. */
  readonly atom?: number
}

/** A condition on a fact or a conclusion. */
export interface Requirement {
  readonly source: ColumnSource
  /** Does an atom of the fact, by number, or a value of the conclusion satisfy it? Undefined: no rule decided. */
  readonly holds: (value: Value | undefined) => boolean
}

/** What is seen of a case in every lane. */
export type Watch =
  | { readonly is: "conclusion"; readonly key: string }
  | { readonly is: "fact"; readonly variable: number }
  /** The rules of a table that decided. */
  | { readonly is: "rules"; readonly table: string }

export interface Question {
  readonly lanes: readonly Lane[]
  /** The fact that is different in each lane. */
  readonly split?: number
  /** A lane in which one of these does not hold does not count. */
  readonly premise: readonly Requirement[]
  readonly watch: readonly Watch[]
  /** Combinations that cannot happen leave a lane out, except those that name this fact. */
  readonly completing?: number
  /** A case in which all lanes conclude the same is of no interest and need not be followed. */
  readonly onlyDifferences?: boolean
  /** How many situations may be looked at; 400,000 unless said otherwise. */
  readonly budget?: number
}

/** One way in which cases can come out, with the smallest case that does. */
export interface Leaf {
  /** How many cases come out like this, counting a stretch of numbers as one. */
  readonly cases: number
  readonly size: number
  /** Does this lane count? */
  readonly counts: (lane: number) => boolean
  /**
   * What was watched: the value of a conclusion, the number of an atom, or the deciding rules as `3,7`.
   * Undefined where no rule decided.
   */
  readonly seen: (lane: number, watch: number) => Value | undefined
  /** The smallest case itself, `split` at its typical value. */
  readonly one: () => number[]
}

/** What came of a search. */
export type Searched =
  | {
      readonly is: "exhausted"
      readonly leaves: readonly Leaf[]
      /** Cases that were left because all lanes conclude the same. */
      readonly alike: number
      /** Situations that were looked at. */
      readonly situations: number
    }
  | { readonly is: "too-large"; readonly situations: number }
