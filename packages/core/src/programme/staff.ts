/**
 * Who was appointed to which role, and for what: one stream `staff/{person}`.
 *
 * A scope narrows a role: the units an officer acts for, the levels a verifier confirms, the bands of
 * amount an approver releases, the sectors a captain speaks for. Without an appointment there is no right;
 * a dismissal takes effect with its commit. One person may hold several roles: separation of duties
 * compares persons.
 */
import * as z from "zod"
import { personId } from "../kernel/ids.ts"
import { appointableRole } from "../kernel/roles.ts"
import type { IndexEntry, StreamDefinition, TallyIncrement } from "../kernel/stream.ts"
import { type Instant, instant } from "../kernel/time.ts"

export type AppointableRole = z.infer<typeof appointableRole>

/** A unit, a level, a band or a sector, by its key. */
export const scope = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/)

/** Scopes of one appointment. Three units at most, so that every entry finds room in the index. */
export const scopeCap = 8
export const unitScopeCap = 3

export const staffEvent = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("StaffAppointed"),
    at: instant,
    by: personId,
    role: appointableRole,
    /** Replaces the scopes of an earlier appointment to this role. */
    scopes: z.array(scope).max(scopeCap),
  }),
  z.strictObject({
    type: z.literal("StaffDismissed"),
    at: instant,
    by: personId,
    role: appointableRole,
    reason: z.string(),
  }),
])
export type StaffEvent = z.infer<typeof staffEvent>

export interface Appointment {
  readonly role: AppointableRole
  readonly scopes: readonly string[]
  readonly since: Instant
}

export interface StaffState {
  /** At most one for each role, in the order of appointment. */
  readonly appointments: readonly Appointment[]
}

export const staffDefinition = {
  foldVersion: 1,
  initial: { appointments: [] } as StaffState,
  event: staffEvent,
  evolve(state: StaffState, event: StaffEvent): StaffState {
    const others = state.appointments.filter(({ role }) => role !== event.role)
    switch (event.type) {
      case "StaffAppointed": {
        const { role, scopes, at } = event
        return { appointments: [...others, { role, scopes, since: at }] }
      }
      case "StaffDismissed":
        return { appointments: others }
    }
  },
  indexes: (state: StaffState): readonly IndexEntry[] => state.appointments.flatMap(entriesOf),
  tallies: (): readonly TallyIncrement[] => [],
} satisfies StreamDefinition<StaffState, StaffEvent>

/** The appointment to a role, if there is one. */
export const appointmentTo = (state: StaffState, role: AppointableRole): Appointment | undefined =>
  state.appointments.find((appointment) => appointment.role === role)

/**
 * Is reporting and handling this person's statutory duty (值守人员)? Their own reports earn nothing.
 *
 * Captains and partners are no officials of the programme: they do not count.
 */
export const holdsDuty = (state: StaffState): boolean =>
  state.appointments.some(({ role }) => role !== "captain" && role !== "partner")

// internal

/** At most 16: ten roles, and three units each for duty officers and department officers. */
const entriesOf = ({ role, scopes }: Appointment): readonly IndexEntry[] => [
  { index: "staff/role", equals: role, range: "" },
  ...(role === "duty-officer" || role === "department-officer"
    ? scopes.map((unit) => ({ index: "staff/unit", equals: unit, range: role }))
    : []),
]
