import { coordinate, crs, distanceM, toWgs84 } from "@yingshao/core/place/coordinate"
import { atTheEdge, place } from "@yingshao/core/place/place"
import fc from "fast-check"
import { describe, expect, test } from "vitest"

const anywhere = fc.record({
  lng: fc.double({ min: -180, max: 180, noNaN: true }),
  lat: fc.double({ min: -85, max: 85, noNaN: true }),
})

describe("coordinates at the edge", () => {
  test("are kept to seven decimals, accuracy in whole metres rounded up", () => {
    expect(coordinate.parse({ lng: 106.657812345678, lat: 26.1, crs: "gcj02", accuracyM: 12.2 })).toEqual({
      lng: 106.6578123,
      lat: 26.1,
      crs: "gcj02",
      accuracyM: 13,
    })
  })
  test("hold no negative zero, and reading them again changes nothing", () => {
    fc.assert(
      fc.property(anywhere, fc.constantFrom(...crs.options), (at, system) => {
        const once = coordinate.parse({ ...at, crs: system })
        expect(Object.is(once.lng, -0) || Object.is(once.lat, -0)).toBe(false)
        expect(coordinate.parse(once)).toEqual(once)
      }),
    )
  })
  test.each([
    { lng: 180.1, lat: 0, crs: "wgs84" },
    { lng: 0, lat: 85.1, crs: "wgs84" },
    { lng: Number.NaN, lat: 0, crs: "wgs84" },
    { lng: "106.6", lat: 26.1, crs: "wgs84" },
    { lng: 106.6, lat: 26.1 },
    { lng: 106.6, lat: 26.1, crs: "bd09mc" },
    { lng: 106.6, lat: 26.1, crs: "wgs84", accuracyM: -1 },
    { lng: 106.6, lat: 26.1, crs: "wgs84", altitude: 900 },
  ])("%j is refused", (bad) => {
    expect(coordinate.safeParse(bad).success).toBe(false)
  })
})

describe("one system inside", () => {
  // A point of Huishui as Amap and Baidu give it; taking it for WGS-84 would be off by these metres.
  test.each([
    ["gcj02", 300, 700],
    ["bd09", 800, 1600],
  ] as const)("%s is converted and was off by hundreds of metres", (system, least, most) => {
    const given = { lng: 106.6578, lat: 26.1324, crs: system }
    const converted = toWgs84(given)
    expect(converted.crs).toBe("wgs84")
    expect(distanceM(given, converted)).toBeGreaterThan(least)
    expect(distanceM(given, converted)).toBeLessThan(most)
    expect(toWgs84(converted)).toBe(converted)
  })
  test("a place is converted once, words stay", () => {
    const given = { coordinate: { lng: 106.6, lat: 26.1, crs: "gcj02" as const }, words: "环城路口" }
    expect(atTheEdge(given)).toEqual({
      coordinate: { lng: 106.5965019, lat: 26.1034764, crs: "wgs84" },
      words: "环城路口",
    })
    expect(atTheEdge({ words: "环城路口" })).toEqual({ words: "环城路口" })
  })
})

describe("places", () => {
  test("are a coordinate, words, or both, and never nothing", () => {
    expect(place.safeParse({}).success).toBe(false)
    expect(place.parse({ words: "  濛江街道环城路口 " })).toEqual({ words: "濛江街道环城路口" })
    expect(place.parse({ coordinate: { lng: 106.6, lat: 26.1, crs: "wgs84" } }).words).toBeUndefined()
  })
  test.each(["", "   ", "字".repeat(201), "a\nb", "a\u0000b", "a\u202eb", "a\u2028b", "\ud800", 7])(
    "words %j are refused",
    (words) => {
      expect(place.safeParse({ words }).success).toBe(false)
    },
  )
})

test("distances agree with known ones", () => {
  // A degree of latitude on the sphere of mean radius, and across the antimeridian.
  expect(distanceM({ lng: 106, lat: 26 }, { lng: 106, lat: 27 })).toBeCloseTo(111_195, 0)
  expect(distanceM({ lng: 179.9995, lat: 0 }, { lng: -179.9995, lat: 0 })).toBeCloseTo(111.195, 2)
  expect(distanceM({ lng: 106, lat: 26 }, { lng: 106, lat: 26 })).toBe(0)
})
