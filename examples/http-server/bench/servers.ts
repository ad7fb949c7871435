/**
 * The two servers that are compared, each in a process of its own: `servers.ts ours|bare FILE`.
 *
 * Ours is the whole server on an SQLite file. The bare one is a Hono handler that reads the body, checks it with the
 * same zod schema and writes the very rows that ours writes for a report, in one transaction a request, as
 * durable. It prints its address and, for ours, the tokens of whoever sends. Asked by a message, it tells the
 * processor time that it has used.
 */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { serve } from "@hono/node-server"
import { commands } from "@yingshao/core/commands"
import { photosSharp } from "@yingshao/photos-sharp"
import { folderBlobs } from "@yingshao/photos-sharp/folder-blobs"
import { openSqliteFile, openSqliteStorage } from "@yingshao/storage-sqlite"
import { Hono } from "hono"
import { bareLoop, type Written } from "../../../packages/bench/src/written-rows.ts"
import { makeApp } from "../src/app.ts"
import { loadPolicy, openCounty } from "../src/county/open-county.ts"
import { makeMetrics } from "../src/operations/metrics.ts"
import { idleMs } from "../src/serve.ts"
import { makeSessions } from "../src/session/sessions.ts"
import { text } from "../src/web/language.ts"

/** Reporters who take turns; as many as there are connections at most. */
export const reporters = Array.from({ length: 256 }, (_, at) => `p-reporter-${at}`)

/** Who enters what the hotline hears. */
export const officer = "p-duty"

export const policyFile = createRequire(import.meta.url).resolve("../../policies/huishui.policy.md")

const ours = async (file: string, writer: string, photos: string): Promise<void> => {
  const policy = loadPolicy(policyFile)
  const storage = await openSqliteStorage(file, { writer: writer === "here" ? "here" : "beside" })
  const engine = await openCounty({
    policy,
    storage,
    // Without a store of photos none that a report names is looked for.
    ...(photos === "no-photos" ? {} : { photos: photosSharp({ blobs: folderBlobs(`${file}-photos`) }) }),
  })
  const sessions = makeSessions(Date.now)
  const people = [...reporters, officer]
  const accounts = new Map(
    people.map((person) => [person, { account: person, person, name: text(person, person) }]),
  )
  const app = makeApp({
    engine,
    sessions,
    accounts: { of: (name) => accounts.get(name), check: async () => undefined },
    https: false,
    operations: { metrics: makeMetrics(engine, true), stopping: () => false },
    onFault: (number, error) => console.error(number, error),
  })
  listen(app, { tokens: people.map((person) => sessions.start(person)) })
}

const bare = (file: string): void => {
  const transactions = JSON.parse(
    readFileSync(`${file}-rows.json`, "utf8"),
  ) as readonly (readonly Written[])[]
  const write = bareLoop(openSqliteFile(file))
  let next = 0
  const app = new Hono()
  app.post("/api/reports", async (c) => {
    const parsed = commands.SubmitReport.payload.safeParse(await c.req.json())
    if (!parsed.success) return c.json({ error: "wrong" }, 400)
    const transaction = transactions[next]
    if (transaction === undefined) return c.json({ error: "no rows are left" }, 500)
    next += 1
    write([transaction])
    return c.json({ number: next, at: new Date().toISOString() }, 201)
  })
  listen(app, {})
}

const listen = (app: { fetch: Parameters<typeof serve>[0]["fetch"] }, more: object): void => {
  // As our server listens: with Node's five seconds a client that stands still for so long loses a request.
  const serverOptions = { keepAliveTimeout: idleMs }
  serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1", serverOptions }, ({ port }) => {
    console.log(JSON.stringify({ url: `http://127.0.0.1:${port}/api/reports`, ...more }))
  })
}

if (import.meta.filename === process.argv[1]) {
  const [, , which, file = "", writer = "", photos = ""] = process.argv
  process.on("message", () => process.send?.(process.cpuUsage()))
  // Leaves as a process does that is done, so that a profile is written.
  process.once("SIGTERM", () => process.exit(0))
  if (which === "ours") await ours(file, writer, photos)
  else bare(file)
}
