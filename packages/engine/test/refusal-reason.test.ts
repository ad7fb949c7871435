import { dispatchRefusal, type Order } from "@yingshao/ports/dispatcher"
import { expect, test } from "vitest"
import { refusalReason } from "../src/refusal-reason.ts"

const order: Order = {
  id: "m-1",
  caseKey: "incident/i-1",
  to: "water",
  type: "assigned",
  time: "2026-03-02T01:00:00.000Z",
  data: {
    level: "ordinary",
    category: [{ scheme: "yingshao", code: "facility", name: "设施损坏" }],
    summary: "设施损坏 · 环城路口CANARY",
    place: { text: "环城路口CANARY", lng: 106.6, lat: 26.1, crs: "wgs84" },
    incident: "i-1",
  },
}

const reasonOf = (message: string) => refusalReason("http", dispatchRefusal("ask-a-person", message), order)

test("P12: an adapter that repeats the order breaks the port's promise, and its message is not kept", () => {
  for (const text of ["环城路口CANARY", "设施损坏 · 环城路口CANARY", "设施损坏"]) {
    expect(reasonOf(`http: cannot read ${text} in the form`)).toBe("http: ask-a-person")
  }
})

test("what a refusal says of codes, systems of coordinates and its own cause is kept", () => {
  expect(reasonOf("http: a coordinate must be wgs84")).toBe("http: ask-a-person: a coordinate must be wgs84")
  expect(reasonOf("status 401")).toBe("http: ask-a-person: status 401")
})
