/**
 * Giving back what a recovery took, share by share in order of signature, as the recovery took it.
 */
import type { ReportId } from "../kernel/ids.ts"
import { invariant, type Refused } from "../kernel/refusal.ts"
import { type Context, type Emitted, on, type Rule, read } from "../kernel/rule.ts"
import { yearOf } from "../kernel/time.ts"
import { restoreCash, restorePoints } from "../ledger/restore.ts"
import type { SettledReport } from "../report/report.ts"
import { setAsideAgain } from "./budget-of-shares.ts"
import { lotLifeDays } from "./decide-reward.ts"
import type { RewardFile, Share } from "./reward.ts"

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
  const { award } = file
  invariant(award !== undefined, "L18", "only an award is recovered")
  const taken = inOrder(award.shares, file.recovered)
  const events: Emitted[] = []
  let collects = false
  for (const share of taken) {
    const back =
      award.form === "cash"
        ? yield* cashBack(id, awardYear(file, context), share, context)
        : yield* pointsBack(id, file, report, share, context)
    events.push(...back.events)
    collects ||= back.collects
  }
  // What was taken before payment went back to the year; it is set aside again.
  const unpaid = inOrder(taken, file.recoveredUnpaid).map(({ person, amount }) => ({ person, fen: amount }))
  const aside = yield* setAsideAgain(id, unpaid, awardYear(file, context), context)
  if (!aside.ok) return aside
  return { ok: true, events: [...events, ...aside.events], amount: file.recovered, collects }
}

// internal

type Back = Pick<Restored, "events" | "collects">

/** The shares that an amount is made of, in order of signature; the last of them perhaps in part. */
const inOrder = (shares: readonly Share[], amount: number): readonly Share[] => {
  let left = amount
  const parts = shares.map((share) => {
    const part = Math.min(left, share.amount)
    left -= part
    return { ...share, amount: part }
  })
  invariant(left === 0, "L18", "no more was recovered than awarded")
  return parts.filter((share) => share.amount > 0)
}

const awardYear = (file: RewardFile, context: Context): number =>
  yearOf(context.book.dateOf(file.award?.at ?? context.at))

function* pointsBack(
  id: ReportId,
  file: RewardFile,
  report: SettledReport,
  { person, amount }: Share,
  context: Context,
): Rule<Back> {
  const account = yield* read("account", person)
  const restored = restorePoints(account, {
    person,
    at: context.at,
    today: context.today,
    report: id,
    points: amount,
    lotLifeDays: lotLifeDays(report, context),
    grantedOn: context.book.dateOf(file.award?.at ?? context.at),
  })
  invariant(restored.ok, "L18", "what was taken can be given back")
  return { events: restored.events.map((event) => on("account", person, event)), collects: false }
}

function* cashBack(id: ReportId, year: number, { person, amount }: Share, context: Context): Rule<Back> {
  const account = yield* read("account", person)
  const entered = { person, at: context.at, today: context.today, report: id }
  const restored = restoreCash(account, { ...entered, fen: amount, year })
  invariant(restored.ok, "L18", "what was taken can be given back")
  return {
    events: restored.events.map((event) => on("account", person, event)),
    collects: account.balances.fenReceivable < amount,
  }
}
