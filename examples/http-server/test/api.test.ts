import { Validator } from "@seriousme/openapi-schema-validator"
import { commandTypes } from "@yingshao/core/commands"
import { generate } from "json-schema-faker"
import sharp from "sharp"
import { beforeAll, describe, expect, test } from "vitest"
import { type ApiDocument, answerChecker, type Client, clientOf, documentOf } from "./generated-client.ts"
import { openApp, type TestApp } from "./open-app.ts"

let county: TestApp
let document: ApiDocument
let check: ReturnType<typeof answerChecker>
const people = new Map<string, Client>()
const as = async (account: string): Promise<Client> => {
  const known = people.get(account) ?? (await clientOf(county, document, account))
  people.set(account, known)
  return known
}

beforeAll(async () => {
  county = await openApp()
  document = await documentOf(county)
  check = answerChecker(document)
  report = { channel: "app", reporters: ["p-informant"], photos: [county.photo], place }
})

const place = { coordinate: { lng: 106.66, lat: 26.13, crs: "wgs84" }, words: "濛江街道环城路口" }
let report: {
  readonly channel: "app"
  readonly reporters: readonly string[]
  readonly photos: readonly string[]
  readonly place: object
}

const submitted = async (key: string): Promise<string> => {
  const answer = await (await as("informant")).call("submit", {}, report, { "idempotency-key": key })
  expect(answer.status).toBe(201)
  return answer.headers.location.split("/").at(-1)
}

describe("the OpenAPI document", () => {
  test("is valid by an independent validator", async () => {
    const result = await new Validator().validate(document as never)
    expect(result.errors).toBeUndefined()
    expect(result.valid).toBe(true)
    expect(document.openapi).toBe("3.1.1")
  })

  test("names every command of core, once to give and once to ask", () => {
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map((one) => one.operationId),
    )
    expect(new Set(ids).size).toBe(ids.length)
    for (const type of commandTypes) expect(ids).toEqual(expect.arrayContaining([type, `preview${type}`]))
  })

  test("every operation is driven by a generated client, and what the document allows is understood", async () => {
    const misunderstood: string[] = []
    const statuses = new Map<number, number>()
    let serial = 0
    for (const path of Object.values(document.paths)) {
      for (const one of Object.values(path)) {
        if (one.operationId === "signOut") continue
        serial += 1
        const schema = one.requestBody?.content["application/json"]?.schema
        const body =
          schema === undefined
            ? undefined
            : (made()[one.operationId.replace(/^preview/, "")] ?? (await sample(schema, serial)))
        const parameters: Record<string, unknown> = {}
        for (const { name, in: where, schema: part } of one.parameters) {
          if (where === "path" || name === "status" || name === "equals")
            parameters[name] = await sample(part, serial)
        }
        const client = await as(serial % 2 === 0 ? "admin" : "auditor")
        const answer = await client.call(one.operationId, parameters, body, {
          "idempotency-key": `all-${serial}`,
        })
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
        const wrong = check(one.operationId, answer)
        if (wrong !== undefined) misunderstood.push(`${one.operationId}: ${wrong}`)
        if ([400, 413, 415, 500].includes(answer.status) && one.operationId !== "index") {
          misunderstood.push(
            `${one.operationId}: ${answer.status} ${JSON.stringify(answer.data)} ${JSON.stringify(body)}`,
          )
        }
      }
    }
    expect(misunderstood).toEqual([])
    expect(serial).toBeGreaterThan(2 * commandTypes.length)
    expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 403, 404, 422]))
  })
})

