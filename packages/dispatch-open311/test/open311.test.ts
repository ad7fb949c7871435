/** Open311: the contract against a server that keeps requests, tokens, and what real servers do. */
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Order } from "@yingshao/ports/dispatcher"
import { outboundHttp } from "@yingshao/ports/outbound/outbound-http"
import { someOrder } from "@yingshao/testkit/dispatch-cases/dispatch-cases"
import { type DispatchBench, dispatchContract } from "@yingshao/testkit/dispatch-contract"
import { type FakeVendor, json, silentOrigin, startFakeServer } from "@yingshao/testkit/fakes/fake-server"
import { describe, expect, it } from "vitest"
import { type OpenRequests, openRequestsInFolder, openRequestsInMemory } from "../src/open-requests.ts"
import { type Open311Options, open311Dispatcher } from "../src/open311-dispatcher.ts"

const apiKey = "key-90c1"
const outbound = outboundHttp({ plainHttp: "allowed", privateRanges: ["127.0.0.1"], maxBodyBytes: 4_000_000 })

interface City {
  readonly vendor: FakeVendor
  readonly requests: Map<string, Record<string, unknown>>
  answerWith: "id" | "token" | "nothing"
  tokenKnown: boolean
}

/** A city's server, as strict as the standard: form, service, address, key, jurisdiction, lists everywhere. */
const city = (): City => {
  const requests = new Map<string, Record<string, unknown>>()
  const made: City = {
    requests,
    answerWith: "id",
    tokenKnown: false,
    vendor: {
      answers: {
        "rate-limited": { status: 429, headers: { "retry-after": "60" }, body: "[]" },
        "error-body": json([{ code: 400, description: "service_code is not valid" }], 400),
        "unheard-code": json([{ code: 418, description: "?" }], 418),
        "wrong-key": json([{ code: 403, description: "api_key" }], 403),
      },
      judge: (request) => {
        const delivery = { id: undefined, text: request.body }
        const bad = (problem: string) =>
          ({ kind: "refused", problem, answer: json([{ code: 400, description: problem }], 400) }) as const
        const query = request.query.get("jurisdiction_id")
        if (query !== "city.example") return bad("jurisdiction_id")
        if (request.method === "GET") {
          const one = /^\/api\/(requests|tokens)\/([^/]+)\.json$/.exec(request.path)
          const list =
            one?.[1] === "requests"
              ? [requests.get(one[2] ?? "")].filter((found) => found !== undefined)
              : one?.[1] === "tokens"
                ? [{ token: one[2], service_request_id: made.tokenKnown ? "77" : null }]
                : [...requests.values()]
          return { kind: "refused", problem: "", answer: json(list) }
        }
        const form = new URLSearchParams(request.body)
        if (!(request.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded"))
          return bad("form")
        if (form.get("api_key") !== apiKey) return bad("api_key")
        if (!["101", "999"].includes(form.get("service_code") ?? "")) return bad("service_code")
        if ((form.get("address_string") ?? "") === "") return bad("address_string")
        const id = String(77 + requests.size)
        requests.set(id, {
          service_request_id: id,
          status: "open",
          description: form.get("description"),
          requested_datetime: "2026-03-03T04:06:00Z",
          updated_datetime: "2026-03-03T04:06:00Z",
        })
        const answers = { id: [{ service_request_id: id }], token: [{ token: "t-1" }], nothing: [{}] }
        return { kind: "taken", delivery, answer: json(answers[made.answerWith], 201) }
      },
    },
  }
  return made
}

const open = (origin: string, more: Partial<Open311Options> = { askEveryMs: 0 }) =>
  open311Dispatcher({
    outbound,
    ...more,
    partners: {
      city: {
        url: `${origin}/api/`,
        jurisdictionId: "city.example",
        apiKey,
        serviceCodes: { fire: "101", otherwise: "999" },
      },
    },
  })

const cityBench = async (
  made = city(),
): Promise<DispatchBench & { readonly server: Awaited<ReturnType<typeof startFakeServer>> }> => {
  const server = await startFakeServer(made.vendor)
  return {
    server,
    dispatcher: open(server.origin),
    partner: "city",
    mood: (mood) => server.mood(mood),
    deliveries: async () =>
      server.deliveries.map(({ text }) => {
        const ref = /\[ref ([^\]]+)\]/.exec(new URLSearchParams(text).get("description") ?? "")?.[1]
        return { id: ref, text }
      }),
    problems: () => server.problems.filter((problem) => problem !== ""),
    redirected: server.redirected,
    secrets: [apiKey],
    silent: open(await silentOrigin()),
    close: server.close,
  }
}

const noEnvelope = "a service request of Open311 is a form, not our envelope; tested below"

dispatchContract(
  {
    name: "open311",
    open: () => cityBench(),
    receipts: "pushed",
    skip: {
      "dispatch/handed": noEnvelope,
      "dispatch/every-type": noEnvelope,
      "dispatch/order-per-case": noEnvelope,
      "dispatch/side-by-side": noEnvelope,
      "dispatch/after-a-failure": noEnvelope,
    },
  },
  { describe, it },
)

const hand = (bench: DispatchBench, more: Partial<Order> = {}) =>
  bench.dispatcher.hand(someOrder("city", more), AbortSignal.timeout(20_000))

describe("a service request", () => {
  it("has service, address, description with our reference, and nothing else of the order", async () => {
    const bench = await cityBench()
    expect(await hand(bench)).toEqual({ id: "o-0001", grade: "accepted", partnerRef: "77" })
    const [request] = await bench.deliveries()
    await bench.close()
    expect(Object.fromEntries(new URLSearchParams(request?.text))).toEqual({
      api_key: apiKey,
      jurisdiction_id: "city.example",
      service_code: "101",
      address_string: "涟江大道",
      description: "楼道有浓烟 [ref o-0001]",
    })
  })

  it("O6 is not made twice when the first answer was lost", async () => {
    const bench = await cityBench()
    await hand(bench)
    expect(await hand(bench)).toEqual({ id: "o-0001", grade: "accepted", partnerRef: "77", duplicate: true })
    expect(await bench.deliveries()).toHaveLength(1)
    await bench.close()
  })

  it("carries a coordinate in WGS-84 only", async () => {
    const bench = await cityBench()
    const place = { text: "", lat: 26.13, lng: 106.66, crs: "wgs84" }
    await hand(bench, { data: { place } })
    const form = new URLSearchParams((await bench.deliveries())[0]?.text)
    expect([form.get("lat"), form.get("long"), form.get("address_string"), form.get("service_code")]).toEqual(
      ["26.13", "106.66", "-", "999"],
    )
    const other = hand(bench, { id: "o-2", data: { place: { ...place, crs: "gcj02" } } })
    await expect(other).rejects.toMatchObject({ retry: "never" })
    await bench.close()
  })

  it("is heard of again: received once, then its result, each until it is acknowledged", async () => {
    const made = city()
    made.answerWith = "token"
    const bench = await cityBench(made)
    expect(await hand(bench)).toEqual({ id: "o-0001", grade: "handed-over" })
    expect(await bench.dispatcher.receipts(10)).toEqual([])
    made.tokenKnown = true
    const received = await bench.dispatcher.receipts(10)
    expect(received).toMatchObject([
      { id: "received:o-0001", type: "received", ref: "o-0001", partnerRef: "77" },
    ])
    expect(await bench.dispatcher.receipts(10)).toEqual(received)
    await bench.dispatcher.acknowledge(["received:o-0001"])
    expect(await bench.dispatcher.receipts(10)).toEqual([])
    Object.assign(made.requests.get("77") ?? {}, { status: "closed", status_notes: "done" })
    expect(await bench.dispatcher.receipts(10)).toMatchObject([
      { id: "result:o-0001", type: "result", data: { result: "done" } },
    ])
    await bench.dispatcher.acknowledge(["result:o-0001"])
    expect(await bench.dispatcher.receipts(10)).toEqual([])
    await bench.close()
  })

  it("of a server that says nothing is handed over, and is found by our reference next time", async () => {
    const made = city()
    made.answerWith = "nothing"
    const bench = await cityBench(made)
    expect(await hand(bench)).toEqual({ id: "o-0001", grade: "handed-over" })
    expect(await hand(bench)).toMatchObject({ partnerRef: "77", duplicate: true })
    await bench.close()
  })
})

describe("open requests", () => {
  it.each(["recalled", "supplemented", "urged"] as const)(
    "what was %s is for a person: no second request is made",
    async (type) => {
      const bench = await cityBench()
      await hand(bench)
      const refused = hand(bench, { id: "o-2", type, supersedes: "o-0001" })
      await expect(refused).rejects.toMatchObject({
        retry: "ask-a-person",
        message: expect.stringContaining(type),
      })
      expect(await bench.deliveries()).toHaveLength(1)
      await bench.close()
    },
  )

  it("are asked about once in five minutes, all of them in turn, and not of a city that is silent", async () => {
    const made = city()
    const server = await startFakeServer(made.vendor)
    let nowMs = 1_000_000
    const openRequests = openRequestsInMemory()
    const dispatcher = open(server.origin, { openRequests, now: () => nowMs })
    // Nothing is new about the first 150; the last one is closed.
    for (let at = 0; at <= 150; at += 1) {
      await openRequests.put({
        partner: "city",
        ref: `o-${at}`,
        requestId: `${at}`,
        told: "received",
        askedMs: 0,
      })
      made.requests.set(`${at}`, {
        status: at === 150 ? "closed" : "open",
        updated_datetime: "2026-03-03T04:06:00Z",
      })
    }
    const asked = () => server.requests.length
    expect(await dispatcher.receipts(50)).toEqual([])
    expect(asked()).toBe(100)
    expect(await dispatcher.receipts(50)).toMatchObject([{ id: "result:o-150" }])
    expect(asked()).toBe(151)
    expect(await dispatcher.receipts(50)).toHaveLength(1)
    expect(asked()).toBe(151)
    await dispatcher.acknowledge(["result:o-150"])
    nowMs += 299_000
    expect(await dispatcher.receipts(50)).toEqual([])
    expect(asked()).toBe(151)
    nowMs += 1_000
    server.mood("server-error")
    expect(await dispatcher.receipts(50)).toEqual([])
    expect(asked()).toBe(152)
    await server.close()
  })

  it.each([
    ["in memory", async () => openRequestsInMemory()],
    ["in a folder", async () => openRequestsInFolder(await mkdtemp(join(tmpdir(), "open311-")))],
  ])("%s: longest ago first, replaced, removed", async (_, make) => {
    const requests: OpenRequests = await make()
    for (const [ref, askedMs] of [
      ["a", 3],
      ["b", 1],
      ["c", 2],
    ] as const)
      await requests.put({ partner: "水务/局", ref, told: "nothing", askedMs })
    const refs = async (limit: number, until: number) =>
      (await requests.list(limit, until)).map(({ ref }) => ref)
    expect(await refs(9, 9)).toEqual(["b", "c", "a"])
    expect(await refs(2, 9)).toEqual(["b", "c"])
    expect(await refs(9, 2)).toEqual(["b", "c"])
    await requests.put({ partner: "水务/局", ref: "b", told: "received", askedMs: 8 })
    await requests.remove("水务/局", "c")
    await requests.remove("水务/局", "never")
    expect(await refs(9, 9)).toEqual(["a", "b"])
  })

  it("in a folder are there after a restart, and what was half written is not", async () => {
    const folder = await mkdtemp(join(tmpdir(), "open311-"))
    const request = { partner: "../x", ref: "o-1", token: "t-1", told: "nothing", askedMs: 5 } as const
    await openRequestsInFolder(folder).put(request)
    await writeFile(join(folder, ".b.o-2.json.00.part"), '{"part')
    expect(await openRequestsInFolder(folder).list(9, 9)).toEqual([request])
    await rm(folder, { recursive: true })
  })
})
