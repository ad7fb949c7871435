/** What each event makes of an account, what of it is found and counted, and the limits of its events. */
import { reportId } from "@yingshao/core/kernel/ids"
import { addDays } from "@yingshao/core/kernel/time"
import {
  type AccountEvent,
  type AccountState,
  accountDefinition,
  accountEvent,
  cashAwardedOn,
  grantsInMonth,
  holdId,
  itemId,
  yearPoints,
} from "@yingshao/core/ledger/account"
import {
  awardCash,
  clawBackCash,
  forfeitCash,
  payableOf,
  payCash,
  settleReceivable,
} from "@yingshao/core/ledger/cash"
import { clawBackPoints, disposeBalance, expireLots, grantPoints } from "@yingshao/core/ledger/points"
import { amountLimit } from "@yingshao/core/ledger/posting"
import { commitHold, holdPoints, releaseHold } from "@yingshao/core/ledger/redemption-hold"
import { restoreCash, restorePoints } from "@yingshao/core/ledger/restore"
import { describe, expect, test } from "vitest"
import {
  account,
  after,
  at,
  day,
  decided,
  desk,
  earlier,
  entered,
  events,
  hold,
  indebted,
  lot,
  moving,
  none,
  other,
  person,
  report,
  rich,
  today,
  towel,
} from "./accounts.ts"

