/**
 * A grid over the globe, so that what is near is found by a handful of exact keys.
 *
 * Rows are bands of latitude, as high as a cell is wide. Each band is cut into as many whole columns as
 * fit when every column is at least `cellM` wide at the band's narrower edge; so widths differ from band to
 * band, and columns of two bands do not meet.
 *
 * A cell's id is a text that can be part of a stream's id: `{cellM}-{n|s}{row}-e{column}`. Rows count from
 * the equator, columns eastward from 180° W.
 *
 * What it does not do: it says nothing about the last metre. Compare `distanceM` of what the cells hold.
 */
import { invariant } from "../kernel/refusal.ts"
import { earthRadiusM, type LngLat } from "./coordinate.ts"

/** Metres; no cell is wider. */
export const widestCellM = 100_000

/**
 * The cell that a point lies in.
 *
 * @param point WGS-84 degrees, latitude within ±85°.
 * @param cellM whole metres, 1 to 100,000.
 * @throws BrokenInvariant beyond these ranges; the schema of coordinates and the policy's check refuse
 *   them before.
 * @example cellOf({ lng: 106.66, lat: 26.13 }, 300) // => "300-n9685-e95389"
 */
export const cellOf = (point: LngLat, cellM: number): string => {
  checkPoint(point)
  checkCell(cellM)
  const row = Math.floor(point.lat / rowHeight(cellM))
  const columns = columnsOf(row, cellM)
  return cellId(cellM, row, Math.floor((point.lng + 180) / (360 / columns)) % columns)
}

/**
 * All cells that can hold a point within `radiusM` metres of this one, its own among them.
 *
 * Symmetric: of two points that near, each one's cell is among those around the other, across the antimeridian too.
 * At most 9 of them; of cells four times as wide as the radius at most 4, and two on average.
 *
 * @param point WGS-84 degrees, latitude within ±85°.
 * @param radiusM metres, 0 to `cellM`.
 * @param cellM as for `cellOf`.
 * @returns ids, the southern row first, without repeats.
 * @throws BrokenInvariant beyond these ranges.
 * @example cellsAround({ lng: 106.66, lat: 26.13 }, 300, 1200) // => ["1200-n2421-e23845", "1200-n2421-e23846"]
 */
export const cellsAround = (point: LngLat, radiusM: number, cellM: number): readonly string[] => {
  checkPoint(point)
  checkCell(cellM)
  invariant(radiusM >= 0 && radiusM <= cellM, "L14", "a search reaches no further than a cell is wide")
  const height = rowHeight(cellM)
  const reach = (radiusM * slack) / (earthRadiusM * radians)
  const first = Math.floor((point.lat - reach) / height)
  const last = Math.floor((point.lat + reach) / height)
  return Array.from({ length: last - first + 1 }, (_, at) => first + at)
    .filter((row) => inGrid(row, cellM))
    .flatMap((row) => columnsAround(point, reach, row, cellM))
}

// internal

const radians = Math.PI / 180

const checkPoint = ({ lng, lat }: LngLat): void =>
  invariant(
    Math.abs(lat) <= 85 && Math.abs(lng) <= 180,
    "L14",
    "a point of the grid lies within 85° of the equator",
  )

const checkCell = (cellM: number): void =>
  invariant(
    Number.isInteger(cellM) && cellM >= 1 && cellM <= widestCellM,
    "L14",
    "a cell is 1 to 100,000 m wide",
  )

/** Keeps rounding on the safe side: cells are a millionth wider than asked, and a search reaches as far. */
const slack = 1 + 1e-6

/** Degrees of latitude. */
const rowHeight = (cellM: number): number => (cellM * slack) / (earthRadiusM * radians)

/** Does the row touch the band between 85° south and 85° north? */
const inGrid = (row: number, cellM: number): boolean =>
  row >= Math.floor(-85 / rowHeight(cellM)) && row <= Math.floor(85 / rowHeight(cellM))

/** The cosine at the edge of the row that is nearer to a pole. */
const narrowest = (row: number, cellM: number): number =>
  Math.cos(Math.max(Math.abs(row), Math.abs(row + 1)) * rowHeight(cellM) * radians)

/** Columns, at least `cellM` wide at the narrower edge. */
const columnsOf = (row: number, cellM: number): number =>
  Math.floor(
    360 / degreesWithin(Math.sin((cellM * slack) / earthRadiusM / 2) ** 2, narrowest(row, cellM) ** 2),
  )

/** The cells of one row that a circle of `reach` degrees around the point can touch. */
const columnsAround = (point: LngLat, reach: number, row: number, cellM: number): readonly string[] => {
  const height = rowHeight(cellM)
  // Northwards or southwards to the row's nearer edge; nothing when the point lies in the row.
  const away = Math.max(0, row * height - point.lat, point.lat - (row + 1) * height)
  const rest = Math.sin((reach * radians) / 2) ** 2 - Math.sin((away * radians) / 2) ** 2
  const aside = degreesWithin(Math.max(0, rest), Math.cos(point.lat * radians) * narrowest(row, cellM))
  const columns = columnsOf(row, cellM)
  const width = 360 / columns
  const west = Math.floor((point.lng + 180 - aside) / width)
  const east = Math.floor((point.lng + 180 + aside) / width)
  return Array.from({ length: Math.min(columns, east - west + 1) }, (_, at) =>
    cellId(cellM, row, (((west + at) % columns) + columns) % columns),
  )
}

/** The most degrees of longitude that the haversine formula leaves for so much, between points of these cosines. */
const degreesWithin = (haversine: number, cosines: number): number =>
  (2 * Math.asin(Math.sqrt(haversine / cosines))) / radians

const cellId = (cellM: number, row: number, column: number): string =>
  `${cellM}-${row < 0 ? "s" : "n"}${Math.abs(row)}-e${column}`
