/**
 * The people of the fictional county: 44 informants, 423 members, and the staff around them.
 *
 * Nobody in here exists. A person is a handle made from the seed and says nothing about who it would be;
 * there are no names and no phone numbers at all.
 */
import { channels, type Policy } from "@yingshao/core/decisions"
import { sector as sectors } from "@yingshao/core/participant/participant"
import { digestOf } from "../random.ts"

/** The division code of a county that does not exist: 99 is no province. */
export const fictionalCode = "990101"

export type Sector = (typeof sectors.options)[number]

export interface Informant {
  readonly person: string
  readonly sector: Sector
  readonly organisation: string
}

export interface Member extends Informant {
  readonly leader: string
}

export interface UnitPlan {
  readonly id: string
  readonly kind: "duty-desk" | "department" | "channel"
  readonly nameZh: string
  readonly nameEn: string
}

/** Everybody by what they do. Lists are never empty. */
export interface Staff {
  readonly admins: People
  readonly dutyOfficers: People
  readonly captains: Readonly<Record<Sector, string>>
  /** Officers by unit. */
  readonly officers: Readonly<Record<string, People>>
  /** Verifiers by level, without the lowest level that means “not verified”. */
  readonly verifiers: readonly { readonly level: string; readonly people: People }[]
  /** Approvers by band of amount. */
  readonly approvers: Readonly<Record<string, People>>
  readonly payers: People
  readonly policyOfficer: string
  readonly auditor: string
}
export type People = readonly [string, ...string[]]

export interface County {
  readonly informants: readonly Informant[]
  /** Candidates who were compared and not chosen. */
  readonly others: readonly Informant[]
  readonly members: readonly Member[]
  readonly staff: Staff
  readonly units: readonly UnitPlan[]
}

/** Informants by sector, 44; members by sector, 423. */
const sizes: Readonly<Record<Sector, readonly [informants: number, members: number]>> = {
  "on-demand-delivery": [14, 142],
  "express-logistics": [9, 84],
  "ride-hailing": [7, 66],
  "property-management": [6, 58],
  sanitation: [5, 47],
  "private-transport": [3, 26],
}

/** @param seed the same seed gives the same people. */
export const countyOf = (seed: string, policy: Policy): County => {
  const informants = sectors.options.flatMap((sector) =>
    many(sizes[sector][0], (at) => informant(seed, sector, `informant/${sector}/${at}`, at)),
  )
  const members = sectors.options.flatMap((sector) => {
    const leaders = informants.filter((one) => one.sector === sector)
    return many(sizes[sector][1], (at): Member => {
      const leader = leaders[at % leaders.length] as Informant
      const person = personOf(seed, `member/${sector}/${at}`)
      return { person, sector, organisation: leader.organisation, leader: leader.person }
    })
  })
  const others = sectors.options.map((sector) => informant(seed, sector, `candidate/${sector}`, 0))
  const units = unitsOf(policy)
  return { informants, others, members, units, staff: staffOf(seed, policy, units) }
}

/** @example personOf("1", "payer/0") // => "p-…": eight hexadecimal digits */
export const personOf = (seed: string, part: string): string => `p-${digestOf(`${seed}/${part}`).slice(0, 8)}`

// internal

const many = <T>(count: number, make: (at: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => make(at))

const people = (seed: string, part: string, count: number): People =>
  many(count, (at) => personOf(seed, `${part}/${at}`)) as unknown as People

const informant = (seed: string, sector: Sector, part: string, at: number): Informant => ({
  person: personOf(seed, part),
  sector,
  organisation: `org-${sector}-${1 + (at % 3)}`,
})

/** The duty desk, the five channels, and whatever departments the policy routes to. */
const unitsOf = (policy: Policy): readonly UnitPlan[] => {
  const date = policy.effectiveFrom
  const owners = policy.categories.flatMap((category) => {
    const answer = policy.decide(
      "routing",
      { category, currentClass: "ordinary", trigger: "none" },
      { accepted: date, step: date },
    )
    return answer.status === "decided" ? [answer.conclusions.owner] : []
  })
  const named = (id: string, kind: UnitPlan["kind"], zh = "", en = ""): UnitPlan => ({
    id,
    kind,
    nameZh: zh || policy.label(id, "zh"),
    nameEn: en || policy.label(id, "en"),
  })
  const departments = [...new Set(owners)].filter((id) => !(channels as readonly string[]).includes(id))
  return [
    named("duty-desk", "duty-desk", "应哨值班室", "duty desk"),
    ...channels.map((id) => named(id, "channel")),
    ...departments.filter((id) => id !== "duty-desk").map((id) => named(id, "department")),
  ]
}

const staffOf = (seed: string, policy: Policy, units: readonly UnitPlan[]): Staff => ({
  admins: people(seed, "admin", 2),
  dutyOfficers: people(seed, "duty-officer", 6),
  captains: Object.fromEntries(
    sectors.options.map((sector) => [sector, personOf(seed, `captain/${sector}`)]),
  ) as Record<Sector, string>,
  officers: Object.fromEntries(
    units.filter(({ kind }) => kind !== "duty-desk").map(({ id }) => [id, people(seed, `officer/${id}`, 2)]),
  ),
  verifiers: policy.levels.slice(1).map((level) => ({ level, people: people(seed, `verifier/${level}`, 3) })),
  approvers: Object.fromEntries(bandsOf(policy).map((band) => [band, people(seed, `approver/${band}`, 2)])),
  payers: people(seed, "payer", 2),
  policyOfficer: personOf(seed, "policy-officer"),
  auditor: personOf(seed, "auditor"),
})

/** Every band that the policy can ask for, by asking it about every kind of award. */
const bandsOf = (policy: Policy): readonly string[] => {
  const date = policy.effectiveFrom
  const bands = new Set<string>()
  const top = policy.levels.at(-1) ?? ""
  for (const highestConfirmedClass of ["ordinary", "emergency"] as const) {
    for (const value of ["minor", "notable", "major", "critical"] as const) {
      for (const difficulty of ["easy", "medium", "hard"] as const) {
        const answer = policy.decide(
          "approval",
          {
            highestConfirmedClass,
            value,
            difficulty,
            verdict: "true",
            level: top,
            first: "yes",
            reporter: "informant",
            negative: "none",
            nth: 1,
          },
          { accepted: date, step: date },
        )
        if (answer.status === "decided") bands.add(answer.conclusions.approvalBand)
      }
    }
  }
  return [...bands]
}
