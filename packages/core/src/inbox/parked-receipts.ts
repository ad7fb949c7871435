/**
 * RetryReceipt and DismissReceipt: what becomes of a parked receipt.
 *
 * The system tries again by itself when the order that a receipt named has come; a person does so after
 * mending what stood in the way, for instance the partner's appointment. A person dismisses what will never
 * fit, with a reason; the words stay on record.
 *
 * Refuses: `not-found`, `not-parked`, `still-parked`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { refuse } from "../kernel/refusal.ts"
import { type Context, type Emitted, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { receiptKey } from "./ladder.ts"
import { take, waitingOf } from "./take-receipt.ts"

const retryPayload = z.strictObject({ receipt: receiptKey })
const dismissPayload = z.strictObject({ receipt: receiptKey, reason: z.string().trim().min(1).max(500) })
export type RetryReceipt = z.output<typeof retryPayload>
export type DismissReceipt = z.output<typeof dismissPayload>

export const retryReceipt = command({
  type: "RetryReceipt",
  roles: ["scheduler", "duty-officer", "programme-admin"],
  payload: retryPayload,
  queue: ({ receipt }) => `receipt/${receipt}`,
  *decide({ receipt: key }: RetryReceipt, context: Context): Rule<Outcome> {
    const parked = yield* read("receipt", key)
    if (parked.status === "none") return refuse("not-found", { what: "receipt", id: key })
    if (parked.status !== "parked") return refuse("not-parked", { receipt: key, status: parked.status })
    const taking = yield* take(key, parked.receipt, context)
    if (taking.kind === "taken") {
      const { events, ...rest } = taking.outcome
      const up = { type: "ReceiptTakenUp", at: context.at, by: context.by.person } as const
      return happen({ ...rest, events: [...events, on("receipt", key, up)] })
    }
    // Its order has come and it is not for this partner: nothing is waited for any more.
    const awaited = taking.why !== "unknown-order" && (yield* waits(key, parked.receipt.ref))
    if (!awaited) return refuse("still-parked", { receipt: key, why: taking.why })
    return happen({
      events: [
        on("receipt", key, { type: "ReceiptParkedAgain", at: context.at, why: taking.why }),
        letGo(key, parked.receipt.ref),
      ],
    })
  },
})

export const dismissReceipt = command({
  type: "DismissReceipt",
  roles: ["duty-officer", "programme-admin"],
  payload: dismissPayload,
  queue: ({ receipt }) => `receipt/${receipt}`,
  *decide({ receipt: key, reason }: DismissReceipt, context: Context): Rule<Outcome> {
    const parked = yield* read("receipt", key)
    if (parked.status === "none") return refuse("not-found", { what: "receipt", id: key })
    if (parked.status !== "parked") return refuse("not-parked", { receipt: key, status: parked.status })
    const by = context.by.person
    const dismissed = { type: "ReceiptDismissed", at: context.at, by, reason } as const
    const awaited = yield* waits(key, parked.receipt.ref)
    return happen({
      events: [on("receipt", key, dismissed), ...(awaited ? [letGo(key, parked.receipt.ref)] : [])],
    })
  },
})

// internal

function* waits(key: string, ref: string): Rule<boolean> {
  return waitingOf(yield* read("order", ref)).includes(key)
}

const letGo = (key: string, ref: string): Emitted => on("order", ref, { type: "ReceiptLetGo", receipt: key })