describe("what each event makes of an account", () => {
  const balances = rich.balances
  const two = account({
    ...rich,
    balances: { ...balances, held: 7 },
    holds: [
      ...rich.holds.slice(0, 1),
      { hold: hold(2), item: towel, since: at, parts: [lot("2026-05-10", 3)] },
    ],
  })
  const cases: readonly (readonly [string, AccountState, () => object, Partial<AccountState>])[] = [
    [
      "a hold: its points leave the lots",
      rich,
      () => holdPoints(rich, { ...entered, hold: hold(3), item: towel, points: 6 }),
      {
        balances: { ...balances, spendable: 9, held: 10 },
        lots: [lot("2026-05-10", 9)],
        holds: [
          ...rich.holds,
          { hold: hold(3), item: towel, since: at, parts: [lot("2026-04-10", 5), lot("2026-05-10", 1)] },
        ],
      },
    ],
    [
      "a hold handed out is over",
      rich,
      () => commitHold(rich, { ...entered, hold: hold(1), by: desk }),
      { balances: { ...balances, held: 0 }, holds: rich.holds.slice(1), endedHolds: [hold(9), hold(1)] },
    ],
    [
      "a hold given up puts its points back",
      rich,
      () => releaseHold(rich, { ...entered, hold: hold(1), by: desk }),
      {
        balances: { ...balances, spendable: 19, held: 0 },
        lots: [lot("2026-04-10", 9), lot("2026-05-10", 10)],
        holds: rich.holds.slice(1),
        endedHolds: [hold(9), hold(1)],
      },
    ],
    [
      "a hold given up that is not the first puts its own points back",
      two,
      () => releaseHold(two, { ...entered, hold: hold(2), by: desk }),
      {
        balances: { ...balances, spendable: 18, held: 4 },
        lots: [lot("2026-04-10", 5), lot("2026-05-10", 13)],
        holds: rich.holds.slice(0, 1),
        endedHolds: [hold(9), hold(2)],
      },
    ],
    [
      "expiry takes the lots that ended before the day",
      rich,
      () => expireLots(rich, { ...entered, today: day("2026-05-10") }),
      { balances: { ...balances, spendable: 10 }, lots: [lot("2026-05-10", 10)] },
    ],
    [
      "points clawed back no longer count in their year",
      rich,
      () => clawBackPoints(rich, { ...entered, report, points: 6, grantedOn: today }),
      {
        balances: { ...balances, spendable: 9 },
        lots: [lot("2026-05-10", 9)],
        pointsByYear: { "2026": 13 },
      },
    ],
    [
      "what is owed after a clawback counts as clawed back too, never below 0",
      rich,
      () => clawBackPoints(rich, { ...entered, report, points: 25, grantedOn: today }),
      {
        balances: { ...balances, spendable: 0, pointsReceivable: 10 },
        lots: [],
        pointsByYear: { "2026": 0 },
      },
    ],
    [
      "a clawback of a year that was forgotten changes no year",
      rich,
      () => clawBackPoints(rich, { ...entered, report, points: 5, grantedOn: day("2020-01-01") }),
      { balances: { ...balances, spendable: 10 }, lots: [lot("2026-05-10", 10)] },
    ],
    [
      "points restored count again, those struck off too",
      account({ balances: { ...none, pointsReceivable: 2 }, pointsByYear: { "2026": 1 } }),
      () =>
        restorePoints(account({ balances: { ...none, pointsReceivable: 2 } }), {
          ...entered,
          report,
          points: 5,
          lotLifeDays: 30,
          grantedOn: today,
        }),
      {
        postings: 1,
        balances: { ...none, spendable: 3 },
        lots: [lot("2026-04-23", 3)],
        pointsByYear: { "2026": 6 },
      },
    ],
    [
      "points restored that were all still owed make no lot",
      indebted,
      () => restorePoints(indebted, { ...entered, report, points: 5, lotLifeDays: 30, grantedOn: today }),
      {
        postings: 1,
        balances: { ...indebted.balances, pointsReceivable: 3 },
        pointsByYear: { "2026": 5 },
      },
    ],
    [
      "an award is owed and counts in its day",
      rich,
      () =>
        awardCash(rich, {
          ...entered,
          report: reportId.parse("r-3"),
          fen: 50,
          year: 2026,
          dailyCashCapFen: 900,
        }),
      {
        balances: { ...balances, payable: 550 },
        payables: [...rich.payables, { report: reportId.parse("r-3"), fen: 50, year: 2026, since: at }],
        cashByDay: { "2026-03-24": 550 },
      },
    ],
    [
      "what is paid is not owed any more, and the day's cap stays used",
      rich,
      () => payCash(rich, { ...entered, report, by: desk }),
      { balances: { ...balances, payable: 200 }, payables: rich.payables.slice(1) },
    ],
    [
      "what is forfeited neither",
      rich,
      () => forfeitCash(rich, { ...entered, report }),
      { balances: { ...balances, payable: 200 }, payables: rich.payables.slice(1) },
    ],
    [
      "a part clawed back leaves the rest to collect",
      rich,
      () => clawBackCash(rich, { ...entered, report, fen: 299, paid: false }),
      {
        balances: { ...balances, payable: 201 },
        payables: [{ report, fen: 1, year: 2026, since: earlier }, ...rich.payables.slice(1)],
      },
    ],
    [
      "all of it clawed back leaves nothing",
      rich,
      () => clawBackCash(rich, { ...entered, report, fen: 300, paid: false }),
      { balances: { ...balances, payable: 200 }, payables: rich.payables.slice(1) },
    ],
    [
      "clawed back after payment is owed, and nothing to collect changes",
      rich,
      () => clawBackCash(rich, { ...entered, report: reportId.parse("r-7"), fen: 70, paid: true }),
      { balances: { ...balances, fenReceivable: 70 } },
    ],
    [
      "cash restored of a part adds to what can be collected",
      rich,
      () => restoreCash(rich, { ...entered, report, fen: 40, year: 2026 }),
      {
        balances: { ...balances, payable: 540 },
        payables: [{ report, fen: 340, year: 2026, since: earlier }, ...rich.payables.slice(1)],
      },
    ],
    [
      "cash restored of the whole can be collected anew",
      rich,
      () => restoreCash(rich, { ...entered, report: reportId.parse("r-7"), fen: 40, year: 2025 }),
      {
        balances: { ...balances, payable: 540 },
        payables: [...rich.payables, { report: reportId.parse("r-7"), fen: 40, year: 2025, since: at }],
      },
    ],
    [
      "cash restored that was all still owed can not be collected",
      indebted,
      () => restoreCash(indebted, { ...entered, report, fen: 40, year: 2025 }),
      { postings: 1, balances: { ...indebted.balances, fenReceivable: 50 } },
    ],
    [
      "a debt settled is owed no more",
      indebted,
      () => settleReceivable(indebted, { ...entered, fen: 40, by: desk }),
      { postings: 1, balances: { ...indebted.balances, fenReceivable: 50 } },
    ],
    [
      "L23 a balance forfeited is gone",
      account({ ...rich, holds: [] }),
      () =>
        disposeBalance(account({ ...rich, holds: [] }), {
          ...entered,
          by: desk,
          removedAt: earlier,
          disposition: "forfeit",
        }),
      { holds: [], balances: { ...balances, spendable: 0 }, lots: [], disposedFor: earlier },
    ],
    [
      "L23 a balance kept stays",
      account({ ...rich, holds: [] }),
      () =>
        disposeBalance(account({ ...rich, holds: [] }), {
          ...entered,
          by: desk,
          removedAt: earlier,
          disposition: "keep",
        }),
      { holds: [], postings: 7, disposedFor: earlier },
    ],
  ]
  test.each(cases)("S10 %s", (_name, before, decision, change) => {
    const made = decided(before, decision() as { ok: boolean })
    expect(made).toEqual({ ...before, postings: before.postings + 1, ...change })
  })

  test("L18 what is owed is settled out of a grant: the rest is a lot", () => {
    const grant = { ...entered, report, points: 10, lotLifeDays: 30, acceptedOn: today }
    expect(decided(indebted, grantPoints(indebted, grant))).toEqual({
      ...indebted,
      postings: 2,
      balances: { ...indebted.balances, spendable: 2, pointsReceivable: 0 },
      lots: [lot("2026-04-23", 2)],
      grantsByMonth: { "2026-03": 1 },
      pointsByYear: { "2026": 10 },
    })
  })

  test("L19 what is not on hold cannot end; the last twenty that ended are remembered", () => {
    const [commit] = events(
      commitHold(rich, { ...entered, hold: hold(1), by: desk }),
    ) as readonly AccountEvent[]
    expect(() => after(account({}), commit as AccountEvent)).toThrow("L19: hold h-1 ends and is not open")
    const another = account({ ...rich, holds: rich.holds.slice(1) })
    expect(() => after(another, commit as AccountEvent)).toThrow("L19: hold h-1 ends and is not open")
    const before = account({ ...rich, endedHolds: Array.from({ length: 20 }, (_, n) => hold(100 + n)) })
    expect(after(before, commit as AccountEvent).endedHolds).toEqual([...before.endedHolds.slice(1), hold(1)])
  })

  test("L21 the newest 7 days, 24 months and 5 years stay, and each is found by its date", () => {
    const on = (n: number) => addDays(today, n)
    let state = account({})
    for (let n = 0; n < 9; n += 1) {
      const award = { person, at, today: on(n), report: reportId.parse(`a-${n}`), year: 2026 }
      state = decided(state, awardCash(state, { ...award, fen: n + 1, dailyCashCapFen: 100 }))
    }
    expect(Object.keys(state.cashByDay)).toEqual([2, 3, 4, 5, 6, 7, 8].map(on))
    expect([on(1), on(2), on(8)].map((date) => cashAwardedOn(state, date))).toEqual([0, 3, 9])
    // From the newest month to the oldest: order of dates, not of arrival.
    const months = Array.from({ length: 26 }, (_, n) => addDays(day("2027-12-15"), -n * 30))
    for (const [n, acceptedOn] of months.entries()) {
      const grant = { person, at, today: acceptedOn, report: reportId.parse(`g-${n}`), acceptedOn }
      state = decided(state, grantPoints(state, { ...grant, points: 2, lotLifeDays: 900 }))
    }
    expect(Object.keys(state.grantsByMonth)).toHaveLength(24)
    expect(Object.keys(state.grantsByMonth).at(0)).toBe("2026-01")
    expect(grantsInMonth(state, day("2027-12-01"))).toBe(1)
    expect(grantsInMonth(state, day("2025-12-01"))).toBe(0)
    expect(yearPoints(state, day("2027-01-01"))).toBe(24)
    expect(yearPoints(state, day("2019-01-01"))).toBe(0)
    for (const year of [2021, 2022, 2023, 2024, 2025, 2028]) {
      const grant = { person, at, today: day(`${year}-06-01`), report, acceptedOn: today }
      state = decided(state, grantPoints(state, { ...grant, points: 1, lotLifeDays: 900 }))
    }
    expect(Object.keys(state.pointsByYear)).toEqual(["2024", "2025", "2026", "2027", "2028"])
  })
})

