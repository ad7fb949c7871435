/**
 * Deciders that give back what was clawed back wrongly. Pure.
 *
 * What the person still owes for it is struck off first; what was really taken comes back: points as a lot
 * with a life of its own, cash as an amount to collect.
 */
import type { ReportId } from "../kernel/ids.ts"
import { accept, type Decision } from "../kernel/refusal.ts"
import type { CivilDate } from "../kernel/time.ts"
import { type AccountEvent, type AccountState, nextPosting } from "./account.ts"
import { lotEnd } from "./lots.ts"
import { type Entered, isAmount } from "./points.ts"
import { postingOf } from "./posting.ts"

export interface PointsRestoration extends Entered {
  readonly report: ReportId
  /** What was clawed back, 1 or more. */
  readonly points: number
  readonly lotLifeDays: number
  /** When they were granted: the year in which they count again. */
  readonly grantedOn: CivilDate
}

export const restorePoints = (
  state: AccountState,
  restoration: PointsRestoration,
): Decision<AccountEvent> => {
  const { person, at, today, report, points, grantedOn } = restoration
  isAmount(points)
  const struck = Math.min(points, state.balances.pointsReceivable)
  const back = points - struck
  return accept({
    type: "PointsRestored",
    at,
    report,
    grantedOn,
    expiresOn: lotEnd(today, restoration.lotLifeDays),
    posting: postingOf(
      { ...nextPosting(state, person, "points"), reason: "restoration", ref: report },
      {
        [`spendable/${person}`]: back,
        "clawed-back": -back,
        [`receivable/${person}`]: -struck,
        "receivable-contra": struck,
      },
    ),
  })
}

export interface CashRestoration extends Entered {
  readonly report: ReportId
  /** What was clawed back, 1 or more. */
  readonly fen: number
  /** The budget that paid it. */
  readonly year: number
}

export const restoreCash = (state: AccountState, restoration: CashRestoration): Decision<AccountEvent> => {
  const { person, at, report, fen, year } = restoration
  isAmount(fen)
  const struck = Math.min(fen, state.balances.fenReceivable)
  const back = fen - struck
  return accept({
    type: "CashRestored",
    at,
    report,
    year,
    posting: postingOf(
      { ...nextPosting(state, person, "fen"), reason: "restoration", ref: report },
      {
        [`payable/${person}`]: back,
        "clawed-back": -back,
        [`receivable/${person}`]: -struck,
        "receivable-contra": struck,
      },
    ),
  })
}
