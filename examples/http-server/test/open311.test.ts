import { open311Dispatcher } from "@yingshao/dispatch-open311"
import type { Order } from "@yingshao/ports/dispatcher"
import { XMLParser, XMLValidator } from "fast-xml-parser"
import { beforeAll, describe, expect, test } from "vitest"
import { openTo } from "../src/county/partner.ts"
import { open311 } from "../src/open311/mount-open311.ts"
import { openApp, policy, type TestApp } from "./open-app.ts"

const key = "a key of another city"
let county: TestApp
beforeAll(async () => {
  county = await openApp({ open311Key: key })
})

const get = (path: string) => county.app.request(`/open311/${path}`)
const post = (fields: Readonly<Record<string, string>>, path = "v2/requests.json", headers = {}) =>
  county.app.request(`/open311/${path}`, { method: "POST", body: new URLSearchParams(fields), headers })
const lamp = {
  api_key: key,
  service_code: "facility",
  lat: "26.1342117",
  long: "106.6571234",
  address_string: "环城路 12 号 <东门> & 对面",
}
const posted = async (fields: Readonly<Record<string, string>> = lamp): Promise<string> => {
  const answer = await post(fields)
  expect(answer.status).toBe(201)
  const [made] = (await answer.json()) as readonly { readonly service_request_id: string }[]
  return made?.service_request_id ?? ""
}
/** Whatever it is: what it should be is what is tested. */
// biome-ignore lint/suspicious/noExplicitAny: an answer's body
const bodyOf = async (answer: Response | Promise<Response>): Promise<any> => (await answer).json()
const readXml = async (answer: Response) => {
  const body = await answer.text()
  expect(XMLValidator.validate(body)).toBe(true)
  return new XMLParser({
    isArray: (name) => ["request", "service", "error", "endpoint"].includes(name),
  }).parse(body)
}

