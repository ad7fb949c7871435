/** An order goes out to a partner and its receipts come back: twice, out of order, too early, forged. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { folderDispatcher, sealed, unsealed } from "@yingshao/dispatch-folder/folder-dispatcher"
import { httpDispatcher } from "@yingshao/dispatch-http/http-dispatcher"
import { receiptRequests } from "@yingshao/dispatch-http/receipt-requests"
import { hmacSigner } from "@yingshao/ports/outbound/key-signer"
import { type Outbound, outboundHttp } from "@yingshao/ports/outbound/outbound-http"
import { signWebhook } from "@yingshao/ports/outbound/standard-webhook"
import { type Storage, storageFailure } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import { startFakeServer } from "@yingshao/testkit/fakes/fake-server"
import { partnerFake } from "@yingshao/testkit/fakes/partner-fake"
import { replaced } from "@yingshao/testkit/storage-injection"
import { afterAll, describe, expect, test } from "vitest"
import { receiptKeyOf } from "../src/inbox.ts"
import type { Yingshao } from "../src/yingshao.ts"
import { codeOf, give, must, openCounty, wish } from "./county.ts"
import { start, testClock } from "./open-small.ts"
import { answerAll, handOverLamp, openPartnerCounty, routeTo, saying } from "./partners.ts"

const secretOf = (name: string) => `whsec_${Buffer.from(name.padEnd(24, ".")).toString("base64")}` as const
const now = () => start
const source = "https://yingshao.county.example/522731"
const minute = 60_000

/** How often each type of event happened, by the journal. */
const happened = async (county: Yingshao): Promise<ReadonlyMap<string, number>> => {
  const counts = new Map<string, number>()
  for await (const { number, events } of county.journal({ signal: AbortSignal.timeout(60_000) })) {
    for (const { event } of events) {
      const { type } = event as { readonly type: string }
      counts.set(type, (counts.get(type) ?? 0) + 1)
    }
    if (number === (await county.doctor({ chain: 1 })).facts.head.number) break
  }
  return counts
}

const once = { OrderAcknowledged: 1, PartHandled: 1, IncidentHandled: 1 }

const parkedIn = async (county: Yingshao) =>
  (await county.queries.page({ index: "receipts", equals: "parked" })).rows.map(({ id }) => id)

