/**
 * Whoever an obligation hangs on: a report or an incident, read in one way by the commands about
 * obligations.
 */
import * as z from "zod"
import type { ReportClass } from "../decisions.ts"
import { knownSince } from "../incident/incident.ts"
import { type Rule, read } from "../kernel/rule.ts"
import type { CivilDate } from "../kernel/time.ts"
import type { Book } from "../programme/book.ts"
import type { Obligation } from "./obligation.ts"

export const debtorKind = z.enum(["report", "incident"])
export type DebtorKind = z.infer<typeof debtorKind>

export interface Debtor {
  readonly obligations: readonly Obligation[]
  /** `undefined` while nobody has looked at it. */
  readonly class: ReportClass | undefined
  acceptedOn(book: Book): CivilDate
}

/** The state of a debtor, or `undefined` when there is none. */
export function* readDebtor(kind: DebtorKind, id: string): Rule<Debtor | undefined> {
  if (kind === "report") {
    const report = yield* read("report", id)
    if (report.status === "none") return undefined
    return {
      obligations: report.obligations,
      class: report.status === "new" ? undefined : report.class,
      acceptedOn: () => report.acceptedOn,
    }
  }
  const incident = yield* read("incident", id)
  if (incident.status === "none") return undefined
  return {
    obligations: incident.obligations,
    class: incident.class,
    acceptedOn: (book) => book.dateOf(knownSince(incident)),
  }
}
