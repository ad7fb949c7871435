/**
 * EndMembership: a member leaves the team, by themselves or taken off the list with a reason.
 *
 * This is not a removal: it bars nobody, and the member may join again.
 *
 * Refuses: `not-yourself`, `participant-status`, `not-your-squad`, `sector-not-yours`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { personId } from "../kernel/ids.ts"
import { type Refused, refuse } from "../kernel/refusal.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { type ParticipantState, reason } from "./participant.ts"
import { firstOf, foreignSector, notYourself, unlessAllowed } from "./participant-checks.ts"
import { tell } from "./participant-notices.ts"
import { leaveSquad } from "./squads.ts"

const payload = z.strictObject({ person: personId, reason })
export type EndMembership = z.output<typeof payload>

export const endMembership = command({
  type: "EndMembership",
  roles: ["reporter", "squad-leader", "captain", "programme-admin"],
  payload,
  queue: ({ person }) => `participant/${person}`,
  decide,
})

function* decide({ person, reason }: EndMembership, context: Context): Rule<Outcome> {
  const state = yield* read("participant", person)
  const refused = firstOf(
    notYourself(person, context),
    unlessAllowed(state, "MembershipEnded"),
    foreignSquad(state, context),
    foreignSector(state.sector, context),
  )
  if (refused !== undefined) return refused
  const { at, by } = context
  const squad = yield* leaveSquad(person, state, context)
  return happen({
    events: [...squad, on("participant", person, { type: "MembershipEnded", at, by: by.person, reason })],
    notices: [tell(person, "membership-ended")],
  })
}

// internal

const foreignSquad = (state: ParticipantState, { by }: Context): Refused | undefined =>
  by.role === "squad-leader" && state.leader !== by.person ? refuse("not-your-squad") : undefined
