/**
 * Accounts and budgets driven by random steps through the deciders, beside a naive model: one coin for
 * each point, one note for each award. The model shares no code with what it is compared with.
 */

import { personId, reportId } from "@yingshao/core/kernel/ids"
import type { Decision } from "@yingshao/core/kernel/refusal"
import { addDays, type CivilDate, civilDate, instant } from "@yingshao/core/kernel/time"
import {
  type AccountEvent,
  type AccountState,
  accountDefinition,
  holdId,
  itemId,
} from "@yingshao/core/ledger/account"
import {
  type BudgetEvent,
  type BudgetState,
  budgetDefinition,
  commitBudget,
  releaseBudget,
} from "@yingshao/core/ledger/budget"
import {
  awardCash,
  clawBackCash,
  forfeitCash,
  payableOf,
  payCash,
  settleReceivable,
} from "@yingshao/core/ledger/cash"
import { clawBackPoints, disposeBalance, expireLots, grantPoints } from "@yingshao/core/ledger/points"
import { commitHold, holdPoints, releaseHold } from "@yingshao/core/ledger/redemption-hold"
import fc from "fast-check"

export const dailyCapFen = 300
export const yearlyLimitFen = 900

const n = fc.integer({ min: 1, max: 12 })
const pick = fc.nat(5)
export const anyStep = fc.record({
  who: fc.constantFrom("p-1", "p-2"),
  do: fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("grant" as const),
        points: n,
        life: fc.constantFrom(0, 3, 10, 40),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("hold" as const), points: n }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("commit" as const), pick }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("release" as const), pick }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("claw-points" as const), pick, points: n }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("expire" as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("dispose" as const),
        how: fc.constantFrom("keep" as const, "forfeit" as const),
        pick,
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant("award" as const), fen: fc.constantFrom(50, 100, 200) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("pay" as const), pick }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("forfeit" as const), pick }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("claw-cash" as const),
        pick,
        fen: fc.constantFrom(10, 50, 200),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("settle" as const), fen: fc.constantFrom(10, 50) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant("wait" as const), days: fc.integer({ min: 1, max: 6 }) }),
    },
  ),
})
export type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never

interface Person {
  coins: { end: string }[]
  holds: Map<string, { end: string }[]>
  ended: Set<string>
  owed: number
  notes: Map<string, number>
  paid: Map<string, number>
  owedFen: number
  grants: Map<string, number>
  clawed: Map<string, number>
  disposed: Set<string>
}

const freeze = <T>(value: T): T => {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) freeze(part)
  }
  return value
}

export class LedgerWorld {
  readonly accounts = new Map<string, AccountState>()
  budget: BudgetState = budgetDefinition.initial
  /** All accounts' events in order, and each account's own. */
  readonly log: AccountEvent[] = []
  readonly logOf = new Map<string, AccountEvent[]>()
  readonly budgetLog: BudgetEvent[] = []
  readonly codes: string[] = []
  today: CivilDate = civilDate.parse("2026-03-02")
  made = 0
  /** The model. */
  readonly people = new Map<string, Person>()
  readonly total = {
    issued: 0,
    redeemed: 0,
    expired: 0,
    forfeited: 0,
    clawedBack: 0,
    awarded: 0,
    paid: 0,
    forfeitedFen: 0,
    clawedBackFen: 0,
    released: 0,
  }
  readonly byDay = new Map<string, number>()

  account(who: string): AccountState {
    return this.accounts.get(who) ?? accountDefinition.initial
  }

  person(who: string): Person {
    const fresh = (): Person => ({
      coins: [],
      holds: new Map(),
      ended: new Set(),
      owed: 0,
      notes: new Map(),
      paid: new Map(),
      owedFen: 0,
      grants: new Map(),
      clawed: new Map(),
      disposed: new Set(),
    })
    const found = this.people.get(who) ?? fresh()
    this.people.set(who, found)
    return found
  }

  /** Does a step in the ledger and in the model; answers with the code of both. */
  step({ who, do: step }: Step): { readonly ledger: string; readonly model: string } {
    if (step.kind === "wait") {
      this.today = addDays(this.today, step.days)
      return { ledger: "ok", model: "ok" }
    }
    this.made += 1
    const decision = this.decide(who, step)
    const ledger = decision.ok ? "ok" : decision.refusal.code
    return { ledger, model: this.model(who, step) }
  }

  private apply(who: string, decision: Decision<AccountEvent>): Decision<AccountEvent> {
    if (decision.ok) {
      for (const event of decision.events) {
        this.log.push(freeze(event))
        this.logOf.set(who, [...(this.logOf.get(who) ?? []), event])
        this.accounts.set(who, freeze(accountDefinition.evolve(this.account(who), event)))
      }
    }
    return decision
  }

