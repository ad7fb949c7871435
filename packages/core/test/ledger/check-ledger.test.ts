/** What the checks of an account and of a year's budget find, and that budget by itself. */
import { refuse } from "@yingshao/core/kernel/refusal"
import { runRule } from "@yingshao/core/kernel/run-rule"
import { type AccountState, mostPayables } from "@yingshao/core/ledger/account"
import {
  budgetDefinition,
  budgetEvent,
  budgetId,
  commitBudget,
  releaseBudget,
} from "@yingshao/core/ledger/budget"
import { checkAccount, checkBudget } from "@yingshao/core/ledger/check-ledger"
import { amountLimit } from "@yingshao/core/ledger/posting"
import { describe, expect, test } from "vitest"
import { account, at, desk, hold, lot, person, report, rich, today, towel } from "./accounts.ts"

describe("L1 L3 L4 L18 L19 L20 L21 the check of an account finds what does not hold", () => {
  const idle = { hold: hold(2), item: towel, since: at, parts: [] }
  const empty = { report, fen: 0, year: 2026, since: at }
  const sound = account({ ...rich, holds: rich.holds.slice(0, 1) })
  const cases: readonly (readonly [string, Partial<AccountState>, readonly (readonly [string, string])[]])[] =
    [
      ["nothing", {}, []],
      [
        "a balance that is no whole number",
        { balances: { ...sound.balances, fenReceivable: 0.5 } },
        [["L1", "a balance is no whole amount in range"]],
      ],
      [
        "a balance of −0",
        { balances: { ...sound.balances, fenReceivable: -0 } },
        [["L1", "a balance is no whole amount in range"]],
      ],
      [
        "the largest balance",
        { balances: { ...sound.balances, fenReceivable: amountLimit * mostPayables } },
        [],
      ],
      [
        "one more",
        { balances: { ...sound.balances, fenReceivable: amountLimit * mostPayables + 1 } },
        [["L1", "a balance is no whole amount in range"]],
      ],
      [
        "a negative balance",
        { balances: { ...sound.balances, fenReceivable: -1 } },
        [["L4", "a balance is negative"]],
      ],
      [
        "lots that do not add up",
        { lots: [lot("2026-04-10", 5), lot("2026-05-10", 9)] },
        [["L20", "the lots do not add up to the balance"]],
      ],
      [
        "lots out of order",
        { lots: sound.lots.toReversed() },
        [["L20", "the lots are out of order or hold 0"]],
      ],
      [
        "two lots of one day",
        { lots: [lot("2026-05-10", 5), lot("2026-05-10", 10)] },
        [["L20", "the lots are out of order or hold 0"]],
      ],
      [
        "an empty lot",
        { lots: [...sound.lots, lot("2026-06-10", 0)] },
        [["L20", "the lots are out of order or hold 0"]],
      ],
      [
        "an empty first lot",
        { lots: [lot("2026-04-01", 0), ...sound.lots] },
        [["L20", "the lots are out of order or hold 0"]],
      ],
      ["holds that do not add up", { holds: [] }, [["L19", "the holds do not add up to what is held"]]],
      ["an ended hold that is open", { endedHolds: [hold(7), hold(1)] }, [["L19", "an ended hold is open"]]],
      [
        "points owed beside points to spend",
        { balances: { ...sound.balances, pointsReceivable: 1 } },
        [["L18", "points are owed and could be given back"]],
      ],
      [
        "points owed and none to spend",
        { balances: { ...sound.balances, spendable: 0, pointsReceivable: 1 }, lots: [] },
        [],
      ],
      [
        "payables that do not add up",
        { payables: sound.payables.slice(1) },
        [["L3", "the payables do not add up to the balance"]],
      ],
      [
        "twenty holds",
        {
          holds: [...sound.holds, ...Array.from({ length: 19 }, (_, n) => ({ ...idle, hold: hold(20 + n) }))],
        },
        [],
      ],
      [
        "one more",
        {
          holds: [...sound.holds, ...Array.from({ length: 20 }, (_, n) => ({ ...idle, hold: hold(20 + n) }))],
        },
        [["L21", "more holds or payables are open than allowed"]],
      ],
      [
        "as many payables as may be",
        { payables: [...sound.payables, ...Array.from({ length: mostPayables - 2 }, () => empty)] },
        [],
      ],
      [
        "too many payables",
        {
          payables: [...sound.payables, ...Array.from({ length: mostPayables - 1 }, () => empty)],
        },
        [["L21", "more holds or payables are open than allowed"]],
      ],
    ]
  test.each(cases)("%s", (_name, change, expected) => {
    const { breaches, claims } = runRule(checkAccount({ ...sound, ...change }, "p-1"), () => undefined)
    expect(breaches.map(({ promise, en }) => [promise, en])).toEqual(expected)
    for (const { zh } of breaches) expect(zh).toMatch(/\p{Script=Han}/u)
    expect(claims).toEqual([])
  })
})

