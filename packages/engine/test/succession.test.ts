/** A unit with a partner system is dissolved: over their channels one partner is recalled and the next gets the order. */
import { memoryStorage } from "@yingshao/storage-memory"
import { expect, test } from "vitest"
import { catchNotices, catchOrders } from "../src/in-process.ts"
import { must, wish } from "./county.ts"
import { testClock } from "./open-small.ts"
import { answerAll, handOverLamp, openPartnerCounty, owedIn } from "./partners.ts"

test("F2 I7 O3 the successor is told, gets the order and ends it; the one before is recalled and moves nothing", async () => {
  const partner = catchOrders("in-process")
  const desk = catchNotices("app")
  const routes: Readonly<Record<string, string>> = { housing: "water", "market-supervision": "gas" }
  const county = await openPartnerCounty(memoryStorage(), testClock(), {
    dispatchers: [partner],
    notifiers: [desk],
    recipients: async (to) =>
      to.kind === "unit" ? [{ person: to.unit, addresses: [{ channel: "app", address: to.unit }] }] : [],
    route: (unit) => {
      const name = routes[unit]
      return name === undefined ? undefined : { dispatcher: "in-process", partner: name }
    },
  })
  const { report, incident, order } = await handOverLamp(county, "lamp")
  await county.relay.drain()
  const units = { unit: "housing", successor: "market-supervision" }
  await must(county, "close", wish("CloseUnit", "admin", "programme-admin", { unit: units.unit }))
  await must(county, "dissolve", wish("DissolveUnit", "admin", "programme-admin", units))
  await county.relay.drain()
  const got = partner.caught.map(({ to, type, data }) => [to, type, data.order])
  expect(got.slice(0, 1)).toEqual([["water", "assigned", undefined]])
  // They are of two keys, so neither waits for the other.
  expect(got.slice(1).sort()).toEqual([
    ["gas", "reassigned", undefined],
    ["water", "recalled", order],
  ])
  expect(partner.caught.find(({ to }) => to === "gas")?.data).toMatchObject({
    incident,
    level: "ordinary",
    place: { lng: 106.6571, lat: 26.1342, crs: "wgs84" },
  })
  const told = desk.caught.filter(({ notice }) => notice.kind === "duties-inherited")
  expect(told.map(({ to }) => to.address)).toEqual(["market-supervision"])
  const next = partner.caught.find(({ to }) => to === "gas")?.id ?? ""
  const time = "2026-03-02T02:00:00.000Z"
  partner.say({ id: "1", source: "water", type: "result", ref: order, time, data: { result: "我们修的" } })
  partner.say({ id: "2", source: "gas", type: "received", ref: next, time, data: {} })
  await county.relay.runOnce()
  expect(await owedIn(county, incident)).toEqual(["handle"])
  partner.say({ id: "3", source: "gas", type: "result", ref: next, time, data: { result: "灯已修好" } })
  await county.relay.runOnce()
  expect(await owedIn(county, incident)).toEqual([])
  await answerAll(county, "lamp", report)
  expect((await county.queries.state("report", report)).state).toMatchObject({ status: "closed" })
  expect(await county.checkWorld()).toMatchObject({ findings: [] })
  await county.close()
})
