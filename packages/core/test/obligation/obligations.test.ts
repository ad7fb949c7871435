import type { Instant } from "@yingshao/core/kernel/time"
import { openObligations } from "@yingshao/core/obligation/obligation"
import { describe, expect, test } from "vitest"
import {
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
} from "../fixtures/steps.ts"
import { placeAt, staffedWorld, type World } from "../fixtures/world.ts"

const at = (text: string) => text as Instant
const owedBy = (world: World, kind: "report" | "incident", id: string) => {
  const state = world.state(kind, id)
  return state.status === "none" ? [] : openObligations(state.obligations)
}
const handling = (world: World, incident: string) =>
  owedBy(world, "incident", incident).find(({ kind }) => kind === "handle")

describe("escalation", () => {
  test("F4 each level exactly once and in order; F3 the due time stays", () => {
    const world = staffedWorld()
    const report = submit(world, "zhang")
    const [owed] = owedBy(world, "report", report)
    if (owed?.next === undefined) throw new Error("no ladder")
    const escalate = (level: number) =>
      world.asScheduler("EscalateObligation", { kind: "report", debtor: report, obligation: owed.id, level })
    expect(escalate(1)).toMatchObject({ ok: false, refusal: { code: "not-due-yet" } })
    world.now = at("2026-04-24T01:00:00.000Z")
    expect(escalate(2)).toMatchObject({ ok: false, refusal: { code: "level-out-of-order" } })
    expect(escalate(1).ok).toBe(true)
    expect(escalate(1)).toMatchObject({
      ok: false,
      refusal: { code: expect.stringMatching(/level-out-of-order|not-owed/) },
    })
    for (let level = 2; owedBy(world, "report", report)[0]?.next !== undefined; level++) {
      expect(escalate(level).ok).toBe(true)
    }
    const levels = world.events.flatMap(({ event }) =>
      event.type === "ObligationEscalated" ? [event.level] : [],
    )
    expect(levels).toEqual(levels.map((_, index) => index + 1))
    expect(owedBy(world, "report", report)[0]).toMatchObject({ due: owed.due, originalDue: owed.due })
    expect(world.notices.filter(({ kind }) => kind === "escalation").every(({ urgent }) => urgent)).toBe(true)
  })

  test("F4 nothing is escalated once it is met", () => {
    const world = staffedWorld()
    const report = submit(world, "zhang")
    const [owed] = owedBy(world, "report", report)
    answer(world, report)
    world.now = at("2026-04-24T01:00:00.000Z")
    expect(
      refusedWith(world, "EscalateObligation", "system-scheduler", "scheduler", {
        kind: "report",
        debtor: report,
        obligation: owed?.id,
        level: 1,
      }),
    ).toBe("not-owed")
  })
})

describe("extension", () => {
  test("F3 needs another person, a reason and a limit; the first due time stays on record", () => {
    const world = staffedWorld()
    const incident = answer(world, submit(world, "zhang"), lamp)
    handOver(world, incident)
    const owed = handling(world, incident)
    const ask = {
      kind: "incident",
      debtor: incident,
      obligation: owed?.id,
      minutes: 480,
      reason: "等配件",
      askedBy: "officer-housing",
    }
    expect(refusedWith(world, "ExtendObligation", "duty", "duty-officer", { ...ask, askedBy: "duty" })).toBe(
      "same-person",
    )
    expect(refusedWith(world, "ExtendObligation", "duty", "duty-officer", { ...ask, minutes: 50_000 })).toBe(
      "extension-too-long",
    )
    must(world, "ExtendObligation", "duty", "duty-officer", ask)
    const extended = handling(world, incident)
    expect(extended?.originalDue).toBe(owed?.due)
    expect((extended?.due ?? "") > (owed?.due ?? "")).toBe(true)
    expect(refusedWith(world, "ExtendObligation", "duty", "duty-officer", ask)).toBe("extension-limit")
  })
})

describe("returns", () => {
  test("F7 a return gives the order back to the desk, limited in number, and never resets the clock", () => {
    const world = staffedWorld()
    const incident = answer(world, submit(world, "zhang"), lamp)
    const due = handling(world, incident)?.due
    for (let round = 0; round < 2; round++) {
      handOver(world, incident)
      const unit = handling(world, incident)?.owner as string
      must(world, "ReturnOrder", `officer-${unit}`, "department-officer", {
        incident,
        unit,
        reason: "不属于本部门",
      })
      expect(incidentOf(world, incident)).toMatchObject({ status: "open", returns: round + 1 })
      expect(handling(world, incident)).toMatchObject({ owner: "duty-desk", due })
    }
    handOver(world, incident)
    const unit = handling(world, incident)?.owner as string
    expect(
      refusedWith(world, "ReturnOrder", `officer-${unit}`, "department-officer", {
        incident,
        unit,
        reason: "再退",
      }),
    ).toBe("return-limit")
  })

  test("F7 exactly one channel leads; when the leader returns the next one leads", () => {
    const world = staffedWorld()
    const incident = answer(world, submit(world, "zhang"), fire)
    handOver(world, incident)
    const before = incidentOf(world, incident).route
    if (before?.kind !== "emergency" || before.joint[0] === undefined) throw new Error("needs two channels")
    must(world, "ReturnOrder", `officer-${before.lead}`, "department-officer", {
      incident,
      unit: before.lead,
      reason: "另有警情",
    })
    expect(incidentOf(world, incident).route).toMatchObject({ lead: before.joint[0] })
    expect(handling(world, incident)?.owner).toBe(before.joint[0])
  })

  test("Z5 another unit's incident answers exactly like a missing one", () => {
    const world = staffedWorld()
    const incident = answer(world, submit(world, "zhang"), lamp)
    handOver(world, incident)
    const answerTo = (id: string) => {
      const outcome = world.give("AcknowledgeOrder", "officer-civil-affairs", "department-officer", {
        incident: id,
        unit: "civil-affairs",
      })
      return JSON.stringify(outcome).replaceAll(id, "X")
    }
    expect(answerTo(incident)).toBe(answerTo("i-none"))
  })
})

