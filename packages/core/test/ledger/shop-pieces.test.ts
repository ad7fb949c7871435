/**
 * The commands of the ledger and the pieces that they stand on: who may give them, what they take, the
 * exact outcome of each, and a thing of the catalogue by itself.
 */
import { type CommandType, commands } from "@yingshao/core/commands"
import { refuse } from "@yingshao/core/kernel/refusal"
import { happen, on } from "@yingshao/core/kernel/rule"
import { runRule } from "@yingshao/core/kernel/run-rule"
import { holdId, itemId } from "@yingshao/core/ledger/account"
import { checkStock } from "@yingshao/core/ledger/check-ledger"
import { releaseOne } from "@yingshao/core/ledger/redeem"
import {
  changeStock,
  endReservation,
  registerEntry,
  reserveUnit,
  type StockState,
  stockDefinition,
  stockEvent,
} from "@yingshao/core/ledger/stock"
import { describe, expect, test } from "vitest"
import { staffedWorld, type World } from "../fixtures/world.ts"
import { account, at, lot, none, person, today } from "./accounts.ts"

const entry = { nameZh: "毛巾", nameEn: "towel", points: 10 }
const towel = itemId.parse("towel")
const h1 = holdId.parse("h-1")

describe("the commands of the ledger", () => {
  const redemption = { person: "p-1", hold: "h-1" }
  test.each<readonly [CommandType, readonly string[], object, string]>([
    ["RegisterItem", ["programme-admin"], { item: "towel", entry }, "stock/towel"],
    ["StockItem", ["programme-admin"], { item: "towel", units: 1 }, "stock/towel"],
    ["HoldRedemption", ["reporter"], { item: "towel" }, "stock/towel"],
    ["CommitRedemption", ["duty-officer", "programme-admin", "payer"], redemption, "account/p-1"],
    [
      "ReleaseRedemption",
      ["reporter", "duty-officer", "programme-admin", "payer"],
      redemption,
      "account/p-1",
    ],
    ["DisposeBalance", ["programme-admin"], { person: "p-1", disposition: "keep" }, "account/p-1"],
    ["ExpireLots", ["scheduler", "programme-admin"], { person: "p-1" }, "account/p-1"],
    ["SettleReceivable", ["payer", "programme-admin"], { person: "p-1", fen: 1 }, "account/p-1"],
  ])("Z1 %s: who may give it, and where rivals wait", (type, roles, payload, queue) => {
    const definition = commands[type]
    expect(definition.type).toBe(type)
    expect(definition.roles).toEqual(roles)
    expect(definition.queue(definition.payload.parse(payload) as never)).toBe(queue)
    expect(definition.payload.safeParse({ ...payload, more: 1 }).success).toBe(false)
  })

  const item = (change: object) => ({ item: "towel", entry: { ...entry, ...change } })
  test.each<readonly [CommandType, object, boolean]>([
    ["RegisterItem", item({ nameZh: "毛" }), true],
    ["RegisterItem", item({ nameZh: "毛".repeat(60) }), true],
    ["RegisterItem", item({ nameZh: "毛".repeat(61) }), false],
    ["RegisterItem", item({ nameEn: "  " }), false],
    ["RegisterItem", item({ points: 1 }), true],
    ["RegisterItem", item({ points: 0 }), false],
    ["RegisterItem", item({ points: 1_000_000 }), true],
    ["RegisterItem", item({ points: 1_000_001 }), false],
    ["RegisterItem", item({ more: 1 }), false],
    ["StockItem", { item: "towel", units: -1_000_000 }, true],
    ["StockItem", { item: "towel", units: -1_000_001 }, false],
    ["StockItem", { item: "towel", units: 0 }, false],
    ["StockItem", { item: "towel", units: 1_000_000 }, true],
    ["StockItem", { item: "towel", units: 1_000_001 }, false],
    ["SettleReceivable", { person: "p-1", fen: 0 }, false],
    ["SettleReceivable", { person: "p-1", fen: 1_000_000_000 }, true],
    ["SettleReceivable", { person: "p-1", fen: 1_000_000_001 }, false],
    ["DisposeBalance", { person: "p-1", disposition: "forfeit" }, true],
    ["DisposeBalance", { person: "p-1", disposition: "" }, false],
  ])("S11 %s %j", (type, payload, fits) => {
    expect(commands[type].payload.safeParse(payload).success).toBe(fits)
  })

  test("what is not zero says so", () => {
    const refused = commands.StockItem.payload.safeParse({ item: "towel", units: 0 })
    expect(refused.error?.issues.map(({ message }) => message)).toEqual(["not zero"])
  })
})

