/**
 * What a unit sees of an incident that it was ordered to: an extract, made here and nowhere else.
 *
 * Nothing in it depends on who reported (P1, P10): no reporter, no standing, no channel, no words of theirs,
 * no reward. Two worlds that differ only in the reporters give the same view.
 */
import { type LiveIncident, leadUnit, type Part } from "@yingshao/core/incident/incident"
import type { Obligation } from "@yingshao/core/obligation/obligation"
import type { Place } from "@yingshao/core/place/place"

export interface OrderView {
  readonly id: string
  readonly unit: string
  readonly leads: boolean
  readonly status: LiveIncident["status"]
  readonly part: Part["status"]
  readonly class: LiveIncident["class"]
  readonly category: string
  readonly place: Place
  readonly openedAt: LiveIncident["openedAt"]
  /** How many reports are about it, for the size of the matter. */
  readonly reports: number
  /** What this unit owes; the handling of the whole where it leads. */
  readonly owed: readonly Obligation[]
  readonly others: readonly Part[]
  readonly result: string | undefined
  readonly resultPhotos: readonly string[]
}

/** @returns `undefined` when the unit has no part in it: then it answers like a missing one (Z5). */
export const orderView = (id: string, state: LiveIncident, unit: string): OrderView | undefined => {
  const part = state.parts.find((one) => one.unit === unit && one.status !== "returned")
  if (part === undefined || state.route === undefined) return undefined
  return {
    id,
    unit,
    leads: leadUnit(state.route) === unit,
    status: state.status,
    part: part.status,
    class: state.class,
    category: state.category,
    place: state.place,
    openedAt: state.openedAt,
    reports: state.reports.length,
    owed: state.obligations.filter((one) => one.status === "open" && one.owner === unit),
    others: state.parts.filter((one) => one.unit !== unit),
    result: state.result,
    resultPhotos: state.resultPhotos ?? [],
  }
}
