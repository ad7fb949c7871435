/** Attacks by what is sent: bodies, paths, photos, partners. */
import { signWebhook } from "@yingshao/ports/outbound/standard-webhook"
import sharp from "sharp"
import { describe, expect, test, vi } from "vitest"
import { jsonExcess } from "../src/api/read-json.ts"
import {
  ask,
  type Body,
  canary,
  county,
  give,
  meant,
  open311Key,
  openDesk,
  refuses,
  report,
  submission,
} from "./attack-desk.ts"
import { partnerSecret } from "./open-app.ts"

openDesk()

describe("bodies", () => {
  const key = { "idempotency-key": "body", "content-type": "application/json" }
  const raw = (body: Body, headers: Readonly<Record<string, string>> = key) =>
    ask({ as: "informant", path: "/api/reports", body, headers, method: "POST" })
  const endless = () => {
    let sent = 0
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1
        if (sent > 2_000) controller.close()
        else controller.enqueue(new Uint8Array(64_000).fill(0x20))
      },
    })
  }
  refuses([
    ["nested ten thousand deep", 400, () => raw("[".repeat(10_000) + "]".repeat(10_000))],
    [
      "twenty thousand keys",
      400,
      () => raw(`{${Array.from({ length: 20_000 }, (_, at) => `"k${at}":0`).join(",")}}`),
    ],
    ["a megabyte of text", 413, () => raw(JSON.stringify({ channel: "x".repeat(1_000_000) }))],
    ["a hundred megabytes that do not say so", 413, () => raw(endless())],
    ["a length that is a lie", 413, () => raw("{}", { ...key, "content-length": "99999999999" })],
    ["the key __proto__", 400, () => raw('{"__proto__":{"channel":"app"}}')],
    ["the key __proto__ in escapes", 400, () => raw('{"\\u005f_proto__":{"channel":"app"}}')],
    [
      "the key constructor",
      400,
      () => raw(JSON.stringify({ ...submission(), constructor: { prototype: {} } })),
    ],
    ["no UTF-8", 400, () => raw(new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]))],
    ["no JSON", 400, () => raw("{channel:'app'}")],
    ["nothing", 400, () => raw("")],
    ["a list for an object", 400, () => raw("[]")],
    [
      "another type of content",
      [403, 415],
      () => raw("<report/>", { "idempotency-key": "b", "content-type": "application/xml" }),
    ],
    [
      "a number beyond all numbers",
      400,
      () =>
        raw(
          '{"channel":"app","reporters":["p-informant"],"photos":[],"place":{"coordinate":{"lng":1e999,"lat":1,"crs":"wgs84"}}}',
        ),
    ],
    ["an amount with a fraction (L1)", 400, () => give("admin", "StockItem", { item: "cup", units: 1.5 })],
    ["an amount in words (L1)", 400, () => give("admin", "StockItem", { item: "cup", units: "10" })],
    ["a field that nobody knows", 400, () => raw(JSON.stringify({ ...submission(), tier: "tier4" }))],
    [
      "a thousand photos",
      400,
      () => raw(JSON.stringify({ ...submission(), photos: Array(1_000).fill(county.photo) })),
    ],
    [
      "a key with a line break",
      400,
      () => give("informant", "SubmitReport", submission(), { "idempotency-key": "a%0d%0aSet-Cookie: x" }),
    ],
  ])
})

describe("forms", () => {
  const form = (type: string, body: Body, path = "/report", more = {}) =>
    ask({ as: "informant", path, body, headers: { "content-type": type, ...more }, method: "POST" })
  const cut = () =>
    new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(Object.assign(new Error("aborted"), { code: "ECONNRESET" }))
      },
    })
  refuses([
    ["cut in the middle", 400, () => form("multipart/form-data; boundary=x", "--x\r\nbroken")],
    ["without a boundary", 400, () => form("multipart/form-data", "x")],
    ["of no form's type", 400, () => form("application/json", "{}")],
    ["no form to sign in with", 400, () => form("text/plain", "x", "/sign-in")],
    [
      "a photo whose sender left",
      400,
      () => form("image/jpeg", cut(), "/api/photos", { "content-length": "900" }),
    ],
  ])
})

