/**
 * TakeReceipt: what a partner says of an order enters with its effect, in one commit.
 *
 * The system gives the command for a partner whose signature the host has checked; the rule acts as the
 * partner, through the very commands that a department's officer gives. Only a partner that is appointed for
 * the unit which has the order can move it (I7). What cannot be taken is parked, never refused: a partner
 * that was told “stored” sends nothing again.
 *
 * `result` handles its part and closes nothing: replies and follow-up are owed as always.
 */
import * as z from "zod"
import { type IncidentState, leadUnit, type Part } from "../incident/incident.ts"
import { acknowledgeOrder, recordHandled, returnOrder } from "../incident/orders.ts"
import { command } from "../kernel/command.ts"
import { orderId, type PersonId, personId } from "../kernel/ids.ts"
import type { Notice } from "../kernel/message.ts"
import {
  type Accepted,
  type Context,
  type Emitted,
  happen,
  type Outcome,
  on,
  type Rule,
  read,
} from "../kernel/rule.ts"
import { askExtension } from "../obligation/ask-extension.ts"
import { findOpen } from "../obligation/obligation.ts"
import { dutyDesk } from "../programme/book.ts"
import { appointmentTo } from "../programme/staff.ts"
import { hasEnded, isAbove, lacking, ladder, type Receipt, receipt, receiptKey } from "./ladder.ts"
import { type Effect, isLater, type OrderState, type PlacedOrder, waitingCap } from "./order.ts"
import type { ParkedWhy } from "./parked-receipt.ts"
import { supplement } from "./supplement.ts"

const payload = z.strictObject({ key: receiptKey, receipt })
export type TakeReceipt = z.output<typeof payload>

export const takeReceipt = command({
  type: "TakeReceipt",
  roles: ["scheduler"],
  payload,
  queue: ({ receipt: { ref } }) => `order/${ref}`,
  *decide({ key, receipt: given }: TakeReceipt, context: Context): Rule<Outcome> {
    const known = yield* read("receipt", key)
    if (known.status !== "none") return happen({})
    const taking = yield* take(key, given, context)
    if (taking.kind === "taken") return taking.outcome
    const { why, named } = taking
    const parked = { type: "ReceiptParked", at: context.at, receipt: given, why } as const
    const waits = why === "unknown-order" && waitingOf(named).length < waitingCap
    return happen({
      events: [
        on("receipt", key, parked),
        ...(waits ? [on("order", given.ref, { type: "ReceiptAwaits", receipt: key })] : []),
      ],
      notices: [
        {
          kind: "receipt-parked",
          to: { kind: "unit", unit: dutyDesk(context.book).id },
          urgent: false,
          orderingKey: `receipts/${given.source}`,
          data: { partner: given.source, receipt: given.type, why },
        },
      ],
    })
  },
})

/** What becomes of a receipt: its effect, or why it must wait. */
export type Taking =
  | { readonly kind: "taken"; readonly outcome: Accepted }
  | { readonly kind: "parked"; readonly why: ParkedWhy; readonly named: OrderState }

/** Looks for the order that a receipt names, and acts on it as the partner. */
export function* take(key: string, given: Receipt, context: Context): Rule<Taking> {
  const parked = (why: ParkedWhy, named: OrderState = { status: "none" }): Taking => ({
    kind: "parked",
    why,
    named,
  })
  if (lacking(given) !== undefined) return parked("incomplete")
  const named = yield* read("order", given.ref)
  const id = named.status === "supplement" ? named.of : orderId.parse(given.ref)
  const order = named.status === "supplement" ? yield* read("order", id) : named
  if (order.status !== "placed") return parked("unknown-order", named)
  const partner = personId.safeParse(given.source).data
  if (partner === undefined) return parked("not-addressed")
  const incident = yield* read("incident", order.incident)
  const part = partOf(incident, id)
  const unit = part?.unit ?? order.unit
  const appointment = appointmentTo(yield* read("staff", partner), "partner")
  if (appointment?.scopes.includes(unit) !== true) return parked("not-addressed")
  const acting: Context = { ...context, by: { person: partner, role: "partner" }, scopes: appointment.scopes }
  const { effect, outcome } = yield* act({ key, given, order, incident, part, unit }, acting)
  const told = noticesOf(effect, given, order, unit, incident, context)
  return {
    kind: "taken",
    outcome: happen({
      events: [
        ...(outcome?.events ?? []),
        on("order", id, takenEvent(key, given, effect, partner, context)),
        ...(given.ref === id || !waitingOf(named).includes(key)
          ? []
          : [on("order", given.ref, { type: "ReceiptLetGo", receipt: key })]),
      ],
      notices: [...(outcome?.notices ?? []), ...told],
      orders: outcome?.orders ?? [],
    }),
  }
}

/** Keys of receipts that wait for this order. */
export const waitingOf = (order: OrderState): readonly string[] =>
  order.status === "none" ? [] : order.waiting

// internal

interface Matter {
  readonly key: string
  readonly given: Receipt
  readonly order: PlacedOrder
  readonly incident: IncidentState
  readonly part: Part | undefined
  readonly unit: Part["unit"]
}

interface Acted {
  readonly effect: Effect
  /** What the incident's own rule did. */
  readonly outcome?: Accepted
}

