/**
 * WithdrawApplication: an applicant changes their mind, at any time before the credential.
 *
 * Refuses: `participant-status`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { unlessAllowed } from "./participant-checks.ts"
import { tell } from "./participant-notices.ts"

const payload = z.strictObject({})
export type WithdrawApplication = z.output<typeof payload>

export const withdrawApplication = command({
  type: "WithdrawApplication",
  roles: ["reporter"],
  payload,
  queue: () => "participant",
  decide,
})

function* decide(_: WithdrawApplication, { at, by }: Context): Rule<Outcome> {
  const state = yield* read("participant", by.person)
  const refused = unlessAllowed(state, "ApplicationWithdrawn")
  if (refused !== undefined) return refused
  return happen({
    events: [on("participant", by.person, { type: "ApplicationWithdrawn", at, by: by.person })],
    notices: [tell(by.person, "application-withdrawn")],
  })
}
