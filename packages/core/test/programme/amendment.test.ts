/** A second policy comes into force between two steps of one case: every step goes on, under the rules it has to follow. */
import type { Policy } from "@yingshao/core/decisions"
import { type Instant, minutesBetween } from "@yingshao/core/kernel/time"
import { describe, expect, test } from "vitest"
import { fixedPolicy } from "../fixtures/fixed-policy.ts"
import {
  adopt,
  answer,
  fire,
  followUp,
  handle,
  handOver,
  incidentOf,
  lamp,
  must,
  refusedWith,
  reply,
  submit,
  verifyAll,
} from "../fixtures/steps.ts"
import { codeOf, staffedWorld, type World } from "../fixtures/world.ts"

const before = "2026-03-24T08:00:00.000Z" as Instant
const after = "2026-03-25T01:00:00.000Z" as Instant

/** A county in which another policy was adopted that applies from the day of `after`; it is the day before. */
const amended = (next: Policy): World => {
  const world = staffedWorld()
  adopt(world, next)
  world.now = before
  return world
}

const nextPolicy = (numbers = {}): Policy => fixedPolicy({ id: "HS-2", effectiveFrom: "2026-03-25", numbers })

/** The same policy, which has dropped a category: asked for it, it throws, as a compiled document does. */
const without = (dropped: string, policy: Policy): Policy => ({
  ...policy,
  knows: (fact, value) => value !== dropped && policy.knows(fact, value),
  decide(name, facts, dates) {
    if (facts.category === dropped) throw new Error(`category does not know ${dropped}`)
    return policy.decide(name, facts, dates)
  },
})

describe("a report accepted before another policy came into force", () => {
  test.each([
    ["knows all its words", nextPolicy()],
    ["has dropped its category", without("facility", nextPolicy())],
  ])("F1 F5 it is answered, handed over, handled and closed after it, where the new one %s", (_, next) => {
    const world = amended(next)
    const report = submit(world, "zhang")
    world.now = after
    const incident = answer(world, report, lamp)
    handOver(world, incident)
    handle(world, incident)
    reply(world, report)
    followUp(world, report)
    expect(world.state("report", report).status).toBe("closed")
  })

  test("F3 F4 F7 what it owes is escalated, extended and returned by the policy of the day", () => {
    const world = amended(nextPolicy({ returnsAllowed: 0, extensionLimit: 60 }))
    const incident = answer(world, submit(world, "zhang"), lamp)
    handOver(world, incident)
    world.now = after
    const owed = incidentOf(world, incident).obligations.find(({ kind }) => kind === "handle")
    const extension = { kind: "incident", debtor: incident, obligation: owed?.id, reason: "等料" }
    const extendBy = (minutes: number) =>
      refusedWith(world, "ExtendObligation", "duty", "duty-officer", {
        ...extension,
        minutes,
        askedBy: "officer-housing",
      })
    expect([extendBy(61), extendBy(60)]).toEqual(["extension-too-long", "accepted"])
    const returned = { incident, unit: "housing", reason: "不归本局" }
    expect(refusedWith(world, "ReturnOrder", "officer-housing", "department-officer", returned)).toBe(
      "return-limit",
    )
    world.now = "2026-06-01T01:00:00.000Z" as Instant
    const overdue = { kind: "incident", debtor: incident, obligation: owed?.id, level: 1 }
    expect(codeOf(world.asScheduler("EscalateObligation", overdue))).toBe("accepted")
  })

  test("F3 F6 its handling is owed anew by the limits of its day, although it was looked at a day later", () => {
    const world = amended(nextPolicy({ emergencyHandle: 9_999, emergencyAcknowledge: 99 }))
    const report = submit(world, "zhang")
    world.now = after
    const incident = answer(world, report)
    handOver(world, incident)
    const minutesOf = (kind: string) =>
      incidentOf(world, incident)
        .obligations.filter((owed) => owed.kind === kind)
        .map(({ since, due }) => minutesBetween(since, due))
    expect(minutesOf("acknowledge")).toEqual([15, 15])
    handle(world, incident)
    reply(world, report)
    followUp(world, report, "unsatisfied")
    expect(minutesOf("handle")).toEqual([1_440, 1_440])
  })

  test("F7 a matter whose category was dropped is handed over anew when its reporter is not satisfied", () => {
    const world = amended(without("facility", nextPolicy()))
    const report = submit(world, "zhang")
    const incident = answer(world, report, lamp)
    handOver(world, incident)
    handle(world, incident)
    reply(world, report)
    world.now = after
    followUp(world, report, "unsatisfied")
    handOver(world, incident)
    expect(incidentOf(world, incident).route).toMatchObject({ kind: "ordinary", owner: "housing" })
  })

  test("S5 it is verified by the levels of its day, and people for them and for the new ones can be appointed", () => {
    const next: Policy = { ...nextPolicy(), levels: ["unverified", "grid", "county"] }
    const world = amended(next)
    world.appoint("ahead", "verifier", ["grid"])
    const report = submit(world, "zhang")
    answer(world, report)
    const verify = (level: string, by: string) =>
      refusedWith(world, "VerifyReport", by, "verifier", {
        report,
        level,
        verdict: "true",
        confirmedClass: "emergency",
      })
    expect(verify("village", "verifier-village")).toBe("accepted")
    world.now = after
    world.appoint("successor", "verifier", ["township"])
    expect(verify("grid", "ahead")).toBe("level-out-of-order")
    expect([verify("township", "successor"), verify("county", "verifier-county")]).toEqual([
      "accepted",
      "accepted",
    ])
  })

  test("F1 what is said with a word that the new policy dropped is refused once it is in force", () => {
    const world = amended(without("fire", nextPolicy()))
    world.now = after
    const report = submit(world, "zhang")
    const answered = { report, facts: fire }
    expect(refusedWith(world, "AnswerWhistle", "duty", "duty-officer", answered)).toBe("unknown-category")
  })
})

describe("a programme that opened before its first policy is in force", () => {
  test("F1 L15 takes reports in, brings those of one matter together and pays by that policy", () => {
    const world = staffedWorld(fixedPolicy({ effectiveFrom: "2026-04-01" }))
    world.states.set("participant/zhang", { ...world.state("participant", "zhang"), status: "active" })
    const report = submit(world, "zhang")
    const other = submit(world, "wang")
    const incident = answer(world, report)
    expect(answer(world, other)).toBe(incident)
    handOver(world, incident)
    verifyAll(world, report)
    const grading = { value: "minor", difficulty: "easy" }
    must(world, "GradeReport", "verifier-county", "verifier", { report, grading, reason: "现场评定" })
    must(world, "ApproveReward", "approver", "approver", { report, interest: "none" })
    expect(world.state("account", "zhang").balances.payable).toBe(5_000)
  })
})
