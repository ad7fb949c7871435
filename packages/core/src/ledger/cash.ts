/**
 * Deciders of cash: award, pay, forfeit, claw back, settle. Pure; amounts are whole fen.
 *
 * An award is owed to the person (`payable`) until it is collected, forfeited or clawed back. The year's
 * budget is a stream of its own (`budget.ts`): the caller commits and releases it in the same command.
 */
import type { PersonId, ReportId } from "../kernel/ids.ts"
import { accept, type Decision, refuse } from "../kernel/refusal.ts"
import {
  type AccountEvent,
  type AccountState,
  cashAwardedOn,
  mostPayables,
  nextPosting,
  type Payable,
} from "./account.ts"
import { type Entered, isAmount } from "./points.ts"
import { amountLimit, postingOf } from "./posting.ts"

export interface Award extends Entered {
  readonly report: ReportId
  /** 1 or more. */
  readonly fen: number
  /** The budget that pays it: the civil year of the award. */
  readonly year: number
  /** How much this person may be awarded on one civil day, from the policy. */
  readonly dailyCashCapFen: number
}

/**
 * Owes the person an award. It fits whole within the day's cap or not at all (L21).
 *
 * Refuses: `cap-reached` (`cap: "daily"`), `already-awarded`, `account-full`.
 */
export const awardCash = (state: AccountState, award: Award): Decision<AccountEvent> => {
  const { person, at, today, report, fen, year, dailyCashCapFen } = award
  isAmount(fen)
  const usedFen = cashAwardedOn(state, today)
  if (usedFen + fen > dailyCashCapFen) {
    return refuse("cap-reached", { cap: "daily", limitFen: dailyCashCapFen, usedFen, fen })
  }
  if (payableOf(state, report) !== undefined) return refuse("already-awarded", { report })
  if (state.payables.length >= mostPayables || state.balances.payable + fen > amountLimit) {
    return refuse("account-full", { limit: mostPayables })
  }
  return accept({
    type: "CashAwarded",
    at,
    on: today,
    report,
    year,
    posting: postingOf(
      { ...nextPosting(state, person, "fen"), reason: "award", ref: report },
      { [`budget/${year}`]: -fen, [`payable/${person}`]: fen },
    ),
  })
}

/** What is still owed for a report, or `undefined`: nothing was awarded, or it is paid, forfeited or taken back. */
export const payableOf = (state: AccountState, report: ReportId): Payable | undefined =>
  state.payables.find((one) => one.report === report)

export interface Payment extends Entered {
  readonly report: ReportId
  readonly by: PersonId
}

/**
 * The person has the money, all that is left of the award.
 *
 * Refuses: `no-such-payable`.
 */
export const payCash = (state: AccountState, payment: Payment): Decision<AccountEvent> => {
  const { person, at, report, by } = payment
  const open = payableOf(state, report)
  if (open === undefined) return refuse("no-such-payable", { report })
  return accept({
    type: "CashPaid",
    at,
    report,
    by,
    posting: postingOf(
      { ...nextPosting(state, person, "fen"), reason: "payment", ref: report },
      { [`payable/${person}`]: -open.fen, paid: open.fen },
    ),
  })
}

/**
 * The award was not collected in time (L22). Whether the time is over is the caller's rule.
 *
 * Refuses: `no-such-payable`. Release the same amount of the budget of `payableOf(…).year`.
 */
export const forfeitCash = (
  state: AccountState,
  { person, at, report }: Entered & { readonly report: ReportId },
): Decision<AccountEvent> => {
  const open = payableOf(state, report)
  if (open === undefined) return refuse("no-such-payable", { report })
  return accept({
    type: "CashForfeited",
    at,
    report,
    posting: postingOf(
      { ...nextPosting(state, person, "fen"), reason: "forfeiture", ref: report },
      { [`payable/${person}`]: -open.fen, forfeited: open.fen },
    ),
  })
}

export interface CashClawback extends Entered {
  readonly report: ReportId
  /** How much of the award, 1 or more. */
  readonly fen: number
  /** Was it collected already? The reward file knows. */
  readonly paid: boolean
}

/**
 * Takes an award back. Before payment less is owed to the person and the money is back at once; after it
 * the person owes the programme, and the money counts as taken back when it comes in.
 *
 * Refuses: `no-such-payable` and `exceeds-payable` before payment, `not-paid` when it says paid and is not.
 */
export const clawBackCash = (state: AccountState, clawback: CashClawback): Decision<AccountEvent> => {
  const { person, at, report, fen, paid } = clawback
  isAmount(fen)
  const open = payableOf(state, report)
  if (paid && open !== undefined) return refuse("not-paid", { report })
  if (!paid && open === undefined) return refuse("no-such-payable", { report })
  if (open !== undefined && open.fen < fen)
    return refuse("exceeds-payable", { report, fen, leftFen: open.fen })
  return accept({
    type: "CashClawedBack",
    at,
    report,
    paid,
    posting: postingOf(
      { ...nextPosting(state, person, "fen"), reason: "clawback", ref: report },
      paid
        ? { [`receivable/${person}`]: fen, "receivable-contra": -fen }
        : { [`payable/${person}`]: -fen, "clawed-back": fen },
    ),
  })
}

export interface Settlement extends Entered {
  /** What the person gave back, 1 or more. */
  readonly fen: number
  readonly by: PersonId
}

/**
 * The person gave back cash that they owed. Cash is never set off against a new award by itself: somebody
 * has to receive it. (Points are, see `points.ts`.)
 *
 * Refuses: `exceeds-receivable`.
 */
export const settleReceivable = (state: AccountState, settlement: Settlement): Decision<AccountEvent> => {
  const { person, at, today, fen, by } = settlement
  isAmount(fen)
  const owedFen = state.balances.fenReceivable
  if (fen > owedFen) return refuse("exceeds-receivable", { fen, owedFen })
  return accept({
    type: "CashReceivableSettled",
    at,
    by,
    posting: postingOf(
      { ...nextPosting(state, person, "fen"), reason: "settlement", ref: today },
      { paid: -fen, "clawed-back": fen, [`receivable/${person}`]: -fen, "receivable-contra": fen },
    ),
  })
}
