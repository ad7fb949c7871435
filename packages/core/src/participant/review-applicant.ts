/**
 * ReviewApplicant (县级审核): the social-work department passes an applicant or not.
 *
 * A person decides; the policy's `admission` is asked with that decision and must not contradict a pass:
 * who is too young or was not recommended cannot be passed. Failing needs no policy. Whoever recommended
 * does not review.
 *
 * Refuses: `own-case`, `participant-status`, `same-person`, `policy-undecided`, `admission-rejected`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { personId } from "../kernel/ids.ts"
import { refuse } from "../kernel/refusal.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { type ParticipantState, reason } from "./participant.ts"
import { firstOf, ownCase, undecided, unlessAllowed } from "./participant-checks.ts"
import { tell } from "./participant-notices.ts"

const payload = z.strictObject({
  person: personId,
  review: z.enum(["passed", "failed"]),
  opinion: reason,
})
export type ReviewApplicant = z.output<typeof payload>

export const reviewApplicant = command({
  type: "ReviewApplicant",
  roles: ["programme-admin"],
  payload,
  queue: ({ person }) => `participant/${person}`,
  decide,
})

function* decide({ person, review, opinion }: ReviewApplicant, context: Context): Rule<Outcome> {
  const state = yield* read("participant", person)
  const refused = firstOf(
    ownCase(person, context),
    unlessAllowed(state, review === "passed" ? "ApplicantPassed" : "ApplicantRejected"),
    sameAsRecommender(state, context),
  )
  if (refused !== undefined) return refused
  const given = { at: context.at, by: context.by.person, opinion }
  if (review === "failed") {
    return happen({
      events: [on("participant", person, { type: "ApplicantRejected", ...given })],
      notices: [tell(person, "review-failed")],
    })
  }
  const proposal = admissionOf(state, context)
  const open = undecided(proposal)
  if (open !== undefined || proposal.status === "pending") return open ?? refuse("policy-undecided")
  const { admission } = proposal.conclusions
  if (admission !== "admit") return refuse("admission-rejected", { admission })
  return happen({
    events: [on("participant", person, { type: "ApplicantPassed", ...given, because: proposal.because })],
    notices: [tell(person, "review-passed")],
  })
}

// internal

const sameAsRecommender = ({ candidacy }: ParticipantState, { by }: Context) =>
  candidacy.stage !== "none" && candidacy.recommendedBy === by.person
    ? refuse("same-person", { other: "recommender" })
    : undefined

/** What the policy says, given that the review is passed. */
const admissionOf = ({ candidacy }: ParticipantState, { book, today }: Context) => {
  const recommended = candidacy.stage !== "none" && candidacy.recommendedBy !== undefined
  return book.decide(
    "admission",
    {
      willing: "yes",
      age: candidacy.stage === "none" ? 0 : candidacy.age,
      nominated: recommended ? "yes" : "no",
      review: "passed",
    },
    { accepted: today, step: today },
  )
}
