/**
 * DismissStaff: a person no longer holds a role, from this commit on.
 *
 * The last programme admin cannot dismiss themselves: nobody could appoint another. The other admin whom
 * this rests on is read, so that two who dismiss each other at the same time cannot both succeed.
 *
 * Refuses: `not-appointed`, `last-admin`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { type PersonId, personId } from "../kernel/ids.ts"
import { refuse } from "../kernel/refusal.ts"
import { appointableRole } from "../kernel/roles.ts"
import { type Context, find, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { dismissed } from "./programme-notices.ts"
import { appointmentTo } from "./staff.ts"

const payload = z.strictObject({
  person: personId,
  role: appointableRole,
  reason: z.string().trim().min(1).max(500),
})
export type DismissStaff = z.output<typeof payload>

export const dismissStaff = command({
  type: "DismissStaff",
  roles: ["programme-admin"],
  payload,
  queue: ({ person }) => `staff/${person}`,
  decide,
})

function* decide({ person, role, reason }: DismissStaff, { at, by }: Context): Rule<Outcome> {
  const staff = yield* read("staff", person)
  if (appointmentTo(staff, role) === undefined) return refuse("not-appointed", { role })
  if (role === "programme-admin" && !(yield* anotherAdmin(person))) return refuse("last-admin")
  return happen({
    events: [on("staff", person, { type: "StaffDismissed", at, by: by.person, role, reason })],
    notices: [dismissed(person, role)],
  })
}

// internal

function* anotherAdmin(person: PersonId): Rule<boolean> {
  const rows = yield* find("staff/role", ["programme-admin"], { limit: 8 })
  for (const { id } of rows) {
    if (id === person) continue
    if (appointmentTo(yield* read("staff", id), "programme-admin") !== undefined) return true
  }
  return false
}
