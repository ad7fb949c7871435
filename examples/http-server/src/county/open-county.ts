/**
 * Opens the fictional county over a store, and puts the people of the demonstration into it when it is new.
 *
 * Every command has a fixed id, so opening it again changes nothing.
 */
import { readFileSync } from "node:fs"
import { chinaYears } from "@yingshao/core/calendar/china-years"
import type { CommandInput } from "@yingshao/core/commands"
import type { Policy } from "@yingshao/core/decisions"
import type { Notice, Recipient } from "@yingshao/core/kernel/message"
import { type NoticeWords, noticeTextOf } from "@yingshao/core/notice/notice-text"
import { type OpenOptions, openYingshao, type Yingshao } from "@yingshao/engine"
import { readPolicy } from "@yingshao/policy"
import { recipientsOf } from "../channels/recipients.ts"
import type { Telling } from "../channels/telling.ts"
import { type DemoPerson, demoPeople } from "./demo-people.ts"
import { programme } from "./programme.ts"
import { unitsOf } from "./units.ts"

/** The document has errors; the message says the first. */
export class PolicyUnread extends Error {}

/** @throws PolicyUnread when the document has errors; the policy command of the command line shows all of them. */
export const loadPolicy = (file: string): Policy => {
  const read = readPolicy(readFileSync(file, "utf8"), file)
  if (read.ok) return read.policy
  const first = read.findings.find(({ severity }) => severity === "error")
  throw new PolicyUnread(`${first?.file}:${first?.line}: ${first?.zh} · ${first?.en}`)
}

export interface CountyOptions
  extends Omit<OpenOptions, "programme" | "opening" | "notifiers" | "recipients"> {
  /** Over which channels people are told; left out: nobody is. */
  readonly telling?: Telling
}

/** @param options storage and policy, how people are told, and whatever else the engine takes. */
export const openCounty = async ({ telling, ...options }: CountyOptions): Promise<Yingshao> => {
  let opened: Yingshao | undefined
  const told =
    telling === undefined
      ? {}
      : {
          notifiers: telling.notifiers,
          // Nothing is sent before the relay is started.
          recipients: async (to: Recipient) =>
            opened === undefined ? [] : recipientsOf(opened, telling, to),
          render: (notice: Notice) => noticeTextOf(notice, wordsOf(options.policy)),
          onStopped: telling.onStopped,
          onParked: telling.onParked,
          ...(telling.plan === undefined ? {} : { plan: telling.plan }),
        }
  opened = await openYingshao({
    ...options,
    ...told,
    programme,
    opening: { admin: adminPerson, units: [...unitsOf(options.policy)], calendarYears: chinaYears },
  })
  return opened
}

/** Appoints the people of the demonstration and admits its informant and its team member. */
export const settle = async (engine: Yingshao, policy: Policy): Promise<void> => {
  for (const [at, command] of [...demoPeople.flatMap(appointments(policy)), ...admissions].entries()) {
    const answer = await engine.handle({ ...command, id: `settle-${at}` } as CommandInput)
    if (!answer.ok)
      throw new Error(`${command.type}: ${answer.refusal.code} ${JSON.stringify(answer.refusal.detail)}`)
  }
}

/** Was a server ended while it settled an empty county? Then nobody has reported yet, and the last step is missing. */
export const isHalfSettled = async ({ queries }: Pick<Yingshao, "queries">): Promise<boolean> => {
  const member = await queries.state("participant", "p-member")
  return member.version === 0 && !(await queries.tallies("reports/")).has("reports/accepted")
}

/** Appoints whoever plays a part that the month which was lived did not have. */
export const welcome = async (engine: Yingshao, policy: Policy): Promise<void> => {
  for (const person of demoPeople.filter(({ appointments: wanted }) => wanted.length > 0)) {
    const { state } = await engine.queries.state("staff", person.person)
    if (state.appointments.length > 0) continue
    for (const command of appointments(policy)(person)) {
      const id = `welcome-${person.person}-${command.role}`
      const answer = await engine.handle({ ...command, id } as CommandInput)
      if (!answer.ok) throw new Error(`${person.person} is not appointed: ${answer.refusal.code}`)
    }
  }
}

// internal

/** Chinese, with the names of the county's units; one that was registered later goes by its key. */
const wordsOf = (policy: Policy): NoticeWords => {
  const names = new Map<string, string>(unitsOf(policy).map(({ id, nameZh }) => [id, nameZh]))
  return {
    language: "zh",
    timeZone: policy.timeZone,
    label: (key) => names.get(key) ?? policy.label(key, "zh"),
  }
}

const adminPerson = "p-admin"

interface Step {
  readonly type: CommandInput["type"]
  readonly by: { readonly person: string; readonly role: string }
  readonly [field: string]: unknown
}

const step = (type: Step["type"], person: string, role: string, fields: object): Step => ({
  ...fields,
  type,
  by: { person, role },
})

const appoint = (person: string, role: string, scopes: readonly string[]): Step =>
  step("AppointStaff", adminPerson, "programme-admin", { person, role, scopes })

/** The opening makes the admin; an approver gets every band that the document names. */
const appointments =
  (policy: Policy) =>
  ({ person, appointments }: DemoPerson): readonly Step[] =>
    appointments
      .filter(() => person !== adminPerson)
      .map(({ role, scopes }) => appoint(person, role, role === "approver" ? bandsOf(policy) : scopes))

/** @source examples/policies/huishui.policy.md, table of words: 审批档 */
const bandsOf = (policy: Policy): readonly string[] =>
  ["band1", "band2"].filter((band) => policy.label(band, "zh") !== band)

const captain = "p-captain"
const work = { sector: "on-demand-delivery", organisation: "org-1", consent: "consent-2026-1" } as const

const admissions: readonly Step[] = [
  step("ApplyAsInformant", "p-informant", "reporter", { ...work, age: 34 }),
  step("RecommendApplicant", captain, "captain", { person: "p-informant", opinion: "同意推荐" }),
  step("ReviewApplicant", adminPerson, "programme-admin", {
    person: "p-informant",
    review: "passed",
    opinion: "县级审核通过",
  }),
  step("SelectCandidates", adminPerson, "programme-admin", {
    candidates: [
      {
        person: "p-informant",
        grades: { conduct: "excellent", fairness: "excellent", example: "excellent" },
      },
    ],
    places: 1,
  }),
  step("IssueCredential", adminPerson, "programme-admin", { person: "p-informant" }),
  step("EnrolMember", captain, "captain", { ...work, person: "p-member", leader: "p-informant" }),
]
