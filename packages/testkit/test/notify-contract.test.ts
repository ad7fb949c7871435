/** The suite of `notify/1` bites: each planted fault is caught by a case, and a sound adapter by none. */
import { describe, expect, it } from "vitest"
import type { FakeVendor } from "../src/fakes/fake-server.ts"
import { dingtalkFake, feishuFake, webhookFake, wecomFake } from "../src/fakes/robot-fakes.ts"
import {
  httpBench,
  type NotifierUnderTest,
  notifyCases,
  notifyContract,
  runNotifyCase,
} from "../src/notify-contract.ts"
import { type NotifierFault, type PlantedVendor, plantedNotifier } from "./planted-notifiers.ts"

const now = () => Date.UTC(2026, 2, 3, 4, 5, 6, 789)
const token = "tok-1122"
const secret = `whsec_${Buffer.from("a key of twenty-four byte").toString("base64")}`
const address = "duty-desk-room"

const fakes: Readonly<Record<PlantedVendor, FakeVendor>> = {
  wecom: wecomFake({ token, secret }),
  dingtalk: dingtalkFake({ token, secret }, now),
  feishu: feishuFake({ token, secret }, now),
  webhook: webhookFake({ token, secret }, now),
}

const planted = (vendor: PlantedVendor, fault: NotifierFault | undefined): NotifierUnderTest => ({
  name: `${vendor} with ${fault ?? "no fault"}`,
  open: () =>
    httpBench(
      fakes[vendor],
      (origin) => plantedNotifier({ vendor, origin, address, token, secret, now, fault }),
      { address, secrets: [token, secret] },
    ),
})

/** The cases that fail. A receiver of webhooks answers by its status, so its login page is a success. */
const caughtBy = async (
  vendor: PlantedVendor,
  fault: NotifierFault | undefined,
): Promise<readonly string[]> => {
  const cases = notifyCases.filter(({ id }) => vendor !== "webhook" || id !== "notify/login-page")
  const results = await Promise.all(
    cases.map((one) =>
      runNotifyCase(planted(vendor, fault), one).then(
        () => [],
        () => [one.id],
      ),
    ),
  )
  return results.flat()
}

describe("notify/1 catches", () => {
  it.each<readonly [NotifierFault, PlantedVendor, string]>([
    ["200-taken-as-ok", "wecom", "notify/error-body"],
    ["signature-encoded-twice", "dingtalk", "notify/accepted"],
    ["msgtype-not-matching", "wecom", "notify/accepted"],
    ["hmac-key-and-message-swapped", "feishu", "notify/accepted"],
    ["seconds-for-milliseconds", "dingtalk", "notify/accepted"],
    ["follows-redirects", "wecom", "notify/redirect"],
    ["429-ignored", "dingtalk", "notify/status-429"],
    ["timestamp-not-signed", "webhook", "notify/accepted"],
    ["no-message-id", "webhook", "notify/accepted"],
    ["new-id-each-attempt", "webhook", "notify/same-id-again"],
    ["shows-its-address", "wecom", "notify/reset"],
    ["cuts-by-bytes", "feishu", "notify/long-text"],
    ["outage-called-refused", "dingtalk", "notify/nobody-listens"],
    ["login-page-called-unreachable", "wecom", "notify/login-page"],
    ["limit-of-half-a-message", "wecom", "notify/limits"],
  ])("%s", async (fault, vendor, by) => {
    expect(await caughtBy(vendor, fault)).toContain(by)
  })

  it.each<PlantedVendor>(["wecom", "dingtalk", "feishu", "webhook"])(
    "nothing in %s without a fault",
    async (vendor) => {
      expect(await caughtBy(vendor, undefined)).toEqual([])
    },
  )

  it("a skip of a case that does not exist, or without a reason", () => {
    const runner = { describe: () => {}, it: Object.assign(() => {}, { skip: () => {} }) }
    const skipping = (skip: Record<string, string>) => () =>
      notifyContract({ ...planted("wecom", undefined), skip }, runner)
    expect(skipping({ "notify/none": "because" })).toThrow(/no case/)
    expect(skipping({ "notify/hang": " " })).toThrow(/without a reason/)
    expect(skipping({ "notify/hang": "because" })).not.toThrow()
  })
})
