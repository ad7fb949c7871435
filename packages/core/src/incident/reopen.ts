/**
 * Reopening a handled incident: handling is owed again, from now, and the duty desk hands over anew.
 */
import type { IncidentId } from "../kernel/ids.ts"
import { type Context, type Emitted, on } from "../kernel/rule.ts"
import { deadlinesOf } from "../obligation/deadlines.ts"
import { open } from "../obligation/obligation.ts"
import { dutyDesk } from "../programme/book.ts"
import { knownSince, type LiveIncident } from "./incident.ts"

export const reopened = (
  context: Context,
  incident: IncidentId,
  state: LiveIncident,
  reason: string,
): readonly Emitted[] => {
  const dates = { accepted: context.book.dateOf(knownSince(state)), step: context.today }
  const limits = deadlinesOf(context.book, state.class, dates)
  return [
    on("incident", incident, { type: "IncidentReopened", at: context.at, reason }),
    on(
      "incident",
      incident,
      open(context.book, {
        id: `${incident}:handle:${state.reopened + 2}`,
        kind: "handle",
        owner: dutyDesk(context.book).id,
        class: state.class,
        since: context.at,
        clock: limits.clock,
        minutes: limits.handle,
        dates,
      }),
    ),
  ]
}
