/**
 * Checks that many commands on participants share: the lifecycle, one's own case, a captain's sectors.
 *
 * Each answers with a refusal or with `undefined`; none reads anything.
 */
import type { Outcome as PolicyOutcome } from "../decisions.ts"
import type { PersonId } from "../kernel/ids.ts"
import { type Refused, refuse } from "../kernel/refusal.ts"
import { schedulerActor } from "../kernel/roles.ts"
import type { Context } from "../kernel/rule.ts"
import type { ParticipantEventType, ParticipantState, Sector } from "./participant.ts"
import { mayHappen } from "./participant-lifecycle.ts"

/** `participant-status` unless the tables allow the event now. */
export const unlessAllowed = (state: ParticipantState, event: ParticipantEventType): Refused | undefined =>
  mayHappen(state, event)
    ? undefined
    : refuse("participant-status", { status: state.status, candidacy: state.candidacy.stage })

/** `own-case` when the actor would decide about themselves; the system's own handle is nobody's. */
export const ownCase = (person: PersonId, { by }: Context): Refused | undefined =>
  person === by.person || person === schedulerActor.person ? refuse("own-case") : undefined

/** `not-yourself` when somebody acts for another where only the person concerned may. */
export const notYourself = (person: PersonId, { by }: Context): Refused | undefined =>
  by.role === "reporter" && by.person !== person ? refuse("not-yourself") : undefined

/** `sector-not-yours` when a captain who speaks for some sectors acts in another. */
export const foreignSector = (sector: Sector | undefined, context: Context): Refused | undefined =>
  context.by.role === "captain" &&
  context.scopes.length > 0 &&
  (sector === undefined || !context.scopes.includes(sector))
    ? refuse("sector-not-yours", { sector: sector ?? "-" })
    : undefined

/** `unknown-negative` unless the policy in force today has this entry. */
export const unknownNegative = (
  negative: string | undefined,
  { book, today }: Context,
): Refused | undefined =>
  negative === undefined || book.policyOn(today).negativeList.includes(negative)
    ? undefined
    : refuse("unknown-negative", { negative })

/** `policy-undecided` when the policy cannot answer with the facts at hand. */
export const undecided = (outcome: PolicyOutcome<unknown>): Refused | undefined =>
  outcome.status === "pending"
    ? refuse("policy-undecided", { missing: outcome.missing.join(", ") })
    : undefined

/** The first refusal of several checks, in the order written. */
export const firstOf = (...checks: readonly (Refused | undefined)[]): Refused | undefined =>
  checks.find((check) => check !== undefined)
