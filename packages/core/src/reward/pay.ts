/**
 * PayAward and ForfeitAward: the first signatory collects in time, or the award is forfeited.
 *
 * The payer did not approve and is no reporter (L12); nobody is told what the report was about, payment
 * needs the payee and the amount. The scheduler forfeits what was not collected within the claim window,
 * once (L22), and gives the money back to the year's budget.
 *
 * Refuses: `not-found`, `not-payable`, `same-person`, `not-collector`, `claim-window-over`,
 * `claim-window-open`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { personId, type ReportId, reportId } from "../kernel/ids.ts"
import { type Decision, invariant, refuse } from "../kernel/refusal.ts"
import { type Context, type Emitted, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import type { CivilDate } from "../kernel/time.ts"
import type { AccountEvent, AccountState } from "../ledger/account.ts"
import { forfeitCash, payableOf, payCash } from "../ledger/cash.ts"
import type { Entered } from "../ledger/points.ts"
import { isReporter } from "../report/report.ts"
import { giveBack } from "./budget-of-shares.ts"
import { isClaimable } from "./claim-window.ts"
import { readRewardFile } from "./read-reward-file.ts"
import { isWaiting, type RewardFile } from "./reward.ts"

const payPayload = z.strictObject({
  report: reportId,
  /** Who came to collect, checked at the counter. */
  collectedBy: personId,
})
const forfeitPayload = z.strictObject({ report: reportId })
export type PayAward = z.output<typeof payPayload>
export type ForfeitAward = z.output<typeof forfeitPayload>

export const payAward = command({
  type: "PayAward",
  roles: ["payer"],
  payload: payPayload,
  queue: ({ report }) => `reward/${report}`,
  *decide(pay: PayAward, context: Context): Rule<Outcome> {
    const found = yield* readRewardFile(pay.report)
    if (!found.ok) return found
    const { file, report } = found
    const { award } = file
    if (award === undefined || !isWaiting(file)) return refuse("not-payable", { report: pay.report })
    if (award.by === context.by.person) return refuse("same-person", { other: "approver" })
    if (isReporter(report, context.by.person)) {
      return refuse("same-person", { other: "reporter" })
    }
    if (award.shares[0]?.person !== pay.collectedBy) return refuse("not-collector")
    if (!isClaimable(context.book, report.acceptedOn, noticeDate(file, context), context.today)) {
      return refuse("claim-window-over")
    }
    const events = yield* eachPayable(file, context, (account, entered) =>
      payCash(account, { ...entered, report: pay.report, by: context.by.person }),
    )
    const paid = {
      type: "AwardPaid",
      at: context.at,
      by: context.by.person,
      collectedBy: pay.collectedBy,
    } as const
    return happen({ events: [on("reward", pay.report, paid), ...events] })
  },
})

export const forfeitAward = command({
  type: "ForfeitAward",
  roles: ["scheduler", "programme-admin"],
  payload: forfeitPayload,
  queue: ({ report }) => `reward/${report}`,
  *decide(forfeit: ForfeitAward, context: Context): Rule<Outcome> {
    const found = yield* readRewardFile(forfeit.report)
    if (!found.ok) return found
    const { file, report } = found
    const { award } = file
    if (award === undefined || !isWaiting(file)) return refuse("not-payable", { report: forfeit.report })
    if (isClaimable(context.book, report.acceptedOn, noticeDate(file, context), context.today)) {
      return refuse("claim-window-open")
    }
    const released = yield* releasedShares(file, context, forfeit.report)
    const events = yield* eachPayable(file, context, (account, entered) =>
      forfeitCash(account, { ...entered, report: forfeit.report }),
    )
    return happen({
      events: [
        on("reward", forfeit.report, { type: "AwardForfeited", at: context.at }),
        ...events,
        ...released,
      ],
      notices: award.shares.map(({ person }) => ({
        kind: "forfeited",
        to: { kind: "person" as const, person },
        urgent: false,
        orderingKey: `person/${person}`,
        data: { report: forfeit.report },
      })),
    })
  },
})

// internal

/** The date from which the time to collect counts. */
const noticeDate = (file: RewardFile, context: Context): CivilDate => {
  invariant(file.noticeAt !== undefined, "L22", "cash that waits was announced")
  return context.book.dateOf(file.noticeAt)
}

/** Does the same with what is left on the account of each share. */
function* eachPayable(
  file: RewardFile,
  context: Context,
  decide: (account: AccountState, entered: Entered) => Decision<AccountEvent>,
): Rule<readonly Emitted[]> {
  const events: Emitted[] = []
  for (const { person } of file.award?.shares ?? []) {
    const account = yield* read("account", person)
    const decided = decide(account, { person, at: context.at, today: context.today })
    // Nothing is left of a share that was clawed back whole.
    if (decided.ok) events.push(...decided.events.map((event) => on("account", person, event)))
    else invariant(decided.refusal.code === "no-such-payable", "L22", decided.refusal.code)
  }
  return events
}

/** What goes back to the budgets that the shares came from. */
function* releasedShares(file: RewardFile, context: Context, report: ReportId): Rule<readonly Emitted[]> {
  const events: Emitted[] = []
  for (const { person } of file.award?.shares ?? []) {
    const left = payableOf(yield* read("account", person), report)
    if (left === undefined) continue
    const share = { report, person, fen: left.fen }
    events.push(...(yield* giveBack(share, left.year, "forfeited", context)))
  }
  return events
}
