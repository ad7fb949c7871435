/** Squads, and what must hold after any sequence of commands on a few people. */
import { isDeepStrictEqual } from "node:util"
import { type Role, role } from "@yingshao/core/kernel/roles"
import { assignSquadLeader } from "@yingshao/core/participant/assign-squad-leader"
import { endMembership } from "@yingshao/core/participant/end-membership"
import { enrolMember } from "@yingshao/core/participant/enrol-member"
import {
  type ParticipantEvent,
  type ParticipantState,
  participantDefinition,
  squadCap,
} from "@yingshao/core/participant/participant"
import { removeParticipant } from "@yingshao/core/participant/remove-participant"
import { suspendInformant } from "@yingshao/core/participant/suspend-informant"
import { withdrawAsInformant } from "@yingshao/core/participant/withdraw-as-informant"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { runs } from "../fixtures/runs.ts"
import type { World } from "../fixtures/world.ts"
import { system } from "../programme/world.ts"
import { cases, consent } from "./commands.ts"
import { admin, candidate, captain, code, informant, member, must, teamWorld } from "./people.ts"

const enrolment = (person: string, leader: string) => ({
  person,
  leader,
  sector: "sanitation",
  organisation: "clean-town",
  consent,
})

describe("squads", () => {
  test("a leader enrols into their own squad only; a member leads nobody", () => {
    const world = teamWorld()
    for (const leader of ["a", "b"]) informant(world, leader)
    const by = ["a", "squad-leader"] as const
    expect(code(world.perform(enrolMember, by, enrolment("m", "b")))).toBe("not-your-squad")
    must(world, enrolMember, by, enrolment("m", "a"))
    expect(code(world.perform(enrolMember, captain, enrolment("n", "m")))).toBe("leader-not-in-service")
    expect(code(world.perform(enrolMember, captain, enrolment("n", "nobody")))).toBe("leader-not-in-service")
    expect(code(world.perform(endMembership, ["b", "squad-leader"], { person: "m", reason: "r" }))).toBe(
      "not-your-squad",
    )
    expect(code(world.perform(endMembership, ["b", "reporter"], { person: "m", reason: "r" }))).toBe(
      "not-yourself",
    )
  })

  test("a move takes the member off one list and onto another", () => {
    const world = teamWorld()
    for (const leader of ["a", "b"]) informant(world, leader)
    member(world, "m", "a")
    expect(code(world.perform(assignSquadLeader, captain, { member: "m", leader: "a" }))).toBe(
      "already-leader",
    )
    must(world, assignSquadLeader, captain, { member: "m", leader: "b" })
    expect([world.state("participant", "a").squad, world.state("participant", "b").squad]).toEqual([
      [],
      ["m"],
    ])
    expect(world.state("participant", "m").leader).toBe("b")
  })

  test("a leader who departs hands the squad over in the same commit, or stays", () => {
    const world = teamWorld()
    for (const leader of ["a", "b"]) informant(world, leader)
    for (const person of ["m", "n"]) member(world, person, "a")
    const by = ["a", "reporter"] as const
    expect(world.perform(withdrawAsInformant, by, {})).toMatchObject({
      refusal: { code: "successor-needed", detail: { members: 2 } },
    })
    expect(code(world.perform(withdrawAsInformant, by, { successor: "a" }))).toBe("successor-is-leader")
    expect(code(world.perform(withdrawAsInformant, by, { successor: "m" }))).toBe("leader-not-in-service")
    const result = world.perform(withdrawAsInformant, by, { successor: "b" })
    expect(result.ok && result.notices.map(({ kind }) => kind)).toEqual([
      "withdrawn",
      "squad-leader-changed",
      "squad-leader-changed",
    ])
    expect(world.state("participant", "b").squad).toEqual(["m", "n"])
    expect(world.state("participant", "m").leader).toBe("b")
  })

  test("a suspended leader keeps the squad, takes nobody in, and may be relieved of it", () => {
    const world = teamWorld()
    for (const leader of ["a", "b"]) informant(world, leader)
    member(world, "m", "a")
    must(world, suspendInformant, admin, { person: "a", reason: "inquiry" })
    expect(world.state("participant", "a").squad).toEqual(["m"])
    expect(code(world.perform(enrolMember, admin, enrolment("n", "a")))).toBe("leader-not-in-service")
    must(world, assignSquadLeader, captain, { member: "m", leader: "b" })
    must(world, suspendInformant, admin, { person: "b", reason: "inquiry" })
    const c = teamWorld()
    for (const leader of ["a", "b"]) informant(c, leader)
    member(c, "m", "a")
    must(c, suspendInformant, admin, { person: "a", reason: "inquiry", successor: "b" })
    expect(c.state("participant", "m").leader).toBe("b")
  })

  test("a squad is full at its cap, for one more and for a handover", () => {
    const world = teamWorld()
    for (const leader of ["a", "b"]) informant(world, leader)
    for (let n = 1; n <= squadCap; n += 1) member(world, `m${n}`, "a")
    expect(code(world.perform(enrolMember, admin, enrolment("one-more", "a")))).toBe("squad-full")
    member(world, "n", "b")
    const removal = { person: "a", reason: "fraud", balance: "keep" }
    expect(code(world.perform(removeParticipant, admin, { ...removal, successor: "b" }))).toBe("squad-full")
    informant(world, "c")
    expect(world.perform(removeParticipant, admin, { ...removal, successor: "c" }).ok).toBe(true)
    expect(world.state("participant", "c").squad).toHaveLength(squadCap)
    expect(JSON.stringify(world.state("participant", "c")).length).toBeLessThan(16_384)
  })
})

