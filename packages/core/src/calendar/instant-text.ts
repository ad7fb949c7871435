/**
 * Reads and writes instants and civil dates without making a `Date`: due times are computed by the million.
 *
 * Takes only texts that the schemas of `kernel/time.ts` accept: fixed columns, years 0000 to 9999.
 */
import type { CivilDate, Instant } from "../kernel/time.ts"

export const dayMs = 86_400_000

/** Days since 1970-01-01. @example dayOfDate("1970-01-02") // => 1 */
export const dayOfDate = (date: CivilDate | Instant): number =>
  dayOf(
    (date.charCodeAt(0) * 10 + date.charCodeAt(1)) * 100 +
      date.charCodeAt(2) * 10 +
      date.charCodeAt(3) -
      53_328,
    date.charCodeAt(5) * 10 + date.charCodeAt(6) - 528,
    date.charCodeAt(8) * 10 + date.charCodeAt(9) - 528,
  )

/** Milliseconds since 1970. @example msOfInstant("1970-01-01T00:00:01.000Z") // => 1000 */
export const msOfInstant = (at: Instant): number => {
  const minute =
    (at.charCodeAt(11) * 10 + at.charCodeAt(12)) * 60 + at.charCodeAt(14) * 10 + at.charCodeAt(15) - 32_208
  const milli =
    (at.charCodeAt(17) * 10 + at.charCodeAt(18)) * 1000 +
    (at.charCodeAt(20) * 10 + at.charCodeAt(21)) * 10 +
    at.charCodeAt(22) -
    533_328
  return dayOfDate(at) * dayMs + minute * 60_000 + milli
}

/**
 * Days since 1970-01-01 of a civil date given in numbers, Gregorian, years 1 to 9999.
 *
 * @source Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil
 */
export const dayOf = (year: number, month: number, day: number): number => {
  // Years begin in March here, so that the leap day is the last one. All quotients are of whole numbers.
  const y = month <= 2 ? year - 1 : year
  const dayOfYear = ((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0
  return y * 365 + ((y / 4) | 0) - ((y / 100) | 0) + ((y / 400) | 0) + dayOfYear + day - 719_469
}

/**
 * The text of milliseconds since 1970, years 1 to 9999.
 *
 * Made in one piece: a text glued from parts is copied again when somebody first looks into it.
 *
 * @source Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days
 * @example instantText(1000) // => "1970-01-01T00:00:01.000Z"
 */
export const instantText = (ms: number): Instant => {
  // `| 0` tells the compiler that it may calculate in 32 bits.
  const days = Math.floor(ms / dayMs) | 0
  const shifted = (days + 719_468) | 0
  const era = (shifted / 146_097) | 0
  const dayOfEra = shifted - era * 146_097
  const leapDays = ((dayOfEra / 1460) | 0) - ((dayOfEra / 36_524) | 0) + ((dayOfEra / 146_096) | 0)
  const yearOfEra = ((dayOfEra - leapDays) / 365) | 0
  const dayOfYear = dayOfEra - (yearOfEra * 365 + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0))
  const fromMarch = ((5 * dayOfYear + 2) / 153) | 0
  const day = dayOfYear - (((153 * fromMarch + 2) / 5) | 0) + 1
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
  return textOf(year, month, day, (ms - days * dayMs) | 0) as Instant
}

// internal

/** Character code of the digit 0. */
const zero = 48

const textOf = (year: number, month: number, day: number, clockMs: number): string => {
  const century = (year / 100) | 0
  const inCentury = year - century * 100
  const hour = (clockMs / 3_600_000) | 0
  const minute = ((clockMs / 60_000) | 0) - hour * 60
  const second = ((clockMs / 1000) | 0) - hour * 3600 - minute * 60
  const milli = clockMs - ((clockMs / 1000) | 0) * 1000
  // biome-ignore format: one line a part
  return String.fromCharCode(
    zero + ((century / 10) | 0), zero + (century % 10), zero + ((inCentury / 10) | 0), zero + (inCentury % 10), 45,
    zero + ((month / 10) | 0), zero + (month % 10), 45,
    zero + ((day / 10) | 0), zero + (day % 10), 84,
    zero + ((hour / 10) | 0), zero + (hour % 10), 58,
    zero + ((minute / 10) | 0), zero + (minute % 10), 58,
    zero + ((second / 10) | 0), zero + (second % 10), 46,
    zero + ((milli / 100) | 0), zero + (((milli / 10) | 0) % 10), zero + (milli % 10), 90,
  )
}
