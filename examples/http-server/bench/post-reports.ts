/**
 * How many reports a second the server takes in by `POST /api/reports`, beside a bare Hono handler that writes the
 * same rows in one transaction a request: with 1, 32 and 256 connections, by autocannon from a second process.
 *
 * `node --conditions=@yingshao/source examples/http-server/bench/post-reports.ts [--short | --smoke]`. Rounds alternate;
 * the figure is the median, the ratio the median of the rounds' ratios.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { cpus, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Yingshao } from "@yingshao/engine"
import { photosSharp } from "@yingshao/photos-sharp"
import { folderBlobs } from "@yingshao/photos-sharp/folder-blobs"
import { openSqliteFile, sqliteStorage } from "@yingshao/storage-sqlite"
import autocannon from "autocannon"
import { lineOf, printed } from "../../../packages/bench/src/line.ts"
import { median, ratioOf } from "../../../packages/bench/src/rounds.ts"
import { type Written, watchWrites } from "../../../packages/bench/src/written-rows.ts"
import { loadPolicy, openCounty, programme, settle } from "../src/county/open-county.ts"
import { policyFile, reporters } from "./servers.ts"

const smoke = process.argv.includes("--smoke")
/** A fifth of everything, for a machine that others use. */
const short = process.argv.includes("--short")
const rounds = smoke ? 1 : short ? 3 : 5
/** Requests of one round, by connections. */
const widths: Readonly<Record<number, number>> = smoke
  ? { 1: 20, 8: 40 }
  : short
    ? { 1: 60, 32: 400, 256: 768 }
    : { 1: 300, 32: 2_000, 256: 3_000 }
const goals: Readonly<Record<number, number>> = { 1: 0.6 }

const main = async (): Promise<void> => {
  console.log(
    `${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}, ${new Date().toISOString()}${smoke ? ", SMOKE ONLY" : ""}`,
  )
  const folder = mkdtempSync(join(tmpdir(), "yingshao-post-"))
  try {
    for (const [width, each] of Object.entries(widths)) await compare(folder, Number(width), each)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

// internal

const compare = async (folder: string, width: number, each: number): Promise<void> => {
  const file = (name: string): string => join(folder, `${name}-${width}.db`)
  const photo = await prepare(file("ours"))
  for (const name of ["rows", "bare"]) copyFileSync(file("ours"), file(name))
  writeFileSync(
    `${file("bare")}-rows.json`,
    JSON.stringify(await rowsOf(file("rows"), photo, (rounds + 1) * each)),
  )
  const [ours, bare] = [await started("ours", file("ours")), await started("bare", file("bare"))]
  const perSecond = { ours: [] as number[], bare: [] as number[] }
  try {
    for (let round = 0; round <= rounds; round += 1) {
      for (const name of round % 2 === 0 ? (["ours", "bare"] as const) : (["bare", "ours"] as const)) {
        const rate = await fired(name === "ours" ? ours : bare, width, each, photo)
        if (round > 0) perSecond[name].push(rate)
      }
    }
  } finally {
    for (const { child } of [ours, bare]) child.kill("SIGKILL")
  }
  const line = lineOf({
    name: `POST /api/reports, ${width} connections`,
    unit: "1/s",
    ours: median(perSecond.ours),
    beside: median(perSecond.bare),
    peer: "bare Hono, same rows",
    ratio: ratioOf(perSecond.ours, perSecond.bare),
    goal: { atLeast: goals[width] ?? 2 },
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
  for (let at = 0; at < count; at += 1) await submit(engine, at, photo)
  const transactions = written.slice(before)
  await engine.close()
  database.close()
  if (transactions.length !== count)
    throw new Error(`${transactions.length} transactions for ${count} reports`)
  return transactions
}

const bodyOf = (person: string, photo: string) => ({
  channel: "app" as const,
  reporters: [person],
  photos: [photo],
  place: { coordinate: { lng: 106.66, lat: 26.13, crs: "wgs84" as const } },
})

const submit = async (engine: Yingshao, at: number, photo: string): Promise<void> => {
  const person = reporters[at % reporters.length] ?? ""
  const by = { person, role: "reporter" } as const
  const answer = await engine.handle({ type: "SubmitReport", id: `r-${at}`, by, ...bodyOf(person, photo) })
  if (!answer.ok) throw new Error(answer.refusal.code)
}

interface Started {
  readonly child: ChildProcess
  readonly url: string
  readonly tokens?: readonly string[]
}

const started = (which: "ours" | "bare", file: string): Promise<Started> =>
  new Promise((resolve, reject) => {
    const servers = fileURLToPath(new URL("./servers.ts", import.meta.url))
    const args = [
      "--disable-warning=ExperimentalWarning",
      "--conditions=@yingshao/source",
      servers,
      which,
      file,
    ]
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
    let text = ""
    child.stdout.on("data", (part) => {
      text += String(part)
      if (text.includes("\n")) resolve({ child, ...(JSON.parse(text) as Omit<Started, "child">) })
    })
    child.once("exit", (code) => reject(new Error(`${which} ended with ${code}`)))
  })

let serial = 0

/** @returns requests a second. @throws when one was not answered with 201. */
const fired = async (
  { url, tokens }: Started,
  connections: number,
  amount: number,
  photo: string,
): Promise<number> => {
  let client = 0
  const begin = performance.now()
  const result = await autocannon({
    url,
    connections,
    amount,
    // On a machine that others use a request may wait long.
    timeout: 120,
    setupClient: (one) => {
      const at = client % reporters.length
      client += 1
      const headers = { "content-type": "application/json", authorization: `Bearer ${tokens?.[at] ?? ""}` }
      const body = JSON.stringify(bodyOf(reporters[at] ?? "", photo))
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
  const seconds = (performance.now() - begin) / 1000
  if (result["2xx"] !== amount) {
    const { errors, timeouts, non2xx } = result
    throw new Error(`${result["2xx"]} of ${amount} accepted: ${JSON.stringify({ errors, timeouts, non2xx })}`)
  }
  return amount / seconds
}

/** The smallest PNG there is. */
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
)

await main()
