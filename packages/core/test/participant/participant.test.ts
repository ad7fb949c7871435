/** The way of an informant and of a member, as scenarios. */
import { personId } from "@yingshao/core/kernel/ids"
import type { CivilDate } from "@yingshao/core/kernel/time"
import { applyAsInformant } from "@yingshao/core/participant/apply-as-informant"
import { enrolMember } from "@yingshao/core/participant/enrol-member"
import { expireCredential } from "@yingshao/core/participant/expire-credential"
import { issueCredential } from "@yingshao/core/participant/issue-credential"
import {
  barredFromReward,
  falseReportCounted,
  reportCounted,
  reportsInMonth,
  rosterStatusAt,
  standingAt,
} from "@yingshao/core/participant/participant"
import { recommendApplicant } from "@yingshao/core/participant/recommend-applicant"
import { remindInformant } from "@yingshao/core/participant/remind-informant"
import { removeParticipant } from "@yingshao/core/participant/remove-participant"
import { reviewApplicant } from "@yingshao/core/participant/review-applicant"
import { rosterAdvice } from "@yingshao/core/participant/roster-advice"
import { rankCandidates, selectCandidates } from "@yingshao/core/participant/selection"
import { reinstateInformant, suspendInformant } from "@yingshao/core/participant/suspend-informant"
import { withdrawAsInformant } from "@yingshao/core/participant/withdraw-as-informant"
import { bookOf } from "@yingshao/core/programme/book"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { fixedPolicy } from "../fixtures/fixed-policy.ts"
import type { World } from "../fixtures/world.ts"
import { system } from "../programme/world.ts"
import { application, consent, grades } from "./commands.ts"
import { admin, candidate, captain, code, informant, member, must, teamWorld } from "./people.ts"

const day = (date: string) => date as CivilDate
const removal = (person: string) => ({ person, reason: "fraud", balance: "forfeit" })

describe("admission", () => {
  test("S6: given an application with consent, when every step is taken, then there is an informant", () => {
    const world = teamWorld()
    informant(world, "x", { number: "card-0001", validUntil: "2027-12-31" })
    expect(world.state("participant", "x")).toMatchObject({
      status: "active",
      sector: "sanitation",
      consent: { version: consent },
      candidacy: { stage: "none" },
      credential: { number: "card-0001", validUntil: "2027-12-31" },
    })
    expect(world.claims.get("credential/card-0001")).toBe("x")
    expect(standingAt(world.state("participant", "x"))).toBe("informant")
  })

  test("a number nobody gave is made at random and claimed", () => {
    const world = teamWorld()
    informant(world, "x")
    const number = world.state("participant", "x").credential?.number ?? ""
    expect(world.claims.get(`credential/${number}`)).toBe("x")
  })

  test("S6: a number is never used again, by the same person or by another", () => {
    const world = teamWorld()
    informant(world, "x", { number: "card-0001" })
    must(world, removeParticipant, admin, removal("x"))
    candidate(world, "x", 4)
    candidate(world, "y", 4)
    const again = { number: "card-0001" }
    expect(code(world.perform(issueCredential, admin, { person: "x", ...again }))).toBe("credential-used")
    expect(code(world.perform(issueCredential, admin, { person: "y", ...again }))).toBe("already-claimed")
    must(world, issueCredential, admin, { person: "x", number: "card-0002" })
    expect(world.state("participant", "x").former).toMatchObject([{ number: "card-0001", how: "removed" }])
  })

  test("a captain of another sector does not recommend; nobody recommends themselves", () => {
    const world = teamWorld()
    world.appoint("rider-cap", "captain", ["ride-hailing"])
    candidate(world, "x", 1)
    candidate(world, "cap", 1)
    const by = ["rider-cap", "captain"] as const
    expect(code(world.perform(recommendApplicant, by, { person: "x", opinion: "good" }))).toBe(
      "sector-not-yours",
    )
    expect(code(world.perform(recommendApplicant, captain, { person: "cap", opinion: "good" }))).toBe(
      "own-case",
    )
  })

  test("whoever recommended does not review", () => {
    const world = teamWorld()
    world.appoint("admin", "captain")
    candidate(world, "x", 1)
    must(world, recommendApplicant, ["admin", "captain"], { person: "x", opinion: "good" })
    const review = { person: "x", review: "passed", opinion: "fit" }
    expect(code(world.perform(reviewApplicant, admin, review))).toBe("same-person")
  })

  test("a person decides within the policy: one who is too young cannot be passed, but can be failed", () => {
    const world = teamWorld()
    must(world, applyAsInformant, ["x", "reporter"], { ...application, age: 17 })
    must(world, recommendApplicant, captain, { person: "x", opinion: "keen" })
    const review = { person: "x", opinion: "too young" }
    expect(world.perform(reviewApplicant, admin, { ...review, review: "passed" })).toMatchObject({
      refusal: { code: "admission-rejected", detail: { admission: "reject" } },
    })
    expect(world.perform(reviewApplicant, admin, { ...review, review: "failed" }).ok).toBe(true)
  })

  test("C4: the review keeps the policy's digest and the rules that fired", () => {
    const world = teamWorld()
    candidate(world, "x", 3)
    expect(world.events.at(-1)?.event).toMatchObject({
      type: "ApplicantPassed",
      because: { policy: fixedPolicy().digest, rules: [{ rule: "入5" }] },
    })
  })
})

