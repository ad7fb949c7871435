/**
 * What must hold of a participant beside the squad.
 */
import { breachesOf, type Checked } from "../kernel/check.ts"
import { type Rule, read, readAll } from "../kernel/rule.ts"
import { isInService, type ParticipantState } from "./participant.ts"

export function* checkParticipant(state: ParticipantState, id: string): Rule<Checked> {
  const leader = state.leader === undefined ? undefined : yield* read("participant", state.leader)
  const squad = yield* readAll("participant", state.squad)
  const enrolled = state.status === "enrolled"
  const holdsCredential = state.credential !== undefined
  return {
    breaches: breachesOf(
      ["S6", !enrolled || state.leader !== undefined, "队员没有分队长", "a member has no squad leader"],
      [
        "S6",
        leader === undefined || leader.squad.some((one) => one === id),
        "分队长名单里没有该队员",
        "the squad leader does not list the member",
      ],
      [
        "S6",
        !enrolled || leader === undefined || isInService(leader) || leader.status === "suspended",
        "分队长已离队",
        "the squad leader has left",
      ],
      [
        "S6",
        squad.every((member) => member.leader === id),
        "分队名单与队员不符",
        "a listed member has another squad leader",
      ],
      [
        "S6",
        state.consent !== undefined || (!enrolled && !holdsCredential),
        "没有同意书版本",
        "no consent text is on record",
      ],
      [
        "S6",
        !state.former.some(({ number }) => number === state.credential?.number),
        "证号重复使用",
        "an ended credential is in use again",
      ],
    ),
    claims: holdsCredential ? [{ key: `credential/${state.credential.number}`, holder: id }] : [],
  }
}