describe("paths and names", () => {
  refuses([
    ["out of the folder of static files", 404, () => ask({ path: "/static/..%2f..%2fmain.ts" })],
    ["out of it, encoded twice", 404, () => ask({ path: "/static/%252e%252e%252fmain.ts" })],
    ["a name that every object has", 404, () => ask({ path: "/static/__proto__" })],
    [
      "a photo that is a path",
      404,
      () => ask({ as: "informant", path: `/api/reports/${report}/photos/..%2f..%2fcounty.db` }),
    ],
    [
      "a photo that the report does not name",
      404,
      () => ask({ as: "informant", path: `/api/reports/${report}/photos/${"c".repeat(64)}` }),
    ],
    [
      "a report's number with a zero byte",
      404,
      () => ask({ as: "auditor", path: `/api/reports/${report}%00` }),
    ],
    ["a state of no kind", 404, () => ask({ as: "auditor", path: "/api/states/constructor/x" })],
    [
      "a cursor of somebody's own making",
      400,
      () =>
        ask({
          as: "informant",
          path: `/api/my/reports?cursor=${Buffer.from('["reports/by","p-member"]').toString("base64url")}`,
        }),
    ],
    ["a limit of a million", 400, () => ask({ as: "informant", path: "/api/my/reports?limit=1000000" })],
    [
      "a query that nobody knows",
      400,
      () => ask({ as: "informant", path: "/api/my/reports?person=p-member" }),
    ],
    [
      "a language that is a header",
      [302, 303, 404],
      () => ask({ path: "/language/en%0d%0aSet-Cookie:%20x=1" }),
    ],
    ["a service that is a path", [400, 404], () => ask({ path: "/open311/v2/services/..%2f..%2fetc.json" })],
    [
      "a request's number that is an expression",
      404,
      () => ask({ path: `/open311/v2/requests/${encodeURIComponent("' OR '1'='1")}.xml` }),
    ],
    ["a page of what no id can be", 404, () => ask({ as: "informant", path: "/mine/%F0%9F%98%80" })],
    ["a page of a zero byte", 404, () => ask({ as: "duty", path: "/desk/reports/%00" })],
    [
      "a page of an endless number",
      404,
      () => ask({ as: "duty", path: `/desk/incidents/${"a".repeat(3_000)}` }),
    ],
    ["a page after a place that is none", 404, () => ask({ as: "duty", path: "/board?after=zz" })],
  ])
})

