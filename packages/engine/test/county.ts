/** A small staffed county behind the façade, for tests that go through the whole engine on any store. */
import { chinaYears } from "@yingshao/core/calendar/china-years"
import type { CommandInput } from "@yingshao/core/commands"
import type { Policy } from "@yingshao/core/decisions"
import type { Role } from "@yingshao/core/kernel/roles"
import type { Storage } from "@yingshao/ports/storage"
import { fixedPolicy, fixedUnits } from "../../core/test/fixtures/fixed-policy.ts"
import type { Answer } from "../src/handle.ts"
import { type OpenOptions, openYingshao, type Yingshao } from "../src/yingshao.ts"
import { programme, type TestClock } from "./open-small.ts"

export const openCounty = (
  storage: Storage,
  clock: TestClock,
  {
    seed = "a seed",
    policy = fixedPolicy(),
    ...more
  }: { readonly seed?: string; readonly policy?: Policy } & Partial<OpenOptions> = {},
): Promise<Yingshao> =>
  openYingshao({
    programme,
    policy,
    storage,
    clock,
    seed,
    random: () => 0.5,
    ...more,
    opening: {
      admin: "admin",
      units: [...fixedUnits],
      calendarYears: chinaYears.filter(({ year }) => year >= 2025),
    },
  })

/** A command without its id. */
export interface Wish {
  readonly type: CommandInput["type"]
  readonly by: string
  readonly role: Role
  readonly payload: object
}

export const wish = (type: Wish["type"], by: string, role: Role, payload: object): Wish => ({
  type,
  by,
  role,
  payload,
})

export const give = (county: Yingshao, id: string, { type, by, role, payload }: Wish): Promise<Answer> =>
  county.handle({ ...payload, type, id, by: { person: by, role } } as CommandInput)

export const must = async (county: Yingshao, id: string, wanted: Wish): Promise<Answer & { ok: true }> => {
  const answer = await give(county, id, wanted)
  if (!answer.ok) throw new Error(`${wanted.type} by ${wanted.by}: ${JSON.stringify(answer.refusal)}`)
  return answer
}

/** `accepted`, or the refusal's code. */
export const codeOf = (answer: Answer): string => (answer.ok ? "accepted" : answer.refusal.code)

/** The first id of a kind in what an answer says happened. */
export const idIn = (answer: Answer, kind: string): string => {
  const stream = answer.ok
    ? answer.events.find((event) => event.stream.startsWith(`${kind}/`))?.stream
    : undefined
  if (stream === undefined) throw new Error(`nothing of kind ${kind} happened`)
  return stream.slice(kind.length + 1)
}

/** Who works for which units: one appointment takes three. */
export const officers = {
  officer: ["police", "community", "housing"],
  officer2: ["urban-management", "market-supervision", "civil-affairs"],
} as const
export const officerUnits = Object.values(officers).flat()
export const officerOf = (unit: string): string =>
  officers.officer.some((one) => one === unit) ? "officer" : "officer2"
export const levels = ["village", "township", "county"] as const
export const holders = {
  "duty-officer": ["duty", "duty2"],
  "programme-admin": ["admin", "admin2", "admin3"],
} as const

const appoint = (person: string, role: Role, scopes: readonly string[] = []): Wish =>
  wish("AppointStaff", "admin", "programme-admin", { person, role, scopes })

/** Appointments that a county needs, with one person in several parts of a matter: `jack`. */
export const appointments: readonly Wish[] = [
  appoint("duty", "duty-officer", ["duty-desk"]),
  appoint("duty2", "duty-officer", ["duty-desk"]),
  appoint("admin2", "programme-admin"),
  appoint("admin3", "programme-admin"),
  appoint("approver", "approver", ["small", "large"]),
  appoint("payer", "payer"),
  appoint("captain", "captain"),
  appoint("auditor", "auditor"),
  appoint("officer", "department-officer", officers.officer),
  appoint("officer2", "department-officer", officers.officer2),
  ...levels.map((level) => appoint(`verifier-${level}`, "verifier", [level])),
  appoint("jack", "duty-officer", ["duty-desk"]),
  appoint("jack", "verifier", levels),
  appoint("jack", "approver", ["small", "large"]),
]

/** The way of one informant into the programme. */
export const admission = (person: string): readonly Wish[] => [
  wish("ApplyAsInformant", person, "reporter", {
    sector: "sanitation",
    organisation: "clean-town",
    consent: "2026-1",
    age: 30,
  }),
  wish("RecommendApplicant", "captain", "captain", { person, opinion: "可靠" }),
  wish("ReviewApplicant", "admin", "programme-admin", { person, review: "passed", opinion: "合适" }),
  wish("SelectCandidates", "admin", "programme-admin", {
    candidates: [{ person, grades: { conduct: "good", fairness: "good", example: "excellent" } }],
    places: 1,
  }),
  wish("IssueCredential", "admin", "programme-admin", { person }),
]

export const staffCounty = async (county: Yingshao, informants: readonly string[]): Promise<void> => {
  const all = [...appointments, ...informants.flatMap(admission)]
  for (const [at, one] of all.entries()) await must(county, `staff-${at}`, one)
}

export const photo = "a".repeat(64)

export const placeAt = (eastM = 0, northM = 0) => ({
  coordinate: {
    lng: Number((106.6571 + eastM / 100_120).toFixed(7)),
    lat: Number((26.1342 + northM / 111_195).toFixed(7)),
    crs: "wgs84" as const,
  },
})

export const submission = (person: string, where: object = placeAt()): Wish =>
  wish("SubmitReport", person, "reporter", {
    channel: "app",
    reporters: [person],
    photos: [photo],
    place: where,
  })

export const fire = { category: "fire", danger: "yes", ongoing: "yes", affected: 3 } as const
export const lamp = { category: "facility", danger: "no", ongoing: "yes", affected: 0 } as const

/** From intake to a verified and graded file, ready to be approved. @returns the report. */
export const readyToApprove = async (
  county: Yingshao,
  key: string,
  person: string,
  { facts = fire as object, where = placeAt() as object, grading = "minor" } = {},
): Promise<string> => {
  const report = idIn(await must(county, `${key}-submit`, submission(person, where)), "report")
  await must(county, `${key}-answer`, wish("AnswerWhistle", "duty", "duty-officer", { report, facts }))
  for (const level of levels) {
    const confirmedClass = facts === lamp ? "ordinary" : "emergency"
    await must(
      county,
      `${key}-${level}`,
      wish("VerifyReport", `verifier-${level}`, "verifier", {
        report,
        level,
        verdict: "true",
        confirmedClass,
      }),
    )
  }
  await must(
    county,
    `${key}-grade`,
    wish("GradeReport", "verifier-county", "verifier", {
      report,
      grading: { value: grading, difficulty: "easy" },
      reason: "现场评定",
    }),
  )
  return report
}