describe("L21 a year's budget", () => {
  const share = (fen: number) => ({ report, person, fen })
  const state = { committedFen: 700, limitFen: 1000 }
  const release = { ...share(700), at, why: "forfeited" } as const

  test("an award fits whole, up to the limit of now, or not at all", () => {
    const award = { at, limitFen: 1000, shares: [share(100), { ...share(200), person: desk }] }
    expect(commitBudget(state, award)).toEqual({
      ok: true,
      events: [
        { type: "BudgetCommitted", at, limitFen: 1000, report, person, fen: 100 },
        { type: "BudgetCommitted", at, limitFen: 1000, report, person: desk, fen: 200 },
      ],
    })
    expect(commitBudget(state, { ...award, limitFen: 999 })).toEqual(
      refuse("cap-reached", { cap: "yearly", limitFen: 999, usedFen: 700, fen: 300 }),
    )
  })

  test("what was committed can be released, once", () => {
    const released = releaseBudget(state, release)
    expect(released).toEqual({ ok: true, events: [{ type: "BudgetReleased", ...release }] })
    expect(budgetDefinition.evolve(state, { type: "BudgetReleased", ...release })).toEqual({
      committedFen: 0,
      limitFen: 1000,
    })
    expect(() => releaseBudget(state, { ...release, fen: 701 })).toThrow(
      "L21: no more is released than was committed",
    )
  })

  test("S11 its events have their limits, it has no index and counts nothing", () => {
    const committed = { type: "BudgetCommitted", at, report, person, fen: 1, limitFen: 0 }
    const accepts = (event: object) => budgetEvent.safeParse(event).success
    for (const change of [{}, { fen: amountLimit }, { limitFen: amountLimit }]) {
      expect(accepts({ ...committed, ...change })).toBe(true)
    }
    for (const change of [
      { fen: 0 },
      { fen: amountLimit + 1 },
      { limitFen: -1 },
      { limitFen: amountLimit + 1 },
    ]) {
      expect(accepts({ ...committed, ...change }), JSON.stringify(change)).toBe(false)
    }
    const back = { type: "BudgetReleased", at, report, person, fen: 1 }
    for (const why of ["forfeited", "clawed-back"]) expect(accepts({ ...back, why })).toBe(true)
    for (const change of [{ why: "" }, { why: "forfeited", more: 1 }]) {
      expect(accepts({ ...back, ...change })).toBe(false)
    }
    expect(budgetDefinition.indexes()).toEqual([])
    expect(budgetDefinition.tallies()).toEqual([])
    expect(budgetId(today)).toBe("2026")
  })

  test.each([
    [{ committedFen: 0, limitFen: 0 }, []],
    [{ committedFen: amountLimit, limitFen: 0 }, []],
    [{ committedFen: -1, limitFen: 0 }, [["L4", "less than nothing of the budget is committed"]]],
    [{ committedFen: amountLimit + 1, limitFen: 0 }, [["L21", "more is committed than any budget may hold"]]],
  ])("L4 the check of %j", (budget, expected) => {
    const { breaches, claims } = runRule(checkBudget(budget, "2026"), () => undefined)
    expect(breaches.map(({ promise, en }) => [promise, en])).toEqual(expected)
    for (const { zh } of breaches) expect(zh).toMatch(/\p{Script=Han}/u)
    expect(claims).toEqual([])
  })
})
