/**
 * RegisterItem and StockItem: what points can be exchanged for, and how much of it is there.
 *
 * Registering a thing again changes its names or price; redemptions under way keep the points they were
 * made for.
 *
 * Refuses: `no-such-item`, `insufficient-stock`, `stock-limit`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { itemId } from "./account.ts"
import { catalogueEntry, changeStock, registerEntry } from "./stock.ts"

const entryPayload = z.strictObject({ item: itemId, entry: catalogueEntry })
export type RegisterItem = z.output<typeof entryPayload>

export const registerItem = command({
  type: "RegisterItem",
  roles: ["programme-admin"],
  payload: entryPayload,
  queue: ({ item }) => `stock/${item}`,
  *decide({ item, entry }, { at }): Rule<Outcome> {
    yield* read("stock", item)
    const decision = registerEntry(at, entry)
    return decision.ok
      ? happen({ events: decision.events.map((event) => on("stock", item, event)) })
      : decision
  },
})

const stockPayload = z.strictObject({
  item: itemId,
  /** Put on the shelf; taken off when negative. Not 0. */
  units: z
    .int()
    .min(-1_000_000)
    .max(1_000_000)
    .refine((units) => units !== 0, "not zero"),
})
export type StockItem = z.output<typeof stockPayload>

export const stockItem = command({
  type: "StockItem",
  roles: ["programme-admin"],
  payload: stockPayload,
  queue: ({ item }) => `stock/${item}`,
  *decide({ item, units }, { at }): Rule<Outcome> {
    const decision = changeStock(yield* read("stock", item), at, item, units)
    return decision.ok
      ? happen({ events: decision.events.map((event) => on("stock", item, event)) })
      : decision
  },
})
