import { distanceM, type LngLat } from "@yingshao/core/place/coordinate"
import { cellOf, cellsAround } from "@yingshao/core/place/grid"
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
  const expectFound = (a: LngLat, b: LngLat, radiusM: number, cellM: number): void => {
    expect(cellsAround(a, radiusM, cellM)).toContain(cellOf(b, cellM))
    expect(cellsAround(b, radiusM, cellM)).toContain(cellOf(a, cellM))
  }

  test("of two points within the radius, each one's cell is around the other", () => {
    fc.assert(
      fc.property(
        anyPoint,
        anyCellM,
        fc.oneof(evenly(0, 1), fc.constantFrom(0.25, 0.5, 1)),
        fc.oneof(evenly(0, 1), fc.constant(0.999999)),
        fc.oneof(evenly(0, 2 * Math.PI), fc.constantFrom(0, Math.PI / 2, Math.PI)),
        (a, cellM, share, way, bearing) => {
          const radiusM = cellM * share
          const b = go(a, radiusM * way, bearing)
          fc.pre(Math.abs(b.lat) <= 85 && distanceM(a, b) <= radiusM)
          expectFound(a, b, radiusM, cellM)
        },
      ),
      { numRuns: 5000 },
    )
  })

  test("also where a step of full length crosses from one band to the next, whose columns lie elsewhere", () => {
    fc.assert(
      fc.property(
        anyPoint,
        fc.constantFrom(1, 300, 5000, 100_000),
        fc.constantFrom(0.25, 0.5, 1),
        evenly(0, 0.02),
        fc.constantFrom(Math.PI / 2, -Math.PI / 2),
        (near, cellM, share, above, bearing) => {
          const band = cellM / ((6_371_008.8 * Math.PI) / 180)
          // A little towards the pole from a border; due east or west of it lies towards the equator.
          const border = Math.round(near.lat / band / (1 + 1e-6)) * band * (1 + 1e-6)
          const a = { lng: near.lng, lat: border + Math.sign(near.lat) * above * band }
          fc.pre(Math.abs(a.lat) < 84)
          const radiusM = cellM * share
          const b = go(a, radiusM * 0.9999, bearing + Math.sign(bearing * near.lat) * 2 * above)
          fc.pre(Math.abs(b.lat) <= 85 && distanceM(a, b) <= radiusM)
          expectFound(a, b, radiusM, cellM)
        },
      ),
      { numRuns: 3000 },
    )
  })

  test.each([
    [1, 9],
    [0.5, 6],
    [0.25, 4],
  ])("a radius of %d widths touches at most %d cells, its own among them and none twice", (share, most) => {
    fc.assert(
      fc.property(anyPoint, anyCellM, (point, cellM) => {
        const near = cellsAround(point, cellM * share, cellM)
        expect(near).toContain(cellOf(point, cellM))
        expect(new Set(near).size).toBe(near.length)
        expect(near.length).toBeLessThanOrEqual(most)
      }),
      { numRuns: 1000 },
    )
  })

  test("no cell is looked into that lies farther than the radius: on average two of four radii's width", () => {
    const points = fc.sample(fc.record({ lng: evenly(-180, 180), lat: evenly(-60, 60) }), 2000)
    const touched = points.map((point) => cellsAround(point, 50, 200).length)
    const mean = touched.reduce((sum, cells) => sum + cells, 0) / points.length
    // By area: (4 + 2)² less the corners, over 4² is 2.2.
    expect(mean).toBeGreaterThan(2)
    expect(mean).toBeLessThan(2.3)
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
    expect(() => cellsAround(point, 1, cellM)).toThrow(expect.objectContaining({ _tag: "BrokenInvariant" }))
  })

  test.each([-1, 301, Number.NaN])("a search of %d m in cells of 300 m is one, too", (radiusM) => {
    const search = () => cellsAround({ lng: 0, lat: 0 }, radiusM, 300)
    expect(search).toThrow(expect.objectContaining({ _tag: "BrokenInvariant" }))
  })
})
