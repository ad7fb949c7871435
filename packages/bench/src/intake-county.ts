/**
 * A county with 24 informants on an SQLite handle, under a clock that does not tick by itself, and the
 * reports they send in: the same on every run, so that two files get the same rows.
 */
import type { DatabaseSync } from "node:sqlite"
import { chinaYears } from "@yingshao/core/calendar/china-years"
import type { CommandInput } from "@yingshao/core/commands"
import { unitId } from "@yingshao/core/kernel/ids"
import { openYingshao, type Yingshao } from "@yingshao/engine"
import { sqliteStorage } from "@yingshao/storage-sqlite"
import { examplePolicy } from "./example-policy.ts"

export interface IntakeCounty {
  /** Reports of the given serial numbers, one after the other. */
  submit(first: number, count: number): Promise<void>
  /** The same, all of them at once. */
  submitTogether(first: number, count: number): Promise<void>
  /** Any command that must be accepted. */
  give(command: CommandInput): Promise<void>
  close(): Promise<void>
}

/** Opens the county; an empty database is set up first. The handle is whoever's opened it to close. */
export const openIntake = async (database: DatabaseSync): Promise<IntakeCounty> => {
  let nowMs = Date.parse("2026-03-02T01:00:00.000Z")
  const county = await openYingshao({
    programme,
    policy,
    storage: await sqliteStorage({ database }),
    clock: { now: () => nowMs },
    seed: "a seed, so that ids repeat",
    random: () => 0,
    opening: {
      admin: "admin-1",
      units: [{ id: unitId.parse("duty-desk"), kind: "duty-desk", nameZh: "应哨台", nameEn: "Duty desk" }],
      calendarYears: chinaYears,
    },
  })
  await admitInformants(county)
  return {
    close: () => county.close(),
    give: (command) => give(county, command),
    async submitTogether(first, count) {
      nowMs += 1_000 * count
      await Promise.all(Array.from({ length: count }, (_, at) => give(county, reportOf(first + at))))
    },
    async submit(first, count) {
      for (let serial = first; serial < first + count; serial += 1) {
        nowMs += 1_000
        await give(county, reportOf(serial))
      }
    },
  }
}

export const programme = "990101"

export const policy = examplePolicy()

export const informants = Array.from({ length: 24 }, (_, at) => `informant-${String(at).padStart(2, "0")}`)

// internal

const reportOf = (serial: number): CommandInput => {
  const person = informants[serial % informants.length] ?? ""
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

/** Ids are fixed, so that going through it again changes nothing. */
const admitInformants = async (county: Yingshao): Promise<void> => {
  const admin = { person: "admin-1", role: "programme-admin" } as const
  const captain = { person: "captain-1", role: "captain" } as const
  const grades = { conduct: "excellent", fairness: "excellent", example: "excellent" } as const
  const sector = "sanitation" as const
  await give(county, {
    type: "AppointStaff",
    id: "captain",
    by: admin,
    person: captain.person,
    role: "captain",
    scopes: [sector],
  })
  for (const person of informants) {
    await give(county, {
      type: "ApplyAsInformant",
      id: "apply",
      by: { person, role: "reporter" },
      sector,
      organisation: "org-1",
      consent: "consent-2026-1",
      age: 34,
    })
    await give(county, {
      type: "RecommendApplicant",
      id: `recommend-${person}`,
      by: captain,
      person,
      opinion: "同意推荐",
    })
    await give(county, {
      type: "ReviewApplicant",
      id: `review-${person}`,
      by: admin,
      person,
      review: "passed",
      opinion: "县级审核通过",
    })
  }
  await give(county, {
    type: "SelectCandidates",
    id: "select",
    by: admin,
    candidates: informants.map((person) => ({ person, grades })),
    places: informants.length,
  })
  for (const person of informants) {
    await give(county, { type: "IssueCredential", id: `credential-${person}`, by: admin, person })
  }
}

const give = async (county: Yingshao, command: CommandInput): Promise<void> => {
  const answer = await county.handle(command)
  if (!answer.ok) throw new Error(`${command.type} ${command.id}: ${JSON.stringify(answer.refusal)}`)
}
