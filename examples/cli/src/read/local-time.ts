/**
 * Instants as people of the programme read them: local date and time.
 */
import { fromMs, type Instant, offsetMinutes, toMs } from "@yingshao/core/kernel/time"

/** @example localTime("2026-03-24T01:05:09.000Z", "Asia/Shanghai") // => "2026-03-24 09:05" */
export const localTime = (at: Instant, timeZone: string): string => {
  const ms = toMs(at)
  return fromMs(ms + offsetMinutes(timeZone, ms) * 60_000)
    .slice(0, 16)
    .replace("T", " ")
}
