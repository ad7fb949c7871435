import type { CommandDefinition } from "@yingshao/core/kernel/command"
import { personId, reportId } from "@yingshao/core/kernel/ids"
import type { Role } from "@yingshao/core/kernel/roles"
import type { Context, Emitted, Outcome } from "@yingshao/core/kernel/rule"
import { runRule } from "@yingshao/core/kernel/run-rule"
import { addDays, type CivilDate, civilDate, instant } from "@yingshao/core/kernel/time"
import { type AccountState, accountDefinition } from "@yingshao/core/ledger/account"
import { clawBackCash } from "@yingshao/core/ledger/cash"
import { registerItem, stockItem } from "@yingshao/core/ledger/catalogue"
import { checkAccount, checkStock } from "@yingshao/core/ledger/check-ledger"
import { disposeRemovedBalance } from "@yingshao/core/ledger/dispose-balance"
import { expireAccountLots } from "@yingshao/core/ledger/expire-lots"
import { grantPoints } from "@yingshao/core/ledger/points"
import { commitRedemption, holdRedemption, releaseRedemption } from "@yingshao/core/ledger/redeem"
import { settleCashReceivable } from "@yingshao/core/ledger/settle-receivable"
import { type StockState, stockDefinition } from "@yingshao/core/ledger/stock"
import { type ParticipantState, participantDefinition } from "@yingshao/core/participant/participant"
import { describe, expect, test } from "vitest"

/** A county's catalogue and accounts, without any store. */
class Shop {
  readonly accounts = new Map<string, AccountState>()
  readonly shelves = new Map<string, StockState>()
  readonly people = new Map<string, ParticipantState>()
  readonly events: Emitted[] = []
  redeemable: "yes" | "no" = "yes"
  asked: unknown[] = []
  today: CivilDate = civilDate.parse("2026-03-24")
  made = 0

  account(who: string): AccountState {
    return this.accounts.get(who) ?? accountDefinition.initial
  }
  shelf(item: string): StockState {
    return this.shelves.get(item) ?? stockDefinition.initial
  }

  status(who: string, status: ParticipantState["status"], since = "2026-03-01T00:00:00.000Z"): void {
    this.people.set(who, { ...participantDefinition.initial, status, since: instant.parse(since) })
  }

  /** Points from a report; lasting 30 days unless said otherwise. */
  earn(who: string, points: number, lotLifeDays = 30): void {
    this.made += 1
    const decision = grantPoints(this.account(who), {
      person: personId.parse(who),
      at: instant.parse(`${this.today}T01:00:00.000Z`),
      today: this.today,
      report: reportId.parse(`r-${this.made}`),
      points,
      lotLifeDays,
      acceptedOn: this.today,
    })
    if (!decision.ok) throw new Error(decision.refusal.code)
    this.accounts.set(who, decision.events.reduce(accountDefinition.evolve, this.account(who)))
  }

  /** Decides without doing: rivals decide on the same past. */
  // biome-ignore lint/suspicious/noExplicitAny: a test gives any command
  decide(definition: CommandDefinition<string, any>, by: string, role: Role, payload: object): Outcome {
    const parsed: unknown = definition.payload.parse(payload)
    this.made += 1
    const book = {
      decide: (...asked: unknown[]) => {
        this.asked.push(asked)
        return { status: "decided", conclusions: { redeemable: this.redeemable } }
      },
    }
    const context = {
      by: { person: personId.parse(by), role },
      scopes: [],
      at: instant.parse(`${this.today}T02:00:00.000Z`),
      today: this.today,
      book: book as unknown as Context["book"],
      freshId: (prefix: string) => `${prefix}-${this.made}`,
    }
    return runRule(definition.decide(parsed, context), (ask) => {
      if (ask.ask !== "state") throw new Error(`unexpected ${ask.ask}`)
      if (ask.kind === "participant") return this.people.get(ask.id) ?? participantDefinition.initial
      return ask.kind === "stock" ? this.shelf(ask.id) : this.account(ask.id)
    })
  }