/** A catalogue of two things; p-1 is in service, has 30 points and one of each on hold. */
const shop = (): World => {
  const world = staffedWorld()
  const state = world.state("participant", "p-1")
  world.states.set("participant/p-1", { ...state, status: "active", since: at })
  for (const item of ["towel", "soap"]) {
    world.states.set(`stock/${item}`, { entry, units: 3, reserved: 1, handedOut: 0 })
  }
  const hold = (id: string, item: string) => ({
    hold: id,
    item,
    since: at,
    parts: [lot("2026-04-10", 10)],
  })
  world.states.set(
    "account/p-1",
    account({
      balances: { ...none, spendable: 30, held: 20 },
      lots: [lot("2026-04-10", 30)],
      holds: [hold("h-1", "towel"), hold("h-2", "soap")] as never,
      pointsByYear: { "2026": 30 },
    }),
  )
  world.now = at
  return world
}
const moving = (n: number, reason: string, ref: string, amounts: object) => ({
  id: `p-1:${n}`,
  unit: "points",
  reason,
  ref,
  entries: Object.entries(amounts).map(([account, amount]) => ({ account, amount })),
})
const told = (kind: string, hold: string) => ({
  kind,
  to: { kind: "person", person: "p-1" },
  urgent: false,
  orderingKey: "account/p-1",
  data: { hold },
})
const shelved = (item: string, type: string, hold: string) => ({
  kind: "stock",
  id: item,
  event: { type, at, hold },
})
const released = (n: number, hold: string, by: string) => ({
  kind: "account",
  id: "p-1",
  event: {
    type: "HoldReleased",
    at,
    hold,
    by,
    posting: moving(n, "release", hold, { "held/p-1": -10, "spendable/p-1": 10 }),
  },
})