describe("one report through the API", () => {
  test("from intake to the file, each as much as they may see (P10, Z5)", async () => {
    const id = await submitted("way-1")
    const duty = await as("duty")
    const facts = { category: "environment", danger: "no", ongoing: "yes", affected: 3 }
    const answered = await duty.call(
      "AnswerWhistle",
      {},
      { report: id, facts },
      { "idempotency-key": "way-2" },
    )
    expect(answered.status).toBe(200)
    expect(check("AnswerWhistle", answered)).toBeUndefined()
    const incident = answered.data.changed.find(({ kind }: { kind: string }) => kind === "incident").id

    const own = await (await as("informant")).call("report", { report: id })
    expect(own.data).toMatchObject({ report: id, status: "open", photos: [county.photo] })
    expect(own.data.reporters).toBeUndefined()
    const file = await duty.call("report", { report: id })
    expect(file.data.reporters).toEqual([{ person: "p-informant", standing: "informant" }])

    const department = await as("department")
    expect((await department.call("report", { report: id })).status).toBe(404)
    const handed = await duty.call("HandOver", {}, { incident }, { "idempotency-key": "way-3" })
    expect(handed.status).toBe(200)
    const extract = await department.call("report", { report: id })
    expect(extract.status).toBe(200)
    expect(JSON.stringify(extract.data)).not.toMatch(/p-informant|"photos"/)
    expect(check("report", extract)).toBeUndefined()
    const board = await department.call("board", { unit: "urban-management" })
    expect(board.data.rows.map((row: { id: string }) => row.id)).toContain(incident)
    expect(JSON.stringify(board.data)).not.toContain("p-informant")
    expect((await (await as("member")).call("report", { report: id })).status).toBe(404)
    for (const [account, operation, parameters] of [
      ["informant", "myReports", {}],
      ["informant", "myAccount", {}],
      ["informant", "reward", { report: id }],
      ["county", "reward", { report: id }],
      ["county", "rewards", { status: "verifying" }],
      ["duty", "reports", { status: "open" }],
      ["duty", "incidents", { status: "handed-over" }],
      ["department", "incident", { incident }],
      ["auditor", "state", { kind: "report", id }],
      ["auditor", "index", { index: "reports~by", equals: "p-informant" }],
      ["auditor", "journal", { after: "0", limit: "200" }],
      ["auditor", "story", { kind: "report", id }],
      ["payer", "payables", {}],
    ] as const) {
      const answer = await (await as(account)).call(operation, parameters)
      expect([operation, answer.status]).toEqual([operation, 200])
      expect(check(operation, answer)).toBeUndefined()
    }
  })

  test("the same key with the same body gives the same answer and one report; another body is refused (I1, I2)", async () => {
    const client = await as("informant")
    const before = (await county.engine.queries.tallies("reports/accepted")).get("reports/accepted") ?? 0
    const twins = await Promise.all(
      [1, 2, 3].map(() => client.call("submit", {}, report, { "idempotency-key": "twin" })),
    )
    expect(new Set(twins.map(({ headers }) => headers.location)).size).toBe(1)
    expect((await county.engine.queries.tallies("reports/accepted")).get("reports/accepted")).toBe(before + 1)
    const other = await client.call(
      "submit",
      {},
      { ...report, category: "fire" },
      { "idempotency-key": "twin" },
    )
    expect([other.status, other.data.code]).toEqual([409, "command-id-reused"])
    expect((await client.call("submit", {}, report)).data.code).toBe("idempotency-key-needed")
  })

  test("a duty officer who sends a photo by the app reports like everybody", async () => {
    const own = { ...report, reporters: ["p-duty"] }
    const answer = await (await as("duty")).call("submit", {}, own, { "idempotency-key": "own" })
    expect(answer.status).toBe(201)
  })

  test("a refusal is a problem with its code and both languages", async () => {
    const answer = await (await as("informant")).call(
      "submit",
      {},
      { ...report, photos: [] },
      { "idempotency-key": "bare" },
    )
    expect(answer.status).toBe(422)
    expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/)
    expect(answer.data).toMatchObject({ code: "photo-needed", status: 422 })
    expect(answer.data.zh).toMatch(/\p{Script=Han}/u)
  })

  test("S9 If-Match: a case that has moved on since is told, nothing is done; a repeat gets its answer", async () => {
    const id = await submitted("if-match")
    const duty = await as("duty")
    const { headers } = await duty.call("report", { report: id })
    const facts = { category: "environment", danger: "no", ongoing: "no", affected: 0 }
    const answer = (key: string, match: string) =>
      duty.call("AnswerWhistle", {}, { report: id, facts }, { "idempotency-key": key, "if-match": match })
    expect((await answer("if-match-0", '"v99"')).status).toBe(412)
    const first = await answer("if-match-1", headers.etag)
    expect(first.status).toBe(200)
    const repeat = await answer("if-match-1", headers.etag)
    expect(repeat.data).toEqual(first.data)
    const note = (key: string, match: string) =>
      duty.call(
        "AnnotateReport",
        {},
        { report: id, note: "n" },
        { "idempotency-key": key, "if-match": match },
      )
    const late = await note("if-match-2", headers.etag)
    expect(late.status).toBe(412)
    expect(late.data).toMatchObject({ code: "moved-on" })
    expect(late.data.zh).toContain("已有变动")
    expect(late.data.en).toContain("moved on")
    const { headers: now } = await duty.call("report", { report: id })
    expect((await note("if-match-2", now.etag)).status).toBe(200)
    expect((await note("if-match-3", "v1")).status).toBe(400)
    const other = { "idempotency-key": "if-match-4", "if-match": now.etag }
    expect((await (await as("informant")).call("submit", {}, report, other)).status).toBe(400)
  })

  test("a case that has not changed is not sent again", async () => {
    const id = await submitted("etag")
    const client = await as("informant")
    const { headers } = await client.call("report", { report: id })
    const again = await client.call("report", { report: id }, undefined, { "if-none-match": headers.etag })
    expect([again.status, again.data]).toEqual([304, ""])
    await (await as("duty")).call(
      "AnnotateReport",
      {},
      { report: id, note: "看过" },
      { "idempotency-key": "note" },
    )
    const changed = await client.call("report", { report: id }, undefined, { "if-none-match": headers.etag })
    expect(changed.status).toBe(200)
  })

  test("pages follow each other without a gap", async () => {
    for (let at = 0; at < 5; at += 1) await submitted(`page-${at}`)
    const client = await as("informant")
    const all = (await client.call("myReports", { limit: "200" })).data.rows
    const seen: string[] = []
    for (let cursor: string | undefined; ; ) {
      const { data } = await client.call("myReports", {
        limit: "2",
        ...(cursor === undefined ? {} : { cursor }),
      })
      seen.push(...data.rows.map((row: { report: string }) => row.report))
      cursor = data.cursor
      if (cursor === undefined) break
    }
    expect(seen).toEqual(all.map((row: { report: string }) => row.report))
    expect((await client.call("myReports", { cursor: "bm8" })).status).toBe(400)
  })
})

