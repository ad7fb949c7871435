/**
 * A coordinate with its system, converted once, at the edge.
 *
 * Phones in China report WGS-84, Amap and Tencent maps GCJ-02, Baidu maps BD-09; taking one for another
 * is a mistake of about 600 m that nothing would notice later. So every coordinate carries its system,
 * and whatever is stored is WGS-84.
 *
 * Degrees are kept to seven decimals, about a centimetre. Latitudes beyond ±85° are refused: no county
 * lies there, and the grid of places needs none.
 */
import gcoordModule from "gcoord"
import * as z from "zod"

/** Degrees, WGS-84 unless it says otherwise. */
export interface LngLat {
  readonly lng: number
  readonly lat: number
}

export const crs = z.enum(["wgs84", "gcj02", "bd09"])
export type Crs = z.infer<typeof crs>

/** Rounds to seven decimals and turns −0 into 0. */
const degrees = (value: number): number => Math.round(value * 1e7) / 1e7 + 0

export const coordinate = z.strictObject({
  /** Degrees east, −180 to 180. */
  lng: z.number().min(-180).max(180).transform(degrees),
  /** Degrees north, −85 to 85. */
  lat: z.number().min(-85).max(85).transform(degrees),
  crs,
  /** What the phone says of itself, whole metres, rounded up. */
  accuracyM: z.number().min(0).max(100_000).transform(Math.ceil).optional(),
})
export type Coordinate = z.infer<typeof coordinate>

/**
 * The same point in WGS-84. Outside mainland China the three systems are taken as one, as map providers do.
 *
 * @returns accurate to 0.2 m within China; the very same values when it is WGS-84 already.
 * @example toWgs84({ lng: 106.6, lat: 26.1, crs: "gcj02" }) // => { lng: 106.5965019, lat: 26.1034764, crs: "wgs84" }
 */
export const toWgs84 = (from: Coordinate): Coordinate => {
  if (from.crs === "wgs84") return from
  const [lng, lat] = gcoord.transform([from.lng, from.lat], systems[from.crs], gcoord.WGS84)
  return { ...from, lng: degrees(lng), lat: degrees(lat), crs: "wgs84" }
}

/**
 * Metres between two points of one system along the great circle of a sphere, wrong by up to 0.5 %.
 *
 * @example distanceM({ lng: 106.66, lat: 26.13 }, { lng: 106.67, lat: 26.13 }) // => 998.3…
 */
export const distanceM = (a: LngLat, b: LngLat): number => {
  const north = Math.sin(((b.lat - a.lat) * radians) / 2)
  const east = Math.sin(((b.lng - a.lng) * radians) / 2)
  const h = north * north + Math.cos(a.lat * radians) * Math.cos(b.lat * radians) * east * east
  return 2 * earthRadiusM * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** Mean radius of the Earth, IUGG. */
export const earthRadiusM = 6_371_008.8

// internal

const radians = Math.PI / 180

// The package is CommonJS under Node and its types describe the module that bundlers take, so TypeScript
// looks for one `default` more than there is.
const gcoord = gcoordModule as unknown as typeof gcoordModule.default

const systems = { gcj02: gcoord.GCJ02, bd09: gcoord.BD09 } as const