describe("L19 what a redemption does, exactly", () => {
  test("held: points and a unit are set aside in one commit, and the person is told", () => {
    const outcome = shop().give("HoldRedemption", "p-1", "reporter", { item: "towel" })
    const hold = outcome.ok && outcome.notices[0]?.data.hold
    expect(hold).toMatch(/^h-/)
    expect(outcome).toEqual({
      ok: true,
      claims: [],
      orders: [],
      notices: [told("redemption-held", String(hold))],
      events: [
        {
          kind: "account",
          id: "p-1",
          event: {
            type: "PointsHeld",
            at,
            hold,
            item: "towel",
            parts: [lot("2026-04-10", 10)],
            posting: moving(1, "hold", String(hold), { "spendable/p-1": -10, "held/p-1": 10 }),
          },
        },
        shelved("towel", "UnitReserved", String(hold)),
      ],
    })
  })

  test("handed out", () => {
    const outcome = shop().give("CommitRedemption", "duty", "duty-officer", { person: "p-1", hold: "h-2" })
    const posting = moving(1, "redemption", "h-2", { "held/p-1": -10, redeemed: 10 })
    expect(outcome).toEqual({
      ok: true,
      claims: [],
      orders: [],
      notices: [told("redemption-committed", "h-2")],
      events: [
        {
          kind: "account",
          id: "p-1",
          event: { type: "HoldCommitted", at, hold: "h-2", by: "duty", posting },
        },
        shelved("soap", "UnitHandedOut", "h-2"),
      ],
    })
  })

  test("given up", () => {
    const outcome = shop().give("ReleaseRedemption", "p-1", "reporter", { person: "p-1", hold: "h-1" })
    expect(outcome).toEqual({
      ok: true,
      claims: [],
      orders: [],
      notices: [told("redemption-released", "h-1")],
      events: [released(1, "h-1", "p-1"), shelved("towel", "UnitPutBack", "h-1")],
    })
  })

  test("what is not there, not enough or nobody's is refused in the words of the case", () => {
    const world = shop()
    const hold = (item: string) => world.give("HoldRedemption", "p-1", "reporter", { item })
    expect(hold("lamp")).toEqual(refuse("no-such-item", { item: "lamp" }))
    world.states.set("stock/towel", { entry, units: 0, reserved: 1, handedOut: 0 })
    expect(hold("towel")).toEqual(refuse("insufficient-stock", { item: "towel", units: 0 }))
    world.states.set("stock/soap", { entry: { ...entry, points: 31 }, units: 1, reserved: 1, handedOut: 0 })
    expect(hold("soap")).toEqual(refuse("insufficient-points", { needed: 31, spendable: 30 }))
    const end = { person: "p-1", hold: "h-7" }
    for (const type of ["CommitRedemption", "ReleaseRedemption"] as const) {
      expect(world.give(type, "duty", "duty-officer", end)).toEqual(refuse("no-such-hold", { hold: "h-7" }))
    }
    expect(
      runRule(
        releaseOne({ person, hold: holdId.parse("h-7") }, { at, today, by: { person, role: "reporter" } }),
        () => account({}),
      ),
    ).toEqual(refuse("no-such-hold", { hold: "h-7" }))
  })

  test("S4 whoever left cannot redeem, whatever the policy says, and the refusal names nobody", () => {
    const world = shop()
    world.states.set("participant/p-1", { ...world.state("participant", "p-1"), status: "suspended" })
    expect(world.give("HoldRedemption", "p-1", "reporter", { item: "towel" })).toEqual(
      refuse("not-redeemable"),
    )
    expect(world.give("CommitRedemption", "duty", "duty-officer", { person: "p-1", hold: "h-1" })).toEqual(
      refuse("not-redeemable"),
    )
  })
})

describe("L23 what becomes of a balance, exactly", () => {
  const dispose = (world: World) =>
    world.give("DisposeBalance", "admin", "programme-admin", { person: "p-1", disposition: "forfeit" })

  test("each hold is given up with its unit, then the points are forfeited", () => {
    const world = shop()
    world.states.set("participant/p-1", { ...world.state("participant", "p-1"), status: "removed" })
    expect(dispose(world)).toEqual(
      happen({
        events: [
          released(1, "h-1", "admin"),
          shelved("towel", "UnitPutBack", "h-1"),
          released(2, "h-2", "admin"),
          shelved("soap", "UnitPutBack", "h-2"),
          {
            kind: "account",
            id: "p-1",
            event: {
              type: "BalanceDisposed",
              at,
              by: "admin",
              removedAt: at,
              disposition: "forfeit",
              posting: moving(3, "forfeiture", at, { "spendable/p-1": -50, forfeited: 50 }),
            },
          },
        ] as never,
      }),
    )
    expect(dispose(world)).toEqual(refuse("already-disposed"))
  })

  test("only of somebody who was removed, at a time that is known, by somebody else", () => {
    const world = shop()
    expect(dispose(world)).toEqual(refuse("not-removed"))
    const state = { ...world.state("participant", "p-1"), status: "removed", since: undefined }
    world.states.set("participant/p-1", state)
    expect(dispose(world)).toEqual(refuse("not-removed"))
    const own = { person: "admin", disposition: "keep" }
    expect(world.give("DisposeBalance", "admin", "programme-admin", own)).toEqual(refuse("own-case"))
  })
})

