/**
 * An order that passes to the successor of a dissolved unit: the successor gets it as an order of its own, over its
 * own channel, and the one before is taken back.
 *
 * What is owed is not touched: the due times that the old order named stand in the new one. Receipts of the old
 * order have no effect any more; receipts of the new one climb a ladder of their own.
 */
import type { LiveIncident } from "../incident/incident.ts"
import { orderMessage } from "../incident/order-message.ts"
import { type IncidentId, type OrderId, orderId, type UnitId } from "../kernel/ids.ts"
import { type Context, on } from "../kernel/rule.ts"
import { findOpen } from "../obligation/obligation.ts"
import { recallFrom, type Supplement } from "./supplement.ts"

export interface Succession extends Supplement {
  /** Of the successor. */
  readonly order: OrderId
}

/**
 * @param state as it stood before the successor took over.
 * @returns `undefined` where the unit has no part that is still to be done.
 */
export const succeedOrder = (
  incident: IncidentId,
  state: LiveIncident,
  { from, to }: { readonly from: string; readonly to: UnitId },
  context: Context,
): Succession | undefined => {
  const part = state.parts.find(
    ({ unit, status }) => unit === from && (status === "ordered" || status === "acknowledged"),
  )
  const handle = findOpen(state.obligations, "handle")
  if (part === undefined || handle === undefined) return undefined
  const order = orderId.parse(context.freshId("o"))
  const terms = {
    type: "reassigned",
    to,
    part: state.route?.kind === "emergency" && state.route.lead !== from ? "joint" : "lead",
    answerBy: findOpen(state.obligations, "acknowledge", from)?.due ?? handle.due,
    closeBy: handle.due,
  } as const
  const recalled = recallFrom(incident, state, from, context)
  return {
    order,
    events: [
      ...recalled.events,
      on("order", order, { type: "OrderPlaced", at: context.at, incident, unit: to }),
    ],
    orders: [...recalled.orders, { id: order, ...orderMessage(incident, state, terms, context) }],
  }
}
