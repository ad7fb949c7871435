/** What each decider of an account answers, event by event, and refuses on both sides of its limits. */
import { reportId } from "@yingshao/core/kernel/ids"
import { refuse } from "@yingshao/core/kernel/refusal"
import { accountEvent, mostPayables } from "@yingshao/core/ledger/account"
import { awardCash, clawBackCash, forfeitCash, payCash, settleReceivable } from "@yingshao/core/ledger/cash"
import { lotEnd, putIn, takeOut } from "@yingshao/core/ledger/lots"
import {
  clawBackPoints,
  disposeBalance,
  expireLots,
  grantPoints,
  isAmount,
} from "@yingshao/core/ledger/points"
import { amountLimit } from "@yingshao/core/ledger/posting"
import { commitHold, holdPoints, releaseHold } from "@yingshao/core/ledger/redemption-hold"
import { restoreCash, restorePoints } from "@yingshao/core/ledger/restore"
import { describe, expect, test } from "vitest"
import {
  account,
  at,
  day,
  desk,
  earlier,
  entered,
  hold,
  indebted,
  lot,
  moving,
  none,
  other,
  report,
  rich,
  today,
  towel,
} from "./accounts.ts"

describe("what each decider answers, event by event", () => {
  const cases: readonly (readonly [string, () => object, readonly object[]])[] = [
    [
      "points granted, what is owed settled out of them",
      () =>
        grantPoints(indebted, {
          ...entered,
          report,
          points: 10,
          lotLifeDays: 30,
          acceptedOn: day("2026-02-27"),
        }),
      [
        {
          type: "PointsGranted",
          at,
          on: today,
          report,
          countedOn: "2026-02-27",
          expiresOn: "2026-04-23",
          posting: moving("points", "grant", "r-1", { issued: -10, "spendable/p-1": 10 }),
        },
        {
          type: "PointsReceivableSettled",
          at,
          parts: [lot("2026-04-23", 8)],
          posting: moving(
            "points",
            "settlement",
            "r-1",
            { "spendable/p-1": -8, "clawed-back": 8, "receivable/p-1": -8, "receivable-contra": 8 },
            "p-1:2",
          ),
        },
      ],
    ],
    [
      "points held, over two lots",
      () => holdPoints(rich, { ...entered, hold: hold(3), item: towel, points: 6 }),
      [
        {
          type: "PointsHeld",
          at,
          hold: "h-3",
          item: "towel",
          parts: [lot("2026-04-10", 5), lot("2026-05-10", 1)],
          posting: moving("points", "hold", "h-3", { "spendable/p-1": -6, "held/p-1": 6 }, "p-1:8"),
        },
      ],
    ],
    [
      "a hold committed",
      () => commitHold(rich, { ...entered, hold: hold(1), by: desk }),
      [
        {
          type: "HoldCommitted",
          at,
          hold: "h-1",
          by: "desk",
          posting: moving("points", "redemption", "h-1", { "held/p-1": -4, redeemed: 4 }, "p-1:8"),
        },
      ],
    ],
    [
      "a hold released after its lot ended: the points expire at once",
      () => releaseHold(rich, { ...entered, today: day("2026-04-11"), hold: hold(1), by: desk }),
      [
        {
          type: "HoldReleased",
          at,
          hold: "h-1",
          by: "desk",
          posting: moving("points", "release", "h-1", { "held/p-1": -4, "spendable/p-1": 4 }, "p-1:8"),
        },
        {
          type: "PointsExpired",
          at,
          before: "2026-04-11",
          posting: moving("points", "expiry", "2026-04-11", { "spendable/p-1": -9, expired: 9 }, "p-1:9"),
        },
      ],
    ],
    [
      "points clawed back, more than there are",
      () => clawBackPoints(rich, { ...entered, report, points: 18, grantedOn: day("2025-12-31") }),
      [
        {
          type: "PointsClawedBack",
          at,
          report,
          grantedOn: "2025-12-31",
          parts: rich.lots,
          posting: moving(
            "points",
            "clawback",
            "r-1",
            { "spendable/p-1": -15, "clawed-back": 15, "receivable/p-1": 3, "receivable-contra": -3 },
            "p-1:8",
          ),
        },
      ],
    ],
    [
      "points restored, what is still owed struck off first",
      () =>
        restorePoints(indebted, {
          ...entered,
          report,
          points: 11,
          lotLifeDays: 30,
          grantedOn: day("2025-12-31"),
        }),
      [
        {
          type: "PointsRestored",
          at,
          report,
          grantedOn: "2025-12-31",
          expiresOn: "2026-04-23",
          posting: moving("points", "restoration", "r-1", {
            "spendable/p-1": 3,
            "clawed-back": -3,
            "receivable/p-1": -8,
            "receivable-contra": 8,
          }),
        },
      ],
    ],
    [
      "a balance forfeited",
      () =>
        disposeBalance(account({ ...rich, holds: [] }), {
          ...entered,
          by: desk,
          removedAt: earlier,
          disposition: "forfeit",
        }),
      [
        {
          type: "BalanceDisposed",
          at,
          by: "desk",
          removedAt: earlier,
          disposition: "forfeit",
          posting: moving("points", "forfeiture", earlier, { "spendable/p-1": -15, forfeited: 15 }, "p-1:8"),
        },
      ],
    ],
    [
      "a balance kept moves nothing",
      () =>
        disposeBalance(account({ ...rich, holds: [] }), {
          ...entered,
          by: desk,
          removedAt: earlier,
          disposition: "keep",
        }),
      [{ type: "BalanceDisposed", at, by: "desk", removedAt: earlier, disposition: "keep" }],
    ],
    [
      "cash awarded",
      () => awardCash(account({}), { ...entered, report, fen: 300, year: 2026, dailyCashCapFen: 300 }),
      [
        {
          type: "CashAwarded",
          at,
          on: today,
          report,
          year: 2026,
          posting: moving("fen", "award", "r-1", { "budget/2026": -300, "payable/p-1": 300 }),
        },
      ],
    ],
    [
      "cash paid, all that is left",
      () => payCash(rich, { ...entered, report, by: desk }),
      [
        {
          type: "CashPaid",
          at,
          report,
          by: "desk",
          posting: moving("fen", "payment", "r-1", { "payable/p-1": -300, paid: 300 }, "p-1:8"),
        },
      ],
    ],
    [
      "cash forfeited",
      () => forfeitCash(rich, { ...entered, report: other }),
      [
        {
          type: "CashForfeited",
          at,
          report: other,
          posting: moving("fen", "forfeiture", "r-2", { "payable/p-1": -200, forfeited: 200 }, "p-1:8"),
        },
      ],
    ],
    [
      "cash clawed back before it was paid, all of it",
      () => clawBackCash(rich, { ...entered, report, fen: 300, paid: false }),
      [
        {
          type: "CashClawedBack",
          at,
          report,
          paid: false,
          posting: moving("fen", "clawback", "r-1", { "payable/p-1": -300, "clawed-back": 300 }, "p-1:8"),
        },
      ],
    ],
    [
      "cash clawed back after it was paid is owed",
      () => clawBackCash(account({}), { ...entered, report, fen: 300, paid: true }),
      [
        {
          type: "CashClawedBack",
          at,
          report,
          paid: true,
          posting: moving("fen", "clawback", "r-1", { "receivable/p-1": 300, "receivable-contra": -300 }),
        },
      ],
    ],
    [
      "cash restored, what is still owed struck off first",
      () => restoreCash(indebted, { ...entered, report, fen: 100, year: 2025 }),
      [
        {
          type: "CashRestored",
          at,
          report,
          year: 2025,
          posting: moving("fen", "restoration", "r-1", {
            "payable/p-1": 10,
            "clawed-back": -10,
            "receivable/p-1": -90,
            "receivable-contra": 90,
          }),
        },
      ],
    ],
    [
      "a debt settled, all of it",
      () => settleReceivable(indebted, { ...entered, fen: 90, by: desk }),
      [
        {
          type: "CashReceivableSettled",
          at,
          by: "desk",
          posting: moving("fen", "settlement", "2026-03-24", {
            paid: -90,
            "clawed-back": 90,
            "receivable/p-1": -90,
            "receivable-contra": 90,
          }),
        },
      ],
    ],
  ]
  test.each(cases)("L1 L2 %s", (_name, decision, expected) => {
    expect(decision()).toEqual({ ok: true, events: expected })
    for (const event of expected) expect(accountEvent.parse(event)).toEqual(event)
  })
})