describe("the other commands, exactly", () => {
  test("L20 lots expire by their day, and only then", () => {
    const world = shop()
    const expire = () => world.asScheduler("ExpireLots", { person: "p-1" })
    world.at("2026-04-10T02:00:00.000Z")
    expect(expire()).toEqual(refuse("nothing-to-expire", { today: "2026-04-10" }))
    world.at("2026-04-11T02:00:00.000Z")
    const posting = moving(1, "expiry", "2026-04-11", { "spendable/p-1": -30, expired: 30 })
    const event = { type: "PointsExpired", at: world.now, before: "2026-04-11", posting }
    expect(expire()).toEqual(happen({ events: [on("account", "p-1", event as never)] }))
  })

  test("L18 cash that is owed is settled up to what is owed, never by the debtor", () => {
    const world = shop()
    world.states.set("account/p-1", account({ balances: { ...none, fenReceivable: 90 } }))
    const settle = (who: string, fen: number) =>
      world.give("SettleReceivable", who, "payer", { person: "p-1", fen })
    world.appoint("p-1", "payer")
    expect(settle("p-1", 90)).toEqual(refuse("own-case"))
    expect(settle("payer", 91)).toEqual(refuse("exceeds-receivable", { fen: 91, owedFen: 90 }))
    expect(settle("payer", 90)).toMatchObject({
      events: [{ kind: "account", id: "p-1", event: { type: "CashReceivableSettled", by: "payer" } }],
    })
  })

  test("a thing is listed, and its number changed", () => {
    const world = shop()
    const give = (type: CommandType, payload: object) => world.give(type, "admin", "programme-admin", payload)
    const registered = { type: "ItemRegistered", at, entry } as const
    const changed = { type: "StockChanged", at, units: -3 } as const
    expect(give("RegisterItem", { item: "lamp", entry })).toEqual(
      happen({ events: [on("stock", "lamp", registered)] }),
    )
    expect(give("StockItem", { item: "towel", units: -3 })).toEqual(
      happen({ events: [on("stock", "towel", changed)] }),
    )
    expect(give("StockItem", { item: "cup", units: 1 })).toEqual(refuse("no-such-item", { item: "cup" }))
  })
})

