/**
 * Reports that follow each other, run through the real rules and the real engine under a policy that is being
 * looked at: who is rewarded with what, and who was answered or reminded.
 *
 * All sequences of one call share a small fictional county in memory, each with places and people of its own, so
 * that they cannot touch each other. Nothing is decided here; the script of the simulation says how staff behave.
 */
import type { Policy } from "@yingshao/core/decisions"
import { addDays, addMinutes, type CivilDate, civilDate, startOfDay, toMs } from "@yingshao/core/kernel/time"
import { memoryStorage } from "@yingshao/storage-memory"
import { type County, countyOf } from "../county/people.ts"
import { opensDaysBefore, setupOf } from "../county/setup.ts"
import { chanceOf, digestOf } from "../random.ts"
import { calendarOf } from "../simulate/day-calendar.ts"
import { type OpenDay, openDay } from "../simulate/open-day.ts"
import { runDay } from "../simulate/run-day.ts"
import { runSetup } from "../simulate/run-setup.ts"
import type { Scenario } from "../simulate/scenario.ts"

/** One report of a sequence. */
export interface Told {
  /** 0 or 1: which of the two people of the sequence reports. */
  readonly who: 0 | 1
  /** 0 or 1: which of the two matters of the sequence it is about; 0 is an emergency, 1 is not. */
  readonly matter: 0 | 1
  readonly verdict: "true" | "false"
  /** When the reply comes, as a share of the time allowed; beyond 1 is late, `never` too. */
  readonly replies: "in-time" | "late" | "never"
}

/** Reports in the order in which they are accepted, a minute apart. */
export type Sequence = readonly Told[]

/** What became of one report. */
export interface Outcome {
  readonly form: "cash" | "points" | "none"
  /** Fen or points. */
  readonly amount: number
  /** The reply came in time, or somebody was reminded when it was due. */
  readonly answeredOrFlagged: boolean
}

/** Most sequences of one run: the county has people for so many. */
export const mostSequences = 200

/** What a run cannot be made from. */
export class CannotRun extends Error {
  readonly _tag = "CannotRun"
}

/** @throws CannotRun when the policy does not suit the fictional county. */
export const runSequences = async (
  policy: Policy,
  sequences: readonly Sequence[],
): Promise<readonly (readonly Outcome[])[]> => {
  if (sequences.length > mostSequences) throw new RangeError(`more than ${mostSequences} sequences`)
  const county = smallCounty(policy, sequences.length)
  const date = dayUnder(policy)
  const chance = chanceOf("sequences")
  const storage = memoryStorage()
  try {
    const openedAt = startOfDay(addDays(date, -opensDaysBefore), policy.timeZone)
    const opened = await openDay(storage, "990101-sequences", policy, county, openedAt)
    await runSetup(opened, setupOf(county, policy, date))
    await runDay({
      ...opened,
      scenarios: scenariosOf(policy, county, sequences, date),
      until: startOfDay(addDays(date, daysFollowed), policy.timeZone),
      onProgress: () => {},
      script: {
        policy,
        staff: county.staff,
        chance,
        calendar: calendarOf(policy, date),
        unitName: (unit) => unit,
      },
    })
    return await outcomesOf(opened, sequences)
  } finally {
    await storage.close()
  }
}

// internal

/** Long enough for a reward to be verified, approved and collected. */
const daysFollowed = 60

/** An ordinary Tuesday, or as many days after the policy's first one as a county needs to be set up. */
const dayUnder = (policy: Policy): CivilDate => {
  const usual = civilDate.parse("2026-03-24")
  const earliest = addDays(civilDate.parse(policy.effectiveFrom), opensDaysBefore + 1)
  const date = earliest > usual ? earliest : usual
  if (date > "2026-10-01")
    throw new CannotRun("the working calendar ends before the county could be followed")
  return date
}

/** The fictional county with no more members than the sequences need, two for each. */
const smallCounty = (policy: Policy, sequences: number): County => {
  const whole = countyOf("sequences", policy)
  return { ...whole, members: whole.members.slice(0, sequences * 2) }
}

