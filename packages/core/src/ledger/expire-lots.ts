/**
 * ExpireLots: the day after their last day, points of an account expire, each lot once (L20).
 *
 * The scheduler finds accounts by the index `timer`. Coming late does no harm: whatever takes
 * points lets ended lots expire first.
 *
 * Refuses: `nothing-to-expire`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { personId } from "../kernel/ids.ts"
import { happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { expireLots } from "./points.ts"

const payload = z.strictObject({ person: personId })
export type ExpireLots = z.output<typeof payload>

export const expireAccountLots = command({
  type: "ExpireLots",
  roles: ["scheduler", "programme-admin"],
  payload,
  queue: ({ person }) => `account/${person}`,
  *decide({ person }, { at, today }): Rule<Outcome> {
    const decision = expireLots(yield* read("account", person), { person, at, today })
    if (!decision.ok) return decision
    return happen({ events: decision.events.map((event) => on("account", person, event)) })
  },
})
