/**
 * AddCalendarYear: the holidays and make-up workdays of one more year, as soon as they are published.
 *
 * A year that stands already is corrected only with a reason, and only for dates in the future: due times
 * that were promised under the old year stay as they were promised.
 *
 * Refuses: `year-exists`, `past-date-changed`, `limit-reached`, and what `checkCalendarYear` refuses.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { refuse } from "../kernel/refusal.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { checkCalendarYear, pastDateChanged } from "./check-calendar-year.ts"
import { calendarYear, programmeStream, yearCap } from "./programme.ts"

const payload = z.strictObject({
  year: calendarYear,
  replace: z.strictObject({ reason: z.string().trim().min(1).max(500) }).optional(),
})
export type AddCalendarYear = z.output<typeof payload>

export const addCalendarYear = command({
  type: "AddCalendarYear",
  roles: ["programme-admin", "policy-officer"],
  payload,
  queue: () => `programme/${programmeStream}`,
  decide,
})

function* decide({ year, replace }: AddCalendarYear, { at, today }: Context): Rule<Outcome> {
  const { calendarYears } = yield* read("programme", programmeStream)
  const unsound = checkCalendarYear(year)
  if (unsound !== undefined) return unsound
  const before = calendarYears.find((known) => known.year === year.year)
  if (before === undefined) {
    if (calendarYears.length >= yearCap) return refuse("limit-reached", { limit: yearCap })
    return happen({ events: [on("programme", programmeStream, { type: "CalendarYearAdded", at, year })] })
  }
  if (replace === undefined) return refuse("year-exists", { year: year.year })
  const past = pastDateChanged(before, year, today)
  if (past !== undefined) return refuse("past-date-changed", { date: past })
  const { reason } = replace
  return happen({
    events: [on("programme", programmeStream, { type: "CalendarYearAdded", at, year, reason })],
  })
}
