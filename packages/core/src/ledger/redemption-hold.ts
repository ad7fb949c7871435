/**
 * Deciders of a redemption's points: hold, then commit or release, each hold ending exactly once (L19).
 *
 * A hold remembers from which lots its points came. Released points go back to those lots with the ends
 * they had; what has ended meanwhile expires at once.
 */
import type { PersonId } from "../kernel/ids.ts"
import { accept, type Decision, type Refused, refuse } from "../kernel/refusal.ts"
import {
  type AccountEvent,
  type AccountState,
  type Hold,
  type HoldId,
  type ItemId,
  inTurn,
  mostHolds,
  nextPosting,
} from "./account.ts"
import { endedBefore, partsOf, pointsIn } from "./lots.ts"
import { type Entered, expired, isAmount, settled } from "./points.ts"
import { postingOf } from "./posting.ts"

export interface HoldRequest extends Entered {
  readonly hold: HoldId
  readonly item: ItemId
  /** 1 or more. */
  readonly points: number
}

/**
 * Sets points aside, earliest-ending lots first.
 *
 * Refuses: `insufficient-points`, `too-many-holds`, `already-ended` or `hold-exists` for an id in use.
 */
export const holdPoints = (state: AccountState, request: HoldRequest): Decision<AccountEvent> => {
  const { person, at, hold, item, points } = request
  isAmount(points)
  if (state.holds.some((one) => one.hold === hold)) return refuse("hold-exists", { hold })
  if (state.endedHolds.includes(hold)) return refuse("already-ended", { hold })
  if (state.holds.length >= mostHolds) return refuse("too-many-holds", { limit: mostHolds })
  const spendable = pointsIn(state.lots) - pointsIn(endedBefore(state.lots, request.today))
  if (spendable < points) return refuse("insufficient-points", { needed: points, spendable })
  return accept(
    ...inTurn(
      state,
      (now) => expired(now, request),
      (now) => ({
        type: "PointsHeld",
        at,
        hold,
        item,
        parts: [...(partsOf(now.lots, points) ?? [])],
        posting: postingOf(
          { ...nextPosting(now, person, "points"), reason: "hold", ref: hold },
          { [`spendable/${person}`]: -points, [`held/${person}`]: points },
        ),
      }),
    ),
  )
}

export interface HoldEnd extends Entered {
  readonly hold: HoldId
  readonly by: PersonId
}

/**
 * The thing was handed out: the points are spent.
 *
 * Refuses: `no-such-hold`, `already-ended`.
 */
export const commitHold = (state: AccountState, end: HoldEnd): Decision<AccountEvent> => {
  const open = openHold(state, end.hold)
  if (!("parts" in open)) return open
  const { person, at, by, hold } = end
  const points = pointsIn(open.parts)
  return accept({
    type: "HoldCommitted",
    at,
    hold,
    by,
    posting: postingOf(
      { ...nextPosting(state, person, "points"), reason: "redemption", ref: hold },
      { [`held/${person}`]: -points, redeemed: points },
    ),
  })
}

/**
 * The redemption was given up: the points go back to their lots. What is owed is settled out of them.
 *
 * Refuses: `no-such-hold`, `already-ended`.
 */
export const releaseHold = (state: AccountState, end: HoldEnd): Decision<AccountEvent> => {
  const open = openHold(state, end.hold)
  if (!("parts" in open)) return open
  const { person, at, by, hold } = end
  const points = pointsIn(open.parts)
  return accept(
    ...inTurn(
      state,
      (now) => ({
        type: "HoldReleased",
        at,
        hold,
        by,
        posting: postingOf(
          { ...nextPosting(now, person, "points"), reason: "release", ref: hold },
          { [`held/${person}`]: -points, [`spendable/${person}`]: points },
        ),
      }),
      (now) => expired(now, end),
      (now) => settled(now, end, hold),
    ),
  )
}

// internal

const openHold = (state: AccountState, id: HoldId): Hold | Refused => {
  const open = state.holds.find(({ hold }) => hold === id)
  if (open !== undefined) return open
  return refuse(state.endedHolds.includes(id) ? "already-ended" : "no-such-hold", { hold: id })
}
