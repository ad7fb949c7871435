/**
 * A scenario: one report as it comes in, what is found out about it, and how those around it behave.
 *
 * Data only. It is keyed by the handle under which the reporter's own words would be kept, which the
 * report's state carries; so a run that was interrupted finds every scenario again from the store.
 */
import type { CommandInput } from "@yingshao/core/commands"
import type { Instant } from "@yingshao/core/kernel/time"

export type Payload<T extends CommandInput["type"]> = Omit<
  Extract<CommandInput, { type: T }>,
  "type" | "id" | "by"
>

export interface Scenario {
  /** Unique in the day; the `original` of the report. */
  readonly handle: string
  readonly arrivesAt: Instant
  readonly by: { readonly person: string; readonly role: "reporter" | "duty-officer" }
  readonly intake: Payload<"SubmitReport">
  /** What the duty officer finds out. */
  readonly answer: Omit<Payload<"AnswerWhistle">, "report">
  readonly conduct: Conduct
}

/**
 * How staff behave, as shares of the time allowed: 0.5 is half way to the due time, 2 is late by as much
 * again as was allowed.
 */
export interface Conduct {
  readonly answers: number
  readonly acknowledges: number
  readonly handles: Handling
  readonly replies: number
  /** Returns by the unit that got the order, before somebody keeps it. */
  readonly returns: number
  readonly extension: boolean
  readonly conversion: "none" | "newDanger" | "dangerRemoved"
  readonly withheld: boolean
  /** Follow-ups that find the reporter unsatisfied, before one that does not. */
  readonly unsatisfied: number
  readonly followUp: "satisfied" | "unreachable"
  readonly residents: number
  readonly verdict: "true" | "partlyTrue" | "false" | "unverifiable"
  readonly grading: {
    readonly value: "minor" | "notable" | "major" | "critical"
    readonly difficulty: "easy" | "medium" | "hard"
  }
  readonly collects: "in-time" | "never"
  readonly afterwards: "nothing" | "clawback" | "appeal"
}

/** When the matter is handled: a share of the time allowed, an instant from outside, or never. */
export type Handling =
  | { readonly how: "share"; readonly share: number }
  | { readonly how: "at"; readonly at: Instant }
  | { readonly how: "never" }
