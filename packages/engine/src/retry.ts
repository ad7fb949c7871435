/**
 * What happens to a row after an attempt: delivered, tried again later, or given up.
 *
 * Waits grow fourfold from five seconds to an hour and are spread by chance, so that many rows that failed
 * together do not come back together. Attempts are bounded: what nobody can deliver is parked, never
 * tried for ever and never dropped.
 */
import { fromMs, type Instant, toMs } from "@yingshao/core/kernel/time"
import { type ChannelPlan, type KeeperOffice, keeperOf } from "@yingshao/core/notice/channel-plan"
import type { LeasedMessage, Settlement } from "@yingshao/ports/storage"
import { withReached } from "./reached.ts"

/**
 * What one attempt came to. `note` names reasons and codes, never people, keys or addresses; `told` marks the
 * people whom no later attempt tells again.
 */
export type Attempted =
  | { readonly kind: "delivered"; readonly receipt: string }
  /** Counted: an attempt that failed. Not counted: told to come back. */
  | ({ readonly kind: "again"; readonly counted: boolean; readonly afterMs?: number } & Unfinished)
  /** Parked for somebody who looks after it. */
  | ({ readonly kind: "give-up"; readonly keeper: KeeperOffice } & Unfinished)

interface Unfinished {
  readonly note: string
  readonly told?: ReadonlySet<string> | undefined
}

/** Counted attempts after which a row is parked. */
export const maxTries: Readonly<Record<"notify" | "dispatch", number>> = { notify: 8, dispatch: 12 }

/** Milliseconds before the next attempt, half to whole of 5 s · 4^attempts, at most an hour. */
export const backoffMs = (attempts: number, random: () => number): number =>
  Math.round(Math.min(3_600_000, 5_000 * 4 ** Math.min(attempts, 10)) * (0.5 + random() / 2))

export interface SettledOn {
  readonly topic: "notify" | "dispatch"
  readonly now: Instant
  readonly random: () => number
  readonly plan: Pick<ChannelPlan, "keepers">
}

/**
 * The settlement of an attempt; an order that is given up blocks its case, a notice does not (O3). What is given
 * up begins with the name of who looks after it.
 */
export const settlementOf = (row: LeasedMessage, attempted: Attempted, on: SettledOn): Settlement => {
  const { id, token } = row
  if (attempted.kind === "delivered") {
    return { kind: "delivered", id, token, at: on.now, receipt: clip(attempted.receipt) }
  }
  const { told = new Set<string>() } = attempted
  const parked = (keeper: KeeperOffice, why: string): Settlement => ({
    kind: "dead",
    id,
    token,
    at: on.now,
    blocking: on.topic === "dispatch",
    note: withReached(clip(`for ${keeperOf(on.plan, keeper)}: ${why}`), told),
  })
  if (attempted.kind === "give-up") return parked(attempted.keeper, attempted.note)
  const { afterMs, counted, note } = attempted
  const tries = row.attempts + 1
  if (counted && tries >= maxTries[on.topic]) {
    return parked("operator", `given up after ${tries} attempts: ${note}`)
  }
  const wait = Math.max(
    afterMs ?? 0,
    counted || afterMs === undefined ? backoffMs(row.attempts, on.random) : 0,
  )
  const notBefore = fromMs(toMs(on.now) + Math.min(wait, maxWaitMs))
  return { kind: "retry", id, token, notBefore, counted, note: withReached(clip(note), told) }
}

// internal

/** No partner may park a row for longer than a day by asking for it. */
const maxWaitMs = 86_400_000

/** What a vendor answered may be in it: whatever a store would refuse is taken out. */
const clip = (note: string): string =>
  note
    .slice(0, 500)
    .toWellFormed()
    .replace(/\p{Cc}+/gu, " ")
