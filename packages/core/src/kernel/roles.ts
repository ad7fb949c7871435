/**
 * The canonical roles, who holds them, and who is acting.
 *
 * Deny unless listed: every command names the roles that may give it (`commands.ts`), and a command says
 * in which role its actor acts. Separation of duties compares persons, never roles.
 */
import * as z from "zod"
import { personId } from "./ids.ts"

export const role = z.enum([
  "reporter",
  "squad-leader",
  "captain",
  "duty-officer",
  "department-officer",
  "verifier",
  "approver",
  "payer",
  "programme-admin",
  "policy-officer",
  "auditor",
  "partner",
  "scheduler",
])
export type Role = z.infer<typeof role>

/** Roles that the programme gives by appointment. The others follow from what a person is. */
export const appointableRole = role.exclude(["reporter", "squad-leader", "scheduler"])

/**
 * Who gives a command, and in which role. The engine checks that the person holds the role; the host has
 * checked that it is this person.
 */
export const actor = z.strictObject({ person: personId, role })
export type Actor = z.infer<typeof actor>

/** The system itself, as a person of its own that nobody can be appointed to. */
export const schedulerActor: Actor = { person: personId.parse("system-scheduler"), role: "scheduler" }
