/**
 * CloseUnit and DissolveUnit: a department ends, and everything it owes goes to its successor (F2).
 *
 * Closing comes first: from that commit on nobody hands anything over to it, because every command is
 * guarded by the programme it was decided on. Dissolving then finds all that is left, gives it to the
 * successor and ends the unit in one commit: each order as one of its own over the successor's channel, the one
 * before is taken back, and a notice says how much there is. Where that is more than one commit takes, it gives
 * away as much as fits and is to be given again. The desks of the five channels and the duty desk stay.
 *
 * Refuses: `no-such-unit`, `unit-not-dissolvable`, `unit-not-closing`, `successor-not-active`.
 */
import * as z from "zod"
import { succeedOrder } from "../inbox/succeed-order.ts"
import type { Supplement } from "../inbox/supplement.ts"
import { command } from "../kernel/command.ts"
import { type IncidentId, incidentId, type UnitId, unitId } from "../kernel/ids.ts"
import type { Notice, Order } from "../kernel/message.ts"
import { refuse } from "../kernel/refusal.ts"
import {
  type Context,
  type Emitted,
  find,
  happen,
  type Outcome,
  on,
  type Rule,
  read,
} from "../kernel/rule.ts"
import { programmeStream } from "../programme/programme.ts"
import { type Obligation, openObligations, reassign } from "./obligation.ts"

const closePayload = z.strictObject({ unit: unitId })
const payload = z.strictObject({ unit: unitId, successor: unitId })
export type CloseUnit = z.output<typeof closePayload>
export type DissolveUnit = z.output<typeof payload>

/** Obligations that one commit gives away at most: each may write three streams, and a commit takes 256. */
export const mostAtOnce = 80

export const closeUnit = command({
  type: "CloseUnit",
  roles: ["programme-admin"],
  payload: closePayload,
  queue: () => `programme/${programmeStream}`,
  *decide({ unit }: CloseUnit, context: Context): Rule<Outcome> {
    const { units } = yield* read("programme", programmeStream)
    const found = units.find(({ id }) => id === unit)
    if (found?.status !== "active") return refuse("no-such-unit", { unit })
    if (found.kind !== "department") return refuse("unit-not-dissolvable", { unit })
    const closing = { type: "UnitClosing", at: context.at, unit } as const
    return happen({ events: [on("programme", programmeStream, closing)] })
  },
})

export const dissolveUnit = command({
  type: "DissolveUnit",
  roles: ["programme-admin"],
  payload,
  queue: () => `programme/${programmeStream}`,
  decide,
})

function* decide({ unit, successor }: DissolveUnit, context: Context): Rule<Outcome> {
  const old = context.book.unit(unit)
  if (old === undefined || old.status === "dissolved") return refuse("no-such-unit", { unit })
  if (old.kind !== "department") return refuse("unit-not-dissolvable", { unit })
  if (old.status !== "closing") return refuse("unit-not-closing", { unit })
  const heir = context.book.unit(successor)
  if (heir?.status !== "active" || successor === unit)
    return refuse("successor-not-active", { unit: successor })
  const rows = yield* find("owed", [unit], { limit: mostAtOnce + 1 })

  const events: Emitted[] = []
  const orders: Order[] = []
  for (const key of new Set(rows.slice(0, mostAtOnce).map(({ kind, id }) => `${kind}/${id}`))) {
    const [kind, id] = key.split("/") as ["report" | "incident", string]
    const state = yield* read(kind, id)
    if (state.status === "none") continue
    if (kind === "incident") {
      const taken = yield* takenOver(incidentId.parse(id), { from: unit, to: successor }, context)
      events.push(...taken.events)
      orders.push(...taken.orders)
    }
    events.push(...moved(kind, id, state.obligations, unit, successor))
  }
  const given = Math.min(rows.length, mostAtOnce)
  const dissolved = { type: "UnitDissolved", at: context.at, unit, successor } as const
  const ends = rows.length > mostAtOnce ? [] : [on("programme", programmeStream, dissolved)]
  return happen({
    events: [...events, ...ends],
    orders,
    notices: given === 0 ? [] : [inherited(unit, successor, given)],
  })
}

// internal

/** The part of an incident under its new owner, and the order that goes with it. */
function* takenOver(
  id: IncidentId,
  change: { readonly from: UnitId; readonly to: UnitId },
  context: Context,
): Rule<Supplement> {
  const state = yield* read("incident", id)
  const passed = state.status === "none" ? undefined : succeedOrder(id, state, change, context)
  const order = passed === undefined ? {} : { order: passed.order }
  return {
    events: [on("incident", id, { type: "OwnerReplaced", ...change, ...order }), ...(passed?.events ?? [])],
    orders: passed?.orders ?? [],
  }
}

const inherited = (unit: string, successor: UnitId, count: number): Notice => ({
  kind: "duties-inherited",
  to: { kind: "unit", unit: successor },
  urgent: false,
  orderingKey: `unit/${successor}`,
  data: { unit, count },
})

const moved = (
  kind: "report" | "incident",
  id: string,
  obligations: readonly Obligation[],
  unit: string,
  successor: Obligation["owner"],
): readonly Emitted[] =>
  openObligations(obligations)
    .filter(({ owner }) => owner === unit)
    .flatMap((owed) => reassign(owed, successor).map((event) => on(kind, id, event)))
