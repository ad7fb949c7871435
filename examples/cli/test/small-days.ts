/** Days small enough for tests, run in this process. */
import type { Storage } from "@yingshao/ports/storage"
import { setupOf } from "../src/county/setup.ts"
import { type DayOptions, type PlannedDay, planDay, readFileOf } from "../src/day/plan-day.ts"
import { type Summary, summaryOf } from "../src/read/summary.ts"
import { compareDuplicates } from "../src/replay/compare.ts"
import { calendarOf } from "../src/simulate/day-calendar.ts"
import { openDay } from "../src/simulate/open-day.ts"
import { type DayRun, runDay } from "../src/simulate/run-day.ts"
import { runSetup } from "../src/simulate/run-setup.ts"
import { examplePolicy, loadPolicy } from "../src/store/policy-file.ts"

const { policy } = await loadPolicy(examplePolicy)

export const planned = (wanted: Partial<DayOptions> = {}): PlannedDay => {
  const options = { file: undefined, mapping: undefined, seed: "1", reports: 50, ...wanted }
  return planDay(options, readFileOf(options), policy)
}

export interface Finished extends DayRun {
  readonly summary: Summary
  readonly head: { readonly number: number; readonly hash: string }
}

/** Runs a day on a store to its end; the store stays open. */
export const finish = async (storage: Storage, day: PlannedDay): Promise<Finished> => {
  const opened = await openDay(storage, day.record.programme, day.policy, day.county, day.openedAt)
  await runSetup(opened, setupOf(day.county, day.policy, day.date))
  const run = await runDay({
    ...opened,
    scenarios: day.scenarios,
    until: day.until,
    onProgress: () => {},
    script: {
      policy: day.policy,
      staff: day.county.staff,
      chance: day.chance,
      calendar: calendarOf(day.policy, day.date),
      unitName: (unit) => unit,
    },
  })
  const world = await opened.yingshao.checkWorld()
  const report = await opened.yingshao.doctor({ chain: "whole" })
  const findings = [...world.findings, ...report.findings].filter(({ invariant }) => invariant !== "setting")
  const summary = await summaryOf(opened.yingshao, {
    received: day.replay?.export.received ?? day.scenarios.length,
    now: opened.yingshao.now(),
    timeZone: day.policy.timeZone,
    findings,
  })
  const duplicates =
    day.replay === undefined
      ? {}
      : { duplicates: await compareDuplicates(opened.yingshao, day.replay.export.verdicts()) }
  return { ...run, summary: { ...summary, ...duplicates }, head: await storage.head(day.record.programme) }
}
