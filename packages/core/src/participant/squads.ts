/**
 * Squads: each member has exactly one squad leader, and the leader's stream lists the member.
 *
 * Both sides are written in one commit, always. A leader who departs hands all members over to a successor
 * in that same commit. A suspended leader keeps the squad unless a successor is given: suspension is meant
 * to pass.
 */
import type { PersonId } from "../kernel/ids.ts"
import type { Notice } from "../kernel/message.ts"
import { invariant, type Refused, refuse } from "../kernel/refusal.ts"
import { type Context, type Emitted, on, type Rule, read, readAll } from "../kernel/rule.ts"
import { isInService, type ParticipantState, squadCap } from "./participant.ts"
import { tell } from "./participant-notices.ts"

export interface Moves {
  readonly ok: true
  readonly events: readonly Emitted[]
  /** Each member hears who leads them now. */
  readonly notices: readonly Notice[]
}

/** Refuses `leader-not-in-service` or `squad-full` unless the leader can take so many more. */
export const cannotTake = (leader: ParticipantState, more: number): Refused | undefined => {
  if (!isInService(leader)) return refuse("leader-not-in-service")
  return leader.squad.length + more > squadCap ? refuse("squad-full", { limit: squadCap }) : undefined
}

/** Takes a member off the leader's list: the member leaves, is removed, or becomes an informant. */
export function* leaveSquad(
  member: PersonId,
  state: ParticipantState,
  context: Context,
): Rule<readonly Emitted[]> {
  if (state.leader === undefined) return []
  const leader = yield* read("participant", state.leader)
  invariant(leader.squad.includes(member), "S10", "a squad leader's list names each of their members")
  return [gone(state.leader, [member], context)]
}

/**
 * All members of a leader go over to a successor.
 *
 * @param successor may be missing when there is nobody to hand over.
 * @returns the events for leader, successor and each member; refuses `successor-needed`,
 *   `successor-is-leader`, `leader-not-in-service`, `squad-full`.
 */
export function* handOver(
  leader: PersonId,
  state: ParticipantState,
  successor: PersonId | undefined,
  context: Context,
): Rule<Moves | Refused> {
  const members = state.squad
  if (members.length === 0) return { ok: true, events: [], notices: [] }
  if (successor === undefined) return refuse("successor-needed", { members: members.length })
  if (successor === leader) return refuse("successor-is-leader")
  const refused = cannotTake(yield* read("participant", successor), members.length)
  if (refused !== undefined) return refused
  const states = yield* readAll("participant", members)
  for (const member of states) {
    invariant(member.leader === leader, "S10", "a member's squad leader is the one who lists them")
  }
  return {
    ok: true,
    events: [
      gone(leader, members, context),
      added(successor, members, context),
      ...members.map((member) => reassigned(member, leader, successor, context)),
    ],
    notices: members.map((member) => tell(member, "squad-leader-changed")),
  }
}

export const added = (leader: PersonId, members: readonly PersonId[], { at, by }: Context): Emitted =>
  on("participant", leader, { type: "SquadMembersAdded", at, by: by.person, members: [...members] })

export const gone = (leader: PersonId, members: readonly PersonId[], { at, by }: Context): Emitted =>
  on("participant", leader, { type: "SquadMembersGone", at, by: by.person, members: [...members] })

export const reassigned = (
  member: PersonId,
  previous: PersonId,
  leader: PersonId,
  { at, by }: Context,
): Emitted => on("participant", member, { type: "SquadLeaderAssigned", at, by: by.person, leader, previous })