describe("a thing of the catalogue", () => {
  const shelf: StockState = { entry, units: 5, reserved: 2, handedOut: 1 }
  const unlisted = { units: 0, reserved: 0, handedOut: 0 }

  test.each([
    [{ type: "ItemRegistered", at, entry: { ...entry, points: 11 } }, { entry: { ...entry, points: 11 } }],
    [{ type: "StockChanged", at, units: -5 }, { units: 0 }],
    [
      { type: "UnitReserved", at, hold: h1 },
      { units: 4, reserved: 3 },
    ],
    [
      { type: "UnitHandedOut", at, hold: h1 },
      { reserved: 1, handedOut: 2 },
    ],
    [
      { type: "UnitPutBack", at, hold: h1 },
      { units: 6, reserved: 1 },
    ],
  ] as const)("L19 %j", (event, change) => {
    expect(stockEvent.parse(event)).toEqual(event)
    expect(stockEvent.safeParse({ ...event, more: 1 }).success).toBe(false)
    expect(stockDefinition.evolve(shelf, event)).toEqual({ ...shelf, ...change })
    expect(stockDefinition.tallies()).toEqual([])
  })

  test.each([
    [-1_000_000, true],
    [-1_000_001, false],
    [1_000_000, true],
    [1_000_001, false],
  ])("S11 a change by %i", (units, fits) => {
    expect(stockEvent.safeParse({ type: "StockChanged", at, units }).success).toBe(fits)
  })

  test("is found by whether there is any, once it is listed", () => {
    const found = (change: Partial<StockState>) => stockDefinition.indexes({ ...shelf, ...change }, "towel")
    expect(found({ entry: undefined })).toEqual([])
    expect(found({ units: 1 })).toEqual([{ index: "stock/catalogue", equals: "available", range: "" }])
    expect(found({ units: 0 })).toEqual([{ index: "stock/catalogue", equals: "out", range: "" }])
  })

  test.each<readonly [string, () => object, object]>([
    ["listed", () => registerEntry(at, entry), { ok: true, events: [{ type: "ItemRegistered", at, entry }] }],
    [
      "all taken off",
      () => changeStock(shelf, at, towel, -5),
      { ok: true, events: [{ type: "StockChanged", at, units: -5 }] },
    ],
    [
      "more taken off",
      () => changeStock(shelf, at, towel, -6),
      refuse("insufficient-stock", { item: towel, units: 5 }),
    ],
    [
      "as many as fit",
      () => changeStock(shelf, at, towel, 999_995),
      { ok: true, events: [{ type: "StockChanged", at, units: 999_995 }] },
    ],
    ["one more", () => changeStock(shelf, at, towel, 999_996), refuse("stock-limit", { limit: 1_000_000 })],
    ["not listed", () => changeStock(unlisted, at, towel, 1), refuse("no-such-item", { item: towel })],
    [
      "the last one reserved",
      () => reserveUnit({ ...shelf, units: 1 }, at, towel, h1),
      { ok: true, events: [{ type: "UnitReserved", at, hold: h1 }] },
    ],
    [
      "none left",
      () => reserveUnit({ ...shelf, units: 0 }, at, towel, h1),
      refuse("insufficient-stock", { item: towel, units: 0 }),
    ],
    [
      "not listed, so not reserved",
      () => reserveUnit(unlisted, at, towel, h1),
      refuse("no-such-item", { item: towel }),
    ],
    [
      "handed out",
      () => endReservation(shelf, at, h1, "handed-out"),
      { ok: true, events: [{ type: "UnitHandedOut", at, hold: h1 }] },
    ],
    [
      "put back",
      () => endReservation({ ...shelf, reserved: 1 }, at, h1, "put-back"),
      { ok: true, events: [{ type: "UnitPutBack", at, hold: h1 }] },
    ],
  ])("L19 %s", (_name, decision, expected) => {
    expect(decision()).toEqual(expected)
  })

  test("L19 an open hold has a unit reserved", () => {
    expect(() => endReservation({ ...shelf, reserved: 0 }, at, h1, "put-back")).toThrow(
      "L19: an open hold has a unit reserved",
    )
  })

  const negative = "a number of units is negative"
  test.each<readonly [Partial<StockState>, readonly string[]]>([
    [shelf, []],
    [{ ...shelf, units: 0, reserved: 0, handedOut: 0 }, []],
    [{ ...shelf, units: -1 }, [negative]],
    [{ ...shelf, reserved: -1 }, [negative]],
    [{ ...shelf, handedOut: -1 }, [negative]],
    [unlisted, []],
    [{ ...unlisted, units: 1 }, ["an unlisted thing has stock"]],
    [{ ...unlisted, reserved: 1 }, ["an unlisted thing has stock"]],
    [{ ...unlisted, handedOut: 1 }, ["an unlisted thing has stock"]],
    [{ units: 1, reserved: 1, handedOut: 0 }, ["an unlisted thing has stock"]],
    [{ units: 1, reserved: 0, handedOut: 1 }, ["an unlisted thing has stock"]],
  ])("L19 the check of %j", (state, expected) => {
    const { breaches, claims } = runRule(checkStock(state as StockState, "towel"), () => undefined)
    expect(breaches.map(({ promise, en }) => `${promise} ${en}`)).toEqual(expected.map((en) => `L19 ${en}`))
    for (const { zh } of breaches) expect(zh).toMatch(/\p{Script=Han}/u)
    expect(claims).toEqual([])
  })
})
