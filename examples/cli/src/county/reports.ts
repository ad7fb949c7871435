/**
 * One day's reports of the fictional county, generated from a seed.
 *
 * Every block of 150 reports begins with the same tales (`tales.ts`): rivals, the negative list, conversion,
 * returns, late answers and the rest; plain reports fill it up. So a small day still tells most of them and
 * a large one tells them in proportion.
 */

import type { Policy } from "@yingshao/core/decisions"
import {
  addDays,
  addMinutes,
  type CivilDate,
  type Instant,
  startOfDay,
  toMs,
} from "@yingshao/core/kernel/time"
import { type Chance, chanceOf, digestOf } from "../random.ts"
import type { Conduct, Scenario } from "../simulate/scenario.ts"
import type { County } from "./people.ts"
import { type Draft, type Site, tales } from "./tales.ts"

export interface DayPlan {
  readonly seed: string
  readonly date: CivilDate
  readonly reports: number
  /** Days over which they come in, from `date` on; left out: all on one. */
  readonly days?: number
}

/** How many reports one block has; the tales take the first of them. */
const blockSize = 150

/** @returns scenarios in order of arrival; those of one minute in the order of their handles. */
export const reportsOf = (plan: DayPlan, county: County, policy: Policy): readonly Scenario[] => {
  const chance = chanceOf(plan.seed)
  const drafts: Draft[] = []
  for (let block = 0; drafts.length < plan.reports; block += 1) {
    const room = Math.min(blockSize, plan.reports - drafts.length)
    const told = tales({ block, chance, county, policy, site: siteOf(chance, block) }).slice(0, room)
    const plain = Array.from({ length: room - told.length }, (_, at) =>
      plainDraft(block, at, chance, county, policy),
    )
    drafts.push(...told, ...plain)
  }
  const midnightOf = (draft: Draft, at: number): Instant =>
    startOfDay(addDays(plan.date, dayOf(draft, at, plan.days ?? 1, chance)), policy.timeZone)
  return drafts
    .map((draft, at) => scenarioOf(draft, at, midnightOf(draft, at), county, chance))
    .sort((a, b) =>
      a.arrivesAt < b.arrivesAt ? -1 : a.arrivesAt > b.arrivesAt ? 1 : a.handle < b.handle ? -1 : 1,
    )
}

/** What staff do when nothing special happens. */
export const usualConduct = (handle: string, chance: Chance): Conduct => ({
  answers: share(chance, `${handle}/answers`, 0.15, 0.9),
  acknowledges: share(chance, `${handle}/acknowledges`, 0.1, 0.9),
  handles: { how: "share", share: share(chance, `${handle}/handles`, 0.1, 0.85) },
  replies: share(chance, `${handle}/replies`, 0.4, 0.95),
  returns: 0,
  extension: false,
  conversion: "none",
  withheld: false,
  unsatisfied: 0,
  followUp: chance.happens(`${handle}/reached`, 0.93) ? "satisfied" : "unreachable",
  residents: chance.whole(`${handle}/residents`, 0, 24),
  verdict: "true",
  grading: {
    value: chance.pick(`${handle}/value`, ["minor", "minor", "notable", "major"]),
    difficulty: chance.pick(`${handle}/difficulty`, ["easy", "easy", "medium", "hard"]),
  },
  collects: "in-time",
  afterwards: "nothing",
})

// internal

/** Tales of several reports about one matter, or about one day: they stay together. */
const together: ReadonlySet<Draft["tale"]> = new Set(["rivals", "border", "false", "cap"])

const dayOf = ({ tale }: Draft, at: number, days: number, chance: Chance): number =>
  chance.whole(together.has(tale) ? `day/${tale}` : `day/${at}`, 0, days - 1)

const share = (chance: Chance, name: string, least: number, most: number): number =>
  least + chance.fraction(name) * (most - least)