describe("what is looked after", () => {
  test("the scheduler finds what ends, people find what is open, and nothing else is listed", () => {
    expect(accountDefinition.indexes(account({}), "p-1")).toEqual([])
    expect(accountDefinition.indexes(rich, "p-1")).toEqual([
      { index: "timer", equals: "ExpireLots", range: "2026-04-11T12:00:00.000Z" },
      { index: "account/hold", equals: "open", range: earlier },
      { index: "account/payable", equals: "open", range: earlier },
    ])
    expect(accountDefinition.indexes(indebted, "p-1")).toEqual([
      { index: "account/receivable", equals: "points", range: "" },
      { index: "account/receivable", equals: "fen", range: "" },
    ])
  })

  test("L5 a year's budget is counted by its year, persons together, and what moves nothing counts nothing", () => {
    const tallies = (decision: object) =>
      (events(decision as { ok: boolean }) as readonly AccountEvent[]).flatMap(accountDefinition.tallies)
    const award = { ...entered, report, fen: 300, year: 2026, dailyCashCapFen: 300 }
    expect(tallies(awardCash(account({}), award))).toEqual([
      { key: "ledger/fen/budget/2026", by: -300 },
      { key: "ledger/fen/payable", by: 300 },
    ])
    const kept = { ...entered, by: desk, removedAt: earlier, disposition: "keep" as const }
    expect(tallies(disposeBalance(account({}), kept))).toEqual([])
  })

  test("what is left to collect is found by its report", () => {
    expect(payableOf(rich, other)).toEqual(rich.payables[1])
    expect(payableOf(rich, reportId.parse("r-3"))).toBeUndefined()
  })
})

