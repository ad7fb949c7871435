/**
 * Who may see which matter, and how much of it. Deny unless listed; another department's matter answers
 * exactly like a missing one (Z5).
 */
import { type LiveIncident, leadUnit, routeUnits } from "@yingshao/core/incident/incident"
import type { Role } from "@yingshao/core/kernel/roles"
import { isReporter, type ReportState } from "@yingshao/core/report/report"
import type { Yingshao } from "@yingshao/engine"
import type * as z from "zod"
import type { HeldRole } from "../session/visit.ts"
import { notFound } from "../web/failure.ts"
import type { Caller } from "./operation.ts"
import { incidentView, reportExtract, reportFull, reportOwn } from "./views.ts"

export type LiveReport = Exclude<ReportState, { status: "none" }>

/** Roles that settle, verify or approve: they see handles. */
export const fileRoles: readonly Role[] = [
  "duty-officer",
  "verifier",
  "approver",
  "programme-admin",
  "auditor",
]

export const holdsAny = (held: readonly HeldRole[], roles: readonly Role[]): boolean =>
  held.some(({ role }) => roles.includes(role))

/** For which units somebody is an officer. */
export const unitsOf = (held: readonly HeldRole[]): readonly string[] =>
  held.flatMap(({ role, scopes }) =>
    role === "department-officer" || role === "duty-officer" ? [...scopes] : [],
  )

/** The report as this person may see it. @throws WebFailure 404. */
export const seenReport = async (
  engine: Yingshao,
  caller: Caller,
  id: string,
): Promise<{ readonly view: unknown; readonly version: number }> => {
  const { state, version } = await engine.queries.state("report", id)
  if (state.status === "none") throw notFound()
  const shown = { ...state, report: id, version }
  const roles = await caller.roles()
  if (isReporter(state, caller.person)) return { view: reportOwn.parse(shown), version }
  if (holdsAny(roles, fileRoles)) return { view: reportFull.parse(shown), version }
  const incident = state.status === "new" ? undefined : state.incident
  if (incident !== undefined && (await handles(engine, roles, incident))) {
    return { view: reportExtract.parse(shown), version }
  }
  throw notFound()
}

/** The incident, for whoever sees files and for the units that have an order. @throws WebFailure 404. */
export const seenIncident = async (
  engine: Yingshao,
  caller: Caller,
  id: string,
): Promise<{ readonly view: z.output<typeof incidentView>; readonly version: number }> => {
  const { state, version } = await engine.queries.state("incident", id)
  const roles = await caller.roles()
  if (state.status === "none") throw notFound()
  if (!holdsAny(roles, fileRoles) && !isOurs(state, roles)) throw notFound()
  return { view: incidentShown(state, id, version), version }
}

export const incidentShown = (state: LiveIncident, id: string, version: number) =>
  incidentView.parse({
    ...state,
    incident: id,
    version,
    joint: state.route?.kind === "emergency" ? state.route.joint : [],
    ...(state.route?.kind === "ordinary" ? { owner: state.route.owner } : {}),
    ...(state.route?.kind === "emergency" ? { lead: leadUnit(state.route) } : {}),
  })

/** Is it handed over to a unit of which somebody is an officer? */
export const isOurs = (state: LiveIncident, roles: readonly HeldRole[]): boolean => {
  const units = unitsOf(roles)
  return state.route !== undefined && routeUnits(state.route).some((unit) => units.includes(unit))
}

/** The same, of an incident by its id. */
export const handles = async (
  engine: Yingshao,
  roles: readonly HeldRole[],
  incident: string,
): Promise<boolean> => {
  const { state } = await engine.queries.state("incident", incident)
  return state.status !== "none" && isOurs(state, roles)
}
