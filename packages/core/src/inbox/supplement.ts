/**
 * A message that adds to an order which a unit has: the answer to its question for more time.
 *
 * It has an id of its own, and points to the order, so that receipts of either are receipts of the order.
 */
import type { LiveIncident, Part } from "../incident/incident.ts"
import { type IncidentId, orderId } from "../kernel/ids.ts"
import type { Order } from "../kernel/message.ts"
import { type Context, type Emitted, on } from "../kernel/rule.ts"
import type { Instant } from "../kernel/time.ts"
import { findOpen } from "../obligation/obligation.ts"

interface Supplement {
  readonly events: readonly Emitted[]
  readonly orders: readonly Order[]
}

/**
 * @param data facts of the answer. @param due by when it is to be handled; left out: as it is owed now.
 * @returns nothing for a part that no order on record gave.
 */
export const supplement = (
  state: LiveIncident,
  incident: IncidentId,
  part: Part,
  data: Order["data"],
  context: Context,
  due: Instant | undefined = findOpen(state.obligations, "handle")?.due,
): Supplement => {
  if (part.order === undefined || due === undefined) return { events: [], orders: [] }
  const id = orderId.parse(context.freshId("o"))
  return {
    events: [on("order", id, { type: "OrderSupplemented", at: context.at, of: part.order })],
    orders: [
      {
        id,
        type: "supplemented",
        incident,
        to: part.unit,
        orderingKey: `incident/${incident}/${part.unit}`,
        answerBy: due,
        closeBy: due,
        data: { ...data, order: part.order, class: state.class, category: state.category },
      },
    ],
  }
}
