/** Every adapter that speaks HTTP, as a host gets it without options, pointed at addresses that lead inwards. */
import { createServer as createHttpServer } from "node:http"
import { createServer } from "node:net"
import { httpDispatcher } from "@yingshao/dispatch-http"
import { open311Dispatcher } from "@yingshao/dispatch-open311"
import { dingtalkNotifier } from "@yingshao/notify-robots/dingtalk-robot"
import { feishuNotifier } from "@yingshao/notify-robots/feishu-robot"
import { wecomNotifier } from "@yingshao/notify-robots/wecom-robot"
import { webhookNotifier } from "@yingshao/notify-webhook"
import { isDispatchRefusal } from "@yingshao/ports/dispatcher"
import { isNotifyFailure } from "@yingshao/ports/notifier"
import { type Outbound, outboundHttp } from "@yingshao/ports/outbound/outbound-http"
import { addressRule } from "@yingshao/ports/outbound/public-address"
import { afterAll, beforeAll, expect, it } from "vitest"

let hits = 0
const canary = createServer((socket) => {
  hits += 1
  socket.destroy()
})
let port = 0
beforeAll(async () => {
  await new Promise<void>((resolve) => canary.listen(0, "0.0.0.0", resolve))
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
const senders: Readonly<
  Record<string, (url: string, more?: { readonly outbound: Outbound }) => Promise<unknown>>
> = {
  wecom: (origin, more) => tell(wecomNotifier({ robots, origin, ...more })),
  dingtalk: (origin, more) => tell(dingtalkNotifier({ robots, origin, ...more })),
  feishu: (origin, more) => tell(feishuNotifier({ robots, origin, ...more })),
  webhook: (url, more) => tell(webhookNotifier({ endpoints: { there: { url, secrets } }, ...more })),
  http: (url, more) =>
    hand(httpDispatcher({ partners: { there: { url, secrets } }, source: "https://c.example", ...more })),
  open311: (url, more) =>
    hand(open311Dispatcher({ partners: { there: { url, serviceCodes: { otherwise: "1" } } }, ...more })),
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

/** Public by the first look-up and this machine by the next, as a name that somebody has in his hands. */
const rebinding = (first: () => void = () => {}) => {
  let asked = 0
  return async () => {
    asked += 1
    if (asked > 1) return ["127.0.0.1"]
    first()
    return ["93.184.216.34"]
  }
}

/** Somebody's own server, which may be reached, and sends whoever asks to the canary at 127.0.0.2. */
const luring = async (): Promise<{ readonly url: string; readonly close: () => void }> => {
  const server = createHttpServer((_, answer) => {
    answer.writeHead(307, { location: `http://127.0.0.2:${port}/` })
    answer.end()
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    close: () => server.close(),
  }
}

it.each(Object.keys(senders))(
  "a canary sees nothing of %s by a redirect or by a name that changes",
  async (name) => {
    const lure = await luring()
    const listed = outboundHttp({ plainHttp: "allowed", privateRanges: ["127.0.0.1"] })
    await senders[name]?.(lure.url, { outbound: listed }).catch(() => {})
    lure.close()
    // The first attempt is given up between look-up and connection: nobody outside is bothered.
    const given = new AbortController()
    const outbound = outboundHttp({ plainHttp: "allowed", resolve: rebinding(() => given.abort()) })
    const first: Outbound = (request, signal) => outbound(request, AbortSignal.any([signal, given.signal]))
    await senders[name]?.(`http://name.example:${port}`, { outbound: first }).catch(() => {})
    expect(given.signal.aborted).toBe(true)
    await senders[name]?.(`http://name.example:${port}`, { outbound }).catch(() => {})
    expect(hits).toBe(0)
  },
)

/** Ways to send that were seen in other projects; each leads inwards. */
const naive: Readonly<Record<string, (lure: string) => readonly [url: string, outbound: Outbound]>> = {
  "checks nothing": () => [`http://127.0.0.1:${port}`, fetched],
  "checks the text only": () => {
    const named: Outbound = (request, signal) => {
      if (/127\.0\.0\.1|localhost/.test(request.url)) throw new Error("refused")
      return fetched(request, signal)
    }
    return [`http://0x7f.1:${port}`, named]
  },
  "follows redirects": (lure) => [lure, fetched],
  "looks the name up, and once more to connect": () => {
    const resolve = rebinding()
    const twice: Outbound = async (request, signal) => {
      const [checked = ""] = await resolve()
      if (!addressRule([])(checked)) throw new Error("refused")
      const [connected = ""] = await resolve()
      return fetched({ ...request, url: request.url.replace("name.example", connected) }, signal)
    }
    return [`http://name.example:${port}`, twice]
  },
}

const fetched: Outbound = async ({ method, url, headers, body }, signal) => {
  const answer = await fetch(url, { method, headers, signal, ...(body === undefined ? {} : { body }) })
  return { status: answer.status, headers: {}, body: await answer.text() }
}

it.each(Object.keys(naive))("the canary sees every adapter over a planted sender that %s", async (fault) => {
  for (const [name, send] of Object.entries(senders)) {
    hits = 0
    const lure = await luring()
    const [url, outbound] = naive[fault]?.(lure.url) ?? ["", fetched]
    await send(url, { outbound }).catch(() => {})
    lure.close()
    expect(hits, name).toBeGreaterThan(0)
  }
  hits = 0
})
