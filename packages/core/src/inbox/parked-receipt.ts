/**
 * A receipt that could not be taken and waits, under `receipt/{key}`: nothing that a partner says is lost.
 *
 * It waits for its order (`unknown-order`), for an appointment (`not-addressed`), or for a person
 * (`incomplete`, `id-reused`). It ends taken, or dismissed by a person with a reason.
 */
import * as z from "zod"
import { personId } from "../kernel/ids.ts"
import type { IndexEntry, StreamDefinition, TallyIncrement } from "../kernel/stream.ts"
import { type Instant, instant } from "../kernel/time.ts"
import { type Receipt, receipt } from "./ladder.ts"

/** To the partner `unknown-order` and `not-addressed` are the same: another's order is a missing one (Z5). */
export const parkedWhy = z.enum(["unknown-order", "not-addressed", "incomplete"])
export type ParkedWhy = z.infer<typeof parkedWhy>

export const receiptEvent = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("ReceiptParked"), at: instant, receipt, why: parkedWhy }),
  /** Its order came, and it still cannot be taken. */
  z.strictObject({ type: z.literal("ReceiptParkedAgain"), at: instant, why: parkedWhy }),
  z.strictObject({ type: z.literal("ReceiptTakenUp"), at: instant, by: personId }),
  z.strictObject({
    type: z.literal("ReceiptDismissed"),
    at: instant,
    by: personId,
    reason: z.string().min(1).max(500),
  }),
])
export type ReceiptEvent = z.infer<typeof receiptEvent>

export type ReceiptState =
  | { readonly status: "none" }
  | {
      readonly status: "parked" | "taken" | "dismissed"
      readonly parkedAt: Instant
      readonly receipt: Receipt
      readonly why: ParkedWhy
    }

/** status × event → status. */
export const receiptLifecycle = {
  none: { ReceiptParked: "parked" },
  parked: { ReceiptParkedAgain: "parked", ReceiptTakenUp: "taken", ReceiptDismissed: "dismissed" },
  taken: {},
  dismissed: {},
} as const

export const receiptDefinition = {
  foldVersion: 1,
  initial: { status: "none" } as ReceiptState,
  event: receiptEvent,
  evolve(state: ReceiptState, event: ReceiptEvent): ReceiptState {
    if (event.type === "ReceiptParked") {
      return { status: "parked", parkedAt: event.at, receipt: event.receipt, why: event.why }
    }
    if (state.status === "none") return state
    switch (event.type) {
      case "ReceiptParkedAgain":
        return { ...state, why: event.why }
      case "ReceiptTakenUp":
        return { ...state, status: "taken" }
      case "ReceiptDismissed":
        return { ...state, status: "dismissed" }
    }
  },
  indexes: (state: ReceiptState): readonly IndexEntry[] =>
    state.status === "parked" ? [{ index: "receipts", equals: "parked", range: state.parkedAt }] : [],
  tallies: (event: ReceiptEvent): readonly TallyIncrement[] => {
    switch (event.type) {
      case "ReceiptParked":
        return [{ key: "receipts/parked", by: 1 }]
      case "ReceiptTakenUp":
      case "ReceiptDismissed":
        return [{ key: "receipts/unparked", by: 1 }]
      case "ReceiptParkedAgain":
        return []
    }
  },
} satisfies StreamDefinition<ReceiptState, ReceiptEvent>
