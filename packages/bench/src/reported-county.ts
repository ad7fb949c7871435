/**
 * A programme on a store, under a clock that does not tick by itself, and the reports that are sent to it: the same on
 * every run, so that two stores get the same rows.
 */
import { chinaYears } from "@yingshao/core/calendar/china-years"
import type { CommandInput } from "@yingshao/core/commands"
import { unitId } from "@yingshao/core/kernel/ids"
import { openYingshao } from "@yingshao/engine"
import type { Storage } from "@yingshao/ports/storage"
import { examplePolicy } from "./example-policy.ts"

export interface ReportedCounty {
  /** Reports of the given serial numbers, `inFlight` at a time; left out: one after the other. @returns their ids. */
  submit(first: number, count: number, inFlight?: number): Promise<readonly string[]>
  /** A note to each of these reports, one after the other. */
  annotate(reports: readonly string[], note: string): Promise<void>
  /** Any command that must be accepted. @returns the report that it is about; empty where there is none. */
  give(command: CommandInput): Promise<string>
  close(): Promise<void>
}

export interface ReportedOptions {
  /** Who sends in the report of a serial number. */
  readonly reporterOf: (serial: number) => string
  /** Bytes of states that the engine keeps. Default: the engine's. */
  readonly cacheBytes?: number | undefined
}

export const openReportedCounty = async (
  storage: Storage,
  programme: string,
  { reporterOf, cacheBytes }: ReportedOptions,
): Promise<ReportedCounty> => {
  let nowMs = Date.parse("2026-03-02T01:00:00.000Z")
  const county = await openYingshao({
    programme,
    policy: examplePolicy(),
    storage,
    ...(cacheBytes === undefined ? {} : { cacheBytes }),
    clock: { now: () => nowMs },
    seed: "a seed, so that ids repeat",
    random: () => 0,
    opening: {
      admin: "admin-1",
      units: [{ id: unitId.parse("duty-desk"), kind: "duty-desk", nameZh: "应哨台", nameEn: "Duty desk" }],
      calendarYears: chinaYears,
    },
  })
  const give = async (command: CommandInput): Promise<string> => {
    const answer = await county.handle(command)
    if (!answer.ok) throw new Error(`${command.type} ${command.id}: ${JSON.stringify(answer.refusal)}`)
    const stream = answer.events.map(({ stream }) => stream).find((one) => one.startsWith("report/"))
    return stream?.slice("report/".length) ?? ""
  }
  return {
    give,
    close: () => county.close(),
    async submit(first, count, inFlight = 1) {
      const ids: string[] = []
      let serial = first
      const one = async (): Promise<void> => {
        while (serial < first + count) {
          nowMs += 1_000
          const at = serial
          serial += 1
          ids[at - first] = await give(reportOf(at, reporterOf(at)))
        }
      }
      await Promise.all(Array.from({ length: inFlight }, one))
      return ids
    },
    async annotate(reports, note) {
      for (const report of reports) {
        nowMs += 1_000
        await give({
          type: "AnnotateReport",
          id: `note-${nowMs}`,
          by: { person: "admin-1", role: "programme-admin" },
          report,
          note,
        })
      }
    },
  }
}

// internal

const reportOf = (serial: number, person: string): CommandInput => ({
  type: "SubmitReport",
  id: `report-${serial}`,
  by: { person, role: "reporter" },
  channel: "app",
  reporters: [person],
  place: {
    coordinate: { lng: 106.6 + (serial % 997) / 10_000, lat: 26.1 + (serial % 499) / 10_000, crs: "gcj02" },
  },
  photos: [String(serial).padStart(64, "0")],
})
