/** Who works at the duty desk, and in which role: the duty officer, or the department above. */
import type { Role } from "@yingshao/core/kernel/roles"
import { actAs, holds, type Visit } from "../../session/visit.ts"

/** @throws WebFailure 401 or 403 for everybody else. */
export const asDesk = (visit: Visit): Extract<Role, "duty-officer" | "programme-admin"> => {
  if (holds(visit, "programme-admin") && !holds(visit, "duty-officer")) return "programme-admin"
  actAs(visit, "duty-officer")
  return "duty-officer"
}
