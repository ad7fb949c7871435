/** How a host wires a notifier and a dispatcher, as `docs/writing-an-adapter.md` shows it, and the types both sides share. */
import { chinaYears } from "@yingshao/core/calendar/china-years"
import type { ReceiptType } from "@yingshao/core/inbox/ladder"
import type { Order } from "@yingshao/core/kernel/message"
import type { FailureReason } from "@yingshao/core/notice/channel-plan"
import type { OrderType, ReceiptType as PortReceiptType } from "@yingshao/ports/dispatcher"
import type { NotifyReason } from "@yingshao/ports/notifier"
import { memoryStorage } from "@yingshao/storage-memory"
import { expect, expectTypeOf, test } from "vitest"
import { fixedPolicy, fixedUnits } from "../../core/test/fixtures/fixed-policy.ts"
import { catchNotices, catchOrders } from "../src/in-process.ts"
import { openYingshao } from "../src/yingshao.ts"
import { idIn, lamp, must, staffCounty, submission, wish } from "./county.ts"
import { programme, testClock } from "./open-small.ts"

test("what core and ports both name is the same: neither may import the other", () => {
  expectTypeOf<FailureReason>().toEqualTypeOf<NotifyReason>()
  expectTypeOf<ReceiptType>().toEqualTypeOf<PortReceiptType>()
  expectTypeOf<Order["type"]>().toEqualTypeOf<OrderType>()
})

test("the duty desk's room gets the notice, the partner the order and its receipt is heard", async () => {
  const [acme, water] = [catchNotices("acme"), catchOrders("acme-orders")]
  const policy = fixedPolicy()
  const storage = memoryStorage()
  const clock = testClock()
  const opening = { admin: "admin", units: [...fixedUnits], calendarYears: chinaYears }
  const yingshao = await openYingshao({
    programme,
    policy,
    storage,
    clock,
    opening,
    notifiers: [acme],
    recipients: async (to) =>
      to.kind === "unit" && to.unit === "duty-desk"
        ? [{ person: "duty-desk", addresses: [{ channel: "acme", address: "duty-room" }] }]
        : [],
    dispatchers: [water],
    route: (unit) => (unit === "housing" ? { dispatcher: "acme-orders", partner: "water" } : undefined),
  })
  await staffCounty(yingshao, [])
  await yingshao.handle({
    type: "AppointStaff",
    id: "water-is-our-partner",
    by: { person: "admin", role: "programme-admin" },
    person: "water",
    role: "partner",
    scopes: ["housing"],
  })
  const report = idIn(await must(yingshao, "submit", submission("wang")), "report")
  const duty = ["duty", "duty-officer"] as const
  const answered = await must(yingshao, "answer", wish("AnswerWhistle", ...duty, { report, facts: lamp }))
  const incident = idIn(answered, "incident")
  const order = idIn(await must(yingshao, "hand", wish("HandOver", ...duty, { incident })), "order")
  await yingshao.relay.drain()
  expect(acme.caught.map(({ to, notice }) => [to.address, notice.kind])).toContainEqual([
    "duty-room",
    "whistle",
  ])
  expect(water.caught.map(({ to, id }) => [to, id])).toEqual([["water", order]])
  water.say({
    id: "1",
    source: "water",
    type: "received",
    ref: order,
    time: "2026-03-02T02:00:00.000Z",
    data: {},
  })
  expect(await yingshao.relay.runOnce()).toMatchObject({ receipts: 1 })
  expect((await yingshao.queries.state("order", order)).state).toMatchObject({ standing: "received" })
  await yingshao.close()
})
