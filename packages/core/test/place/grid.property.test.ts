import { distanceM, type LngLat } from "@yingshao/core/place/coordinate"
import { cellOf, neighbourhood } from "@yingshao/core/place/grid"
import fc from "fast-check"
import { describe, expect, test } from "vitest"

const anyCellM = fc.oneof(fc.constantFrom(1, 50, 300, 1000, 100_000), fc.integer({ min: 1, max: 100_000 }))
/** Evenly spread: fast-check's own doubles crowd around 0. */
const evenly = (min: number, max: number) =>
  fc.integer({ min: 0, max: 1_000_000_000 }).map((n) => min + ((max - min) * n) / 1_000_000_000)
/** Also where it is tricky: at the antimeridian, the equator, the edge of the grid. */
const anyPoint = fc.record({
  lng: fc.oneof(evenly(-180, 180), fc.constantFrom(-180, 180, 179.9999999, -179.9999999, 0)),
  lat: fc.oneof(evenly(-85, 85), fc.constantFrom(-85, 85, 0, 1e-7, -1e-7)),
})

/** The point reached by going so many metres in a direction, on the same sphere as `distanceM`. */
const go = (from: LngLat, metres: number, bearing: number): LngLat => {
  const rad = Math.PI / 180
  const d = metres / 6_371_008.8
  const lat = Math.asin(
    Math.sin(from.lat * rad) * Math.cos(d) + Math.cos(from.lat * rad) * Math.sin(d) * Math.cos(bearing),
  )
  const lng =
    from.lng * rad +
    Math.atan2(
      Math.sin(bearing) * Math.sin(d) * Math.cos(from.lat * rad),
      Math.cos(d) - Math.sin(from.lat * rad) * Math.sin(lat),
    )
  return { lng: ((((lng / rad + 540) % 360) + 360) % 360) - 180, lat: lat / rad }
}

describe("the grid of places", () => {
  test("two points within cellM metres are in each other's neighbourhood", () => {
    fc.assert(
      fc.property(
        anyPoint,
        anyCellM,
        fc.oneof(evenly(0, 1), fc.constant(0.999999)),
        fc.oneof(evenly(0, 2 * Math.PI), fc.constantFrom(0, Math.PI / 2, Math.PI)),
        (a, cellM, share, bearing) => {
          const b = go(a, cellM * share, bearing)
          fc.pre(Math.abs(b.lat) <= 85 && distanceM(a, b) <= cellM)
          expect(neighbourhood(cellOf(a, cellM))).toContain(cellOf(b, cellM))
          expect(neighbourhood(cellOf(b, cellM))).toContain(cellOf(a, cellM))
        },
      ),
      { numRuns: 3000 },
    )
  })

  test("also where a step of full length crosses from one band to the next, whose columns lie elsewhere", () => {
    fc.assert(
      fc.property(
        anyPoint,
        fc.constantFrom(1, 300, 5000, 100_000),
        evenly(0, 0.02),
        fc.constantFrom(Math.PI / 2, -Math.PI / 2),
        (near, cellM, above, bearing) => {
          const band = cellM / ((6_371_008.8 * Math.PI) / 180)
          // A little towards the pole from a border; due east or west of it lies towards the equator.
          const border = Math.round(near.lat / band / (1 + 1e-6)) * band * (1 + 1e-6)
          const a = { lng: near.lng, lat: border + Math.sign(near.lat) * above * band }
          fc.pre(Math.abs(a.lat) < 84)
          const b = go(a, cellM * 0.9999, bearing + Math.sign(bearing * near.lat) * 2 * above)
          fc.pre(Math.abs(b.lat) <= 85 && distanceM(a, b) <= cellM)
          expect(neighbourhood(cellOf(a, cellM))).toContain(cellOf(b, cellM))
          expect(neighbourhood(cellOf(b, cellM))).toContain(cellOf(a, cellM))
        },
      ),
      { numRuns: 3000 },
    )
  })

  test("a neighbourhood holds its own cell, 6 to 13 cells and none twice", () => {
    fc.assert(
      fc.property(anyPoint, anyCellM, (point, cellM) => {
        const cell = cellOf(point, cellM)
        const near = neighbourhood(cell)
        expect(near).toContain(cell)
        expect(new Set(near).size).toBe(near.length)
        expect(near.length).toBeGreaterThanOrEqual(6)
        expect(near.length).toBeLessThanOrEqual(13)
      }),
      { numRuns: 1000 },
    )
  })

  test("cells are about as wide as asked: whoever shares one is within 2 widths", () => {
    fc.assert(
      fc.property(anyPoint, anyCellM, evenly(0, 3), evenly(0, 6.3), (a, cellM, widths, bearing) => {
        fc.pre(Math.abs(a.lat) < 80 && cellM <= 10_000)
        const b = go(a, cellM * widths, bearing)
        fc.pre(Math.abs(b.lat) <= 85)
        if (cellOf(a, cellM) === cellOf(b, cellM)) expect(distanceM(a, b)).toBeLessThan(2 * cellM)
      }),
      { numRuns: 2000 },
    )
  })

  test("ids are texts that a stream's id may hold", () => {
    fc.assert(
      fc.property(anyPoint, anyCellM, (point, cellM) => {
        expect(cellOf(point, cellM)).toMatch(/^[a-z0-9][a-z0-9-]{0,31}$/)
      }),
    )
    expect(cellOf({ lng: 106.66, lat: 26.13 }, 300)).toBe("300-n9685-e95389")
    expect(cellOf({ lng: 180, lat: 0 }, 300)).toBe(cellOf({ lng: -180, lat: 0 }, 300))
  })

  test.each([
    [{ lng: 0, lat: 85.1 }, 300],
    [{ lng: 181, lat: 0 }, 300],
    [{ lng: 0, lat: 0 }, 0],
    [{ lng: 0, lat: 0 }, 1.5],
    [{ lng: Number.NaN, lat: 0 }, 300],
  ])("%j in cells of %d m is a broken promise of the schemas", (point, cellM) => {
    expect(() => cellOf(point, cellM)).toThrow(expect.objectContaining({ _tag: "BrokenInvariant" }))
  })
})
