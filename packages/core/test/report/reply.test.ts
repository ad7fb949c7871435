import { commands } from "@yingshao/core/commands"
import { openObligations } from "@yingshao/core/obligation/obligation"
import { describe, expect, test } from "vitest"
import { answer, handle, handOver, lamp, must, refusedWith, reply, submit, walk } from "../fixtures/steps.ts"
import { photo, placeAt, staffedWorld } from "../fixtures/world.ts"

describe("replying", () => {
  test("F5 a reply is not empty, is given by the desk that owes it or the programme, and is sent with it", () => {
    const world = staffedWorld()
    const report = submit(world, "zhang")
    answer(world, report, lamp)
    for (const text of ["", "  \n "]) {
      expect(commands.ReplyToReporters.payload.safeParse({ report, text }).success).toBe(false)
    }
    const reply = { report, text: "已派人处理" }
    for (const [by, role] of [
      ["officer-housing", "department-officer"],
      ["zhang", "reporter"],
      ["verifier-county", "verifier"],
    ] as const) {
      expect(refusedWith(world, "ReplyToReporters", by, role, reply)).toBe("not-permitted")
    }
    const outcome = must(world, "ReplyToReporters", "admin", "programme-admin", reply)
    expect(outcome.events.map(({ event }) => event.type)).toEqual(["ReplyGiven", "ObligationMet"])
    expect(outcome.notices).toMatchObject([{ kind: "reply", to: { person: "zhang" }, data: { report } }])
  })

  test("S2 a closed report takes notes and a legal hold, and nothing that would go on with it", () => {
    const world = staffedWorld()
    const { report, incident } = walk(world, "zhang", lamp)
    const before = world.state("report", report)
    const desk = (type: Parameters<typeof refusedWith>[1], payload: object) =>
      refusedWith(world, type, "duty", "duty-officer", payload)
    expect(desk("AnswerWhistle", { report, facts: lamp })).toBe("already-answered")
    expect(desk("ReplyToReporters", { report, text: "再说一句" })).toBe("report-closed")
    expect(desk("RecordFollowUp", { report, result: "unsatisfied" })).toBe("report-not-open")
    expect(desk("ConvertClass", { report, trigger: "newDanger", reason: "复燃" })).toBe("report-not-open")
    expect(desk("WithholdReport", { report, reason: "理由" })).toBe("report-not-open")
    expect(desk("CloseReport", { report, reason: "理由" })).toBe("report-not-withheld")
    expect(desk("HandOver", { incident })).toBe("not-open")
    expect(world.state("report", report)).toEqual(before)
    expect(desk("AnnotateReport", { report, note: "备注" })).toBe("accepted")
    expect(refusedWith(world, "SetLegalHold", "admin", "programme-admin", { report, reason: "诉讼" })).toBe(
      "accepted",
    )
    expect(world.state("report", report)).toMatchObject({ status: "closed", legalHold: true })
  })

  test("F10 no command about a report takes a time from outside: due times count from acceptance", () => {
    const intake = { channel: "app", reporters: ["zhang"], photos: [photo], place: placeAt() }
    expect(commands.SubmitReport.payload.safeParse(intake).success).toBe(true)
    for (const field of ["at", "takenAt", "clientTime", "acceptedAt"]) {
      const dated = { ...intake, [field]: "2020-01-01T00:00:00.000Z" }
      expect(commands.SubmitReport.payload.safeParse(dated).success, field).toBe(false)
    }
    const world = staffedWorld()
    const state = world.state("report", submit(world, "zhang"))
    const [owed] = state.status === "none" ? [] : openObligations(state.obligations)
    expect(owed?.since).toBe(world.now)
  })
})

describe("the reporter's own answer", () => {
  const handled = () => {
    const world = staffedWorld()
    const report = submit(world, "zhang")
    const incident = answer(world, report, lamp)
    handOver(world, incident)
    handle(world, incident)
    const say = (by: string, result: string, note = "") =>
      refusedWith(world, "RecordFollowUp", by, "reporter", { report, result, note })
    return { world, report, incident, say }
  }

  test("F1 satisfied closes the report, not satisfied reopens the matter without the reporter's words", () => {
    const satisfied = handled()
    expect(satisfied.say("zhang", "satisfied")).toBe("no-reply-yet")
    reply(satisfied.world, satisfied.report)
    expect(satisfied.say("zhang", "satisfied")).toBe("accepted")
    expect(satisfied.world.state("report", satisfied.report).status).toBe("closed")

    const not = handled()
    reply(not.world, not.report)
    expect(not.say("zhang", "unsatisfied")).toBe("accepted")
    expect(not.world.state("report", not.report).status).toBe("open")
    expect(not.world.state("incident", not.incident)).toMatchObject({ status: "open", reopened: 1 })
  })

  test("Z5 somebody else's report is not found, whatever its state", () => {
    const { world, report, say } = handled()
    reply(world, report)
    const missing = { report: "r-none", result: "satisfied" }
    expect(say("wang", "satisfied")).toBe("not-found")
    expect(refusedWith(world, "RecordFollowUp", "wang", "reporter", missing)).toBe("not-found")
    expect(say("zhang", "satisfied")).toBe("accepted")
    expect(say("wang", "satisfied")).toBe("not-found")
  })

  test("P12 neither a note nor a visit that failed is the reporter's to tell", () => {
    const { world, report, say } = handled()
    reply(world, report)
    expect(say("zhang", "unreachable")).toBe("only-satisfied-or-not")
    expect(say("zhang", "unsatisfied", "我是张三")).toBe("only-satisfied-or-not")
    expect(world.state("report", report).status).toBe("open")
  })

  test("L12 staff do not follow up a report of their own", () => {
    const { world, report } = handled()
    reply(world, report)
    world.appoint("zhang", "duty-officer")
    const visit = { report, result: "satisfied" }
    expect(refusedWith(world, "RecordFollowUp", "zhang", "duty-officer", visit)).toBe("own-report")
  })
})
