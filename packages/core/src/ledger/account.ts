/**
 * A person's account: points and cash of the programme, stream `account/{person}`.
 *
 * Caps and balances live here, so that two approvals at once meet on one version and the second decides
 * again (L21). Balances are the fold of the postings (L3); lots, holds and payables say what they consist
 * of. Nothing grows with the number of reports: see the bounds at the state.
 *
 * What it does not do: it does not know why a report earned. The reward file of the report does, and keeps
 * Σ clawbacks within the grant (L18). Deciders stand in `points.ts`, `redemption-hold.ts` and `cash.ts`.
 */
import * as z from "zod"
import { type PersonId, personId, reportId } from "../kernel/ids.ts"
import { invariant } from "../kernel/refusal.ts"
import type { IndexEntry, StreamDefinition, TallyIncrement } from "../kernel/stream.ts"
import { addDays, type CivilDate, civilDate, type Instant, instant, monthOf, yearOf } from "../kernel/time.ts"
import { controlOf } from "./chart-of-accounts.ts"
import { type Lot, putIn, takeOut } from "./lots.ts"
import { amountLimit, movedOn, type Posting, posting } from "./posting.ts"

/** Something of the catalogue. */
export const itemId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "1 to 64 of a-z, 0-9 and -, not starting with -")
  .brand<"ItemId">()
export type ItemId = z.infer<typeof itemId>

/** A redemption between being reserved and being handed out or given up. */
export const holdId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "1 to 64 of a-z, 0-9 and -, not starting with -")
  .brand<"HoldId">()
export type HoldId = z.infer<typeof holdId>

/** What becomes of the points of somebody who is removed (L23). */
export const disposition = z.enum(["keep", "forfeit"])
export type Disposition = z.infer<typeof disposition>

/** At most so many redemptions of one person at a time. */
export const mostHolds = 20
/** At most so many awards of one person that were not collected yet. */
export const mostPayables = 400

const lot = z.strictObject({ expiresOn: civilDate, points: z.int().min(1).max(amountLimit) })
/** Which lots the points come from, earliest end first. */
const parts = z.array(lot).max(1300)
const common = { at: instant, posting }

export const accountEvent = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("PointsGranted"),
    ...common,
    on: civilDate,
    report: reportId,
    /** Acceptance of the report: the month in which it counts. */
    countedOn: civilDate,
    expiresOn: civilDate,
  }),
  z.strictObject({ type: z.literal("PointsHeld"), ...common, hold: holdId, item: itemId, parts }),
  z.strictObject({ type: z.literal("HoldCommitted"), ...common, hold: holdId, by: personId }),
  z.strictObject({ type: z.literal("HoldReleased"), ...common, hold: holdId, by: personId }),
  /** All lots that ended before this day. */
  z.strictObject({ type: z.literal("PointsExpired"), ...common, before: civilDate }),
  z.strictObject({
    type: z.literal("PointsClawedBack"),
    ...common,
    report: reportId,
    /** When they were granted: the year in which they no longer count. */
    grantedOn: civilDate,
    parts,
  }),
  /** A clawback was wrong: what is still owed is not, and the rest is a lot of its own. */
  z.strictObject({
    type: z.literal("PointsRestored"),
    ...common,
    report: reportId,
    grantedOn: civilDate,
    expiresOn: civilDate,
  }),
  z.strictObject({ type: z.literal("PointsReceivableSettled"), ...common, parts }),
  z.strictObject({
    type: z.literal("CashAwarded"),
    ...common,
    on: civilDate,
    report: reportId,
    /** The budget that pays it. */
    year: z.int().min(1990).max(9999),
  }),
  z.strictObject({ type: z.literal("CashPaid"), ...common, report: reportId, by: personId }),
  z.strictObject({ type: z.literal("CashForfeited"), ...common, report: reportId }),
  z.strictObject({ type: z.literal("CashClawedBack"), ...common, report: reportId, paid: z.boolean() }),
  /** A clawback was wrong: what is still owed is not, and the rest can be collected. */
  z.strictObject({
    type: z.literal("CashRestored"),
    ...common,
    report: reportId,
    year: z.int().min(1990).max(9999),
  }),
  z.strictObject({ type: z.literal("CashReceivableSettled"), ...common, by: personId }),
  z.strictObject({
    type: z.literal("BalanceDisposed"),
    at: instant,
    by: personId,
    /** When the person was removed; one removal disposes once. */
    removedAt: instant,
    disposition,
    /** Absent when nothing moves. */
    posting: posting.optional(),
  }),
])
export type AccountEvent = z.infer<typeof accountEvent>

export interface Hold {
  readonly hold: HoldId
  readonly item: ItemId
  readonly since: Instant
  readonly parts: readonly Lot[]
}

/** Cash awarded and not collected. */
export interface Payable {
  readonly report: z.infer<typeof reportId>
  /** What is left of it, 1 or more. */
  readonly fen: number
  readonly year: number
  readonly since: Instant
}

