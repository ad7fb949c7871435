/**
 * SuspendInformant and ReinstateInformant (暂停, 恢复): decided by a person, with a reason (S8).
 *
 * While suspended: no submission for reward, no grant, no redemption (S4). What was owed towards earlier
 * reports stays owed. The policy's proposal is recorded beside the decision and binds nobody. The squad
 * stays with its leader unless a successor is named.
 *
 * Refuses: `own-case`, `participant-status`, `unknown-negative`, `successor-is-leader`,
 * `leader-not-in-service`, `squad-full`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { personId } from "../kernel/ids.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { reason } from "./participant.ts"
import { firstOf, ownCase, unknownNegative, unlessAllowed } from "./participant-checks.ts"
import { tell } from "./participant-notices.ts"
import { adviceNow } from "./roster-advice.ts"
import { handOver, type Moves } from "./squads.ts"

const suspension = z.strictObject({
  person: personId,
  reason,
  /** Entry of the negative list that a person confirmed. */
  negative: z.string().min(1).max(64).optional(),
  successor: personId.optional(),
})
const reinstatement = z.strictObject({ person: personId, reason })
export type SuspendInformant = z.output<typeof suspension>
export type ReinstateInformant = z.output<typeof reinstatement>

export const suspendInformant = command({
  type: "SuspendInformant",
  roles: ["programme-admin"],
  payload: suspension,
  queue: ({ person }) => `participant/${person}`,
  decide: suspend,
})

export const reinstateInformant = command({
  type: "ReinstateInformant",
  roles: ["programme-admin"],
  payload: reinstatement,
  queue: ({ person }) => `participant/${person}`,
  decide: reinstate,
})

function* suspend(payload: SuspendInformant, context: Context): Rule<Outcome> {
  const { person, reason, negative, successor } = payload
  const state = yield* read("participant", person)
  const refused = firstOf(
    ownCase(person, context),
    unlessAllowed(state, "InformantSuspended"),
    unknownNegative(negative, context),
  )
  if (refused !== undefined) return refused
  const squad = successor === undefined ? nobodyMoves : yield* handOver(person, state, successor, context)
  if (!squad.ok) return squad
  const advice = adviceNow(context.book, state, context.today, { negative })
  return happen({
    events: [
      ...squad.events,
      on("participant", person, {
        type: "InformantSuspended",
        at: context.at,
        by: context.by.person,
        reason,
        ...(advice === undefined ? {} : { advice }),
      }),
    ],
    notices: [tell(person, "suspended"), ...squad.notices],
  })
}

function* reinstate({ person, reason }: ReinstateInformant, context: Context): Rule<Outcome> {
  const state = yield* read("participant", person)
  const refused = firstOf(ownCase(person, context), unlessAllowed(state, "InformantReinstated"))
  if (refused !== undefined) return refused
  const { at, by, today } = context
  return happen({
    events: [
      on("participant", person, { type: "InformantReinstated", at, by: by.person, on: today, reason }),
    ],
    notices: [tell(person, "reinstated")],
  })
}

// internal

const nobodyMoves: Moves = { ok: true, events: [], notices: [] }
