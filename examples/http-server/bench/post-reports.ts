/**
 * How many reports a second the server takes in by `POST /api/reports`, beside a bare Hono handler that writes the
 * same rows in one transaction a request: by a reporter with a photo's hash and by a duty officer without a photo, with
 * 1, 32 and 256 connections, by autocannon from a second process.
 *
 * `node --conditions=@yingshao/source examples/http-server/bench/post-reports.ts [--short | --smoke]`. Rounds alternate;
 * the figure is the median, the ratio the median of the rounds' ratios. Beside it stands the processor time that each
 * server took for a request, which says more on a machine that others use. `--connections 32`, `--form app`,
 * `--writer here` (SQLite is written by the thread that decides, not by a second one) take a part of it, and
 * `--profile FOLDER` leaves a CPU profile of our server there.
 */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { cpus, loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import type { CommandInput } from "@yingshao/core/commands"
import type { Yingshao } from "@yingshao/engine"
import { photosSharp } from "@yingshao/photos-sharp"
import { folderBlobs } from "@yingshao/photos-sharp/folder-blobs"
import { openSqliteFile, sqliteStorage } from "@yingshao/storage-sqlite"
import autocannon from "autocannon"
import { lineOf, printed } from "../../../packages/bench/src/line.ts"
import { median, ratioOf } from "../../../packages/bench/src/rounds.ts"
import { type Written, watchWrites } from "../../../packages/bench/src/written-rows.ts"
import { loadPolicy, openCounty, settle } from "../src/county/open-county.ts"
import { programme } from "../src/county/programme.ts"
import { officer, policyFile, reporters } from "./servers.ts"
import { type StartedServer, startServer } from "./started-server.ts"

const { values: asked } = parseArgs({
  options: {
    smoke: { type: "boolean", default: false },
    /** A fifth of everything, for a machine that others use. */
    short: { type: "boolean", default: false },
    connections: { type: "string" },
    form: { type: "string" },
    writer: { type: "string", default: "beside" },
    profile: { type: "string" },
  },
})
const rounds = asked.smoke ? 1 : asked.short ? 3 : 5
/** Requests of one round, by connections. */
const widths: Readonly<Record<number, number>> = asked.smoke
  ? { 1: 20, 8: 40 }
  : asked.short
    ? { 1: 60, 32: 400, 256: 768 }
    : { 1: 300, 32: 2_000, 256: 3_072 }
const goals: Readonly<Record<number, number>> = { 1: 0.6 }

/** A way to report: who sends it, and its body. */
interface Form {
  readonly name: "app" | "hotline"
  readonly shown: string
  readonly sender: (at: number) => string
  readonly body: (at: number, photo: string) => object
}

const place = { coordinate: { lng: 106.66, lat: 26.13, crs: "wgs84" } } as const
const reporter = (at: number): string => reporters[at % reporters.length] ?? ""
const forms: readonly Form[] = [
  {
    name: "app",
    shown: "with a photo",
    sender: reporter,
    body: (at, photo) => ({ channel: "app", reporters: [reporter(at)], photos: [photo], place }),
  },
  {
    name: "hotline",
    shown: "no photo",
    sender: () => officer,
    body: (at) => ({ channel: "hotline", reporters: [reporter(at)], place }),
  },
]

const main = async (): Promise<void> => {
  const kind = asked.smoke ? ", SMOKE ONLY" : asked.short ? ", short" : ""
  console.log(
    `${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}, ${new Date().toISOString()}${kind}, SQLite is written ${asked.writer}`,
  )
  const folder = mkdtempSync(join(tmpdir(), "yingshao-post-"))
  try {
    for (const form of forms.filter(({ name }) => (asked.form ?? name) === name)) {
      for (const [width, each] of Object.entries(widths)) {
        if ((asked.connections ?? width) === width) await compare(folder, form, Number(width), each)
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

// internal

const compare = async (folder: string, form: Form, width: number, each: number): Promise<void> => {
  const file = (name: string): string => join(folder, `${form.name}-${name}-${width}.db`)
  const photo = await prepare(file("ours"))
  for (const name of ["rows", "bare"]) copyFileSync(file("ours"), file(name))
  writeFileSync(
    `${file("bare")}-rows.json`,
    JSON.stringify(await rowsOf(file("rows"), form, photo, (rounds + 1) * each)),
  )
  const { writer, profile } = asked
  const servers = {
    ours: await startServer("ours", file("ours"), { writer, profile }),
    bare: await startServer("bare", file("bare"), { writer }),
  }
  const perSecond = { ours: [] as number[], bare: [] as number[] }
  const cpuMs = { ours: [] as number[], bare: [] as number[] }
  try {
    for (let round = 0; round <= rounds; round += 1) {
      for (const name of round % 2 === 0 ? (["ours", "bare"] as const) : (["bare", "ours"] as const)) {
        const seen = await fired(servers[name], form, width, each, photo)
        if (round === 0) continue
        perSecond[name].push(seen.perSecond)
        cpuMs[name].push(seen.cpuMs)
      }
    }
  } finally {
    for (const server of Object.values(servers)) await server.end()
  }
  const line = lineOf({
    name: `POST /api/reports ${form.shown}, ${width} conn.`,
    unit: "1/s",
    ours: median(perSecond.ours),
    beside: median(perSecond.bare),
    peer: "bare Hono, same rows",
    ratio: ratioOf(perSecond.ours, perSecond.bare),
    goal: { atLeast: goals[width] ?? 2 },
    note: `CPU of the server for a request: ${median(cpuMs.ours).toFixed(2)} ms, bare ${median(cpuMs.bare).toFixed(2)} ms`,
  })
  console.log(printed(line))
}

/** A county on a file, with one photo. @returns its hash. */
const prepare = async (file: string): Promise<string> => {
  const policy = loadPolicy(policyFile)
  const database = openSqliteFile(file)
  const photos = photosSharp({ blobs: folderBlobs(`${file}-photos`) })
  const engine = await openCounty({ policy, storage: await sqliteStorage({ database }), photos })
  await settle(engine, policy)
  const put = await photos.put(programme, png)
  await engine.close()
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)")
  database.close()
  if (put.kind === "refused") throw new Error(put.code)
  return put.photo.hash
}

/** What our server writes for so many reports, statement by statement. */
const rowsOf = async (
  file: string,
  form: Form,
  photo: string,
  count: number,
): Promise<readonly (readonly Written[])[]> => {
  const database = openSqliteFile(file)
  const written = watchWrites(database)
  const engine = await openCounty({
    policy: loadPolicy(policyFile),
    storage: await sqliteStorage({ database }),
  })
  const before = written.length
  for (let at = 0; at < count; at += 1) await submit(engine, form, at, photo)
  const transactions = written.slice(before)
  await engine.close()
  database.close()
  if (transactions.length !== count)
    throw new Error(`${transactions.length} transactions for ${count} reports`)
  return transactions
}

const submit = async (engine: Yingshao, form: Form, at: number, photo: string): Promise<void> => {
  const by = { person: form.sender(at), role: form.name === "app" ? "reporter" : "duty-officer" }
  const command = { type: "SubmitReport", id: `r-${at}`, by, ...form.body(at, photo) } as CommandInput
  const answer = await engine.handle(command)
  if (!answer.ok) throw new Error(answer.refusal.code)
}

let serial = 0

/** @throws when a request was not answered with 201, with what was answered instead. */
const fired = async (
  { url, tokens, cpuMs }: StartedServer,
  form: Form,
  connections: number,
  amount: number,
  photo: string,
): Promise<{ readonly perSecond: number; readonly cpuMs: number }> => {
  let client = 0
  const cpuBefore = await cpuMs()
  const begin = performance.now()
  // autocannon itself looks at the clock once a second and ends with a tick.
  let lastAnswer = begin
  const result = await autocannon({
    url,
    connections,
    amount,
    // On a machine that others use a request may wait long.
    timeout: 120,
    setupClient: (one) => {
      const at = client
      client += 1
      one.on("response", () => {
        lastAnswer = performance.now()
      })
      const token = tokens[form.name === "app" ? at % reporters.length : reporters.length]
      const headers = { "content-type": "application/json", authorization: `Bearer ${token ?? ""}` }
      const body = JSON.stringify(form.body(at, photo))
      one.setRequests([
        {
          method: "POST",
          body,
          setupRequest: (request: object) => {
            serial += 1
            return { ...request, headers: { ...headers, "idempotency-key": `k-${serial}` } }
          },
        } as autocannon.Request,
      ])
    },
  })
  const seconds = (lastAnswer - begin) / 1000
  if (result["2xx"] !== amount) {
    const { errors, timeouts, statusCodeStats } = result
    // autocannon counts a request as made, and nowhere as lost, when the server closes its connection.
    const seen = JSON.stringify({ errors, timeouts, statusCodeStats })
    throw new Error(`${result["2xx"]} of ${amount} accepted, the others were refused or cut off: ${seen}`)
  }
  return { perSecond: amount / seconds, cpuMs: ((await cpuMs()) - cpuBefore) / amount }
}

/** The smallest PNG there is. */
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
)

await main()
