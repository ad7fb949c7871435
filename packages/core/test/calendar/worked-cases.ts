/**
 * Due times worked out by hand from the State Council's notices for 2025 and 2026.
 *
 * Hours are 08:30-12:00 and 13:30-17:30 in Shanghai (00:30-04:00 and 05:30-09:30 UTC), 450 minutes a day.
 * Run as a program it prints what the calendar says, so that a test can run it under any TZ.
 */
import { chinaYears } from "@yingshao/core/calendar/china-years"
import { dueAfterWorkingMinutes, isWorkday, workingCalendar } from "@yingshao/core/calendar/working-calendar"
import { civilDate, instant } from "@yingshao/core/kernel/time"

export const county = () =>
  workingCalendar({
    timeZone: "Asia/Shanghai",
    hours: "08:30-12:00,13:30-17:30",
    years: chinaYears,
  })

/** [start, working minutes, due, why]. */
export const workedCases = [
  [
    "2025-01-26T08:30:00.000Z",
    60,
    "2025-01-26T09:30:00.000Z",
    "Sunday 26 January 2025 is worked, to its last minute",
  ],
  ["2025-01-26T08:30:00.000Z", 61, "2025-01-27T00:31:00.000Z", "one minute more falls on Monday morning"],
  [
    "2025-01-27T09:00:00.000Z",
    60,
    "2025-02-05T01:00:00.000Z",
    "Spring Festival 2025 is off from Tuesday 28 January to Tuesday 4 February",
  ],
  [
    "2025-01-30T02:00:00.000Z",
    0,
    "2025-02-05T00:30:00.000Z",
    "a start within the holiday counts from the next opening",
  ],
  ["2025-02-07T09:00:00.000Z", 480, "2025-02-08T09:30:00.000Z", "Saturday 8 February 2025 is worked"],
  [
    "2025-09-27T02:00:00.000Z",
    30,
    "2025-09-28T01:00:00.000Z",
    "Saturday is off, Sunday 28 September 2025 is worked",
  ],
  [
    "2025-09-30T09:00:00.000Z",
    60,
    "2025-10-09T01:00:00.000Z",
    "National Day and Mid-Autumn 2025 are off from 1 to 8 October",
  ],
  ["2025-10-10T09:00:00.000Z", 60, "2025-10-11T01:00:00.000Z", "Saturday 11 October 2025 is worked"],
  ["2025-10-11T09:00:00.000Z", 60, "2025-10-13T01:00:00.000Z", "Sunday 12 October 2025 is not"],
  ["2026-02-13T09:00:00.000Z", 480, "2026-02-14T09:30:00.000Z", "Saturday 14 February 2026 is worked"],
  [
    "2026-02-13T09:00:00.000Z",
    481,
    "2026-02-24T00:31:00.000Z",
    "Spring Festival 2026 is off from 15 to 23 February",
  ],
  ["2026-02-27T09:00:00.000Z", 60, "2026-02-28T01:00:00.000Z", "Saturday 28 February 2026 is worked"],
  [
    "2026-09-18T09:00:00.000Z",
    60,
    "2026-09-20T01:00:00.000Z",
    "Sunday 20 September 2026 is worked, the Saturday before is not",
  ],
  [
    "2026-09-30T09:00:00.000Z",
    60,
    "2026-10-08T01:00:00.000Z",
    "National Day 2026 is off from 1 to 7 October",
  ],
  ["2026-10-09T09:00:00.000Z", 60, "2026-10-10T01:00:00.000Z", "Saturday 10 October 2026 is worked"],
  ["2026-10-12T04:00:00.000Z", 0, "2026-10-12T04:00:00.000Z", "the closing minute is still inside"],
  ["2026-10-12T04:00:00.001Z", 0, "2026-10-12T05:30:00.000Z", "a millisecond later it is the lunch break"],
  ["2026-10-12T02:15:07.123Z", 105, "2026-10-12T05:30:07.123Z", "seconds and milliseconds are kept"],
  [
    "2026-10-12T16:30:00.000Z",
    450,
    "2026-10-13T09:30:00.000Z",
    "after midnight in Shanghai it is the next civil day",
  ],
] as const

export const saidByCalendar = () => ({
  due: workedCases.map(([start, minutes]) => dueAfterWorkingMinutes(county(), instant.parse(start), minutes)),
  days: ["2025-01-26", "2025-01-28", "2026-02-14", "2026-02-15", "2026-12-31"].map((date) =>
    isWorkday(county(), civilDate.parse(date)),
  ),
})

if (process.argv[1] === import.meta.filename) {
  const offset = new Date("2026-02-14T00:00:00Z").getTimezoneOffset()
  console.log(JSON.stringify({ offset, said: saidByCalendar() }))
}