const people = ["a", "b", "c", "d", "e", "f"]

/** One thing that happens: a command that the tables may or may not allow, a counted report, or time. */
const step = fc.record({
  pick: fc.nat(),
  person: fc.constantFrom(...people),
  other: fc.constantFrom(...people),
  named: fc.boolean(),
  guided: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
  days: fc.constantFrom(0, 0, 0, 1, 61),
  as: fc.nat(),
})
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

const actorIn = (as: Role, person: string, other: string): string =>
  as === "programme-admin"
    ? "admin"
    : as === "captain"
      ? "cap"
      : as === "scheduler"
        ? system
        : as === "reporter"
          ? person
          : other

const take = (world: World, { pick, person, other, named, guided, as }: Step): void => {
  const state = world.state("participant", person)
  const fits = guided ? cases.filter(({ event }) => mightFit(state, event)) : cases
  const each = fits[pick % fits.length]
  if (each === undefined) return
  const roles = guided ? each.command.roles : role.options
  const chosen = roles[as % roles.length] as Role
  const payload = each.payload(person, other) as object
  const takesSuccessor = [
    "InformantWithdrew",
    "ParticipantRemoved",
    "InformantSuspended",
    "CredentialExpired",
  ]
  const more = {
    ...(named && takesSuccessor.includes(each.event) ? { successor: other } : {}),
    ...(named && each.event === "CredentialIssued" ? { validUntil: "2026-09-30" } : {}),
  }
  world.perform(each.command, [actorIn(chosen, person, other), chosen], { ...payload, ...more })
}

/** A guess that keeps sequences lively; it decides nothing. */
const mightFit = (state: ParticipantState, event: string): boolean => {
  const inService = ["active", "reminded", "suspended"].includes(state.status)
  if (event.startsWith("Informant") || event.startsWith("CredentialExp")) return inService
  if (event === "SquadLeaderAssigned" || event === "MembershipEnded") return state.status === "enrolled"
  if (event === "MemberEnrolled") return !inService && state.status !== "enrolled"
  if (event === "CredentialIssued") return state.candidacy.stage === "selected"
  if (event === "ApplicationMade") return state.candidacy.stage === "none" && !inService
  return event === "ParticipantRemoved" ? state.status !== "none" : state.candidacy.stage !== "none"
}

const checkSquads = (world: World): void => {
  for (const person of people) {
    const state = world.state("participant", person)
    const leaders = people.filter((each) =>
      world.state("participant", each).squad.some((one) => one === person),
    )
    if (state.status === "enrolled") {
      expect(leaders).toEqual([state.leader])
      expect(["active", "reminded", "suspended"]).toContain(
        world.state("participant", leaders[0] ?? "").status,
      )
    } else {
      expect([person, leaders, state.leader]).toEqual([person, [], undefined])
    }
    expect(new Set(state.squad).size).toBe(state.squad.length)
    expect(participantDefinition.indexes(state, person).length).toBeLessThanOrEqual(16)
  }
}

