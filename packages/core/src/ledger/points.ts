/**
 * Deciders of points: grant, claw back, expire, dispose of. Pure; each answers with the account's events.
 *
 * Whatever takes points lets ended lots expire first, in the same decision, so that nobody spends points
 * whose last day is over and the scheduler's hour does not matter. A receivable is settled as soon as
 * points come in, by a posting of its own: while something is owed there is nothing to spend.
 */
import type { PersonId, ReportId } from "../kernel/ids.ts"
import { accept, type Decision, invariant, refuse } from "../kernel/refusal.ts"
import type { CivilDate, Instant } from "../kernel/time.ts"
import { type AccountEvent, type AccountState, type Disposition, inTurn, nextPosting } from "./account.ts"
import { endedBefore, lotEnd, partsOf, pointsIn } from "./lots.ts"
import { amountLimit, postingOf } from "./posting.ts"

/** When something happens and on whose account. */
export interface Entered {
  readonly person: PersonId
  readonly at: Instant
  /** The civil date of `at` in the programme's zone. */
  readonly today: CivilDate
}

export interface Grant extends Entered {
  readonly report: ReportId
  /** 1 or more. */
  readonly points: number
  /** Days that the points last, from the policy. */
  readonly lotLifeDays: number
  /** Civil date on which the report was accepted. */
  readonly acceptedOn: CivilDate
}

/**
 * Adds points as a lot with an end. What the person owes is settled first, out of this grant.
 *
 * That a report earns once is kept by a unique key (L7), and whether the person may earn by the caller.
 *
 * Refuses: `account-full`.
 */
export const grantPoints = (state: AccountState, grant: Grant): Decision<AccountEvent> => {
  const { person, at, today, report, points, acceptedOn } = grant
  isAmount(points)
  if (state.balances.spendable + points > amountLimit) return refuse("account-full", { limit: amountLimit })
  return accept(
    ...inTurn(
      state,
      (now) => ({
        type: "PointsGranted",
        at,
        on: today,
        report,
        countedOn: acceptedOn,
        expiresOn: lotEnd(today, grant.lotLifeDays),
        posting: postingOf(
          { ...nextPosting(now, person, "points"), reason: "grant", ref: report },
          { issued: -points, [`spendable/${person}`]: points },
        ),
      }),
      (now) => settled(now, grant, report),
    ),
  )
}

export interface PointsClawback extends Entered {
  readonly report: ReportId
  /** How much of the grant, 1 or more. */
  readonly points: number
  /** When it was granted. */
  readonly grantedOn: CivilDate
}

/**
 * Takes points back, earliest-ending lots first. What has been spent or is on hold is owed instead and
 * settled from what comes in later; the balance never becomes negative (L18).
 *
 * The caller's reward file keeps Σ clawbacks of a grant within the grant.
 */
export const clawBackPoints = (state: AccountState, clawback: PointsClawback): Decision<AccountEvent> => {
  const { person, at, report, points, grantedOn } = clawback
  isAmount(points)
  return accept(
    ...inTurn(
      state,
      (now) => expired(now, clawback),
      (now) => {
        const taken = Math.min(points, pointsIn(now.lots))
        const owed = points - taken
        return {
          type: "PointsClawedBack",
          at,
          report,
          grantedOn,
          parts: [...(partsOf(now.lots, taken) ?? [])],
          posting: postingOf(
            { ...nextPosting(now, person, "points"), reason: "clawback", ref: report },
            {
              [`spendable/${person}`]: -taken,
              "clawed-back": taken,
              [`receivable/${person}`]: owed,
              "receivable-contra": -owed,
            },
          ),
        }
      },
    ),
  )
}

/**
 * Lets the lots expire whose last day is over, each once.
 *
 * Refuses: `nothing-to-expire`.
 */
export const expireLots = (state: AccountState, entered: Entered): Decision<AccountEvent> => {
  const event = expired(state, entered)
  return event === undefined ? refuse("nothing-to-expire", { today: entered.today }) : accept(event)
}

export interface Disposal extends Entered {
  readonly by: PersonId
  /** When the person was removed. */
  readonly removedAt: Instant
  readonly disposition: Disposition
}

/**
 * What becomes of the points of somebody who was removed: forfeited now, or kept until they expire (L23).
 *
 * Points on hold are not touched: give up the holds first. Cash that was awarded stays payable.
 *
 * Refuses: `already-disposed` for a second disposition of one removal, `holds-open`.
 */
export const disposeBalance = (state: AccountState, disposal: Disposal): Decision<AccountEvent> => {
  const { person, at, by, removedAt, disposition } = disposal
  if (state.disposedFor === removedAt) return refuse("already-disposed")
  if (state.holds.length > 0) return refuse("holds-open", { holds: state.holds.length })
  return accept(
    ...inTurn(
      state,
      (now) => expired(now, disposal),
      (now) => {
        const points = disposition === "forfeit" ? now.balances.spendable : 0
        const disposed = { type: "BalanceDisposed" as const, at, by, removedAt, disposition }
        if (points === 0) return disposed
        const posting = postingOf(
          { ...nextPosting(now, person, "points"), reason: "forfeiture", ref: removedAt },
          { [`spendable/${person}`]: -points, forfeited: points },
        )
        return { ...disposed, posting }
      },
    ),
  )
}

/** The expiry of whatever ended before today; nothing when nothing did. */
export const expired = (state: AccountState, entered: Entered): AccountEvent | undefined => {
  const { person, at, today } = entered
  const points = pointsIn(endedBefore(state.lots, today))
  if (points === 0) return undefined
  return {
    type: "PointsExpired",
    at,
    before: today,
    posting: postingOf(
      { ...nextPosting(state, person, "points"), reason: "expiry", ref: today },
      { [`spendable/${person}`]: -points, expired: points },
    ),
  }
}

/** The settlement of what is owed out of what can be spent; nothing when nothing is owed. */
export const settled = (state: AccountState, entered: Entered, ref: string): AccountEvent | undefined => {
  const { person, at } = entered
  const points = Math.min(state.balances.pointsReceivable, pointsIn(state.lots))
  if (points === 0) return undefined
  return {
    type: "PointsReceivableSettled",
    at,
    parts: [...(partsOf(state.lots, points) ?? [])],
    posting: postingOf(
      { ...nextPosting(state, person, "points"), reason: "settlement", ref },
      {
        [`spendable/${person}`]: -points,
        "clawed-back": points,
        [`receivable/${person}`]: -points,
        "receivable-contra": points,
      },
    ),
  }
}

/** A rule computed it; a person's amounts were bounded at the edge. */
export const isAmount = (amount: number): void =>
  invariant(
    Number.isSafeInteger(amount) && amount >= 1 && amount <= amountLimit,
    "L1",
    "an amount is whole, 1 to 10⁹",
  )
