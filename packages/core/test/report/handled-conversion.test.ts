import { findOpen } from "@yingshao/core/obligation/obligation"
import { expect, test } from "vitest"
import { answer, handle, handOver, incidentOf, lamp, must, submit } from "../fixtures/steps.ts"
import { staffedWorld } from "../fixtures/world.ts"

test("S3 F1 a new danger about a handled matter reopens it: handling is owed again, as an emergency", () => {
  const world = staffedWorld()
  const report = submit(world, "zhang")
  const incident = answer(world, report, lamp)
  handOver(world, incident)
  handle(world, incident)
  expect(incidentOf(world, incident).status).toBe("handled")

  must(world, "ConvertClass", "duty", "duty-officer", { report, trigger: "newDanger", reason: "灯杆倒了" })

  const state = incidentOf(world, incident)
  expect(state).toMatchObject({ status: "open", class: "emergency", parts: [], reopened: 1 })
  expect(findOpen(state.obligations, "handle")).toMatchObject({ owner: "duty-desk", clock: "roundTheClock" })
  handOver(world, incident)
  handle(world, incident)
  expect(incidentOf(world, incident).status).toBe("handled")
})

test("S3 calming a handled matter leaves it handled", () => {
  const world = staffedWorld()
  const report = submit(world, "zhang")
  const incident = answer(world, report, { ...lamp, danger: "yes" })
  handOver(world, incident)
  handle(world, incident)
  must(world, "ConvertClass", "duty", "duty-officer", { report, trigger: "dangerRemoved", reason: "已断电" })
  must(world, "DecideCalming", "verifier-county", "verifier", { report, decision: "confirm", reason: "属实" })
  expect(incidentOf(world, incident)).toMatchObject({ status: "handled", class: "ordinary" })
})
