/**
 * Reads and writes instants and civil dates without making a `Date`: due times are computed by the million.
 *
 * Takes only texts that the schemas of `kernel/time.ts` accept: fixed columns, years 0000 to 9999.
 */
import type { CivilDate, Instant } from "../kernel/time.ts"

export const dayMs = 86_400_000

/** Days since 1970-01-01. @example dayOfDate("1970-01-02") // => 1 */
export const dayOfDate = (date: CivilDate | Instant): number =>
  dayOf(digits2(date, 0) * 100 + digits2(date, 2), digits2(date, 5), digits2(date, 8))

/** Milliseconds since 1970. @example msOfInstant("1970-01-01T00:00:01.000Z") // => 1000 */
export const msOfInstant = (at: Instant): number =>
  dayOfDate(at) * dayMs +
  digits2(at, 11) * 3_600_000 +
  digits2(at, 14) * 60_000 +
  digits2(at, 17) * 1000 +
  digits2(at, 20) * 10 +
  (at.charCodeAt(22) - 48)

/**
 * Days since 1970-01-01 of a civil date given in numbers, proleptic Gregorian.
 *
 * @source Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil
 */
export const dayOf = (year: number, month: number, day: number): number => {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0) + day - 1
  const dayOfEra = yearOfEra * 365 + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** `YYYY-MM-DD` of a day number. Slow; tables are made of it. */
export const dateText = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10)

/** The rest of an instant's text after its date: `T01:30:00.000Z`. `ms` since midnight UTC, below one day. */
export const clockText = (ms: number): string => {
  const minute = (ms / 60_000) | 0
  const rest = ms - minute * 60_000
  return minuteTexts[minute] + (rest === 0 ? "00.000Z" : secondText(rest))
}

// internal

const digits2 = (text: string, at: number): number => text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 528

const pad = (value: number, width: number): string => String(value).padStart(width, "0")

const minuteTexts: readonly string[] = Array.from(
  { length: 1440 },
  (_, minute) => `T${pad((minute / 60) | 0, 2)}:${pad(minute % 60, 2)}:`,
)

const secondText = (ms: number): string => `${pad((ms / 1000) | 0, 2)}.${pad(ms % 1000, 3)}Z`