/** A category that triage takes for an emergency when people are in danger, and one that it does not. */
const categoriesOf = (policy: Policy): readonly [string, string] => {
  const dates = { accepted: policy.effectiveFrom, step: policy.effectiveFrom }
  const classed = (category: string, danger: "yes" | "no") => {
    const facts = {
      category,
      danger,
      ongoing: "yes",
      affected: 1,
      currentClass: "new",
      trigger: "none",
    } as const
    const answer = policy.decide("conversion", facts, dates)
    return answer.status === "decided" ? answer.conclusions.class : undefined
  }
  const emergency = policy.categories.find((category) => classed(category, "yes") === "emergency")
  const ordinary = policy.categories.find((category) => classed(category, "no") === "ordinary")
  if (emergency === undefined || ordinary === undefined)
    throw new CannotRun("the policy has no emergency or no ordinary matter")
  return [emergency, ordinary]
}

const handleOf = (sequence: number, report: number): string => `q-${sequence}-${report}`

const scenariosOf = (
  policy: Policy,
  county: County,
  sequences: readonly Sequence[],
  date: CivilDate,
): Scenario[] => {
  const categories = categoriesOf(policy)
  const morning = addMinutes(startOfDay(date, policy.timeZone), 9 * 60)
  return sequences
    .flatMap((sequence, number) =>
      sequence.map((told, at) => {
        const person = county.members[number * 2 + told.who]?.person ?? ""
        const site = number * 2 + told.matter
        const danger = told.matter === 0 ? ("yes" as const) : ("no" as const)
        const handle = handleOf(number, at)
        return {
          handle,
          arrivesAt: addMinutes(morning, at),
          by: { person, role: "reporter" as const },
          intake: {
            channel: "app" as const,
            reporters: [person],
            place: {
              coordinate: {
                lng: 106.2 + (site % 20) * 0.0121,
                lat: 26.6 - Math.floor(site / 20) * 0.0109,
                crs: "wgs84" as const,
              },
            },
            photos: [digestOf(`a photo that does not exist: ${handle}`)],
            original: handle,
          },
          answer: {
            facts: { category: categories[told.matter], danger, ongoing: "yes" as const, affected: 1 },
            negative: "none",
            excluded: [],
            incident: { how: "nearest" as const },
          },
          conduct: conductOf(told),
        }
      }),
    )
    .toSorted((a, b) => (a.arrivesAt < b.arrivesAt ? -1 : a.arrivesAt > b.arrivesAt ? 1 : 0))
}

const conductOf = ({ verdict, replies }: Told): Scenario["conduct"] => ({
  answers: 0.5,
  acknowledges: 0.5,
  handles: { how: "share", share: 0.5 },
  replies: replies === "in-time" ? 0.9 : replies === "late" ? 3 : 1e6,
  returns: 0,
  extension: false,
  conversion: "none",
  withheld: false,
  unsatisfied: 0,
  followUp: "satisfied",
  residents: 0,
  verdict,
  grading: { value: "notable", difficulty: "medium" },
  collects: "in-time",
  afterwards: "nothing",
})

const outcomesOf = async (
  { yingshao }: OpenDay,
  sequences: readonly Sequence[],
): Promise<readonly (readonly Outcome[])[]> => {
  const found = new Map<string, Outcome>()
  for await (const { id, state } of yingshao.queries.readAll("report")) {
    if (state.status === "none" || state.original === undefined) continue
    const { state: file } = await yingshao.queries.state("reward", id)
    const award = file.status === "none" ? undefined : file.award
    const owed = state.obligations.filter(({ kind }) => kind === "reply")
    found.set(state.original, {
      form: award?.form ?? "none",
      amount: award?.amount ?? 0,
      answeredOrFlagged:
        owed.length > 0 &&
        owed.every(
          ({ status, endedAt, due, escalation }) =>
            escalation > 0 || (status !== "open" && endedAt !== undefined && toMs(endedAt) <= toMs(due)),
        ),
    })
  }
  return sequences.map((sequence, number) =>
    sequence.map((_, at) => {
      const outcome = found.get(handleOf(number, at))
      if (!outcome) throw new CannotRun(`report ${handleOf(number, at)} was not accepted`)
      return outcome
    }),
  )
}
