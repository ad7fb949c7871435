/**
 * What one call of `day` is about: the fictional county, or the replay of an export.
 */

import type { Policy } from "@yingshao/core/decisions"
import {
  addDays,
  addMinutes,
  type CivilDate,
  civilDate,
  civilDateOf,
  type Instant,
  startOfDay,
} from "@yingshao/core/kernel/time"
import { type County, countyOf, fictionalCode } from "../county/people.ts"
import { reportsOf } from "../county/reports.ts"
import { opensDaysBefore } from "../county/setup.ts"
import { type Chance, chanceOf, digestOf } from "../random.ts"
import { datedPolicy, revivingAll } from "../replay/dated-policy.ts"
import { type ExportFile, readExport } from "../replay/export-file.ts"
import { checkMapping, type Mapping, readMapping } from "../replay/mapping.ts"
import { replayScenarios } from "../replay/replay-scenarios.ts"
import type { Scenario } from "../simulate/scenario.ts"
import type { RecordedDay } from "../store/days.ts"
import { CliFailure } from "../terminal/failure.ts"

export interface DayOptions {
  readonly file: string | undefined
  readonly mapping: string | undefined
  readonly seed: string
  readonly reports: number
}

export interface PlannedDay {
  readonly record: RecordedDay
  readonly date: CivilDate
  /** The policy that the day's programme adopts. */
  readonly policy: Policy
  readonly county: County
  readonly chance: Chance
  readonly scenarios: readonly Scenario[]
  /** Simulated instants: the programme opens, and nothing happens any more. */
  readonly openedAt: Instant
  readonly until: Instant
  /** Present for a replay. */
  readonly replay?: ReadFile
}

/** The longest that a day is followed. */
export const mostDays = 120

/** An ordinary Tuesday; the calendar covers the 120 days after it. */
export const countyDate = civilDate.parse("2026-03-24")

/** Raise it when generator or script change, so that a database keeps its old days as they were. */
const scriptVersion = 2

/** What a file holds, read before anything else so that a wrong one is said at once. */
export interface ReadFile {
  readonly export: ExportFile
  readonly mapping: Mapping
}

/** `undefined` for the fictional county. @throws CliFailure, exit code 2. */
export const readFileOf = ({ file, mapping: named }: DayOptions): ReadFile | undefined => {
  if (file === undefined) return undefined
  const mapping = readMapping(named)
  return { mapping, export: readExport(file, mapping) }
}

export const planDay = (options: DayOptions, read: ReadFile | undefined, policy: Policy): PlannedDay =>
  read === undefined ? planCounty(options, policy) : planReplay(read, policy)

// internal

const planCounty = ({ seed, reports }: DayOptions, policy: Policy): PlannedDay => {
  if (policy.effectiveFrom > countyDate) {
    throw new CliFailure(
      1,
      `规则 ${policy.id} 自 ${policy.effectiveFrom} 起施行,虚构县的这一天是 ${countyDate}`,
      `the policy ${policy.id} applies from ${policy.effectiveFrom}, and the day of the fictional county is ${countyDate}`,
    )
  }
  const county = countyOf(seed, policy)
  const made = digestOf(JSON.stringify([scriptVersion, seed, reports, policy.digest])).slice(0, 12)
  return {
    ...times(countyDate, policy.timeZone),
    record: {
      programme: `${fictionalCode}-${compact(countyDate)}-${made}`,
      kind: "county",
      date: countyDate,
      source: seed,
      reports,
    },
    policy: revivingAll(policy),
    county,
    chance: chanceOf(seed),
    scenarios: reportsOf({ seed, date: countyDate, reports }, county, policy),
  }
}

const planReplay = (read: ReadFile, original: Policy): PlannedDay => {
  const { mapping, export: exported } = read
  checkMapping(mapping, original)
  const first = exported.rows[0]
  if (first === undefined) throw nothingTaken(exported)
  const policy = datedPolicy(original, mapping)
  const county = countyOf("1", original)
  const date = civilDateOf(first.created, mapping.timeZone)
  const made = digestOf(JSON.stringify([scriptVersion, mapping, policy.digest, exported.rows])).slice(0, 12)
  return {
    ...times(date, mapping.timeZone),
    record: {
      programme: `replay-${compact(date)}-${made}`,
      kind: "replay",
      date,
      source: exported.file.split(/[\\/]/).at(-1) ?? exported.file,
      reports: exported.rows.length,
    },
    policy,
    county,
    chance: chanceOf(mapping.id),
    scenarios: replayScenarios(exported.rows, mapping, county),
    replay: read,
  }
}

const times = (date: CivilDate, timeZone: string) => ({
  date,
  openedAt: addMinutes(startOfDay(addDays(date, -opensDaysBefore), timeZone), 9 * 60),
  until: startOfDay(addDays(date, mostDays), timeZone),
})

const compact = (date: CivilDate): string => date.replaceAll("-", "")

const nothingTaken = ({ file, refused }: ExportFile): CliFailure => {
  const [one] = refused
  return one === undefined
    ? new CliFailure(2, `${file} 里没有一行数据`, `${file} has no row`)
    : new CliFailure(
        2,
        `${file} 没有一行能用;第 ${one.line} 行:${one.why.zh}`,
        `${file} has no row that can be taken; line ${one.line}: ${one.why.en}`,
      )
}