describe("photos (P5)", () => {
  const send = (body: Body) =>
    ask({ as: "informant", path: "/api/photos", body, headers: { "content-type": "image/jpeg" } })
  const picture = () => sharp({ create: { width: 9, height: 9, channels: 3, background: "#369" } })
  const bomb = () => {
    const png = Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
      "base64",
    )
    png.writeUInt32BE(60_000, 16)
    png.writeUInt32BE(60_000, 20)
    return png
  }
  refuses([
    [
      "a drawing with a script",
      422,
      () => send('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    ],
    ["a page", 422, () => send("<html><script>alert(1)</script></html>")],
    ["3.6 gigapixels in a hundred bytes", 422, () => send(bomb())],
    ["a film", 422, async () => send(new Uint8Array(await picture().gif().toBuffer()))],
    ["nothing", 422, () => send("")],
    ["twenty-one megabytes", 413, () => send(new Uint8Array(21_000_000))],
    [
      "one that was never sent",
      422,
      () => give("informant", "SubmitReport", { ...submission(), photos: ["d".repeat(64)] }),
    ],
  ])

  test("a picture that is also a page comes back as a picture only, whatever was behind its end", async () => {
    const polyglot = Buffer.concat([await picture().jpeg().toBuffer(), Buffer.from(`<html>${canary}</html>`)])
    const answer = await send(new Uint8Array(polyglot))
    const { hash } = (await answer.json()) as { readonly hash: string }
    const bytes = await county.engine.photos?.get(county.engine.programme, hash)
    expect(Buffer.from(bytes ?? []).toString("latin1")).not.toContain("CANARY")
  })
})

describe("partners", () => {
  const receipt = {
    specversion: "1.0",
    id: "receipt-1",
    source: "water",
    type: "cn.yingshao.receipt.received.v1",
    time: "2026-04-01T00:00:00.000Z",
    data: { ref: "o-1" },
  }
  const push = (body: string, headers: Readonly<Record<string, string>>, partner = "water") =>
    ask({ path: `/receipts/${partner}`, body, headers: { "content-type": "application/json", ...headers } })
  const signed = (body: string, atMs = Date.now(), secret = partnerSecret, id = "receipt-1") =>
    signWebhook([secret], id, atMs, body)
  const body = JSON.stringify(receipt)
  const requests = (fields: Readonly<Record<string, string>>) =>
    ask({
      path: "/open311/v2/requests.json",
      body: new URLSearchParams({ service_code: "other", address_string: "桥头", ...fields }),
    })
  refuses([
    ["a receipt without a signature", 401, () => push(body, {})],
    [
      "signed with another secret",
      401,
      () =>
        push(
          body,
          signed(
            body,
            Date.now(),
            `whsec_${Buffer.from("another secret of much the same size").toString("base64")}`,
          ),
        ),
    ],
    ["signed, and then changed", 401, () => push(body.replace("o-1", "o-2"), signed(body))],
    ["signed an hour ago and sent again", 401, () => push(body, signed(body, Date.now() - 3_600_000))],
    ["signed for another partner", 401, () => push(body, signed(body), "fire")],
    ["signed for a partner that every object has", 401, () => push(body, signed(body), "__proto__")],
    ["a receipt of ten megabytes", [401, 413], () => push("x".repeat(10_000_000), {})],
    ["another city's request without its key", 403, () => requests({})],
    ["with a key that is a guess", 403, () => requests({ api_key: "guess" })],
    [
      "a form with a field twice",
      400,
      () =>
        ask({
          path: "/open311/v2/requests.json",
          body: new URLSearchParams([
            ["api_key", open311Key],
            ["service_code", "other"],
            ["address_string", "a"],
            ["address_string", "b"],
          ]),
        }),
    ],
  ])

  test("a host that a request names is in no answer, whatever header says it", async () => {
    for (const path of ["/open311/discovery.json", "/open311/discovery.xml", "/", "/sign-in"]) {
      const answer = await county.app.request(`http://canary.example${path}`, {
        headers: {
          host: "canary.example",
          "x-forwarded-host": "canary.example",
          forwarded: "host=canary.example",
        },
      })
      expect(answer.status).toBe(200)
      expect(JSON.stringify([await answer.text(), ...answer.headers])).not.toContain("canary.example")
    }
  })

  test("SSRF: an address that somebody names is kept as words and never called", async () => {
    const called = vi.spyOn(globalThis, "fetch")
    const answer = await requests({
      api_key: open311Key,
      media_url: "http://169.254.169.254/latest/meta-data/",
      description: "http://127.0.0.1:22/",
    })
    expect(answer.status).toBe(201)
    expect(called).not.toHaveBeenCalled()
    called.mockRestore()
    await meant()
  })
})

test.each([
  ['{"a":[1,"]]]{{{,,,",{}]}', undefined],
  ["[".repeat(5), "nested deeper than 4"],
  ["[0,0,0,0,0,0,0,0,0]", "more than 8 values"],
  ['{"__proto__":1}', "the key __proto__ is not allowed"],
  ['{"__pr\\u006fto__":1}', "the key __proto__ is not allowed"],
  ['"a \\" b', undefined],
])("a text is measured before it is parsed: %s", (body, excess) => {
  expect(jsonExcess(body, { bytes: 100, depth: 4, values: 8 })).toBe(excess)
})
