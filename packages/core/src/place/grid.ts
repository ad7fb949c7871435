/**
 * A grid over the globe, so that what is near is found by a handful of exact keys.
 *
 * Rows are bands of latitude, as high as a cell is wide. Each band is cut into as many whole columns as
 * fit when every column is at least `cellM` wide at the band's narrower edge; so widths differ from band to
 * band, and a cell may touch up to five of the next band.
 *
 * A cell's id is a text that can be part of a stream's id: `{cellM}-{n|s}{row}-e{column}`. Rows count from
 * the equator, columns eastward from 180° W.
 *
 * What it does not do: it says nothing about the last metre. Compare `distanceM` of what the cells hold.
 */
import { invariant } from "../kernel/refusal.ts"
import { earthRadiusM, type LngLat } from "./coordinate.ts"

/**
 * The cell that a point lies in.
 *
 * @param point WGS-84 degrees, latitude within ±85°.
 * @param cellM whole metres, 1 to 100,000. Use the search radius.
 * @throws BrokenInvariant beyond these ranges; the schema of coordinates and the policy's check refuse
 *   them before.
 * @example cellOf({ lng: 106.66, lat: 26.13 }, 300) // => "300-n9685-e95389"
 */
export const cellOf = (point: LngLat, cellM: number): string => {
  const inRange = Math.abs(point.lat) <= 85 && Math.abs(point.lng) <= 180
  invariant(inRange, "L14", "a point of the grid lies within 85° of the equator")
  invariant(Number.isInteger(cellM) && cellM >= 1 && cellM <= 100_000, "L14", "a cell is 1 to 100,000 m wide")
  const row = Math.floor(point.lat / rowHeight(cellM))
  const columns = columnsOf(row, cellM)
  return cellId(cellM, row, Math.floor((point.lng + 180) / (360 / columns)) % columns)
}

/**
 * The cell and all cells that can hold a point within `cellM` metres of one of its points, 6 to 13 of them.
 *
 * Symmetric: of two points that near, each lies in the other's neighbourhood, across the antimeridian too.
 *
 * @param cell from `cellOf`.
 * @returns ids, the southern row first, without repeats.
 */
export const neighbourhood = (cell: string): readonly string[] => {
  const { cellM, row, column } = parseCell(cell)
  const width = 360 / columnsOf(row, cellM)
  return [row - 1, row, row + 1]
    .filter((near) => inGrid(near, cellM))
    .flatMap((near) => {
      const columns = columnsOf(near, cellM)
      const reach = reachDegrees(row, near, cellM)
      const first = Math.floor((column * width - reach) / (360 / columns))
      const last = Math.floor(((column + 1) * width + reach) / (360 / columns))
      return Array.from({ length: last - first + 1 }, (_, at) =>
        cellId(cellM, near, (first + at + columns) % columns),
      )
    })
}

// internal

const radians = Math.PI / 180

/** Keeps rounding on the safe side: cells are a millionth wider than asked, and neighbours reach as far. */
const slack = 1 + 1e-6

/** Degrees of latitude. */
const rowHeight = (cellM: number): number => (cellM * slack) / (earthRadiusM * radians)

/** Does the row touch the band between 85° south and 85° north? */
const inGrid = (row: number, cellM: number): boolean =>
  row >= Math.floor(-85 / rowHeight(cellM)) && row <= Math.floor(85 / rowHeight(cellM))

/** The cosine at the edge of the row that is nearer to a pole. */
const narrowest = (row: number, cellM: number): number =>
  Math.cos(Math.max(Math.abs(row), Math.abs(row + 1)) * rowHeight(cellM) * radians)

/**
 * The most degrees of longitude between two points `cellM` metres apart, one in each row. From the
 * haversine formula with no difference in latitude at the narrowest edges of both rows.
 */
const reachDegrees = (row: number, other: number, cellM: number): number => {
  const cosines = Math.sqrt(narrowest(row, cellM) * narrowest(other, cellM))
  return (2 * Math.asin(Math.sin((cellM * slack) / earthRadiusM / 2) / cosines)) / radians
}

const columnsOf = (row: number, cellM: number): number => Math.floor(360 / reachDegrees(row, row, cellM))

const cellId = (cellM: number, row: number, column: number): string =>
  `${cellM}-${row < 0 ? "s" : "n"}${Math.abs(row)}-e${column}`

const parseCell = (cell: string) => {
  const found = /^(\d{1,6})-([ns])(\d{1,8})-e(\d{1,8})$/.exec(cell)
  invariant(found !== null, "L14", `${JSON.stringify(cell)} is a cell of the grid`)
  const [, cellM, side, row, column] = found
  return { cellM: Number(cellM), row: Number(row) * (side === "s" ? -1 : 1), column: Number(column) }
}
