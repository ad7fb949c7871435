import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { chinaYears } from "@yingshao/core/calendar/china-years"
import { calendarYear } from "@yingshao/core/programme/programme"
import { expect, test } from "vitest"
import * as z from "zod"

// The package is a dependency of the benchmarks, where it is the peer that is measured against.
const packages = createRequire(new URL("../../../bench/package.json", import.meta.url))
const peer = z.object({
  holidays: z.record(z.string(), z.string()),
  workdays: z.record(z.string(), z.string()),
})
const published = (year: number) =>
  peer.parse(JSON.parse(readFileSync(packages.resolve(`chinese-days/dist/years/${year}.json`), "utf8")))

test("F8 the seed years are exactly those that chinese-days lists", () => {
  for (const { year, holidays, makeUpWorkdays } of chinaYears) {
    const { holidays: off, workdays } = published(year)
    expect({ year, holidays, makeUpWorkdays }).toEqual({
      year,
      holidays: Object.keys(off).sort(),
      makeUpWorkdays: Object.keys(workdays).sort(),
    })
  }
})

test("the seed years are 2010 to 2026 and load as an added year does", () => {
  expect(chinaYears.map(({ year }) => year)).toEqual(Array.from({ length: 17 }, (_, at) => 2010 + at))
  expect(z.array(calendarYear).parse(chinaYears)).toEqual(chinaYears)
})

test("every make-up workday of the seed is a Saturday or Sunday of its year, and no holiday", () => {
  for (const { year, holidays, makeUpWorkdays } of chinaYears) {
    for (const date of makeUpWorkdays) {
      expect([0, 6]).toContain(new Date(`${date}T00:00:00Z`).getUTCDay())
      expect(holidays).not.toContain(date)
    }
    for (const date of [...holidays, ...makeUpWorkdays]) expect(date.slice(0, 4)).toBe(String(year))
  }
})
