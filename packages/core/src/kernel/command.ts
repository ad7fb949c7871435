/**
 * What a command is: its schema, the roles that may give it, and the rule that decides it.
 *
 * The payload's schema stands at the edge: it bounds every text and list, and refuses unknown keys. The
 * rule sees parsed payloads only.
 */
import type * as z from "zod"
import type { Role } from "./roles.ts"
import type { Context, Outcome, Rule } from "./rule.ts"

export interface CommandDefinition<T extends string = string, S extends z.ZodType = z.ZodType> {
  /** Imperative, for instance `ApproveReward`. */
  readonly type: T
  /** Deny unless listed. */
  readonly roles: readonly Role[]
  /** A strict object without `type`, `id`, `by` and `at`: those belong to the envelope. */
  readonly payload: S
  /** The stream on which rivals for this command meet; commands on one key decide one after the other. */
  readonly queue: (payload: z.output<S>) => string
  readonly decide: (payload: z.output<S>, context: Context) => Rule<Outcome>
}

/** Keeps the literal types of a definition. */
export const command = <const T extends string, S extends z.ZodType>(
  definition: CommandDefinition<T, S>,
): CommandDefinition<T, S> => definition
