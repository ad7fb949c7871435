/**
 * The relay: leases outbox rows, one per ordering key at a time, hands them to a notifier or dispatcher and
 * settles them with the lease's token.
 *
 * At least once, always the same id and body, in order per key (O2, O3, O6). A worker whose lease ran out
 * can settle nothing (O7). What cannot be delivered is parked as dead with the name of who looks after it,
 * listed and counted, and can be put back: a dead order keeps its case closed, a dead notice does not (O3, O5).
 * A row that hangs or fails holds up no other key (O4): each channel has its share of the places, and rows
 * that finish are replaced at once.
 *
 * What it does not do: it does not decide whom a notice reaches in the end (an injected resolver does), and
 * “sent” never counts as “answered”.
 */

import { fromMs, toMs } from "@yingshao/core/kernel/time"
import type { Dispatcher, PartnerReceipt } from "@yingshao/ports/dispatcher"
import type { Notifier } from "@yingshao/ports/notifier"
import type { LeasedMessage, Storage } from "@yingshao/ports/storage"
import { channelBudgets } from "./channel-budgets.ts"
import { type ChannelGate, gatherMs, makeChannelGate } from "./channel-gate.ts"
import { deliverNotice, digestLine, type NotifyDesk } from "./deliver-notice.ts"
import { type DispatchDesk, deliverOrder } from "./deliver-order.ts"
import type { EngineClock } from "./engine-clock.ts"
import { makePump } from "./relay-pump.ts"
import { type Attempted, settlementOf } from "./retry.ts"
import { makeSendSlots, type SendSlots } from "./send-slots.ts"
import { makeSettler, type Settler } from "./settler.ts"
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
  /** Rows out at a time in each topic, all of them sent side by side; left out: `leaseLimit`. At most 1,000. */
  readonly page?: number | undefined
  readonly notify: NotifyDesk
  readonly dispatch: DispatchDesk
  /** A message was parked: tell whoever is named. */
  readonly onParked?: ((parked: Parked) => void) | undefined
  /** Takes in what partners answered; resolves after the effect was committed. */
  readonly receive: (receipt: PartnerReceipt) => Promise<unknown>
  /** Until messages to one address that come together have come. Left out: `gatherMs` later. */
  readonly gather?: (() => Promise<void>) | undefined
}

