/**
 * How long the duty desk waits for its board in a county with 100,000 reports that nobody has dealt with, the most that
 * a board can have to choose from: first page, a later page, one unit's, the same by the API, and the first page while
 * reports come in. Beside the times by the clock stands the server's processor time for a page.
 *
 * `node --conditions=@yingshao/source examples/http-server/bench/board.ts [--reports 100000] [--database FILE] [--pages 400]`.
 * A file that is named is filled once and kept; filling takes about a millisecond of processor time a report.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { cpus, loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import type { CommandInput } from "@yingshao/core/commands"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { loadPolicy, openCounty, settle } from "../src/county/open-county.ts"
import { officer, policyFile, reporters } from "./servers.ts"
import { type StartedServer, startServer } from "./started-server.ts"

const { values: asked } = parseArgs({
  options: {
    reports: { type: "string", default: "100000" },
    database: { type: "string" },
    pages: { type: "string", default: "400" },
  },
})
const reports = Number(asked.reports)
const pages = Number(asked.pages)
/** Milliseconds that one page in a hundred may take longer than. */
const goalMs = 100

const main = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "yingshao-board-"))
  const file = asked.database ?? join(folder, "county.db")
  try {
    if (!existsSync(file)) await fill(file)
    const load = loadavg()[0]?.toFixed(1)
    console.log(
      `${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}, load ${load}, ${new Date().toISOString()}, ${reports} reports`,
    )
    await measure(file)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

// internal

/** Reports in 400 places, 256 at a time; then one in fifty is answered, so that incidents are owed too. */
const fill = async (file: string): Promise<void> => {
  const policy = loadPolicy(policyFile)
  const storage = await openSqliteStorage(file, { writer: "beside" })
  const engine = await openCounty({ policy, storage })
  await settle(engine, policy)
  let serial = 0
  const toAnswer: string[] = []
  const given = async (command: object): Promise<readonly { readonly stream: string }[]> => {
    const answer = await engine.handle(command as CommandInput)
    if (!answer.ok) throw new Error(answer.refusal.code)
    return answer.events
  }
  const caller = async (): Promise<void> => {
    while (serial < reports) {
      const at = serial
      serial += 1
      const person = reporters[at % reporters.length] ?? ""
      const coordinate = { lng: 106.6 + (at % 20) / 100, lat: 26.1 + ((at / 20) % 20) / 100, crs: "wgs84" }
      const events = await given({
        type: "SubmitReport",
        id: `board-${at}`,
        by: { person, role: "reporter" },
        channel: "app",
        reporters: [person],
        photos: ["f".repeat(64)],
        place: { coordinate },
      })
      const report = events.find(({ stream }) => stream.startsWith("report/"))?.stream
      if (at % 50 === 0 && report !== undefined) toAnswer.push(report.slice("report/".length))
    }
  }
  const begin = process.cpuUsage()
  await Promise.all(Array.from({ length: 256 }, caller))
  for (const report of toAnswer) {
    await given({
      type: "AnswerWhistle",
      id: `answer-${report}`,
      by: { person: officer, role: "duty-officer" },
      report,
      facts: { category: "environment", danger: "no", ongoing: "yes", affected: 2 },
      incident: { how: "apart" },
    })
  }
  await engine.close()
  await storage.close()
  const { user, system } = process.cpuUsage(begin)
  console.log(`filled with ${reports} reports in ${((user + system) / 1e6).toFixed(0)} s of processor time`)
}

const measure = async (file: string): Promise<void> => {
  const server = await startServer("ours", file, { photos: false })
  const token = server.tokens[reporters.length] ?? ""
  const asOfficer = { authorization: `Bearer ${token}`, cookie: `ys-session=${token}` }
  const get = async (path: string): Promise<string> => {
    const answer = await fetch(`${server.origin}${path}`, { headers: asOfficer })
    const body = await answer.text()
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${body.slice(0, 200)}`)
    return body
  }
  try {
    const first = await get("/board")
    const later = /href="(\/board\?[^"]*after=[^"]+)"/.exec(first)?.[1]?.replaceAll("&amp;", "&")
    if (later === undefined) throw new Error("the board has no second page")
    const shown = [
      ["board, first page", "/board"],
      ["board, second page", later],
      ["board of one unit", "/board?unit=duty-desk"],
      ["API, board of one unit", "/api/board/duty-desk?limit=50"],
      ["map", "/map"],
      ["hotline form", "/hotline"],
    ] as const
    for (const [name, path] of shown) await timed(server, name, () => get(path))
    const stop = new AbortController()
    const load = submitting(server, stop.signal)
    await timed(server, "board, first page, while reports come in", () => get("/board"))
    stop.abort()
    console.log(`    ${await load} reports came in meanwhile`)
  } finally {
    await server.end()
  }
}

const timed = async (server: StartedServer, name: string, get: () => Promise<string>): Promise<void> => {
  for (let at = 0; at < pages / 10; at += 1) await get()
  const cpuBefore = await server.cpuMs()
  const ms: number[] = []
  let bytes = 0
  for (let at = 0; at < pages; at += 1) {
    const begin = performance.now()
    bytes = Buffer.byteLength(await get())
    ms.push(performance.now() - begin)
  }
  const cpu = ((await server.cpuMs()) - cpuBefore) / pages
  ms.sort((a, b) => a - b)
  const at = (share: number): number =>
    ms[Math.min(ms.length - 1, Math.floor(ms.length * share))] ?? Number.NaN
  const met = at(0.99) <= goalMs ? "met" : "NOT MET"
  console.log(
    `${name.padEnd(42)} p50 ${at(0.5).toFixed(1)} ms  p99 ${at(0.99).toFixed(1)} ms  <= ${goalMs} ms ${met}  CPU ${cpu.toFixed(1)} ms  ${Math.round(bytes / 1024)} KB`,
  )
}

/** Sixteen reporters, one report after the other. @returns how many. */
const submitting = async ({ origin, tokens }: StartedServer, signal: AbortSignal): Promise<number> => {
  let sent = 0
  const reporting = async (at: number): Promise<void> => {
    while (!signal.aborted) {
      sent += 1
      const answer = await fetch(`${origin}/api/reports`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${tokens[at]}`,
          "content-type": "application/json",
          "idempotency-key": `meanwhile-${process.pid}-${sent}`,
        },
        body: JSON.stringify({
          channel: "app",
          reporters: [reporters[at]],
          photos: ["f".repeat(64)],
          place: { coordinate: { lng: 106.66, lat: 26.13, crs: "wgs84" } },
        }),
      })
      if (answer.status !== 201) throw new Error(`a report: ${answer.status} ${await answer.text()}`)
      await answer.arrayBuffer()
    }
  }
  await Promise.all(Array.from({ length: 16 }, (_, at) => reporting(at)))
  return sent
}

await main()