describe("selection", () => {
  test("given three candidates and two places, then the better two are selected, in order", () => {
    const world = teamWorld()
    for (const person of ["a", "b", "c"]) candidate(world, person, 3)
    const candidates = [
      { person: "a", grades: { ...grades, conduct: "fair" } },
      { person: "b", grades },
      { person: "c", grades },
    ]
    const result = world.perform(selectCandidates, admin, { candidates, places: 2 })
    expect(result.ok && result.events.map(({ id, event }) => ({ id, ...event }))).toMatchObject([
      { id: "b", type: "CandidateSelected", score: 70, rank: 1, of: 3, places: 2 },
      { id: "c", type: "CandidateSelected", score: 70, rank: 2 },
      { id: "a", type: "CandidateNotSelected", score: 60, rank: 3, because: { rules: [{}, {}, {}] } },
    ])
    expect(result.ok && result.notices.map(({ kind }) => kind)).toEqual([
      "selection-chosen",
      "selection-chosen",
      "selection-not-chosen",
    ])
    expect(world.state("participant", "a").candidacy.stage).toBe("passed")
  })

  test("one candidate who is not ready refuses all", () => {
    const world = teamWorld()
    candidate(world, "a", 3)
    candidate(world, "b", 2)
    const both = ["a", "b"].map((person) => ({ person, grades }))
    expect(code(world.perform(selectCandidates, admin, { candidates: both, places: 1 }))).toBe(
      "participant-status",
    )
    const twice = ["a", "a"].map((person) => ({ person, grades }))
    expect(code(world.perform(selectCandidates, admin, { candidates: twice, places: 1 }))).toBe(
      "candidate-repeats",
    )
    expect(world.state("participant", "a").candidacy.stage).toBe("passed")
  })

  test("the ranking does not depend on the order in which candidates are listed", () => {
    const scored = fc.uniqueArray(
      fc.record({
        person: fc.constantFrom(..."abcdefgh").map((person) => personId.parse(person)),
        appliedAt: fc.constantFrom(
          "2026-01-01T00:00:00.000Z",
          "2026-01-02T00:00:00.000Z",
        ) as fc.Arbitrary<never>,
        score: fc.integer({ min: 0, max: 3 }),
      }),
      { selector: ({ person }) => person },
    )
    fc.assert(
      fc.property(scored, fc.infiniteStream(fc.nat()), (candidates, keys) => {
        const shuffled = candidates
          .map((each) => ({ each, key: keys.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ each }) => each)
        expect(rankCandidates(shuffled)).toEqual(rankCandidates(candidates))
      }),
    )
  })
})

