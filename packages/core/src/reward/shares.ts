/**
 * Sharing one award among those who reported together.
 *
 * Equal whole parts; what is left over goes to the first signatories, one unit each, so that the shares add
 * up to the award exactly (联名平分). Somebody whose part would be nothing is left out.
 *
 * @param amount whole fen or points, 0 or more.
 * @param persons those who may be rewarded, the first signatory first.
 * @example shareOut(100, ["a", "b", "c"]) // => a 34, b 33, c 33
 */
import { invariant } from "../kernel/refusal.ts"
import type { Share } from "./reward.ts"

export const shareOut = (amount: number, persons: readonly Share["person"][]): readonly Share[] => {
  invariant(Number.isSafeInteger(amount) && amount >= 0, "L1", "an award is a whole amount")
  const part = persons.length === 0 ? 0 : Math.floor(amount / persons.length)
  const left = amount - part * persons.length
  return persons
    .map((person, at) => ({ person, amount: part + (at < left ? 1 : 0) }))
    .filter((share) => share.amount > 0)
}
