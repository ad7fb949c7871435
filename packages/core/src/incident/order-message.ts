/**
 * The order that goes to whoever must act on an incident: what it is, where, by when, as lead or beside others.
 *
 * An extract: never the reporters' words, photos or handles (P9).
 */
import type { IncidentId, UnitId } from "../kernel/ids.ts"
import type { Order } from "../kernel/message.ts"
import type { Context } from "../kernel/rule.ts"
import type { Instant } from "../kernel/time.ts"
import type { Place } from "../place/place.ts"
import type { LiveIncident } from "./incident.ts"

export interface OrderTerms {
  readonly type: "assigned" | "reassigned"
  readonly to: UnitId
  readonly part: "lead" | "joint"
  readonly answerBy: Instant
  readonly closeBy: Instant
}

export const orderMessage = (
  incident: IncidentId,
  state: LiveIncident,
  { type, to, part, answerBy, closeBy }: OrderTerms,
  { book, today }: Context,
): Omit<Order, "id"> => ({
  type,
  incident,
  to,
  orderingKey: `incident/${incident}/${to}`,
  answerBy,
  closeBy,
  data: {
    class: state.class,
    category: state.category,
    categoryName: book.policyOn(today).label(state.category, "zh"),
    part,
    ...placeData(state.place),
    reports: state.reports.length,
  },
})

// internal

/** Where to go: whoever must act gets the place as it is known, in WGS-84. */
const placeData = ({ words, coordinate }: Place): Order["data"] => ({
  ...(words === undefined ? {} : { place: words }),
  ...(coordinate === undefined ? {} : { lng: coordinate.lng, lat: coordinate.lat }),
  ...(coordinate?.accuracyM === undefined ? {} : { accuracyM: coordinate.accuracyM }),
})
