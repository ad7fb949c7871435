/**
 * The band that releases an award (审批), by the policy in force today and by what is really awarded.
 *
 * A policy tells the band from the facts of a case, by what it would itself award for them. The policy at acceptance,
 * or a better one (从旧兼从优), may award something else for the same facts. So the band is asked for a case to which
 * today's policy gives the same form and amount: the case itself, or one graded and verified otherwise. Where it
 * gives that amount to nobody, the next higher one counts. Where it gives nobody so much, it says nothing about who
 * releases it, and the policy at acceptance does.
 */
import type { Facts, Policy } from "../decisions.ts"
import { invariant } from "../kernel/refusal.ts"
import type { Context } from "../kernel/rule.ts"
import type { CivilDate } from "../kernel/time.ts"
import type { Book } from "../programme/book.ts"
import { grading } from "./reward.ts"

export interface Awarded {
  readonly form: "cash" | "points"
  /** Fen or points, by the form. */
  readonly amount: number
  /** From which the award was decided. */
  readonly facts: Partial<Facts>
}

/**
 * @param accepted when the report was accepted.
 * @example approvalBand({ form: "cash", amount: 20_000, facts }, "2026-03-24", context) // => "band2"
 */
export const approvalBand = (
  { form, amount, facts }: Awarded,
  accepted: CivilDate,
  { book, today }: Pick<Context, "book" | "today">,
): string => {
  const policy = book.policyOn(today)
  const firstDay = policy.effectiveFrom as CivilDate
  const days = [accepted < firstDay ? firstDay : accepted, today]
  const alike: Released[] = []
  for (const one of casesLike(facts, policy)) {
    for (const day of days) {
      const released = releasedOn(book, one, day, today)
      if (released?.form !== form) continue
      if (released.amount === amount) return released.band
      alike.push(released)
    }
  }
  alike.sort((a, b) => a.amount - b.amount)
  const next = alike.find((one) => one.amount > amount)
  if (next !== undefined) return next.band
  const outcome = book.decide("approval", facts, { accepted, step: accepted })
  invariant(outcome.status === "decided", "L12", "the band of a decided award is decided")
  return outcome.conclusions.approvalBand
}

// internal

interface Released extends Pick<Awarded, "form" | "amount"> {
  readonly band: string
}

/** What the policy of today awards for a case, by its version of a day, and who releases that. */
const releasedOn = (
  book: Book,
  facts: Partial<Facts>,
  day: CivilDate,
  today: CivilDate,
): Released | undefined => {
  const onDay = { accepted: day, step: day }
  const reward = book.decide("reward", facts, onDay)
  const band = book.decide("approval", facts, { accepted: day, step: today })
  if (reward.status === "pending" || band.status === "pending") return undefined
  const form = reward.conclusions.rewardForm
  if (form !== "cash" && form !== "points") return undefined
  const award = book.decide(form === "cash" ? "cashAward" : "pointsAward", facts, onDay)
  if (award.status === "pending") return undefined
  const amount = "cash" in award.conclusions ? award.conclusions.cash : award.conclusions.points
  return { form, amount, band: band.conclusions.approvalBand }
}

/** The case itself, in the words that a policy knows, then as it might have been graded and verified. */
function* casesLike(facts: Partial<Facts>, policy: Policy): Iterable<Partial<Facts>> {
  const known = Object.fromEntries(
    Object.entries(facts).filter(
      ([fact, value]) => value === "unknown" || policy.knows(fact as keyof Facts, value),
    ),
  ) as Partial<Facts>
  yield known
  const level = policy.levels.at(-1) ?? ""
  for (const highestConfirmedClass of ["emergency", "ordinary"] as const)
    for (const first of ["yes", "no"] as const)
      for (const value of grading.shape.value.options)
        for (const difficulty of grading.shape.difficulty.options)
          yield { ...known, level, verdict: "true", highestConfirmedClass, first, value, difficulty }
}