describe("what each decider refuses, on both sides of its limits", () => {
  const full = account({ balances: { ...none, spendable: amountLimit - 5, payable: amountLimit - 5 } })
  const grant = { ...entered, report, lotLifeDays: 30, acceptedOn: today }
  const award = { ...entered, report: reportId.parse("r-3"), year: 2026, dailyCashCapFen: 900 }
  const many = (length: number) =>
    account({
      payables: Array.from({ length }, (_, n) => ({
        report: reportId.parse(`o-${n}`),
        fen: 1,
        year: 2026,
        since: at,
      })),
    })
  const holding = (length: number) =>
    account({
      ...rich,
      holds: Array.from({ length }, (_, n) => ({ hold: hold(50 + n), item: towel, since: at, parts: [] })),
    })
  const asked = { ...entered, hold: hold(3), item: towel, points: 1 }
  const ended = { ...entered, by: desk }
  const disposal = { ...entered, by: desk, removedAt: earlier, disposition: "keep" as const }
  const accepted = { ok: true }

  test.each<readonly [string, () => object, object]>([
    ["L1 a grant up to the limit", () => grantPoints(full, { ...grant, points: 5 }), accepted],
    [
      "L1 a grant beyond it",
      () => grantPoints(full, { ...grant, points: 6 }),
      refuse("account-full", { limit: amountLimit }),
    ],
    ["L21 an award up to the day's cap", () => awardCash(rich, { ...award, fen: 400 }), accepted],
    [
      "L21 an award beyond it",
      () => awardCash(rich, { ...award, fen: 401 }),
      refuse("cap-reached", { cap: "daily", limitFen: 900, usedFen: 500, fen: 401 }),
    ],
    [
      "an award twice",
      () => awardCash(rich, { ...award, report, fen: 1 }),
      refuse("already-awarded", { report }),
    ],
    ["the last award that fits", () => awardCash(many(mostPayables - 1), { ...award, fen: 1 }), accepted],
    [
      "one more",
      () => awardCash(many(mostPayables), { ...award, fen: 1 }),
      refuse("account-full", { limit: mostPayables }),
    ],
    ["L1 an award up to the limit", () => awardCash(full, { ...award, fen: 5 }), accepted],
    [
      "L1 an award beyond it",
      () => awardCash(full, { ...award, fen: 6 }),
      refuse("account-full", { limit: mostPayables }),
    ],
    [
      "paying what is not owed",
      () => payCash(account({}), { ...entered, report, by: desk }),
      refuse("no-such-payable", { report }),
    ],
    [
      "forfeiting what is not owed",
      () => forfeitCash(account({}), { ...entered, report }),
      refuse("no-such-payable", { report }),
    ],
    [
      "L18 clawing back as paid what was not",
      () => clawBackCash(rich, { ...entered, report, fen: 1, paid: true }),
      refuse("not-paid", { report }),
    ],
    [
      "L18 clawing back as unpaid what is not owed",
      () => clawBackCash(account({}), { ...entered, report, fen: 1, paid: false }),
      refuse("no-such-payable", { report }),
    ],
    [
      "L18 clawing back more than is left",
      () => clawBackCash(rich, { ...entered, report, fen: 301, paid: false }),
      refuse("exceeds-payable", { report, fen: 301, leftFen: 300 }),
    ],
    [
      "settling more than is owed",
      () => settleReceivable(indebted, { ...entered, fen: 91, by: desk }),
      refuse("exceeds-receivable", { fen: 91, owedFen: 90 }),
    ],
    [
      "an id that is open",
      () => holdPoints(rich, { ...asked, hold: hold(1) }),
      refuse("hold-exists", { hold: "h-1" }),
    ],
    [
      "an id that has ended",
      () => holdPoints(rich, { ...asked, hold: hold(9) }),
      refuse("already-ended", { hold: "h-9" }),
    ],
    ["the twentieth hold", () => holdPoints(holding(19), asked), accepted],
    ["one more", () => holdPoints(holding(20), asked), refuse("too-many-holds", { limit: 20 })],
    ["L4 holding all there is", () => holdPoints(rich, { ...asked, points: 15 }), accepted],
    [
      "L4 holding one more",
      () => holdPoints(rich, { ...asked, points: 16 }),
      refuse("insufficient-points", { needed: 16, spendable: 15 }),
    ],
    [
      "L20 holding points whose last day is over",
      () => holdPoints(rich, { ...asked, today: day("2026-04-11"), points: 11 }),
      refuse("insufficient-points", { needed: 11, spendable: 10 }),
    ],
    [
      "L19 ending what never was",
      () => commitHold(rich, { ...ended, hold: hold(8) }),
      refuse("no-such-hold", { hold: "h-8" }),
    ],
    [
      "L19 ending twice",
      () => releaseHold(rich, { ...ended, hold: hold(9) }),
      refuse("already-ended", { hold: "h-9" }),
    ],
    [
      "L20 expiring on the last day",
      () => expireLots(rich, { ...entered, today: day("2026-04-10") }),
      refuse("nothing-to-expire", { today: "2026-04-10" }),
    ],
    [
      "L20 expiring the day after",
      () => expireLots(rich, { ...entered, today: day("2026-04-11") }),
      accepted,
    ],
    [
      "L23 disposing twice for one removal",
      () => disposeBalance(account({ ...rich, disposedFor: earlier }), disposal),
      refuse("already-disposed"),
    ],
    [
      "L23 disposing with holds open",
      () => disposeBalance(rich, disposal),
      refuse("holds-open", { holds: 2 }),
    ],
  ])("%s", (_name, decision, expected) => {
    expect(decision()).toMatchObject(expected)
  })

  test("L1 no decider takes nothing for an amount", () => {
    const nothing: readonly (() => unknown)[] = [
      () => grantPoints(rich, { ...grant, points: 0 }),
      () => clawBackPoints(rich, { ...entered, report, points: 0, grantedOn: today }),
      () => holdPoints(rich, { ...asked, points: 0 }),
      () => restorePoints(rich, { ...entered, report, points: 0, lotLifeDays: 30, grantedOn: today }),
      () => awardCash(rich, { ...award, fen: 0 }),
      () => clawBackCash(rich, { ...entered, report, fen: 0, paid: false }),
      () => restoreCash(rich, { ...entered, report, fen: 0, year: 2026 }),
      () => settleReceivable(indebted, { ...entered, fen: 0, by: desk }),
    ]
    for (const decide of nothing) expect(decide).toThrow("L1: an amount is whole, 1 to 10⁹")
  })

  test("L18 a hold given up pays what is owed first", () => {
    const owing = account({
      ...rich,
      balances: { ...rich.balances, spendable: 0, pointsReceivable: 3 },
      lots: [],
    })
    const released = releaseHold(owing, { ...ended, hold: hold(1) })
    expect(released).toMatchObject({
      events: [
        { type: "HoldReleased" },
        { type: "PointsReceivableSettled", parts: [{ expiresOn: "2026-04-10", points: 3 }] },
      ],
    })
  })

  test("L1 an amount is whole, 1 to 10⁹", () => {
    for (const amount of [1, amountLimit]) expect(() => isAmount(amount)).not.toThrow()
    for (const amount of [0, -1, 1.5, amountLimit + 1, Number.NaN]) {
      expect(() => isAmount(amount)).toThrow("L1: an amount is whole, 1 to 10⁹")
    }
  })

  test("L4 L20 lots say what cannot be taken; a life of 1,000 days still ends on its day", () => {
    expect(() => takeOut(rich.lots, [lot("2026-04-10", 6)])).toThrow(
      "L4: more points taken from a lot than it holds",
    )
    expect(() => takeOut(rich.lots, [lot("2026-04-11", 1)])).toThrow(
      "L4: points taken from a lot that is not there",
    )
    expect(putIn(rich.lots, [lot("2026-04-20", 1), lot("2026-05-10", 2)])).toEqual([
      lot("2026-04-10", 5),
      lot("2026-04-20", 1),
      lot("2026-05-10", 12),
    ])
    expect(lotEnd(today, 1000)).toBe("2028-12-18")
    expect(lotEnd(today, 1001)).toBe("2028-12-31")
  })
})
