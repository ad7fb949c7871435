/** What people are told about their appointment. Roles only, no names. */
import type { PersonId } from "../kernel/ids.ts"
import type { Notice } from "../kernel/message.ts"
import type { AppointableRole } from "./staff.ts"

export const appointed = (person: PersonId, role: AppointableRole): Notice =>
  staffNotice("staff-appointed", person, role)

export const dismissed = (person: PersonId, role: AppointableRole): Notice =>
  staffNotice("staff-dismissed", person, role)

// internal

const staffNotice = (kind: string, person: PersonId, role: AppointableRole): Notice => ({
  kind,
  to: { kind: "person", person },
  urgent: false,
  orderingKey: `staff/${person}`,
  data: { role },
})
