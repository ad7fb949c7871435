/**
 * What a report earns, by the policy in force when it was accepted.
 *
 * Every signatory is looked at by what they were when reporting and what they are now: somebody suspended
 * or removed since gets nothing (L11), somebody with a duty or an interest neither. Those who may earn share
 * one award. When nobody may, the reason of the first signatory stands.
 */
import type { Because, Conclusions, DecisionName, Facts, Outcome, ReporterStanding } from "../decisions.ts"
import { invariant, type Refused, refuse } from "../kernel/refusal.ts"
import { type Context, type Rule, readAll } from "../kernel/rule.ts"
import { type AccountState, grantsInMonth } from "../ledger/account.ts"
import { barredFromReward } from "../participant/participant.ts"
import type { SettledReport } from "../report/report.ts"
import { rewardFacts } from "./facts.ts"
import type { RewardFile, Share } from "./reward.ts"
import { shareOut } from "./shares.ts"

export type DecidedReward = {
  readonly ok: true
  readonly shares: readonly Share[]
  readonly because: Because
} & (
  | {
      readonly form: "cash"
      readonly tier: Conclusions<"cashAward">["tier"]
      readonly amount: number
      /** From which it was decided, for the first signatory who may earn. */
      readonly facts: Partial<Facts>
    }
  | {
      readonly form: "points"
      /** How long the points last. */
      readonly lotLifeDays: number
      readonly amount: number
      readonly facts: Partial<Facts>
    }
  | { readonly form: "none"; readonly amount: 0 }
)

/**
 * Refuses `not-verified-yet` while the level that the policy asks for is not reached, and
 * `reward-undecided` with the missing facts while the possible completions disagree.
 */
export function* decideReward(
  report: SettledReport,
  file: RewardFile,
  first: "yes" | "no",
  context: Context,
): Rule<DecidedReward | Refused> {
  const persons = report.reporters.map(({ person }) => person)
  const participants = yield* readAll("participant", persons)
  const accounts = yield* readAll("account", persons)
  const facts = report.reporters.map(({ standing }, at) => {
    const barred = participants[at] !== undefined && barredFromReward(participants[at])
    return factsFor(report, file, first, barred ? "suspended" : standing, accounts[at], context)
  })
  if (facts.length === 0) facts.push(factsFor(report, file, first, "anonymous", undefined, context))
  const forms: Decided<Conclusions<"reward">>[] = []
  for (const known of facts) {
    const outcome = decided(report, context, "reward", known)
    if (outcome.status === "pending") return undecided(outcome.missing)
    if (outcome.conclusions.rewardForm === "unverified")
      return refuse("not-verified-yet", { report: file.level ?? "" })
    forms.push(outcome)
  }
  const formOf = (at: number) => forms[at]?.conclusions.rewardForm
  const leading = Math.max(
    0,
    forms.findIndex(({ conclusions }) => conclusions.rewardForm !== "none"),
  )
  const form = formOf(leading)
  const known = facts[leading]
  const because = forms[leading]?.because
  invariant(form !== undefined && known !== undefined && because !== undefined, "L9", "a form was decided")
  const earners = persons.filter((_, at) => formOf(at) === form)
  if (form === "cash") {
    const cash = decided(report, context, "cashAward", known)
    if (cash.status === "pending") return undecided(cash.missing)
    const { tier, cash: amount } = cash.conclusions
    return {
      ok: true,
      form,
      tier,
      amount,
      facts: known,
      shares: shareOut(amount, earners),
      because: joined(because, cash.because),
    }
  }
  if (form === "points") {
    const points = decided(report, context, "pointsAward", known)
    if (points.status === "pending") return undecided(points.missing)
    const amount = points.conclusions.points
    const shares = shareOut(amount, earners)
    return {
      ok: true,
      form,
      lotLifeDays: lotLifeDays(report, context),
      amount,
      facts: known,
      shares,
      because: joined(because, points.because),
    }
  }
  return { ok: true, form: "none", amount: 0, shares: [], because }
}

/** How many days points last that this report earns. */
export const lotLifeDays = (report: SettledReport, context: Context): number => {
  const outcome = decided(report, context, "lotLife", {})
  invariant(outcome.status === "decided", "L20", "how long points last waits for no unknown fact")
  return outcome.conclusions.lotLife
}

// internal

type Decided<C> = Extract<Outcome<C>, { status: "decided" }>

const factsFor = (
  report: SettledReport,
  file: RewardFile,
  first: "yes" | "no",
  standing: ReporterStanding,
  account: AccountState | undefined,
  context: Context,
): Partial<Facts> => {
  const { levels } = context.book.policyOn(report.acceptedOn)
  const nth = 1 + (account === undefined ? 0 : grantsInMonth(account, report.acceptedOn))
  return rewardFacts(report, file, { standing, first, nth, levels })
}

const decided = <D extends DecisionName>(
  report: SettledReport,
  context: Context,
  name: D,
  facts: Partial<Facts>,
): Outcome<Conclusions<D>> =>
  context.book.decide(name, facts, { accepted: report.acceptedOn, step: context.today })

const undecided = (missing: readonly string[]): Refused =>
  refuse("reward-undecided", { missing: missing.join(", ") })

/** One explanation of two decisions of one policy: each rule once, in order of use. */
const joined = (a: Because, b: Because): Because => {
  const seen = new Set(a.rules.map(({ table, rule }) => `${table}/${rule}`))
  return {
    policy: a.policy,
    rules: [...a.rules, ...b.rules.filter(({ table, rule }) => !seen.has(`${table}/${rule}`))],
  }
}
