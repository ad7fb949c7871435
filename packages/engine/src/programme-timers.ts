/**
 * The timers of a county's programme: reminders of overdue obligations, and whatever else a state puts
 * under the index `timer` with the command's type as key.
 */

import type { OrderState } from "@yingshao/core/inbox/order"
import type { Obligation } from "@yingshao/core/obligation/obligation"
import type { TimerSource } from "./scheduler.ts"

/** Overdue obligations of reports and incidents: the next level of each ladder, in order (F4). */
export const escalations: TimerSource = {
  index: "escalate",
  equals: "open",
  commands: ({ kind, id, state, range }) =>
    obligationsOf(state)
      .filter(({ status, next }) => status === "open" && next?.at === range)
      .map(({ id: obligation, escalation }) => ({
        type: "EscalateObligation",
        key: `${obligation}/${escalation + 1}`,
        payload: { kind, debtor: id, obligation, level: escalation + 1 },
      })),
}

/**
 * Timers of one command: its streams stand under the index `timer` with the command's type as key and the
 * instant at which it is due as range.
 *
 * @param payload what the command needs to know, from the stream it was found on.
 */
export const timer = (
  type: string,
  payload: (id: string, state: unknown) => Readonly<Record<string, unknown>>,
): TimerSource => ({
  index: "timer",
  equals: type,
  commands: ({ id, state }) => [{ type, key: "", payload: payload(id, state) }],
})

/** Receipts that were there before their order: taken up, each by itself, once the order is there. */
export const earlyReceipts: TimerSource = {
  index: "timer",
  equals: "RetryReceipt",
  commands: ({ state }) => {
    const order = state as OrderState
    const waiting = order.status === "none" ? [] : order.waiting
    return waiting.map((receipt) => ({ type: "RetryReceipt", key: receipt, payload: { receipt } }))
  },
}

export const programmeTimers: readonly TimerSource[] = [
  escalations,
  earlyReceipts,
  timer("ForfeitAward", (report) => ({ report })),
  timer("ExpireLots", (person) => ({ person })),
]

// internal

const obligationsOf = (state: unknown): readonly Obligation[] =>
  typeof state === "object" && state !== null && "obligations" in state && Array.isArray(state.obligations)
    ? (state.obligations as readonly Obligation[])
    : []
