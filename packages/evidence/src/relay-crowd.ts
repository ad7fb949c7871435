/**
 * One relay over many reports while two channels hang, some messages are poison and some fail: nobody else waits
 * longer than one poll.
 *
 * What is counted is leases, not seconds: between the moment at which a message may go (the one before it is
 * settled, or its own wait is over) and the lease that takes it, there is no other lease. The two channels hang
 * until all the others have everything.
 */
import { notifyFailure } from "@yingshao/ports/notifier"
import type { Storage } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import {
  fillOutbox,
  loadedChannels,
  loadOf,
  relayOfLoad,
  relayProgramme,
  slowChannels,
  undisturbed,
} from "./relay-load.ts"

export interface CrowdOptions {
  readonly messages: number
  readonly reports: number
  readonly say: (line: string) => void
  /** What stands before the store, for planted faults. */
  readonly before?: (storage: Storage) => Storage
}

/** @returns what was wrong, a sentence each. */
export const relayCrowd = async (options: CrowdOptions): Promise<readonly string[]> => {
  const { messages, reports, say } = options
  const load = loadOf(messages, reports)
  const calm = undisturbed(load)
  const nowMs = Date.parse("2026-03-02T01:00:00.000Z")
  let skippedMs = 0
  const clock = { now: () => nowMs + skippedMs }
  const store = memoryStorage()
  await fillOutbox(store, load, nowMs)
  const watched = watchedStore(options.before?.(store) ?? store, calm)

  const wanted = load.filter(({ report }) => calm.has(report)).length
  const done = Promise.withResolvers<void>()
  const hung: (() => void)[] = []
  const next = new Map<number, number>()
  const problems: string[] = []
  let calmSent = 0
  let released = false
  // Who failed once succeeds the next time, so that all are sent within what a lease lasts.
  const failed = new Set<string>()
  let draws = 1
  const notifiers = loadedChannels(async (channel, { report, turn, poison }) => {
    if (slowChannels.has(channel) && !released) await new Promise<void>((resolve) => hung.push(resolve))
    draws = (draws * 48_271) % 2_147_483_647
    const once = !failed.has(`${report} ${turn}`) && draws % 100 < 5
    if (once) failed.add(`${report} ${turn}`)
    if (poison || once) throw notifyFailure("unreachable", "down")
    const due = next.get(report) ?? 0
    // A dead notice lets the next one go: turns rise, and those of calm reports without a gap.
    if (turn < due || (calm.has(report) && turn !== due))
      problems.push(`report ${report}: ${turn} after ${due - 1}`)
    next.set(report, turn + 1)
    if (calm.has(report)) calmSent += 1
    if (calmSent === wanted) done.resolve()
  })
  const relay = relayOfLoad({ storage: watched.storage, notifiers, worker: "w-1", places: 1_000, clock })
  const end = new AbortController()
  const following = relay.follow({ signal: end.signal, pollMs: 5 })
  // Time runs by itself, so that those that failed come back; leases of what hangs outlast it.
  const ticking = setInterval(() => {
    skippedMs = Math.min(skippedMs + 500, 55_000)
  }, 5)
  await Promise.race([done.promise, patience(120_000)])
  clearInterval(ticking)
  const stillHung = hung.length
  released = true
  for (const release of hung) release()
  end.abort()
  await following
  if (calmSent !== wanted)
    problems.push(`${wanted - calmSent} of ${wanted} were not sent while two channels hung`)
  if (stillHung === 0) problems.push("nothing hung: this proves nothing")
  problems.push(...watched.late())
  say(`${calmSent} messages of ${calm.size} reports sent while ${stillHung} hung, none later than one poll`)

  let skip = skippedMs
  const rest = relayOfLoad({
    storage: store,
    notifiers,
    worker: "w-2",
    places: 1_000,
    clock: { now: () => nowMs + skip },
  })
  for (let hour = 0; hour < 40; hour += 1) {
    skip += 3_700_000
    await rest.drain()
  }
  const counts = await store.outboxCounts(relayProgramme)
  const poison = load.filter((one) => one.poison).length
  say(
    `${counts.delivered} delivered, ${counts.dead} parked, ${counts.pending} waiting; ${poison} were poison`,
  )
  if (counts.pending > 0 || counts.delivered + counts.dead !== messages)
    problems.push("not every message ended")
  if (counts.dead < poison) problems.push(`only ${counts.dead} of ${poison} poison messages were parked`)
  return problems
}

// internal

const patience = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })

/** Counts the leases that pass over a message of a calm report which could have gone. */
const watchedStore = (storage: Storage, calm: ReadonlySet<number>) => {
  const passedOver: string[] = []
  return {
    late: () => passedOver.slice(0, 5).map((key) => `${key} was passed over by a lease`),
    storage: {
      ...storage,
      async lease(programme, request) {
        if (request.topic !== "notify") return storage.lease(programme, request)
        const waiting = await storage.outbox(programme, { status: "pending", after: undefined, limit: 1_000 })
        const heads = new Map<string, (typeof waiting)[number]>()
        for (const row of waiting) if (!heads.has(row.orderingKey)) heads.set(row.orderingKey, row)
        const leased = await storage.lease(programme, request)
        if (leased.length === request.limit) return leased
        const taken = new Set(leased.map(({ orderingKey }) => orderingKey))
        for (const [key, row] of heads) {
          const free = row.leasedUntil === undefined && row.notBefore <= request.now
          if (free && !taken.has(key) && calm.has(Number(key.slice("report/".length)))) passedOver.push(key)
        }
        return leased
      },
    } satisfies Storage,
  }
}
