/** Incidents for tests of their pieces, and worlds in which one stands with reports that were answered. */

import {
  type IncidentState,
  incidentDefinition,
  type LiveIncident,
  type Member,
  member,
} from "@yingshao/core/incident/incident"
import type { Emitted } from "@yingshao/core/kernel/rule"
import type { Instant } from "@yingshao/core/kernel/time"
import { type Obligation, obligation } from "@yingshao/core/obligation/obligation"
import type { World } from "../fixtures/world.ts"

export const at = "2026-03-24T01:00:00.000Z" as Instant
export const minute = (n: number) => `2026-03-24T01:${String(n).padStart(2, "0")}:00.000Z` as Instant

/** Report `r-n`, accepted in minute n. */
export const report = (n: number, eligible: Member["eligible"] = "eligible"): Member =>
  member.parse({ report: `r-${n}`, acceptedAt: minute(n), eligible })
export const idOf = (n: number) => report(n).report

export const owed = (change: Partial<Record<keyof Obligation, unknown>> = {}): Obligation =>
  obligation.parse({
    id: "i-1:handle",
    kind: "handle",
    owner: "duty-desk",
    clock: "roundTheClock",
    since: at,
    due: "2026-03-25T01:00:00.000Z",
    originalDue: "2026-03-25T01:00:00.000Z",
    status: "open",
    extensions: 0,
    escalation: 0,
    ...change,
  })

/** An open emergency with reports 1 and 2, the first of which holds the claim. */
export const incident = (change: Partial<LiveIncident> = {}): LiveIncident => ({
  status: "open",
  openedAt: at,
  class: "emergency",
  category: "fire",
  place: { words: "路口" },
  reports: [report(1), report(2)],
  claim: { status: "held", report: idOf(1), how: "first" },
  parts: [],
  returns: 0,
  residentsBenefited: 0,
  reopened: 0,
  obligations: [owed()],
  ...change,
})

export const part = (unit: string, status = "ordered") => ({ unit, status }) as LiveIncident["parts"][number]
export const channels = (lead: string, ...joint: readonly string[]) =>
  ({ kind: "emergency", lead, joint }) as NonNullable<LiveIncident["route"]>
export const owner = (unit: string) =>
  ({ kind: "ordinary", owner: unit }) as NonNullable<LiveIncident["route"]>

export const after = (state: IncidentState, event: object): IncidentState =>
  incidentDefinition.evolve(state, incidentDefinition.event.parse(event))

/** Puts an incident into a world, with its key when the claim has a holder. */
export const put = (world: World, id: string, state: LiveIncident): void => {
  world.states.set(`incident/${id}`, state)
  const { claim } = state
  if (claim.status === "held" || claim.status === "settled") world.claims.set(`first/${id}`, claim.report)
}

/** What an accepted outcome did, as `stream: event`, without the times and ids that every event has. */
export const told = (outcome: { readonly ok: boolean }): readonly unknown[] => {
  if (!("events" in outcome)) throw new Error(`refused: ${JSON.stringify(outcome)}`)
  return (outcome.events as readonly Emitted[]).map(({ kind, id, event }) => [`${kind}/${id}`, event])
}
