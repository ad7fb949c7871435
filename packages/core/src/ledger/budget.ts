/**
 * A year's budget of awards, stream `budget/{year}`: how much is committed, within the yearly limit (L21).
 *
 * It is a stream only because it has a limit. It moves no value and carries no posting: the accounts do.
 * The limit comes from the policy with each commitment and may change during the year; a lower one takes
 * nothing back.
 */
import * as z from "zod"
import { personId, reportId } from "../kernel/ids.ts"
import { accept, type Decision, invariant, refuse } from "../kernel/refusal.ts"
import type { IndexEntry, StreamDefinition, TallyIncrement } from "../kernel/stream.ts"
import { type CivilDate, type Instant, instant, yearOf } from "../kernel/time.ts"
import { amountLimit } from "./posting.ts"

const fen = z.int().min(1).max(amountLimit)
const common = { at: instant, report: reportId, person: personId, fen }

export const budgetEvent = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("BudgetCommitted"),
    ...common,
    limitFen: z.int().min(0).max(amountLimit),
  }),
  z.strictObject({ type: z.literal("BudgetReleased"), ...common, why: z.enum(["forfeited", "clawed-back"]) }),
])
export type BudgetEvent = z.infer<typeof budgetEvent>

export interface BudgetState {
  /** Awarded in the year, less what was forfeited or clawed back before it was paid. */
  readonly committedFen: number
  /** The limit at the last commitment. */
  readonly limitFen: number
}

export const budgetDefinition = {
  foldVersion: 1,
  initial: { committedFen: 0, limitFen: 0 } as BudgetState,
  event: budgetEvent,
  evolve(state: BudgetState, event: BudgetEvent): BudgetState {
    switch (event.type) {
      case "BudgetCommitted":
        return { committedFen: state.committedFen + event.fen, limitFen: event.limitFen }
      case "BudgetReleased":
        return { ...state, committedFen: state.committedFen - event.fen }
    }
  },
  indexes: (): readonly IndexEntry[] => [],
  tallies: (): readonly TallyIncrement[] => [],
} satisfies StreamDefinition<BudgetState, BudgetEvent>

/** The id of the budget that pays for awards of a day. @example budgetId("2026-03-24") // => "2026" */
export const budgetId = (date: CivilDate): string => String(yearOf(date))

/** One person's share of one report's award. */
export interface BudgetShare {
  readonly report: z.infer<typeof reportId>
  readonly person: z.infer<typeof personId>
  /** 1 or more. */
  readonly fen: number
}

/**
 * Sets money of the year aside for an award: all its shares fit, or none.
 *
 * Refuses: `cap-reached` (`cap: "yearly"`).
 */
export const commitBudget = (
  state: BudgetState,
  award: { readonly at: Instant; readonly limitFen: number; readonly shares: readonly BudgetShare[] },
): Decision<BudgetEvent> => {
  const { at, limitFen, shares } = award
  const wantedFen = shares.reduce((sum, share) => sum + share.fen, 0)
  const usedFen = state.committedFen
  if (usedFen + wantedFen > limitFen) {
    return refuse("cap-reached", { cap: "yearly", limitFen, usedFen, fen: wantedFen })
  }
  return accept(...shares.map((share) => ({ type: "BudgetCommitted" as const, at, limitFen, ...share })))
}

/** Gives money back to the year: it was forfeited, or clawed back before it was paid. */
export const releaseBudget = (
  state: BudgetState,
  release: BudgetShare & { readonly at: Instant; readonly why: "forfeited" | "clawed-back" },
): Decision<BudgetEvent> => {
  invariant(state.committedFen >= release.fen, "L21", "no more is released than was committed")
  return accept({ type: "BudgetReleased", ...release })
}
