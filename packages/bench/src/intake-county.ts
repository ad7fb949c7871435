/**
 * A county with some informants on an SQLite handle, and the reports they send in.
 */
import type { DatabaseSync } from "node:sqlite"
import { openSqliteStorage, sqliteStorage } from "@yingshao/storage-sqlite"
import { examplePolicy } from "./example-policy.ts"
import { openReportedCounty, type ReportedCounty } from "./reported-county.ts"

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
): Promise<ReportedCounty> => {
  const limits = logBytes === undefined ? {} : { logBytes }
  const storage = await (writer === "here"
    ? sqliteStorage({ database, limits })
    : openSqliteStorage(database.location() ?? "", { writer, limits }))
  const isNew = (await storage.head(programme)).number === 0
  const reporters = informantsOf(people)
  const reporterOf = (serial: number) => reporters[serial % reporters.length] ?? ""
  const county = await openReportedCounty(storage, programme, { reporterOf, cacheBytes })
  if (isNew) await admitInformants(county, reporters)
  return {
    ...county,
    close: async () => {
      await county.close()
      if (writer === "beside") await storage.close()
    },
  }
}

export const programme = "990101"

export const policy = examplePolicy()

const informantsOf = (people: number): readonly string[] =>
  Array.from({ length: people }, (_, at) => `informant-${String(at).padStart(3, "0")}`)

export const informants = informantsOf(24)

// internal

/** So many stand in one selection. */
const inGroups = (people: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(people.length / 50) }, (_, at) => people.slice(at * 50, at * 50 + 50))

const admitInformants = async ({ give }: ReportedCounty, informants: readonly string[]): Promise<void> => {
  const admin = { person: "admin-1", role: "programme-admin" } as const
  const captain = { person: "captain-1", role: "captain" } as const
  const grades = { conduct: "excellent", fairness: "excellent", example: "excellent" } as const
  const sector = "sanitation" as const
  await give({
    type: "AppointStaff",
    id: "captain",
    by: admin,
    person: captain.person,
    role: "captain",
    scopes: [sector],
  })
  for (const group of inGroups(informants)) {
    for (const person of group) {
      await give({
        type: "ApplyAsInformant",
        id: "apply",
        by: { person, role: "reporter" },
        sector,
        organisation: "org-1",
        consent: "consent-2026-1",
        age: 34,
      })
      await give({
        type: "RecommendApplicant",
        id: `recommend-${person}`,
        by: captain,
        person,
        opinion: "同意推荐",
      })
      await give({
        type: "ReviewApplicant",
        id: `review-${person}`,
        by: admin,
        person,
        review: "passed",
        opinion: "县级审核通过",
      })
    }
    await give({
      type: "SelectCandidates",
      id: `select-${group[0]}`,
      by: admin,
      candidates: group.map((person) => ({ person, grades })),
      places: group.length,
    })
    for (const person of group) {
      await give({ type: "IssueCredential", id: `credential-${person}`, by: admin, person })
    }
  }
}
