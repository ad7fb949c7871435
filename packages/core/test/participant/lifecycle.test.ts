/** Every status × command × role, in full: what the tables do not list is refused and changes nothing. */
import { type Role, role } from "@yingshao/core/kernel/roles"
import { endMembership } from "@yingshao/core/participant/end-membership"
import { expireCredential } from "@yingshao/core/participant/expire-credential"
import { participantEvent, standingAt } from "@yingshao/core/participant/participant"
import {
  type CandidacyStage,
  candidacyLifecycle,
  candidacyStage,
  follow,
  type ParticipantStatus,
  participantLifecycle,
  participantStatus,
} from "@yingshao/core/participant/participant-lifecycle"
import { participantRefusals } from "@yingshao/core/participant/participant-refusals"
import { remindInformant } from "@yingshao/core/participant/remind-informant"
import { removeParticipant } from "@yingshao/core/participant/remove-participant"
import { suspendInformant } from "@yingshao/core/participant/suspend-informant"
import { withdrawAsInformant } from "@yingshao/core/participant/withdraw-as-informant"
import { describe, expect, test } from "vitest"
import type { World } from "../fixtures/world.ts"
import { system } from "../programme/world.ts"
import { type Case, cases } from "./commands.ts"
import { admin, candidate, informant, member, must, teamWorld } from "./people.ts"

const later = "2026-07-01T01:00:00.000Z"
const inService = { validUntil: "2026-06-30" }

/** Brings `x` to a status, with the candidacy at rest. */
const bring: { readonly [status in ParticipantStatus]: (world: World) => void } = {
  none: () => {},
  enrolled: (world) => member(world, "x", "lead"),
  active: (world) => informant(world, "x", inService),
  reminded(world) {
    bring.active(world)
    must(world, remindInformant, admin, { person: "x", reason: "silent" })
  },
  suspended(world) {
    bring.active(world)
    must(world, suspendInformant, admin, { person: "x", reason: "false reports" })
  },
  left(world) {
    bring.enrolled(world)
    must(world, endMembership, admin, { person: "x", reason: "moved" })
  },
  withdrawn(world) {
    bring.active(world)
    must(world, withdrawAsInformant, ["x", "reporter"], {})
  },
  removed(world) {
    bring.active(world)
    must(world, removeParticipant, admin, { person: "x", reason: "fraud", balance: "forfeit" })
  },
  expired(world) {
    bring.active(world)
    world.at(later)
    must(world, expireCredential, admin, { person: "x" })
  },
}

const stageOf: { readonly [stage in CandidacyStage]: number } = {
  none: 0,
  applied: 1,
  recommended: 2,
  passed: 3,
  selected: 4,
}

const situation = (status: ParticipantStatus, stage: CandidacyStage): World => {
  const world = teamWorld()
  for (const leader of ["lead", "lead2"]) informant(world, leader)
  world.appoint("duty", "duty-officer")
  world.appoint("dept", "department-officer", ["housing"])
  world.appoint("ver", "verifier", ["village"])
  world.appoint("app", "approver", ["small"])
  for (const as of ["payer", "policy-officer", "auditor", "partner"] as const) world.appoint(as, as)
  bring[status](world)
  candidate(world, "x", stageOf[stage])
  world.at(later)
  return world
}

const actors: { readonly [as in Role]: string } = {
  reporter: "x",
  "squad-leader": "lead",
  captain: "cap",
  "duty-officer": "duty",
  "department-officer": "dept",
  verifier: "ver",
  approver: "app",
  payer: "payer",
  "programme-admin": "admin",
  "policy-officer": "policy-officer",
  auditor: "auditor",
  partner: "partner",
  scheduler: system,
}

const informants: readonly string[] = ["active", "reminded", "suspended"]
const situations = participantStatus.options.flatMap((status) =>
  candidacyStage.options
    .filter((stage) => stage === "none" || !informants.includes(status))
    .map((stage) => [status, stage] as const),
)

/** What the tables list, read without the helper that the code uses. */
const listed = (status: ParticipantStatus, stage: CandidacyStage, event: string): boolean => {
  const standing: { readonly [key: string]: { readonly [key: string]: string } } = participantLifecycle
  const candidacy: { readonly [key: string]: { readonly [key: string]: string } } = candidacyLifecycle
  const speaks = (table: typeof standing) => Object.values(table).some((row) => row[event] !== undefined)
  return (
    (!speaks(standing) || standing[status]?.[event] !== undefined) &&
    (!speaks(candidacy) || candidacy[stage]?.[event] !== undefined)
  )
}

