/**
 * Simulated time: it stands still until it is moved, and never goes back.
 */
import type { Clock } from "@yingshao/engine/engine-clock"

export interface SimulatedClock extends Clock {
  /** Moves to an instant, in milliseconds since 1970; an earlier one changes nothing. */
  moveTo(ms: number): void
}

export const simulatedClock = (startMs: number): SimulatedClock => {
  let nowMs = startMs
  return {
    now: () => nowMs,
    moveTo(ms) {
      nowMs = Math.max(nowMs, ms)
    },
  }
}
