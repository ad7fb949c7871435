/**
 * Everything that the engine can be asked, for the auditor: states, indexes, counters, stories, the journal,
 * the check of the whole world. And what everybody may know: the time, the units, the catalogue.
 *
 * States come as the engine keeps them, with handles of persons and no names: those are with the identity
 * port, for a stated purpose.
 */

import { refusal } from "@yingshao/core/kernel/refusal"
import { actor } from "@yingshao/core/kernel/roles"
import { instant } from "@yingshao/core/kernel/time"
import { calendarYear, unit } from "@yingshao/core/programme/programme"
import { type StreamKind, streamKinds, streams } from "@yingshao/core/streams"
import * as z from "zod"
import { notFound } from "../web/failure.ts"
import { type Operation, operation } from "./operation.ts"
import { asPage, limit, paged, pageOf, pageRequest } from "./pages.ts"

const auditor = ["auditor"] as const
const kind = z.enum(streamKinds as [StreamKind, ...StreamKind[]])
const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9:._/-]{0,190}$/)
/** Whatever a fold makes; each kind's TypeScript type says what is in it. */
const rawState = z.record(z.string(), z.unknown())
const stated = z.object({ kind, id: z.string(), version: z.int(), state: rawState })
const finding = z.object({ invariant: z.string(), where: z.string(), zh: z.string(), en: z.string() })

const event = z.union(Object.values(streams).map((one) => one.event as z.ZodType) as [z.ZodType, z.ZodType])

const journalItem = z.object({
  number: z.int(),
  at: instant,
  command: z.object({ type: z.string(), id: z.string(), by: actor }).loose(),
  refusal: refusal.optional(),
  events: z.array(z.object({ stream: z.string(), version: z.int(), event })),
})

