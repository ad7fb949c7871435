/**
 * Reading an incident that people can still decide about: one that exists and was not merged away.
 */
import type { IncidentId } from "../kernel/ids.ts"
import { type Refused, refuse } from "../kernel/refusal.ts"
import { type Rule, read } from "../kernel/rule.ts"
import type { LiveIncident } from "./incident.ts"

/** Refuses `not-found`. */
export function* readLive(
  incident: IncidentId,
): Rule<{ readonly ok: true; readonly state: LiveIncident } | Refused> {
  const state = yield* read("incident", incident)
  return state.status === "none" || state.status === "merged"
    ? refuse("not-found", { what: "incident", id: incident })
    : { ok: true, state }
}
