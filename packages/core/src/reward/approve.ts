/**
 * ApproveReward (审批): decides what a report earns, puts it on the accounts and tells the reporters.
 *
 * The policy in force at acceptance decides form, tier and amount from what verification confirmed. The
 * approver holds the band of that amount and has no other part in the matter (L12); an interest that was
 * declared, or could not be excluded, refuses (L13). Everything fits the caps whole, or nothing happens
 * (L21). One report earns once, one incident pays cash once, kept by unique keys (L7, L8, L9).
 *
 * Refuses: `not-found`, `already-decided`, `same-person`, `interest-declared`, `not-verified-yet`,
 * `reward-undecided`, `band-not-yours`, `cap-reached`, `account-full`, `already-awarded`.
 */
import * as z from "zod"
import { isSettled } from "../incident/incident.ts"
import { command } from "../kernel/command.ts"
import { type PersonId, type ReportId, reportId } from "../kernel/ids.ts"
import type { Notice } from "../kernel/message.ts"
import { invariant, type Refused, refuse } from "../kernel/refusal.ts"
import { type Context, type Emitted, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { yearOf } from "../kernel/time.ts"
import { budgetId, commitBudget } from "../ledger/budget.ts"
import { awardCash } from "../ledger/cash.ts"
import { grantPoints } from "../ledger/points.ts"
import type { SettledReport } from "../report/report.ts"
import { approvalBand } from "./approval-band.ts"
import { forfeitAt } from "./claim-window.ts"
import { cashClaimKey, earnClaimKey } from "./claims.ts"
import { type DecidedReward, decideReward } from "./decide-reward.ts"
import { readRewardFile } from "./read-reward-file.ts"
import { otherPart } from "./verify.ts"

const payload = z.strictObject({
  report: reportId,
  /** The approver's own answer: has he or she an interest in the matter? */
  interest: z.enum(["none", "declared", "unknown"]),
})
export type ApproveReward = z.output<typeof payload>

export const approveReward = command({
  type: "ApproveReward",
  roles: ["approver"],
  payload,
  queue: ({ report }) => `reward/${report}`,
  decide,
})

function* decide(approve: ApproveReward, context: Context): Rule<Outcome> {
  const found = yield* readRewardFile(approve.report)
  if (!found.ok) return found
  const { file, report } = found
  if (file.status !== "verifying") return refuse("already-decided", { report: approve.report })
  const other = otherPart(context.by.person, file, report)
  if (other !== undefined) return refuse("same-person", { other })
  if (approve.interest !== "none") return refuse("interest-declared")
  invariant(report.incident !== undefined, "L8", "a settled report has its incident")
  const incident = yield* read("incident", report.incident)
  invariant(incident.status !== "none", "L8", "the incident of a settled report exists")
  const holds = incident.claim.status === "held" && incident.claim.report === approve.report
  const first = holds && !isSettled(incident.claim) ? "yes" : "no"

  const decided = yield* decideReward(report, file, first, context)
  if (!decided.ok) return decided
  if (decided.form === "none") return declined(approve.report, report, decided, context)
  const band = approvalBand(decided, report.acceptedOn, context)
  if (!context.scopes.includes(band)) return refuse("band-not-yours", { band })
  const booked = yield* decided.form === "cash"
    ? bookCash(approve.report, decided, context)
    : bookPoints(approve.report, report, decided, context)
  if (!booked.ok) return booked
  return awarded(approve.report, report, decided, band, booked.events, context)
}

// internal

type Booked = { readonly ok: true; readonly events: readonly Emitted[] }

function* bookCash(
  id: ReportId,
  decided: Extract<DecidedReward, { form: "cash" }>,
  context: Context,
): Rule<Booked | Refused> {
  const { at, today } = context
  const dates = { accepted: today, step: today }
  const caps = context.book.decide("caps", {}, dates)
  if (caps.status === "pending") return refuse("reward-undecided", { missing: caps.missing.join(", ") })
  const { dailyCashCap, yearlyBudget } = caps.conclusions
  const year = budgetId(today)
  const shares = decided.shares.map(({ person, amount }) => ({ report: id, person, fen: amount }))
  const budget = commitBudget(yield* read("budget", year), { at, limitFen: yearlyBudget, shares })
  if (!budget.ok) return budget
  const events: Emitted[] = budget.events.map((event) => on("budget", year, event))
  for (const { person, fen } of shares) {
    const account = yield* read("account", person)
    const entered = { person, at, today, report: id, fen, year: yearOf(today), dailyCashCapFen: dailyCashCap }
    const award = awardCash(account, entered)
    if (!award.ok) return award
    events.push(...award.events.map((event) => on("account", person, event)))
  }
  return { ok: true, events }
}

function* bookPoints(
  id: ReportId,
  report: SettledReport,
  decided: Extract<DecidedReward, { form: "points" }>,
  context: Context,
): Rule<Booked | Refused> {
  const { at, today } = context
  const events: Emitted[] = []
  for (const { person, amount } of decided.shares) {
    const account = yield* read("account", person)
    const granted = grantPoints(account, {
      person,
      at,
      today,
      report: id,
      points: amount,
      lotLifeDays: decided.lotLifeDays,
      acceptedOn: report.acceptedOn,
    })
    if (!granted.ok) return granted
    events.push(...granted.events.map((event) => on("account", person, event)))
  }
  return { ok: true, events }
}

const awarded = (
  id: ReportId,
  report: SettledReport,
  decided: DecidedReward,
  band: string,
  booked: readonly Emitted[],
  context: Context,
): Outcome => {
  const { form, amount, because } = decided
  invariant(form !== "none" && report.incident !== undefined, "L9", "an award is cash or points")
  const until = form === "cash" ? forfeitAt(context.book, report.acceptedOn, context.today) : undefined
  return happen({
    events: [
      on("reward", id, {
        type: "AwardApproved",
        at: context.at,
        by: context.by.person,
        form,
        ...(decided.form === "cash" ? { tier: decided.tier } : {}),
        amount,
        shares: [...decided.shares],
        band,
        incident: report.incident,
        ...(until === undefined ? {} : { forfeitAt: until }),
        because,
      }),
      ...booked,
      ...(form === "cash" ? [on("incident", report.incident, { type: "ClaimSettled", report: id })] : []),
    ],
    claims: [
      { kind: "take", key: earnClaimKey(id), holder: id },
      ...(form === "cash" ? [{ kind: "take" as const, key: cashClaimKey(report.incident), holder: id }] : []),
    ],
    notices: decided.shares.map((share) => toEarner(id, form, share.person, share.amount)),
  })
}

const declined = (id: ReportId, report: SettledReport, decided: DecidedReward, context: Context): Outcome =>
  happen({
    events: [
      on("reward", id, {
        type: "RewardDeclined",
        at: context.at,
        by: context.by.person,
        because: decided.because,
      }),
    ],
    notices: report.reporters.map(({ person }) => toEarner(id, "none", person, 0)),
  })

const toEarner = (id: ReportId, form: string, person: PersonId, amount: number): Notice => ({
  kind: "award",
  to: { kind: "person", person },
  urgent: false,
  orderingKey: `person/${person}`,
  data: { report: id, form, amount },
})
