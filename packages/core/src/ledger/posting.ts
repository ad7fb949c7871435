/**
 * A posting: one movement of fen or of points between accounts, never of both.
 *
 * Its entries add up to 0 (L2), every amount is a whole number within ±10⁹ and never 0, −0 or NaN (L1).
 * Postings are only ever added; a correction is another posting (L6).
 *
 * Every event that moves value carries its posting whole, in a field `posting`, and no other event does: so
 * whoever reads the journal finds each posting exactly once by that field alone.
 */
import * as z from "zod"
import { invariant } from "../kernel/refusal.ts"
import { controlOf, kindOf, type Unit } from "./chart-of-accounts.ts"

/** The largest amount of one entry, and of what one account may hold. Fen or points. */
export const amountLimit = 1_000_000_000

/** A whole amount within the limit, not 0. Fen or points by its posting. */
const entry = z.strictObject({
  account: z.string().min(1).max(80),
  amount: z
    .int()
    .min(-amountLimit)
    .max(amountLimit)
    .refine((amount) => amount !== 0, "not zero"),
})
export type Entry = z.infer<typeof entry>

export const postingReason = z.enum([
  "grant",
  "award",
  "payment",
  "forfeiture",
  "clawback",
  "restoration",
  "settlement",
  "hold",
  "redemption",
  "release",
  "expiry",
  "reversal",
])
export type PostingReason = z.infer<typeof postingReason>

export const posting = z
  .strictObject({
    /** `{person}:{n}`: the n-th posting of that person's account, without gaps. */
    id: z.string().regex(/^[a-z0-9][a-z0-9:-]{0,99}$/),
    unit: z.enum(["fen", "points"]),
    entries: z.array(entry).min(2).max(8),
    reason: postingReason,
    /** The report or the hold that it is about, or the date of an expiry. */
    ref: z.string().min(1).max(64),
  })
  .superRefine((made, context) => {
    const fault = faultOf(made)
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault })
  })
export type Posting = z.infer<typeof posting>

/**
 * Makes a posting. Entries of amount 0 are left out, so that a rule can write down all that may move.
 *
 * @throws BrokenInvariant L1 or L2 when amounts are no amounts, do not add up to 0, or name an account that
 *   the chart does not have in this unit.
 * @example postingOf({ id: "p-1:1", unit: "points", reason: "grant", ref: "r-1" }, { issued: -5, "spendable/p-1": 5 })
 */
export const postingOf = (
  head: Omit<Posting, "entries">,
  amounts: { readonly [account: string]: number },
): Posting => {
  const entries = Object.entries(amounts)
    .filter(([, amount]) => amount !== 0)
    .map(([account, amount]) => ({ account, amount }))
  const made = { ...head, entries }
  const fault = faultOf(made)
  invariant(fault === undefined, "L2", `posting ${head.id}: ${fault}`)
  return made
}

/**
 * The posting that undoes another. It does not touch lots, holds or payables: whoever reverses a posting
 * on an account must say what becomes of those.
 *
 * @param id of the new posting.
 */
export const reverse = (undone: Posting, id: string): Posting => ({
  ...undone,
  id,
  reason: "reversal",
  entries: undone.entries.map(({ account, amount }) => ({ account, amount: -amount })),
})

/**
 * The sum that a posting moves on all accounts under one control account.
 *
 * @example movedOn(grant, "spendable") // => 5
 */
export const movedOn = (from: Posting, control: string): number =>
  from.entries.reduce((sum, { account, amount }) => (controlOf(account) === control ? sum + amount : sum), 0)

// internal

/** What is wrong with a posting, or `undefined`. */
const faultOf = ({ unit, entries }: { readonly unit: Unit; readonly entries: readonly Entry[] }) => {
  if (entries.length < 2) return "fewer than two entries"
  if (new Set(entries.map(({ account }) => account)).size < entries.length) return "an account twice"
  for (const { account, amount } of entries) {
    if (kindOf(unit, account) === undefined) return `no account ${account} in ${unit}`
    if (!Number.isSafeInteger(amount) || amount === 0 || Math.abs(amount) > amountLimit) {
      return `${amount} is no amount`
    }
  }
  return entries.reduce((sum, { amount }) => sum + amount, 0) === 0
    ? undefined
    : "the entries do not add up to 0"
}