  private applyBudget(decision: Decision<BudgetEvent>): void {
    if (!decision.ok) throw new Error(decision.refusal.code)
    for (const event of decision.events) {
      this.budgetLog.push(freeze(event))
      this.budget = freeze(budgetDefinition.evolve(this.budget, event))
    }
  }

  private decide(who: string, step: Exclude<Step["do"], { kind: "wait" }>): Decision<AccountEvent> {
    const state = this.account(who)
    const at = instant.parse(`${this.today}T01:00:00.000Z`)
    const entered = { person: personId.parse(who), at, today: this.today }
    const by = personId.parse("desk")
    const model = this.person(who)
    const nth = (of: Iterable<string>, pick: number) => [...of][pick] ?? `none-${this.made}`
    switch (step.kind) {
      case "grant":
        return this.apply(
          who,
          grantPoints(state, {
            ...entered,
            report: reportId.parse(`r-${this.made}`),
            points: step.points,
            lotLifeDays: step.life,
            acceptedOn: this.today,
          }),
        )
      case "hold":
        return this.apply(
          who,
          holdPoints(state, {
            ...entered,
            hold: holdId.parse(`h-${this.made}`),
            item: itemId.parse("towel"),
            points: step.points,
          }),
        )
      case "commit":
        return this.apply(
          who,
          commitHold(state, {
            ...entered,
            by,
            hold: holdId.parse(nth([...model.holds.keys(), ...model.ended], step.pick)),
          }),
        )
      case "release":
        return this.apply(
          who,
          releaseHold(state, {
            ...entered,
            by,
            hold: holdId.parse(nth([...model.holds.keys(), ...model.ended], step.pick)),
          }),
        )
      case "claw-points": {
        const report = nth(model.grants.keys(), step.pick)
        const points = Math.min(
          step.points,
          (model.grants.get(report) ?? 0) - (model.clawed.get(report) ?? 0),
        )
        if (points < 1) return { ok: false, refusal: { code: "nothing", detail: {} } }
        return this.apply(
          who,
          clawBackPoints(state, {
            ...entered,
            report: reportId.parse(report),
            points,
            grantedOn: this.today,
          }),
        )
      }
      case "expire":
        return this.apply(who, expireLots(state, entered))
      case "dispose":
        return this.apply(
          who,
          disposeBalance(state, {
            ...entered,
            by,
            disposition: step.how,
            removedAt: instant.parse(`2026-01-0${step.pick + 1}T00:00:00.000Z`),
          }),
        )
      case "award": {
        const report = reportId.parse(`r-${this.made}`)
        const share = { report, person: entered.person, fen: step.fen }
        const budget = commitBudget(this.budget, { at, limitFen: yearlyLimitFen, shares: [share] })
        if (!budget.ok) return budget
        const award = awardCash(state, {
          ...entered,
          report,
          fen: step.fen,
          year: 2026,
          dailyCashCapFen: dailyCapFen,
        })
        if (award.ok) this.applyBudget(budget)
        return this.apply(who, award)
      }
      case "pay":
        return this.apply(
          who,
          payCash(state, { ...entered, by, report: reportId.parse(nth(model.notes.keys(), step.pick)) }),
        )
      case "forfeit": {
        const report = reportId.parse(nth(model.notes.keys(), step.pick))
        const open = payableOf(state, report)
        const decision = forfeitCash(state, { ...entered, report })
        if (decision.ok && open)
          this.applyBudget(
            releaseBudget(this.budget, {
              at,
              why: "forfeited",
              report,
              person: entered.person,
              fen: open.fen,
            }),
          )
        return this.apply(who, decision)
      }
      case "claw-cash": {
        const report = reportId.parse(nth([...model.notes.keys(), ...model.paid.keys()], step.pick))
        const paid = model.paid.has(report)
        const fen = paid ? Math.min(step.fen, model.paid.get(report) ?? 0) : step.fen
        if (fen < 1) return { ok: false, refusal: { code: "nothing", detail: {} } }
        const decision = clawBackCash(state, { ...entered, report, fen, paid })
        if (decision.ok && !paid)
          this.applyBudget(
            releaseBudget(this.budget, { at, why: "clawed-back", report, person: entered.person, fen }),
          )
        return this.apply(who, decision)
      }
      case "settle":
        return this.apply(who, settleReceivable(state, { ...entered, by, fen: step.fen }))
    }
  }

