/**
 * RemoveParticipant (清退): a person ends somebody's part in the programme, with a reason (S8).
 *
 * No rule removes anybody: the policy's proposal is recorded beside the decision and binds nobody. What
 * becomes of the points is decided and done here, in the same commit and once (L23). A leader's squad goes
 * to a successor in the same commit; a member leaves their squad. The card's number is never used again.
 *
 * Refuses: `own-case`, `participant-status`, `unknown-negative`, `successor-needed`, `successor-is-leader`,
 * `leader-not-in-service`, `squad-full`, and what giving up open redemptions refuses.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { personId } from "../kernel/ids.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { disposalOf } from "../ledger/dispose-balance.ts"
import { balanceDisposition, reason } from "./participant.ts"
import { firstOf, ownCase, unknownNegative, unlessAllowed } from "./participant-checks.ts"
import { tell } from "./participant-notices.ts"
import { adviceNow } from "./roster-advice.ts"
import { handOver, leaveSquad } from "./squads.ts"

const payload = z.strictObject({
  person: personId,
  reason,
  balance: balanceDisposition,
  /** Entry of the negative list that a person confirmed. */
  negative: z.string().min(1).max(64).optional(),
  successor: personId.optional(),
})
export type RemoveParticipant = z.output<typeof payload>

export const removeParticipant = command({
  type: "RemoveParticipant",
  roles: ["programme-admin"],
  payload,
  queue: ({ person }) => `participant/${person}`,
  decide,
})

function* decide(payload: RemoveParticipant, context: Context): Rule<Outcome> {
  const { person, reason, balance, negative, successor } = payload
  const state = yield* read("participant", person)
  const refused = firstOf(
    ownCase(person, context),
    unlessAllowed(state, "ParticipantRemoved"),
    unknownNegative(negative, context),
  )
  if (refused !== undefined) return refused
  const left = yield* leaveSquad(person, state, context)
  const squad = yield* handOver(person, state, successor, context)
  if (!squad.ok) return squad
  const account = yield* disposalOf(person, balance, context.at, context)
  if (!account.ok) return account
  const advice = adviceNow(context.book, state, context.today, { negative })
  return happen({
    events: [
      ...left,
      ...squad.events,
      on("participant", person, {
        type: "ParticipantRemoved",
        at: context.at,
        by: context.by.person,
        reason,
        standing: state.status === "enrolled" ? "member" : "informant",
        balance,
        ...(advice === undefined ? {} : { advice }),
      }),
      ...account.events,
    ],
    notices: [tell(person, "removed", { balance }), ...squad.notices],
  })
}
