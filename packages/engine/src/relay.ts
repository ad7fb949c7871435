/**
 * The relay: leases outbox rows, one per ordering key at a time, hands them to a notifier or dispatcher and
 * settles them with the lease's token.
 *
 * At least once, always the same id and body, in order per key (O2, O3, O6). A worker whose lease ran out
 * can settle nothing (O7). What cannot be delivered is parked as dead, listed and counted, and can be put
 * back: a dead order keeps its case closed, a dead notice does not (O3, O5). A row that hangs or fails
 * holds up no other key (O4).
 *
 * What it does not do: it does not decide whom a notice reaches in the end (an injected resolver does), and
 * “sent” never counts as “answered”.
 */

import { fromMs, toMs } from "@yingshao/core/kernel/time"
import type { Dispatcher, PartnerReceipt } from "@yingshao/ports/dispatcher"
import type { Notifier } from "@yingshao/ports/notifier"
import type { LeasedMessage, Settlement, Storage } from "@yingshao/ports/storage"
import { deliverNotice, type NotifyDesk } from "./deliver-notice.ts"
import { type DispatchDesk, deliverOrder } from "./deliver-order.ts"
import type { EngineClock } from "./engine-clock.ts"
import { makeProgress } from "./progress.ts"
import { settlementOf } from "./retry.ts"
import { takeReceipts } from "./take-receipts.ts"
import { makeWake, type Wake } from "./wake.ts"

export interface RelayOptions {
  readonly programme: string
  readonly storage: Storage
  readonly clock: EngineClock
  /** 0 up to 1; spreads retries. */
  readonly random: () => number
  /** Names this worker in leases; unique among those that run. */
  readonly worker: string
  readonly wake: Wake
  /** Rows leased at a time in each topic, all of them sent side by side; left out: `leaseLimit`. At most 1,000. */
  readonly page?: number | undefined
  readonly notify: NotifyDesk
  readonly dispatch: DispatchDesk
  /** Takes in what partners answered; resolves after the effect was committed. */
  readonly receive: (receipt: PartnerReceipt) => Promise<unknown>
}

/** What one poll did. `fenced`: the lease had run out, and somebody else has the row. */
export interface RelayCounts {
  readonly leased: number
  readonly delivered: number
  readonly retried: number
  readonly dead: number
  readonly fenced: number
  readonly receipts: number
}

export interface Relay {
  /** Leases and settles one page of each topic. */
  runOnce(): Promise<RelayCounts>
  /** Polls until nothing is due any more. */
  drain(): Promise<RelayCounts>
  /** Polls until `signal` aborts; an outage of the store is passed to `onFailure`. */
  follow(options: {
    readonly signal: AbortSignal
    readonly pollMs?: number
    readonly onFailure?: (error: unknown) => void
  }): Promise<void>
  /** Puts a dead row back in its place. False when it is not dead. */
  redrive(id: string): Promise<boolean>
  /** Channels that were stopped for wrong credentials. */
  stopped(): readonly string[]
  /** The operator has mended a channel. */
  resume(channel: string): void
}

/** Rows leased at a time in each topic, where the host does not say. */
export const leaseLimit = 50

/** How long a lease lasts; sending is given up well before. */
export const leaseMs = 60_000

/** After so long a send counts as unknown. */
export const sendTimeoutMs = 20_000

/** Polls after which `drain` stops although rows are still due. */
const maxPolls = 10_000

export const makeRelay = (options: RelayOptions): Relay => {
  const stopped = new Set<string>()
  const progress = makeProgress()
  const sleep = makeWake()
  const topics = [
    ["dispatch", (row: LeasedMessage) => deliverOrder(options.dispatch, row, sendTimeoutMs)],
    [
      "notify",
      (row: LeasedMessage) => deliverNotice(options.notify, row, { stopped, progress, sendTimeoutMs }),
    ],
  ] as const

  const relay: Relay = {
    async runOnce() {
      const counts = noCounts()
      for (const [topic, deliver] of topics) {
        const now = options.clock.now()
        const rows = await options.storage.lease(options.programme, {
          topic,
          worker: options.worker,
          now,
          leaseUntil: fromMs(toMs(now) + leaseMs),
          limit: options.page ?? leaseLimit,
        })
        counts.leased += rows.length
        await Promise.all(
          rows.map(async (row) => {
            const result = settlementOf(row, await deliver(row), {
              topic,
              now: options.clock.now(),
              random: options.random,
            })
            await settle(options, result, counts)
            if (result.kind !== "retry") progress.forget(row.id)
          }),
        )
      }
      const { dispatch, receive } = options
      counts.receipts += await takeReceipts(dispatch.dispatchers.values(), receive, leaseLimit)
      return counts
    },
    async drain() {
      const total = noCounts()
      for (let poll = 0; poll < maxPolls; poll += 1) {
        const counts = await relay.runOnce()
        for (const key of countKeys) total[key] += counts[key]
        if (counts.leased === 0) break
      }
      return total
    },
    async follow({ signal, pollMs = 1_000, onFailure }) {
      while (!signal.aborted) {
        try {
          const { leased } = await relay.runOnce()
          if (leased > 0) continue
          await options.wake.wait(pollMs, signal)
        } catch (error) {
          onFailure?.(error)
          await sleep.wait(pollMs, signal)
        }
      }
    },
    redrive: (id) => options.storage.redrive(options.programme, id, options.clock.now()),
    stopped: () => [...stopped],
    resume: (channel) => {
      stopped.delete(channel)
    },
  }
  return relay
}

/** Checks nothing about them; gathers what the relay needs by name. */
export const byName = <A extends Notifier | Dispatcher>(adapters: readonly A[]): ReadonlyMap<string, A> =>
  new Map(adapters.map((adapter) => [adapter.name, adapter]))

// internal

const countKeys = ["leased", "delivered", "retried", "dead", "fenced", "receipts"] as const

const noCounts = (): { -readonly [K in keyof RelayCounts]: RelayCounts[K] } => ({
  leased: 0,
  delivered: 0,
  retried: 0,
  dead: 0,
  fenced: 0,
  receipts: 0,
})

const settle = async (
  { storage, programme }: RelayOptions,
  settlement: Settlement,
  counts: ReturnType<typeof noCounts>,
): Promise<void> => {
  const [result] = await storage.settle(programme, [settlement])
  if (result === "fenced") counts.fenced += 1
  else if (settlement.kind === "delivered") counts.delivered += 1
  else if (settlement.kind === "retry") counts.retried += 1
  else counts.dead += 1
}
