/** The suite of `dispatch/1` bites: each planted fault is caught by a case, and a sound adapter by none. */
import {
  type Dispatcher,
  dispatcherContract,
  dispatchRefusal,
  isOrderId,
  type PartnerReceipt,
} from "@yingshao/ports/dispatcher"
import { dispatchEvent } from "@yingshao/ports/outbound/dispatch-event"
import { describe, expect, it } from "vitest"
import {
  type DispatcherUnderTest,
  dispatchCases,
  dispatchContract,
  runDispatchCase,
} from "../src/dispatch-contract.ts"
import type { FakeDelivery, FakeMood } from "../src/fakes/fake-server.ts"

type DispatcherFault =
  | "file-name-is-not-the-id"
  | "new-body-each-attempt"
  | "says-handed-and-drops"
  | "unknown-partner-later"
  | "takes-any-id"
  | "ignores-a-stopped-caller"
  | "outage-called-never"
  | "shows-the-order"
  | "throws-what-is-no-refusal"
  | "forgets-the-expiry"
  | "one-type-for-all"
  | "sequence-by-attempt"
  | "receipts-taken-when-read"
  | "receipts-without-limit"
  | "acknowledges-everything"

const secret = "key-5521"

/** A partner in memory, whose adapter has a fault to order. */
const planted = (fault: DispatcherFault | undefined): DispatcherUnderTest => ({
  name: `memory with ${fault ?? "no fault"}`,
  moods: ["well", "server-error"],
  receipts: "fetched",
  open: async () => {
    const deliveries: FakeDelivery[] = []
    const receipts: PartnerReceipt[] = []
    let mood: FakeMood = "well"
    let attempts = 0
    const dispatcher = (there: boolean): Dispatcher => ({
      contract: dispatcherContract,
      name: "memory",
      async hand(order, signal) {
        if (order.to !== "water") {
          throw dispatchRefusal(fault === "unknown-partner-later" ? "later" : "never", "unknown")
        }
        if (!isOrderId(order.id) && fault !== "takes-any-id") throw dispatchRefusal("never", "no id")
        if (signal.aborted && fault !== "ignores-a-stopped-caller") throw dispatchRefusal("later", "stopped")
        if (!there || mood !== "well") {
          if (fault === "throws-what-is-no-refusal") throw new Error("away")
          const said = fault === "shows-the-order" ? JSON.stringify(order.data) : "away"
          throw dispatchRefusal(fault === "outage-called-never" ? "never" : "later", said)
        }
        attempts += 1
        const event = dispatchEvent(order, { source: "https://a.example/1" })
        const { expirytime, ...mortal } = event
        const changed = {
          ...(fault === "forgets-the-expiry" ? mortal : { ...mortal, expirytime }),
          ...(fault === "new-body-each-attempt" ? { time: `2026-03-03T12:05:0${attempts}.000+08:00` } : {}),
          ...(fault === "one-type-for-all" ? { type: "cn.yingshao.dispatch.assigned.v1" } : {}),
          ...(fault === "sequence-by-attempt" ? { sequence: String(1_000 - attempts) } : {}),
        }
        const id = fault === "file-name-is-not-the-id" ? `${order.id}-1` : order.id
        if (fault !== "says-handed-and-drops") deliveries.push({ id, text: JSON.stringify(changed) })
        return { id: order.id, grade: "accepted" }
      },
      async receipts(limit) {
        const some = receipts.slice(0, fault === "receipts-without-limit" ? undefined : limit)
        if (fault === "receipts-taken-when-read") receipts.splice(0, some.length)
        return some
      },
      async acknowledge(ids) {
        const left = fault === "acknowledges-everything" ? [] : receipts.filter(({ id }) => !ids.includes(id))
        receipts.splice(0, receipts.length, ...left)
      },
      close: async () => {},
    })
    return {
      dispatcher: dispatcher(true),
      silent: dispatcher(false),
      partner: "water",
      mood: (next) => {
        mood = next
      },
      deliveries: async () => deliveries,
      problems: () => [],
      redirected: () => 0,
      secrets: [secret],
      leaveReceipt: async (receipt) => void receipts.push(receipt),
      close: async () => {},
    }
  },
})

/** Cases that fail, of those that this partner claims. */
const caughtBy = async (fault: DispatcherFault | undefined): Promise<readonly string[]> => {
  const transport = planted(fault)
  const claimed = dispatchCases.filter(
    ({ needs }) => needs === undefined || needs === "fetched-receipts" || transport.moods?.includes(needs),
  )
  const results = await Promise.all(
    claimed.map((one) =>
      runDispatchCase(transport, one).then(
        () => [],
        () => [one.id],
      ),
    ),
  )
  return results.flat()
}

describe("dispatch/1 catches", () => {
  it.each<readonly [DispatcherFault, string]>([
    ["file-name-is-not-the-id", "dispatch/handed"],
    ["new-body-each-attempt", "dispatch/same-id-again"],
    ["says-handed-and-drops", "dispatch/handed"],
    ["unknown-partner-later", "dispatch/unknown-partner"],
    ["takes-any-id", "dispatch/hostile-id"],
    ["ignores-a-stopped-caller", "dispatch/stopped-before"],
    ["outage-called-never", "dispatch/nobody-there"],
    ["shows-the-order", "dispatch/nobody-there"],
    ["throws-what-is-no-refusal", "dispatch/nobody-there"],
    ["forgets-the-expiry", "dispatch/handed"],
    ["one-type-for-all", "dispatch/every-type"],
    ["sequence-by-attempt", "dispatch/order-per-case"],
    ["receipts-taken-when-read", "dispatch/receipt"],
    ["receipts-without-limit", "dispatch/receipts-limit"],
    ["acknowledges-everything", "dispatch/receipt"],
  ])("%s", async (fault, by) => {
    expect(await caughtBy(fault)).toContain(by)
  })

  it("nothing without a fault", async () => {
    expect(await caughtBy(undefined)).toEqual([])
  })

  it("a skip of a case that does not exist, or without a reason", () => {
    const runner = { describe: () => {}, it: Object.assign(() => {}, { skip: () => {} }) }
    const skipping = (skip: Record<string, string>) => () =>
      dispatchContract({ ...planted(undefined), skip }, runner)
    expect(skipping({ "dispatch/none": "because" })).toThrow(/no case/)
    expect(skipping({ "dispatch/receipt": "" })).toThrow(/without a reason/)
  })
})
