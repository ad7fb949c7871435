/**
 * AssignSquadLeader: a member moves to another squad, off one list and onto another in one commit.
 *
 * Refuses: `own-case`, `participant-status`, `already-leader`, `sector-not-yours`, `leader-not-in-service`,
 * `squad-full`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { personId } from "../kernel/ids.ts"
import { refuse } from "../kernel/refusal.ts"
import { type Context, happen, type Outcome, type Rule, read } from "../kernel/rule.ts"
import { firstOf, foreignSector, ownCase, unlessAllowed } from "./participant-checks.ts"
import { tell } from "./participant-notices.ts"
import { added, cannotTake, leaveSquad, reassigned } from "./squads.ts"

const payload = z.strictObject({ member: personId, leader: personId })
export type AssignSquadLeader = z.output<typeof payload>

export const assignSquadLeader = command({
  type: "AssignSquadLeader",
  roles: ["captain", "programme-admin"],
  payload,
  queue: ({ leader }) => `participant/${leader}`,
  decide,
})

function* decide({ member, leader }: AssignSquadLeader, context: Context): Rule<Outcome> {
  const state = yield* read("participant", member)
  const leading = yield* read("participant", leader)
  const previous = state.leader
  const refused = firstOf(
    ownCase(member, context),
    unlessAllowed(state, "SquadLeaderAssigned"),
    foreignSector(state.sector, context),
    previous === leader ? refuse("already-leader") : undefined,
    cannotTake(leading, 1),
  )
  if (refused !== undefined || previous === undefined) return refused ?? refuse("participant-status")
  const squad = yield* leaveSquad(member, state, context)
  return happen({
    events: [...squad, added(leader, [member], context), reassigned(member, previous, leader, context)],
    notices: [tell(member, "squad-leader-changed")],
  })
}
