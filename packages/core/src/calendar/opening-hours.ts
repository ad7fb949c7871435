/**
 * Opening hours of a working day, as the policy writes them: `08:30-12:00,13:30-17:30`.
 *
 * Local wall-clock time, the same on every working day. At most four spans, in order, not touching
 * midnight from the other side: a span over midnight is two spans.
 */
import { invariant } from "../kernel/refusal.ts"

/** Minutes since local midnight, `0 <= fromMinute < toMinute <= 1440`. */
export interface OpeningSpan {
  readonly fromMinute: number
  readonly toMinute: number
}

/**
 * Reads opening hours.
 *
 * @throws BrokenInvariant when a span is empty, out of order, overlapping or no time of day. A policy with
 *   such hours does not load, so this is never the county's mistake.
 * @example openingHours("08:30-12:00") // => [{ fromMinute: 510, toMinute: 720 }]
 */
export const openingHours = (text: string): readonly OpeningSpan[] => {
  const spans = text.split(",").map((part) => {
    const found = /^(\d{2}):([0-5]\d)-(\d{2}):([0-5]\d)$/.exec(part)
    invariant(found !== null, "F8", `opening hours ${JSON.stringify(text)} are not HH:MM-HH:MM`)
    return {
      fromMinute: Number(found[1]) * 60 + Number(found[2]),
      toMinute: Number(found[3]) * 60 + Number(found[4]),
    }
  })
  let before = 0
  for (const { fromMinute, toMinute } of spans) {
    const inOrder = before <= fromMinute && fromMinute < toMinute && toMinute <= 1440
    invariant(inOrder, "F8", `opening hours ${JSON.stringify(text)} overlap, are empty or out of order`)
    before = toMinute
  }
  return spans
}
