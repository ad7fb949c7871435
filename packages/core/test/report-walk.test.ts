import { describe, expect, test } from "vitest"
import { codeOf, idOf, photo, placeAt, staffedWorld } from "./fixtures/world.ts"

const fire = { category: "fire", danger: "yes", ongoing: "yes", affected: 3 } as const

describe("one emergency, from photo to follow-up", () => {
  test("F1 every step keeps or opens a promise until the report is closed", () => {
    const world = staffedWorld()
    const submitted = world.give("SubmitReport", "zhang", "reporter", {
      channel: "app",
      reporters: ["zhang"],
      photos: [photo],
      place: placeAt(),
    })
    const report = idOf(submitted, "report")
    const answered = world.give("AnswerWhistle", "duty", "duty-officer", { report, facts: fire })
    const incident = idOf(answered, "incident")
    expect(world.state("report", report)).toMatchObject({ status: "open", class: "emergency", rank: "first" })
    expect(codeOf(world.give("HandOver", "duty", "duty-officer", { incident }))).toBe("accepted")
    const handed = world.state("incident", incident)
    expect(handed).toMatchObject({ status: "handed-over", route: { kind: "emergency" } })
    if (handed.status === "none" || handed.route?.kind !== "emergency") throw new Error("not handed over")
    for (const unit of [handed.route.lead, ...handed.route.joint]) {
      const officer = `officer-${unit}`
      expect(codeOf(world.give("AcknowledgeOrder", officer, "department-officer", { incident, unit }))).toBe(
        "accepted",
      )
      const done = {
        incident,
        unit,
        result: "火已扑灭",
        residentsBenefited: unit === handed.route.lead ? 40 : 0,
      }
      expect(codeOf(world.give("RecordHandled", officer, "department-officer", done))).toBe("accepted")
    }
    expect(world.state("incident", incident)).toMatchObject({ status: "handled", residentsBenefited: 40 })
    expect(
      codeOf(world.give("ReplyToReporters", "duty", "duty-officer", { report, text: "已扑灭,谢谢" })),
    ).toBe("accepted")
    expect(
      codeOf(world.give("RecordFollowUp", "duty", "duty-officer", { report, result: "satisfied" })),
    ).toBe("accepted")
    const closed = world.state("report", report)
    expect(closed.status).toBe("closed")
    if (closed.status === "none") throw new Error("gone")
    expect(closed.obligations.map(({ kind, status }) => [kind, status])).toEqual([
      ["answer", "met"],
      ["reply", "met"],
      ["followUp", "met"],
    ])
  })
})
