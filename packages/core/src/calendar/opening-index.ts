/**
 * All openings of some years in a row, as sorted arrays with prefix sums: the index behind the calendar.
 *
 * An opening is a span of absolute time. Zones are asked while the index is made and never afterwards, so
 * a change to summer time within opening hours shortens or lengthens that one opening and nothing else
 * has to know.
 */
import { offsetMinutes } from "../kernel/time.ts"
import { dayMs, dayOf } from "./instant-text.ts"
import type { OpeningSpan } from "./opening-hours.ts"

export interface OpeningIndex {
  readonly firstYear: number
  readonly lastYear: number
  /** Day number of 1 January of the first year. */
  readonly firstDay: number
  /** 1 for a working day, one entry a civil day. */
  readonly workday: Uint8Array
  /** The covered span of absolute time: `startMs <= t < endMs`. */
  readonly startMs: number
  readonly endMs: number
  /** Openings in order of time; they neither touch nor overlap. */
  readonly openMs: Float64Array
  readonly closeMs: Float64Array
  /** Working milliseconds before each opening; one more entry than openings. */
  readonly workedMs: Float64Array
  readonly firstUtcDay: number
  /** By UTC day: the first opening that closes at or after that day's beginning. */
  readonly firstOnUtcDay: Int32Array
  readonly chunkMs: number
  /** By chunk of working time: the first opening that ends at or after that chunk's beginning. */
  readonly firstInChunk: Int32Array
}

/**
 * @param workday 1 for each working day from 1 January of `firstYear` to 31 December of `lastYear`.
 */
export const openingIndex = (
  firstYear: number,
  lastYear: number,
  workday: Uint8Array,
  hours: readonly OpeningSpan[],
  timeZone: string,
): OpeningIndex => {
  const firstDay = dayOf(firstYear, 1, 1)
  const offsets = offsetSpans(timeZone, (firstDay - 2) * dayMs, (firstDay + workday.length + 2) * dayMs)
  const { openMs, closeMs } = openingsOf(firstDay, workday, hours, offsets)
  const workedMs = new Float64Array(openMs.length + 1)
  let sum = 0
  for (let index = 0; index < openMs.length; index += 1) {
    sum += (closeMs[index] as number) - (openMs[index] as number)
    workedMs[index + 1] = sum
  }
  const startMs = firstInstantOf(firstDay, offsets)
  const endMs = firstInstantOf(firstDay + workday.length, offsets)
  const firstUtcDay = Math.floor(startMs / dayMs)
  const utcDays = Math.floor(endMs / dayMs) - firstUtcDay + 1
  const chunkMs = hours.reduce((all, { fromMinute, toMinute }) => all + toMinute - fromMinute, 0) * 60_000
  const chunks = Math.floor(sum / chunkMs) + 1
  return {
    firstYear,
    lastYear,
    firstDay,
    workday,
    startMs,
    endMs,
    openMs,
    closeMs,
    workedMs,
    firstUtcDay,
    firstOnUtcDay: firstReaching(closeMs, utcDays, firstUtcDay * dayMs, dayMs),
    chunkMs,
    firstInChunk: firstReaching(workedMs.subarray(1), chunks, 0, chunkMs),
  }
}

// internal

/** A span of absolute time in which the zone keeps one offset. */
interface OffsetSpan {
  readonly fromMs: number
  readonly toMs: number
  readonly offsetMs: number
}

/** Spans of one offset, in order, without gaps. Two changes within 24 hours would be missed. */
const offsetSpans = (timeZone: string, fromMs: number, toMs: number): readonly OffsetSpan[] => {
  const offsetAt = (ms: number) => offsetMinutes(timeZone, ms) * 60_000
  const spans: OffsetSpan[] = []
  let start = fromMs
  let offset = offsetAt(fromMs)
  for (let at = fromMs; at < toMs; at += dayMs) {
    const next = offsetAt(at + dayMs)
    if (next === offset) continue
    let before = at
    let after = at + dayMs
    while (after - before > 1000) {
      const middle = before + Math.floor((after - before) / 2000) * 1000
      if (offsetAt(middle) === offset) before = middle
      else after = middle
    }
    spans.push({ fromMs: start, toMs: after, offsetMs: offset })
    start = after
    offset = next
  }
  spans.push({ fromMs: start, toMs: toMs + dayMs, offsetMs: offset })
  return spans
}

/** Every stretch of absolute time whose wall clock shows opening hours of a working day, merged and in order. */
const openingsOf = (
  firstDay: number,
  workday: Uint8Array,
  hours: readonly OpeningSpan[],
  offsets: readonly OffsetSpan[],
): Pick<OpeningIndex, "openMs" | "closeMs"> => {
  // At most one more for each change of the offset and span of hours.
  const found = new Float64Array((workday.length + offsets.length * 2) * hours.length * 2)
  let length = 0
  for (const { fromMs, toMs, offsetMs } of offsets) {
    const from = Math.max(0, Math.floor((fromMs + offsetMs) / dayMs) - firstDay)
    const to = Math.min(workday.length - 1, Math.floor((toMs + offsetMs) / dayMs) - firstDay)
    for (let day = from; day <= to; day += 1) {
      if (workday[day] !== 1) continue
      const midnight = (firstDay + day) * dayMs - offsetMs
      for (const { fromMinute, toMinute } of hours) {
        const open = Math.max(fromMs, midnight + fromMinute * 60_000)
        const close = Math.min(toMs, midnight + toMinute * 60_000)
        if (open >= close) continue
        // What begins when the one before ends is one opening: midnight, or a change of the offset.
        if (length > 0 && found[length - 1] === open) length -= 1
        else found[length++] = open
        found[length++] = close
      }
    }
  }
  return {
    openMs: found.subarray(0, length).filter((_, at) => at % 2 === 0),
    closeMs: found.subarray(0, length).filter((_, at) => at % 2 === 1),
  }
}

/** The first instant whose local date is `day` or later. */
const firstInstantOf = (day: number, offsets: readonly OffsetSpan[]): number => {
  for (const { fromMs, toMs, offsetMs } of offsets) {
    const midnight = day * dayMs - offsetMs
    if (midnight < toMs) return Math.max(fromMs, midnight)
  }
  return day * dayMs
}

/** For each bucket, the first position whose (ascending) value is at or after the bucket's beginning. */
const firstReaching = (values: Float64Array, buckets: number, from: number, width: number): Int32Array => {
  const first = new Int32Array(buckets)
  let position = 0
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    while (position < values.length && (values[position] ?? 0) < from + bucket * width) position += 1
    first[bucket] = position
  }
  return first
}