describe("a partner over HTTP", () => {
  const openHttp = async (store: Storage = memoryStorage()) => {
    const server = await startFakeServer(partnerFake(secretOf("water"), now))
    const real = outboundHttp({ plainHttp: "allowed", privateRanges: ["127.0.0.1"] })
    const meanwhile: (() => Promise<unknown>)[] = []
    const outbound: Outbound = async (request, signal) => {
      const answered = await real(request, signal)
      for (const one of meanwhile.splice(0)) await one()
      return answered
    }
    const partners = { water: { url: server.origin, secrets: [secretOf("water")] as const } }
    const clock = testClock()
    const county = await openPartnerCounty(store, clock, {
      dispatchers: [httpDispatcher({ source, outbound, now, partners })],
      route: routeTo("http"),
    })
    const receipts = receiptRequests({
      partners: { water: { secrets: [secretOf("water")] }, gas: { secrets: [secretOf("gas")] } },
      take: county.receive,
      now,
    })
    const post = async (said: ReturnType<typeof saying>, partner = "water", key = partner) => {
      const text = JSON.stringify(said)
      const headers = { ...signWebhook([secretOf(key)], said.id, now(), text) }
      const request = new Request(`https://county.example/receipts/${partner}`, {
        method: "POST",
        headers,
        body: text,
      })
      const answered = await receipts(request)
      return { status: answered.status, ...((await answered.json()) as { kind?: string; effect?: string }) }
    }
    return { county, clock, server, meanwhile, post }
  }

  test("I7 O2 receipts overtake, come twice, late and forged; the report ends replied", async () => {
    const { county, server, meanwhile, post } = await openHttp()
    const { report, incident, order } = await handOverLamp(county, "lamp")
    meanwhile.push(async () => {
      // The partner's answer to the order is not settled yet.
      expect(await post(saying(order, "received"))).toMatchObject({ status: 200, effect: "acknowledged" })
    })
    await county.relay.drain()
    expect(server.problems).toEqual([])
    expect(server.deliveries.map(({ id }) => id)).toEqual([order])
    const [sent] = server.deliveries
    expect(JSON.parse(sent?.text ?? "{}")).toMatchObject({
      data: {
        level: "ordinary",
        category: [{ scheme: "yingshao", code: "facility", name: "设施损坏" }],
        summary: "设施损坏",
        place: { lng: 106.6571, lat: 26.1342, crs: "wgs84" },
        incident,
      },
    })
    expect(sent?.text).not.toContain("wang")
    const result = saying(order, "result", { data: { result: "灯已修好", residentsBenefited: 40 } })

    const forged = await post(result, "gas")
    const unknown = await post(saying("o-none", "result", { id: "none-1", data: { result: "好" } }), "gas")
    expect({ ...unknown, id: "" }).toEqual({ ...forged, id: "" })
    expect(forged).toMatchObject({ status: 200, kind: "parked" })
    expect(forged).not.toHaveProperty("why")
    expect(await post(result, "water", "gas")).toMatchObject({ status: 401 })
    expect((await county.queries.state("incident", incident)).state).toMatchObject({ status: "handed-over" })

    const [first, again] = await Promise.all([post(result), post(result)])
    expect(first).toEqual({ status: 200, id: "result-1", kind: "taken", effect: "handled" })
    expect(again).toEqual(first)
    expect(await post(saying(order, "started"))).toMatchObject({ status: 200, effect: "older" })
    expect(await post(saying(order, "received"))).toMatchObject({ effect: "acknowledged" })

    expect((await county.queries.state("report", report)).state).toMatchObject({ status: "open" })
    await answerAll(county, "lamp", report)
    expect((await county.queries.state("report", report)).state).toMatchObject({ status: "closed" })
    expect(await parkedIn(county)).toEqual(["result-1", "none-1"].map((id) => receiptKeyOf("gas", id)))
    const counts = await happened(county)
    expect(Object.fromEntries(Object.keys(once).map((type) => [type, counts.get(type)]))).toEqual(once)
    expect(await county.checkWorld()).toMatchObject({ findings: [] })
    await county.close()
    await server.close()
  })

  test("I7 200 only after the commit: what could not be stored comes again, and counts once", async () => {
    let down = false
    const storage = replaced(memoryStorage(), (inner) => ({
      async commit(programme, commit) {
        if (down) throw storageFailure("unavailable", "unknown", "the store is away")
        return inner.commit(programme, commit)
      },
    }))
    const { county, server, post } = await openHttp(storage)
    const { order, incident } = await handOverLamp(county, "lamp")
    down = true
    expect(await post(saying(order, "received"))).toMatchObject({ status: 503 })
    expect((await county.queries.state("order", order)).state).toMatchObject({ standing: "sent" })
    down = false
    expect(await post(saying(order, "received"))).toMatchObject({ status: 200, effect: "acknowledged" })
    expect((await county.queries.state("incident", incident)).version).toBeGreaterThan(0)
    await county.close()
    await server.close()
  })

  test("what a receipt lacks is told to whoever sent it, and a person has it; another id takes effect", async () => {
    const { county, server, post } = await openHttp()
    const { order } = await handOverLamp(county, "lamp")
    expect(await post(saying(order, "result"))).toEqual({
      status: 200,
      id: "result-1",
      kind: "parked",
      problem: "`data.result` is missing",
    })
    const long = { result: "长".repeat(1_001) }
    expect(await post(saying(order, "result", { id: "result-2", data: long }))).toMatchObject({
      problem: "`data.result` is longer than 1000 characters",
    })
    expect(
      await post(saying(order, "extension-asked", { data: { minutes: -3, reason: "等" } })),
    ).toMatchObject({
      problem: "`data.minutes` is no whole number from 1 to 525600",
    })
    expect(await post(saying(order, "received", { id: "result-1" }))).toMatchObject({
      problem: "its id was used for other words already",
    })
    expect(await parkedIn(county)).toHaveLength(4)
    expect(await post(saying(order, "result", { id: "result-3", data: { result: "好" } }))).toMatchObject({
      effect: "handled",
    })
    const found = (await county.doctor()).findings.filter(({ invariant }) => invariant === "I7")
    expect(found).toMatchObject([{ en: expect.stringMatching(/^4 receipts .* \(incomplete\)/) }])
    const [first = ""] = await parkedIn(county)
    const reason = "已另报"
    const by = ["duty", "duty-officer"] as const
    expect(codeOf(await give(county, "retry", wish("RetryReceipt", ...by, { receipt: first })))).toBe(
      "still-parked",
    )
    expect(
      codeOf(await give(county, "drop", wish("DismissReceipt", ...by, { receipt: first, reason }))),
    ).toBe("accepted")
    expect(await parkedIn(county)).toHaveLength(3)
    expect(await county.checkWorld()).toMatchObject({ findings: [] })
    await county.close()
    await server.close()
  })
})

test("I7 the doctor names a partner that gets orders and may answer none, before it does", async () => {
  const storage = memoryStorage()
  const county = await openPartnerCounty(storage, testClock(), { route: routeTo("http") })
  const ill = async () =>
    (await county.doctor()).findings.filter(({ invariant }) => invariant === "I7").map(({ where }) => where)
  expect(await ill()).toEqual([])
  const dismissal = { person: "water", role: "partner", reason: "合同到期" }
  await must(county, "dismiss", wish("DismissStaff", "admin", "programme-admin", dismissal))
  expect(await ill()).toEqual(["partner water"])
  await county.close()
})

