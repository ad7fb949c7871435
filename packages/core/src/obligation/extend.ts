/**
 * ExtendObligation (延期): moves a due time later, by another person than the one who asked. A unit that
 * asked hears of it by a message that adds to its order.
 *
 * Needs a reason and the policy's permission, a limited number of times and for a limited length. The first
 * due time stays on record. Answering the whistle is never extended.
 *
 * Refuses: `not-found`, `not-owed`, `same-person`, `no-extension`, `extension-limit`, `extension-too-long`,
 * `calendar-ends`.
 */
import * as z from "zod"
import type { ReportClass } from "../decisions.ts"
import { answerAsker } from "../inbox/supplement.ts"
import { command } from "../kernel/command.ts"
import { incidentId, obligationId, personId } from "../kernel/ids.ts"
import { invariant, type Refused, refuse } from "../kernel/refusal.ts"
import { type Context, happen, type Outcome, on, type Rule } from "../kernel/rule.ts"
import type { Dates } from "./deadlines.ts"
import { debtorKind, readDebtor } from "./debtor.ts"
import { extend, type Obligation, settledClass } from "./obligation.ts"

const payload = z.strictObject({
  kind: debtorKind,
  /** Id of the report or incident that owes it. */
  debtor: z.string().min(1).max(64),
  obligation: obligationId,
  /** Minutes on the obligation's own clock. */
  minutes: z.int().min(1).max(525_600),
  reason: z.string().trim().min(1).max(500),
  /** Who asked for it. */
  askedBy: personId,
})
export type ExtendObligation = z.output<typeof payload>

export const extendObligation = command({
  type: "ExtendObligation",
  roles: ["duty-officer", "programme-admin"],
  payload,
  queue: ({ kind, debtor }) => `${kind}/${debtor}`,
  decide,
})

function* decide(ask: ExtendObligation, context: Context): Rule<Outcome> {
  if (ask.askedBy === context.by.person) return refuse("same-person", { other: "asker" })
  const found = yield* extendable(ask, context)
  if (!found.ok) return found
  const { owed, reportClass, dates } = found
  const to = { class: reportClass, minutes: ask.minutes, reason: ask.reason }
  const extended = extend(context.book, owed, to, dates)
  const answer =
    ask.kind === "incident" && extended.type === "DueExtended"
      ? yield* answerAsker(
          incidentId.parse(ask.debtor),
          owed,
          { extension: "granted", due: extended.due },
          context,
        )
      : { events: [], orders: [] }
  return happen({ events: [on(ask.kind, ask.debtor, extended), ...answer.events], orders: answer.orders })
}

/** What is asked for, of which debtor. */
export type MoreTime = Pick<ExtendObligation, "kind" | "debtor" | "obligation" | "minutes">

/** An obligation that the policy lets be extended by so many minutes, or the refusal. */
export function* extendable(ask: MoreTime, context: Context): Rule<Extendable | Refused> {
  const owing = yield* readDebtor(ask.kind, ask.debtor)
  if (owing === undefined) return refuse("not-found", { what: ask.kind, id: ask.debtor })
  const owed = owing.obligations.find(({ id }) => id === ask.obligation)
  if (owed?.status !== "open") return refuse("not-owed", { obligation: ask.obligation })
  if (owed.kind === "answer" || owing.class === undefined)
    return refuse("no-extension", { obligation: owed.kind })
  const dates = { accepted: owing.acceptedOn(context.book), step: context.today }
  const facts = { ...settledClass(owing.class), obligation: owed.kind, extensionsSoFar: owed.extensions }
  const outcome = context.book.decide("extension", facts, dates)
  invariant(outcome.status === "decided", "F3", "whether an extension is allowed waits for no unknown fact")
  const { extensionAllowed, extensionLimit } = outcome.conclusions
  if (extensionAllowed === "no") return refuse("extension-limit", { extensions: owed.extensions })
  if (ask.minutes > extensionLimit) return refuse("extension-too-long", { limit: extensionLimit })
  return { ok: true, owed, reportClass: owing.class, dates }
}

// internal

interface Extendable {
  readonly ok: true
  readonly owed: Obligation
  readonly reportClass: ReportClass
  readonly dates: Dates
}
