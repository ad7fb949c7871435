/**
 * How urgent a report is that nobody has looked at: the policy's answer when every fact is unknown.
 */
import type { ReportClass } from "../decisions.ts"
import { invariant } from "../kernel/refusal.ts"
import type { Book } from "../programme/book.ts"
import type { Dates } from "./deadlines.ts"

/** @source policy, table 分级: what nobody has looked at counts as urgent */
export const unseenClass = (book: Book, dates: Dates): ReportClass => {
  const outcome = book.decide(
    "triage",
    { category: "unknown", danger: "unknown", ongoing: "unknown", affected: "unknown", currentClass: "new" },
    dates,
  )
  invariant(outcome.status === "decided", "F1", "triage always answers")
  return outcome.conclusions.triage
}