/** Degrees of a fictional plain; places stand at least a kilometre apart, so that strangers never meet. */
const siteOf =
  (chance: Chance, block: number) =>
  (number: number): Site => {
    const at = block * blockSize + number
    const column = at % 100
    const row = Math.floor(at / 100)
    return {
      lng: round(106.2 + column * 0.0121 + chance.fraction(`site/${at}/lng`) * 0.001),
      lat: round(26.6 - row * 0.0109 - chance.fraction(`site/${at}/lat`) * 0.001),
    }
  }

const round = (degrees: number): number => Math.round(degrees * 1e6) / 1e6

const ordinaryCategories = [
  "environment",
  "environment",
  "neighbours",
  "facility",
  "suggestion",
  "hardship",
] as const
const emergencyCategories = ["fire", "traffic", "collapse", "geohazard", "hazmat", "drowning"] as const

const plainDraft = (block: number, at: number, chance: Chance, county: County, policy: Policy): Draft => {
  const name = `plain/${block}/${at}`
  const emergency = chance.happens(`${name}/emergency`, 0.22)
  const category = emergency
    ? chance.pick(`${name}/category`, emergencyCategories)
    : chance.pick(`${name}/category`, ordinaryCategories)
  const informants = county.informants.slice(0, -1)
  const reporter = chance.happens(`${name}/informant`, 0.4)
    ? chance.pick(`${name}/who`, informants.map(({ person }) => person) as [string, ...string[]])
    : chance.pick(`${name}/who`, county.members.map(({ person }) => person) as [string, ...string[]])
  return {
    tale: "plain",
    minute: chance.whole(`${name}/minute`, 6 * 60 + 30, 22 * 60),
    site: siteOf(chance, block)(60 + at),
    reporters: [reporter],
    facts: emergency
      ? { category, danger: "yes", ongoing: "yes", affected: chance.whole(`${name}/affected`, 1, 60) }
      : { category, danger: "no", ongoing: "yes", affected: chance.whole(`${name}/affected`, 1, 25) },
    claimed: policy.knows("category", category) && chance.happens(`${name}/claimed`, 0.5),
    conduct: chance.happens(`${name}/true`, 0.93) ? {} : { verdict: "partlyTrue" },
  }
}

const scenarioOf = (
  draft: Draft,
  at: number,
  midnight: Instant,
  county: County,
  chance: Chance,
): Scenario => {
  const handle = `w-${String(at + 1).padStart(5, "0")}`
  const hotline = draft.words !== undefined || draft.reporters.length === 0
  const [first] = draft.reporters
  const desk = county.staff.dutyOfficers
  const by =
    hotline || first === undefined
      ? { person: chance.pick(`${handle}/hotline`, desk), role: "duty-officer" as const }
      : { person: first, role: "reporter" as const }
  return {
    handle,
    arrivesAt: addMinutes(midnight, draft.minute),
    by,
    intake: {
      channel: hotline ? "hotline" : "app",
      reporters: [...draft.reporters],
      place: {
        ...(draft.site === undefined ? {} : { coordinate: { ...draft.site, crs: "wgs84" as const } }),
        ...(draft.words === undefined ? {} : { words: draft.words }),
      },
      photos: hotline ? [] : [digestOf(`a photo that does not exist: ${handle}`)],
      ...(draft.claimed ? { category: draft.facts.category } : {}),
      original: handle,
    },
    answer: {
      facts: draft.facts,
      negative: draft.negative ?? "none",
      excluded: [...(draft.excluded ?? [])],
      incident: { how: "nearest" },
    },
    conduct: { ...usualConduct(handle, chance), ...draft.conduct },
  }
}

/** Whole minutes, so that those who act at one minute can be handled together. */
export const toMinute = (ms: number): number => Math.ceil(ms / 60_000) * 60_000

/** The instant's milliseconds, rounded up to a whole minute. */
export const minuteOf = (at: Instant): number => toMinute(toMs(at))