  /** The same in coins and notes. */
  private model(who: string, step: Exclude<Step["do"], { kind: "wait" }>): string {
    const me = this.person(who)
    const sum = this.total
    const nth = (of: Iterable<string>, pick: number) => [...of][pick]
    const takeEarliest = (count: number) =>
      me.coins.sort((a, b) => (a.end < b.end ? -1 : a.end > b.end ? 1 : 0)).splice(0, count)
    const expire = () => {
      const gone = me.coins.filter(({ end }) => end < this.today)
      me.coins = me.coins.filter(({ end }) => end >= this.today)
      sum.expired += gone.length
      return gone.length
    }
    const settle = () => {
      const back = takeEarliest(Math.min(me.owed, me.coins.length)).length
      me.owed -= back
      sum.clawedBack += back
    }
    switch (step.kind) {
      case "grant": {
        const end: string = addDays(this.today, step.life)
        me.coins.push(...Array.from({ length: step.points }, () => ({ end })))
        me.grants.set(`r-${this.made}`, step.points)
        sum.issued += step.points
        settle()
        return "ok"
      }
      case "hold": {
        if (me.holds.size >= 20) return "too-many-holds"
        if (me.coins.filter(({ end }) => end >= this.today).length < step.points) return "insufficient-points"
        expire()
        me.holds.set(`h-${this.made}`, takeEarliest(step.points))
        return "ok"
      }
      case "commit":
      case "release": {
        const hold = nth([...me.holds.keys(), ...me.ended], step.pick)
        if (hold === undefined) return "no-such-hold"
        const coins = me.holds.get(hold)
        if (coins === undefined) return "already-ended"
        me.holds.delete(hold)
        me.ended.add(hold)
        if (step.kind === "commit") sum.redeemed += coins.length
        else {
          me.coins.push(...coins)
          expire()
          settle()
        }
        return "ok"
      }
      case "claw-points": {
        const report = nth(me.grants.keys(), step.pick)
        if (report === undefined) return "nothing"
        const points = Math.min(step.points, (me.grants.get(report) ?? 0) - (me.clawed.get(report) ?? 0))
        if (points < 1) return "nothing"
        expire()
        const taken = takeEarliest(Math.min(points, me.coins.length)).length
        sum.clawedBack += taken
        me.owed += points - taken
        me.clawed.set(report, (me.clawed.get(report) ?? 0) + points)
        return "ok"
      }
      case "expire":
        return expire() > 0 ? "ok" : "nothing-to-expire"
      case "dispose": {
        if (me.disposed.has("last") && [...me.disposed].includes(`${step.pick}`)) return "already-disposed"
        if (me.holds.size > 0) return "holds-open"
        me.disposed = new Set(["last", `${step.pick}`])
        expire()
        if (step.how === "forfeit") sum.forfeited += me.coins.splice(0).length
        return "ok"
      }
      case "award": {
        const day = `${who} ${this.today}`
        if (sum.awarded - sum.released + step.fen > yearlyLimitFen) return "cap-reached"
        if ((this.byDay.get(day) ?? 0) + step.fen > dailyCapFen) return "cap-reached"
        this.byDay.set(day, (this.byDay.get(day) ?? 0) + step.fen)
        sum.awarded += step.fen
        me.notes.set(`r-${this.made}`, step.fen)
        return "ok"
      }
      case "pay":
      case "forfeit": {
        const report = nth(me.notes.keys(), step.pick)
        if (report === undefined) return "no-such-payable"
        const fen = me.notes.get(report) ?? 0
        me.notes.delete(report)
        if (step.kind === "pay") {
          sum.paid += fen
          me.paid.set(report, fen)
        } else {
          sum.forfeitedFen += fen
          sum.released += fen
        }
        return "ok"
      }
      case "claw-cash": {
        const report = nth([...me.notes.keys(), ...me.paid.keys()], step.pick)
        if (report === undefined) return "no-such-payable"
        const paid = me.paid.get(report)
        if (paid !== undefined) {
          const fen = Math.min(step.fen, paid)
          if (fen < 1) return "nothing"
          me.paid.set(report, paid - fen)
          me.owedFen += fen
          return "ok"
        }
        const open = me.notes.get(report) ?? 0
        if (open < step.fen) return "exceeds-payable"
        if (open === step.fen) me.notes.delete(report)
        else me.notes.set(report, open - step.fen)
        sum.clawedBackFen += step.fen
        sum.released += step.fen
        return "ok"
      }
      case "settle": {
        if (step.fen > me.owedFen) return "exceeds-receivable"
        me.owedFen -= step.fen
        sum.paid -= step.fen
        sum.clawedBackFen += step.fen
        return "ok"
      }
    }
  }
}
