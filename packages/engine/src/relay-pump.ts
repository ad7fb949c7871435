/**
 * Keeps a bounded number of rows under way: whenever a place is free and rows are due, they are leased.
 *
 * A row that takes long keeps its own place and nobody else's. Nothing is polled while all places are taken.
 */
import type { LeasedMessage } from "@yingshao/ports/storage"
import { makeWake, type Wake } from "./wake.ts"

export interface Pump {
  /** Until `signal` aborts and everything under way has ended. */
  run(signal: AbortSignal): Promise<void>
}

export interface PumpOptions {
  /** Rows under way at a time. */
  readonly places: number
  readonly pollMs: number
  /** Rings when something was committed in this process. */
  readonly wake: Wake
  readonly lease: (limit: number) => Promise<readonly LeasedMessage[]>
  readonly carry: (row: LeasedMessage) => Promise<unknown>
  readonly onFailure: (error: unknown) => void
}

export const makePump = (options: PumpOptions): Pump => ({
  async run(signal) {
    const sleep = makeWake()
    const under = new Set<Promise<void>>()
    let news = true
    const hear = (): void => {
      news = true
      sleep.ring()
    }
    const listening = listen(options.wake, signal, hear)
    const start = (row: LeasedMessage): void => {
      const work: Promise<void> = options
        .carry(row)
        .catch(options.onFailure)
        .then(() => {
          under.delete(work)
          hear()
        })
      under.add(work)
    }
    while (!signal.aborted) {
      const room = options.places - under.size
      if (!news || room === 0) {
        await sleep.wait(options.pollMs, signal)
        news = true
        continue
      }
      news = false
      try {
        for (const row of await options.lease(room)) start(row)
      } catch (error) {
        options.onFailure(error)
      }
    }
    await Promise.all([...under, listening])
  },
})

// internal

const listen = async (wake: Wake, signal: AbortSignal, hear: () => void): Promise<void> => {
  while (!signal.aborted) {
    await wake.wait(3_600_000, signal)
    hear()
  }
}
