/**
 * Every (state of a reward file × command × role), enumerated in full (S1): what the table lists is accepted,
 * all the rest is refused with a typed code and changes nothing.
 */
import { type Command, type CommandType, commands } from "@yingshao/core/commands"
import { type Role, role, schedulerActor } from "@yingshao/core/kernel/roles"
import type { Instant } from "@yingshao/core/kernel/time"
import { type RewardEvent, rewardLifecycle } from "@yingshao/core/reward/reward"
import { describe, expect, test } from "vitest"
import { answer, fire, lamp, must, submit, verifyAll } from "../fixtures/steps.ts"
import { codeOf, staffedWorld, type World } from "../fixtures/world.ts"

interface Situation {
  readonly world: World
  readonly report: string
  /** The level that is to be verified next, or the last one. */
  readonly level: string
}
type Accepts = Partial<Record<CommandType, readonly Role[]>>

const reason = "理由"
const admins = ["programme-admin"] as const
const finders = ["auditor", "programme-admin"] as const
const graders = ["verifier", "programme-admin"] as const

const unanswered = (): Situation => {
  const world = staffedWorld()
  world.appoint("admin3", "programme-admin")
  world.appoint("policy-officer", "policy-officer")
  world.appoint("captain", "captain")
  world.appoint("auditor", "auditor")
  world.appoint("partner", "partner", ["police"])
  world.states.set("participant/leader", { ...world.state("participant", "leader"), status: "active" })
  world.states.set("participant/zhang", { ...world.state("participant", "zhang"), status: "active" })
  return { world, report: submit(world, "zhang"), level: "village" }
}
const verifying = (facts: object = fire): Situation => {
  const made = unanswered()
  answer(made.world, made.report, facts)
  return made
}
const verified = (facts: object = fire, verdict = "true"): Situation => {
  const made = verifying(facts)
  verifyAll(made.world, made.report, verdict, facts === lamp ? "ordinary" : "emergency")
  return { ...made, level: "county" }
}
const graded = (): Situation => {
  const made = verified()
  const grading = { value: "minor", difficulty: "easy" }
  must(made.world, "GradeReport", "verifier-county", "verifier", { report: made.report, grading, reason })
  return made
}
const decided = (made: Situation): Situation => {
  must(made.world, "ApproveReward", "approver", "approver", { report: made.report, interest: "none" })
  return made
}
const paid = (): Situation => {
  const made = decided(graded())
  must(made.world, "PayAward", "payer", "payer", { report: made.report, collectedBy: "zhang" })
  return made
}
const doubted = (made: Situation): Situation => {
  const finding = { report: made.report, finding: "fraud", reason }
  must(made.world, "ProposeFinding", "admin", "programme-admin", finding)
  return made
}
const recovered = (made: Situation): Situation => {
  doubted(made)
  const confirm = { report: made.report, decision: "confirm", reason }
  must(made.world, "DecideFinding", "admin2", "programme-admin", confirm)
  return made
}
const appealed = (made: Situation): Situation => {
  must(made.world, "LodgeAppeal", "zhang", "reporter", { report: made.report })
  return made
}
const later = (made: Situation): Situation => {
  made.world.now = "2026-08-24T01:00:00.000Z" as Instant
  return made
}

/** Part of it was taken back a few days before the rest was forfeited. */
const partlyForfeited = (): Situation => {
  const made = decided(graded())
  const { world, report } = made
  world.now = "2026-05-20T01:00:00.000Z" as Instant
  const finding = { report, finding: "miscalculated", rightAmount: 2_000, reason }
  must(world, "ProposeFinding", "admin", "programme-admin", finding)
  must(world, "DecideFinding", "admin2", "programme-admin", { report, decision: "confirm", reason })
  world.now = "2026-05-26T01:00:00.000Z" as Instant
  const forfeited = world.asScheduler("ForfeitAward", { report })
  if (!forfeited.ok) throw new Error(forfeited.refusal.code)
  return made
}

