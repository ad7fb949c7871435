/**
 * EnrolMember: a worker joins a team under one squad leader.
 *
 * The worker agreed; the version of the consent text is stored (S6). A squad leader enrols into their own
 * squad only, a captain of some sectors in these only. Whoever was removed is let in again by the
 * programme admin alone.
 *
 * Refuses: `own-case`, `participant-status`, `readmission-by-admin`, `not-your-squad`, `sector-not-yours`,
 * `leader-not-in-service`, `squad-full`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { personId } from "../kernel/ids.ts"
import { type Refused, refuse } from "../kernel/refusal.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { consentVersion, organisationId, type ParticipantState, sector } from "./participant.ts"
import { firstOf, foreignSector, ownCase, unlessAllowed } from "./participant-checks.ts"
import { tell } from "./participant-notices.ts"
import { added, cannotTake } from "./squads.ts"

const payload = z.strictObject({
  person: personId,
  sector,
  organisation: organisationId,
  consent: consentVersion,
  leader: personId,
})
export type EnrolMember = z.output<typeof payload>

export const enrolMember = command({
  type: "EnrolMember",
  roles: ["squad-leader", "captain", "programme-admin"],
  payload,
  queue: ({ leader }) => `participant/${leader}`,
  decide,
})

function* decide(enrolment: EnrolMember, context: Context): Rule<Outcome> {
  const { person, leader } = enrolment
  const state = yield* read("participant", person)
  const leading = yield* read("participant", leader)
  const refused = firstOf(
    ownCase(person, context),
    unlessAllowed(state, "MemberEnrolled"),
    misses(enrolment, state, context),
    foreignSector(enrolment.sector, context),
    cannotTake(leading, 1),
  )
  if (refused !== undefined) return refused
  const { at, by, today } = context
  const { sector, organisation, consent } = enrolment
  return happen({
    events: [
      on("participant", person, {
        type: "MemberEnrolled",
        at,
        by: by.person,
        on: today,
        sector,
        organisation,
        consent,
        leader,
      }),
      added(leader, [person], context),
    ],
    notices: [tell(person, "member-enrolled")],
  })
}

// internal

const misses = (
  { leader }: EnrolMember,
  { status }: ParticipantState,
  { by }: Context,
): Refused | undefined => {
  if (status === "removed" && by.role !== "programme-admin") return refuse("readmission-by-admin")
  return by.role === "squad-leader" && by.person !== leader ? refuse("not-your-squad") : undefined
}
