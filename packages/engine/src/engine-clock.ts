/**
 * The engine's clock: instants of acceptance that never go back, whatever the machine's clock does.
 *
 * Within a process each instant is later than the one before, by a millisecond where the machine's clock
 * has not moved on, so that the order of acceptance is total (T2). Past `maxLeadMs` ahead of the latest
 * reading the instants stand still instead: a long burst must not push due times into the future, and
 * the journal's number orders it in any case.
 */
import { fromMs, type Instant, toMs } from "@yingshao/core/kernel/time"

/** Where the machine's time comes from. The simulator has one of its own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

export interface EngineClock {
  /** The instant of the next acceptance. */
  next(): Instant
  /** Now, without taking an instant; never before an instant that was given out. */
  now(): Instant
  /**
   * Milliseconds that `now` is ahead of the machine's clock; 0 when it is not. A clock that reads 0 is none: the
   * programme is looked at, and goes by what was accepted last.
   */
  aheadMs(): number
  /** Instants from now on are not before this one: what another process accepted earlier. */
  notBefore(at: Instant): void
}

/** How far strict order may run ahead of the clock. */
export const maxLeadMs = 1_000

export const makeEngineClock = (clock: Clock): EngineClock => {
  let highest = 0
  let last = -1
  const look = (): void => {
    const reading = Math.floor(clock.now())
    if (Number.isSafeInteger(reading) && reading > highest) highest = reading
  }
  return {
    next() {
      look()
      if (highest > last) last = highest
      else if (last - highest < maxLeadMs) last += 1
      return fromMs(last)
    },
    now() {
      look()
      return fromMs(Math.max(highest, last))
    },
    aheadMs() {
      const reading = Math.floor(clock.now())
      return Number.isSafeInteger(reading) && reading > 0 ? Math.max(0, highest - reading, last - reading) : 0
    },
    notBefore(at) {
      const ms = toMs(at)
      if (ms > highest) highest = ms
      if (ms > last) last = ms
    },
  }
}
