/**
 * SelectCandidates (比选产生): candidates who passed the review are compared, and N places are given.
 *
 * People grade conduct, fairness and example; the policy's `selection` turns grades into a score; the
 * programme admin says how many places there are. The ranking is the same on every machine: score, then
 * who applied earlier, then the handle. Each candidate's stream keeps score, rank and the rules that made
 * them. Whoever is not chosen is told so and stays a candidate for the next comparison.
 *
 * Refuses: `candidate-repeats`, `own-case`, `participant-status`, `policy-undecided`.
 */
import * as z from "zod"
import type { Because } from "../decisions.ts"
import { command } from "../kernel/command.ts"
import { type PersonId, personId } from "../kernel/ids.ts"
import { type Refused, refuse } from "../kernel/refusal.ts"
import { type Context, type Emitted, happen, type Outcome, on, type Rule, readAll } from "../kernel/rule.ts"
import type { Instant } from "../kernel/time.ts"
import { type Grades, grades, type ParticipantState } from "./participant.ts"
import { firstOf, ownCase, undecided, unlessAllowed } from "./participant-checks.ts"
import { tell } from "./participant-notices.ts"

/** Candidates in one comparison; all their streams are read. */
export const candidateCap = 100

const payload = z.strictObject({
  candidates: z
    .array(z.strictObject({ person: personId, grades }))
    .min(1)
    .max(candidateCap),
  /** How many are chosen at most. 0 chooses nobody. */
  places: z.int().min(0).max(candidateCap),
})
export type SelectCandidates = z.output<typeof payload>

export const selectCandidates = command({
  type: "SelectCandidates",
  roles: ["programme-admin"],
  payload,
  queue: () => "participant/selection",
  decide,
})

/** A candidate with a score. */
export interface Scored {
  readonly person: PersonId
  readonly appliedAt: Instant
  readonly score: number
}

/**
 * Best first: higher score, then earlier application, then the handle in text order.
 *
 * @example rankCandidates([{ person: "b", appliedAt, score: 3 }, { person: "a", appliedAt, score: 3 }]) // => a, b
 */
export const rankCandidates = <C extends Scored>(candidates: readonly C[]): readonly C[] =>
  candidates.toSorted(
    (a, b) => b.score - a.score || compareTexts(a.appliedAt, b.appliedAt) || compareTexts(a.person, b.person),
  )

function* decide({ candidates, places }: SelectCandidates, context: Context): Rule<Outcome> {
  const persons = candidates.map(({ person }) => person)
  if (new Set(persons).size !== persons.length) return refuse("candidate-repeats")
  const states = yield* readAll("participant", persons)
  const scored: Compared[] = []
  for (const [at, { person, grades }] of candidates.entries()) {
    const compared = score(person, grades, states[at], context)
    if (!compared.ok) return compared
    scored.push(compared)
  }
  const ranked = rankCandidates(scored)
  const selection = context.freshId("s")
  return happen({
    events: ranked.map((each, at) => placed(each, { selection, at, of: ranked.length, places }, context)),
    notices: ranked.map(({ person }, at) =>
      tell(person, at < places ? "selection-chosen" : "selection-not-chosen", { of: ranked.length, places }),
    ),
  })
}

// internal

interface Compared extends Scored {
  readonly ok: true
  readonly grades: Grades
  readonly because: Because
}

const score = (
  person: PersonId,
  grades: Grades,
  state: ParticipantState | undefined,
  context: Context,
): Compared | Refused => {
  if (state === undefined || state.candidacy.stage === "none") {
    return refuse("participant-status", { status: state?.status ?? "none", candidacy: "none" })
  }
  const outcome = context.book.decide("selection", grades, { accepted: context.today, step: context.today })
  const refused = firstOf(
    ownCase(person, context),
    unlessAllowed(state, "CandidateSelected"),
    undecided(outcome),
  )
  if (refused !== undefined || outcome.status === "pending") return refused ?? refuse("policy-undecided")
  const { selectionScore } = outcome.conclusions
  const { appliedAt } = state.candidacy
  return { ok: true, person, appliedAt, score: selectionScore, grades, because: outcome.because }
}

const placed = (
  { person, grades, score, because }: Compared,
  { selection, at, of, places }: { selection: string; at: number; of: number; places: number },
  context: Context,
): Emitted =>
  on("participant", person, {
    type: at < places ? "CandidateSelected" : "CandidateNotSelected",
    at: context.at,
    by: context.by.person,
    selection,
    grades,
    score,
    rank: at + 1,
    of,
    places,
    because,
  })

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
