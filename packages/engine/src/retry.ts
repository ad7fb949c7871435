/**
 * What happens to a row after an attempt: delivered, tried again later, or given up.
 *
 * Waits grow fourfold from five seconds to an hour and are spread by chance, so that many rows that failed
 * together do not come back together. Attempts are bounded: what nobody can deliver is parked, never
 * tried for ever and never dropped.
 */
import { fromMs, type Instant, toMs } from "@yingshao/core/kernel/time"
import type { LeasedMessage, Settlement } from "@yingshao/ports/storage"

/** What one attempt came to. `note` names reasons and codes, never people, keys or addresses. */
export type Attempted =
  | { readonly kind: "delivered"; readonly receipt: string }
  /** Counted: an attempt that failed. Not counted: told to come back. */
  | { readonly kind: "again"; readonly counted: boolean; readonly afterMs?: number; readonly note: string }
  | { readonly kind: "give-up"; readonly note: string }

/** Counted attempts after which a row is parked. */
export const maxTries: Readonly<Record<"notify" | "dispatch", number>> = { notify: 8, dispatch: 12 }

/** Milliseconds before the next attempt, half to whole of 5 s · 4^attempts, at most an hour. */
export const backoffMs = (attempts: number, random: () => number): number =>
  Math.round(Math.min(3_600_000, 5_000 * 4 ** Math.min(attempts, 10)) * (0.5 + random() / 2))

/** The settlement of an attempt; an order that is given up blocks its case, a notice does not (O3). */
export const settlementOf = (
  row: LeasedMessage,
  attempted: Attempted,
  on: { readonly topic: "notify" | "dispatch"; readonly now: Instant; readonly random: () => number },
): Settlement => {
  const { id, token } = row
  if (attempted.kind === "delivered") {
    return { kind: "delivered", id, token, at: on.now, receipt: clip(attempted.receipt) }
  }
  const tries = row.attempts + 1
  const over = attempted.kind === "again" && attempted.counted && tries >= maxTries[on.topic]
  if (attempted.kind === "give-up" || over) {
    const note = over ? `given up after ${tries} attempts: ${attempted.note}` : attempted.note
    return { kind: "dead", id, token, at: on.now, blocking: on.topic === "dispatch", note: clip(note) }
  }
  const wait = Math.max(
    attempted.afterMs ?? 0,
    attempted.counted || attempted.afterMs === undefined ? backoffMs(row.attempts, on.random) : 0,
  )
  const notBefore = fromMs(toMs(on.now) + Math.min(wait, maxWaitMs))
  return { kind: "retry", id, token, notBefore, counted: attempted.counted, note: clip(attempted.note) }
}

// internal

/** No partner may park a row for longer than a day by asking for it. */
const maxWaitMs = 86_400_000

const clip = (note: string): string => note.slice(0, 500)
