/**
 * Candidates: incidents near in place, time and kind, so that two reports of one matter meet.
 *
 * The radius and the window come from the policy by category (并案). The cells of the grid are four radii wide, so
 * that what is near lies in two of them on average and in four at the most; all of these are read and guarded. Where
 * the radius changed within the window, cells of both widths are, and where the window became shorter, cells remember
 * for as long as the longer one asks: one matter has one first report on that day, too.
 * A place in words, or an unknown category, has no candidates: a person joins by hand.
 */
import type { Conclusions } from "../decisions.ts"
import { invariant } from "../kernel/refusal.ts"
import { type Context, type Emitted, on, type Rule, readAll } from "../kernel/rule.ts"
import { addDays, type CivilDate, fromMs, type Instant, toMs } from "../kernel/time.ts"
import { distanceM, type LngLat } from "../place/coordinate.ts"
import { cellOf, cellsAround, widestCellM } from "../place/grid.ts"
import type { Place } from "../place/place.ts"
import type { IncidentState } from "./incident.ts"
import type { Placed } from "./place-cell.ts"

export interface Candidate {
  readonly incident: Placed["incident"]
  readonly distanceM: number
  readonly minutesApart: number
}

/** What was looked at: the candidates, nearest first, and the cell that opening an incident writes to. */
export interface Surroundings {
  readonly candidates: readonly Candidate[]
  readonly cell: string | undefined
  /** Nothing accepted before this can still be a candidate of a report accepted now. */
  readonly forgetBefore: Instant
}

export function* lookAround(
  context: Context,
  report: { readonly place: Place; readonly acceptedAt: Instant; readonly acceptedOn: CivilDate },
  category: string,
): Rule<Surroundings> {
  const dates = { accepted: report.acceptedOn, step: context.today }
  const outcome = context.book.decide("matching", { category }, dates)
  invariant(outcome.status === "decided", "L14", "how near is near waits for no unknown fact")
  const { radius, window } = outcome.conclusions
  const around = matchingAround(context, category, report.acceptedOn, window)
  const longest = Math.max(window, ...around.map((day) => day.window))
  const forgetBefore = fromMs(toMs(report.acceptedAt) - 2 * longest * 60_000)
  const { coordinate } = report.place
  if (coordinate === undefined || category === "unknown" || radius === 0) {
    return { candidates: [], cell: undefined, forgetBefore }
  }
  const cell = cellOf(coordinate, cellWidthM(radius))
  const cells = yield* readAll(
    "place",
    [...new Set(around.filter((day) => day.radius > 0).map((day) => cellWidthM(day.radius)))]
      .flatMap((cellM) => cellsAround(coordinate, Math.min(radius, cellM), cellM))
      .map((id) => placeId(category, id)),
  )
  const at = toMs(report.acceptedAt)
  // Most of what a cell remembers is too old, which its text tells.
  const [earliest, latest] = [fromMs(at - window * 60_000), fromMs(at + window * 60_000)]
  const near = cells
    .flatMap(({ incidents }) => incidents.filter(({ since }) => since >= earliest && since <= latest))
    .map((placed) => apart(placed, coordinate, at))
    .filter(({ distanceM }) => distanceM <= radius)
    .sort(nearestFirst)
  return { candidates: near, cell: placeId(category, cell), forgetBefore }
}

/**
 * How wide the cells are in which incidents of a radius are found, in metres. Wider ones would be read one by one more
 * often, but hold more that is too far, and are written by more who do not meet.
 *
 * @example cellWidthM(50) // => 200
 */
export const cellWidthM = (radiusM: number): number => Math.min(widestCellM, 4 * radiusM)

/** The event that makes an incident findable by others. */
export const placed = (
  incident: Placed["incident"],
  surroundings: Surroundings,
  report: { readonly place: Place; readonly acceptedAt: Instant },
): readonly Emitted[] => {
  const { coordinate } = report.place
  if (coordinate === undefined || surroundings.cell === undefined) return []
  const { lng, lat } = coordinate
  return [
    on("place", surroundings.cell, {
      type: "IncidentPlaced",
      placed: { incident, lng, lat, since: report.acceptedAt },
      forgetBefore: surroundings.forgetBefore,
    }),
  ]
}

/** The event that takes an incident off the map of candidates, for one that was merged away. */
export const unplaced = (
  incident: Placed["incident"],
  state: Exclude<IncidentState, { status: "none" }>,
): readonly Emitted[] =>
  state.cell === undefined ? [] : [on("place", state.cell, { type: "IncidentUnplaced", incident })]

// internal

/** How near is near on each day of the window, by the policy of that day. */
const matchingAround = (
  { book, today }: Context,
  category: string,
  acceptedOn: CivilDate,
  windowMinutes: number,
): readonly Conclusions<"matching">[] => {
  const days = Math.ceil(windowMinutes / (24 * 60))
  const found: Conclusions<"matching">[] = []
  for (let apart = -days; apart <= days; apart += 1) {
    const day = addDays(acceptedOn, apart)
    if (day > today || !book.policyOn(day).knows("category", category)) continue
    const outcome = book.decide("matching", { category }, { accepted: day, step: today })
    if (outcome.status === "decided") found.push(outcome.conclusions)
  }
  return found
}

const placeId = (category: string, cell: string): string => `${category}--${cell}`

const apart = (placed: Placed, point: LngLat, acceptedAtMs: number): Candidate => ({
  incident: placed.incident,
  distanceM: distanceM({ lng: placed.lng, lat: placed.lat }, point),
  minutesApart: Math.abs(toMs(placed.since) - acceptedAtMs) / 60_000,
})

const nearestFirst = (a: Candidate, b: Candidate): number =>
  a.distanceM - b.distanceM || a.minutesApart - b.minutesApart || (a.incident < b.incident ? -1 : 1)
