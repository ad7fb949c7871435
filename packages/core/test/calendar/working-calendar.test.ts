import { execFileSync } from "node:child_process"
import { chinaYears } from "@yingshao/core/calendar/china-years"
import {
  coversYear,
  dueAfter,
  dueAfterWorkingMinutes,
  isWorkday,
  nextOpening,
  workingCalendar,
  workingMinutesBetween,
} from "@yingshao/core/calendar/working-calendar"
import { civilDate, instant } from "@yingshao/core/kernel/time"
import { calendarYear } from "@yingshao/core/programme/programme"
import { describe, expect, test } from "vitest"
import { underMutation } from "../fixtures/runs.ts"
import { county, saidByCalendar, workedCases } from "./worked-cases.ts"

const at = (text: string) => instant.parse(text)
const on = (text: string) => civilDate.parse(text)

describe("F8 due times around Spring Festival and National Day", () => {
  test.each(workedCases)("%s + %i min => %s: %s", (start, minutes, due) => {
    expect(dueAfterWorkingMinutes(county(), at(start), minutes)).toBe(due)
  })
})

// Under mutation a process of its own would run the rules without the planted fault, at a second each.
describe.skipIf(underMutation)("T3 the process's own time zone changes nothing", () => {
  const script = new URL("worked-cases.ts", import.meta.url).pathname
  const offsets = { UTC: 0, "Asia/Shanghai": -480, "Pacific/Apia": -780, "America/St_Johns": 210 }
  test.each(Object.entries(offsets))("under TZ=%s", (TZ, offset) => {
    const printed = execFileSync(process.execPath, ["--conditions=@yingshao/source", script], {
      env: { ...process.env, TZ, NODE_OPTIONS: "" },
      encoding: "utf8",
    })
    expect(JSON.parse(printed)).toEqual({ offset, said: saidByCalendar() })
  })
})

describe("F8 a year that is not covered is an error, not a guess", () => {
  const ends = (year: number) => expect.objectContaining({ _tag: "CalendarEnds", year })
  test.each([
    ["a start in it", () => dueAfterWorkingMinutes(county(), at("2027-01-04T01:00:00.000Z"), 1), 2027],
    [
      "a start before the first year",
      () => dueAfterWorkingMinutes(county(), at("2009-12-31T01:00:00.000Z"), 1),
      2009,
    ],
    ["a due time in it", () => dueAfterWorkingMinutes(county(), at("2026-12-31T09:29:00.000Z"), 2), 2027],
    [
      "zero minutes after the last closing",
      () => dueAfterWorkingMinutes(county(), at("2026-12-31T10:00:00.000Z"), 0),
      2027,
    ],
    [
      "a span far beyond",
      () => dueAfterWorkingMinutes(county(), at("2026-12-31T01:00:00.000Z"), 5_256_000),
      2027,
    ],
    [
      "its first local minute",
      () => dueAfterWorkingMinutes(county(), at("2026-12-31T16:00:00.000Z"), 0),
      2027,
    ],
    ["a day", () => isWorkday(county(), on("2027-10-01")), 2027],
    [
      "a span into it",
      () => workingMinutesBetween(county(), at("2026-12-31T01:00:00.000Z"), at("2027-01-04T01:00:00.000Z")),
      2027,
    ],
    ["an opening in it", () => nextOpening(county(), at("2026-12-31T09:30:00.000Z")), 2027],
  ])("%s", (_, ask, year) => {
    expect(ask).toThrow(ends(year))
  })

  test("a gap between covered years is not bridged", () => {
    const gappy = workingCalendar({
      timeZone: "Asia/Shanghai",
      hours: "08:30-12:00,13:30-17:30",
      years: chinaYears.filter(({ year }) => year === 2024 || year === 2026),
    })
    expect(gappy.years).toEqual([2024, 2026])
    expect(coversYear(gappy, 2025)).toBe(false)
    expect(isWorkday(gappy, on("2026-02-14"))).toBe(true)
    expect(() => dueAfterWorkingMinutes(gappy, at("2024-12-31T09:00:00.000Z"), 31)).toThrow(ends(2025))
    expect(() =>
      workingMinutesBetween(gappy, at("2024-12-31T09:00:00.000Z"), at("2026-01-05T01:00:00.000Z")),
    ).toThrow(ends(2025))
    expect(dueAfterWorkingMinutes(gappy, at("2026-02-14T09:00:00.000Z"), 60)).toBe("2026-02-24T01:00:00.000Z")
  })

  test("the last minute of the last covered day is still known", () => {
    expect(dueAfterWorkingMinutes(county(), at("2026-12-31T09:29:00.000Z"), 1)).toBe(
      "2026-12-31T09:30:00.000Z",
    )
  })

  test("round the clock needs no calendar", () => {
    expect(dueAfter("roundTheClock", county(), at("2027-01-01T00:00:00.000Z"), 60)).toBe(
      "2027-01-01T01:00:00.000Z",
    )
    expect(() => dueAfter("workingTime", county(), at("2027-01-01T00:00:00.000Z"), 60)).toThrow(ends(2027))
  })
})

