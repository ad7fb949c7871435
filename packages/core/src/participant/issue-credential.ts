/**
 * IssueCredential: a selected candidate becomes an informant with a card (信息员证).
 *
 * The number is given by the admin or made at random; a key in the store keeps it unique for ever, also
 * after the informant left. A member who becomes an informant leaves their squad in the same commit.
 *
 * Refuses: `own-case`, `participant-status`, `credential-used`, `valid-until-past`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { personId } from "../kernel/ids.ts"
import { refuse } from "../kernel/refusal.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { civilDate } from "../kernel/time.ts"
import { credentialNumber } from "./participant.ts"
import { firstOf, ownCase, unlessAllowed } from "./participant-checks.ts"
import { tell } from "./participant-notices.ts"
import { leaveSquad } from "./squads.ts"

const payload = z.strictObject({
  person: personId,
  /** Made at random when left out. */
  number: credentialNumber.optional(),
  /** The last day on which the card is valid; without it the card does not expire. */
  validUntil: civilDate.optional(),
})
export type IssueCredential = z.output<typeof payload>

export const issueCredential = command({
  type: "IssueCredential",
  roles: ["programme-admin"],
  payload,
  queue: ({ person }) => `participant/${person}`,
  decide,
})

function* decide({ person, number, validUntil }: IssueCredential, context: Context): Rule<Outcome> {
  const state = yield* read("participant", person)
  const refused = firstOf(ownCase(person, context), unlessAllowed(state, "CredentialIssued"))
  if (refused !== undefined || state.candidacy.stage === "none") {
    return refused ?? refuse("participant-status", { status: state.status, candidacy: "none" })
  }
  const { at, by, today } = context
  if (validUntil !== undefined && validUntil < today) return refuse("valid-until-past", { validUntil })
  const given = number ?? credentialNumber.parse(context.freshId("c"))
  if (state.former.some((former) => former.number === given)) {
    return refuse("credential-used", { number: given })
  }
  const squad = yield* leaveSquad(person, state, context)
  const { sector, organisation } = state.candidacy
  return happen({
    events: [
      ...squad,
      on("participant", person, {
        type: "CredentialIssued",
        at,
        by: by.person,
        on: today,
        number: given,
        sector,
        organisation,
        ...(validUntil === undefined ? {} : { validUntil }),
        ...(state.leader === undefined ? {} : { leaves: state.leader }),
      }),
    ],
    claims: [{ kind: "take", key: `credential/${given}`, holder: person }],
    notices: [tell(person, "credential-issued", validUntil === undefined ? {} : { validUntil })],
  })
}
