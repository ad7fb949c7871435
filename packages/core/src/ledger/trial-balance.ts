/**
 * The trial balance: what every account holds after some postings, and whether it adds up.
 *
 * Reads postings only, in any order. Units are never mixed.
 */
import { type AccountKind, chartOfAccounts, controlOf, kindOf, type Unit } from "./chart-of-accounts.ts"
import type { Posting } from "./posting.ts"

export interface TrialBalance {
  /** Balance by account, persons apart, in order of the name. Accounts at 0 stay listed. */
  readonly accounts: ReadonlyMap<string, number>
  /** Balance by control account, persons together, in order of the chart; `budget` years together. */
  readonly controls: ReadonlyMap<string, number>
  /** Σ of all accounts: 0 (L2). */
  readonly total: number
  /** What came from the source: points issued, or fen of all budgets. */
  readonly issued: number
  /** Where it is now: with persons or at an end. Equal to `issued` (L5). */
  readonly accountedFor: number
}

/**
 * @example trialBalance(postings).points.controls.get("spendable") // => 320
 */
export const trialBalance = (postings: Iterable<Posting>): { readonly [U in Unit]: TrialBalance } => {
  const sums = { fen: new Map<string, number>(), points: new Map<string, number>() }
  for (const { unit, entries } of postings) {
    for (const { account, amount } of entries)
      sums[unit].set(account, (sums[unit].get(account) ?? 0) + amount)
  }
  return { fen: balanced("fen", sums.fen), points: balanced("points", sums.points) }
}

/** One line of an account's register. */
export interface RegisterLine {
  readonly posting: string
  readonly reason: string
  readonly ref: string
  readonly amount: number
  /** After this line. */
  readonly balance: number
}

/**
 * What moved on one account, in the order of the postings (L3).
 *
 * @example register("points", "spendable/p-1", postings).at(-1)?.balance // => 12
 */
export const register = (
  unit: Unit,
  account: string,
  postings: Iterable<Posting>,
): readonly RegisterLine[] => {
  const lines: RegisterLine[] = []
  let balance = 0
  for (const posting of postings) {
    if (posting.unit !== unit) continue
    for (const entry of posting.entries) {
      if (entry.account !== account) continue
      balance += entry.amount
      lines.push({
        posting: posting.id,
        reason: posting.reason,
        ref: posting.ref,
        amount: entry.amount,
        balance,
      })
    }
  }
  return lines
}

// internal

const balanced = (unit: Unit, sums: ReadonlyMap<string, number>): TrialBalance => {
  const controls = new Map(
    chartOfAccounts.filter((one) => one.unit === unit).map(({ control }) => [control, 0]),
  )
  const byRole = new Map<AccountKind["role"], number>()
  let total = 0
  for (const [account, balance] of sums) {
    const role = kindOf(unit, account)?.role ?? "end"
    controls.set(controlOf(account), (controls.get(controlOf(account)) ?? 0) + balance)
    byRole.set(role, (byRole.get(role) ?? 0) + balance)
    total += balance
  }
  return {
    accounts: new Map([...sums].sort(([a], [b]) => (a < b ? -1 : 1))),
    controls,
    total,
    // Adding 0 turns −0 into 0.
    issued: -(byRole.get("source") ?? 0) + 0,
    accountedFor: (byRole.get("standing") ?? 0) + (byRole.get("end") ?? 0),
  }
}
