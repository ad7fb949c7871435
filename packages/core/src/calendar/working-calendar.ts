/**
 * The programme's working calendar: which days are worked, at what hours, and what a span of working time
 * ends on.
 *
 * Statutory holidays do not count, make-up Saturdays and Sundays (调休) do; every other Monday to Friday
 * counts. Days are civil dates of the programme's zone, whatever zone the process runs in.
 *
 * What it does not do: it does not guess. A calendar knows the years that it was given, and whatever
 * reaches into another year throws `CalendarEnds`. It knows no half days and no hours that differ from day
 * to day.
 */

import { invariant } from "../kernel/refusal.ts"
import { addMinutes, type CivilDate, civilDateOf, fromMs, type Instant, yearOf } from "../kernel/time.ts"
import type { CalendarYear } from "../programme/programme.ts"
import { CalendarEnds } from "./calendar-ends.ts"
import { dayMs, dayOf, dayOfDate, instantText, msOfInstant } from "./instant-text.ts"
import { openingHours } from "./opening-hours.ts"
import { type OpeningIndex, openingIndex } from "./opening-index.ts"

export interface WorkingCalendar {
  readonly timeZone: string
  /** Opening hours as the policy writes them. */
  readonly hours: string
  /** The civil years that it covers, ascending. */
  readonly years: readonly number[]
  /** One index for each run of consecutive years. Read it through the functions below. */
  readonly runs: readonly OpeningIndex[]
}

/** `roundTheClock`: elapsed minutes; `workingTime`: minutes within opening hours of working days. */
export type Clock = "roundTheClock" | "workingTime"

/**
 * Makes a calendar. Costs a fraction of a millisecond a year, in zones with summer time about one, so keep it.
 *
 * A date listed by a later year's notice wins over what an earlier one said, and a make-up workday wins
 * over a holiday on the same date. Years may be in any order and may have gaps.
 *
 * @param options.hours for instance `08:30-12:00,13:30-17:30`, local time.
 * @throws BrokenInvariant for hours that overlap or are no times of day.
 */
export const workingCalendar = (options: {
  readonly timeZone: string
  readonly hours: string
  readonly years: readonly CalendarYear[]
}): WorkingCalendar => {
  const hours = openingHours(options.hours)
  const sorted = options.years.toSorted((a, b) => a.year - b.year)
  const years = [...new Set(sorted.map(({ year }) => year))]
  const runs: OpeningIndex[] = []
  for (const first of years.filter((year) => !years.includes(year - 1))) {
    let last = first
    while (years.includes(last + 1)) last += 1
    runs.push(openingIndex(first, last, workdays(first, last, sorted), hours, options.timeZone))
  }
  return { timeZone: options.timeZone, hours: options.hours, years, runs }
}

/** @example coversYear(calendar, 2027) // => false, until the county has added 2027 */
export const coversYear = (calendar: WorkingCalendar, year: number): boolean => calendar.years.includes(year)

/**
 * Is this civil date worked?
 *
 * @throws CalendarEnds when its year is not covered.
 * @example isWorkday(calendar, "2026-02-14") // => true, the make-up Saturday before Spring Festival
 */
export const isWorkday = (calendar: WorkingCalendar, date: CivilDate): boolean => {
  const day = dayOfDate(date)
  for (const run of calendar.runs) {
    const worked = run.workday[day - run.firstDay]
    if (worked !== undefined) return worked === 1
  }
  throw new CalendarEnds(yearOf(date))
}

/**
 * The instant at which this much working time has passed.
 *
 * A start outside opening hours counts from the next opening. The end of an opening is still inside: what
 * fills an afternoon exactly is due when it closes, not the next morning. Zero minutes from inside is the
 * start itself. Monotone in `start` and in `minutes`, and adds up: `a` and then `b` minutes is `a + b`.
 *
 * @param start instant, ISO UTC.
 * @param minutes whole minutes, 0 or more.
 * @returns an instant within opening hours, never before `start`.
 * @throws CalendarEnds when the start or the end lies in a year that is not covered.
 * @example dueAfterWorkingMinutes(calendar, "2026-02-14T09:00:00.000Z", 60)
 *   // => "2026-02-24T01:00:00.000Z": 30 minutes on the make-up Saturday, 30 after Spring Festival
 */
