/**
 * EscalateObligation (督办): the scheduler tells the next person of the ladder that something is overdue.
 *
 * Each level exactly once and in order, however late or often the scheduler runs (F4). It never moves a due
 * time (F3). The notice is urgent, so it goes out over more than one channel.
 *
 * Refuses: `not-found`, `not-owed`, `level-out-of-order`, `not-due-yet`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { obligationId } from "../kernel/ids.ts"
import { refuse } from "../kernel/refusal.ts"
import { type Context, happen, type Outcome, on, type Rule } from "../kernel/rule.ts"
import { debtorKind, readDebtor } from "./debtor.ts"
import type { ObligationEvent } from "./obligation.ts"
import { nextStep } from "./obligation.ts"
import { unseenClass } from "./unseen-class.ts"

const payload = z.strictObject({
  kind: debtorKind,
  /** Id of the report or incident that owes it. */
  debtor: z.string().min(1).max(64),
  obligation: obligationId,
  level: z.int().min(1).max(9),
})
export type EscalateObligation = z.output<typeof payload>

export const escalateObligation = command({
  type: "EscalateObligation",
  roles: ["scheduler"],
  payload,
  queue: ({ kind, debtor }) => `${kind}/${debtor}`,
  decide,
})

function* decide(escalate: EscalateObligation, context: Context): Rule<Outcome> {
  const owing = yield* readDebtor(escalate.kind, escalate.debtor)
  if (owing === undefined) return refuse("not-found", { what: escalate.kind, id: escalate.debtor })
  const owed = owing.obligations.find(({ id }) => id === escalate.obligation)
  if (owed?.status !== "open" || owed.next === undefined) {
    return refuse("not-owed", { obligation: escalate.obligation })
  }
  if (escalate.level !== owed.escalation + 1) {
    return refuse("level-out-of-order", { level: escalate.level, reached: owed.escalation })
  }
  if (context.at < owed.next.at) return refuse("not-due-yet", { at: owed.next.at })
  const dates = { accepted: owing.acceptedOn(context.book), step: context.today }
  const reached = { ...owed, escalation: escalate.level }
  const after = nextStep(context.book, reached, owing.class ?? unseenClass(context.book, dates), dates)
  const event: ObligationEvent = {
    type: "ObligationEscalated",
    obligation: owed.id,
    kind: owed.kind,
    at: context.at,
    level: escalate.level,
    to: owed.next.to,
    ...(after === undefined ? {} : { next: after }),
  }
  return happen({
    events: [on(escalate.kind, escalate.debtor, event)],
    notices: [
      {
        kind: "escalation",
        to: { kind: "role", role: owed.next.to },
        urgent: true,
        orderingKey: `${escalate.kind}/${escalate.debtor}`,
        data: {
          [escalate.kind]: escalate.debtor,
          obligation: owed.kind,
          owner: owed.owner,
          due: owed.due,
          level: escalate.level,
        },
      },
    ],
  })
}