  make(outcome: Outcome): void {
    if (!outcome.ok) return
    for (const { kind, id, event } of outcome.events) {
      if (kind === "account")
        this.accounts.set(
          id,
          accountDefinition.evolve(this.account(id), accountDefinition.event.parse(event)),
        )
      if (kind === "stock")
        this.shelves.set(id, stockDefinition.evolve(this.shelf(id), stockDefinition.event.parse(event)))
    }
    this.events.push(...outcome.events)
  }

  // biome-ignore lint/suspicious/noExplicitAny: a test gives any command
  give(definition: CommandDefinition<string, any>, by: string, role: Role, payload: object): string {
    const outcome = this.decide(definition, by, role, payload)
    this.make(outcome)
    return outcome.ok ? "ok" : outcome.refusal.code
  }
}

const towel = { item: "towel", entry: { nameZh: "毛巾", nameEn: "towel", points: 10 } }
const opened = (units = 2): Shop => {
  const shop = new Shop()
  shop.status("p-1", "active")
  shop.status("p-2", "enrolled")
  expect(shop.give(registerItem, "admin", "programme-admin", towel)).toBe("ok")
  expect(shop.give(stockItem, "admin", "programme-admin", { item: "towel", units })).toBe("ok")
  return shop
}
const heldBy = (shop: Shop, who: string): string => shop.account(who).holds[0]?.hold ?? "none"

describe("L19 a redemption", () => {
  test("given points and stock, when held and committed, then points are spent and the unit is gone", () => {
    const shop = opened()
    shop.earn("p-1", 25)
    expect(shop.give(holdRedemption, "p-1", "reporter", { item: "towel" })).toBe("ok")
    expect(shop.account("p-1").balances).toMatchObject({ spendable: 15, held: 10 })
    expect(shop.shelf("towel")).toMatchObject({ units: 1, reserved: 1, handedOut: 0 })
    const hold = heldBy(shop, "p-1")
    expect(shop.give(commitRedemption, "duty", "duty-officer", { person: "p-1", hold })).toBe("ok")
    expect(shop.account("p-1").balances).toMatchObject({ spendable: 15, held: 0 })
    expect(shop.shelf("towel")).toMatchObject({ units: 1, reserved: 0, handedOut: 1 })
    expect(shop.give(commitRedemption, "duty", "duty-officer", { person: "p-1", hold })).toBe("already-ended")
    expect(shop.give(releaseRedemption, "p-1", "reporter", { person: "p-1", hold })).toBe("already-ended")
  })

  test("when released, then points go back to the lots they came from and the unit to the shelf", () => {
    const shop = opened()
    shop.earn("p-1", 6, 5)
    shop.earn("p-1", 6, 30)
    const before = shop.account("p-1").lots
    shop.give(holdRedemption, "p-1", "reporter", { item: "towel" })
    expect(shop.account("p-1").lots).toEqual([{ expiresOn: "2026-04-23", points: 2 }])
    expect(
      shop.give(releaseRedemption, "p-1", "reporter", { person: "p-1", hold: heldBy(shop, "p-1") }),
    ).toBe("ok")
    expect(shop.account("p-1").lots).toEqual(before)
    expect(shop.shelf("towel")).toMatchObject({ units: 2, reserved: 0 })
  })

  test("points whose last day is over cannot be held and expire when they come back", () => {
    const shop = opened()
    shop.earn("p-1", 10, 5)
    shop.give(holdRedemption, "p-1", "reporter", { item: "towel" })
    shop.today = addDays(shop.today, 6)
    shop.give(releaseRedemption, "p-1", "reporter", { person: "p-1", hold: heldBy(shop, "p-1") })
    expect(shop.account("p-1").balances).toMatchObject({ spendable: 0, held: 0 })
    shop.earn("p-2", 10, 0)
    shop.today = addDays(shop.today, 1)
    expect(shop.give(holdRedemption, "p-2", "reporter", { item: "towel" })).toBe("insufficient-points")
    expect(shop.give(expireAccountLots, "system-scheduler", "scheduler", { person: "p-2" })).toBe("ok")
    expect(shop.give(expireAccountLots, "system-scheduler", "scheduler", { person: "p-2" })).toBe(
      "nothing-to-expire",
    )
  })

  test("the last unit goes to one of two who ask at once", () => {
    const shop = opened(1)
    shop.earn("p-1", 10)
    shop.earn("p-2", 10)
    const first = shop.decide(holdRedemption, "p-1", "reporter", { item: "towel" })
    const second = shop.decide(holdRedemption, "p-2", "reporter", { item: "towel" })
    // Both decided on one past; the store lets one version of the shelf through and the other decides again.
    expect([first.ok, second.ok]).toEqual([true, true])
    shop.make(first)
    expect(shop.give(holdRedemption, "p-2", "reporter", { item: "towel" })).toBe("insufficient-stock")
    expect(shop.shelf("towel").units).toBe(0)
    expect(runRule(checkStock(shop.shelf("towel"), "towel"), () => undefined).breaches).toEqual([])
  })

  test("nobody takes more off the shelf than there is", () => {
    const shop = opened(1)
    expect(shop.give(stockItem, "admin", "programme-admin", { item: "towel", units: -2 })).toBe(
      "insufficient-stock",
    )
    expect(shop.give(stockItem, "admin", "programme-admin", { item: "soap", units: 2 })).toBe("no-such-item")
    expect(shop.give(holdRedemption, "p-1", "reporter", { item: "soap" })).toBe("no-such-item")
  })

  test("a new price leaves redemptions under way as they were", () => {
    const shop = opened()
    shop.earn("p-1", 25)
    shop.give(holdRedemption, "p-1", "reporter", { item: "towel" })
    shop.give(registerItem, "admin", "programme-admin", { ...towel, entry: { ...towel.entry, points: 25 } })
    shop.give(commitRedemption, "duty", "duty-officer", { person: "p-1", hold: heldBy(shop, "p-1") })
    expect(shop.account("p-1").balances.spendable).toBe(15)
    expect(shop.give(holdRedemption, "p-1", "reporter", { item: "towel" })).toBe("insufficient-points")
  })

  test("at most twenty are under way at a time", () => {
    const shop = opened(30)
    shop.earn("p-1", 300)
    const codes = Array.from({ length: 21 }, () =>
      shop.give(holdRedemption, "p-1", "reporter", { item: "towel" }),
    )
    expect(codes.filter((code) => code === "ok").length).toBe(20)
    expect(codes.at(-1)).toBe("too-many-holds")
  })
})

