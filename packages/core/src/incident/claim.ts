/**
 * The claim to the first report, changed by two people: ProposeClaimChange, ConfirmClaimChange.
 *
 * `revoke` takes the claim from a holder that was found false or is on the negative list; afterwards nobody
 * holds it. `name` gives a vacant claim to a report that is about the incident. Each needs one person who
 * proposes and another who confirms; neither may be a reporter of the reports concerned. A claim that was
 * settled by an award is not moved here: that is clawback.
 *
 * Refuses: `not-found`, `claim-settled`, `no-holder`, `holder-not-false`, `claim-not-vacant`,
 * `not-about-this`, `report-not-valid`, `own-report`, `nothing-proposed`, `same-person`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { incidentId } from "../kernel/ids.ts"
import { invariant, type Refused, refuse } from "../kernel/refusal.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { isReporter, type ReportState } from "../report/report.ts"
import type { RewardState } from "../reward/reward.ts"
import { type ClaimDecision, claimChange, type LiveIncident } from "./incident.ts"
import { moveClaim, takes } from "./join.ts"
import { readLive } from "./read-live.ts"

const proposePayload = z.strictObject({
  incident: incidentId,
  change: claimChange,
  reason: z.string().trim().min(1).max(500),
})
const confirmPayload = z.strictObject({ incident: incidentId })
export type ProposeClaimChange = z.output<typeof proposePayload>
export type ConfirmClaimChange = z.output<typeof confirmPayload>

export const proposeClaimChange = command({
  type: "ProposeClaimChange",
  roles: ["verifier", "programme-admin"],
  payload: proposePayload,
  queue: ({ incident }) => `incident/${incident}`,
  *decide(propose: ProposeClaimChange, context: Context): Rule<Outcome> {
    const found = yield* readLive(propose.incident)
    if (!found.ok) return found
    const refused = yield* misfits(propose.change, found.state, context)
    if (refused !== undefined) return refused
    return happen({
      events: [
        on("incident", propose.incident, {
          type: "ClaimChangeProposed",
          at: context.at,
          by: context.by.person,
          change: propose.change,
          reason: propose.reason,
        }),
      ],
    })
  },
})

export const confirmClaimChange = command({
  type: "ConfirmClaimChange",
  roles: ["verifier", "programme-admin"],
  payload: confirmPayload,
  queue: ({ incident }) => `incident/${incident}`,
  *decide({ incident }: ConfirmClaimChange, context: Context): Rule<Outcome> {
    const found = yield* readLive(incident)
    if (!found.ok) return found
    const { state } = found
    const pending = state.pendingClaim
    if (pending === undefined) return refuse("nothing-proposed", { incident })
    if (pending.by === context.by.person) return refuse("same-person", { other: "proposer" })
    const refused = yield* misfits(pending.change, state, context)
    if (refused !== undefined) return refused
    if (pending.change.kind === "name") {
      const { report } = pending.change
      return happen({
        events: takes(incident, report, "named"),
        claims: moveClaim(incident, undefined, report),
      })
    }
    invariant(state.claim.status === "held", "L17", "only a held claim is revoked")
    const { report } = state.claim
    return happen({
      events: [
        on("incident", incident, {
          type: "ClaimRevoked",
          at: context.at,
          report,
          by: [pending.by, context.by.person],
          reason: pending.reason,
        }),
        on("report", report, { type: "FirstReportRefused", incident, code: "claim-revoked" }),
      ],
      claims: moveClaim(incident, report, undefined),
    })
  },
})

// internal

/** Is the change possible now, and may this person have a part in it? */
function* misfits(change: ClaimDecision, state: LiveIncident, context: Context): Rule<Refused | undefined> {
  if (state.claim.status === "settled") return refuse("claim-settled", { report: state.claim.report })
  if (change.kind === "revoke") {
    if (state.claim.status !== "held") return refuse("no-holder")
    const [report, reward] = [
      yield* read("report", state.claim.report),
      yield* read("reward", state.claim.report),
    ]
    if (concerns(report, context)) return refuse("own-report", { report: state.claim.report })
    return foundInvalid(reward) ? undefined : refuse("holder-not-false", { report: state.claim.report })
  }
  if (state.claim.status === "held") return refuse("claim-not-vacant", { report: state.claim.report })
  const member = state.reports.find(({ report }) => report === change.report)
  if (member === undefined) return refuse("not-about-this", { report: change.report })
  const report = yield* read("report", change.report)
  const reward = yield* read("reward", change.report)
  if (concerns(report, context)) return refuse("own-report", { report: change.report })
  return member.eligible !== "eligible" || foundInvalid(reward)
    ? refuse("report-not-valid", { report: change.report })
    : undefined
}

/** Did verification find the report false, or not to be verified? */
const foundInvalid = (reward: RewardState): boolean =>
  reward.status !== "none" && (reward.verdict === "false" || reward.verdict === "unverifiable")

const concerns = (report: ReportState, context: Context): boolean =>
  report.status !== "none" && isReporter(report, context.by.person)
