/**
 * The book: every adopted policy, the calendar years and the units of one programme, as one reading.
 *
 * Rules take all numbers and choices from here. Rights and classification follow the policy in force on
 * the date of acceptance, procedure the one in force on the date of the step; which one a decision uses is
 * declared with the decision (`decisions.ts`). A later policy that says 从旧兼从优 decides a right where it is
 * better for the person (`better-version.ts`). A matter that uses a word which was dropped since is decided by the
 * last policy that knew it.
 */
import { type WorkingCalendar, workingCalendar } from "../calendar/working-calendar.ts"
import {
  type Conclusions,
  type DecisionDates,
  type DecisionName,
  decisions,
  type FactKey,
  type Facts,
  type Outcome,
  type Policy,
} from "../decisions.ts"
import { invariant } from "../kernel/refusal.ts"
import { type CivilDate, civilDateOf, type Instant } from "../kernel/time.ts"
import { betterOutcome } from "./better-version.ts"
import type { ProgrammeState, Unit } from "./programme.ts"

export interface Book {
  readonly timeZone: string
  /** Every adopted policy by date of effect, also those that are not in force yet or any more. */
  readonly policies: readonly Policy[]
  /** The policy in force on a date: the last one adopted among those that apply by then; before all of them the first. */
  policyOn(date: CivilDate): Policy
  decide<D extends DecisionName>(
    decision: D,
    facts: Partial<Facts>,
    dates: { readonly accepted: CivilDate; readonly step: CivilDate },
  ): Outcome<Conclusions<D>>
  /** The working calendar with the opening hours in force on a date. */
  calendarOn(date: CivilDate): WorkingCalendar
  unit(id: string): Unit | undefined
  readonly units: readonly Unit[]
  dateOf(at: Instant): CivilDate
}

/** The desk that answers the whistle; registered with the programme, which does not open without one. */
export const dutyDesk = (book: Book): Unit => {
  const desk = book.units.find(({ kind, status }) => kind === "duty-desk" && status === "active")
  invariant(desk !== undefined, "F2", "the programme has a duty desk")
  return desk
}

/**
 * @param programme the state of the programme's own stream.
 * @param policies the compiled policies by digest; each one that the state names must be there.
 */
export const bookOf = (programme: ProgrammeState, policies: ReadonlyMap<string, Policy>): Book => {
  const adopted = programme.policies.map((entry) => {
    const policy = policies.get(entry.digest)
    invariant(policy !== undefined, "C4", `the adopted policy ${entry.digest} was not compiled`)
    return { from: entry.effectiveFrom, policy }
  })
  const first = adopted[0]
  invariant(first !== undefined, "C2", "the programme has adopted no policy")
  const timeZone = first.policy.timeZone
  const calendars = new Map<string, WorkingCalendar>()

  const policyOn = (date: CivilDate): Policy =>
    adopted.findLast((entry) => entry.from <= date)?.policy ?? first.policy

  /** The policy in force on a date, or the last one before it that knows every word of the facts. */
  const policyFor = (facts: Partial<Facts>, date: CivilDate): Policy =>
    (adopted.length === 1
      ? undefined
      : adopted.findLast(({ from, policy }) => from <= date && knowsAll(policy, facts))?.policy) ??
    policyOn(date)

  const book: Book = {
    timeZone,
    policies: adopted.map(({ policy }) => policy),
    policyOn,
    decide(name, facts, dates) {
      if (decisions[name].timing === "step") {
        const inForce = policyFor(facts, dates.step)
        return inForce.decide(name, facts, withinLife(inForce, dates))
      }
      const later = policyOn(dates.step)
      const own = policyFor(facts, dates.accepted)
      if (own === later || !later.takesBetter(name, dates.step) || !knowsAll(later, facts))
        return own.decide(name, facts, withinLife(own, dates))
      const newDates = { accepted: dates.step, step: dates.step }
      return betterOutcome(
        name,
        (asked) => own.decide(asked, facts, withinLife(own, dates)),
        (asked) => later.decide(asked, facts, newDates),
      )
    },
    calendarOn(date) {
      const outcome = book.decide("hours", {}, { accepted: date, step: date })
      invariant(outcome.status === "decided", "F8", "opening hours depend on nothing and are decided")
      const hours = outcome.conclusions.workingHours
      const known = calendars.get(hours)
      if (known !== undefined) return known
      const made = workingCalendar({ timeZone, hours, years: programme.calendarYears })
      calendars.set(hours, made)
      return made
    },
    unit: (id) => programme.units.find((unit) => unit.id === id),
    units: programme.units,
    dateOf: (at) => civilDateOf(at, timeZone),
  }
  return book
}

// internal

/**
 * A policy knows no day before its own first one: what was accepted or happened earlier counts as of that day, also
 * where a programme opened before its first policy comes into force.
 */
const withinLife = (
  { effectiveFrom }: Policy,
  { accepted, step }: { readonly accepted: CivilDate; readonly step: CivilDate },
): DecisionDates => ({
  accepted: accepted < effectiveFrom ? effectiveFrom : accepted,
  step: step < effectiveFrom ? effectiveFrom : step,
})

/** A later policy may have dropped a word that an earlier report uses; it then has no better answer. */
const knowsAll = (policy: Policy, facts: Partial<Facts>): boolean =>
  Object.entries(facts).every(
    ([fact, value]) => value === undefined || value === "unknown" || policy.knows(fact as FactKey, value),
  )
