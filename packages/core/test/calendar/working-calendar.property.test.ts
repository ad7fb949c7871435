import { chinaYears } from "@yingshao/core/calendar/china-years"
import {
  dueAfterWorkingMinutes,
  isWorkday,
  workingCalendar,
  workingMinutesBetween,
} from "@yingshao/core/calendar/working-calendar"
import { civilDateOf, fromMs, type Instant, instant, toMs } from "@yingshao/core/kernel/time"
import { type CalendarYear, calendarYear } from "@yingshao/core/programme/programme"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { runs } from "../fixtures/runs.ts"

/** A year with holidays and make-up days all over, so that a short span meets several. */
const busyYear = calendarYear.parse({
  year: 2026,
  holidays: Array.from({ length: 52 }, (_, week) => fromMs(Date.UTC(2026, 0, 1 + week * 7)).slice(0, 10)),
  makeUpWorkdays: Array.from({ length: 26 }, (_, week) =>
    fromMs(Date.UTC(2026, 0, 3 + week * 14)).slice(0, 10),
  ),
})

const programmes: readonly { timeZone: string; hours: string; years: readonly CalendarYear[] }[] = [
  {
    timeZone: "Asia/Shanghai",
    hours: "08:30-12:00,13:30-17:30",
    years: chinaYears.filter(({ year }) => year >= 2025),
  },
  { timeZone: "Asia/Shanghai", hours: "00:00-24:00", years: [busyYear] },
  { timeZone: "Asia/Shanghai", hours: "09:00-09:01,09:02-09:03,12:00-12:30,23:00-24:00", years: [busyYear] },
  { timeZone: "America/New_York", hours: "00:00-04:00,09:00-17:00", years: [busyYear] },
  { timeZone: "America/St_Johns", hours: "00:30-03:00,08:15-17:30", years: [busyYear] },
  { timeZone: "Pacific/Apia", hours: "07:45-16:10", years: [busyYear] },
  { timeZone: "Australia/Lord_Howe", hours: "00:00-24:00", years: [busyYear] },
]
/** A failing case should print a name and not an index of 3,000 openings, so programmes are kept by name. */
const made = new Map<string, (typeof programmes)[number]>()
const keep = (options: (typeof programmes)[number]): string => {
  const name = `${options.timeZone} ${options.hours}`
  made.set(name, options)
  return name
}
/** Made anew each time: a calendar that was made under one planted fault must not judge the next. */
const named = (name: string) => {
  const options = made.get(name)
  if (options === undefined) throw new Error(`no calendar ${name}`)
  return { options, calendar: workingCalendar(options) }
}
const anyProgramme = fc.constantFrom(...programmes.map(keep))
/** Instants of 2026, often at a full minute, with room for 4,000 minutes of the shortest hours. */
const anyStart = fc
  .tuple(fc.integer({ min: Date.UTC(2026, 0, 2), max: Date.UTC(2026, 8, 20) }), fc.boolean())
  .map(([ms, whole]) => fromMs(whole ? ms - (ms % 60_000) : ms))
const anyMinutes = fc.oneof(
  fc.integer({ min: 0, max: 10 }),
  fc.integer({ min: 0, max: 2000 }),
  fc.constantFrom(210, 240, 450, 900),
)

/** The wall clock from the platform's own formatter: nothing of the calendar's arithmetic. */
const formatters = new Map<string, Intl.DateTimeFormat>()
const wallClock = (timeZone: string, at: number) => {
  const format =
    formatters.get(timeZone) ??
    new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" })
  formatters.set(timeZone, format)
  const [date = "", time = ""] = format.format(at).split(" ")
  return { date, time }
}

/** Is the minute from `at` worked? One minute at a time, by reading the wall clock. */
const workedMinute = ({ timeZone, hours, years }: (typeof programmes)[number], at: number): boolean => {
  const { date, time } = wallClock(timeZone, at)
  const open = hours.split(",").some((span) => {
    const [from = "", to = ""] = span.split("-")
    return from <= time && time < to
  })
  if (!open) return false
  const listed = years.find(({ year }) => date.startsWith(String(year)))
  if (listed?.makeUpWorkdays.some((day) => day === date)) return true
  if (listed?.holidays.some((day) => day === date)) return false
  return ![0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay())
}

/** The slow reference: walks minute by minute until enough of them were worked. Whole-minute starts only. */
const slowDue = (options: (typeof programmes)[number], start: Instant, minutes: number): Instant => {
  let at = toMs(start)
  if (minutes === 0 && workedMinute(options, at - 60_000)) return start
  for (let left = minutes; ; at += 60_000) {
    const worked = workedMinute(options, at)
    if (left === 0 && (worked || minutes > 0)) return fromMs(at)
    if (worked) left -= 1
  }
}