describe("follow-up", () => {
  test("F1 unsatisfied reopens: a new reply, a new follow-up and handling are owed from now", () => {
    const world = staffedWorld()
    const report = submit(world, "zhang")
    const incident = answer(world, report, lamp)
    handOver(world, incident)
    expect(
      refusedWith(world, "RecordFollowUp", "duty", "duty-officer", { report, result: "satisfied" }),
    ).toBe("not-handled-yet")
    handle(world, incident)
    expect(
      refusedWith(world, "RecordFollowUp", "duty", "duty-officer", { report, result: "satisfied" }),
    ).toBe("no-reply-yet")
    reply(world, report)
    followUp(world, report, "unsatisfied")
    expect(
      owedBy(world, "report", report)
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(["followUp", "reply"])
    expect(incidentOf(world, incident)).toMatchObject({ status: "open", reopened: 1 })
    handOver(world, incident)
    handle(world, incident)
    reply(world, report)
    followUp(world, report)
    expect(world.state("report", report).status).toBe("closed")
    expect(owedBy(world, "report", report)).toEqual([])
  })

  test("F6 each reporter of each report gets a notice of their own", () => {
    const world = staffedWorld()
    const one = submit(world, "zhang")
    const two = submit(world, "wang")
    answer(world, one)
    answer(world, two)
    reply(world, one)
    reply(world, two)
    const told = world.notices
      .filter(({ kind }) => kind === "reply")
      .map(({ to }) => ("person" in to ? to.person : ""))
    expect(told.sort()).toEqual(["wang", "zhang"])
  })
})

describe("the negative list", () => {
  test("S7 withheld only without danger and by a person; always answered, never earns", () => {
    const world = staffedWorld()
    const danger = submit(world, "zhang")
    answer(world, danger, { ...lamp, danger: "unknown" }, { negative: "not1" })
    expect(
      refusedWith(world, "WithholdReport", "duty", "duty-officer", { report: danger, reason: "造谣" }),
    ).toBe("danger-not-excluded")
    const report = submit(world, "wang")
    const incident = answer(world, report, { ...lamp, category: "neighbours" }, { negative: "not1" })
    must(world, "WithholdReport", "duty2", "duty-officer", { report, reason: "确认触碰" })
    expect(refusedWith(world, "HandOver", "duty", "duty-officer", { incident })).toBe("withheld")
    expect(refusedWith(world, "CloseReport", "duty", "duty-officer", { report, reason: "不予受理" })).toBe(
      "no-reply-yet",
    )
    reply(world, report)
    must(world, "CloseReport", "duty", "duty-officer", { report, reason: "已告知" })
    expect(world.state("report", report).status).toBe("closed")
  })

  test("F1 another report of a withheld matter makes handling owed again", () => {
    const world = staffedWorld()
    const quarrel = { ...lamp, category: "neighbours" }
    const withheld = submit(world, "zhang")
    const incident = answer(world, withheld, quarrel, { negative: "not1" })
    must(world, "WithholdReport", "duty2", "duty-officer", { report: withheld, reason: "确认触碰" })
    expect(handling(world, incident)).toBeUndefined()
    expect(answer(world, submit(world, "wang"), quarrel)).toBe(incident)
    expect(handling(world, incident)?.owner).toBe("duty-desk")
    handOver(world, incident)
  })
})

describe("dissolving a department", () => {
  test("F2 everything it owes goes to the successor in the same commit", () => {
    const world = staffedWorld()
    const incident = answer(world, submit(world, "zhang"), lamp)
    handOver(world, incident)
    const unit = handling(world, incident)?.owner as string
    const successor = unit === "civil-affairs" ? "housing" : "civil-affairs"
    expect(
      refusedWith(world, "DissolveUnit", "admin", "programme-admin", { unit: "police", successor }),
    ).toBe("unit-not-dissolvable")
    const dissolve = () => refusedWith(world, "DissolveUnit", "admin", "programme-admin", { unit, successor })
    expect(dissolve()).toBe("unit-not-closing")
    must(world, "CloseUnit", "admin", "programme-admin", { unit })
    const other = answer(world, submit(world, "wang", placeAt(500)), lamp)
    expect(refusedWith(world, "HandOver", "duty", "duty-officer", { incident: other })).toBe("no-such-unit")
    expect(dissolve()).toBe("accepted")
    expect(world.book.unit(unit)?.status).toBe("dissolved")
    expect(owedBy(world, "incident", incident).every(({ owner }) => owner === successor)).toBe(true)
    must(world, "RecordHandled", `officer-${successor}`, "department-officer", {
      incident,
      unit: successor,
      result: "已修好",
      residentsBenefited: 3,
    })
    expect(incidentOf(world, incident).status).toBe("handled")
  })
})
