import type { Instant } from "@yingshao/core/kernel/time"
import { describe, expect, test } from "vitest"
import { answer, fire, handOver, incidentOf, lamp, must, refusedWith, submit } from "../fixtures/steps.ts"
import { staffedWorld, type World } from "../fixtures/world.ts"

const open = (world: World, report: string) => {
  const state = world.state("report", report)
  if (state.status !== "open") throw new Error(`${report} is ${state.status}`)
  return state
}
const dues = (world: World, report: string) =>
  Object.fromEntries(open(world, report).obligations.map(({ kind, due }) => [kind, due]))
const danger = { trigger: "newDanger", reason: "电线裸露,有人触电" }

describe("conversion between ordinary and emergency", () => {
  test("S3 to emergency takes effect at once and keeps what the report is", () => {
    const world = staffedWorld()
    const report = submit(world, "zhang")
    const incident = answer(world, report, lamp)
    handOver(world, incident)
    const before = open(world, report)
    world.now = "2026-03-24T01:05:00.000Z" as Instant
    must(world, "ConvertClass", "duty", "duty-officer", { report, ...danger })
    const after = open(world, report)
    expect(after.class).toBe("emergency")
    const { acceptedAt, reporters, photos, rank, place } = after
    expect({ acceptedAt, reporters, photos, rank, place }).toEqual({
      acceptedAt: before.acceptedAt,
      reporters: before.reporters,
      photos: before.photos,
      rank: before.rank,
      place: before.place,
    })
    expect(incidentOf(world, incident)).toMatchObject({
      class: "emergency",
      status: "open",
      route: undefined,
    })
  })

  test("S3 no deadline moves later, to emergency and back", () => {
    const world = staffedWorld()
    const report = submit(world, "zhang")
    answer(world, report, lamp)
    const first = dues(world, report)
    must(world, "ConvertClass", "duty", "duty-officer", { report, ...danger })
    const second = dues(world, report)
    must(world, "ConvertClass", "duty", "duty-officer", {
      report,
      trigger: "dangerRemoved",
      reason: "已断电",
    })
    must(world, "DecideCalming", "verifier-county", "verifier", {
      report,
      decision: "confirm",
      reason: "现场确认",
    })
    const third = dues(world, report)
    expect(open(world, report).class).toBe("ordinary")
    for (const kind of ["reply", "followUp"]) {
      expect((second[kind] ?? "") <= (first[kind] ?? "")).toBe(true)
      expect(third[kind]).toBe(second[kind])
    }
  })

  test("S3 calming needs a second person at the county's level", () => {
    const world = staffedWorld()
    world.appoint("duty", "verifier", ["county"])
    const report = submit(world, "zhang")
    answer(world, report, fire)
    const calm = { report, decision: "confirm", reason: "险情解除" }
    expect(refusedWith(world, "DecideCalming", "verifier-county", "verifier", calm)).toBe(
      "no-calming-proposed",
    )
    must(world, "ConvertClass", "duty", "duty-officer", {
      report,
      trigger: "dangerRemoved",
      reason: "已扑灭",
    })
    expect(open(world, report).class).toBe("emergency")
    expect(refusedWith(world, "DecideCalming", "duty", "verifier", calm)).toBe("same-person")
    expect(refusedWith(world, "DecideCalming", "verifier-village", "verifier", calm)).toBe("level-not-enough")
    must(world, "DecideCalming", "verifier-county", "verifier", calm)
    expect(open(world, report).class).toBe("ordinary")
  })

  test("S3 converting to the class it has changes nothing", () => {
    const world = staffedWorld()
    const report = submit(world, "zhang")
    answer(world, report, fire)
    const events = world.events.length
    must(world, "ConvertClass", "duty", "duty-officer", { report, ...danger })
    expect(world.events).toHaveLength(events)
  })

  test("S3 the incident stays an emergency while another report of it is one", () => {
    const world = staffedWorld()
    const [one, two] = [submit(world, "zhang"), submit(world, "wang")]
    const incident = answer(world, one, fire)
    answer(world, two, fire)
    must(world, "ConvertClass", "duty", "duty-officer", {
      report: one,
      trigger: "dangerRemoved",
      reason: "小火",
    })
    must(world, "DecideCalming", "verifier-county", "verifier", {
      report: one,
      decision: "confirm",
      reason: "确认",
    })
    expect(open(world, one).class).toBe("ordinary")
    expect(incidentOf(world, incident).class).toBe("emergency")
  })
})
