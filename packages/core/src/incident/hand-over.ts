/**
 * HandOver (派发, 五情联动): gives an incident to whoever must act.
 *
 * Ordinary: one owner in the closed loop. Emergency: the channels that the policy names, exactly one of
 * them leading, each owing an acknowledgement. A person may route otherwise with a reason; the policy's
 * proposal stays on record. The time for handling is not touched.
 *
 * Refuses: `not-found`, `not-open`, `reason-needed`, `route-of-other-class`, `lead-twice`, `no-such-unit`,
 * `withheld`.
 */
import * as z from "zod"
import { type Because, channels } from "../decisions.ts"
import { command } from "../kernel/command.ts"
import { incidentId, orderId, type UnitId, unitId } from "../kernel/ids.ts"
import type { Order } from "../kernel/message.ts"
import { invariant, type Refused, refuse } from "../kernel/refusal.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { type Dates, deadlinesOf } from "../obligation/deadlines.ts"
import { findOpen, type Obligation, open, reassign, settledClass } from "../obligation/obligation.ts"
import { knownSince, type LiveIncident, leadUnit, type Route, route, routeUnits } from "./incident.ts"
import { orderMessage } from "./order-message.ts"

const payload = z.strictObject({
  incident: incidentId,
  /** Left out: as the policy proposes. */
  route: route.optional(),
  /** Needed when `route` differs from the proposal. */
  reason: z.string().trim().min(1).max(500).optional(),
})
export type HandOver = z.output<typeof payload>

export const handOver = command({
  type: "HandOver",
  roles: ["duty-officer", "programme-admin"],
  payload,
  queue: ({ incident }) => `incident/${incident}`,
  decide,
})

function* decide(hand: HandOver, context: Context): Rule<Outcome> {
  const state = yield* read("incident", hand.incident)
  if (state.status === "none") return refuse("not-found", { what: "incident", id: hand.incident })
  if (state.status !== "open") return refuse("not-open", { incident: hand.incident, status: state.status })
  const owed = findOpen(state.obligations, "handle")
  if (owed === undefined) return refuse("withheld", { incident: hand.incident })
  const dates = { accepted: context.book.dateOf(knownSince(state)), step: context.today }
  const proposal = proposed(context, state, dates)
  const chosen = hand.route ?? proposal.route
  const refused = misroutes(chosen, proposal.route, state, hand, context)
  if (refused !== undefined) return refused

  const limits = deadlinesOf(context.book, state.class, dates)
  const units = routeUnits(chosen).map((unit) => unitId.parse(unit))
  const acknowledgements = units.map((unit) => ({
    unit,
    id: orderId.parse(context.freshId("o")),
    event: open(context.book, {
      id: `${hand.incident}:ack:${unit}:${state.returns}.${state.reopened}.${state.class}`,
      kind: "acknowledge",
      owner: unit,
      class: state.class,
      since: context.at,
      clock: limits.clock,
      minutes: limits.acknowledge,
      dates,
    }),
  }))
  return happen({
    events: [
      on("incident", hand.incident, {
        type: "IncidentHandedOver",
        at: context.at,
        by: context.by.person,
        route: chosen,
        because: proposal.because,
        ...(hand.reason === undefined ? {} : { reason: hand.reason }),
        orders: acknowledgements.map(({ unit, id }) => ({ unit, order: id })),
      }),
      ...reassign(owed, unitId.parse(leadUnit(chosen))).map((event) => on("incident", hand.incident, event)),
      ...acknowledgements.map(({ event }) => on("incident", hand.incident, event)),
      ...acknowledgements.map(({ unit, id }) =>
        on("order", id, { type: "OrderPlaced", at: context.at, incident: hand.incident, unit }),
      ),
    ],
    orders: acknowledgements.map(({ unit, id, event }) => ({
      id,
      ...order(hand.incident, state, owed, chosen, unit, event, context),
    })),
  })
}

/** What the policy proposes for a category and class (派发). */
export const proposed = (
  context: Context,
  state: Pick<LiveIncident, "category" | "class">,
  dates: Dates,
): { readonly route: Route; readonly because: Because } => {
  const outcome = context.book.decide(
    "routing",
    { ...settledClass(state.class), category: state.category },
    dates,
  )
  invariant(outcome.status === "decided", "F2", "routing of a settled class waits for no unknown fact")
  const { conclusions, because } = outcome
  if (state.class === "ordinary") {
    return { route: { kind: "ordinary", owner: unitId.parse(conclusions.owner) }, because }
  }
  const { lead } = conclusions
  invariant(lead !== "none", "F2", "an emergency has a leading channel")
  const joint = channels.filter((one) => one !== lead && conclusions[one] === "yes")
  return { route: { kind: "emergency", lead, joint }, because }
}

// internal

const misroutes = (
  chosen: Route,
  proposal: Route,
  state: LiveIncident,
  hand: HandOver,
  context: Context,
): Refused | undefined => {
  if (chosen.kind !== state.class) return refuse("route-of-other-class", { class: state.class })
  if (JSON.stringify(chosen) !== JSON.stringify(proposal) && hand.reason === undefined) {
    return refuse("reason-needed", { incident: hand.incident })
  }
  const units = routeUnits(chosen)
  if (new Set(units).size !== units.length) return refuse("lead-twice", { unit: leadUnit(chosen) })
  const missing = units.find((unit) => context.book.unit(unit)?.status !== "active")
  return missing === undefined ? undefined : refuse("no-such-unit", { unit: missing })
}

const order = (
  incident: HandOver["incident"],
  state: LiveIncident,
  owed: Obligation,
  chosen: Route,
  unit: UnitId,
  acknowledgement: ReturnType<typeof open>,
  context: Context,
): Omit<Order, "id"> => {
  invariant(acknowledgement.type === "ObligationOpened", "F1", "opening an obligation opens it")
  const terms = {
    type: state.returns + state.reopened > 0 ? "reassigned" : "assigned",
    to: unit,
    part: unit === leadUnit(chosen) ? "lead" : "joint",
    answerBy: acknowledgement.opened.due,
    closeBy: owed.due,
  } as const
  return orderMessage(incident, state, terms, context)
}
