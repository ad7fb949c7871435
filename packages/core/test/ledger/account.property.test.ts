import { runRule } from "@yingshao/core/kernel/run-rule"
import { fold } from "@yingshao/core/kernel/stream"
import { accountDefinition, accountEvent } from "@yingshao/core/ledger/account"
import { budgetDefinition, budgetEvent } from "@yingshao/core/ledger/budget"
import { checkAccount, checkBudget } from "@yingshao/core/ledger/check-ledger"
import { posting } from "@yingshao/core/ledger/posting"
import { trialBalance } from "@yingshao/core/ledger/trial-balance"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { runs } from "../fixtures/runs.ts"
import { anyStep, dailyCapFen, LedgerWorld, yearlyLimitFen } from "./ledger-world.ts"

/** Long on purpose: debts, caps and ended lots come up only after a while. */
const anySteps = fc.array(anyStep, { minLength: 1, maxLength: 60, size: "max" })

/** Does the steps and looks at the world after each. */
const walk = (look: (world: LedgerWorld) => void) =>
  fc.assert(
    fc.property(anySteps, (steps) => {
      const world = new LedgerWorld()
      for (const step of steps) {
        world.step(step)
        look(world)
      }
    }),
    runs(50),
  )

/** Does all steps and looks at the world once: for what a later step cannot hide. */
const walkToEnd = (look: (world: LedgerWorld) => void) =>
  fc.assert(
    fc.property(anySteps, (steps) => {
      const world = new LedgerWorld()
      for (const step of steps) world.step(step)
      look(world)
    }),
    runs(50),
  )

const postingsOf = (world: LedgerWorld) =>
  world.log.flatMap((event) => (event.posting === undefined ? [] : [event.posting]))
/** An independent reader: adds up entries by name and knows nothing else. */
const sums = (world: LedgerWorld) => {
  const found = new Map<string, number>()
  for (const { unit, entries } of postingsOf(world)) {
    for (const { account, amount } of entries) {
      found.set(`${unit} ${account}`, (found.get(`${unit} ${account}`) ?? 0) + amount)
    }
  }
  return (name: string) => found.get(name) ?? 0
}

