/**
 * An order as its partner has answered it: one stream `order/{id}`, under the id that the message carries.
 *
 * It is begun in the commit that enqueues the message, so a receipt cannot be faster than it; where one is
 * all the same (the county came back from a backup), the stream keeps who waits, and the order takes them
 * up when it is placed. A message that follows up on an order has its own id and points to the order.
 *
 * What it does not do: what is owed and by whom stands with the incident.
 */
import * as z from "zod"
import { incidentId, orderId, personId, unitId } from "../kernel/ids.ts"
import type { IndexEntry, StreamDefinition, TallyIncrement } from "../kernel/stream.ts"
import { type Instant, instant } from "../kernel/time.ts"
import { higher, ladder, receiptKey, receiptType, type Standing } from "./ladder.ts"

/** Receipts that may wait for one unknown order; later ones are parked for a person all the same. */
export const waitingCap = 50

/** What a receipt did. `superseded`: the incident has moved on. `older`: an equal or higher rung was reached. */
export const effect = z.enum([
  "acknowledged",
  "noted",
  "asked",
  "ask-denied",
  "returned",
  "return-denied",
  "handled",
  "older",
  "superseded",
])
export type Effect = z.infer<typeof effect>

export const orderEvent = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("OrderPlaced"), at: instant, incident: incidentId, unit: unitId }),
  /** A message that adds to an order; receipts of it are receipts of the order. */
  z.strictObject({ type: z.literal("OrderSupplemented"), at: instant, of: orderId }),
  z.strictObject({ type: z.literal("ReceiptAwaits"), receipt: receiptKey }),
  z.strictObject({ type: z.literal("ReceiptLetGo"), receipt: receiptKey }),
  z.strictObject({
    type: z.literal("ReceiptTaken"),
    at: instant,
    receipt: receiptKey,
    by: personId,
    said: receiptType,
    /** The partner's own time. */
    time: instant,
    effect,
    partnerRef: z.string().max(200).optional(),
    to: z.string().max(100).optional(),
    reason: z.string().max(500).optional(),
  }),
])
export type OrderEvent = z.infer<typeof orderEvent>
type Taken = Extract<OrderEvent, { type: "ReceiptTaken" }>

/** Of several words beside the ladder the latest counts: by the partner's time, then by key. */
interface Said {
  readonly time: Instant
  readonly receipt: string
}

export interface PlacedOrder {
  readonly status: "placed"
  readonly placedAt: Instant
  readonly incident: z.infer<typeof incidentId>
  readonly unit: z.infer<typeof unitId>
  readonly standing: Standing
  /** Whose hands it is in within the partner's house. */
  readonly handler?: (Said & { readonly to: string }) | undefined
  /** The latest request for more time; what was asked and answered stands with the obligation. */
  readonly asked?: Said | undefined
  /** Keys of receipts that were faster than the order. */
  readonly waiting: readonly string[]
}

export type OrderState =
  | { readonly status: "none" }
  /** Receipts name it, and nobody knows it yet. */
  | { readonly status: "awaited"; readonly waiting: readonly string[] }
  | PlacedOrder
  | {
      readonly status: "supplement"
      readonly placedAt: Instant
      readonly of: z.infer<typeof orderId>
      readonly waiting: readonly string[]
    }

/** status × event → status. */
export const orderLifecycle = {
  none: { OrderPlaced: "placed", OrderSupplemented: "supplement", ReceiptAwaits: "awaited" },
  awaited: {
    OrderPlaced: "placed",
    OrderSupplemented: "supplement",
    ReceiptAwaits: "awaited",
    ReceiptLetGo: "awaited",
  },
  placed: { ReceiptLetGo: "placed", ReceiptTaken: "placed" },
  supplement: { ReceiptLetGo: "supplement" },
} as const

export const orderDefinition = {
  foldVersion: 1,
  initial: { status: "none" } as OrderState,
  event: orderEvent,
  evolve,
  indexes(state: OrderState): readonly IndexEntry[] {
    if (state.status !== "placed" && state.status !== "supplement") return []
    return state.waiting.length === 0
      ? []
      : [{ index: "timer", equals: "RetryReceipt", range: state.placedAt }]
  },
  tallies: (event: OrderEvent): readonly TallyIncrement[] =>
    event.type === "ReceiptTaken" ? [{ key: `receipts/${event.said}/${event.effect}`, by: 1 }] : [],
} satisfies StreamDefinition<OrderState, OrderEvent>

/** Was this said after that, by the partner's own time? */
export const isLater = (said: Said, before: Said | undefined): boolean =>
  before === undefined ||
  said.time > before.time ||
  (said.time === before.time && said.receipt > before.receipt)

// internal

const waitingOf = (state: OrderState): readonly string[] => (state.status === "none" ? [] : state.waiting)

function evolve(state: OrderState, event: OrderEvent): OrderState {
  switch (event.type) {
    case "OrderPlaced": {
      const { at, incident, unit } = event
      return {
        status: "placed",
        placedAt: at,
        incident,
        unit,
        standing: "sent",
        waiting: waitingOf(state),
      }
    }
    case "OrderSupplemented":
      return { status: "supplement", placedAt: event.at, of: event.of, waiting: waitingOf(state) }
    case "ReceiptAwaits":
      return { status: "awaited", waiting: [...waitingOf(state), event.receipt] }
    case "ReceiptLetGo":
      return state.status === "none" ? state : letGo(state, event.receipt)
    case "ReceiptTaken":
      return state.status === "placed" ? letGo(taken(state, event), event.receipt) : state
  }
}

const letGo = <S extends Exclude<OrderState, { status: "none" }>>(state: S, receipt: string): S => ({
  ...state,
  waiting: state.waiting.filter((key) => key !== receipt),
})

/** Effects after which a return did not take place. */
const notReturned: ReadonlySet<Effect> = new Set(["return-denied", "older", "superseded"])

const taken = (state: PlacedOrder, event: Taken): PlacedOrder => {
  const { does, standing } = ladder[event.said]
  const stays = does === "return" && notReturned.has(event.effect)
  const reached = stays ? state.standing : higher(state.standing, standing)
  const { time, receipt, to } = event
  const said = { time, receipt }
  const names = does === "name-handler" && to !== undefined && isLater(said, state.handler)
  return {
    ...state,
    standing: reached,
    ...(names ? { handler: { ...said, to } } : {}),
    ...(does === "ask" && isLater(said, state.asked) ? { asked: said } : {}),
  }
}
