/** Every adapter that speaks HTTP, as a host gets it without options, pointed at addresses that lead inwards. */
import { createServer } from "node:net"
import { httpDispatcher } from "@yingshao/dispatch-http"
import { open311Dispatcher } from "@yingshao/dispatch-open311"
import { dingtalkNotifier } from "@yingshao/notify-robots/dingtalk-robot"
import { feishuNotifier } from "@yingshao/notify-robots/feishu-robot"
import { wecomNotifier } from "@yingshao/notify-robots/wecom-robot"
import { webhookNotifier } from "@yingshao/notify-webhook"
import { isDispatchRefusal } from "@yingshao/ports/dispatcher"
import { isNotifyFailure } from "@yingshao/ports/notifier"
import { afterAll, beforeAll, expect, it } from "vitest"

let hits = 0
const canary = createServer((socket) => {
  hits += 1
  socket.destroy()
})
let port = 0
beforeAll(async () => {
  await new Promise<void>((resolve) => canary.listen(0, "127.0.0.1", resolve))
  const address = canary.address()
  port = typeof address === "object" && address !== null ? address.port : 0
})
afterAll(() => {
  canary.close()
})

const secrets = [`whsec_${Buffer.alloc(32, 7).toString("base64")}`] as const
const robots = { there: { token: "token", secret: "secret", key: "key" } }
const notice = { deliveryId: "d-1", kind: "handled", title: "t", lines: [], urgent: false }
const order = {
  id: "o-1",
  caseKey: "incident/i-1",
  to: "there",
  type: "assigned" as const,
  time: "2026-03-02T01:00:00.000Z",
  data: {
    class: "ordinary",
    category: "road",
    lng: 106.65,
    lat: 26.13,
    answerBy: "2026-03-02T02:00:00.000Z",
  },
}

/** What each adapter does with such an address: its failure. */
const senders: Readonly<Record<string, (url: string) => Promise<unknown>>> = {
  wecom: (origin) => tell(wecomNotifier({ robots, origin })),
  dingtalk: (origin) => tell(dingtalkNotifier({ robots, origin })),
  feishu: (origin) => tell(feishuNotifier({ robots, origin })),
  webhook: (url) => tell(webhookNotifier({ endpoints: { there: { url, secrets } } })),
  http: (url) => hand(httpDispatcher({ partners: { there: { url, secrets } }, source: "https://c.example" })),
  open311: (url) =>
    hand(open311Dispatcher({ partners: { there: { url, serviceCodes: { otherwise: "1" } } } })),
}

const tell = (notifier: ReturnType<typeof wecomNotifier>) =>
  notifier.send({ channel: notifier.name, address: "there" }, notice, AbortSignal.timeout(2_000))

const hand = (dispatcher: ReturnType<typeof httpDispatcher>) =>
  dispatcher.hand(order, AbortSignal.timeout(2_000))

it.each(Object.keys(senders))(
  "a loopback canary sees nothing of %s, and an operator is asked",
  async (name) => {
    for (const host of ["127.0.0.1", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]", "[::1]", "localhost"]) {
      for (const scheme of ["https", "http"]) {
        const failure: unknown = await senders[name]?.(`${scheme}://${host}:${port}`).then(
          () => "it was sent",
          (error: unknown) => error,
        )
        const asked = isNotifyFailure(failure)
          ? failure.reason
          : isDispatchRefusal(failure)
            ? failure.retry
            : failure
        expect(asked, `${scheme}://${host}`).toBe(isNotifyFailure(failure) ? "credentials" : "ask-a-person")
      }
    }
    expect(hits).toBe(0)
  },
)
