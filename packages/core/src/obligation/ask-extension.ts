/**
 * AskExtension and DeclineExtension (申请延期): the unit that owes the handling asks for more time, and gets
 * an answer.
 *
 * Asking moves nothing. Another person grants it by `ExtendObligation`, or declines it with a reason; what the
 * policy would never grant is refused at once. A second question takes the place of the first.
 *
 * Refuses: `not-found`, `not-owed`, `no-extension`, `extension-limit`, `extension-too-long`, `nothing-asked`,
 * `same-person`.
 */
import * as z from "zod"
import { answerAsker } from "../inbox/supplement.ts"
import { command } from "../kernel/command.ts"
import { incidentId, obligationId } from "../kernel/ids.ts"
import { refuse } from "../kernel/refusal.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { dutyDesk } from "../programme/book.ts"
import { extendable } from "./extend.ts"

const reason = z.string().trim().min(1).max(500)
const owing = { incident: incidentId, obligation: obligationId }
const askPayload = z.strictObject({
  ...owing,
  /** Minutes on the obligation's own clock. */
  minutes: z.int().min(1).max(525_600),
  reason,
})
const declinePayload = z.strictObject({ ...owing, reason })

export const askExtension = command({
  type: "AskExtension",
  roles: ["department-officer", "partner"],
  payload: askPayload,
  queue: ({ incident }) => `incident/${incident}`,
  *decide(ask: z.output<typeof askPayload>, context: Context): Rule<Outcome> {
    const { incident, obligation, minutes } = ask
    const state = yield* read("incident", incident)
    const mine =
      state.status !== "none" &&
      state.obligations.some(({ id, owner }) => id === obligation && context.scopes.includes(owner))
    if (!mine) return refuse("not-found", { what: "incident", id: incident })
    const found = yield* extendable({ kind: "incident", debtor: incident, obligation, minutes }, context)
    if (!found.ok) return found
    const asked = {
      type: "ExtensionAsked",
      obligation,
      at: context.at,
      by: context.by.person,
      minutes,
      reason: ask.reason,
    } as const
    return happen({
      events: [on("incident", incident, asked)],
      notices: [
        {
          kind: "extension-asked",
          to: { kind: "unit", unit: dutyDesk(context.book).id },
          urgent: false,
          orderingKey: `incident/${incident}`,
          data: { incident, unit: found.owed.owner, minutes },
        },
      ],
    })
  },
})

export const declineExtension = command({
  type: "DeclineExtension",
  roles: ["duty-officer", "programme-admin"],
  payload: declinePayload,
  queue: ({ incident }) => `incident/${incident}`,
  *decide(decline: z.output<typeof declinePayload>, context: Context): Rule<Outcome> {
    const { incident, obligation } = decline
    const state = yield* read("incident", incident)
    if (state.status === "none") return refuse("not-found", { what: "incident", id: incident })
    const owed = state.obligations.find(({ id }) => id === obligation)
    if (owed?.asked === undefined) return refuse("nothing-asked", { obligation })
    if (owed.asked.by === context.by.person) return refuse("same-person", { other: "asker" })
    const declined = {
      type: "ExtensionDeclined",
      obligation,
      at: context.at,
      by: context.by.person,
      reason: decline.reason,
    } as const
    const answer = yield* answerAsker(incident, owed, { extension: "declined", due: owed.due }, context)
    return happen({
      events: [on("incident", incident, declined), ...answer.events],
      orders: answer.orders,
      notices: [
        {
          kind: "extension-declined",
          to: { kind: "unit", unit: owed.owner },
          urgent: false,
          orderingKey: `incident/${incident}`,
          data: { incident, reason: decline.reason },
        },
      ],
    })
  },
})
