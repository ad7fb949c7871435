/**
 * Every (state × command × role), enumerated in full (S1): what the table below lists is accepted, all the
 * rest is refused with a typed code and changes nothing.
 */
import { type Command, type CommandType, commands, commandTypes } from "@yingshao/core/commands"
import { type Role, role, schedulerActor } from "@yingshao/core/kernel/roles"
import type { Instant } from "@yingshao/core/kernel/time"
import { findOpen, openObligations } from "@yingshao/core/obligation/obligation"
import { describe, expect, test } from "vitest"
import { answer, fire, followUp, handle, handOver, lamp, must, reply, submit } from "./fixtures/steps.ts"
import { codeOf, placeAt, staffedWorld, type World } from "./fixtures/world.ts"

interface Situation {
  readonly world: World
  readonly report: string
  readonly incident: string
}

/** A report or incident in each state, and who may do what with it there. */
const situations: Record<
  string,
  { make: () => Situation; accepts: Partial<Record<CommandType, readonly Role[]>> }
> = {
  "no such report": { make: nothing, accepts: {} },
  "a new report": {
    make: () => {
      const world = staffedWorld()
      return { world, report: submit(world, "zhang"), incident: "i-none" }
    },
    accepts: {
      AnswerWhistle: ["duty-officer"],
      AnnotateReport: ["duty-officer", "programme-admin", "auditor"],
      SetLegalHold: ["programme-admin", "auditor"],
      EscalateObligation: ["scheduler"],
    },
  },
  "an open report, its incident not handed over": {
    make: () => opened(lamp),
    accepts: openReport({ HandOver: ["duty-officer", "programme-admin"] }),
  },
  "an open ordinary report, handed over": {
    make: () => handedOver(lamp),
    accepts: openReport({
      AcknowledgeOrder: ["department-officer", "partner"],
      ReturnOrder: ["department-officer", "partner"],
      RecordHandled: ["department-officer", "partner"],
      AskExtension: ["department-officer", "partner"],
    }),
  },
  "an open emergency, handed over": {
    make: () => handedOver(fire),
    accepts: openReport({
      AcknowledgeOrder: ["department-officer", "partner"],
      ReturnOrder: ["department-officer", "partner"],
      RecordHandled: ["department-officer", "partner"],
      PassLead: ["duty-officer", "programme-admin"],
      // The policy of the tests extends no emergency.
      ExtendObligation: [],
    }),
  },
  "an open report, handled and answered": {
    make: () => {
      const made = handedOver(lamp)
      handle(made.world, made.incident)
      reply(made.world, made.report)
      return made
    },
    // A reporter of this report may answer as well; this one is somebody else's.
    accepts: openReport({ RecordFollowUp: ["duty-officer", "squad-leader", "programme-admin"] }),
  },
  "a withheld report": {
    make: () => {
      const world = staffedWorld()
      const report = submit(world, "zhang")
      const incident = answer(world, report, { ...lamp, category: "neighbours" }, { negative: "not1" })
      must(world, "WithholdReport", "duty2", "duty-officer", { report, reason: "确认" })
      return { world, report, incident }
    },
    accepts: {
      ReplyToReporters: ["duty-officer", "programme-admin"],
      AnnotateReport: ["duty-officer", "programme-admin", "auditor"],
      SetLegalHold: ["programme-admin", "auditor"],
      VerifyReport: ["verifier"],
      EscalateObligation: ["scheduler"],
      ExtendObligation: ["duty-officer", "programme-admin"],
    },
  },
  "a closed report": {
    make: () => {
      const made = handedOver(lamp)
      handle(made.world, made.incident)
      reply(made.world, made.report)
      followUp(made.world, made.report)
      return made
    },
    accepts: {
      AnnotateReport: ["duty-officer", "programme-admin", "auditor"],
      SetLegalHold: ["programme-admin", "auditor"],
      VerifyReport: ["verifier"],
    },
  },
}

function openReport(
  more: Partial<Record<CommandType, readonly Role[]>>,
): Partial<Record<CommandType, readonly Role[]>> {
  return {
    ConvertClass: ["duty-officer", "programme-admin"],
    ReplyToReporters: ["duty-officer", "programme-admin"],
    AnnotateReport: ["duty-officer", "programme-admin", "auditor"],
    SetLegalHold: ["programme-admin", "auditor"],
    VerifyReport: ["verifier"],
    ExtendObligation: ["duty-officer", "programme-admin"],
    EscalateObligation: ["scheduler"],
    ...more,
  }
}

function nothing(): Situation {
  return { world: staffedWorld(), report: "r-none", incident: "i-none" }
}
function opened(facts: object): Situation {
  const world = staffedWorld()
  const report = submit(world, "zhang")
  return { world, report, incident: answer(world, report, facts) }
}
function handedOver(facts: object): Situation {
  const made = opened(facts)
  handOver(made.world, made.incident)
  return made
}

