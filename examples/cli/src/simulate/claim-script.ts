/**
 * The script of a first report that was found false: two people take the claim from it, and two people name
 * another report about the same matter, if there is one.
 *
 * Whether any of it is possible is the rules' answer; nobody moves up by itself.
 */
import { toMs } from "@yingshao/core/kernel/time"
import type { LiveIncident, LiveReward } from "./mirror.ts"
import type { Scenario } from "./scenario.ts"
import { type Action, open, planner, type Script, type Step } from "./script.ts"

/** @param holder the reward file of the report that holds the claim, or held it first. */
export const planClaim = (
  script: Script,
  nowMs: number,
  id: string,
  incident: LiveIncident,
  holder: LiveReward | undefined,
  scenario: Scenario,
): readonly Action[] => {
  const found = holder?.verdict === "false" ? holder.steps.at(-1)?.at : undefined
  if (found === undefined || incident.status === "merged") return []
  const plan = planner(script, nowMs, `incident/${id}`)
  const { claim, pendingClaim } = incident
  if (pendingClaim !== undefined)
    return plan(confirmed(script, id, pendingClaim.at, pendingClaim.change.kind))
  if (claim.status === "held" && claim.report === incident.reports[0]?.report) {
    const fields = { incident: id, change: { kind: "revoke" }, reason: "首报核实为不属实" }
    return plan(proposed(script, id, scenario, toMs(found) + hour, "revoke", fields))
  }
  const next = incident.reports.slice(1).find(({ eligible }) => eligible === "eligible")
  if (claim.status !== "revoked" || next === undefined) return []
  const fields = { incident: id, change: { kind: "name", report: next.report }, reason: "其后最早的有效信息" }
  return plan(proposed(script, id, scenario, toMs(found) + 3 * hour, "name", fields))
}

// internal

const hour = 3_600_000

const proposed = (
  script: Script,
  id: string,
  { handle }: Scenario,
  atMs: number,
  what: string,
  fields: Readonly<Record<string, unknown>>,
): Step => {
  const top = script.staff.verifiers.at(-1)?.people ?? script.staff.admins
  const person = script.chance.pick(`${handle}/claim/${what}`, top)
  return [open(script, atMs), "ProposeClaimChange", `act:claim:${what}:${id}`, person, "verifier", fields]
}

const confirmed = (script: Script, id: string, at: Parameters<typeof toMs>[0], what: string): Step => [
  open(script, toMs(at) + hour / 2),
  "ConfirmClaimChange",
  `act:claimed:${what}:${id}`,
  script.staff.admins[0],
  "programme-admin",
  { incident: id },
]