describe("S11 every field of an account's events has its limits", () => {
  const granted = moving("points", "grant", "r-1", { issued: -1, "spendable/p-1": 1 })
  const awarded = moving("fen", "award", "r-1", { "budget/2026": -1, "payable/p-1": 1 })
  const held = { type: "PointsHeld", at, hold: "h-1", item: "towel", posting: granted }
  const parts = (length: number) =>
    Array.from({ length }, (_, n) => ({ expiresOn: addDays(today, n), points: 1 }))
  const award = { type: "CashAwarded", at, on: today, report, posting: awarded }
  const restored = { type: "CashRestored", at, report, posting: awarded }

  test.each<readonly [string, object, boolean]>([
    ["a hold of nothing", { ...held, parts: [] }, true],
    ["a hold of 1,300 lots", { ...held, parts: parts(1300) }, true],
    ["a hold of more", { ...held, parts: parts(1301) }, false],
    ["a lot of the largest amount", { ...held, parts: [lot("2026-04-10", amountLimit)] }, true],
    ["a lot of more", { ...held, parts: [lot("2026-04-10", amountLimit + 1)] }, false],
    ["an empty lot", { ...held, parts: [lot("2026-04-10", 0)] }, false],
    ["a lot with more fields", { ...held, parts: [{ ...lot("2026-04-10", 1), more: 1 }] }, false],
    ["the first year", { ...award, year: 1990 }, true],
    ["a year before", { ...award, year: 1989 }, false],
    ["the last year", { ...award, year: 9999 }, true],
    ["a year after", { ...award, year: 10_000 }, false],
    ["the first year of a restoration", { ...restored, year: 1990 }, true],
    ["a year before it", { ...restored, year: 1989 }, false],
    ["the last year of a restoration", { ...restored, year: 9999 }, true],
    ["a year after it", { ...restored, year: 10_000 }, false],
    ["a field that no event has", { ...award, year: 2026, more: 1 }, false],
  ])("%s", (_name, event, fits) => {
    expect(accountEvent.safeParse(event).success).toBe(fits)
  })

  test.each([itemId, holdId])("an id is 1 to 64 of a-z, 0-9 and -", (schema) => {
    for (const id of ["a", "0", "a-b", "a".repeat(64)]) expect(schema.safeParse(id).success).toBe(true)
    for (const id of ["", "-a", "A", "a_", "a b", "a".repeat(65), " a", "a\n"]) {
      expect(schema.safeParse(id).success, id).toBe(false)
    }
    expect(schema.safeParse("").error?.issues[0]?.message).toBe(
      "1 to 64 of a-z, 0-9 and -, not starting with -",
    )
  })
})