/** One person for each role, with every scope that the matter could need. */
const holders: Record<Role, string> = {
  reporter: "somebody",
  "squad-leader": "leader",
  captain: "captain",
  "duty-officer": "duty2",
  "department-officer": "officer",
  verifier: "verifier-village",
  approver: "approver",
  payer: "payer",
  "programme-admin": "admin2",
  "policy-officer": "policy-officer",
  auditor: "auditor",
  partner: "partner",
  scheduler: schedulerActor.person,
}

const prepare = ({ world, incident }: Situation): void => {
  const state = world.state("incident", incident)
  const unit = state.status === "none" ? undefined : state.parts[0]?.unit
  world.appoint("officer", "department-officer", [unit ?? "housing"])
  world.appoint("partner", "partner", [unit ?? "housing"])
  for (const one of ["captain", "auditor", "policy-officer"] as const) world.appoint(one, one)
  world.states.set("participant/leader", { ...world.state("participant", "leader"), status: "active" })
  world.now = "2026-05-25T01:00:00.000Z" as Instant
}

/** A payload for each command about a matter that would be fine in the right state. */
const payloads = ({ world, report, incident }: Situation): Partial<Record<CommandType, object>> => {
  const state = world.state("incident", incident)
  const unit = state.status === "none" ? "housing" : (state.parts[0]?.unit ?? "housing")
  const joint =
    state.status !== "none" && state.route?.kind === "emergency" ? state.route.joint[0] : undefined
  const owedBy = world.state("report", report)
  const debts = owedBy.status === "none" ? [] : openObligations(owedBy.obligations)
  const owed = debts.find(({ kind }) => kind !== "answer") ?? debts[0]
  const obligation = { kind: "report", debtor: report, obligation: owed?.id ?? `${report}:reply` }
  const handling = state.status === "none" ? undefined : findOpen(state.obligations, "handle")
  const askedOf = { incident, obligation: handling?.id ?? `${incident}:handle` }
  const reason = "理由"
  return {
    AnswerWhistle: { report, facts: fire },
    WithholdReport: { report, reason },
    ConvertClass: { report, trigger: "newDanger", reason },
    DecideCalming: { report, decision: "confirm", reason },
    ReplyToReporters: { report, text: "已处置" },
    RecordFollowUp: { report, result: "satisfied" },
    CloseReport: { report, reason },
    AnnotateReport: { report, note: "备注" },
    SetLegalHold: { report, reason },
    HandOver: { incident },
    AcknowledgeOrder: { incident, unit },
    ReturnOrder: { incident, unit, reason },
    PassLead: { incident, to: joint ?? "police", reason },
    RecordHandled: { incident, unit, result: "已处置" },
    ProposeClaimChange: { incident, change: { kind: "revoke" }, reason },
    ConfirmClaimChange: { incident },
    MergeIncidents: { from: incident, into: "i-other", reason },
    SplitIncident: { incident, reports: [report], reason },
    EscalateObligation: { ...obligation, level: (owed?.escalation ?? 0) + 1 },
    ExtendObligation: { ...obligation, minutes: 60, reason, askedBy: "officer-housing" },
    AskExtension: { ...askedOf, minutes: 60, reason },
    DeclineExtension: { ...askedOf, reason },
    VerifyReport: { report, level: "village", verdict: "true", confirmedClass: "ordinary" },
    GradeReport: { report, grading: { value: "minor", difficulty: "easy" }, reason },
  }
}

describe("S1 every state × command × role", () => {
  for (const [name, { make, accepts }] of Object.entries(situations)) {
    test(name, () => {
      const situation = make()
      prepare(situation)
      const { world } = situation
      const events = world.events.length
      const listed = new Map<string, string>()
      for (const [type, payload] of Object.entries(payloads(situation)) as [CommandType, object][]) {
        const command = { type, payload: commands[type].payload.parse(payload) } as Command
        for (const one of role.options) {
          const code = codeOf(world.decide(command, holders[one], one))
          const permitted = commands[type].roles.some((allowed) => allowed === one)
          if (code === "accepted") listed.set(`${type} ${one}`, code)
          else if (!permitted) expect(code, `${type} as ${one}`).toBe("not-permitted")
          else expect(code, `${type} as ${one}`).not.toBe("not-permitted")
        }
      }
      const expected = Object.entries(accepts).flatMap(([type, roles]) =>
        roles.map((one) => `${type} ${one}`),
      )
      expect([...listed.keys()].sort()).toEqual(expected.sort())
      expect(world.events).toHaveLength(events)
    })
  }

  test("Z1 every command names its roles, and nobody else is permitted", () => {
    for (const type of commandTypes) expect(commands[type].roles.length, type).toBeGreaterThan(0)
  })

  test("Z1 a role that was not appointed is not permitted", () => {
    const world = staffedWorld()
    const report = submit(world, "zhang", placeAt())
    const command = {
      type: "AnswerWhistle",
      payload: commands.AnswerWhistle.payload.parse({ report, facts: fire }),
    } as Command
    expect(codeOf(world.decide(command, "stranger", "duty-officer"))).toBe("not-permitted")
    expect(codeOf(world.decide(command, "zhang", "reporter"))).toBe("not-permitted")
  })
})