describe("random steps against coins and notes", () => {
  test("L4 L18 L19 L21 each step is answered as the model answers it", () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const world = new LedgerWorld()
        for (const step of steps) {
          const { ledger, model } = world.step(step)
          expect(ledger).toBe(model)
        }
      }),
      runs(50),
    )
  })

  test("L1 L2 every posting is well formed, adds up to 0 in one unit, and its id is used once", () => {
    walkToEnd((world) => {
      const all = postingsOf(world)
      for (const made of all) {
        expect(posting.safeParse(made).success).toBe(true)
        expect(made.entries.reduce((sum, { amount }) => sum + amount, 0)).toBe(0)
      }
      expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    })
  })

  test("L3 every balance is the sum of its entries and what the model holds", () => {
    walk((world) => {
      const sum = sums(world)
      for (const [who, me] of world.people) {
        const held = [...me.holds.values()].flat().length
        const payable = [...me.notes.values()].reduce((all, fen) => all + fen, 0)
        const balances = {
          spendable: me.coins.length,
          held,
          pointsReceivable: me.owed,
          payable,
          fenReceivable: me.owedFen,
        }
        expect(world.account(who).balances).toEqual(balances)
        expect({
          spendable: sum(`points spendable/${who}`),
          held: sum(`points held/${who}`),
          pointsReceivable: sum(`points receivable/${who}`),
          payable: sum(`fen payable/${who}`),
          fenReceivable: sum(`fen receivable/${who}`),
        }).toEqual(balances)
      }
    })
  })

  test("L4 L18 no balance is ever negative, after any event", () => {
    walk((world) => {
      for (const events of world.logOf.values()) {
        let state = fold(accountDefinition, events.slice(0, -3))
        for (const event of events.slice(-3)) {
          state = accountDefinition.evolve(state, event)
          for (const balance of Object.values(state.balances)) expect(balance).toBeGreaterThanOrEqual(0)
        }
      }
    })
  })

  test("L5 what was issued is somewhere, in both units, and the memo pair is zero by itself", () => {
    walk((world) => {
      const { points, fen } = trialBalance(postingsOf(world))
      const { total } = world
      expect(points.total).toBe(0)
      expect(fen.total).toBe(0)
      expect(points.issued).toBe(total.issued)
      expect(points.accountedFor).toBe(points.issued)
      expect(fen.issued).toBe(total.awarded)
      expect(fen.accountedFor).toBe(fen.issued)
      expect(Object.fromEntries(points.controls)).toMatchObject({
        redeemed: total.redeemed,
        expired: total.expired,
        forfeited: total.forfeited,
        "clawed-back": total.clawedBack,
      })
      expect(Object.fromEntries(fen.controls)).toMatchObject({
        paid: total.paid,
        forfeited: total.forfeitedFen,
        "clawed-back": total.clawedBackFen,
      })
      for (const { controls } of [points, fen]) {
        expect((controls.get("receivable") ?? 0) + (controls.get("receivable-contra") ?? 0)).toBe(0)
      }
    })
  })

  test("L5 the tallies are the trial balance by control account", () => {
    walkToEnd((world) => {
      const tallies = new Map<string, number>()
      for (const event of world.log) {
        for (const { key, by } of accountDefinition.tallies(event))
          tallies.set(key, (tallies.get(key) ?? 0) + by)
      }
      const balance = trialBalance(postingsOf(world))
      for (const unit of ["fen", "points"] as const) {
        for (const [control, sum] of balance[unit].controls) {
          const key = control === "budget" ? "ledger/fen/budget/2026" : `ledger/${unit}/${control}`
          expect(tallies.get(key) ?? 0).toBe(sum)
        }
      }
    })
  })

  test("L6 an earlier snapshot of the log is a prefix of a later one", () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const world = new LedgerWorld()
        const snapshots: string[] = []
        for (const step of steps) {
          world.step(step)
          const now = world.log.map((event) => JSON.stringify(event)).join("\n")
          expect(snapshots.every((earlier) => now.startsWith(earlier))).toBe(true)
          snapshots.push(now)
        }
      }),
      runs(50),
    )
  })

  test("L18 what is clawed back of a grant never exceeds it, and all of it is taken or owed", () => {
    walkToEnd((world) => {
      const clawed = new Map<string, number>()
      let moved = 0
      for (const event of world.log) {
        if (event.type !== "PointsClawedBack") continue
        const points = event.posting.entries.reduce(
          (sum, { account, amount }) =>
            account === "clawed-back" || account.startsWith("receivable/") ? sum + amount : sum,
          0,
        )
        clawed.set(event.report, (clawed.get(event.report) ?? 0) + points)
        moved += points
      }
      const people = [...world.people.values()]
      for (const { grants } of people) {
        for (const [report, points] of grants) expect(clawed.get(report) ?? 0).toBeLessThanOrEqual(points)
      }
      expect(moved).toBe(
        people.reduce((sum, { clawed }) => sum + [...clawed.values()].reduce((a, b) => a + b, 0), 0),
      )
    })
  })

  test("L19 each hold ends once: committed or released", () => {
    walkToEnd((world) => {
      const begun = world.log.flatMap((event) => (event.type === "PointsHeld" ? [event.hold] : []))
      const ended = world.log.flatMap((event) =>
        event.type === "HoldCommitted" || event.type === "HoldReleased" ? [event.hold] : [],
      )
      expect(new Set(ended).size).toBe(ended.length)
      expect(ended.every((hold) => begun.includes(hold))).toBe(true)
      const open = [...world.accounts.values()].flatMap(({ holds }) => holds.map(({ hold }) => hold))
      expect([...open, ...ended].sort()).toEqual(begun.sort())
    })
  })

  test("L20 lots are the model's coins by their ends, and add up to the balance", () => {
    walk((world) => {
      for (const [who, { coins }] of world.people) {
        const state = world.account(who)
        const ends = state.lots.flatMap(({ expiresOn, points }) => Array<string>(points).fill(expiresOn))
        expect(ends).toEqual(coins.map(({ end }) => end).sort())
        expect(ends.length).toBe(state.balances.spendable)
      }
    })
  })

  test("L21 no day's and no year's cap is ever exceeded", () => {
    walk((world) => {
      const byDay = new Map<string, number>()
      for (const event of world.log) {
        if (event.type !== "CashAwarded") continue
        const fen = event.posting.entries.find(({ amount }) => amount > 0)?.amount ?? 0
        const key = `${event.posting.id.split(":")[0]} ${event.on}`
        byDay.set(key, (byDay.get(key) ?? 0) + fen)
      }
      for (const fen of byDay.values()) expect(fen).toBeLessThanOrEqual(dailyCapFen)
      expect(world.budget.committedFen).toBe(world.total.awarded - world.total.released)
      expect(world.budget.committedFen).toBeLessThanOrEqual(yearlyLimitFen)
    })
  })

  test("L22 an award is paid, forfeited or taken back, never two of them in full", () => {
    walkToEnd((world) => {
      const ends = new Map<string, number>()
      for (const event of world.log) {
        if (event.type === "CashPaid" || event.type === "CashForfeited")
          ends.set(event.report, (ends.get(event.report) ?? 0) + 1)
      }
      for (const times of ends.values()) expect(times).toBe(1)
    })
  })

  test("L23 one removal disposes once", () => {
    walkToEnd((world) => {
      for (const events of world.logOf.values()) {
        const disposals = events.flatMap((event) =>
          event.type === "BalanceDisposed" ? [event.removedAt] : [],
        )
        expect(disposals.every((removedAt, at) => removedAt !== disposals[at - 1])).toBe(true)
        const last = events.at(-1)
        if (last?.type === "BalanceDisposed" && last.disposition === "forfeit") {
          expect(fold(accountDefinition, events)).toMatchObject({ lots: [], balances: { spendable: 0 } })
        }
      }
    })
  })

  test("S10 the state is the fold of the events as a store would give them back", () => {
    walkToEnd((world) => {
      for (const [who, events] of world.logOf) {
        expect(JSON.stringify(fold(accountDefinition, events))).toBe(JSON.stringify(world.account(who)))
      }
      for (const event of world.log)
        expect(accountEvent.parse(JSON.parse(JSON.stringify(event)))).toEqual(event)
      for (const event of world.budgetLog)
        expect(budgetEvent.parse(JSON.parse(JSON.stringify(event)))).toEqual(event)
      expect(fold(budgetDefinition, world.budgetLog)).toEqual(world.budget)
    })
  })

  test("the checks of accounts and budgets find nothing", () => {
    walk((world) => {
      for (const [who, state] of world.accounts)
        expect(runRule(checkAccount(state, who), () => undefined).breaches).toEqual([])
      expect(runRule(checkBudget(world.budget, "2026"), () => undefined).breaches).toEqual([])
    })
  })
})
