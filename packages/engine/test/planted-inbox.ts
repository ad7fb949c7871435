/** Broken worlds of orders and partners' receipts, for `planted-worlds.test.ts`. */
import { ill, on, type Planted } from "./planting.ts"

const key = "a".repeat(40)

/**
 * @param task an incident that is handed over. @param order the order that went out for it.
 */
export const plantedInbox = (task: string, order: string): Readonly<Record<string, Planted>> => ({
  "incident/check-incident.ts I7 an order of the incident is not on record for it": on(
    "incident",
    task,
    ill({}),
    {
      [`order/${order}`]: ill({ incident: "i-none" }),
    },
  ),
  "inbox/check-inbox.ts I7 the order's incident does not exist": on(
    "order",
    order,
    ill({ incident: "i-none" }),
  ),
  "inbox/check-inbox.ts I7 the part does not stand where the partner's receipts say": on(
    "order",
    order,
    ill({ standing: "result" }),
  ),
  "inbox/check-inbox.ts I7 it supplements no order": on("order", "o-more", () => ({
    status: "supplement",
    of: "o-none",
    waiting: [],
  })),
  "inbox/check-inbox.ts I7 a receipt that waits for the order is not parked": on(
    "order",
    order,
    ill({ waiting: [key] }),
  ),
  "inbox/check-inbox.ts I7 a parked receipt waits for an order that does not know it": on(
    "receipt",
    key,
    () => ({
      status: "parked",
      why: "unknown-order",
      receipt: { ref: order },
    }),
  ),
})