describe("a partner behind a drop folder", () => {
  const made: string[] = []
  afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true }))))
  const signers = {
    water: hmacSigner("hmac-sha256", "water", Buffer.alloc(32, 1)),
    gas: hmacSigner("hmac-sha256", "gas", Buffer.alloc(32, 2)),
  }

  const openFolder = async (storage: Storage = memoryStorage()) => {
    const root = await mkdtemp(join(tmpdir(), "receipts-"))
    made.push(root)
    const dispatcher = () =>
      folderDispatcher({
        root,
        source,
        partners: { water: { signer: signers.water }, gas: { signer: signers.gas } },
      })
    const clock = testClock()
    const options = { dispatchers: [dispatcher()], route: routeTo("drop-folder") }
    const county = await openPartnerCounty(storage, clock, options)
    const leave = async (said: ReturnType<typeof saying>, partner: keyof typeof signers = "water") => {
      const folder = join(root, "receipts", partner)
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, `${said.id}.json`), await sealed(JSON.stringify(said), signers[partner]))
    }
    const left = async (of: string) => (await readdir(join(root, of)).catch(() => [])).sort()
    /** A second process over the same store and folder. */
    const beside = () => openCounty(storage, clock, { ...options, dispatchers: [dispatcher()] })
    return { county, clock, root, leave, left, beside }
  }

  test("I7 O2 files in any order, twice, torn and forged, two relays at once; the report ends replied", async () => {
    const { county, root, leave, left, beside } = await openFolder()
    const { report, incident, order } = await handOverLamp(county, "lamp")
    await county.relay.drain()
    const [file = ""] = await left("outbox/water")
    const text = await unsealed(await readFile(join(root, "outbox/water", file), "utf8"), signers.water)
    expect(JSON.parse(text ?? "{}")).toMatchObject({ id: order, type: "cn.yingshao.dispatch.assigned.v1" })

    // In the order of their names: result, started, then what was signed first.
    await leave(saying(order, "result", { id: "a", data: { result: "灯已修好" } }))
    await leave(saying(order, "started", { id: "b" }))
    await leave(saying(order, "received", { id: "c" }))
    await leave(saying(order, "refused", { id: "d", data: { reason: "不归我们管" } }), "gas")
    await writeFile(join(root, "receipts/water/e.json"), '{"v":1,"alg":"hmac-sha')
    const other = await beside()
    const counts = await Promise.all([county.relay.runOnce(), other.relay.runOnce()])
    expect(counts.reduce((sum, { receipts }) => sum + receipts, 0)).toBeGreaterThanOrEqual(4)
    expect(await left("receipts/water")).toEqual([])
    expect(await left("quarantine/water")).toEqual(["e.json"])

    // The gateway carries a file once more.
    await leave(saying(order, "result", { id: "a", data: { result: "灯已修好" } }))
    expect(await county.relay.runOnce()).toMatchObject({ receipts: 1 })
    expect((await county.queries.state("incident", incident)).state).toMatchObject({ status: "handled" })
    await answerAll(county, "lamp", report)
    expect((await county.queries.state("report", report)).state).toMatchObject({ status: "closed" })
    expect(await parkedIn(county)).toEqual([receiptKeyOf("gas", "d")])
    const all = await happened(county)
    expect(all.get("PartHandled")).toBe(1)
    expect(all.get("OrderReturned")).toBeUndefined()
    expect(await county.checkWorld()).toMatchObject({ findings: [] })
    await county.close()
  })

  test("I7 files that are there before their order wait for it, and are taken up when it is known", async () => {
    // The same secret and the same commands give the same ids: what a county has again after a restore.
    const before = await openFolder()
    const { order } = await handOverLamp(before.county, "lamp")
    await before.county.close()
    const { county, clock, leave } = await openFolder()
    await leave(saying(order, "received", { id: "a" }))
    await leave(saying(order, "result", { id: "b", data: { result: "灯已修好" } }))
    expect(await county.relay.runOnce()).toMatchObject({ receipts: 2 })
    expect(await parkedIn(county)).toHaveLength(2)
    expect(await county.scheduler.nextDueAt()).toBeUndefined()
    const again = await handOverLamp(county, "lamp")
    expect(again.order).toBe(order)
    expect(await county.checkWorld()).toMatchObject({ findings: [] })
    clock.set(start + minute)
    expect(await county.scheduler.runDue()).toMatchObject({ accepted: 2, refused: 0, failed: 0 })
    expect(await parkedIn(county)).toEqual([])
    expect((await county.queries.state("incident", again.incident)).state).toMatchObject({
      status: "handled",
    })
    expect((await county.scheduler.runDue()).accepted).toBe(0)
    const counts = await happened(county)
    expect([counts.get("PartHandled"), counts.get("OrderAcknowledged")]).toEqual([1, 1])
    await county.close()
  })
})