describe("the roster", () => {
  const book = (world: World) =>
    bookOf(world.state("programme", "programme"), new Map([[fixedPolicy().digest, fixedPolicy()]]))
  const proposal = (world: World, today: string, facts = {}) => {
    const outcome = rosterAdvice(book(world), world.state("participant", "x"), day(today), facts)
    return outcome.status === "decided" ? outcome.conclusions.rosterAdvice : outcome
  }

  test.each([
    ["2026-03-02", {}, "continue"],
    ["2026-04-30", {}, "continue"],
    ["2026-05-01", {}, "remind"],
    ["2026-08-28", {}, "remind"],
    ["2026-08-29", {}, "suspend"],
    ["2026-03-02", { negative: "not1" }, "leave"],
    ["2026-03-02", { leave: true }, "leave"],
  ])("on %s with %j the policy proposes: %s", (today, facts, expected) => {
    const world = teamWorld()
    informant(world, "x")
    expect(proposal(world, today, facts)).toBe(expected)
  })

  test("false reports count in their own year; a report ends the silence", () => {
    const world = teamWorld()
    informant(world, "x")
    for (const date of ["2026-03-03", "2026-03-04"]) {
      world.append("participant", "x", falseReportCounted(day(date)))
    }
    expect(proposal(world, "2026-03-05")).toBe("suspend")
    world.append("participant", "x", reportCounted(day("2026-12-31")))
    expect(proposal(world, "2027-01-01")).toBe("continue")
    expect(reportsInMonth(world.state("participant", "x"), day("2026-12-01"))).toBe(1)
    expect(reportsInMonth(world.state("participant", "x"), day("2027-01-01"))).toBe(0)
  })

  test("S8: nothing happens to an informant by rules alone, whatever they propose", () => {
    const world = teamWorld()
    informant(world, "x")
    for (let n = 1; n < 10; n += 1) world.append("participant", "x", falseReportCounted(day("2026-03-03")))
    expect(proposal(world, "2026-12-01")).toBe("leave")
    expect(world.state("participant", "x").status).toBe("active")
    world.at("2026-12-01T01:00:00.000Z")
    const by = [system, "scheduler"] as const
    expect(code(world.perform(suspendInformant, by, { person: "x", reason: "rule" }))).toBe("not-permitted")
    expect(code(world.perform(removeParticipant, by, removal("x")))).toBe("not-permitted")
  })

  test("S8: a person decides otherwise than proposed, and both are on record", () => {
    const world = teamWorld()
    informant(world, "x")
    must(world, suspendInformant, admin, { person: "x", reason: "under inquiry" })
    expect(world.events.at(-1)?.event).toMatchObject({
      type: "InformantSuspended",
      by: "admin",
      reason: "under inquiry",
      advice: { proposed: "continue", because: { rules: [{ rule: "册7" }] } },
    })
  })

  test("S8: nobody suspends, reinstates or removes themselves", () => {
    const world = teamWorld()
    informant(world, "x")
    world.appoint("x", "programme-admin")
    const self = ["x", "programme-admin"] as const
    expect(code(world.perform(suspendInformant, self, { person: "x", reason: "r" }))).toBe("own-case")
    expect(code(world.perform(removeParticipant, self, removal("x")))).toBe("own-case")
    must(world, suspendInformant, admin, { person: "x", reason: "r" })
    expect(code(world.perform(reinstateInformant, self, { person: "x", reason: "r" }))).toBe("own-case")
  })

  test("an entry that the policy does not have is no reason", () => {
    const world = teamWorld()
    informant(world, "x")
    const unknown = { person: "x", reason: "r", negative: "not9" }
    expect(code(world.perform(suspendInformant, admin, unknown))).toBe("unknown-negative")
    expect(code(world.perform(removeParticipant, admin, { ...unknown, balance: "keep" }))).toBe(
      "unknown-negative",
    )
  })

  test("the system reminds on the policy's word only, once; the next report ends the reminder", () => {
    const world = teamWorld()
    informant(world, "x")
    const by = [system, "scheduler"] as const
    const reminder = { person: "x", reason: "60 days" }
    expect(code(world.perform(remindInformant, by, reminder))).toBe("nothing-to-remind")
    world.at("2026-05-01T01:00:00.000Z")
    expect(world.perform(remindInformant, by, reminder)).toMatchObject({
      notices: [{ kind: "roster-reminder", data: { idleDays: 60 } }],
    })
    expect(code(world.perform(remindInformant, by, reminder))).toBe("nothing-to-remind")
    world.append("participant", "x", reportCounted(day("2026-05-02")))
    expect(world.state("participant", "x").status).toBe("active")
  })

  test("S4: suspended: barred from reward and redemption; reinstated: the silence counts anew", () => {
    const world = teamWorld()
    informant(world, "x")
    world.at("2026-09-01T01:00:00.000Z")
    must(world, suspendInformant, admin, { person: "x", reason: "silent" })
    expect(barredFromReward(world.state("participant", "x"))).toBe(true)
    expect(rosterStatusAt(world.state("participant", "x"))).toBe("suspended")
    must(world, reinstateInformant, admin, { person: "x", reason: "talked" })
    expect(barredFromReward(world.state("participant", "x"))).toBe(false)
    expect(rosterStatusAt(world.state("participant", "x"))).toBe("active")
    expect(proposal(world, "2026-09-02")).toBe("continue")
  })

  test("S4 L23: removed: barred, and the points are disposed of once", () => {
    const world = teamWorld()
    informant(world, "x")
    must(world, removeParticipant, admin, removal("x"))
    expect(barredFromReward(world.state("participant", "x"))).toBe(true)
    expect(code(world.perform(removeParticipant, admin, { ...removal("x"), balance: "keep" }))).toBe(
      "participant-status",
    )
    expect(world.events.filter(({ event }) => event.type === "ParticipantRemoved")).toMatchObject([
      { event: { balance: "forfeit", standing: "informant" } },
    ])
    const disposed = world.events.filter(({ event }) => event.type === "BalanceDisposed")
    expect(disposed).toMatchObject([{ kind: "account", id: "x", event: { disposition: "forfeit" } }])
  })

  test("a card ends after its last day, not on it", () => {
    const world = teamWorld()
    informant(world, "x", { validUntil: "2026-06-30" })
    informant(world, "y")
    const by = [system, "scheduler"] as const
    world.at("2026-06-30T15:00:00.000Z")
    expect(code(world.perform(expireCredential, by, { person: "x" }))).toBe("not-expired-yet")
    world.at("2026-06-30T16:00:00.000Z")
    expect(world.perform(expireCredential, by, { person: "x" }).ok).toBe(true)
    expect(code(world.perform(expireCredential, by, { person: "y" }))).toBe("not-expired-yet")
  })

  test("re-entry is a new application and a new card; whoever was removed joins a team by the admin only", () => {
    const world = teamWorld()
    informant(world, "lead")
    informant(world, "x", { number: "card-0001" })
    must(world, withdrawAsInformant, ["x", "reporter"], {})
    informant(world, "x", { number: "card-0002" })
    expect(world.state("participant", "x").former.map(({ number, how }) => [number, how])).toEqual([
      ["card-0001", "withdrawn"],
    ])
    must(world, removeParticipant, admin, removal("x"))
    expect(world.state("participant", "x").former.map(({ number, how }) => [number, how])).toEqual([
      ["card-0001", "withdrawn"],
      ["card-0002", "removed"],
    ])
    const enrolment = { ...application, age: undefined, person: "x", leader: "lead" }
    const { age: _, ...payload } = enrolment
    expect(code(world.perform(enrolMember, captain, payload))).toBe("readmission-by-admin")
    expect(world.perform(enrolMember, admin, payload).ok).toBe(true)
  })

  test("L11: a member who applies stays a member until the card is issued", () => {
    const world = teamWorld()
    informant(world, "lead")
    member(world, "x", "lead")
    candidate(world, "x", 4)
    expect(standingAt(world.state("participant", "x"))).toBe("member")
    expect(world.state("participant", "lead").squad).toEqual(["x"])
    must(world, issueCredential, admin, { person: "x" })
    expect(standingAt(world.state("participant", "x"))).toBe("informant")
    expect(world.state("participant", "lead").squad).toEqual([])
    expect(world.state("participant", "x").leader).toBeUndefined()
    expect(Object.fromEntries(world.tallies)).toEqual({
      "participants/informants": 2,
      "participants/members": 0,
    })
  })

  test("a removal ends an application that was under way", () => {
    const world = teamWorld()
    informant(world, "lead")
    member(world, "x", "lead")
    candidate(world, "x", 3)
    must(world, removeParticipant, admin, removal("x"))
    expect(world.state("participant", "x").candidacy.stage).toBe("none")
  })
})

test("notices to many say nothing about whom they are about", () => {
  const world = teamWorld()
  candidate(world, "x", 1)
  const result = world.perform(recommendApplicant, captain, { person: "x", opinion: "good" })
  const toRoles = result.ok ? result.notices.filter(({ to }) => to.kind === "role") : []
  expect(toRoles).toHaveLength(1)
  expect(JSON.stringify(toRoles)).not.toContain('"x"')
})
