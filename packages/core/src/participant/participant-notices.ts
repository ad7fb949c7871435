/** What people are told about applications, credentials and squads. Keys, dates and counts only, no names. */
import type { PersonId } from "../kernel/ids.ts"
import type { Notice } from "../kernel/message.ts"
import type { Role } from "../kernel/roles.ts"

type Data = Notice["data"]

/** To the person concerned. Notices to one person arrive in order. */
export const tell = (person: PersonId, kind: string, data: Data = {}): Notice => ({
  kind,
  to: { kind: "person", person },
  urgent: false,
  orderingKey: `participant/${person}`,
  data,
})

/** To everybody who holds a role, without saying whom it is about. */
export const tellRole = (role: Role, kind: string, data: Data = {}): Notice => ({
  kind,
  to: { kind: "role", role },
  urgent: false,
  orderingKey: `role/${role}`,
  data,
})