export const dueAfterWorkingMinutes = (
  calendar: WorkingCalendar,
  start: Instant,
  minutes: number,
): Instant => {
  invariant(Number.isSafeInteger(minutes) && minutes >= 0, "F8", "working minutes are whole and not negative")
  const startMs = msOfInstant(start)
  const run = runAt(calendar, startMs)
  const first = openingFrom(run, startMs)
  const open = run.openMs[first]
  if (open === undefined) throw new CalendarEnds(run.lastYear + 1)
  const begin = startMs > open ? startMs : open
  if (minutes === 0) return instantText(begin)

  const target = at(run.workedMs, first) + (begin - open) + minutes * 60_000
  let end = run.firstInChunk[Math.floor(target / run.chunkMs)]
  if (end === undefined) throw new CalendarEnds(run.lastYear + 1)
  while (end < run.openMs.length && at(run.workedMs, end + 1) < target) end += 1
  if (end === run.openMs.length) throw new CalendarEnds(run.lastYear + 1)
  return instantText(at(run.openMs, end) + target - at(run.workedMs, end))
}

/**
 * Working minutes from `start` to `end`, rounded down, 0 when `end` is not after `start`.
 *
 * @throws CalendarEnds when either, or a year between them, is not covered.
 * @example workingMinutesBetween(calendar, start, dueAfterWorkingMinutes(calendar, start, 90)) // => 90
 */
export const workingMinutesBetween = (calendar: WorkingCalendar, start: Instant, end: Instant): number => {
  if (end <= start) return 0
  const startMs = msOfInstant(start)
  const endMs = msOfInstant(end)
  const run = runAt(calendar, startMs)
  if (endMs > run.endMs) throw new CalendarEnds(run.lastYear + 1)
  return Math.floor((workedBefore(run, endMs) - workedBefore(run, startMs)) / 60_000)
}

/**
 * The first instant at or after `from` from which working time passes: `from` itself while it is open.
 * The closing instant is closed: at 12:00 the next opening is 13:30.
 *
 * @throws CalendarEnds when no opening is left in the covered years.
 * @example nextOpening(calendar, "2026-02-14T10:00:00.000Z") // => "2026-02-24T00:30:00.000Z"
 */
export const nextOpening = (calendar: WorkingCalendar, from: Instant): Instant => {
  const ms = msOfInstant(from)
  const run = runAt(calendar, ms)
  let index = openingFrom(run, ms)
  if (run.closeMs[index] === ms) index += 1
  const open = run.openMs[index]
  if (open === undefined) throw new CalendarEnds(run.lastYear + 1)
  return instantText(Math.max(ms, open))
}

/**
 * When something is due that may take so many minutes of this clock.
 *
 * @throws CalendarEnds only on the clock `workingTime`.
 * @source policy, table 时限
 * @example dueAfter("roundTheClock", calendar, "2026-02-17T16:00:00.000Z", 60) // => "2026-02-17T17:00:00.000Z"
 */
export const dueAfter = (
  clock: Clock,
  calendar: WorkingCalendar,
  start: Instant,
  minutes: number,
): Instant =>
  clock === "roundTheClock" ? addMinutes(start, minutes) : dueAfterWorkingMinutes(calendar, start, minutes)

// internal

/** One byte a day: Monday to Friday, less holidays, and make-up workdays. */
const workdays = (first: number, last: number, years: readonly CalendarYear[]): Uint8Array => {
  const firstDay = dayOf(first, 1, 1)
  const days = new Uint8Array(dayOf(last + 1, 1, 1) - firstDay)
  // Day 0 is a Thursday, so Monday is 4 days later.
  for (let day = 0; day < days.length; day += 1) days[day] = (firstDay + day + 3) % 7 < 5 ? 1 : 0
  for (const { holidays, makeUpWorkdays } of years) {
    // A typed array ignores what lies outside of it: dates of other runs.
    for (const date of holidays) days[dayOfDate(date) - firstDay] = 0
    for (const date of makeUpWorkdays) days[dayOfDate(date) - firstDay] = 1
  }
  return days
}

const runAt = (calendar: WorkingCalendar, ms: number): OpeningIndex => {
  for (const run of calendar.runs) if (ms >= run.startMs && ms < run.endMs) return run
  throw new CalendarEnds(yearOf(civilDateOf(fromMs(ms), calendar.timeZone)))
}

/** The first opening that closes at or after `ms`; the number of openings when none does. */
const openingFrom = (run: OpeningIndex, ms: number): number => {
  let index = run.firstOnUtcDay[Math.floor(ms / dayMs) - run.firstUtcDay] ?? run.openMs.length
  while (index < run.openMs.length && at(run.closeMs, index) < ms) index += 1
  return index
}

const workedBefore = (run: OpeningIndex, ms: number): number => {
  const index = openingFrom(run, ms)
  const open = run.openMs[index]
  return at(run.workedMs, index) + (open === undefined || ms < open ? 0 : ms - open)
}

/** Reads within bounds: the callers have checked the index. */
const at = (values: Float64Array, index: number): number => values[index] as number
