/**
 * The incidents of one kind in one grid cell: `place/{category}--{cell}`.
 *
 * Opening an incident writes its cell; looking for candidates reads every cell that is near enough. So two
 * first reports that find no candidate at the same time meet on a version, and the second decides again
 * and finds the first, also across a border between cells.
 */
import * as z from "zod"
import { incidentId } from "../kernel/ids.ts"
import type { IndexEntry, StreamDefinition, TallyIncrement } from "../kernel/stream.ts"
import { instant } from "../kernel/time.ts"

const placed = z.strictObject({
  incident: incidentId,
  /** WGS-84 degrees. */
  lng: z.number(),
  lat: z.number(),
  /** Acceptance of the report that opened it. */
  since: instant,
})
export type Placed = z.infer<typeof placed>

export const placeCellEvent = z.discriminatedUnion("type", [
  /** `forgetBefore`: what stood here earlier is outside every window and is dropped. */
  z.strictObject({ type: z.literal("IncidentPlaced"), placed, forgetBefore: instant }),
  z.strictObject({ type: z.literal("IncidentUnplaced"), incident: incidentId }),
])
export type PlaceCellEvent = z.infer<typeof placeCellEvent>

export interface PlaceCellState {
  readonly incidents: readonly Placed[]
}

/** More than these in one cell within one window are not proposed as candidates; the newest are kept. */
const mostInCell = 1_000

export const placeCellDefinition = {
  foldVersion: 2,
  initial: { incidents: [] } as PlaceCellState,
  event: placeCellEvent,
  evolve(state: PlaceCellState, event: PlaceCellEvent): PlaceCellState {
    switch (event.type) {
      case "IncidentPlaced":
        return {
          incidents: [
            ...state.incidents.filter(({ since }) => since >= event.forgetBefore),
            event.placed,
          ].slice(-mostInCell),
        }
      case "IncidentUnplaced":
        return { incidents: state.incidents.filter(({ incident }) => incident !== event.incident) }
    }
  },
  indexes: (): readonly IndexEntry[] => [],
  tallies: (): readonly TallyIncrement[] => [],
} satisfies StreamDefinition<PlaceCellState, PlaceCellEvent>
