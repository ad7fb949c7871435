/**
 * RemindInformant (提醒): a friendly word to somebody who has been silent; the next report ends it.
 *
 * The system may remind by itself where the policy proposes at least that; people may at any time. A
 * reminder takes no right away.
 *
 * Refuses: `own-case`, `participant-status`, `sector-not-yours`, `nothing-to-remind`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { personId } from "../kernel/ids.ts"
import { type Refused, refuse } from "../kernel/refusal.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { type Advice, type ParticipantState, reason } from "./participant.ts"
import { firstOf, foreignSector, ownCase, unlessAllowed } from "./participant-checks.ts"
import { tell } from "./participant-notices.ts"
import { adviceNow, idleDays } from "./roster-advice.ts"

const payload = z.strictObject({ person: personId, reason })
export type RemindInformant = z.output<typeof payload>

export const remindInformant = command({
  type: "RemindInformant",
  roles: ["captain", "programme-admin", "scheduler"],
  payload,
  queue: ({ person }) => `participant/${person}`,
  decide,
})

function* decide({ person, reason }: RemindInformant, context: Context): Rule<Outcome> {
  const { at, by, book, today } = context
  const state = yield* read("participant", person)
  const advice = adviceNow(book, state, today)
  const refused = firstOf(
    ownCase(person, context),
    unlessAllowed(state, "InformantReminded"),
    foreignSector(state.sector, context),
    needless(state, advice, context),
  )
  if (refused !== undefined) return refused
  return happen({
    events: [
      on("participant", person, {
        type: "InformantReminded",
        at,
        by: by.person,
        reason,
        ...(advice === undefined ? {} : { advice }),
      }),
    ],
    notices: [tell(person, "roster-reminder", { idleDays: idleDays(state, today) })],
  })
}

// internal

/** The system reminds once per silence, and only on the policy's word. */
const needless = (
  state: ParticipantState,
  advice: Advice | undefined,
  { by }: Context,
): Refused | undefined =>
  by.role === "scheduler" &&
  (state.status === "reminded" || advice === undefined || advice.proposed === "continue")
    ? refuse("nothing-to-remind")
    : undefined
