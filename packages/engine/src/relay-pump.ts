/**
 * Keeps a bounded number of rows under way: whenever a place is free and rows are due, they are leased.
 *
 * A row that takes long keeps its own place and nobody else's. Its place is free as soon as it was attempted; as
 * many again as there are places may wait to be settled. Half of the places at most are filled by one lease, and
 * the next call to the store goes out before those rows are attempted, so that the store and this process work at
 * the same time. Nothing is polled while all places are taken.
 */
import type { LeasedMessage } from "@yingshao/ports/storage"
import { makeWake, type Wake } from "./wake.ts"

export interface Pump {
  /** Until `signal` aborts and everything under way has ended. */
  run(signal: AbortSignal): Promise<void>
}

export interface PumpOptions {
  /** Rows attempted at a time. */
  readonly places: number
  readonly pollMs: number
  /** Rings when something was committed in this process. */
  readonly wake: Wake
  readonly lease: (limit: number) => Promise<readonly LeasedMessage[]>
  /** From the attempt to the settlement; calls `attempted` in between, when the row needs its place no more. */
  readonly carry: (row: LeasedMessage, attempted: () => void) => Promise<unknown>
  readonly onFailure: (error: unknown) => void
}

export const makePump = (options: PumpOptions): Pump => ({
  async run(signal) {
    const { places, pollMs } = options
    const sleep = makeWake()
    const working = new Set<Promise<void>>()
    let [taken, unsettled, leasing] = [0, 0, 0]
    let news = true
    const hear = (): void => {
      news = true
      sleep.ring()
    }
    const listening = listen(options.wake, signal, hear)

    const carry = async (row: LeasedMessage): Promise<void> => {
      const leave = once(() => {
        taken -= 1
        hear()
      })
      unsettled += 1
      await options.carry(row, leave).catch(options.onFailure)
      unsettled -= 1
      leave()
      hear()
    }

    /** Takes places for rows that it does not know yet, and gives back those it has none for. */
    const fill = async (limit: number): Promise<void> => {
      taken += limit
      leasing += 1
      const rows = await options.lease(limit).catch((error: unknown) => {
        options.onFailure(error)
        return []
      })
      leasing -= 1
      taken -= limit - rows.length
      if (rows.length === limit) {
        hear()
        // In the first turn whatever waits for the store is gathered, in the second it is sent.
        await turnOfLoop()
        await turnOfLoop()
      }
      await Promise.all(rows.map(carry))
    }

    while (!signal.aborted) {
      // Whatever else ends in this turn of the loop leaves its place before the room is counted.
      await turnOfLoop()
      const room = Math.min(places - taken, 2 * places - unsettled)
      if (!news || room <= 0 || leasing === mostLeasing) {
        await sleep.wait(pollMs, signal)
        // Whoever woke this has said so; otherwise it is time to look.
        news = true
        continue
      }
      news = false
      const work: Promise<void> = fill(Math.min(room, Math.ceil(places / 2))).then(() => {
        working.delete(work)
      })
      working.add(work)
    }
    await Promise.all([...working, listening])
  },
})

// internal

const listen = async (wake: Wake, signal: AbortSignal, hear: () => void): Promise<void> => {
  while (!signal.aborted) {
    await wake.wait(3_600_000, signal)
    hear()
  }
}

/** One under way in the store, one that waits for it. */
const mostLeasing = 2

const once = (run: () => void): (() => void) => {
  let done = false
  return () => {
    if (done) return
    done = true
    run()
  }
}

const turnOfLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
