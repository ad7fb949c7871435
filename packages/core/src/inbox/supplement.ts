/**
 * Messages that add to an order which a unit has: the answer to its question for more time, who leads now,
 * and the recall.
 *
 * Each has an id of its own, and points to the order, so that receipts of either are receipts of the order.
 */
import type { LiveIncident, Part } from "../incident/incident.ts"
import { type IncidentId, orderId } from "../kernel/ids.ts"
import type { Order } from "../kernel/message.ts"
import { type Context, type Emitted, on, type Rule, read } from "../kernel/rule.ts"
import type { Instant } from "../kernel/time.ts"
import { findOpen, type Obligation } from "../obligation/obligation.ts"

/** What the question became. */
export type TimeAnswer = "granted" | "declined"

/** Events that begin the message, and the message. */
export interface Supplement {
  readonly events: readonly Emitted[]
  readonly orders: readonly Order[]
}

/**
 * Tells one part of an incident by when it is to be handled now.
 *
 * @returns nothing for a part that no order on record gave.
 */
export const supplement = (
  incident: IncidentId,
  state: LiveIncident,
  part: Part,
  told: { readonly extension: TimeAnswer; readonly due: Instant },
  context: Context,
): Supplement => {
  const { extension, due } = told
  return message("supplemented", incident, state, part, due, { extension }, context)
}

/**
 * Recalls what was ordered of every unit that has not handled or returned its part.
 *
 * @param state as it stood before whatever made the orders void.
 */
export const recall = (incident: IncidentId, state: LiveIncident, context: Context): Supplement =>
  recalled(incident, state, state.parts, context)

/** The same of one unit: another one has its part now. */
export const recallFrom = (
  incident: IncidentId,
  state: LiveIncident,
  unit: string,
  context: Context,
): Supplement =>
  recalled(
    incident,
    state,
    state.parts.filter((part) => part.unit === unit),
    context,
  )

/** Tells a unit that it leads from now on (`lead`), or that another one does (`joint`). */
export const tellLead = (
  incident: IncidentId,
  state: LiveIncident,
  unit: string,
  part: "lead" | "joint",
  context: Context,
): Supplement => {
  const standing = state.parts.find((one) => one.unit === unit && one.status !== "returned")
  const due = findOpen(state.obligations, "handle")?.due
  return standing === undefined || due === undefined
    ? { events: [], orders: [] }
    : message("supplemented", incident, state, standing, due, { part }, context)
}

/** Answers whoever owes an obligation and asked about it; nothing where nobody asked. */
export function* answerAsker(
  incident: IncidentId,
  owed: Obligation,
  told: { readonly extension: TimeAnswer; readonly due: Instant },
  context: Context,
): Rule<Supplement> {
  const state = yield* read("incident", incident)
  const part =
    owed.asked === undefined || state.status !== "handed-over"
      ? undefined
      : state.parts.find(({ unit, status }) => unit === owed.owner && status !== "returned")
  return part === undefined || state.status === "none"
    ? { events: [], orders: [] }
    : supplement(incident, state, part, told, context)
}

// internal

const recalled = (
  incident: IncidentId,
  state: LiveIncident,
  parts: readonly Part[],
  context: Context,
): Supplement => {
  const due = findOpen(state.obligations, "handle")?.due ?? context.at
  const told = parts
    .filter(({ status }) => status === "ordered" || status === "acknowledged")
    .map((part) => message("recalled", incident, state, part, due, {}, context))
  return { events: told.flatMap(({ events }) => events), orders: told.flatMap(({ orders }) => orders) }
}

const message = (
  type: "supplemented" | "recalled",
  incident: IncidentId,
  state: LiveIncident,
  part: Part,
  due: Instant,
  data: Order["data"],
  context: Context,
): Supplement => {
  if (part.order === undefined) return { events: [], orders: [] }
  const id = orderId.parse(context.freshId("o"))
  return {
    events: [on("order", id, { type: "OrderSupplemented", at: context.at, of: part.order })],
    orders: [
      {
        id,
        type,
        incident,
        to: part.unit,
        orderingKey: `incident/${incident}/${part.unit}`,
        answerBy: due,
        closeBy: due,
        data: { ...data, order: part.order, class: state.class, category: state.category },
      },
    ],
  }
}