export const auditOperations = (): readonly Operation[] => [
  operation({
    id: "state",
    method: "get",
    path: "/states/{kind}/{id}",
    tag: "audit",
    summary: "The state of one stream",
    access: auditor,
    params: z.strictObject({ kind, id }),
    answer: stated,
    answerHeaders: { ETag: "the stream's version" },
    run: async ({ engine, path }) => {
      const found = await engine.queries.state(path.kind, path.id)
      if (found.version === 0) throw notFound()
      return { body: found, headers: { ETag: `"v${found.version}"` } }
    },
  }),
  operation({
    id: "states",
    method: "get",
    path: "/states/{kind}",
    tag: "audit",
    summary: "All streams of a kind, one JSON text a line, in the order of their ids",
    access: auditor,
    params: z.strictObject({ kind }),
    answerType: "application/x-ndjson",
    run: async ({ engine, path }) => ({ response: lines(engine.queries.readAll(path.kind)) }),
  }),
  operation({
    id: "index",
    method: "get",
    path: "/index/{index}",
    tag: "audit",
    summary: "A page of an index; its name has a ~ where the engine's has a /",
    access: auditor,
    params: z.strictObject({ index: z.string().regex(/^[a-z~-]{1,40}$/) }),
    query: paged.extend({
      equals: z.string().min(1).max(120),
      from: z.string().max(120).optional(),
      below: z.string().max(120).optional(),
      order: z.enum(["ascending", "descending"]).optional(),
    }),
    answer: pageOf(stated.extend({ equals: z.string(), range: z.string() })),
    run: async ({ engine, path, query }) => {
      const { equals, from, below, order } = query
      const page = await engine.queries.page({
        index: path.index.replaceAll("~", "/"),
        equals,
        ...(from === undefined ? {} : { from }),
        ...(below === undefined ? {} : { below }),
        ...(order === undefined ? {} : { order }),
        ...pageRequest(query),
      })
      return { body: asPage(page, page.rows) }
    },
  }),
  operation({
    id: "tallies",
    method: "get",
    path: "/tallies",
    tag: "audit",
    summary: "Counters whose key begins with a text",
    access: ["auditor", "programme-admin", "policy-officer"],
    query: z.strictObject({ prefix: z.string().max(120).optional() }),
    answer: z.record(z.string(), z.int()),
    run: async ({ engine, query }) => ({
      body: Object.fromEntries(await engine.queries.tallies(query.prefix ?? "")),
    }),
  }),
  operation({
    id: "story",
    method: "get",
    path: "/stories/{kind}/{id}",
    tag: "audit",
    summary: "What happened to one stream, oldest first, one JSON text a line",
    access: auditor,
    params: z.strictObject({ kind, id }),
    answerType: "application/x-ndjson",
    run: async ({ engine, path }) => ({ response: lines(engine.queries.story(path.kind, path.id)) }),
  }),
  operation({
    id: "journal",
    method: "get",
    path: "/journal",
    tag: "audit",
    summary: "What happened, from a place in the journal on",
    access: auditor,
    query: z.strictObject({
      after: z
        .string()
        .regex(/^\d{1,15}$/)
        .optional()
        .describe("number of the last record seen; left out: 0"),
      limit,
    }),
    answer: z.object({ rows: z.array(journalItem), after: z.int() }),
    run: async ({ engine, query }) => {
      const rows: unknown[] = []
      let after = Number(query.after ?? 0)
      const most = Number(query.limit ?? 50)
      for await (const item of engine.journal({ after, follow: false })) {
        rows.push(item)
        after = item.number
        if (rows.length >= most) break
      }
      return { body: { rows, after } }
    },
  }),
  operation({
    id: "checkWorld",
    method: "post",
    path: "/check-world",
    tag: "audit",
    summary: "Reads everything and says what does not hold",
    access: auditor,
    answer: z.object({ ok: z.boolean(), findings: z.array(finding) }).loose(),
    run: async ({ engine }) => ({ body: await engine.checkWorld() }),
  }),
  operation({
    id: "doctor",
    method: "get",
    path: "/doctor",
    tag: "audit",
    summary: "What an operator should know",
    access: ["auditor", "programme-admin"],
    answer: z.object({ ok: z.boolean(), findings: z.array(finding) }).loose(),
    run: async ({ engine }) => ({ body: await engine.doctor() }),
  }),
  operation({
    id: "programme",
    method: "get",
    path: "/programme",
    tag: "programme",
    summary: "Time, units, policies by digest, years that the calendar covers",
    access: "signed-in",
    answer: z.object({
      programme: z.string(),
      now: instant,
      today: z.string(),
      nextDueAt: instant.optional(),
      units: z.array(z.object(unit.shape).extend({ status: z.string() })),
      policies: z.array(z.object({ digest: z.string(), effectiveFrom: z.string() })),
      years: z.array(calendarYear.shape.year),
    }),
    run: async ({ engine }) => {
      const { state } = await engine.queries.state("programme", "programme")
      const nextDueAt = await engine.scheduler.nextDueAt()
      const body = {
        programme: engine.programme,
        now: engine.now(),
        today: await engine.today(),
        ...(nextDueAt === undefined ? {} : { nextDueAt }),
        units: state.units,
        policies: state.policies,
        years: state.calendarYears.map(({ year }) => year),
      }
      return { body }
    },
  }),
  operation({
    id: "catalogue",
    method: "get",
    path: "/catalogue",
    tag: "rewards",
    summary: "What points can be exchanged for",
    access: "signed-in",
    query: paged,
    answer: pageOf(
      z.object({ item: z.string(), nameZh: z.string(), nameEn: z.string(), points: z.int(), units: z.int() }),
    ),
    run: async ({ engine, query }) => {
      const page = await engine.queries.page({
        index: "stock/catalogue",
        equals: ["available", "out"],
        ...pageRequest(query),
      })
      const rows = page.rows.flatMap(({ id: item, state }) =>
        "entry" in state && state.entry !== undefined ? [{ ...state.entry, units: state.units, item }] : [],
      )
      return { body: asPage(page, rows) }
    },
  }),
]

// internal

/** One JSON text a line, as they come; a client that goes away ends the reading. */
const lines = (items: AsyncIterable<unknown>): Response => {
  const encoder = new TextEncoder()
  const iterator = items[Symbol.asyncIterator]()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await iterator.next()
      if (next.done === true) controller.close()
      else controller.enqueue(encoder.encode(`${JSON.stringify(next.value)}\n`))
    },
    async cancel() {
      await iterator.return?.()
    },
  })
  return new Response(body, { headers: { "Content-Type": "application/x-ndjson; charset=utf-8" } })
}
