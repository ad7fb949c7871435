/** The index behind the calendar, entry by entry, for a few days by hand. */
import { dayMs } from "@yingshao/core/calendar/instant-text"
import { openingHours } from "@yingshao/core/calendar/opening-hours"
import { type OpeningIndex, openingIndex } from "@yingshao/core/calendar/opening-index"
import { describe, expect, test } from "vitest"

/** Days from 1 January 2026 of which these are worked. */
const worked = (days: number, ...which: readonly number[]) =>
  Uint8Array.from({ length: days }, (_, day) => (which.includes(day) ? 1 : 0))
const made = (timeZone: string, hours: string, workday: Uint8Array, year = 2026): OpeningIndex =>
  openingIndex(year, year, workday, openingHours(hours), timeZone)
const instants = (values: Float64Array) => [...values].map((ms) => new Date(ms).toISOString().slice(0, 16))
const openings = (index: OpeningIndex) =>
  instants(index.openMs).map((open, at) => `${open} ${instants(index.closeMs)[at]?.slice(5)}`)
const minutes = (values: Float64Array) => [...values].map((ms) => ms / 60_000)
const span = ({ startMs, endMs }: OpeningIndex) => instants(Float64Array.of(startMs, endMs))

describe("F8 the index of openings", () => {
  test("given three days of which the second is off, when made, then everything finds its opening", () => {
    const workday = worked(3, 0, 2)
    const index = made("UTC", "08:30-12:00", workday)
    expect(openings(index)).toEqual(["2026-01-01T08:30 01-01T12:00", "2026-01-03T08:30 01-03T12:00"])
    expect(minutes(index.workedMs)).toEqual([0, 210, 420])
    expect(span(index)).toEqual(["2026-01-01T00:00", "2026-01-04T00:00"])
    expect(index).toMatchObject({
      firstYear: 2026,
      lastYear: 2026,
      firstDay: Date.UTC(2026, 0, 1) / dayMs,
      firstUtcDay: Date.UTC(2026, 0, 1) / dayMs,
      chunkMs: 210 * 60_000,
    })
    expect(index.workday).toBe(workday)
    expect([...index.firstOnUtcDay]).toEqual([0, 1, 1, 2])
    expect([...index.firstInChunk]).toEqual([0, 0, 1])
  })

  test("two spans a day: a chunk is a day's work, and each chunk begins at the opening that reaches it", () => {
    const index = made("UTC", "08:00-10:00,14:00-20:00", worked(2, 0, 1))
    expect(openings(index)).toEqual([
      "2026-01-01T08:00 01-01T10:00",
      "2026-01-01T14:00 01-01T20:00",
      "2026-01-02T08:00 01-02T10:00",
      "2026-01-02T14:00 01-02T20:00",
    ])
    expect(minutes(index.workedMs)).toEqual([0, 120, 480, 600, 960])
    expect(index.chunkMs).toBe(480 * 60_000)
    expect([...index.firstInChunk]).toEqual([0, 1, 3])
    expect([...index.firstOnUtcDay]).toEqual([0, 2, 4])
  })

  test("east and west of Greenwich a civil day lies over two days of UTC", () => {
    const east = made("Asia/Shanghai", "08:30-12:00", worked(2, 0, 1))
    expect(openings(east)).toEqual(["2026-01-01T00:30 01-01T04:00", "2026-01-02T00:30 01-02T04:00"])
    expect(span(east)).toEqual(["2025-12-31T16:00", "2026-01-02T16:00"])
    expect(east.firstUtcDay).toBe(Date.UTC(2025, 11, 31) / dayMs)
    expect([...east.firstOnUtcDay]).toEqual([0, 0, 1])
    const west = made("America/New_York", "20:00-22:00", worked(2, 0, 1))
    expect(openings(west)).toEqual(["2026-01-02T01:00 01-02T03:00", "2026-01-03T01:00 01-03T03:00"])
    expect(span(west)).toEqual(["2026-01-01T05:00", "2026-01-03T05:00"])
    expect([...west.firstOnUtcDay]).toEqual([0, 0, 1])
  })

  test("what begins when the one before ends is one opening, and what does not is another", () => {
    const index = made("UTC", "00:00-24:00", worked(4, 0, 1, 3))
    expect(openings(index)).toEqual(["2026-01-01T00:00 01-03T00:00", "2026-01-04T00:00 01-05T00:00"])
    expect(openings(made("UTC", "08:00-09:00,09:00-10:00", worked(1, 0)))).toEqual([
      "2026-01-01T08:00 01-01T10:00",
    ])
    expect(openings(made("UTC", "08:00-09:00,09:01-10:00", worked(1, 0)))).toHaveLength(2)
  })

  test("no day worked: no opening, nothing to reach", () => {
    const index = made("UTC", "08:30-12:00", worked(2))
    expect([openings(index), [...index.workedMs], [...index.firstOnUtcDay]]).toEqual([[], [0], [0, 0, 0]])
    expect([...index.firstInChunk]).toEqual([0])
  })

  // 8 March 2026 is day 66 of the year, 1 November day 304; New York changes at 2 in the morning.
  const spring = worked(75, 66, 67)
  const autumn = worked(310, 304)
  test.each<readonly [string, string, Uint8Array, readonly string[]]>([
    [
      "an hour less in spring",
      "00:00-06:00",
      spring,
      ["2026-03-08T05:00 03-08T10:00", "2026-03-09T04:00 03-09T10:00"],
    ],
    [
      "hours that the change cuts off",
      "01:30-02:30",
      spring,
      ["2026-03-08T06:30 03-08T07:00", "2026-03-09T05:30 03-09T06:30"],
    ],
    ["hours that never came", "02:00-03:00", worked(75, 66), []],
    ["hours after the change", "03:00-04:00", worked(75, 66), ["2026-03-08T07:00 03-08T08:00"]],
    ["an hour more in autumn, in one piece", "00:00-06:00", autumn, ["2026-11-01T04:00 11-01T11:00"]],
    [
      "hours that came twice",
      "01:30-02:30",
      autumn,
      ["2026-11-01T05:30 11-01T06:00", "2026-11-01T06:30 11-01T07:30"],
    ],
    ["hours that end as the clock goes back", "00:30-01:00", autumn, ["2026-11-01T04:30 11-01T05:00"]],
  ])("summer time: %s", (_name, hours, workday, expected) => {
    expect(openings(made("America/New_York", hours, workday))).toEqual(expected)
  })

  test("half an hour of summer time, on the other half of the earth", () => {
    // 5 April 2026 is day 94: Lord Howe goes back from 2:00 to 1:30.
    expect(openings(made("Australia/Lord_Howe", "01:00-02:00", worked(100, 94)))).toEqual([
      "2026-04-04T14:00 04-04T15:30",
    ])
  })

  test("a day that a zone skipped is over at once, and a year that begins after it begins at its midnight", () => {
    // 30 December 2011 never came in Apia: day 363, between 10:00 UTC and 10:00 UTC of the same instant.
    const index = made("Pacific/Apia", "00:00-24:00", worked(365, 362, 363, 364), 2011)
    expect(openings(index)).toEqual(["2011-12-29T10:00 12-31T10:00"])
    expect(span(index)).toEqual(["2011-01-01T10:00", "2011-12-31T10:00"])
    expect(span(made("Pacific/Apia", "00:00-24:00", worked(363), 2011))[1]).toBe("2011-12-30T10:00")
    expect(span(made("Pacific/Apia", "00:00-24:00", worked(364), 2011))[1]).toBe("2011-12-30T10:00")
  })
})
