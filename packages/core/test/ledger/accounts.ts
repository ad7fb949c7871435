/** Accounts for tests of their pieces: one with something of everything, and one that owes. */
import { personId, reportId } from "@yingshao/core/kernel/ids"
import { type CivilDate, civilDate, type Instant, instant } from "@yingshao/core/kernel/time"
import {
  type AccountEvent,
  type AccountState,
  accountDefinition,
  type HoldId,
  holdId,
  itemId,
} from "@yingshao/core/ledger/account"
import type { PostingReason } from "@yingshao/core/ledger/posting"

export const person = personId.parse("p-1")
export const desk = personId.parse("desk")
export const day = (text: string): CivilDate => civilDate.parse(text)
export const today = day("2026-03-24")
export const at: Instant = instant.parse("2026-03-24T02:00:00.000Z")
export const earlier: Instant = instant.parse("2026-03-01T00:00:00.000Z")
export const entered = { person, at, today }
export const report = reportId.parse("r-1")
export const other = reportId.parse("r-2")
export const towel = itemId.parse("towel")
export const hold = (n: number): HoldId => holdId.parse(`h-${n}`)
export const lot = (expiresOn: string, points: number) => ({ expiresOn: day(expiresOn), points })
export const none = { spendable: 0, held: 0, pointsReceivable: 0, payable: 0, fenReceivable: 0 }

export const account = (change: Partial<AccountState>): AccountState => ({
  ...accountDefinition.initial,
  ...change,
})
/** 5 points that end in April, 10 in May, 4 on hold; 300 fen to collect for r-1, 200 for r-2. */
export const rich = account({
  postings: 7,
  balances: { spendable: 15, held: 4, pointsReceivable: 0, payable: 500, fenReceivable: 0 },
  lots: [lot("2026-04-10", 5), lot("2026-05-10", 10)],
  holds: [
    { hold: hold(1), item: towel, since: earlier, parts: [lot("2026-04-10", 4)] },
    { hold: hold(2), item: towel, since: at, parts: [] },
  ],
  endedHolds: [hold(9)],
  payables: [
    { report, fen: 300, year: 2026, since: earlier },
    { report: other, fen: 200, year: 2025, since: at },
  ],
  cashByDay: { "2026-03-24": 500 },
  grantsByMonth: { "2026-03": 2 },
  pointsByYear: { "2026": 19 },
})
/** 8 points owed, nothing to spend; 90 fen owed. */
export const indebted = account({ balances: { ...none, pointsReceivable: 8, fenReceivable: 90 } })

export const moving = (
  unit: "fen" | "points",
  reason: PostingReason,
  ref: string,
  amounts: object,
  id = "p-1:1",
) => ({
  id,
  unit,
  reason,
  ref,
  entries: Object.entries(amounts).map(([account, amount]) => ({ account, amount })),
})
export const events = (decision: { readonly ok: boolean }) =>
  "events" in decision ? (decision.events as readonly AccountEvent[]) : decision
export const after = (state: AccountState, ...happened: readonly AccountEvent[]): AccountState =>
  happened.reduce(accountDefinition.evolve, state)
export const decided = (state: AccountState, decision: { readonly ok: boolean }): AccountState =>
  after(state, ...(events(decision) as readonly AccountEvent[]))
