/**
 * Kills the server while reports come in, starts it again, and looks whether every acknowledged report is there,
 * once, and every notice that the outbox calls delivered is in the file of notices.
 *
 * `kill -9` tests that nothing is half applied and that a retry finds what was committed. It says nothing about
 * power: the page cache survives it (`npm run evidence -- power-cuts` is about that).
 *
 * `node --conditions=@yingshao/source examples/http-server/test/server-kills.ts 100` does it a hundred times.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"
import { recordedDays } from "@yingshao/cli/store/days"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { programme } from "../src/county/programme.ts"

export interface Kills {
  readonly kills: number
  /** Requests under way at each moment. */
  readonly atOnce: number
  /** The longest that a server lives under load, in milliseconds. */
  readonly longestMs: number
  readonly say: (line: string) => void
}

export interface KillReport {
  readonly acknowledged: number
  /** Requests whose answer never came; each was sent again with its key. */
  readonly unanswered: number
  /** Of these, the reports that were there all the same: killed between the commit and the answer. */
  readonly committedUnanswered: number
  readonly problems: readonly string[]
}

export const killServer = async ({ kills, atOnce, longestMs, say }: Kills): Promise<KillReport> => {
  const folder = mkdtempSync(join(tmpdir(), "yingshao-kills-"))
  const state: State = {
    addresses: new Map(),
    pending: new Set(),
    problems: [],
    unanswered: 0,
    committedUnanswered: 0,
    serial: 0,
  }
  try {
    for (let kill = 1; kill <= kills; kill += 1) {
      const server = await started(folder)
      await verified(server, state)
      const stopped = new AbortController()
      const load = Promise.all(Array.from({ length: atOnce }, () => reporting(server, state, stopped.signal)))
      await new Promise((resolve) => setTimeout(resolve, Math.random() * longestMs))
      server.child.kill("SIGKILL")
      stopped.abort()
      await Promise.all([load, server.ended])
      say(
        `killed ${kill} times: ${state.addresses.size} acknowledged, ${state.pending.size} without an answer, problems: ${state.problems.length}`,
      )
    }
    const server = await started(folder)
    await verified(server, state)
    await patiently(server, () => lastLook(server, state))
    server.child.kill("SIGTERM")
    const code = await server.ended
    if (code !== 0) state.problems.push(`after SIGTERM it ended with ${code}`)
    await noticesKept(folder, state)
    const { unanswered, committedUnanswered, problems } = state
    return { acknowledged: state.addresses.size, unanswered, committedUnanswered, problems }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

// internal

interface State {
  /** By key: the address that was acknowledged. */
  readonly addresses: Map<string, string>
  /** Keys whose answer never came. */
  readonly pending: Set<string>
  readonly problems: string[]
  unanswered: number
  committedUnanswered: number
  serial: number
}

interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  readonly address: string
  readonly token: string
  readonly photo: string
}

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))
const passphrase = "open sesame"

const started = async (folder: string): Promise<Running> => {
  const child = spawn(
    process.execPath,
    [
      "--disable-warning=ExperimentalWarning",
      "--conditions=@yingshao/source",
      main,
      "--empty",
      "--port",
      "0",
      "--database",
      join(folder, "county.db"),
    ],
    { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, YINGSHAO_DEMO_PASSPHRASE: passphrase } },
  )
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve))
  const address = await new Promise<string>((resolve, reject) => {
    let text = ""
    child.stdout?.on("data", (part) => {
      text += String(part)
      const found = /http:\/\/[\d.:]+\//.exec(text)?.[0]
      if (found !== undefined && text.includes("Ctrl-C")) resolve(found)
    })
    void ended.then((code) => reject(new Error(`the server ended with ${code}: ${text}`)))
  })
  const alive = { child }
  const { token } = await patiently(alive, () => signedIn(address, "informant"))
  // The smallest PNG there is; the same bytes again are the same photo.
  const png = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  )
  const headers = { authorization: `Bearer ${token}`, "content-type": "image/png" }
  const { hash } = await patiently(alive, async () => {
    const put = await fetch(`${address}api/photos`, { method: "POST", body: png, headers })
    return (await put.json()) as { readonly hash: string }
  })
  return { child, ended, address, token, photo: hash }
}

const signedIn = async (address: string, account: string): Promise<{ readonly token: string }> => {
  const answer = await fetch(`${address}api/session`, {
    method: "POST",
    body: JSON.stringify({ account, passphrase }),
    headers: { "content-type": "application/json" },
  })
  return (await answer.json()) as { readonly token: string }
}

/** Sends reports, one after the other, until the server is gone. */
const reporting = async (server: Running, state: State, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    state.serial += 1
    const key = `report-${state.serial}`
    state.pending.add(key)
    try {
      await send(server, state, key)
    } catch {
      state.unanswered += 1
      return
    }
  }
}

