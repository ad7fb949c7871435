/**
 * What a change of class does to an incident.
 *
 * An ordinary matter that becomes an emergency goes back to the duty desk at once, so that the five
 * channels are called; what the owner had is recalled. One that was handled already is reopened by it:
 * handling is owed again. Calming changes the class and leaves the hand-over as it is. No due time moves
 * later.
 */
import type { ReportClass } from "../decisions.ts"
import { recall, type Supplement } from "../inbox/supplement.ts"
import type { IncidentId } from "../kernel/ids.ts"
import { type Context, on } from "../kernel/rule.ts"
import { type Dates, deadlinesOf } from "../obligation/deadlines.ts"
import { advance, cancel, findOpen, openObligations, reassign } from "../obligation/obligation.ts"
import { dutyDesk } from "../programme/book.ts"
import type { LiveIncident } from "./incident.ts"
import { reopened } from "./reopen.ts"

export const changeClass = (
  context: Context,
  incident: IncidentId,
  state: LiveIncident,
  to: ReportClass,
  dates: Dates,
): Supplement => {
  if (state.class === to) return { events: [], orders: [] }
  const changed = on("incident", incident, {
    type: "IncidentClassChanged",
    at: context.at,
    from: state.class,
    to,
  })
  if (to === "ordinary") return { events: [changed], orders: [] }
  if (state.status === "handled") {
    const anew = reopened(context, incident, { ...state, class: to }, "became an emergency")
    return { events: [...anew, changed], orders: [] }
  }
  const limits = deadlinesOf(context.book, to, dates)
  const handle = findOpen(state.obligations, "handle")
  const acknowledgements = openObligations(state.obligations).filter(({ kind }) => kind === "acknowledge")
  const recalled = recall(incident, state, context)
  const events = [
    changed,
    ...acknowledgements.map((owed) => on("incident", incident, cancel(owed, context.at, "class-changed"))),
    ...(handle === undefined
      ? []
      : [
          ...reassign(handle, dutyDesk(context.book).id),
          ...advance(context.book, handle, { class: to, clock: limits.clock, minutes: limits.handle }, dates),
        ].map((event) => on("incident", incident, event))),
    ...recalled.events,
  ]
  return { events, orders: recalled.orders }
}