export interface Balances {
  readonly spendable: number
  readonly held: number
  readonly pointsReceivable: number
  readonly payable: number
  readonly fenReceivable: number
}

export interface AccountState {
  /** How many postings there were; the next one's number is one more. */
  readonly postings: number
  readonly balances: Balances
  /** At most one a day of the longest life, or one a month beyond 1,000 days. */
  readonly lots: readonly Lot[]
  /** At most `mostHolds`. */
  readonly holds: readonly Hold[]
  /** The last 20 that ended, so that ending one again gets the right answer. */
  readonly endedHolds: readonly HoldId[]
  /** At most `mostPayables`. */
  readonly payables: readonly Payable[]
  /** Fen awarded by civil day, the newest 7 days. Later clawback or forfeiture does not free a day's cap. */
  readonly cashByDay: { readonly [date: string]: number }
  /** Grants of points by month of acceptance, the newest 24 months. */
  readonly grantsByMonth: { readonly [month: string]: number }
  /** Points granted by year, less what was clawed back of them, the newest 5 years. */
  readonly pointsByYear: { readonly [year: string]: number }
  readonly disposedFor?: Instant | undefined
}

export const accountDefinition = {
  foldVersion: 1,
  initial: {
    postings: 0,
    balances: { spendable: 0, held: 0, pointsReceivable: 0, payable: 0, fenReceivable: 0 },
    lots: [],
    holds: [],
    endedHolds: [],
    payables: [],
    cashByDay: {},
    grantsByMonth: {},
    pointsByYear: {},
  } as AccountState,
  event: accountEvent,
  evolve(state: AccountState, event: AccountEvent): AccountState {
    const posted = event.posting === undefined ? state : post(state, event.posting)
    return evolveDetails(posted, event)
  },
  indexes: accountIndexes,
  tallies: (event: AccountEvent): readonly TallyIncrement[] =>
    event.posting === undefined ? [] : postingTallies(event.posting),
} satisfies StreamDefinition<AccountState, AccountEvent>

/**
 * How many grants of points counted in the month of a date: the next one is number `+ 1` (the fact `nth`).
 *
 * @param accepted civil date on which the report was accepted.
 */
export const grantsInMonth = (state: AccountState, accepted: CivilDate): number =>
  state.grantsByMonth[monthOf(accepted)] ?? 0

/** Points granted in the civil year of a date, less what was clawed back of them: the fact `yearPoints`. */
export const yearPoints = (state: AccountState, date: CivilDate): number =>
  state.pointsByYear[String(yearOf(date))] ?? 0

/** Fen awarded on a civil day. */
export const cashAwardedOn = (state: AccountState, date: CivilDate): number => state.cashByDay[date] ?? 0

/** The id and unit of the account's next posting. */
export const nextPosting = <U extends Posting["unit"]>(state: AccountState, person: PersonId, unit: U) => ({
  id: `${person}:${state.postings + 1}`,
  unit,
})

/**
 * What happens one after the other: each step sees the state after those before it.
 *
 * @param steps an event, or `undefined` where there is nothing to do.
 */
export const inTurn = (
  state: AccountState,
  ...steps: readonly ((state: AccountState) => AccountEvent | undefined)[]
): readonly AccountEvent[] => {
  let now = state
  return steps.flatMap((step) => {
    const event = step(now)
    if (event === undefined) return []
    now = accountDefinition.evolve(now, event)
    return [event]
  })
}

/**
 * Control accounts are counted, so that a trial balance is one short read: `ledger/points/spendable`,
 * `ledger/fen/budget/2026`.
 */
export const postingTallies = ({ unit, entries }: Posting): readonly TallyIncrement[] =>
  entries.map(({ account, amount }) => {
    const control = controlOf(account)
    return { key: `ledger/${unit}/${control === "budget" ? account : control}`, by: amount }
  })

// internal

function post(state: AccountState, made: Posting): AccountState {
  const moved = (unit: Posting["unit"], control: string) => (made.unit === unit ? movedOn(made, control) : 0)
  const { spendable, held, pointsReceivable, payable, fenReceivable } = state.balances
  return {
    ...state,
    postings: state.postings + 1,
    balances: {
      spendable: spendable + moved("points", "spendable"),
      held: held + moved("points", "held"),
      pointsReceivable: pointsReceivable + moved("points", "receivable"),
      payable: payable + moved("fen", "payable"),
      fenReceivable: fenReceivable + moved("fen", "receivable"),
    },
  }
}