const situations: Readonly<Record<string, { readonly make: () => Situation; readonly accepts: Accepts }>> = {
  "none: the report is not answered": { make: unanswered, accepts: {} },
  "verifying, no level yet": { make: () => verifying(), accepts: { VerifyReport: ["verifier"] } },
  "verifying, one level": {
    make: () => {
      const made = verifying()
      const step = { level: "village", verdict: "true", confirmedClass: "emergency" }
      must(made.world, "VerifyReport", "verifier-village", "verifier", { report: made.report, ...step })
      return { ...made, level: "township" }
    },
    accepts: { VerifyReport: ["verifier"], GradeReport: graders },
  },
  "verified as an emergency, not graded": { make: () => verified(), accepts: { GradeReport: graders } },
  "verified as ordinary: points need no grading": {
    make: () => verified(lamp),
    accepts: { GradeReport: graders, ApproveReward: ["approver"] },
  },
  graded: { make: graded, accepts: { GradeReport: graders, ApproveReward: ["approver"] } },
  "approved, to be collected": {
    make: () => decided(graded()),
    accepts: { PayAward: ["payer"], ProposeFinding: finders },
  },
  "approved, not collected in time": {
    make: () => later(decided(graded())),
    accepts: { ForfeitAward: ["scheduler", "programme-admin"], ProposeFinding: finders },
  },
  "approved, a finding waits": {
    make: () => doubted(decided(graded())),
    accepts: { PayAward: ["payer"], DecideFinding: admins },
  },
  "approved and recovered whole": {
    make: () => recovered(decided(graded())),
    accepts: { ProposeFinding: finders, LodgeAppeal: ["reporter"] },
  },
  credited: { make: () => decided(verified(lamp)), accepts: { ProposeFinding: finders } },
  "credited, a finding waits": {
    make: () => doubted(decided(verified(lamp))),
    accepts: { DecideFinding: admins },
  },
  "credited and recovered": {
    make: () => recovered(decided(verified(lamp))),
    accepts: { ProposeFinding: finders, LodgeAppeal: ["reporter"] },
  },
  "credited and recovered, an appeal waits": {
    make: () => appealed(recovered(decided(verified(lamp)))),
    accepts: { ProposeFinding: finders, DecideAppeal: admins },
  },
  paid: { make: paid, accepts: { ProposeFinding: finders } },
  "paid, a finding waits": { make: () => doubted(paid()), accepts: { DecideFinding: admins } },
  "paid and recovered, an appeal waits": {
    make: () => appealed(recovered(paid())),
    accepts: { ProposeFinding: finders, DecideAppeal: admins },
  },
  declined: { make: () => decided(verified(fire, "false")), accepts: { LodgeAppeal: ["reporter"] } },
  "declined, an appeal waits": {
    make: () => appealed(decided(verified(fire, "false"))),
    accepts: { DecideAppeal: admins },
  },
  forfeited: {
    make: () => {
      const made = later(decided(graded()))
      made.world.asScheduler("ForfeitAward", { report: made.report })
      return made
    },
    accepts: {},
  },
  "forfeited, part was taken back before": {
    make: partlyForfeited,
    accepts: { LodgeAppeal: ["reporter"] },
  },
  "forfeited, an appeal against what was taken back waits": {
    make: () => appealed(partlyForfeited()),
    accepts: { DecideAppeal: admins },
  },
}

/** One person for each role, who had no part in the matter but the one of the role. */
const holderOf = (one: Role, level: string): string => {
  const others: Partial<Record<Role, string>> = {
    reporter: "zhang",
    "squad-leader": "leader",
    "duty-officer": "duty2",
    "department-officer": "officer-police",
    verifier: `verifier-${level}`,
    "programme-admin": "admin3",
    scheduler: schedulerActor.person,
  }
  return others[one] ?? one
}

const payloads = ({ report, level }: Situation): Partial<Record<CommandType, object>> => ({
  VerifyReport: { report, level, verdict: "true", confirmedClass: "emergency" },
  GradeReport: { report, grading: { value: "minor", difficulty: "easy" }, reason },
  ApproveReward: { report, interest: "none" },
  PayAward: { report, collectedBy: "zhang" },
  ForfeitAward: { report },
  ProposeFinding: { report, finding: "fraud", reason },
  DecideFinding: { report, decision: "confirm", reason },
  LodgeAppeal: { report },
  DecideAppeal: { report, outcome: "overturned", reason },
})

describe("S1 every state of a reward file × command × role", () => {
  for (const [name, { make, accepts }] of Object.entries(situations)) {
    test(`S1 ${name}`, () => {
      const situation = make()
      const { world, report, level } = situation
      const before = structuredClone(world.states)
      const { status } = world.state("reward", report)
      const listed: string[] = []
      for (const [type, payload] of Object.entries(payloads(situation)) as [CommandType, object][]) {
        const command = { type, payload: commands[type].payload.parse(payload) } as Command
        for (const one of role.options) {
          const outcome = world.decide(command, holderOf(one, level), one)
          const permitted = commands[type].roles.some((allowed) => allowed === one)
          const code = codeOf(outcome)
          if (!outcome.ok) expect(code === "not-permitted", `${type} as ${one}: ${code}`).toBe(!permitted)
          else {
            listed.push(`${type} ${one}`)
            const happened = outcome.events.flatMap(({ kind, event }) =>
              kind === "reward" ? [event.type] : [],
            )
            const table: Partial<Record<RewardEvent["type"] | string, unknown>> = rewardLifecycle[status]
            for (const event of happened) expect(table[event], `${event} in ${status}`).toBeDefined()
          }
        }
      }
      const expected = Object.entries(accepts).flatMap(([type, roles]) =>
        roles.map((one) => `${type} ${one}`),
      )
      expect(listed.sort()).toEqual(expected.sort())
      expect(world.states).toEqual(before)
    })
  }
})

test("L22 what was taken back whole is neither paid nor forfeited, and nobody is told that it was", () => {
  const { world, report } = later(recovered(decided(graded())))
  const notices = world.notices.length
  expect(codeOf(world.asScheduler("ForfeitAward", { report }))).toBe("not-payable")
  expect(world.notices).toHaveLength(notices)
})

test("L18 L22 an appeal that is won after the rest was forfeited brings back exactly what was taken", () => {
  const { world, report } = appealed(partlyForfeited())
  const ruling = { report, outcome: "overturned", reason }
  must(world, "DecideAppeal", "admin3", "programme-admin", ruling)
  expect(world.state("reward", report)).toMatchObject({ status: "approved", recovered: 0 })
  expect(world.state("account", "zhang").balances).toMatchObject({ payable: 3_000, fenReceivable: 0 })
  must(world, "PayAward", "payer", "payer", { report, collectedBy: "zhang" })
  expect(world.state("account", "zhang").balances.payable).toBe(0)
})
