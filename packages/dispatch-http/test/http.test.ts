/** A partner over HTTP: the contract, the partner's other answers, and receipts that come in. */
import { dispatcherContract } from "@yingshao/ports/dispatcher"
import { outboundHttp } from "@yingshao/ports/outbound/outbound-http"
import { signWebhook } from "@yingshao/ports/outbound/standard-webhook"
import { someOrder } from "@yingshao/testkit/dispatch-cases/dispatch-cases"
import { type DispatchBench, dispatchContract } from "@yingshao/testkit/dispatch-contract"
import { type FakeAnswer, json, silentOrigin, startFakeServer } from "@yingshao/testkit/fakes/fake-server"
import { partnerFake } from "@yingshao/testkit/fakes/partner-fake"
import { describe, expect, it } from "vitest"
import { httpDispatcher } from "../src/http-dispatcher.ts"
import { receiptEndpoint } from "../src/receipt-endpoint.ts"

const secret = `whsec_${Buffer.from("a key of twenty-four byte").toString("base64")}`
const outbound = outboundHttp({ plainHttp: "allowed", privateRanges: ["127.0.0.1"] })
const source = "https://yingshao.county.example/522731"
const now = Date.now
const open = (origin: string) =>
  httpDispatcher({ source, outbound, now, partners: { water: { url: `${origin}/api/`, secrets: [secret] } } })

const bench = async (answer?: FakeAnswer): Promise<DispatchBench> => {
  const server = await startFakeServer(partnerFake(secret, now, answer))
  return {
    dispatcher: open(server.origin),
    partner: "water",
    mood: (mood) => server.mood(mood),
    deliveries: async () => server.deliveries,
    problems: () => server.problems,
    redirected: server.redirected,
    secrets: [secret, secret.slice(6)],
    silent: open(await silentOrigin()),
    close: server.close,
  }
}

dispatchContract({ name: "http", open: () => bench(), receipts: "pushed" }, { describe, it })

describe("what a partner may answer", () => {
  const handed = async (answer: FakeAnswer) => {
    const { dispatcher, close } = await bench(answer)
    const result = await dispatcher
      .hand(someOrder("water"), AbortSignal.timeout(20_000))
      .catch((error: unknown) => error)
    await close()
    return result
  }

  it("accepted with its reference, handed over, known already", async () => {
    expect(await handed(json({ partnerRef: "P-1" }, 200))).toEqual({
      id: "o-0001",
      grade: "accepted",
      partnerRef: "P-1",
    })
    expect(await handed({ status: 202, body: "" })).toEqual({ id: "o-0001", grade: "handed-over" })
    expect(await handed(json({ partnerRef: "P-1" }, 409))).toEqual({
      id: "o-0001",
      grade: "accepted",
      partnerRef: "P-1",
      duplicate: true,
    })
  })

  it("JSON that calls itself text is no JSON", async () => {
    const answer = { status: 200, headers: { "content-type": "text/html" }, body: '{"partnerRef":"P-1"}' }
    expect(await handed(answer)).toMatchObject({ retry: "ask-a-person" })
  })
})

describe("a partner with a form of its own", () => {
  const orders = {
    name: "water, orders",
    offsetMinutes: 480,
    rows: [
      { from: "id", to: "bh" },
      { from: "data.level", to: "jjcd", codes: { emergency: "1", ordinary: "2" } },
    ],
  } as const
  const receipts = {
    name: "water, receipts",
    offsetMinutes: 480,
    rows: [
      { from: "lsh", to: "id" },
      { from: "zt", to: "type", codes: { "1": "received", "9": "result" } },
      { from: "sj", to: "time", time: { from: "local", to: "iso-utc" } },
      { from: "bh", to: "data.ref" },
    ],
  } as const

  it("gets its fields and codes, and a code that it does not know is never, by row and field", async () => {
    const server = await startFakeServer({
      ...partnerFake(secret, now),
      judge: ({ body }) => ({
        kind: "taken",
        delivery: { id: undefined, text: body },
        answer: json({}, 201),
      }),
    })
    const partners = { water: { url: server.origin, secrets: [secret] as const, orders } }
    const dispatcher = httpDispatcher({ source, outbound, now, partners })
    await dispatcher.hand(someOrder("water"), AbortSignal.timeout(20_000))
    expect(server.deliveries.map(({ text }) => JSON.parse(text) as unknown)).toEqual([
      { bh: "o-0001", jjcd: "1" },
    ])
    const huge = someOrder("water", { data: { level: "huge" } })
    await expect(dispatcher.hand(huge, AbortSignal.timeout(20_000))).rejects.toMatchObject({
      retry: "never",
      message: "mapping table water, orders: row 2 data.level unknown-code",
    })
    await server.close()
  })

  it("is heard in its own words", async () => {
    const taken: unknown[] = []
    const endpoint = receiptEndpoint({
      partners: { water: { secrets: [secret], receipts } },
      take: async (one) => taken.push(one),
      now,
    })
    const say = (text: string) =>
      endpoint({ partner: "water", headers: signWebhook([secret], "w-1", now(), text), body: text })
    const said = await say('{"lsh":"w-1","zt":"9","sj":"2026-03-03 12:10:00","bh":"o-0001"}')
    expect(said.status).toBe(200)
    expect(taken).toMatchObject([
      { id: "w-1", source: "water", type: "result", ref: "o-0001", time: "2026-03-03T04:10:00.000Z" },
    ])
    const wrong = await say('{"lsh":"w-1","zt":"5","sj":"2026-03-03 12:10:00","bh":"o-0001"}')
    expect(wrong).toMatchObject({ status: 400, body: JSON.stringify({ error: "`zt` is unknown-code" }) })
  })
})