const partOf = (incident: IncidentState, id: string): Part | undefined =>
  incident.status === "none" ? undefined : incident.parts.find(({ order }) => order === id)

function* act(matter: Matter, acting: Context): Rule<Acted> {
  const { given, order, part, unit } = matter
  const { does } = ladder[given.type]
  const known = alreadySaid(matter)
  if (known !== undefined) return { effect: known }
  // The part may be another order's by now: after a return, or when the matter was handed over anew.
  if (part === undefined) return { effect: "superseded" }
  if (part.status === "handled") return { effect: does === "return" || does === "ask" ? "older" : "noted" }
  const mine = { incident: order.incident, unit }
  switch (does) {
    case "acknowledge":
    case "name-handler":
      return acted(yield* acknowledgeOrder.decide(mine, acting), "acknowledged")
    case "ask":
      return yield* ask(matter, part, acting)
    case "return":
      return acted(yield* returnOrder.decide({ ...mine, reason: given.reason ?? "" }, acting), "returned")
    case "handle": {
      const residentsBenefited = leads(matter) ? (given.residentsBenefited ?? 0) : 0
      const handled = { ...mine, result: given.result ?? "", photos: [], residentsBenefited }
      return acted(yield* recordHandled.decide(handled, acting), "handled")
    }
  }
}

/** What is below the rung that was reached, or earlier than what stands beside the ladder. */
const alreadySaid = ({ key, given, order }: Matter): Effect | undefined => {
  const { does, standing } = ladder[given.type]
  if (does === "name-handler") return hasEnded(order.standing) ? "noted" : undefined
  if (does !== "ask") return isAbove(standing, order.standing) ? undefined : "older"
  const asked = isLater({ time: given.time, receipt: key }, order.asked)
  return asked && !hasEnded(order.standing) ? undefined : "older"
}

/** What the refusals of the incident's own rules mean here. */
const acted = (outcome: Outcome, effect: Effect): Acted => {
  if (outcome.ok) return { effect, outcome }
  switch (outcome.refusal.code) {
    case "already-acknowledged":
      return { effect: "noted" }
    case "return-limit":
      return { effect: "return-denied" }
    default:
      return { effect: "superseded" }
  }
}

/** Whoever asks for more time has got the order. What the policy would never grant is answered at once. */
function* ask(matter: Matter, part: Part, acting: Context): Rule<Acted> {
  const { given, order, incident } = matter
  const got = acted(
    yield* acknowledgeOrder.decide({ incident: order.incident, unit: part.unit }, acting),
    "asked",
  )
  if (got.effect === "superseded" || incident.status === "none") return got
  const owed = findOpen(incident.obligations, "handle")
  const { minutes, reason = "" } = given
  if (owed === undefined || minutes === undefined) return { effect: "older" }
  const question = { incident: order.incident, obligation: owed.id, minutes, reason }
  const outcome = yield* askExtension.decide(question, acting)
  const before = got.outcome ?? happen({})
  if (outcome.ok) return { effect: "asked", outcome: joined(before, outcome) }
  const told = supplement(order.incident, incident, part, { extension: "declined", due: owed.due }, acting)
  return { effect: "ask-denied", outcome: joined(before, happen(told)) }
}

const joined = (a: Accepted, b: Accepted): Accepted => ({
  ok: true,
  events: [...a.events, ...b.events],
  claims: [...a.claims, ...b.claims],
  notices: [...a.notices, ...b.notices],
  orders: [...a.orders, ...b.orders],
})

const leads = ({ incident, unit }: Matter): boolean =>
  incident.status !== "none" && incident.route !== undefined && leadUnit(incident.route) === unit

const takenEvent = (key: string, given: Receipt, effect: Effect, by: PersonId, context: Context) =>
  ({
    type: "ReceiptTaken",
    at: context.at,
    receipt: key,
    by,
    said: given.type,
    time: given.time,
    effect,
    ...(given.partnerRef === undefined ? {} : { partnerRef: given.partnerRef }),
    ...(given.to === undefined ? {} : { to: given.to }),
    ...(given.reason === undefined ? {} : { reason: given.reason }),
  }) as const satisfies Emitted["event"]

/** What the duty desk must know: a denied return and words that contradict. */
const noticesOf = (
  effect: Effect,
  given: Receipt,
  order: PlacedOrder,
  unit: string,
  incident: IncidentState,
  context: Context,
): readonly Notice[] => {
  const desk = dutyDesk(context.book).id
  const rest = {
    urgent: incident.status !== "none" && incident.class === "emergency",
    orderingKey: `incident/${order.incident}`,
    data: { incident: order.incident, unit, receipt: given.type },
  }
  if (effect === "return-denied") {
    return [{ kind: "return-denied", to: { kind: "unit", unit: desk }, ...rest }]
  }
  return contradicts(effect, given, order)
    ? [{ kind: "receipt-contradicts", to: { kind: "unit", unit: desk }, ...rest }]
    : []
}

/** Done after it was given back, or given back after it was done. */
const contradicts = (effect: Effect, given: Receipt, order: PlacedOrder): boolean => {
  const { does } = ladder[given.type]
  return (
    (does === "handle" && effect === "superseded") ||
    (does === "return" && effect === "older" && order.standing !== "returned")
  )
}