/** Everything but the balances. */
function evolveDetails(state: AccountState, event: AccountEvent): AccountState {
  switch (event.type) {
    case "PointsGranted": {
      const points = movedOn(event.posting, "spendable")
      return {
        ...state,
        lots: putIn(state.lots, [{ expiresOn: event.expiresOn, points }]),
        grantsByMonth: plus(state.grantsByMonth, monthOf(event.countedOn), 1, 24),
        pointsByYear: plus(state.pointsByYear, String(yearOf(event.on)), points, 5),
      }
    }
    case "PointsHeld": {
      const { hold, item, parts, at } = event
      return {
        ...state,
        lots: takeOut(state.lots, parts),
        holds: [...state.holds, { hold, item, since: at, parts }],
      }
    }
    case "HoldCommitted":
      return ended(state, event.hold)
    case "HoldReleased": {
      const back = state.holds.find(({ hold }) => hold === event.hold)?.parts ?? []
      return { ...ended(state, event.hold), lots: putIn(state.lots, back) }
    }
    case "PointsExpired":
      return { ...state, lots: state.lots.filter(({ expiresOn }) => expiresOn >= event.before) }
    case "PointsClawedBack": {
      const year = String(yearOf(event.grantedOn))
      const clawed = movedOn(event.posting, "receivable") - movedOn(event.posting, "spendable")
      const counted = Math.min(clawed, state.pointsByYear[year] ?? 0)
      return {
        ...state,
        lots: takeOut(state.lots, event.parts),
        pointsByYear: counted === 0 ? state.pointsByYear : plus(state.pointsByYear, year, -counted, 5),
      }
    }
    case "PointsRestored": {
      const { expiresOn, grantedOn } = event
      const points = movedOn(event.posting, "spendable")
      const whole = points - movedOn(event.posting, "receivable")
      return {
        ...state,
        lots: points === 0 ? state.lots : putIn(state.lots, [{ expiresOn, points }]),
        pointsByYear: plus(state.pointsByYear, String(yearOf(grantedOn)), whole, 5),
      }
    }
    case "PointsReceivableSettled":
      return { ...state, lots: takeOut(state.lots, event.parts) }
    case "CashAwarded": {
      const { report, year, at, on } = event
      const fen = movedOn(event.posting, "payable")
      return {
        ...state,
        payables: [...state.payables, { report, fen, year, since: at }],
        cashByDay: plus(state.cashByDay, on, fen, 7),
      }
    }
    case "CashPaid":
    case "CashForfeited":
      return { ...state, payables: state.payables.filter(({ report }) => report !== event.report) }
    case "CashClawedBack":
      return event.paid ? state : { ...state, payables: reduced(state.payables, event) }
    case "CashRestored":
      return { ...state, payables: owedMore(state.payables, event) }
    case "CashReceivableSettled":
      return state
    case "BalanceDisposed":
      return {
        ...state,
        disposedFor: event.removedAt,
        lots: event.disposition === "forfeit" ? [] : state.lots,
      }
  }
}

const ended = (state: AccountState, id: HoldId): AccountState => {
  invariant(
    state.holds.some(({ hold }) => hold === id),
    "L19",
    `hold ${id} ends and is not open`,
  )
  return {
    ...state,
    holds: state.holds.filter(({ hold }) => hold !== id),
    endedHolds: [...state.endedHolds, id].slice(-20),
  }
}

/** The payable of a report less what was clawed back of it. */
const reduced = (
  payables: readonly Payable[],
  event: Extract<AccountEvent, { type: "CashClawedBack" }>,
): readonly Payable[] =>
  payables
    .map((one) =>
      one.report === event.report ? { ...one, fen: one.fen + movedOn(event.posting, "payable") } : one,
    )
    .filter(({ fen }) => fen > 0)

/** What can be collected for a report with what was restored. */
const owedMore = (
  payables: readonly Payable[],
  { report, posting, year, at }: Extract<AccountEvent, { type: "CashRestored" }>,
): readonly Payable[] => {
  const fen = movedOn(posting, "payable")
  if (fen === 0) return payables
  if (!payables.some((one) => one.report === report)) return [...payables, { report, fen, year, since: at }]
  return payables.map((one) => (one.report === report ? { ...one, fen: one.fen + fen } : one))
}

/** More under a key; only the `keep` newest keys stay, in order. */
const plus = (sums: { readonly [key: string]: number }, key: string, by: number, keep: number) =>
  Object.fromEntries(
    Object.entries({ ...sums, [key]: (sums[key] ?? 0) + by })
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(-keep),
  )

/** The first instant at which a civil day is over in every zone on earth. */
const overEverywhere = (date: CivilDate): string => `${addDays(date, 1)}T12:00:00.000Z`

/** At most 5: what a clock or a person has to look after. */
function accountIndexes(state: AccountState, _id: string): readonly IndexEntry[] {
  const [lot] = state.lots
  const [hold] = state.holds
  const [payable] = state.payables
  const { pointsReceivable, fenReceivable } = state.balances
  return [
    ...(lot === undefined
      ? []
      : [{ index: "timer", equals: "ExpireLots", range: overEverywhere(lot.expiresOn) }]),
    ...(hold === undefined ? [] : [{ index: "account/hold", equals: "open", range: hold.since }]),
    ...(payable === undefined ? [] : [{ index: "account/payable", equals: "open", range: payable.since }]),
    ...(pointsReceivable === 0 ? [] : [{ index: "account/receivable", equals: "points", range: "" }]),
    ...(fenReceivable === 0 ? [] : [{ index: "account/receivable", equals: "fen", range: "" }]),
  ]
}
