/**
 * AppointStaff: a person gets a role, or other scopes for a role already held.
 *
 * A scope must be something that exists: an active unit, a level of the policy in force, a sector. Bands
 * of amount are the policy's own words, which core cannot list; they are taken as written.
 *
 * Refuses: `not-a-person`, `scope-needed`, `scope-unknown`, `scope-limit`, `already-appointed`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { personId } from "../kernel/ids.ts"
import { type Refused, refuse } from "../kernel/refusal.ts"
import { appointableRole, schedulerActor } from "../kernel/roles.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { sector } from "../participant/participant.ts"
import { appointed } from "./programme-notices.ts"
import { type AppointableRole, appointmentTo, scope, scopeCap, unitScopeCap } from "./staff.ts"

const payload = z.strictObject({
  person: personId,
  role: appointableRole,
  scopes: z.array(scope).max(scopeCap).default([]),
})
export type AppointStaff = z.output<typeof payload>

export const appointStaff = command({
  type: "AppointStaff",
  roles: ["programme-admin"],
  payload,
  queue: ({ person }) => `staff/${person}`,
  decide,
})

function* decide(appointment: AppointStaff, context: Context): Rule<Outcome> {
  const { person, role } = appointment
  const scopes = [...new Set(appointment.scopes)].sort()
  const staff = yield* read("staff", person)
  if (person === schedulerActor.person) return refuse("not-a-person")
  const refused = outOfScope(role, scopes, context)
  if (refused !== undefined) return refused
  const before = appointmentTo(staff, role)
  if (before !== undefined && before.scopes.join() === scopes.join()) {
    return refuse("already-appointed", { role })
  }
  return happen({
    events: [
      on("staff", person, { type: "StaffAppointed", at: context.at, by: context.by.person, role, scopes }),
    ],
    notices: [appointed(person, role)],
  })
}

// internal

interface ScopeRule {
  readonly needed: boolean
  readonly cap: number
  readonly knows: (scope: string, context: Context) => boolean
}

const isUnit =
  (...kinds: readonly string[]) =>
  (scope: string, { book }: Context): boolean => {
    const unit = book.unit(scope)
    return unit !== undefined && unit.status === "active" && kinds.includes(unit.kind)
  }

const noScope: ScopeRule = { needed: false, cap: 0, knows: () => false }

/** What narrows a role. Who acts for a department, confirms a level or releases money must say which. */
const scopeRules: { readonly [role in AppointableRole]: ScopeRule } = {
  captain: { needed: false, cap: scopeCap, knows: (scope) => sector.safeParse(scope).success },
  "duty-officer": { needed: false, cap: unitScopeCap, knows: isUnit("duty-desk") },
  "department-officer": { needed: true, cap: unitScopeCap, knows: isUnit("department", "channel") },
  verifier: {
    needed: true,
    cap: scopeCap,
    // The lowest level means “not verified”: nobody confirms it. Reports accepted under an earlier policy are verified by
    // its levels, and whoever verifies by those of the next one is there on its first day.
    knows: (scope, { book }) => book.policies.some(({ levels }) => levels.indexOf(scope) > 0),
  },
  approver: { needed: true, cap: scopeCap, knows: () => true },
  payer: noScope,
  "programme-admin": noScope,
  "policy-officer": noScope,
  auditor: noScope,
  partner: { needed: false, cap: unitScopeCap, knows: isUnit("department", "channel") },
}

const outOfScope = (
  role: AppointableRole,
  scopes: readonly string[],
  context: Context,
): Refused | undefined => {
  const { needed, cap, knows } = scopeRules[role]
  if (needed && scopes.length === 0) return refuse("scope-needed", { role })
  const unknown = scopes.find((scope) => !knows(scope, context))
  if (unknown !== undefined) return refuse("scope-unknown", { role, scope: unknown })
  return scopes.length > cap ? refuse("scope-limit", { role, limit: cap }) : undefined
}