describe("S4 who may redeem", () => {
  test("the policy decides, asked with standing and the points of the year", () => {
    const shop = opened()
    shop.earn("p-1", 25)
    shop.redeemable = "no"
    expect(shop.give(holdRedemption, "p-1", "reporter", { item: "towel" })).toBe("not-redeemable")
    expect(shop.asked).toEqual([
      ["privileges", { rosterStatus: "active", yearPoints: 25 }, { accepted: shop.today, step: shop.today }],
    ])
  })
  test.each(["suspended", "removed"] as const)(
    "whoever is %s gets nothing, also not what is on hold",
    (status) => {
      const shop = opened()
      shop.earn("p-1", 25)
      shop.give(holdRedemption, "p-1", "reporter", { item: "towel" })
      shop.status("p-1", status)
      const hold = heldBy(shop, "p-1")
      expect(shop.give(holdRedemption, "p-1", "reporter", { item: "towel" })).toBe("not-redeemable")
      expect(shop.give(commitRedemption, "duty", "duty-officer", { person: "p-1", hold })).toBe(
        "not-redeemable",
      )
      expect(shop.give(releaseRedemption, "duty", "duty-officer", { person: "p-1", hold })).toBe("ok")
    },
  )
  test("nobody hands out to themselves, nobody gives up another reporter's hold", () => {
    const shop = opened()
    shop.earn("p-1", 25)
    shop.give(holdRedemption, "p-1", "reporter", { item: "towel" })
    const hold = heldBy(shop, "p-1")
    expect(shop.give(commitRedemption, "p-1", "duty-officer", { person: "p-1", hold })).toBe("own-case")
    expect(shop.give(releaseRedemption, "p-2", "reporter", { person: "p-1", hold })).toBe("not-yourself")
    expect(shop.give(releaseRedemption, "p-1", "reporter", { person: "p-1", hold: "h-none" })).toBe(
      "no-such-hold",
    )
  })
})

