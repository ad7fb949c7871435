/** Instants and civil dates as texts, beside what the platform's own `Date` says. */
import { dayMs, dayOf, dayOfDate, instantText, msOfInstant } from "@yingshao/core/calendar/instant-text"
import { openingHours } from "@yingshao/core/calendar/opening-hours"
import type { CivilDate, Instant } from "@yingshao/core/kernel/time"
import { describe, expect, test } from "vitest"

const last = Date.parse("9999-12-31T23:59:59.999Z")
/** About 4,000 moments over 10,000 years at every hour of the day, and the ends of days, years and centuries. */
const moments = () => {
  const some = [Date.parse("0001-01-01T00:00:00.000Z"), last, 0, -1, 1, dayMs - 1, dayMs]
  for (let ms = Date.parse("0001-01-02T03:04:05.678Z"); ms < last; ms += 78_962_345_671) some.push(ms)
  for (const year of [4, 100, 101, 400, 1600, 1900, 1999, 2000, 2001, 2024, 2025, 2026, 2100, 2400, 9999]) {
    const text = String(year).padStart(4, "0")
    for (const day of ["01-01", "02-28", "03-01", "07-31", "08-01", "09-30", "10-01", "11-09", "12-31"]) {
      some.push(Date.parse(`${text}-${day}T00:00:00.000Z`), Date.parse(`${text}-${day}T23:59:59.999Z`))
    }
    some.push(Date.parse(`${text}-03-01T00:00:00.000Z`) - 1)
  }
  return some
}

describe("F8 an instant as text and as milliseconds", () => {
  test("both ways as the platform says", () => {
    // `expect` is slow, and this looks at thousands of moments.
    const wrong = moments().filter((ms) => {
      const text = new Date(ms).toISOString()
      const date = text.slice(0, 10)
      const [year = 0, month = 0, day = 0] = date.split("-").map(Number)
      const days = Math.floor(ms / dayMs)
      return (
        instantText(ms) !== text ||
        msOfInstant(text as Instant) !== ms ||
        dayOfDate(date as CivilDate) !== days ||
        dayOf(year, month, day) !== days
      )
    })
    expect(wrong).toEqual([])
  })
})

describe("F8 opening hours", () => {
  const span = (fromMinute: number, toMinute: number) => ({ fromMinute, toMinute })
  test.each([
    ["08:30-12:00,13:30-17:30", [span(510, 720), span(810, 1050)]],
    ["00:00-24:00", [span(0, 1440)]],
    ["00:00-00:01,00:01-00:59", [span(0, 1), span(1, 59)]],
  ])("%s", (text, spans) => {
    expect(openingHours(text)).toEqual(spans)
  })
  test.each([
    ["", "are not HH:MM-HH:MM"],
    ["8:30-12:00", "are not HH:MM-HH:MM"],
    ["08:60-12:00", "are not HH:MM-HH:MM"],
    ["08:30-12:60", "are not HH:MM-HH:MM"],
    ["08:3-12:00", "are not HH:MM-HH:MM"],
    ["08:30-12:0", "are not HH:MM-HH:MM"],
    ["08:30-2:00", "are not HH:MM-HH:MM"],
    ["x08:30-12:00", "are not HH:MM-HH:MM"],
    ["08:30-12:00x", "are not HH:MM-HH:MM"],
    ["08:30-12:00;13:30-17:30", "are not HH:MM-HH:MM"],
    ["ab:30-12:00", "are not HH:MM-HH:MM"],
    ["08:30-ab:00", "are not HH:MM-HH:MM"],
    ["08:30-08:30", "overlap, are empty or out of order"],
    ["08:30-08:29", "overlap, are empty or out of order"],
    ["08:30-24:01", "overlap, are empty or out of order"],
    ["08:30-12:00,11:59-13:00", "overlap, are empty or out of order"],
    ["13:30-17:30,08:30-12:00", "overlap, are empty or out of order"],
  ])("%j is none, and says why", (text, why) => {
    expect(() => openingHours(text)).toThrow(`F8: opening hours ${JSON.stringify(text)} ${why}`)
  })
})