/** What a table cannot say. */
const exception = (status: ParticipantStatus, { event }: Case, as: Role): boolean =>
  (event === "MemberEnrolled" && status === "removed" && as !== "programme-admin") ||
  (event === "InformantReminded" && status === "reminded" && as === "scheduler")

/** These never leave anybody where they were. */
const movesAlways: readonly string[] = [
  "InformantSuspended",
  "InformantReinstated",
  "InformantWithdrew",
  "CredentialExpired",
  "MembershipEnded",
  "ApplicantRejected",
]

describe("S1", () => {
  test.each(situations)("%s, candidacy %s: every command in every role", (status, stage) => {
    let world = situation(status, stage)
    for (const each of cases) {
      for (const as of role.options) {
        const before = JSON.stringify([...world.states])
        const leader = each.event === "SquadLeaderAssigned" ? "lead2" : "lead"
        const result = world.perform(each.command, [actors[as], as], each.payload("x", leader))
        const expected =
          each.command.roles.includes(as) && listed(status, stage, each.event) && !exception(status, each, as)
        expect([each.event, as, result.ok]).toEqual([each.event, as, expected])
        if (!result.ok) {
          expect(JSON.stringify([...world.states])).toBe(before)
          continue
        }
        const onX = result.events.filter(({ kind, id }) => kind === "participant" && id === "x")
        expect(onX.map(({ event }) => event.type)).toEqual([each.event])
        expect(world.state("participant", "x").status).toBe(follow(participantLifecycle, status, each.event))
        expect(world.state("participant", "x").candidacy.stage).toBe(
          follow(candidacyLifecycle, stage, each.event),
        )
        world = situation(status, stage)
      }
    }
  })

  test("every event of a participant stands in a table, and the tables know no other", () => {
    const inTables = new Set(
      [participantLifecycle, candidacyLifecycle].flatMap((table) =>
        Object.values(table).flatMap(Object.keys),
      ),
    )
    const types = participantEvent.options.map(({ shape }) => shape.type.value)
    expect([...inTables].sort()).toEqual(types.toSorted())
  })

  test("an event that moves leads to the same status from everywhere", () => {
    const moves = (table: { readonly [status: string]: { readonly [event: string]: string } }) => {
      const targets: { [event: string]: Set<string> } = {}
      for (const [status, row] of Object.entries(table)) {
        for (const [event, next] of Object.entries(row)) {
          if (next === status && !movesAlways.includes(event)) continue
          targets[event] = (targets[event] ?? new Set()).add(next)
        }
      }
      return Object.fromEntries(Object.entries(targets).map(([event, to]) => [event, [...to].join()]))
    }
    expect(moves(participantLifecycle)).toEqual({
      MemberEnrolled: "enrolled",
      MembershipEnded: "left",
      CredentialIssued: "active",
      InformantReminded: "reminded",
      InformantSuspended: "suspended",
      InformantReinstated: "active",
      InformantWithdrew: "withdrawn",
      ParticipantRemoved: "removed",
      CredentialExpired: "expired",
      ReportCounted: "active",
    })
    expect(moves(candidacyLifecycle)).toEqual({
      ApplicationMade: "applied",
      ApplicantRecommended: "recommended",
      ApplicantPassed: "passed",
      ApplicantRejected: "none",
      CandidateSelected: "selected",
      ApplicationWithdrawn: "none",
      ParticipantRemoved: "none",
      CredentialIssued: "none",
    })
  })

  test("every status can be reached and every way out of it exists", () => {
    for (const status of participantStatus.options) {
      if (status === "none") continue
      const rows = Object.values(participantLifecycle).map((row) => Object.values(row) as string[])
      expect([status, rows.some((row) => row.includes(status))]).toEqual([status, true])
    }
  })
})

test("S4: whoever is suspended or gone reports as suspended or as the public", () => {
  const standings = participantStatus.options.map((status) => [
    status,
    standingAt({ ...teamWorld().state("participant", "nobody"), status }),
  ])
  expect(Object.fromEntries(standings)).toEqual({
    none: "public",
    enrolled: "member",
    active: "informant",
    reminded: "informant",
    suspended: "suspended",
    left: "public",
    withdrawn: "public",
    removed: "public",
    expired: "public",
  })
})

test("every refusal has a sentence in both languages, with the same placeholders", () => {
  const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()
  for (const { zh, en } of Object.values(participantRefusals)) {
    expect(placeholders(zh)).toEqual(placeholders(en))
  }
})
