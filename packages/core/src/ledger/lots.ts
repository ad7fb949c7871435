/**
 * Lots: points by the last day on which they can be spent.
 *
 * Points that end on one day are one lot, however many reports earned them: an account holds no more lots
 * than there are days (or months) ahead. What is taken, for whatever reason, is taken from the lots that
 * end earliest (L20). Lots are kept in order of their ends and never hold 0.
 */
import { invariant } from "../kernel/refusal.ts"
import { addDays, type CivilDate } from "../kernel/time.ts"

/** Points that can be spent up to and including a day. */
export interface Lot {
  readonly expiresOn: CivilDate
  /** 1 or more. */
  readonly points: number
}

/** Σ lots. */
export const pointsIn = (lots: readonly Lot[]): number => lots.reduce((sum, { points }) => sum + points, 0)

/** Lots with more points, merged by their ends. */
export const putIn = (lots: readonly Lot[], parts: readonly Lot[]): readonly Lot[] => {
  const byEnd = new Map(lots.map(({ expiresOn, points }) => [expiresOn, points]))
  for (const { expiresOn, points } of parts) byEnd.set(expiresOn, (byEnd.get(expiresOn) ?? 0) + points)
  return [...byEnd]
    .map(([expiresOn, points]) => ({ expiresOn, points }))
    .sort((a, b) => (a.expiresOn < b.expiresOn ? -1 : 1))
}

/**
 * Which parts of which lots make up so many points, earliest end first.
 *
 * @returns `undefined` when there are not enough.
 * @example partsOf([{ expiresOn: "2026-05-01", points: 3 }, { expiresOn: "2026-06-01", points: 9 }], 5)
 *   // => [{ expiresOn: "2026-05-01", points: 3 }, { expiresOn: "2026-06-01", points: 2 }]
 */
export const partsOf = (lots: readonly Lot[], points: number): readonly Lot[] | undefined => {
  const parts: Lot[] = []
  let left = points
  for (const lot of lots) {
    if (left === 0) break
    const part = Math.min(left, lot.points)
    parts.push({ expiresOn: lot.expiresOn, points: part })
    left -= part
  }
  return left === 0 ? parts : undefined
}

/** @throws BrokenInvariant L4 when a part is not there. */
export const takeOut = (lots: readonly Lot[], parts: readonly Lot[]): readonly Lot[] => {
  const taken = new Map(parts.map(({ expiresOn, points }) => [expiresOn, points]))
  const left = lots.map((lot) => {
    const points = lot.points - (taken.get(lot.expiresOn) ?? 0)
    taken.delete(lot.expiresOn)
    invariant(points >= 0, "L4", "more points taken from a lot than it holds")
    return { ...lot, points }
  })
  invariant(taken.size === 0, "L4", "points taken from a lot that is not there")
  return left.filter(({ points }) => points > 0)
}

/** Lots whose last day was before `today`. */
export const endedBefore = (lots: readonly Lot[], today: CivilDate): readonly Lot[] =>
  lots.filter(({ expiresOn }) => expiresOn < today)

/**
 * The last day on which points granted on a day can be spent.
 *
 * Lives of more than 1,000 days end with a month, never early, so that an account stays small.
 *
 * @source policy, `lotLife` of the reward
 * @example lotEnd("2026-03-24", 730) // => "2028-03-23"
 */
export const lotEnd = (grantedOn: CivilDate, lifeDays: number): CivilDate => {
  const end = addDays(grantedOn, lifeDays)
  if (lifeDays <= 1000) return end
  // The 28th and four days are always in the next month.
  const nextMonth = addDays(`${end.slice(0, 8)}28` as CivilDate, 4)
  return addDays(`${nextMonth.slice(0, 8)}01` as CivilDate, -1)
}
