/**
 * ApplyAsInformant (个人自愿): a worker applies, for themselves and by their own will.
 *
 * The version of the consent text that they agreed to is stored (S6). A member stays a member meanwhile;
 * whoever withdrew, expired or was removed may apply again and would get another credential. Age is
 * judged at the review, by a person.
 *
 * Refuses: `participant-status`, `limit-reached`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { refuse } from "../kernel/refusal.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { consentVersion, formerCap, organisationId, sector } from "./participant.ts"
import { unlessAllowed } from "./participant-checks.ts"
import { tell, tellRole } from "./participant-notices.ts"

const payload = z.strictObject({
  sector,
  organisation: organisationId,
  /** Which wording of the consent was shown and agreed to. */
  consent: consentVersion,
  /** Whole years. */
  age: z.int().min(0).max(120),
})
export type ApplyAsInformant = z.output<typeof payload>

export const applyAsInformant = command({
  type: "ApplyAsInformant",
  roles: ["reporter"],
  payload,
  queue: () => "participant",
  decide,
})

function* decide(application: ApplyAsInformant, { at, by }: Context): Rule<Outcome> {
  const state = yield* read("participant", by.person)
  const refused = unlessAllowed(state, "ApplicationMade")
  if (refused !== undefined) return refused
  if (state.former.length >= formerCap) return refuse("limit-reached", { limit: formerCap })
  return happen({
    events: [on("participant", by.person, { type: "ApplicationMade", at, by: by.person, ...application })],
    notices: [
      tell(by.person, "application-received"),
      tellRole("captain", "application-to-recommend", { sector: application.sector }),
    ],
  })
}
