import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { memoryStorage } from "@yingshao/storage-memory"
import { Hono } from "hono"
import { afterAll, beforeAll, expect, test } from "vitest"
import { openCounty, settle } from "../src/county/open-county.ts"
import { makeMetrics } from "../src/operations/metrics.ts"
import { operations } from "../src/operations/mount-operations.ts"
import { observe } from "../src/operations/observe.ts"
import { openTracing } from "../src/operations/tracing.ts"
import { openApp, policy, type TestApp } from "./open-app.ts"

let county: TestApp
beforeAll(async () => {
  county = await openApp()
})

test("alive, ready, and not ready while it stops or the store is gone", async () => {
  expect((await county.app.request("/livez")).status).toBe(200)
  expect(await (await county.app.request("/readyz")).text()).toBe("ready\n")
  const storage = memoryStorage()
  const engine = await openCounty({ policy, storage })
  let stopping = true
  const app = operations(engine, { metrics: makeMetrics(engine, false), stopping: () => stopping })
  expect(await (await app.request("/readyz")).text()).toBe("stopping\n")
  stopping = false
  await engine.close()
  const gone = await app.request("/readyz")
  expect([gone.status, await gone.text()]).toEqual([503, "the store does not answer\n"])
})

test("P12 counters by route and by key, with nothing that anybody sent; for the token only", async () => {
  await county.app.request("/reports/r-CANARY?name=CANARY", { headers: { "user-agent": "CANARY" } })
  await county.app.request("/api/reports/r-canary", { method: "CANARY" })
  const answer = await county.app.request("/metrics", { headers: { authorization: "Bearer a token" } })
  expect(answer.headers.get("content-type")).toContain("text/plain")
  const text = await answer.text()
  expect(text).toMatch(/http_requests_total\{method="GET",route="\/livez",status="200"\} \d+/)
  expect(text).toMatch(/yingshao_outbox_messages\{state="pending"\} \d+/)
  expect(text).not.toMatch(/canary|p-informant/i)
  for (const authorization of ["", "Bearer ", "Bearer guess", "Bearer a tokeN"]) {
    expect((await county.app.request("/metrics", { headers: { authorization } })).status).toBe(404)
  }
})

let collector: Server
const sent: string[] = []
beforeAll(async () => {
  collector = createServer(async (request, answer) => {
    let body = ""
    for await (const part of request) body += part
    sent.push(`${request.url} ${body}`)
    answer.writeHead(200, { "content-type": "application/json" }).end("{}")
  })
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve))
})
afterAll(() => new Promise((resolve) => collector.close(resolve)))

test("P12 a span for each request and command, of the scheduler too, goes to the collector that the environment names, by its pattern", async () => {
  expect(await openTracing({})).toBeUndefined()
  const { port } = collector.address() as AddressInfo
  const tracing = await openTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/` })
  const app = new Hono()
  app.use(observe(undefined, tracing))
  app.get("/reports/:id", (c) => c.text("here"))
  let at = Date.parse("2026-03-02T01:00:00.000Z")
  const engine = await openCounty({
    policy,
    storage: memoryStorage(),
    clock: { now: () => at },
    around: tracing?.command,
  })
  await settle(engine, policy)
  app.post("/reports/:id/note", async (c) => {
    const by = { person: "p-duty", role: "duty-officer" } as const
    const note = { report: c.req.param("id"), note: "CANARY" }
    const answer = await engine.handle({ type: "AnnotateReport", id: "CANARY-1", by, ...note })
    return c.json({ ok: answer.ok })
  })
  await app.request("/reports/r-CANARY")
  await app.request("/reports/r-0/note", { method: "POST" })
  const submitted = await engine.handle({
    type: "SubmitReport",
    id: "CANARY-2",
    by: { person: "p-member", role: "reporter" },
    channel: "app",
    reporters: ["p-member"],
    photos: ["a".repeat(64)],
    place: { words: "CANARY" },
  })
  expect(submitted).toMatchObject({ ok: true })
  at += 86_400_000
  expect((await engine.scheduler.runDue()).accepted).toBeGreaterThan(0)
  await tracing?.stop()
  await engine.close()
  const spans = JSON.parse(sent.join("").slice("/v1/traces ".length)).resourceSpans[0].scopeSpans[0]
    .spans as {
    readonly name: string
    readonly spanId: string
    readonly parentSpanId?: string
    readonly attributes: readonly { readonly key: string }[]
  }[]
  const command = spans.find(({ name }) => name === "command AnnotateReport")
  expect(command?.attributes.map(({ key }) => key)).toEqual(["yingshao.accepted"])
  expect(command?.parentSpanId).toBe(spans.find(({ name }) => name === "POST /reports/:id/note")?.spanId)
  const timer = spans.find(({ name }) => name === "command EscalateObligation")
  expect(timer?.attributes.map(({ key }) => key)).toEqual(["yingshao.accepted"])
  expect(timer?.parentSpanId).toBeUndefined()
  expect(sent.join("\n")).toMatch(/^\/v1\/traces .*GET \/reports\/:id/)
  expect(sent.join("\n")).not.toMatch(/CANARY|p-member|p-duty/)
})
