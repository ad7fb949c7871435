/**
 * What a unit does with an order: acknowledge it (签收), return it (退单), pass the lead, report it handled.
 *
 * A unit sees its own orders only: another unit's incident answers exactly like a missing one (Z5). A
 * return needs a reason and is limited by the policy; it never resets a due time. Work split over several
 * units is handled when every part is (F7).
 */
import * as z from "zod"
import { channel } from "../decisions.ts"
import { type Supplement, tellLead } from "../inbox/supplement.ts"
import { command } from "../kernel/command.ts"
import { type IncidentId, incidentId, photoDigest, unitId } from "../kernel/ids.ts"
import { invariant, type Refused, refuse } from "../kernel/refusal.ts"
import { type Context, type Emitted, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { cancel, findOpen, meet, reassign, settledClass } from "../obligation/obligation.ts"
import { dutyDesk } from "../programme/book.ts"
import { knownSince, type LiveIncident, leadUnit, type Part } from "./incident.ts"

const reason = z.string().trim().min(1).max(500)
const mine = { incident: incidentId, unit: unitId }
const acknowledgePayload = z.strictObject(mine)
const returnPayload = z.strictObject({ ...mine, reason })
const leadPayload = z.strictObject({ incident: incidentId, to: channel, reason })
const handledPayload = z.strictObject({
  ...mine,
  /** What was done, fit to be told to reporters: no names. */
  result: z.string().trim().min(1).max(1000),
  /** Digests of re-encoded photos of what was done. At most 9. */
  photos: z.array(photoDigest).max(9).default([]),
  /** Residents who benefited, whole persons; counted by the owner or the leading channel only. */
  residentsBenefited: z.int().min(0).max(1_000_000).default(0),
})

/** Refuses: `not-found`, `already-acknowledged`. */
export const acknowledgeOrder = command({
  type: "AcknowledgeOrder",
  roles: ["department-officer", "partner"],
  payload: acknowledgePayload,
  queue: ({ incident }) => `incident/${incident}`,
  *decide(order: z.output<typeof acknowledgePayload>, context: Context): Rule<Outcome> {
    const found = yield* ownPart(order.incident, order.unit, context)
    if (!found.ok) return found
    if (found.part.status !== "ordered") return refuse("already-acknowledged", { unit: order.unit })
    const acknowledged = {
      type: "OrderAcknowledged",
      at: context.at,
      by: context.by.person,
      unit: order.unit,
    } as const
    return happen({
      events: [
        on("incident", order.incident, acknowledged),
        ...acknowledgementMet(found.state, order.incident, order.unit, context),
      ],
    })
  },
})

/** Refuses: `not-found`, `already-handled`, `return-limit`. */
export const returnOrder = command({
  type: "ReturnOrder",
  roles: ["department-officer", "partner"],
  payload: returnPayload,
  queue: ({ incident }) => `incident/${incident}`,
  *decide(order: z.output<typeof returnPayload>, context: Context): Rule<Outcome> {
    const found = yield* ownPart(order.incident, order.unit, context)
    if (!found.ok) return found
    const { state, part } = found
    if (part.status === "handled") return refuse("already-handled", { unit: order.unit })
    const dates = { accepted: context.book.dateOf(knownSince(state)), step: context.today }
    const facts = { ...settledClass(state.class), returnsSoFar: state.returns }
    const outcome = context.book.decide("returns", facts, dates)
    invariant(outcome.status === "decided", "F7", "whether a return is allowed waits for no unknown fact")
    if (outcome.conclusions.returnAllowed === "no") return refuse("return-limit", { returns: state.returns })
    const next = nextLead(state, order.incident, order.unit, context)
    return happen({
      events: [
        on("incident", order.incident, {
          type: "OrderReturned",
          at: context.at,
          by: context.by.person,
          unit: order.unit,
          reason: order.reason,
        }),
        ...afterReturn(state, order.incident, order.unit, context),
        ...next.events,
      ],
      orders: next.orders,
      notices: [
        {
          kind: "order-returned",
          to: { kind: "unit", unit: dutyDesk(context.book).id },
          urgent: state.class === "emergency",
          orderingKey: `incident/${order.incident}`,
          data: { incident: order.incident, unit: order.unit },
        },
      ],
    })
  },
})

/** Refuses: `not-found`, `not-an-emergency`, `not-in-route`, `already-leading`. */
export const passLead = command({
  type: "PassLead",
  roles: ["duty-officer", "programme-admin"],
  payload: leadPayload,
  queue: ({ incident }) => `incident/${incident}`,
  *decide(pass: z.output<typeof leadPayload>, context: Context): Rule<Outcome> {
    const state = yield* read("incident", pass.incident)
    if (state.status !== "handed-over") return refuse("not-found", { what: "incident", id: pass.incident })
    if (state.route?.kind !== "emergency") return refuse("not-an-emergency", { incident: pass.incident })
    if (state.route.lead === pass.to) return refuse("already-leading", { unit: pass.to })
    if (!state.route.joint.includes(pass.to)) return refuse("not-in-route", { unit: pass.to })
    const owed = findOpen(state.obligations, "handle")
    const passed = {
      type: "LeadPassed",
      at: context.at,
      by: context.by.person,
      to: pass.to,
      reason: pass.reason,
    } as const
    const told = [
      tellLead(pass.incident, state, pass.to, "lead", context),
      tellLead(pass.incident, state, state.route.lead, "joint", context),
    ]
    return happen({
      events: [
        on("incident", pass.incident, passed),
        ...(owed === undefined ? [] : reassign(owed, unitId.parse(pass.to))).map((event) =>
          on("incident", pass.incident, event),
        ),
        ...told.flatMap(({ events }) => events),
      ],
      orders: told.flatMap(({ orders }) => orders),
    })
  },
})

/** Refuses: `not-found`, `already-handled`, `counted-by-lead`. */
export const recordHandled = command({
  type: "RecordHandled",
  roles: ["department-officer", "partner"],
  payload: handledPayload,
  queue: ({ incident }) => `incident/${incident}`,
  *decide(handled: z.output<typeof handledPayload>, context: Context): Rule<Outcome> {
    const found = yield* ownPart(handled.incident, handled.unit, context)
    if (!found.ok) return found
    const { state, part } = found
    if (part.status === "handled") return refuse("already-handled", { unit: handled.unit })
    const leads = state.route !== undefined && leadUnit(state.route) === handled.unit
    if (!leads && handled.residentsBenefited > 0) return refuse("counted-by-lead", { unit: handled.unit })
    const done = {
      type: "PartHandled",
      at: context.at,
      by: context.by.person,
      unit: handled.unit,
      result: handled.result,
      ...(handled.photos.length === 0 ? {} : { photos: handled.photos }),
      residentsBenefited: handled.residentsBenefited,
    } as const
    const others = state.parts.filter(({ unit, status }) => unit !== handled.unit && status !== "returned")
    const whole = others.every(({ status }) => status === "handled")
    const owed = findOpen(state.obligations, "handle")
    return happen({
      events: [
        on("incident", handled.incident, done),
        ...acknowledgementMet(state, handled.incident, handled.unit, context),
        ...(whole ? [on("incident", handled.incident, { type: "IncidentHandled", at: context.at })] : []),
        ...(whole && owed !== undefined ? [on("incident", handled.incident, meet(owed, context.at))] : []),
      ],
      notices: whole
        ? [
            {
              kind: "handled",
              to: { kind: "unit", unit: dutyDesk(context.book).id },
              urgent: false,
              orderingKey: `incident/${handled.incident}`,
              data: { incident: handled.incident },
            },
          ]
        : [],
    })
  },
})

// internal

type Owned = { readonly ok: true; readonly state: LiveIncident; readonly part: Part }

/** The actor's own part of a handed-over incident; anything else is not found. */
function* ownPart(incident: string, unit: string, context: Context): Rule<Owned | Refused> {
  const missing = refuse("not-found", { what: "incident", id: incident })
  const state = yield* read("incident", incident)
  if (state.status !== "handed-over" || !context.scopes.includes(unit)) return missing
  const part = state.parts.find((one) => one.unit === unit && one.status !== "returned")
  return part === undefined ? missing : { ok: true, state, part }
}

/** Whoever handles without having acknowledged has acknowledged by it. */
const acknowledgementMet = (
  state: LiveIncident,
  incident: string,
  unit: string,
  context: Context,
): readonly Emitted[] => {
  const owed = findOpen(state.obligations, "acknowledge", unit)
  return owed === undefined ? [] : [on("incident", incident, meet(owed, context.at))]
}

/** Who leads after the leader has returned its order hears of it. */
const nextLead = (state: LiveIncident, incident: IncidentId, unit: string, context: Context): Supplement => {
  const { route } = state
  const next = route?.kind === "emergency" && route.lead === unit ? route.joint[0] : undefined
  return next === undefined ? { events: [], orders: [] } : tellLead(incident, state, next, "lead", context)
}

/** The order's acknowledgement is not owed any more; handling goes to the next to lead, or to the desk. */
const afterReturn = (
  state: LiveIncident,
  incident: string,
  unit: string,
  context: Context,
): readonly Emitted[] => {
  const acknowledgement = findOpen(state.obligations, "acknowledge", unit)
  const owed = findOpen(state.obligations, "handle")
  const route = state.route
  const left = route?.kind === "emergency" ? [route.lead, ...route.joint].filter((one) => one !== unit) : []
  const next = left[0] === undefined ? dutyDesk(context.book).id : unitId.parse(left[0])
  const others = state.parts.filter((part) => part.unit !== unit && part.status !== "returned")
  const whole = others.length > 0 && others.every(({ status }) => status === "handled")
  return [
    ...(acknowledgement === undefined ? [] : [cancel(acknowledgement, context.at, "returned")]).map((event) =>
      on("incident", incident, event),
    ),
    ...(owed === undefined || whole ? [] : reassign(owed, next)).map((event) =>
      on("incident", incident, event),
    ),
    ...(whole ? [on("incident", incident, { type: "IncidentHandled", at: context.at })] : []),
    ...(whole && owed !== undefined ? [on("incident", incident, meet(owed, context.at))] : []),
  ]
}