test("a photo is sent first and named after; one that was never sent is refused (P5)", async () => {
  const client = await as("informant")
  const picture = await sharp({ create: { width: 50, height: 20, channels: 3, background: "#963" } })
    .withExif({ IFD0: { Artist: "CANARY" } })
    .jpeg()
    .toBuffer()
  const put = await client.call("putPhoto", {}, picture, { "content-type": "application/octet-stream" })
  expect([put.status, check("putPhoto", put)]).toEqual([201, undefined])
  const named = { ...report, photos: [put.data.hash] }
  const submit = await client.call("submit", {}, named, { "idempotency-key": "with-photo" })
  expect(submit.status).toBe(201)
  const id = submit.headers.location.split("/").at(-1)
  const parameters = { report: id, hash: put.data.hash }
  const shown = await client.call("photo", parameters)
  expect([shown.status, shown.headers["content-type"], shown.headers["x-content-type-options"]]).toEqual([
    200,
    "image/jpeg",
    "nosniff",
  ])
  expect(shown.headers["content-security-policy"]).toContain("sandbox")
  expect(shown.data).not.toContain("CANARY")
  expect((await (await as("member")).call("photo", parameters)).status).toBe(404)
  const never = { ...report, photos: ["b".repeat(64)] }
  expect((await client.call("submit", {}, never, { "idempotency-key": "never" })).data.code).toBe(
    "unknown-photo",
  )
  const page = await client.call("putPhoto", {}, "<svg onload=alert(1)>", { "content-type": "image/jpeg" })
  expect([page.status, page.data.code]).toEqual([422, "photo-not-a-picture"])
})

test("nothing went wrong that was not expected", () => {
  expect(county.faults).toEqual([])
})

/** Where a schema alone does not say what fits, or says 400,000 characters. */
const policyText = { id: "P", digest: "0".repeat(64), effectiveFrom: "2026-01-01", canonical: "{}" }
const made = (): Readonly<Record<string, unknown>> => ({
  SubmitReport: report,
  submit: report,
  signIn: { account: "nobody", passphrase: "nothing" },
  OpenProgramme: { policy: policyText, admin: "p-a", units: [], calendarYears: [] },
  AdoptPolicy: { policy: policyText },
})

const sample = async (schema: object, seed: number): Promise<unknown> =>
  withDates(await generate(schema as never, { seed, alwaysFakeOptionals: true, maxItems: 2 } as never))

/** A pattern does not say which days exist. */
const withDates = (value: unknown): unknown => {
  if (typeof value === "string") {
    return /^\d{4}-\d\d-\d\d(T|$)/.test(value) ? `2026-03-04${value.slice(10) && "T05:06:07.000Z"}` : value
  }
  if (Array.isArray(value)) return value.map(withDates)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withDates(part)]))
}