const checkCounts = (world: World): void => {
  const count = (...statuses: readonly string[]) =>
    people.filter((person) => statuses.includes(world.state("participant", person).status)).length
  expect(world.tallies.get("participants/members") ?? 0).toBe(count("enrolled"))
  expect(world.tallies.get("participants/informants") ?? 0).toBe(count("active", "reminded", "suspended"))
}

const eventsOf = (world: World, person: string): readonly ParticipantEvent[] =>
  world.events
    .filter(({ kind, id }) => kind === "participant" && id === person)
    .map(({ event }) => event as ParticipantEvent)

/** Before each card: application, recommendation, review and selection, in this order and by several people. */
const checkAdmissions = (world: World): void => {
  const numbers: string[] = []
  for (const person of people) {
    let path: ParticipantEvent[] = []
    for (const event of eventsOf(world, person)) {
      if (event.type === "ApplicationMade") path = []
      if (/^(Application|Applicant|CandidateSelected)/.test(event.type)) path.push(event)
      if (event.type !== "CredentialIssued") continue
      expect(path.map(({ type }) => type)).toEqual([
        "ApplicationMade",
        "ApplicantRecommended",
        "ApplicantPassed",
        "CandidateSelected",
      ])
      expect(path.map((each) => "by" in each && each.by === person)).toEqual([true, false, false, false])
      numbers.push(event.number)
      path = []
    }
  }
  expect(new Set(numbers).size).toBe(numbers.length)
}

const same = (a: unknown, b: unknown): boolean => isDeepStrictEqual(stripped(a), stripped(b))
/** As the store keeps it: what is undefined is left out. */
const stripped = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

const checkFolds = (world: World): void => {
  for (const person of people) {
    const events = eventsOf(world, person)
    let state = participantDefinition.initial
    events.forEach((event, at) => {
      const snapshot = JSON.parse(JSON.stringify(state)) as ParticipantState
      const tail = events.slice(at).reduce(participantDefinition.evolve, snapshot)
      const stored = participantDefinition.event.parse(JSON.parse(JSON.stringify(event)))
      // `expect` is slow, and this runs for every prefix of every stream.
      if (!same(tail, world.state("participant", person)))
        expect(tail).toEqual(world.state("participant", person))
      if (!same(stored, event)) expect(stored).toEqual(event)
      state = participantDefinition.evolve(state, stored)
    })
    expect(state).toEqual(world.state("participant", person))
  }
}

/** Two informants, one of them with a card that ends, two members, one of them selected; then whatever happens. */
const unfold = (steps: readonly Step[], check: (world: World) => void): World => {
  const world = teamWorld()
  informant(world, "a")
  informant(world, "b", { validUntil: "2026-04-15" })
  member(world, "c", "a")
  member(world, "d", "b")
  candidate(world, "d", 4)
  let day = Date.parse("2026-03-02T02:00:00.000Z")
  for (const each of steps) {
    day += each.days * 86_400_000 + 60_000
    world.at(new Date(day).toISOString())
    take(world, each)
    check(world)
  }
  return world
}

const checkDecisions = (world: World): void => {
  for (const { id, event } of world.events) {
    if (event.type !== "InformantSuspended" && event.type !== "ParticipantRemoved") continue
    expect(event.by).not.toBe(system)
    expect(event.by).not.toBe(id)
  }
}

const sequences = fc.array(step, { minLength: 20, maxLength: 60 })

describe("after any sequence of commands", () => {
  test("S1 S6 S8 S10: squads agree from both sides, counts agree, cards were earned, state = fold", () => {
    fc.assert(
      fc.property(sequences, (steps) => {
        const world = unfold(steps, (now) => {
          checkSquads(now)
          checkCounts(now)
        })
        checkAdmissions(world)
        checkFolds(world)
        checkDecisions(world)
      }),
      runs(60),
    )
  })

  test("and the sequences reach every event that commands make", () => {
    const seen = new Set<string>()
    for (const steps of fc.sample(sequences, { seed: 522731, numRuns: 60 })) {
      for (const { event } of unfold(steps, () => {}).events) seen.add(event.type)
    }
    expect(cases.map(({ event }) => event).filter((event) => !seen.has(event))).toEqual([])
  })
})
