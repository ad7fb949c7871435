/** Signed webhooks: the contract, and the reference library that verifies what we sign and signs what we verify. */
import { notifierContract } from "@yingshao/ports/notifier"
import { outboundHttp } from "@yingshao/ports/outbound/outbound-http"
import { signWebhook, webhookProblem } from "@yingshao/ports/outbound/standard-webhook"
import { startFakeServer } from "@yingshao/testkit/fakes/fake-server"
import { webhookFake } from "@yingshao/testkit/fakes/robot-fakes"
import { someNotice } from "@yingshao/testkit/notify-cases/notify-cases"
import { httpBench, notifyContract } from "@yingshao/testkit/notify-contract"
import { Webhook } from "standardwebhooks"
import { describe, expect, it } from "vitest"
import { webhookNotifier } from "../src/webhook-notifier.ts"

const secret = `whsec_${Buffer.from("a key of twenty-four byte").toString("base64")}`
const older = `whsec_${Buffer.from("an older key, same length").toString("base64")}`
const outbound = outboundHttp({ plainHttp: "allowed", privateRanges: ["127.0.0.1"] })
const now = Date.now
const known = { address: "platform-hook", secrets: [secret, secret.slice(6)] }
const open = (origin: string) =>
  webhookNotifier({
    endpoints: { [known.address]: { url: `${origin}/hooks`, secrets: [secret, older] } },
    outbound,
    now,
  })

notifyContract(
  {
    name: "webhook",
    open: () => httpBench(webhookFake({ token: "", secret }, now), open, known),
    skip: {
      "notify/login-page": "a receiver of webhooks answers by its status alone; a page with 200 is a 200",
    },
  },
  { describe, it },
)

describe("beside the reference library `standardwebhooks`", () => {
  it("it verifies what we send, with either key", async () => {
    const server = await startFakeServer(webhookFake({ token: "", secret }, now))
    await open(server.origin).send(
      { channel: "webhook", address: known.address },
      someNotice(),
      AbortSignal.timeout(20_000),
    )
    const request = server.requests[0]
    await server.close()
    const headers = request?.headers as Record<string, string>
    for (const key of [secret, older]) {
      expect(new Webhook(key).verify(request?.body ?? "", headers)).toMatchObject({
        type: "cn.yingshao.notice.whistle.v1",
      })
    }
    const wrong = `whsec_${Buffer.from("quite another key, longer").toString("base64")}`
    expect(() => new Webhook(wrong).verify(request?.body ?? "", headers)).toThrow()
  })

  it("we verify what it signs, and nothing that was changed since", () => {
    const body = '{"text":"惠水"}'
    const at = new Date()
    const headers = {
      "webhook-id": "msg_1",
      "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
      "webhook-signature": new Webhook(secret).sign("msg_1", at, body),
    }
    const problem = (more: object, text = body, nowMs = at.getTime()) =>
      webhookProblem([older, secret], { ...headers, ...more }, text, nowMs)
    expect(problem({})).toBeUndefined()
    expect(problem({}, '{"text":"惠水县"}')).toBe("signature-wrong")
    expect(problem({ "webhook-id": "msg_2" })).toBe("signature-wrong")
    const later = String(Number(headers["webhook-timestamp"]) + 1)
    expect(problem({ "webhook-timestamp": later })).toBe("signature-wrong")
    expect(problem({}, body, at.getTime() + 302_000)).toBe("timestamp-outside")
    expect(problem({}, body, at.getTime() - 302_000)).toBe("timestamp-outside")
    expect(problem({ "webhook-timestamp": "1e9" })).toBe("timestamp-outside")
    expect(problem({ "webhook-signature": undefined })).toBe("header-missing")
  })

  it("signs the specification's own example", () => {
    const headers = signWebhook(
      ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
      "msg_p5jXN8AQM9LWM0D4loKWxJek",
      1_614_265_330_000,
      '{"test": 2432232314}',
    )
    expect(headers["webhook-signature"]).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
  })

  it("refuses secrets and ids of another form without showing them", () => {
    expect(() => signWebhook(["whsec_c2hvcnQ="], "m", 0, "")).toThrow(/24 to 64 bytes/)
    expect(() => signWebhook([secret], "a.b", 0, "")).toThrow(/without a full stop/)
    expect(open("http://127.0.0.1:1").contract).toBe(notifierContract)
  })
})
