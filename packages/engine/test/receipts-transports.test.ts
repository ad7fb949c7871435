/** Receipts from a partner in this process and from an Open311 city: order, receipts, obligations, nothing twice. */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { open311Dispatcher } from "@yingshao/dispatch-open311"
import { openRequestsInFolder } from "@yingshao/dispatch-open311/open-requests"
import type { PartnerReceipt } from "@yingshao/ports/dispatcher"
import { outboundHttp } from "@yingshao/ports/outbound/outbound-http"
import { type Storage, storageFailure } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import { type FakeVendor, json, startFakeServer } from "@yingshao/testkit/fakes/fake-server"
import { replaced } from "@yingshao/testkit/storage-injection"
import { describe, expect, test } from "vitest"
import { catchOrders } from "../src/in-process.ts"
import { receiptKeyOf } from "../src/inbox.ts"
import type { Yingshao } from "../src/yingshao.ts"
import { must, openCounty, wish } from "./county.ts"
import { programme, start, testClock } from "./open-small.ts"
import { answerAll, handOverLamp, openPartnerCounty, owedIn, routeTo } from "./partners.ts"

const minute = 60_000

const parkedIn = async (county: Yingshao) =>
  (await county.queries.page({ index: "receipts", equals: "parked" })).rows.map(({ id }) => id)

const said = (
  ref: string,
  type: PartnerReceipt["type"],
  more: Partial<PartnerReceipt> = {},
): PartnerReceipt => ({
  id: `${type}-1`,
  source: "water",
  type,
  ref,
  time: "2026-03-02T02:00:00.000Z",
  data: {},
  ...more,
})

describe("a partner in this process", () => {
  const openIn = async (storage: Storage = memoryStorage()) => {
    const partner = catchOrders("in-process")
    const clock = testClock()
    const options = { dispatchers: [partner], route: routeTo("in-process") }
    return { partner, clock, county: await openPartnerCounty(storage, clock, options) }
  }

  test("I7 O2 says everything twice and the wrong way round; the obligations are met once and the report ends replied", async () => {
    const { partner, county } = await openIn()
    const { report, incident, order } = await handOverLamp(county, "lamp")
    expect(await owedIn(county, incident)).toEqual(["acknowledge", "handle"])
    await county.relay.drain()
    expect(partner.caught.map(({ id }) => id)).toEqual([order])
    partner.say(said(order, "received"))
    await county.relay.runOnce()
    expect(await owedIn(county, incident)).toEqual(["handle"])
    // Another partner's receipt has the same id, and is about an order that is not its own.
    partner.say(said(order, "result", { data: { result: "灯已修好" } }))
    partner.say(said(order, "result", { source: "gas", data: { result: "不是我们的" } }))
    partner.say(said(order, "started"))
    partner.say(said(order, "received"))
    for (let turn = 0; turn < 3; turn += 1) await county.relay.runOnce()
    expect(await owedIn(county, incident)).toEqual([])
    expect(await partner.receipts(10)).toEqual([])
    expect(await parkedIn(county)).toEqual([receiptKeyOf("gas", "result-1")])
    expect((await county.queries.state("order", order)).state).toMatchObject({ standing: "result" })
    await answerAll(county, "lamp", report)
    expect((await county.queries.state("report", report)).state).toMatchObject({ status: "closed" })
    expect(await county.checkWorld()).toMatchObject({ findings: [] })
    await county.close()
  })

  test("I7 a receipt is kept by the partner until its effect is committed", async () => {
    let down = false
    const storage = replaced(memoryStorage(), (inner) => ({
      async commit(name, commit) {
        if (down) throw storageFailure("unavailable", "unknown", "the store is away")
        return inner.commit(name, commit)
      },
    }))
    const { partner, county } = await openIn(storage)
    const { incident, order } = await handOverLamp(county, "lamp")
    await county.relay.drain()
    partner.say(said(order, "received"))
    down = true
    expect(await county.relay.runOnce()).toMatchObject({ receipts: 0 })
    expect(await partner.receipts(10)).toHaveLength(1)
    down = false
    expect(await county.relay.runOnce()).toMatchObject({ receipts: 1 })
    expect(await owedIn(county, incident)).toEqual(["handle"])
    await county.close()
  })

  test("O4 a dispatcher whose receipts hang keeps no other partner's waiting", async () => {
    let looked = 0
    const caught = catchOrders("in-process")
    const partner = {
      ...caught,
      receipts: (limit: number) => {
        looked += 1
        return caught.receipts(limit)
      },
    }
    const stuck = { ...catchOrders("stuck"), receipts: () => new Promise<never>(() => {}) }
    const county = await openPartnerCounty(memoryStorage(), testClock(), {
      dispatchers: [stuck, partner],
      route: routeTo("in-process"),
    })
    const { order } = await handOverLamp(county, "lamp")
    const end = new AbortController()
    // Never awaited: the one that hangs would keep it.
    void county.relay.follow({ signal: end.signal, pollMs: 5 })
    await expect.poll(() => looked).toBeGreaterThan(0)
    caught.say(said(order, "received"))
    await expect.poll(() => caught.receipts(10)).toEqual([])
    end.abort()
    expect((await county.queries.state("order", order)).state).toMatchObject({ standing: "received" })
  })
})