describe("F8 the ends of what is covered", () => {
  test("the first instant of the first year, the last of the last, and nothing in no time at all", () => {
    expect(dueAfterWorkingMinutes(county(), at("2009-12-31T16:00:00.000Z"), 1)).toBe(
      "2010-01-04T00:31:00.000Z",
    )
    const worked = (start: string, end: string) => workingMinutesBetween(county(), at(start), at(end))
    expect(worked("2026-12-31T08:30:00.000Z", "2026-12-31T12:00:00.000Z")).toBe(60)
    expect(worked("2026-12-31T08:30:00.000Z", "2026-12-31T16:00:00.000Z")).toBe(60)
    expect(() => worked("2026-12-31T08:30:00.000Z", "2026-12-31T16:00:00.001Z")).toThrow("2027")
    expect(worked("2027-06-01T08:30:00.000Z", "2027-06-01T08:30:00.000Z")).toBe(0)
  })
  test("years in a row are one run, whatever their order", () => {
    expect(county().runs.map(({ firstYear, lastYear }) => [firstYear, lastYear])).toEqual([[2010, 2026]])
  })
  test("the error says which year to add", () => {
    const ask = () => isWorkday(county(), on("2027-10-01"))
    expect(ask).toThrow("the working calendar does not cover 2027: add the holidays of that year")
    expect(ask).toThrow(expect.objectContaining({ name: "CalendarEnds" }))
  })
  test("working minutes are whole and not negative", () => {
    for (const minutes of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => dueAfterWorkingMinutes(county(), at("2026-10-12T01:00:00.000Z"), minutes)).toThrow(
        "F8: working minutes are whole and not negative",
      )
    }
  })
})

describe("what a county adds", () => {
  test("of two notices about one day the later year's wins, in whatever order they come", () => {
    const year = (year: number, more: object) =>
      calendarYear.parse({ year, holidays: [], makeUpWorkdays: [], ...more })
    const notices = [
      year(2026, { makeUpWorkdays: ["2026-12-27"] }),
      year(2027, { holidays: ["2026-12-27"] }),
      year(2025, {}),
    ]
    for (const years of [notices, notices.toReversed(), [...notices.slice(1), ...notices.slice(0, 1)]]) {
      const calendar = workingCalendar({ timeZone: "UTC", hours: "08:30-12:00", years })
      expect(isWorkday(calendar, on("2026-12-27"))).toBe(false)
      expect(calendar.years).toEqual([2025, 2026, 2027])
    }
  })
  test("a later year's notice may name a day of the year before", () => {
    const year2027 = calendarYear.parse({
      year: 2027,
      holidays: ["2026-12-31", "2027-01-01"],
      makeUpWorkdays: ["2026-12-27"],
    })
    const added = workingCalendar({
      timeZone: "Asia/Shanghai",
      hours: "08:30-12:00",
      years: [year2027, ...chinaYears],
    })
    expect(isWorkday(added, on("2026-12-27"))).toBe(true)
    expect(isWorkday(added, on("2026-12-31"))).toBe(false)
    expect(dueAfterWorkingMinutes(added, at("2026-12-30T04:00:00.000Z"), 1)).toBe("2027-01-04T00:31:00.000Z")
  })

  test("hours that overlap, are empty or no time of day are a broken promise of the policy's check", () => {
    for (const hours of ["12:00-08:30", "08:30-12:00,11:00-17:30", "08:30-08:30", "08:30-25:00", "8-12"]) {
      expect(() => workingCalendar({ timeZone: "UTC", hours, years: chinaYears })).toThrow(
        expect.objectContaining({ _tag: "BrokenInvariant", id: "F8" }),
      )
    }
  })
})

test("the next opening is the instant itself while it is open", () => {
  expect(nextOpening(county(), at("2026-10-12T01:00:00.000Z"))).toBe("2026-10-12T01:00:00.000Z")
  expect(nextOpening(county(), at("2026-10-12T04:00:00.000Z"))).toBe("2026-10-12T05:30:00.000Z")
  expect(nextOpening(county(), at("2026-09-30T10:00:00.000Z"))).toBe("2026-10-08T00:30:00.000Z")
})

test("T2 a span that ends before it starts has no minutes", () => {
  expect(
    workingMinutesBetween(county(), at("2026-10-12T03:00:00.000Z"), at("2026-10-12T01:00:00.000Z")),
  ).toBe(0)
})

describe("summer time", () => {
  const newYork = (hours: string) =>
    workingCalendar({
      timeZone: "America/New_York",
      hours,
      // Both changes of 2026 fall on a Sunday; make them worked.
      years: [calendarYear.parse({ year: 2026, holidays: [], makeUpWorkdays: ["2026-03-08", "2026-11-01"] })],
    })
  test("office hours keep their wall-clock time", () => {
    const office = newYork("09:00-17:00")
    expect(dueAfterWorkingMinutes(office, at("2026-03-06T22:00:00.000Z"), 60)).toBe(
      "2026-03-08T14:00:00.000Z",
    )
    expect(dueAfterWorkingMinutes(office, at("2026-10-30T21:00:00.000Z"), 60)).toBe(
      "2026-11-01T15:00:00.000Z",
    )
  })
  test("hours over the change are as long as they really are", () => {
    const night = newYork("00:00-06:00")
    const worked = (from: string, to: string) => workingMinutesBetween(night, at(from), at(to))
    expect(worked("2026-03-08T05:00:00.000Z", "2026-03-09T04:00:00.000Z")).toBe(300)
    expect(worked("2026-11-01T04:00:00.000Z", "2026-11-02T05:00:00.000Z")).toBe(420)
  })
  test("a day that a zone skipped has no working time", () => {
    const apia = workingCalendar({
      timeZone: "Pacific/Apia",
      hours: "08:00-16:00",
      years: [2011, 2012].map((year) => calendarYear.parse({ year, holidays: [], makeUpWorkdays: [] })),
    })
    // Friday 30 December 2011 never happened there: Thursday's closing is followed by Monday.
    expect(dueAfterWorkingMinutes(apia, at("2011-12-30T02:00:00.000Z"), 1)).toBe("2012-01-01T18:01:00.000Z")
  })
})