describe("the endpoint for receipts", () => {
  const body = (more: object = {}) =>
    JSON.stringify({
      id: "rc-1",
      type: "cn.yingshao.receipt.received.v1",
      time: "2026-03-03T12:10:00+08:00",
      data: { ref: "o-0001", partnerRef: "P-1" },
      ...more,
    })
  const post = async (text: string, headers: object = {}, partner = "water") => {
    const taken: unknown[] = []
    const endpoint = receiptEndpoint({
      partners: { water: { secrets: [secret] } },
      take: async (one) => taken.push(one),
      now,
    })
    const id = /"id":"([^"]*)"/.exec(text)?.[1] ?? "rc-1"
    const signed = { ...signWebhook([secret], id.replaceAll(".", "-") || "rc-1", now(), text), ...headers }
    const response = await endpoint({ partner, headers: signed, body: text })
    return { ...response, taken }
  }

  it("takes what is signed, once committed, and answers 200", async () => {
    const { status, taken } = await post(body())
    expect(status).toBe(200)
    expect(taken).toMatchObject([
      {
        id: "rc-1",
        source: "water",
        type: "received",
        ref: "o-0001",
        partnerRef: "P-1",
        time: "2026-03-03T04:10:00.000Z",
      },
    ])
  })

  it("answers an unknown partner and a wrong signature alike, and takes nothing", async () => {
    const wrong = await post(body(), { "webhook-signature": "v1,AAAA" })
    const unknown = await post(body(), {}, "fire")
    const inherited = await post(body(), {}, "__proto__")
    expect(wrong.status).toBe(401)
    expect([unknown, inherited]).toEqual([wrong, wrong])
    expect(wrong.taken).toEqual([])
  })

  it("answers 503 when it could not be stored, so that it comes again", async () => {
    const endpoint = receiptEndpoint({
      partners: { water: { secrets: [secret] } },
      take: () => Promise.reject(new Error("disk")),
      now,
    })
    const text = body()
    const response = await endpoint({
      partner: "water",
      headers: signWebhook([secret], "rc-1", now(), text),
      body: text,
    })
    expect(response.status).toBe(503)
    expect(response.body).not.toMatch(/disk/)
  })

  it.each([
    ["not JSON", "{", /not JSON/],
    ["an array", "[]", /an object/],
    ["a type that is none", body({ type: "cn.yingshao.receipt.done.v1" }), /must be one of/],
    ["no reference", body({ data: {} }), /data.ref/],
    ["a time that is none", body({ time: "yesterday" }), /an instant/],
    ["deep brackets", `{"id":"rc-1","data":${"[".repeat(1_000)}${"]".repeat(1_000)}}`, /deeper than 16/],
    [
      "an own __proto__",
      '{"id":"rc-1","__proto__":{"type":"received"},"data":{"ref":"o-1"}}',
      /must be one of/,
    ],
    ["another id than the header", body(), /webhook-id/],
  ])("says what is wrong with %s", async (name, text, said) => {
    const signed = name.startsWith("another") ? signWebhook([secret], "rc-2", now(), text) : {}
    const { status, body: answer, taken } = await post(text, signed)
    expect(status).toBe(400)
    expect(answer).toMatch(said)
    expect(taken).toEqual([])
  })

  it("answers 413 before it reads, and stays what it says it is", async () => {
    expect((await post(body({ filler: "x".repeat(300_000) }))).status).toBe(413)
    expect(open("http://127.0.0.1:1").contract).toBe(dispatcherContract)
  })
})
