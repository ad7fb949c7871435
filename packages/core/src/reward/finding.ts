/**
 * ProposeFinding and DecideFinding (事后认定, 追回): what happens when an award turns out to be wrong.
 *
 * One person finds, another confirms; the policy says what follows from the finding (追回), never more than
 * the award less what was taken back before (L18). Repeating a finding recovers nothing twice: what is
 * left over what was right is what counts. The removal that fraud may bring is proposed to the programme
 * and decided by a person (S8).
 *
 * Refuses: `not-found`, `no-award`, `finding-pending`, `no-finding`, `same-person`, `nothing-to-recover`.
 */
import * as z from "zod"
import type { Because } from "../decisions.ts"
import { command } from "../kernel/command.ts"
import { type PersonId, type ReportId, reportId } from "../kernel/ids.ts"
import { type Decision, invariant, type Refused, refuse } from "../kernel/refusal.ts"
import { type Context, type Emitted, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { type AccountEvent, inTurn } from "../ledger/account.ts"
import { clawBackCash, payableOf } from "../ledger/cash.ts"
import { clawBackPoints } from "../ledger/points.ts"
import { isReporter, type SettledReport } from "../report/report.ts"
import { giveBack } from "./budget-of-shares.ts"
import { readRewardFile } from "./read-reward-file.ts"
import { finding, type RewardFile, unpaidByStatus } from "./reward.ts"

const reason = z.string().trim().min(1).max(500)
const proposePayload = z.strictObject({
  report: reportId,
  finding: finding.exclude(["none"]),
  /** What the award should have been: fen for cash, points for points. */
  rightAmount: z.int().min(0).max(1_000_000_000).default(0),
  reason,
})
const decidePayload = z.strictObject({ report: reportId, decision: z.enum(["confirm", "dismiss"]), reason })
export type ProposeFinding = z.output<typeof proposePayload>
export type DecideFinding = z.output<typeof decidePayload>
type Award = NonNullable<RewardFile["award"]>

export const proposeFinding = command({
  type: "ProposeFinding",
  roles: ["auditor", "programme-admin"],
  payload: proposePayload,
  queue: ({ report }) => `reward/${report}`,
  *decide(propose: ProposeFinding, context: Context): Rule<Outcome> {
    const found = yield* readAward(propose.report, context)
    if (!found.ok) return found
    if (found.file.pendingFinding !== undefined) return refuse("finding-pending", { report: propose.report })
    return happen({
      events: [
        on("reward", propose.report, {
          type: "FindingProposed",
          at: context.at,
          by: context.by.person,
          finding: propose.finding,
          rightAmount: propose.rightAmount,
          reason: propose.reason,
        }),
      ],
    })
  },
})

export const decideFinding = command({
  type: "DecideFinding",
  roles: ["programme-admin"],
  payload: decidePayload,
  queue: ({ report }) => `reward/${report}`,
  decide,
})

function* decide(ruling: DecideFinding, context: Context): Rule<Outcome> {
  const found = yield* readAward(ruling.report, context)
  if (!found.ok) return found
  const { file, report, award } = found
  const pending = file.pendingFinding
  if (pending === undefined) return refuse("no-finding", { report: ruling.report })
  if (pending.by === context.by.person) return refuse("same-person", { other: "proposer" })
  if (ruling.decision === "dismiss") {
    const dismissed = {
      type: "FindingDismissed",
      at: context.at,
      by: context.by.person,
      reason: ruling.reason,
    } as const
    return happen({ events: [on("reward", ruling.report, dismissed)] })
  }
  const dates = { accepted: report.acceptedOn, step: context.today }
  const outcome = context.book.decide("clawback", { finding: pending.finding }, dates)
  if (outcome.status === "pending") return refuse("reward-undecided", { missing: outcome.missing.join(", ") })
  const consequence = outcome.conclusions.clawback
  const right = consequence === "recoverAllAndRemove" ? 0 : pending.rightAmount
  const amount = consequence === "keep" ? 0 : Math.max(0, award.amount - file.recovered - right)
  if (amount === 0) return refuse("nothing-to-recover", { report: ruling.report })
  const recovered = yield* recover(ruling.report, file, award, amount, context)
  return happen({
    events: [
      on("reward", ruling.report, {
        type: "AwardRecovered",
        at: context.at,
        by: [pending.by, context.by.person],
        finding: pending.finding,
        amount,
        ...(recovered.unpaid === unpaidByStatus(file, amount) ? {} : { unpaid: recovered.unpaid }),
        because: outcome.because satisfies Because,
      }),
      ...recovered.events,
    ],
    notices: [
      ...award.shares.map(({ person }) => ({
        kind: "recovered",
        to: { kind: "person" as const, person },
        urgent: false,
        orderingKey: `person/${person}`,
        data: { report: ruling.report, form: award.form, amount },
      })),
      ...(consequence === "recoverAllAndRemove" ? [removalProposed(ruling.report)] : []),
    ],
  })
}

// internal

function* readAward(
  id: ReportId,
  context: Context,
): Rule<{ ok: true; file: RewardFile; report: SettledReport; award: Award } | Refused> {
  const found = yield* readRewardFile(id)
  if (!found.ok) return found
  const { file, report } = found
  if (file.award === undefined || file.status === "forfeited") return refuse("no-award", { report: id })
  if (isReporter(report, context.by.person)) {
    return refuse("same-person", { other: "reporter" })
  }
  return { ok: true, file, report, award: file.award }
}

interface Recovered {
  readonly events: readonly Emitted[]
  /** The part that nobody had collected; it went back to the budget. */
  readonly unpaid: number
}

/** Takes the amount from the shares, in order of signature, never more from one than its share. */
function* recover(
  id: ReportId,
  file: RewardFile,
  award: Award,
  amount: number,
  context: Context,
): Rule<Recovered> {
  const events: Emitted[] = []
  let unpaid = 0
  let before = file.recovered
  let left = amount
  for (const share of award.shares) {
    const gone = Math.min(before, share.amount)
    before -= gone
    const part = Math.min(left, share.amount - gone)
    left -= part
    if (part === 0) continue
    const taken =
      award.form === "cash"
        ? yield* recoverCash(id, share.person, part, context)
        : yield* recoverPoints(id, award, share.person, part, context)
    events.push(...taken.events)
    unpaid += taken.unpaid
  }
  invariant(left === 0, "L18", "no more is recovered than was awarded")
  return { events, unpaid }
}

function* recoverPoints(
  id: ReportId,
  award: Award,
  person: PersonId,
  points: number,
  context: Context,
): Rule<Recovered> {
  const account = yield* read("account", person)
  const entered = { person, at: context.at, today: context.today, report: id }
  const taken = clawBackPoints(account, { ...entered, points, grantedOn: context.book.dateOf(award.at) })
  invariant(taken.ok, "L18", "what was awarded can be recovered")
  return { events: taken.events.map((event) => on("account", person, event)), unpaid: 0 }
}

/** What can still be collected is not owed any more; what was collected is owed back. An appeal may have left both. */
function* recoverCash(id: ReportId, person: PersonId, fen: number, context: Context): Rule<Recovered> {
  const account = yield* read("account", person)
  const entered = { person, at: context.at, today: context.today, report: id }
  const open = payableOf(account, id)
  const unpaid = Math.min(fen, open?.fen ?? 0)
  const taken = inTurn(
    account,
    (now) => clawedBack(unpaid, () => clawBackCash(now, { ...entered, fen: unpaid, paid: false })),
    (now) => clawedBack(fen - unpaid, () => clawBackCash(now, { ...entered, fen: fen - unpaid, paid: true })),
  )
  const released =
    open === undefined || unpaid === 0
      ? []
      : yield* giveBack({ report: id, person, fen: unpaid }, open.year, "clawed-back", context)
  return { events: [...taken.map((event) => on("account", person, event)), ...released], unpaid }
}

const clawedBack = (fen: number, decide: () => Decision<AccountEvent>): AccountEvent | undefined => {
  if (fen === 0) return undefined
  const decision = decide()
  invariant(decision.ok, "L18", "what was awarded can be recovered")
  return decision.events[0]
}

const removalProposed = (report: ReportId) => ({
  kind: "removal-proposed",
  to: { kind: "role" as const, role: "programme-admin" as const },
  urgent: false,
  orderingKey: `report/${report}`,
  data: { report },
})
