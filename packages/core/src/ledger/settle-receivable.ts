/**
 * SettleReceivable: somebody gave back cash that was clawed back after it had been paid.
 *
 * The payer or the admin took the money and says so; nobody settles their own debt. Points that are owed
 * settle by themselves when points come in.
 *
 * Refuses: `own-case`, `exceeds-receivable`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { personId } from "../kernel/ids.ts"
import { happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { ownCase } from "../participant/participant-checks.ts"
import { settleReceivable } from "./cash.ts"
import { amountLimit } from "./posting.ts"

const payload = z.strictObject({ person: personId, fen: z.int().min(1).max(amountLimit) })
export type SettleReceivable = z.output<typeof payload>

export const settleCashReceivable = command({
  type: "SettleReceivable",
  roles: ["payer", "programme-admin"],
  payload,
  queue: ({ person }) => `account/${person}`,
  *decide({ person, fen }, context): Rule<Outcome> {
    const { at, today, by } = context
    const account = yield* read("account", person)
    const refused = ownCase(person, context)
    if (refused !== undefined) return refused
    const decision = settleReceivable(account, { person, at, today, fen, by: by.person })
    if (!decision.ok) return decision
    return happen({ events: decision.events.map((event) => on("account", person, event)) })
  },
})
