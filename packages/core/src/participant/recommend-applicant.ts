/**
 * RecommendApplicant (行业推荐): a captain speaks for an applicant of their sector.
 *
 * Nobody recommends themselves. A captain appointed for some sectors recommends in these only.
 *
 * Refuses: `own-case`, `participant-status`, `sector-not-yours`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { personId } from "../kernel/ids.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { reason } from "./participant.ts"
import { firstOf, foreignSector, ownCase, unlessAllowed } from "./participant-checks.ts"
import { tell, tellRole } from "./participant-notices.ts"

const payload = z.strictObject({ person: personId, opinion: reason })
export type RecommendApplicant = z.output<typeof payload>

export const recommendApplicant = command({
  type: "RecommendApplicant",
  roles: ["captain"],
  payload,
  queue: ({ person }) => `participant/${person}`,
  decide,
})

function* decide({ person, opinion }: RecommendApplicant, context: Context): Rule<Outcome> {
  const state = yield* read("participant", person)
  const { candidacy } = state
  const refused = firstOf(
    ownCase(person, context),
    unlessAllowed(state, "ApplicantRecommended"),
    foreignSector(candidacy.stage === "none" ? undefined : candidacy.sector, context),
  )
  if (refused !== undefined) return refused
  const { at, by } = context
  return happen({
    events: [on("participant", person, { type: "ApplicantRecommended", at, by: by.person, opinion })],
    notices: [tell(person, "applicant-recommended"), tellRole("programme-admin", "applicant-to-review")],
  })
}