describe("an Open311 city", () => {
  interface City {
    readonly vendor: FakeVendor
    readonly requests: Map<string, Record<string, unknown>>
    /** Requests whose token has become an id. */
    readonly resolved: Set<string>
    asked: number
  }

  /** A city that answers a post with a token, and by and by with an id. */
  const city = (): City => {
    const requests = new Map<string, Record<string, unknown>>()
    const made: City = {
      requests,
      resolved: new Set(),
      asked: 0,
      vendor: {
        answers: {
          "rate-limited": json([], 429),
          "error-body": json([], 400),
          "unheard-code": json([], 418),
          "wrong-key": json([], 403),
        },
        judge: ({ method, path, body }) => {
          if (method === "POST") {
            const id = `${1_000 + requests.size}`
            const description = new URLSearchParams(body).get("description")
            requests.set(id, { service_request_id: id, status: "open", description, updated_datetime: at(5) })
            return { kind: "taken", delivery: { id, text: body }, answer: json([{ token: `t-${id}` }]) }
          }
          made.asked += 1
          const [, kind, name = ""] = /\/(requests|tokens)\/([^/]+)\.json$/.exec(path) ?? []
          const id = name.replace(/^t-/, "")
          if (kind === "tokens")
            return {
              kind: "refused",
              problem: "",
              answer: json([{ token: name, service_request_id: made.resolved.has(id) ? id : "" }]),
            }
          const list = kind === undefined ? [...requests.values()] : [requests.get(id) ?? {}]
          return { kind: "refused", problem: "", answer: json(list) }
        },
      },
    }
    return made
  }

  const at = (minutes: number): string => new Date(start + minutes * minute).toISOString()

  const openCity = async () => {
    const made = city()
    const server = await startFakeServer(made.vendor)
    const folder = await mkdtemp(join(tmpdir(), "open311-"))
    const storage = memoryStorage()
    const clock = testClock()
    const options = () => ({
      dispatchers: [
        open311Dispatcher({
          outbound: outboundHttp({ plainHttp: "allowed", privateRanges: ["127.0.0.1"] }),
          now: clock.now,
          openRequests: openRequestsInFolder(folder),
          partners: { water: { url: server.origin, serviceCodes: { otherwise: "999" } } },
        }),
      ],
      route: routeTo("open311"),
    })
    const county = await openPartnerCounty(storage, clock, options())
    const pass = (minutes: number) => clock.set(clock.now() + minutes * minute)
    return {
      made,
      county,
      storage,
      pass,
      /** A process that knows only what is stored. */
      restarted: () => openCounty(storage, clock, options()),
      close: async () => {
        await county.close()
        await server.close()
        await rm(folder, { recursive: true })
      },
    }
  }

  test("O5 the city cannot be told of a recall: it is parked, and the note says what a person has to do", async () => {
    const { county, storage, close } = await openCity()
    await handOverLamp(county, "lamp")
    await county.relay.drain()
    const units = { unit: "housing", successor: "market-supervision" }
    await must(county, "close", wish("CloseUnit", "admin", "programme-admin", { unit: units.unit }))
    await must(county, "dissolve", wish("DissolveUnit", "admin", "programme-admin", units))
    await county.relay.drain()
    const dead = await storage.outbox(programme, { status: "dead", after: undefined, limit: 100 })
    expect(dead.map(({ topic, note }) => [topic, note])).toEqual([
      ["dispatch", "for operator: open311: ask-a-person: tell the city of what was recalled: it has no way"],
    ])
    await close()
  })

  test("I7 O2 by token, with a restart in between: received, then done; the report ends replied", async () => {
    const { made, county, storage, pass, restarted, close } = await openCity()
    const { report, incident, order } = await handOverLamp(county, "lamp")
    await county.relay.drain()
    const [row] = await storage.outbox(programme, { status: "delivered", after: undefined, limit: 100 })
    expect(row).toBeDefined()
    expect([...made.requests.values()].map(({ description }) => description)).toEqual([
      `设施损坏 [ref ${order}]`,
    ])
    pass(6)
    expect(await county.relay.runOnce()).toMatchObject({ receipts: 0 })
    expect(await owedIn(county, incident)).toEqual(["acknowledge", "handle"])

    made.resolved.add("1000")
    const other = await restarted()
    const before = made.asked
    expect(await other.relay.runOnce()).toMatchObject({ receipts: 0 })
    expect(made.asked).toBe(before)
    pass(6)
    expect(await other.relay.runOnce()).toMatchObject({ receipts: 1 })
    expect(await owedIn(other, incident)).toEqual(["handle"])

    Object.assign(made.requests.get("1000") ?? {}, {
      status: "closed",
      status_notes: "灯已修好",
      updated_datetime: at(60),
    })
    pass(6)
    // Both processes ask, and both hear of it: one effect.
    const [one, two] = await Promise.all([county.relay.runOnce(), other.relay.runOnce()])
    expect(one.receipts + two.receipts).toBeGreaterThanOrEqual(1)
    pass(6)
    await county.relay.runOnce()
    expect(await owedIn(county, incident)).toEqual([])
    await answerAll(county, "lamp", report)
    expect((await county.queries.state("report", report)).state).toMatchObject({ status: "closed" })
    expect(await parkedIn(county)).toEqual([])
    expect((await county.queries.state("order", order)).state).toMatchObject({ standing: "result" })
    expect(await county.checkWorld()).toMatchObject({ findings: [] })
    pass(600)
    const asked = made.asked
    await (await restarted()).relay.runOnce()
    expect(made.asked).toBe(asked)
    await close()
  })

  test("I7 a request that was closed before anybody asked acknowledges and handles at once", async () => {
    const { made, county, pass, close } = await openCity()
    const { incident } = await handOverLamp(county, "lamp")
    await county.relay.drain()
    made.resolved.add("1000")
    Object.assign(made.requests.get("1000") ?? {}, { status: "closed" })
    pass(6)
    expect(await county.relay.runOnce()).toMatchObject({ receipts: 1 })
    expect(await owedIn(county, incident)).toEqual([])
    await close()
  })
})
