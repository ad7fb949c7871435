/**
 * The year's budget behind the shares of an award: setting money aside again, and giving it back.
 *
 * A rule sees each budget as it stood before the command. So whatever is set aside in one command is set
 * aside at once, for all shares together: they fit whole, or none does (L21).
 */
import type { ReportId } from "../kernel/ids.ts"
import { invariant, type Refused } from "../kernel/refusal.ts"
import { type Context, type Emitted, on, type Rule, read } from "../kernel/rule.ts"
import { type BudgetShare, commitBudget, releaseBudget } from "../ledger/budget.ts"

/** One share's money goes back to the year that paid it. */
export function* giveBack(
  share: BudgetShare,
  year: number,
  why: "forfeited" | "clawed-back",
  context: Context,
): Rule<readonly Emitted[]> {
  const id = String(year)
  const released = releaseBudget(yield* read("budget", id), { at: context.at, why, ...share })
  invariant(released.ok, "L21", "what was committed is released")
  return released.events.map((event) => on("budget", id, event))
}

/** Money that had gone back to a year is set aside again within the limit it had. Refuses `cap-reached`. */
export function* setAsideAgain(
  report: ReportId,
  shares: readonly Omit<BudgetShare, "report">[],
  year: number,
  context: Context,
): Rule<{ readonly ok: true; readonly events: readonly Emitted[] } | Refused> {
  const id = String(year)
  if (shares.length === 0) return { ok: true, events: [] }
  const budget = yield* read("budget", id)
  const committed = commitBudget(budget, {
    at: context.at,
    limitFen: budget.limitFen,
    shares: shares.map((share) => ({ report, ...share })),
  })
  if (!committed.ok) return committed
  return { ok: true, events: committed.events.map((event) => on("budget", id, event)) }
}
