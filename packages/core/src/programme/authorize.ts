/**
 * May this person give this command in this role? Deny unless listed.
 *
 * A role is held by appointment (`staff/{person}`) or by what a person is: everybody may report; an
 * informant in service is a squad leader; only the system itself is the scheduler. Every stream that the
 * answer rests on is read, and so guarded: a dismissal and a command of the dismissed cannot both win.
 *
 * The answer to who may not is always `not-permitted` and nothing else, so that nobody learns who holds
 * what. It does not compare persons and does not look at the matter: that is each command's own rule.
 */
import type { CommandDefinition } from "../kernel/command.ts"
import { type Refused, refuse } from "../kernel/refusal.ts"
import { type Actor, appointableRole, schedulerActor } from "../kernel/roles.ts"
import { type Rule, read } from "../kernel/rule.ts"
import { isInService } from "../participant/participant.ts"
import { programmeStream } from "./programme.ts"
import { appointmentTo } from "./staff.ts"

/** The command that creates the programme: nobody can hold a role before it. */
export const openingCommand = "OpenProgramme"

/** For which units, levels, bands or sectors the role is held; empty where it has no scope. */
export interface Permitted {
  readonly ok: true
  readonly scopes: readonly string[]
}

/**
 * @param command the command's type and the roles that may give it.
 * @returns the scopes for `Context.scopes`, or the refusal `not-permitted`.
 *   A state that cannot be understood gives no right (Z4). An outage must not be thrown into the rule:
 *   the engine ends the command instead, and nothing is stored.
 * @example authorize({ person, role: "approver" }, approveReward) // => { ok: true, scopes: ["small"] }
 */
export function* authorize(
  by: Actor,
  command: Pick<CommandDefinition, "type" | "roles">,
): Rule<Permitted | Refused> {
  const denied = refuse("not-permitted")
  if (!command.roles.includes(by.role)) return denied
  const isSystem = by.person === schedulerActor.person
  if (by.role === "scheduler") return isSystem ? permitted([]) : denied
  if (isSystem) return denied
  try {
    const scopes = yield* scopesOf(by, command.type)
    return scopes === undefined ? denied : permitted(scopes)
  } catch {
    return denied
  }
}

// internal

const permitted = (scopes: readonly string[]): Permitted => ({ ok: true, scopes })

/** `undefined` when the person does not hold the role. */
function* scopesOf(by: Actor, type: string): Rule<readonly string[] | undefined> {
  if (by.role === "reporter") return []
  if (by.role === "squad-leader") return isInService(yield* read("participant", by.person)) ? [] : undefined
  const role = appointableRole.parse(by.role)
  if (type === openingCommand) {
    const programme = yield* read("programme", programmeStream)
    if (programme.policies.length === 0) return []
  }
  const appointment = appointmentTo(yield* read("staff", by.person), role)
  return appointment === undefined ? undefined : [...appointment.scopes]
}
