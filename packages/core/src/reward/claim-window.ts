/**
 * How long an award may be collected (领取): from the notice until the policy says it is forfeited.
 */
import { invariant } from "../kernel/refusal.ts"
import { addDays, type CivilDate, daysBetween, type Instant, startOfDay } from "../kernel/time.ts"
import type { Book } from "../programme/book.ts"

/** Longer windows than this are not looked for. */
const longestDays = 3650

/** May an award that was approved on a date still be collected on another? */
export const isClaimable = (
  book: Book,
  accepted: CivilDate,
  approvedOn: CivilDate,
  today: CivilDate,
): boolean => {
  const noticeDays = Math.min(longestDays, Math.max(0, daysBetween(approvedOn, today)))
  const outcome = book.decide("claim", { noticeDays }, { accepted, step: today })
  invariant(outcome.status === "decided", "L22", "the claim window waits for no unknown fact")
  return outcome.conclusions.claim === "claimable"
}

/**
 * The first instant at which the award is forfeited: midnight in the programme's zone after its last day.
 * `undefined` when the policy never forfeits.
 *
 * @example forfeitAt(book, "2026-03-24", "2026-04-01") // => "2026-05-31T16:00:00.000Z" with 60 days
 */
export const forfeitAt = (book: Book, accepted: CivilDate, approvedOn: CivilDate): Instant | undefined => {
  for (let days = 1; days <= longestDays; days++) {
    const date = addDays(approvedOn, days)
    if (!isClaimable(book, accepted, approvedOn, date)) return startOfDay(date, book.timeZone)
  }
  return undefined
}
