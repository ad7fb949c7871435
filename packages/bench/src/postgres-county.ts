/**
 * Small programmes on a store, under a clock that does not tick by itself, and the public's reports to them: the
 * same on every run, so that two schemas get the same rows.
 */
import { chinaYears } from "@yingshao/core/calendar/china-years"
import type { CommandInput } from "@yingshao/core/commands"
import { unitId } from "@yingshao/core/kernel/ids"
import { openYingshao, type Yingshao } from "@yingshao/engine"
import type { Storage } from "@yingshao/ports/storage"
import { examplePolicy } from "./example-policy.ts"

export interface PublicCounty {
  /** Reports of the given serial numbers, `inFlight` at a time. @returns their ids. */
  submit(first: number, count: number, inFlight: number): Promise<readonly string[]>
  /** A note to each of these reports, one after the other. */
  annotate(reports: readonly string[]): Promise<void>
}

export const openPublicCounty = async (storage: Storage, programme: string): Promise<PublicCounty> => {
  let nowMs = Date.parse("2026-03-02T01:00:00.000Z")
  const county = await openYingshao({
    programme,
    policy,
    storage,
    clock: { now: () => nowMs },
    seed: "a seed, so that ids repeat",
    random: () => 0,
    opening: {
      admin: "admin-1",
      units: [{ id: unitId.parse("duty-desk"), kind: "duty-desk", nameZh: "应哨台", nameEn: "Duty desk" }],
      calendarYears: chinaYears,
    },
  })
  return {
    submit: async (first, count, inFlight) => {
      const ids: string[] = []
      let serial = first
      const one = async (): Promise<void> => {
        while (serial < first + count) {
          nowMs += 1_000
          const at = serial
          serial += 1
          ids[at - first] = await give(county, reportOf(at))
        }
      }
      await Promise.all(Array.from({ length: inFlight }, one))
      return ids
    },
    annotate: async (reports) => {
      for (const report of reports) {
        nowMs += 1_000
        await give(county, {
          type: "AnnotateReport",
          id: `note-${nowMs}`,
          by: { person: "admin-1", role: "programme-admin" },
          report,
          note: "请先联系社区，再到现场。",
        })
      }
    },
  }
}

// internal

const policy = examplePolicy()

const reportOf = (serial: number): CommandInput => {
  const person = `somebody-${serial % 97}`
  return {
    type: "SubmitReport",
    id: `report-${serial}`,
    by: { person, role: "reporter" },
    channel: "app",
    reporters: [person],
    place: {
      coordinate: { lng: 106.6 + (serial % 997) / 10_000, lat: 26.1 + (serial % 499) / 10_000, crs: "gcj02" },
    },
    photos: [String(serial).padStart(64, "0")],
  }
}

/** @returns the report that the command is about. */
const give = async (county: Yingshao, command: CommandInput): Promise<string> => {
  const answer = await county.handle(command)
  if (!answer.ok) throw new Error(`${command.type} ${command.id}: ${JSON.stringify(answer.refusal)}`)
  const stream = answer.events.map(({ stream }) => stream).find((one) => one.startsWith("report/"))
  return stream?.slice("report/".length) ?? ""
}