describe("L23 the balance of somebody who was removed", () => {
  test("is forfeited once, with what is on hold, and the units go back to the shelf", () => {
    const shop = opened()
    shop.earn("p-1", 25)
    shop.give(holdRedemption, "p-1", "reporter", { item: "towel" })
    shop.give(holdRedemption, "p-1", "reporter", { item: "towel" })
    const dispose = (who = "p-1") =>
      shop.give(disposeRemovedBalance, "admin", "programme-admin", { person: who, disposition: "forfeit" })
    expect(dispose()).toBe("not-removed")
    shop.status("p-1", "removed")
    expect(dispose()).toBe("ok")
    expect(shop.account("p-1").balances).toMatchObject({ spendable: 0, held: 0 })
    expect(shop.shelf("towel")).toMatchObject({ units: 2, reserved: 0 })
    expect(runRule(checkAccount(shop.account("p-1"), "p-1"), () => undefined).breaches).toEqual([])
    expect(dispose()).toBe("already-disposed")
    shop.status("p-1", "removed", "2026-05-01T00:00:00.000Z")
    expect(dispose()).toBe("ok")
  })
  test("may be kept, and then expires like any other", () => {
    const shop = opened()
    shop.earn("p-1", 25)
    shop.status("p-1", "removed")
    expect(
      shop.give(disposeRemovedBalance, "admin", "programme-admin", { person: "p-1", disposition: "keep" }),
    ).toBe("ok")
    expect(shop.account("p-1").balances.spendable).toBe(25)
    shop.today = addDays(shop.today, 31)
    expect(shop.give(expireAccountLots, "system-scheduler", "scheduler", { person: "p-1" })).toBe("ok")
    expect(shop.account("p-1").balances.spendable).toBe(0)
  })
})

test("L18 cash that is owed is settled by whoever received it, never by the debtor, never more than owed", () => {
  const shop = opened()
  const owed = clawBackCash(shop.account("p-1"), {
    person: personId.parse("p-1"),
    at: instant.parse("2026-03-24T01:00:00.000Z"),
    today: shop.today,
    report: reportId.parse("r-1"),
    fen: 5000,
    paid: true,
  })
  if (!owed.ok) throw new Error(owed.refusal.code)
  shop.accounts.set("p-1", owed.events.reduce(accountDefinition.evolve, shop.account("p-1")))
  const settle = (by: string, fen: number) =>
    shop.give(settleCashReceivable, by, "payer", { person: "p-1", fen })
  expect(settle("p-1", 100)).toBe("own-case")
  expect(settle("payer", 5001)).toBe("exceeds-receivable")
  expect(settle("payer", 2000)).toBe("ok")
  expect(settle("payer", 3000)).toBe("ok")
  expect(settle("payer", 1)).toBe("exceeds-receivable")
  expect(shop.account("p-1").balances.fenReceivable).toBe(0)
})

test("an account stays far below 64 KB after more than two years of daily use", () => {
  const shop = opened(1_000_000)
  for (let day = 0; day < 800; day += 1) {
    shop.earn("p-1", 12, 730)
    if (day % 40 < 20) shop.give(holdRedemption, "p-1", "reporter", { item: "towel" })
    if (day % 40 === 30) {
      for (const { hold } of shop.account("p-1").holds) {
        shop.give(commitRedemption, "duty", "duty-officer", { person: "p-1", hold })
      }
    }
    shop.today = addDays(shop.today, 1)
  }
  expect(JSON.stringify(shop.account("p-1")).length).toBeLessThan(40_000)
})
