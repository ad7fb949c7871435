/**
 * A small county under the example policy, staffed with one person for each part, under a clock that stands
 * still until it is told: what the crash tests run commands in.
 *
 * Ids follow from the seed, so that a command recorded on one store can be given on another that stands
 * where the first one stood.
 */
import { readFileSync } from "node:fs"
import { chinaYears } from "@yingshao/core/calendar/china-years"
import type { CommandInput } from "@yingshao/core/commands"
import { channels } from "@yingshao/core/decisions"
import type { Role } from "@yingshao/core/kernel/roles"
import { openYingshao, type Yingshao } from "@yingshao/engine"
import type { Answer } from "@yingshao/engine/handle"
import { type CompiledPolicy, readPolicy } from "@yingshao/policy/policy"
import type { Storage } from "@yingshao/ports/storage"

export const programme = "990101"

/** Monday, 2 March 2026, 09:00 in Shanghai. */
export const startMs = Date.parse("2026-03-02T01:00:00.000Z")

export interface Clock {
  now(): number
  set(ms: number): void
}

export const standingClock = (atMs = startMs): Clock => {
  let ms = atMs
  return {
    now: () => ms,
    set: (to) => {
      ms = to
    },
  }
}

export const openCounty = (
  storage: Storage,
  clock: Clock,
  policy: CompiledPolicy = examplePolicy(),
): Promise<Yingshao> =>
  openYingshao({
    ...countyOptions(policy),
    storage,
    clock,
    seed: "the seed of the evidence",
    random: () => 0.5,
  })

/** What every opening of the county has in common. */
export const countyOptions = (policy: CompiledPolicy) => ({
  programme,
  policy,
  opening: { admin: "admin", units: units(), calendarYears: chinaYears.filter(({ year }) => year >= 2025) },
})

/** A command from its parts; the engine checks the rest. */
export const commandOf = (
  id: string,
  type: CommandInput["type"],
  person: string,
  role: Role,
  payload: object,
): CommandInput => ({ ...payload, type, id, by: { person, role } }) as CommandInput

/** The first id of a kind in what happened. */
export const idIn = (answer: Answer, kind: string): string => {
  const stream = answer.ok
    ? answer.events.find((one) => one.stream.startsWith(`${kind}/`))?.stream
    : undefined
  if (stream === undefined) throw new Error(`nothing of kind ${kind} happened`)
  return stream.slice(kind.length + 1)
}

export const photo = "a".repeat(64)

/** A place so many metres east and north of the county's middle. */
export const placeAt = (eastM = 0, northM = 0) => ({
  coordinate: {
    lng: Number((106.6571 + eastM / 100_120).toFixed(7)),
    lat: Number((26.1342 + northM / 111_195).toFixed(7)),
    crs: "wgs84" as const,
  },
})

export const levels = ["village", "township", "county"] as const

/** Everybody who works for the county. */
export const appointments: readonly (readonly [person: string, role: Role, scopes: readonly string[]])[] = [
  ["duty", "duty-officer", ["duty-desk"]],
  ["duty2", "duty-officer", ["duty-desk"]],
  ["admin2", "programme-admin", []],
  ["admin3", "programme-admin", []],
  ["approver", "approver", ["band1", "band2"]],
  ["payer", "payer", []],
  ["captain", "captain", ["sanitation"]],
  ["auditor", "auditor", []],
  ["policy-officer", "policy-officer", []],
  ...levels.map((level) => [`verifier-${level}`, "verifier", [level]] as const),
  ["verifier2-county", "verifier", ["county"]],
  ...channels.map((unit) => [`officer-${unit}`, "department-officer", [unit]] as const),
  ["officer-housing-construction", "department-officer", ["housing-construction"]],
]

/** The commands that appoint them. */
export const staffing: readonly CommandInput[] = appointments.map(([person, role, scopes], at) =>
  commandOf(`staff-${at}`, "AppointStaff", "admin", "programme-admin", { person, role, scopes }),
)

/** The commands that make `person` an informant in service. */
export const admission = (
  person: string,
  more: { readonly validUntil?: string } = {},
): readonly CommandInput[] => [
  commandOf(`apply-${person}`, "ApplyAsInformant", person, "reporter", {
    sector: "sanitation",
    organisation: "clean-town",
    consent: "consent-2026-1",
    age: 30,
  }),
  commandOf(`recommend-${person}`, "RecommendApplicant", "captain", "captain", { person, opinion: "可靠" }),
  commandOf(`review-${person}`, "ReviewApplicant", "admin", "programme-admin", {
    person,
    review: "passed",
    opinion: "合适",
  }),
  commandOf(`select-${person}`, "SelectCandidates", "admin", "programme-admin", {
    candidates: [{ person, grades: { conduct: "good", fairness: "good", example: "excellent" } }],
    places: 1,
  }),
  commandOf(`credential-${person}`, "IssueCredential", "admin", "programme-admin", { person, ...more }),
]

/** The example as it is, compiled once a process: it takes about a second. */
export const examplePolicy = (): CompiledPolicy => compiled(exampleText())

/** The example with points that can be redeemed from five on, in force from the second day. */
export const laterPolicy = (): CompiledPolicy =>
  compiled(
    exampleText()
      .replace("| 施行 | 2026-01-01 |", "| 施行 | 2026-03-03 |")
      .replace("| 兑换起点 | 30 | 分 |", "| 兑换起点 | 5 | 分 |"),
  )

// internal

const exampleText = (): string =>
  readFileSync(new URL("../../../examples/policies/huishui.policy.md", import.meta.url), "utf8")

const compiledBefore = new Map<string, CompiledPolicy>()

const compiled = (text: string): CompiledPolicy => {
  const before = compiledBefore.get(text)
  if (before !== undefined) return before
  const read = readPolicy(text)
  if (read.ok) {
    compiledBefore.set(text, read.policy)
    return read.policy
  }
  const [first] = read.findings.filter(({ severity }) => severity === "error")
  throw new Error(`the policy does not load: line ${first?.line} ${first?.code} ${first?.en}`)
}

const units = () => [
  { id: "duty-desk", kind: "duty-desk" as const, nameZh: "应哨台", nameEn: "duty desk" },
  ...channels.map((id) => ({ id, kind: "channel" as const, nameZh: id, nameEn: id })),
  ...["emergency-management", "housing-construction", "urban-management", "community-office"].map((id) => ({
    id,
    kind: "department" as const,
    nameZh: id,
    nameEn: id,
  })),
]
