/**
 * How long each obligation of a class may take, as the policy says (时限).
 */
import type { Conclusions, ReportClass } from "../decisions.ts"
import { invariant } from "../kernel/refusal.ts"
import type { CivilDate } from "../kernel/time.ts"
import type { Book } from "../programme/book.ts"
import { settledClass } from "./obligation.ts"

export interface Dates {
  readonly accepted: CivilDate
  readonly step: CivilDate
}

/** Minutes by kind, on the class's clock; answering the whistle always runs round the clock. */
export const deadlinesOf = (book: Book, reportClass: ReportClass, dates: Dates): Conclusions<"deadlines"> => {
  const outcome = book.decide("deadlines", settledClass(reportClass), dates)
  invariant(outcome.status === "decided", "F1", "time limits of a settled class wait for no unknown fact")
  return outcome.conclusions
}
