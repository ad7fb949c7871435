/**
 * What became of a promise: proved over all cases, sampled, broken by a counterexample, or not judged.
 *
 * *Proved* is said only of what was exhausted. Whatever was only tried says how often and under which seed.
 */
import type { Bilingual, Finding, Place } from "../finding.ts"
import type { PropertyModel } from "../model.ts"
import type { Sentence } from "./sentence.ts"

export type Verdict =
  /** Holds in every case; `cases` counts a stretch of numbers that no rule can tell apart as one. */
  | { readonly is: "proved"; readonly cases: number; readonly how: Bilingual }
  /** Nothing was found in so many tries; that is no proof. */
  | {
      readonly is: "sampled"
      readonly tries: number
      readonly seed: number
      readonly how: Bilingual
      /** Sentences of this kind can only be sampled, however small the policy is. */
      readonly expected: boolean
    }
  | { readonly is: "fails"; readonly counterexample: Counterexample }
  /** R402: the condition never comes true, so that the sentence says nothing. */
  | { readonly is: "premise-never-true" }
  /** R403: the sentence fits no pattern. */
  | { readonly is: "not-understood"; readonly nearest: Bilingual }
  /** A word of the sentence means nothing here; the findings say which. */
  | { readonly is: "unreadable"; readonly findings: readonly Finding[] }
  /** Nobody looked: the reason in words. */
  | { readonly is: "not-judged"; readonly because: Bilingual }

/** A case in which a promise does not hold. */
export interface Counterexample {
  /** The whole story in one paragraph. */
  readonly story: Bilingual
  /** Facts that are not as usual, in the document's words. */
  readonly changes: readonly { readonly fact: string; readonly value: string }[]
  /** The fact whose values are compared, in the document's words. */
  readonly varied?: { readonly fact: string; readonly from: string; readonly to: string }
  readonly expected: Bilingual
  readonly got: Bilingual
  /** Rules in the order of use, each with its clause; of the second side of a comparison too. */
  readonly chain: readonly ChainLink[]
  /** Cells to look at, the likeliest first. */
  readonly cells: readonly Cell[]
  /** Civil dates of acceptance and of the step. */
  readonly dates: { readonly accepted: string; readonly step: string }
  /** What an example would say: the conclusion and, where the sentence settles it, its value. */
  readonly conclusions: readonly { readonly name: string; readonly value?: string }[]
  /** No smaller case breaks the promise; false for what was found by trying. */
  readonly smallest: boolean
  readonly seed?: number
}

export interface ChainLink {
  readonly table: string
  readonly rule: string
  readonly clause: string
}

export interface Cell {
  readonly text: string
  /** Unknown for a policy that did not come from a file. */
  readonly place?: Place
}

/** One row of the list of promises with what became of it. */
export interface JudgedProperty {
  readonly property: PropertyModel
  /** What the row says, where it could be read. */
  readonly sentence?: Sentence
  readonly verdict: Verdict
}
