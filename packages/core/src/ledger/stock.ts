/**
 * One thing of the redemption catalogue, stream `stock/{item}`: its price in points and how many there are.
 *
 * A unit is reserved with the points that are held for it and ends with them: handed out or put back. The
 * number on the shelf is never negative (L19). Which hold a unit is reserved for is on the account.
 */
import * as z from "zod"
import { accept, type Decision, invariant, refuse } from "../kernel/refusal.ts"
import type { IndexEntry, StreamDefinition, TallyIncrement } from "../kernel/stream.ts"
import { type Instant, instant } from "../kernel/time.ts"
import { type HoldId, holdId, type ItemId } from "./account.ts"

const mostUnits = 1_000_000
const name = z.string().trim().min(1).max(60)

export const catalogueEntry = z.strictObject({
  nameZh: name,
  nameEn: name,
  /** Price of one, in points. */
  points: z.int().min(1).max(1_000_000),
})
export type CatalogueEntry = z.infer<typeof catalogueEntry>

export const stockEvent = z.discriminatedUnion("type", [
  /** Registered, or registered anew at another price; holds keep the points they were made for. */
  z.strictObject({ type: z.literal("ItemRegistered"), at: instant, entry: catalogueEntry }),
  z.strictObject({
    type: z.literal("StockChanged"),
    at: instant,
    units: z.int().min(-mostUnits).max(mostUnits),
  }),
  z.strictObject({ type: z.literal("UnitReserved"), at: instant, hold: holdId }),
  z.strictObject({ type: z.literal("UnitHandedOut"), at: instant, hold: holdId }),
  z.strictObject({ type: z.literal("UnitPutBack"), at: instant, hold: holdId }),
])
export type StockEvent = z.infer<typeof stockEvent>

export interface StockState {
  readonly entry?: CatalogueEntry | undefined
  /** On the shelf, 0 or more. */
  readonly units: number
  readonly reserved: number
  readonly handedOut: number
}

export const stockDefinition = {
  foldVersion: 1,
  initial: { units: 0, reserved: 0, handedOut: 0 } as StockState,
  event: stockEvent,
  evolve(state: StockState, event: StockEvent): StockState {
    const { units, reserved, handedOut } = state
    switch (event.type) {
      case "ItemRegistered":
        return { ...state, entry: event.entry }
      case "StockChanged":
        return { ...state, units: units + event.units }
      case "UnitReserved":
        return { ...state, units: units - 1, reserved: reserved + 1 }
      case "UnitHandedOut":
        return { ...state, reserved: reserved - 1, handedOut: handedOut + 1 }
      case "UnitPutBack":
        return { ...state, units: units + 1, reserved: reserved - 1 }
    }
  },
  indexes: (state: StockState, _id: string): readonly IndexEntry[] =>
    state.entry === undefined
      ? []
      : [{ index: "stock/catalogue", equals: state.units > 0 ? "available" : "out", range: "" }],
  tallies: (): readonly TallyIncrement[] => [],
} satisfies StreamDefinition<StockState, StockEvent>

/** Lists a thing, or changes its names or price. */
export const registerEntry = (at: Instant, entry: CatalogueEntry): Decision<StockEvent> =>
  accept({ type: "ItemRegistered", at, entry })

/**
 * Puts units on the shelf, or takes them off when `units` is negative.
 *
 * Refuses: `no-such-item`, `insufficient-stock`, `stock-limit`.
 */
export const changeStock = (
  state: StockState,
  at: Instant,
  item: ItemId,
  units: number,
): Decision<StockEvent> => {
  if (state.entry === undefined) return refuse("no-such-item", { item })
  if (state.units + units < 0) return refuse("insufficient-stock", { item, units: state.units })
  if (state.units + units > mostUnits) return refuse("stock-limit", { limit: mostUnits })
  return accept({ type: "StockChanged", at, units })
}

/** Refuses: `no-such-item`, `insufficient-stock`. */
export const reserveUnit = (
  state: StockState,
  at: Instant,
  item: ItemId,
  hold: HoldId,
): Decision<StockEvent> => {
  if (state.entry === undefined) return refuse("no-such-item", { item })
  if (state.units < 1) return refuse("insufficient-stock", { item, units: state.units })
  return accept({ type: "UnitReserved", at, hold })
}

/** The unit of an open hold is handed out, or put back on the shelf. */
export const endReservation = (
  state: StockState,
  at: Instant,
  hold: HoldId,
  how: "handed-out" | "put-back",
): Decision<StockEvent> => {
  invariant(state.reserved > 0, "L19", "an open hold has a unit reserved")
  return accept({ type: how === "handed-out" ? "UnitHandedOut" : "UnitPutBack", at, hold })
}