/** A message that nobody could deliver. `note` begins with who looks after it and holds no personal data. */
export interface Parked {
  readonly id: string
  readonly topic: Topic
  readonly note: string
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
  /** Delivers until `signal` aborts and what is under way has ended; an outage of the store goes to `onFailure`. */
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

type Topic = "notify" | "dispatch"

/** Rows out at a time in each topic, where the host does not say. */
export const leaseLimit = 50

/** How long a lease lasts; sending is given up well before. */
export const leaseMs = 60_000

/** After so long a send counts as unknown. */
export const sendTimeoutMs = 20_000

/** Polls after which `drain` stops although rows are still due. */
const maxPolls = 10_000

export const makeRelay = (options: RelayOptions): Relay => {
  const parts = partsOf(options)
  const relay: Relay = {
    async runOnce() {
      const counts = noCounts()
      await Promise.all(
        topics.map(async (topic) => {
          const rows = await lease(options, topic, options.page ?? leaseLimit)
          counts.leased += rows.length
          await allOf(rows.map(async (row) => count(counts, await carry(options, parts, topic, row))))
        }),
      )
      counts.receipts += await receiptsOf(options)
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
    async follow({ signal, pollMs = 1_000, onFailure = () => {} }) {
      const pumps = topics.map((topic) =>
        makePump({
          places: options.page ?? leaseLimit,
          pollMs,
          wake: options.wake,
          onFailure,
          lease: (limit) => lease(options, topic, limit),
          carry: (row, attempted) => carry(options, parts, topic, row, attempted),
        }),
      )
      await Promise.all([...pumps.map((pump) => pump.run(signal)), followReceipts(options, signal, pollMs)])
    },
    redrive: (id) => options.storage.redrive(options.programme, id, options.clock.now()),
    stopped: () => [...parts.stopped],
    resume: (channel) => {
      parts.stopped.delete(channel)
    },
  }
  return relay
}

/** Checks nothing about them; gathers what the relay needs by name. */
export const byName = <A extends Notifier | Dispatcher>(adapters: readonly A[]): ReadonlyMap<string, A> =>
  new Map(adapters.map((adapter) => [adapter.name, adapter]))

// internal

const topics: readonly Topic[] = ["dispatch", "notify"]

interface Parts {
  readonly stopped: Set<string>
  readonly slots: SendSlots
  readonly gate: ChannelGate
  readonly settler: Settler
}

const partsOf = ({ storage, programme, clock, notify, page, gather }: RelayOptions): Parts => {
  const sleep = makeWake()
  return {
    stopped: new Set(),
    settler: makeSettler(storage, programme),
    slots: makeSendSlots({ each: Math.max(1, Math.floor((page ?? leaseLimit) / 4)), patienceMs: 1_000 }),
    gate: makeChannelGate({
      budgets: channelBudgets(notify.plan, notify.notifiers.values()),
      nowMs: () => toMs(clock.now()),
      gather: gather ?? (() => sleep.wait(gatherMs)),
      digest: (notices) => {
        const text = notify.digest(notices)
        return { ...text, lines: text.lines.map(digestLine) }
      },
    }),
  }
}

const lease = (
  { storage, programme, clock, worker }: RelayOptions,
  topic: Topic,
  limit: number,
): Promise<readonly LeasedMessage[]> => {
  const now = clock.now()
  return storage.lease(programme, { topic, worker, now, leaseUntil: fromMs(toMs(now) + leaseMs), limit })
}

type Carried = "delivered" | "retried" | "dead" | "fenced"

/** One row to its settlement. @throws StorageFailure when the store is down; the row comes back by itself. */
const carry = async (
  options: RelayOptions,
  parts: Parts,
  topic: Topic,
  row: LeasedMessage,
  onAttempted: () => void = () => {},
): Promise<Carried> => {
  const { clock, notify, random } = options
  const attempted = await deliver(options, parts, topic, row)
  onAttempted()
  const on = { topic, now: clock.now(), random, plan: notify.plan }
  const settlement = settlementOf(row, attempted, on)
  const result = await parts.settler.settle(settlement)
  if (result === "fenced") return "fenced"
  if (settlement.kind === "dead") options.onParked?.({ id: row.id, topic, note: settlement.note })
  return settlement.kind === "retry" ? "retried" : settlement.kind
}

const deliver = async (
  options: RelayOptions,
  parts: Parts,
  topic: Topic,
  row: LeasedMessage,
): Promise<Attempted> => {
  const now = options.clock.now
  const lastStart = fromMs(toMs(now()) + leaseMs - sendTimeoutMs - 5_000)
  const { plan } = options.notify
  const sending = { ...parts, now, lastStart, sendTimeoutMs, parkAfterHours: plan.parkAfterHours }
  return topic === "dispatch"
    ? deliverOrder(options.dispatch, row, sending)
    : deliverNotice(options.notify, row, sending)
}

/** Waits for all, then throws the first failure: nothing is left running behind the caller. */
const allOf = async (work: readonly Promise<void>[]): Promise<void> => {
  for (const one of await Promise.allSettled(work)) if (one.status === "rejected") throw one.reason
}

const countKeys = ["leased", "delivered", "retried", "dead", "fenced", "receipts"] as const

const noCounts = (): { -readonly [K in keyof RelayCounts]: RelayCounts[K] } => ({
  leased: 0,
  delivered: 0,
  retried: 0,
  dead: 0,
  fenced: 0,
  receipts: 0,
})

const count = (counts: ReturnType<typeof noCounts>, carried: Carried): void => {
  counts[carried] += 1
}

const receiptsOf = ({ dispatch, receive }: RelayOptions): Promise<number> =>
  takeReceipts(dispatch.dispatchers.values(), receive, leaseLimit)

/** Each dispatcher by itself: one that answers slowly keeps nobody else's receipts waiting. */
const followReceipts = async (
  { dispatch, receive }: RelayOptions,
  signal: AbortSignal,
  pollMs: number,
): Promise<void> => {
  const follow = async (dispatcher: Dispatcher): Promise<void> => {
    const sleep = makeWake()
    while (!signal.aborted) {
      await takeReceipts([dispatcher], receive, leaseLimit)
      await sleep.wait(pollMs, signal)
    }
  }
  await Promise.all([...dispatch.dispatchers.values()].map(follow))
}
