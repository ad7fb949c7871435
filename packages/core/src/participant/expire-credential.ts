/**
 * ExpireCredential: the day after its last valid day a card ends.
 *
 * The end was fixed when the card was issued, so no decision about the person is made here. A leader's
 * squad goes to a successor in the same commit; where one is needed, a person has to name one.
 *
 * Refuses: `own-case`, `participant-status`, `not-expired-yet`, `successor-needed`, `successor-is-leader`,
 * `leader-not-in-service`, `squad-full`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { personId } from "../kernel/ids.ts"
import { type Refused, refuse } from "../kernel/refusal.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import type { ParticipantState } from "./participant.ts"
import { firstOf, ownCase, unlessAllowed } from "./participant-checks.ts"
import { tell } from "./participant-notices.ts"
import { handOver } from "./squads.ts"

const payload = z.strictObject({ person: personId, successor: personId.optional() })
export type ExpireCredential = z.output<typeof payload>

export const expireCredential = command({
  type: "ExpireCredential",
  roles: ["programme-admin", "scheduler"],
  payload,
  queue: ({ person }) => `participant/${person}`,
  decide,
})

function* decide({ person, successor }: ExpireCredential, context: Context): Rule<Outcome> {
  const state = yield* read("participant", person)
  const refused = firstOf(
    ownCase(person, context),
    unlessAllowed(state, "CredentialExpired"),
    stillValid(state, context),
  )
  if (refused !== undefined) return refused
  const squad = yield* handOver(person, state, successor, context)
  if (!squad.ok) return squad
  const { at, by } = context
  return happen({
    events: [...squad.events, on("participant", person, { type: "CredentialExpired", at, by: by.person })],
    notices: [tell(person, "expired"), ...squad.notices],
  })
}

// internal

const stillValid = ({ credential }: ParticipantState, { today }: Context): Refused | undefined => {
  const validUntil = credential?.validUntil
  return validUntil === undefined || validUntil >= today
    ? refuse("not-expired-yet", { validUntil: validUntil ?? "-" })
    : undefined
}