describe("F8", () => {
  test("agrees with a walk minute by minute", () => {
    fc.assert(
      fc.property(anyProgramme, anyStart, anyMinutes, (name, start, minutes) => {
        const { options, calendar } = named(name)
        const whole = fromMs(toMs(start) - (toMs(start) % 60_000))
        const due = dueAfterWorkingMinutes(calendar, whole, minutes)
        expect(due).toBe(slowDue(options, whole, minutes))
      }),
      runs(80),
    )
  })

  test("agrees with that walk on the days when the clocks change", () => {
    // New York 8 March and 1 November, St John's the same days, Lord Howe 5 April and 4 October (half an hour).
    const changes = [
      "2026-03-08T00:00:00.000Z",
      "2026-11-01T00:00:00.000Z",
      "2026-04-04T12:00:00.000Z",
      "2026-10-03T12:00:00.000Z",
    ]
    const everyDay = (timeZone: string, hours: string) => {
      const sundays = ["2026-03-08", "2026-11-01", "2026-04-05", "2026-10-04"]
      const years = [calendarYear.parse({ year: 2026, holidays: [], makeUpWorkdays: sundays })]
      return keep({ timeZone, hours, years })
    }
    const zones = ["America/New_York", "America/St_Johns", "Australia/Lord_Howe"].flatMap((zone) => [
      everyDay(zone, "00:00-24:00"),
      everyDay(zone, "01:10-01:40,01:50-02:20,05:00-06:00"),
    ])
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(...changes.map((text) => instant.parse(text))),
        fc.integer({ min: 0, max: 24 * 60 }),
        fc.integer({ min: 0, max: 600 }),
        (name, day, after, minutes) => {
          const { options, calendar } = named(name)
          const start = fromMs(toMs(day) + after * 60_000)
          expect(dueAfterWorkingMinutes(calendar, start, minutes)).toBe(slowDue(options, start, minutes))
        },
      ),
      runs(80),
    )
  })

  test("monotone in start and in length, never before the start", () => {
    fc.assert(
      fc.property(anyProgramme, anyStart, anyStart, anyMinutes, anyMinutes, (name, a, b, m, n) => {
        const { calendar } = named(name)
        const [first, second] = a <= b ? [a, b] : [b, a]
        const due = dueAfterWorkingMinutes(calendar, first, m)
        expect(due >= first).toBe(true)
        expect(due <= dueAfterWorkingMinutes(calendar, second, m)).toBe(true)
        expect(due <= dueAfterWorkingMinutes(calendar, first, m + n)).toBe(true)
      }),
      runs(100),
    )
  })

  test("a minutes and then b minutes is a + b minutes, and as many lie between", () => {
    fc.assert(
      fc.property(anyProgramme, anyStart, anyMinutes, anyMinutes, (name, start, a, b) => {
        const { calendar } = named(name)
        const first = dueAfterWorkingMinutes(calendar, start, a)
        const second = dueAfterWorkingMinutes(calendar, first, b)
        expect(second).toBe(dueAfterWorkingMinutes(calendar, start, a + b))
        expect(workingMinutesBetween(calendar, start, second)).toBe(a + b)
        expect(workingMinutesBetween(calendar, first, second)).toBe(b)
      }),
      runs(100),
    )
  })

  test("never lands on a holiday or outside opening hours", () => {
    fc.assert(
      fc.property(anyProgramme, anyStart, anyMinutes, (name, start, minutes) => {
        const { options, calendar } = named(name)
        const due = toMs(dueAfterWorkingMinutes(calendar, start, minutes))
        // The closing instant belongs to the opening that it ends.
        expect(workedMinute(options, due) || workedMinute(options, due - 1)).toBe(true)
      }),
      runs(100),
    )
  })

  test("make-up days count and holidays do not, on every day of every seeded year", () => {
    const county = workingCalendar({ timeZone: "Asia/Shanghai", hours: "08:30-12:00", years: chinaYears })
    for (const { year, holidays, makeUpWorkdays } of chinaYears) {
      for (let ms = Date.UTC(year, 0, 1); ms < Date.UTC(year + 1, 0, 1); ms += 86_400_000) {
        const date = civilDateOf(fromMs(ms), "UTC")
        const weekday = ![0, 6].includes(new Date(ms).getUTCDay())
        const expected = makeUpWorkdays.includes(date) || (weekday && !holidays.includes(date))
        expect(isWorkday(county, date), date).toBe(expected)
      }
    }
  })
})
