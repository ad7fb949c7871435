/**
 * What the policy proposes for a participant (动态管理建议): leave, suspend, remind or continue.
 *
 * Only a proposal. No suspension and no removal follows from a rule alone (S8): commands record the
 * proposal beside the person's decision, which may differ.
 */
import type { Conclusions, Outcome } from "../decisions.ts"
import { type CivilDate, daysBetween, yearOf } from "../kernel/time.ts"
import type { Book } from "../programme/book.ts"
import type { Advice, ParticipantState } from "./participant.ts"

/** Facts about a participant that the stream does not hold. */
export interface RosterFacts {
  /** The person asked to leave. */
  readonly leave?: boolean
  /** Key of an entry of the negative list that a person confirmed. */
  readonly negative?: string | undefined
}

/**
 * @returns the policy's answer for this day, or what it still needs to know.
 * @source policy, table 动态管理建议
 * @example rosterAdvice(book, { ...state, lastReportOn: "2026-01-01" }, "2026-03-15") // => decided, remind
 */
export const rosterAdvice = (
  book: Book,
  state: ParticipantState,
  today: CivilDate,
  { leave = false, negative = "none" }: RosterFacts = {},
): Outcome<Conclusions<"roster">> =>
  book.decide(
    "roster",
    {
      leave: leave ? "yes" : "no",
      negative,
      falseCount: Math.min(1000, falseReportsInYear(state, today)),
      idle: idleDays(state, today),
    },
    { accepted: today, step: today },
  )

/** The proposal in the form in which events keep it; nothing when the policy cannot answer. */
export const adviceNow = (
  book: Book,
  state: ParticipantState,
  today: CivilDate,
  facts: RosterFacts = {},
): Advice | undefined => {
  const outcome = rosterAdvice(book, state, today, facts)
  return outcome.status === "pending"
    ? undefined
    : { proposed: outcome.conclusions.rosterAdvice, because: outcome.because }
}

/**
 * Days since the last report, or since the credential, the enrolment or the reinstatement when that is later. 0 to
 * 3650.
 */
export const idleDays = (state: ParticipantState, today: CivilDate): number => {
  const since = [state.countsFrom, state.lastReportOn]
    .filter((date) => date !== undefined)
    .sort()
    .at(-1)
  return since === undefined ? 0 : Math.min(3650, Math.max(0, daysBetween(since, today)))
}

/** Reports by this person that were found false in the civil year of a date. */
export const falseReportsInYear = (state: ParticipantState, date: CivilDate): number =>
  state.falseByYear[String(yearOf(date))] ?? 0
