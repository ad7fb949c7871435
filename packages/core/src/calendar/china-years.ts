/**
 * Mainland China's holidays and make-up workdays, 2010 to 2026, to seed a new programme's calendar.
 *
 * From the yearly notices of the State Council's General Office, as `chinese-days` 1.5.7 lists them; a
 * test compares the two. Later years are added by the county (`AddCalendarYear`), never by a guess.
 */
import type { CalendarYear } from "../programme/programme.ts"
import years from "./china-years.json" with { type: "json" }

/** Ascending by year. A test parses it with `calendarYear`, so that starting up need not. */
export const chinaYears = years as unknown as readonly CalendarYear[]
