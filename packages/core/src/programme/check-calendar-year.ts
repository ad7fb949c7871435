/**
 * Is a calendar year sound: every date in its year, none twice, make-up workdays on weekends only?
 *
 * It compares nothing with the State Council's notice: whoever enters the year answers for that.
 */
import { type Refused, refuse } from "../kernel/refusal.ts"
import { type CivilDate, dayNumber, yearOf } from "../kernel/time.ts"
import type { CalendarYear } from "./programme.ts"

/**
 * @returns the first refusal, or `undefined` when the year is sound. Refuses: `date-outside-year`,
 *   `date-repeats`, `make-up-day-not-weekend`.
 */
export const checkCalendarYear = (year: CalendarYear): Refused | undefined => {
  const seen = new Set<CivilDate>()
  for (const date of [...year.holidays, ...year.makeUpWorkdays]) {
    if (yearOf(date) !== year.year) return refuse("date-outside-year", { date, year: year.year })
    if (seen.has(date)) return refuse("date-repeats", { date })
    seen.add(date)
  }
  const weekday = year.makeUpWorkdays.find((date) => !isWeekend(date))
  return weekday === undefined ? undefined : refuse("make-up-day-not-weekend", { date: weekday })
}

/** The earliest date up to and including `today` whose kind differs between two versions of a year. */
export const pastDateChanged = (
  before: CalendarYear,
  after: CalendarYear,
  today: CivilDate,
): CivilDate | undefined => {
  const changed = [
    ...difference(before.holidays, after.holidays),
    ...difference(before.makeUpWorkdays, after.makeUpWorkdays),
  ]
  return changed.filter((date) => date <= today).sort()[0]
}

// internal

/** 1970-01-01 was a Thursday: day numbers 2 and 3 were Saturday and Sunday. */
const isWeekend = (date: CivilDate): boolean => {
  const day = ((dayNumber(date) % 7) + 7) % 7
  return day === 2 || day === 3
}

const difference = (a: readonly CivilDate[], b: readonly CivilDate[]): readonly CivilDate[] => [
  ...a.filter((date) => !b.includes(date)),
  ...b.filter((date) => !a.includes(date)),
]