describe("what real clients insist on", () => {
  test("discovery names production and test, in both formats", async () => {
    const json = await bodyOf(get("discovery.json"))
    expect(json.endpoints.map(({ type, url }: { type: string; url: string }) => [type, url])).toEqual([
      ["production", "https://hazards.example/open311/v2"],
      ["test", "https://hazards.example/open311/test"],
    ])
    expect(json.endpoints[0].formats).toEqual(["text/xml", "application/json"])
    const xml = await readXml(await get("discovery.xml"))
    expect(xml.discovery.endpoints.endpoint[0].formats.format).toEqual(["text/xml", "application/json"])
  })

  test("services: typed fields in JSON, null for what is missing, one service by its code", async () => {
    const services = await bodyOf(get("v2/services.json?jurisdiction_id=990101"))
    expect(services).toContainEqual({
      service_code: "facility",
      service_name: "设施损坏",
      description: expect.any(String),
      metadata: false,
      type: "realtime",
      keywords: null,
      group: null,
    })
    expect(
      services.find(({ service_code: code }: { service_code: string }) => code === "hardship").type,
    ).toBe("blackbox")
    expect((await readXml(await get("v2/services.xml"))).services.service).toHaveLength(services.length)
    expect(await bodyOf(get("v2/services/facility.json"))).toEqual({
      service_code: "facility",
      attributes: [],
    })
    expect((await get("v2/services/nothing.json")).status).toBe(404)
  })

  test("a request gets a number that cannot be guessed, and is one report of the channel partner", async () => {
    const id = await posted()
    expect(id).toMatch(/^[A-Za-z0-9_-]{12,}$/)
    const { state } = await county.engine.queries.state("report", id)
    expect(state).toMatchObject({ status: "new", channel: "partner", claimedCategory: "facility" })
    const [one] = await bodyOf(get(`v2/requests/${id}.json?api_key=${encodeURIComponent(key)}`))
    expect(one).toMatchObject({
      service_request_id: id,
      status: "open",
      lat: 26.1342117,
      long: 106.6571234,
      zipcode: null,
    })
    expect(one.requested_datetime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    const xml = await readXml(await get(`v2/requests/${id}.xml?api_key=${encodeURIComponent(key)}`))
    expect(xml.service_requests.request[0].address).toBe(lamp.address_string.replaceAll("&", "&").trim())
    const [token] = await bodyOf(get(`v2/tokens/${id}.json`))
    expect(token).toEqual({ token: id, service_request_id: id })
  })

  test("without the key only kind, hour and neighbourhood are shown, and nobody's words (P4, P9)", async () => {
    const id = await posted({
      ...lamp,
      description: "CANARY words",
      first_name: "CANARY",
      phone: "13900000000",
      email: "c@canary.example",
    })
    const answer = await get(`v2/requests/${id}.json`)
    const text = await answer.text()
    expect(text).not.toMatch(/CANARY|139|canary|环城路|106\.657/)
    expect(JSON.parse(text)[0]).toMatchObject({ lat: 26.13, long: 106.66, address: "near 26.13, 106.66" })
    expect(JSON.parse(text)[0].requested_datetime).toMatch(/:00:00Z$/)
    const own = await (await get(`v2/requests/${id}.json?api_key=${encodeURIComponent(key)}`)).text()
    expect(own).not.toMatch(/CANARY|139|canary/)
  })

  test("what came by the app is not there, and confidential kinds only for their sender", async () => {
    const answer = await county.engine.handle({
      type: "SubmitReport",
      id: "by-app",
      by: { person: "p-informant", role: "reporter" },
      channel: "app",
      reporters: ["p-informant"],
      photos: [county.photo],
      place: { coordinate: { lng: 106.6, lat: 26.1, crs: "wgs84" } },
    })
    const id = answer.ok ? (answer.events[0]?.stream.slice("report/".length) ?? "") : ""
    expect((await get(`v2/requests/${id}.json?api_key=${encodeURIComponent(key)}`)).status).toBe(404)
    const hidden = await posted({ ...lamp, service_code: "hardship" })
    expect((await get(`v2/requests/${hidden}.json`)).status).toBe(404)
    expect((await get(`v2/requests/${hidden}.json?api_key=${encodeURIComponent(key)}`)).status).toBe(200)
    expect(await bodyOf(get(`v2/requests.json?service_code=hardship`))).toEqual([])
  })

  test("lists: by status, code and time; service_request_id overrides the rest; one element stays a list", async () => {
    const id = await posted()
    const list = async (query: string) =>
      (await get(`v2/requests.json?${query}`)).json() as Promise<readonly { service_request_id: string }[]>
    expect((await list("service_code=facility&status=open")).map((one) => one.service_request_id)).toContain(
      id,
    )
    expect(await list("status=closed")).toEqual([])
    expect(await list("end_date=2020-01-01T00:00:00Z")).toEqual([])
    expect(await list(`service_request_id=${id},r-nobody&status=closed`)).toHaveLength(1)
    expect((await get("v2/requests.json?start_date=yesterday")).status).toBe(400)
    expect((await get("v2/requests.json?status=lost")).status).toBe(400)
  })

  test("the test endpoint asks the rules and keeps nothing", async () => {
    const before = (await county.engine.queries.tallies("reports/accepted")).get("reports/accepted")
    expect((await post(lamp, "test/requests.json")).status).toBe(201)
    expect((await county.engine.queries.tallies("reports/accepted")).get("reports/accepted")).toBe(before)
  })
})

test.each([
  ["no key", 403, { ...lamp, api_key: "" }],
  ["another key", 403, { ...lamp, api_key: "guess" }],
  ["no service", 400, { ...lamp, service_code: "" }],
  ["an unknown service", 404, { ...lamp, service_code: "__proto__" }],
  ["another jurisdiction", 404, { ...lamp, jurisdiction_id: "522731" }],
  ["no place", 400, { api_key: key, service_code: "facility" }],
  ["half a coordinate", 400, { api_key: key, service_code: "facility", lat: "26" }],
  ["a latitude that is none", 400, { ...lamp, lat: "NaN" }],
  ["a latitude beyond the pole", 400, { ...lamp, lat: "91" }],
])("%s: a list of one error, in both formats", async (_, status, fields) => {
  const json = await post(fields)
  expect(json.status).toBe(status)
  expect(await json.json()).toEqual([{ code: status, description: expect.any(String) }])
  const xml = await post(fields, "v2/requests.xml")
  expect((await readXml(xml)).errors.error[0].code).toBe(status)
})

test("sent twice with its own reference it is one report (I1)", async () => {
  const fields = { ...lamp, description: "lamp out [ref O-2026-7]" }
  expect(await posted(fields)).toBe(await posted(fields))
})

test("our own client hands an order over and hears that it was received", async () => {
  const dispatcher = open311Dispatcher({
    partners: {
      county: { url: "http://county.example/open311/v2/", apiKey: key, serviceCodes: { otherwise: "other" } },
    },
    outbound: async ({ method, url, headers = {}, body }) => {
      const answer = await county.app.request(url, {
        method,
        headers: { ...headers },
        ...(body === undefined ? {} : { body }),
      })
      return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() }
    },
  })
  const order = {
    id: "o-1",
    caseKey: "c-1",
    to: "county",
    type: "assigned",
    time: "2026-04-01T00:00:00.000Z",
    data: { summary: "井盖缺失", place: { text: "文化路", lat: 26.13, lng: 106.65, crs: "wgs84" } },
  } as unknown as Order
  const handed = await dispatcher.hand(order, AbortSignal.timeout(5_000))
  expect(handed.grade).toBe("accepted")
  const again = await dispatcher.hand(order, AbortSignal.timeout(5_000))
  expect(again.partnerRef).toBe(handed.partnerRef)
  expect(await dispatcher.receipts(10)).toMatchObject([{ type: "received", partnerRef: handed.partnerRef }])
})

test("the charset in the type can be switched off", async () => {
  const options = await openTo(county.engine, policy, key, () => "http://127.0.0.1/")
  const plain = open311(county.engine, { ...options, charset: false })
  expect((await plain.request("/v2/services.xml")).headers.get("content-type")).toBe("text/xml")
  expect((await get("v2/services.xml")).headers.get("content-type")).toBe("text/xml; charset=utf-8")
})
