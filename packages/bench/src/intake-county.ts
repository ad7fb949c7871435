/**
 * A county with some informants on an SQLite handle, under a clock that does not tick by itself, and the
 * reports they send in: the same on every run, so that two files get the same rows.
 */
import type { DatabaseSync } from "node:sqlite"
import { chinaYears } from "@yingshao/core/calendar/china-years"
import type { CommandInput } from "@yingshao/core/commands"
import { unitId } from "@yingshao/core/kernel/ids"
import { openYingshao, type Yingshao } from "@yingshao/engine"
import { openSqliteStorage, sqliteStorage } from "@yingshao/storage-sqlite"
import { examplePolicy } from "./example-policy.ts"

export interface IntakeCounty {
  /** Reports of the given serial numbers, `inFlight` at a time; left out: one after the other. */
  submit(first: number, count: number, inFlight?: number): Promise<void>
  /** A note to each of these reports, one after the other. */
  annotate(reports: readonly string[], note: string): Promise<void>
  /** Any command that must be accepted. */
  give(command: CommandInput): Promise<void>
  close(): Promise<void>
}

export interface IntakeOptions {
  /** Bytes of states that the engine keeps. Default: the engine's. */
  readonly cacheBytes?: number
  /** Bytes of the write-ahead log from which it is started anew. Default: the store's. */
  readonly logBytes?: number
  /** `beside`: a second thread writes when several commands wait. Default: `here`. */
  readonly writer?: "here" | "beside"
}

/**
 * Opens the county; an empty database is set up first. The handle is whoever's opened it to close.
 *
 * @param people informants who take turns in sending reports; the same number for one file.
 */
export const openIntake = async (
  database: DatabaseSync,
  people = informants.length,
  { cacheBytes, logBytes, writer = "here" }: IntakeOptions = {},
): Promise<IntakeCounty> => {
  let nowMs = Date.parse("2026-03-02T01:00:00.000Z")
  const limits = logBytes === undefined ? {} : { logBytes }
  const storage = await (writer === "here"
    ? sqliteStorage({ database, limits })
    : openSqliteStorage(database.location() ?? "", { writer, limits }))
  const isNew = (await storage.head(programme)).number === 0
  const county = await openYingshao({
    programme,
    policy,
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
  const reporters = informantsOf(people)
  if (isNew) await admitInformants(county, reporters)
  return {
    close: async () => {
      await county.close()
      if (writer === "beside") await storage.close()
    },
    give: (command) => give(county, command),
    async submit(first, count, inFlight = 1) {
      let serial = first
      const one = async (): Promise<void> => {
        while (serial < first + count) {
          nowMs += 1_000
          const at = serial
          serial += 1
          await give(county, reportOf(at, reporters[at % reporters.length] ?? ""))
        }
      }
      await Promise.all(Array.from({ length: inFlight }, one))
    },
    async annotate(reports, note) {
      for (const report of reports) {
        nowMs += 1_000
        await give(county, {
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

export const programme = "990101"

export const policy = examplePolicy()

const informantsOf = (people: number): readonly string[] =>
  Array.from({ length: people }, (_, at) => `informant-${String(at).padStart(3, "0")}`)

export const informants = informantsOf(24)

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

/** So many stand in one selection. */
const inGroups = (people: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(people.length / 50) }, (_, at) => people.slice(at * 50, at * 50 + 50))

const admitInformants = async (county: Yingshao, informants: readonly string[]): Promise<void> => {
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
  for (const group of inGroups(informants)) {
    for (const person of group) {
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
      id: `select-${group[0]}`,
      by: admin,
      candidates: group.map((person) => ({ person, grades })),
      places: group.length,
    })
    for (const person of group) {
      await give(county, { type: "IssueCredential", id: `credential-${person}`, by: admin, person })
    }
  }
}

const give = async (county: Yingshao, command: CommandInput): Promise<void> => {
  const answer = await county.handle(command)
  if (!answer.ok) throw new Error(`${command.type} ${command.id}: ${JSON.stringify(answer.refusal)}`)
}