const send = async ({ address, token, photo }: Running, state: State, key: string): Promise<void> => {
  const place = { coordinate: { lng: 106.66, lat: 26.13, crs: "wgs84" } }
  const answer = await fetch(`${address}api/reports`, {
    method: "POST",
    body: JSON.stringify({ channel: "app", reporters: ["p-informant"], photos: [photo], place }),
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "idempotency-key": key },
  })
  const text = await answer.text()
  if (answer.status !== 201) {
    state.problems.push(`${key}: ${answer.status} ${text.slice(0, 200)}`)
    return
  }
  const location = answer.headers.get("location") ?? ""
  const before = state.addresses.get(key)
  if (before !== undefined && before !== location)
    state.problems.push(`${key} is at ${before} and at ${location}`)
  state.addresses.set(key, location)
  state.pending.delete(key)
}

/** What never got an answer is sent again with its key; then exactly what was acknowledged must be there. */
const verified = async (server: Running, state: State): Promise<void> => {
  const survived = await patiently(server, () => reportsOf(server))
  const more = survived.size - state.addresses.size
  if (more < 0 || more > state.pending.size) {
    state.problems.push(`${survived.size} reports survived, of ${state.addresses.size} acknowledged`)
  }
  state.committedUnanswered += more
  for (const key of [...state.pending]) await patiently(server, () => send(server, state, key))
  for (const key of [...state.addresses.keys()].slice(-3)) {
    await patiently(server, () => send(server, state, key))
  }
  const there = await patiently(server, () => reportsOf(server))
  const lost = [...state.addresses].filter(([_, location]) => !there.has(location))
  for (const [key, location] of lost)
    state.problems.push(`${key} was acknowledged at ${location} and is not there`)
  if (there.size !== state.addresses.size) {
    state.problems.push(`${there.size} reports are there, ${state.addresses.size} were sent`)
  }
}

/** A connection that the server is just closing is tried again, as every client must; the server must be alive. */
const patiently = async <A>({ child }: Pick<Running, "child">, work: () => Promise<A>): Promise<A> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (child.exitCode !== null || child.signalCode !== null || attempt === 5) throw error
      await new Promise((resolve) => setTimeout(resolve, attempt * 100))
    }
  }
}

const reportsOf = async ({ address, token }: Running): Promise<ReadonlySet<string>> => {
  const found = new Set<string>()
  for (let cursor: string | undefined; ; ) {
    const query = `limit=200${cursor === undefined ? "" : `&cursor=${cursor}`}`
    const answer = await fetch(`${address}api/my/reports?${query}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const page = (await answer.json()) as {
      readonly rows: readonly { readonly report: string }[]
      readonly cursor?: string
    }
    for (const { report } of page.rows) {
      const location = `/api/reports/${report}`
      if (found.has(location)) throw new Error(`${location} is listed twice`)
      found.add(location)
    }
    cursor = page.cursor
    if (cursor === undefined) return found
  }
}

/** The whole world is sound. */
const lastLook = async ({ address }: Running, state: State): Promise<void> => {
  const { token } = await signedIn(address, "auditor")
  const answer = await fetch(`${address}api/check-world`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
  })
  const world = (await answer.json()) as { readonly ok: boolean; readonly findings: readonly unknown[] }
  if (!world.ok)
    state.problems.push(`the world is not sound: ${JSON.stringify(world.findings).slice(0, 500)}`)
}

/** Fewer than one person keeps. */
const newest = 300

/** Read from the two files beside each other, when no server runs. */
const noticesKept = async (folder: string, { problems }: State): Promise<void> => {
  const storage = await openSqliteStorage(join(folder, "county.db"))
  const sent: { readonly id: string; readonly note: string }[] = []
  for (let after: { readonly number: number; readonly position: number } | undefined; ; ) {
    const rows = await storage.outbox(programme, { status: "delivered", after, limit: 500 })
    sent.push(...rows.filter(({ note }) => note.startsWith("page: delivered")))
    after = rows.at(-1)
    if (after === undefined) break
  }
  const [county] = await recordedDays(storage)
  if (county?.programme !== programme) problems.push("the command line does not find the county")
  await storage.close()
  const notices = new DatabaseSync(join(folder, "county.notices.db"), { readOnly: true })
  const kept = new Set(
    notices
      .prepare("SELECT delivery FROM notice")
      .all()
      .map(({ delivery }) => String(delivery).replace(/-[0-9a-f]{8}$/, "")),
  )
  notices.close()
  const missing = sent.slice(-newest).filter(({ id }) => !kept.has(id))
  if (sent.length === 0) problems.push("no notice was delivered")
  if (missing.length > 0) problems.push(`${missing.length} notices called delivered are not kept`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const kills = Number(process.argv[2] ?? "100")
  const begin = performance.now()
  const report = await killServer({ kills, atOnce: 16, longestMs: 1_500, say: (line) => console.log(line) })
  console.log(JSON.stringify({ ...report, seconds: Math.round((performance.now() - begin) / 1_000) }))
  process.exitCode = report.problems.length === 0 ? 0 : 1
}
