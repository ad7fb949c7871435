/**
 * WithdrawAsInformant (退出): an informant gives the card back, by their own will.
 *
 * The squad goes to a successor in the same commit. Points and obligations are not touched. Coming back
 * means applying again, for another card.
 *
 * Refuses: `participant-status`, `successor-needed`, `successor-is-leader`, `leader-not-in-service`,
 * `squad-full`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { personId } from "../kernel/ids.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { unlessAllowed } from "./participant-checks.ts"
import { tell } from "./participant-notices.ts"
import { handOver } from "./squads.ts"

const payload = z.strictObject({ successor: personId.optional() })
export type WithdrawAsInformant = z.output<typeof payload>

export const withdrawAsInformant = command({
  type: "WithdrawAsInformant",
  roles: ["reporter"],
  payload,
  queue: () => "participant",
  decide,
})

function* decide({ successor }: WithdrawAsInformant, context: Context): Rule<Outcome> {
  const { at, by } = context
  const state = yield* read("participant", by.person)
  const refused = unlessAllowed(state, "InformantWithdrew")
  if (refused !== undefined) return refused
  const squad = yield* handOver(by.person, state, successor, context)
  if (!squad.ok) return squad
  return happen({
    events: [...squad.events, on("participant", by.person, { type: "InformantWithdrew", at, by: by.person })],
    notices: [tell(by.person, "withdrawn"), ...squad.notices],
  })
}
