/**
 * Giving back what a recovery took, share by share in order of signature, as the recovery took it.
 */
import type { ReportId } from "../kernel/ids.ts"
import { invariant, type Refused, refuse } from "../kernel/refusal.ts"
import { type Context, type Emitted, on, type Rule, read } from "../kernel/rule.ts"
import { yearOf } from "../kernel/time.ts"
import { commitBudget } from "../ledger/budget.ts"
import { restoreCash, restorePoints } from "../ledger/restore.ts"
import { lotLifeDays } from "./decide-reward.ts"
import type { RewardFile, Share } from "./reward.ts"
import type { SettledReport } from "./verify.ts"

export interface Restored {
  readonly ok: true
  readonly events: readonly Emitted[]
  /** All of it, in the award's unit. */
  readonly amount: number
  /** Is there cash to collect now? */
  readonly collects: boolean
}

/** Refuses `cap-reached` when money that was not paid out finds no room in its year's budget any more. */
export function* restoreAward(
  id: ReportId,
  file: RewardFile,
  report: SettledReport,
  context: Context,
): Rule<Restored | Refused> {
  const events: Emitted[] = []
  let left = file.recovered
  let unpaid = file.recoveredUnpaid
  let collects = false
  for (const share of file.award?.shares ?? []) {
    const amount = Math.min(left, share.amount)
    left -= amount
    if (amount === 0) continue
    const toBudget = Math.min(unpaid, amount)
    unpaid -= toBudget
    const back =
      file.award?.form === "cash"
        ? yield* cashBack(id, file, share.person, amount, toBudget, context)
        : yield* pointsBack(id, file, report, share.person, amount, context)
    if (!back.ok) return back
    events.push(...back.events)
    collects ||= back.collects
  }
  invariant(left === 0, "L18", "no more was recovered than awarded")
  return { ok: true, events, amount: file.recovered, collects }
}

// internal

function* pointsBack(
  id: ReportId,
  file: RewardFile,
  report: SettledReport,
  person: Share["person"],
  points: number,
  context: Context,
): Rule<Restored | Refused> {
  const grantedOn = context.book.dateOf(file.award?.at ?? context.at)
  const account = yield* read("account", person)
  const entered = { person, at: context.at, today: context.today, report: id }
  const restored = restorePoints(account, {
    ...entered,
    points,
    lotLifeDays: lotLifeDays(report, context),
    grantedOn,
  })
  invariant(restored.ok, "L18", "what was taken can be given back")
  return {
    ok: true,
    events: restored.events.map((event) => on("account", person, event)),
    amount: points,
    collects: false,
  }
}

function* cashBack(
  id: ReportId,
  file: RewardFile,
  person: Share["person"],
  fen: number,
  toBudget: number,
  context: Context,
): Rule<Restored | Refused> {
  const account = yield* read("account", person)
  const year = yearOf(context.book.dateOf(file.award?.at ?? context.at))
  const entered = { person, at: context.at, today: context.today, report: id }
  const restored = restoreCash(account, { ...entered, fen, year })
  invariant(restored.ok, "L18", "what was taken can be given back")
  const collects = account.balances.fenReceivable < fen
  // What was taken before payment went back to the year; it is set aside again.
  if (toBudget === 0) {
    return {
      ok: true,
      events: restored.events.map((event) => on("account", person, event)),
      amount: fen,
      collects,
    }
  }
  const budget = yield* read("budget", String(year))
  const shares = [{ report: id, person, fen: toBudget }]
  const committed = commitBudget(budget, { at: context.at, limitFen: budget.limitFen, shares })
  if (!committed.ok) return refuse("cap-reached", committed.refusal.detail)
  return {
    ok: true,
    events: [
      ...restored.events.map((event) => on("account", person, event)),
      ...committed.events.map((event) => on("budget", String(year), event)),
    ],
    amount: fen,
    collects,
  }
}
