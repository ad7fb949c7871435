import { addDays, civilDate, fromMs } from "@yingshao/core/kernel/time"
import { endedBefore, type Lot, lotEnd, partsOf, pointsIn, putIn, takeOut } from "@yingshao/core/ledger/lots"
import fc from "fast-check"
import { describe, expect, test } from "vitest"

const anyDate = fc.integer({ min: 0, max: 60 }).map((day) => addDays(civilDate.parse("2026-02-01"), day))
const anyPart = fc.record({ expiresOn: anyDate, points: fc.integer({ min: 1, max: 9 }) })
const anyLots = fc.array(anyPart, { maxLength: 12 }).map((parts) => putIn([], parts))

/** The naive view: one coin for each point, with its end written on it. */
const coins = (lots: readonly Lot[]) =>
  lots.flatMap(({ expiresOn, points }) => Array<string>(points).fill(expiresOn)).sort()

describe("L20", () => {
  test("what is taken are the coins that end earliest, and nothing is lost", () => {
    fc.assert(
      fc.property(anyLots, fc.integer({ min: 0, max: 120 }), (lots, points) => {
        const parts = partsOf(lots, points)
        if (points > coins(lots).length) {
          expect(parts).toBeUndefined()
          return
        }
        expect(coins(parts ?? [])).toEqual(coins(lots).slice(0, points))
        const left = takeOut(lots, parts ?? [])
        expect(coins(left)).toEqual(coins(lots).slice(points))
        expect(putIn(left, parts ?? [])).toEqual(lots)
        expect(pointsIn(left)).toBe(pointsIn(lots) - points)
      }),
    )
  })
  test("lots are in order of their ends, one for each, and never hold 0", () => {
    fc.assert(
      fc.property(anyLots, fc.array(anyPart, { maxLength: 5 }), fc.nat(20), (lots, more, taken) => {
        const after = putIn(lots, more)
        const left = takeOut(after, partsOf(after, Math.min(taken, pointsIn(after))) ?? [])
        for (const now of [after, left]) {
          expect(now.map(({ expiresOn }) => expiresOn)).toEqual(
            [...new Set(now.map(({ expiresOn }) => expiresOn))].sort(),
          )
          expect(now.every(({ points }) => points > 0)).toBe(true)
        }
      }),
    )
  })
  test("a lot ends the day after its last day", () => {
    const lots: readonly Lot[] = [{ expiresOn: civilDate.parse("2026-02-10"), points: 3 }]
    expect(endedBefore(lots, civilDate.parse("2026-02-10"))).toEqual([])
    expect(endedBefore(lots, civilDate.parse("2026-02-11"))).toEqual(lots)
  })
  test("what is not there cannot be taken", () => {
    const lot = { expiresOn: civilDate.parse("2026-02-10"), points: 3 }
    expect(() => takeOut([lot], [{ ...lot, points: 4 }])).toThrow(expect.objectContaining({ id: "L4" }))
    expect(() => takeOut([], [lot])).toThrow(expect.objectContaining({ id: "L4" }))
  })
  test("a life is never shortened, and long ones end with a month", () => {
    expect(lotEnd(civilDate.parse("2026-03-24"), 730)).toBe("2028-03-23")
    expect(lotEnd(civilDate.parse("2026-03-24"), 1001)).toBe("2028-12-31")
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 0, max: 36_500 }), (day, life) => {
        const granted = civilDate.parse(fromMs(day * 86_400_000).slice(0, 10))
        const end = lotEnd(granted, life)
        expect(civilDate.parse(end) >= addDays(granted, life)).toBe(true)
        expect(end <= addDays(granted, life + 30)).toBe(true)
        if (life > 1000) expect(addDays(end, 1).slice(8)).toBe("01")
      }),
    )
  })
})
