/**
 * How the fictional county comes to be once its programme is open: staff are appointed, informants apply,
 * are recommended, reviewed, compared and chosen, members join their squads.
 *
 * Phases run one after the other; the commands of one phase do not depend on each other. Ids are fixed, so
 * going through it again changes nothing.
 */
import type { Policy } from "@yingshao/core/decisions"
import { addDays, addMinutes, type CivilDate, type Instant, startOfDay } from "@yingshao/core/kernel/time"
import { type Command, command } from "../simulate/command.ts"
import type { County, Informant } from "./people.ts"

export interface Phase {
  readonly at: Instant
  readonly commands: readonly Command[]
}

/** Days before the simulated one on which the programme opens. */
export const opensDaysBefore = 22

/** @param date the day that is simulated; the county is set up in the weeks before. */
export const setupOf = (county: County, policy: Policy, date: CivilDate): readonly Phase[] => {
  const on = (daysBefore: number, hour: number): Instant =>
    addMinutes(startOfDay(addDays(date, -daysBefore), policy.timeZone), hour * 60)
  const { staff } = county
  const admin = staff.admins[0]
  const candidates = [...county.informants, ...county.others]
  const suspended = county.informants.at(-1)
  return [
    { at: on(opensDaysBefore, 10), commands: appointments(county) },
    { at: on(21, 9), commands: candidates.map(apply) },
    { at: on(18, 9), commands: candidates.map((one) => recommend(one, county)) },
    { at: on(14, 9), commands: candidates.map((one) => review(one, admin)) },
    { at: on(12, 9), commands: [compare(county, admin)] },
    {
      at: on(11, 9),
      commands: county.informants.map(({ person }) =>
        command("IssueCredential", `setup:credential:${person}`, admin, "programme-admin", { person }),
      ),
    },
    { at: on(8, 9), commands: enrolments(county) },
    {
      at: on(3, 9),
      commands: [command("RegisterItem", "setup:item", admin, "programme-admin", redeemable)],
    },
    {
      at: on(3, 10),
      commands: [
        command("StockItem", "setup:stock", admin, "programme-admin", {
          item: redeemable.item,
          units: 2_000,
        }),
      ],
    },
    {
      at: on(1, 17),
      commands:
        suspended === undefined
          ? []
          : [
              command("SuspendInformant", `setup:suspend:${suspended.person}`, admin, "programme-admin", {
                person: suspended.person,
                reason: "年内失实两件,按动态管理暂停",
              }),
            ],
    },
  ]
}

/** What points are exchanged for in the fictional county. */
export const redeemable = {
  item: "water-bottle",
  entry: { nameZh: "保温水壶", nameEn: "water bottle", points: 30 },
} as const

// internal

const consent = "consent-2026-1"

const appointments = ({ staff }: County): readonly Command[] => {
  const [admin, ...otherAdmins] = staff.admins
  const appoint = (person: string, role: string, scopes: readonly string[] = []) =>
    command("AppointStaff", `setup:appoint:${person}:${role}`, admin, "programme-admin", {
      person,
      role,
      scopes,
    })
  return [
    ...otherAdmins.map((person) => appoint(person, "programme-admin")),
    ...staff.dutyOfficers.map((person) => appoint(person, "duty-officer", ["duty-desk"])),
    ...Object.entries(staff.captains).map(([sector, person]) => appoint(person, "captain", [sector])),
    ...Object.entries(staff.officers).flatMap(([unit, people]) =>
      people.map((person) => appoint(person, "department-officer", [unit])),
    ),
    ...staff.verifiers.flatMap(({ level, people }) =>
      people.map((person) => appoint(person, "verifier", [level])),
    ),
    ...Object.entries(staff.approvers).flatMap(([band, people]) =>
      people.map((person) => appoint(person, "approver", [band])),
    ),
    ...staff.payers.map((person) => appoint(person, "payer")),
    appoint(staff.policyOfficer, "policy-officer"),
    appoint(staff.auditor, "auditor"),
  ]
}

const apply = ({ person, sector, organisation }: Informant): Command =>
  command("ApplyAsInformant", `setup:apply:${person}`, person, "reporter", {
    sector,
    organisation,
    consent,
    age: 34,
  })

const recommend = ({ person, sector }: Informant, { staff }: County): Command =>
  command("RecommendApplicant", `setup:recommend:${person}`, staff.captains[sector], "captain", {
    person,
    opinion: "同意推荐",
  })

const review = ({ person }: Informant, admin: string): Command =>
  command("ReviewApplicant", `setup:review:${person}`, admin, "programme-admin", {
    person,
    review: "passed",
    opinion: "县级审核通过",
  })

/** The 44 are graded above the others, so the policy's score chooses them whatever its weights are. */
const compare = ({ informants, others }: County, admin: string): Command => {
  const grade = (one: Informant, conduct: string) => ({
    person: one.person,
    grades: { conduct, fairness: conduct, example: conduct },
  })
  return command("SelectCandidates", "setup:select", admin, "programme-admin", {
    candidates: [
      ...informants.map((one) => grade(one, "excellent")),
      ...others.map((one) => grade(one, "fair")),
    ],
    places: informants.length,
  })
}

const enrolments = ({ members, staff }: County): readonly Command[] =>
  members.map(({ person, sector, organisation, leader }) =>
    command("EnrolMember", `setup:enrol:${person}`, staff.captains[sector], "captain", {
      person,
      sector,
      organisation,
      consent,
      leader,
    }),
  )
