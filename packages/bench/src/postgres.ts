/**
 * Commands through `handle` on a real PostgreSQL, each durable before it is answered: one in flight beside a bare
 * `pg` client that sends the same calls again to a schema of the same rows; 32 and 256 in flight, in one programme
 * and over sixteen, beside emmett's event store appending the same events to the same server.
 *
 * The server is started here with fsync on, which a smoke run does without. Where none can run, the lines are left out
 * and it is said why.
 */
import { execFileSync } from "node:child_process"
import type { Storage } from "@yingshao/ports/storage"
import { type PostgresServer, startPostgres } from "@yingshao/postgres-server"
import { postgresStorage } from "@yingshao/storage-postgres"
import pg from "pg"
import { type Appends, appendsOf, openEmmettPostgres } from "./emmett-postgres.ts"
import { type Effort, type Line, lineOf } from "./line.ts"
import { bareClient, type PostgresCall, recordingPool } from "./postgres-calls.ts"
import { openReportedCounty, type ReportedCounty } from "./reported-county.ts"
import { median, ratioOf } from "./rounds.ts"

export const postgres = async ({ smoke }: Effort): Promise<readonly Line[]> => {
  const started = await startPostgres({
    fsync: !smoke,
    settings: { shared_buffers: "256MB", max_wal_size: "4GB", max_connections: "100" },
  })
  if (started.kind === "none") {
    console.error(`bench: the lines of PostgreSQL are skipped: ${started.reason}`)
    return []
  }
  const { server } = started
  try {
    const one = smoke ? { rounds: 1, each: 5 } : { rounds: 11, each: 100 }
    const many = smoke ? { rounds: 1, each: 32 } : { rounds: 7, each: 1_536 }
    const lines = [...(await oneInFlight(server, one, smoke ? "" : `; ${pgbench(server.url)}`))]
    const pools = smoke ? [8] : [8, 16, 32]
    const connections = await bestPool(server, pools, many.each)
    for (const inFlight of smoke ? [32] : [32, 256]) {
      lines.push(...(await manyInFlight(server, inFlight, connections, many)))
    }
    return lines
  } finally {
    await server.close()
  }
}

// internal

interface Size {
  readonly rounds: number
  readonly each: number
}

const programme = "522731"

const note = "请先联系社区，再到现场。"

/** A small programme to which the public reports. */
const openPublic = (storage: Storage, name: string): Promise<ReportedCounty> =>
  openReportedCounty(storage, name, { reporterOf: (serial) => `somebody-${serial % 97}` })

/** A county on a schema of its own, and what it sends. */
const countyOn = async (pool: pg.Pool, schema: string, name = programme) => {
  const calls: PostgresCall[] = []
  const storage = await postgresStorage({ pool: recordingPool(pool, calls), schema })
  return { storage, calls, county: await openPublic(storage, name) }
}

const oneInFlight = async (
  server: PostgresServer,
  { rounds, each }: Size,
  tools: string,
): Promise<readonly Line[]> => {
  const pool = new pg.Pool({ connectionString: server.url, max: 4 })
  const watched = await countyOn(pool, "watched")
  const ours = await countyOn(pool, "ours")
  await countyOn(pool, "bare")
  const bare = await bareClient(server.url, "watched", "bare")
  const submits = await versus(rounds, {
    record: async (round) => {
      watched.calls.length = 0
      await watched.county.submit(round * each, each, 1)
      return [...watched.calls]
    },
    ours: (round) => ours.county.submit(round * each, each, 1),
    bare: (calls) => bare.send(calls),
    each,
  })
  const reports = await ours.county.submit(1_000_000, each, 1)
  watched.calls.length = 0
  await watched.county.submit(1_000_000, each, 1)
  await bare.send([...watched.calls])
  const notes = await versus(rounds, {
    record: async () => {
      watched.calls.length = 0
      await watched.county.annotate(reports, note)
      return [...watched.calls]
    },
    ours: () => ours.county.annotate(reports, note),
    bare: (calls) => bare.send(calls),
    each,
  })
  await bare.close()
  await pool.end()
  const line = (name: string, { ours, bare, callsEach }: Versus, note = ""): Line =>
    lineOf({
      name: `${name} on PostgreSQL, 1 in flight`,
      unit: "1/s",
      ours: median(ours),
      beside: median(bare),
      peer: "bare pg, same calls",
      ratio: ratioOf(ours, bare),
      goal: { atLeast: 0.7 },
      note: `${callsEach.toFixed(2)} calls a command${note}`,
    })
  return [line("SubmitReport", submits, tools), line("a note to a report", notes)]
}

interface Versus {
  readonly ours: readonly number[]
  readonly bare: readonly number[]
  readonly callsEach: number
}

/** Rounds of ours and of the bare client, in alternate order, after one that warms both up. */
const versus = async (
  rounds: number,
  rivals: {
    readonly record: (round: number) => Promise<readonly PostgresCall[]>
    readonly ours: (round: number) => Promise<unknown>
    readonly bare: (calls: readonly PostgresCall[]) => Promise<unknown>
    readonly each: number
  },
): Promise<Versus> => {
  const found = { ours: [] as number[], bare: [] as number[], calls: 0 }
  for (let round = 0; round <= rounds; round += 1) {
    const calls = await rivals.record(round)
    const mine = () => perSecond(rivals.each, () => rivals.ours(round))
    const theirs = () => perSecond(rivals.each, () => rivals.bare(calls))
    const [ours, bare] =
      round % 2 === 0 ? [await mine(), await theirs()] : swapped([await theirs(), await mine()])
    if (round === 0) continue
    found.ours.push(ours)
    found.bare.push(bare)
    found.calls += calls.length
  }
  return { ours: found.ours, bare: found.bare, callsEach: found.calls / rounds / rivals.each }
}

const manyInFlight = async (
  server: PostgresServer,
  inFlight: number,
  connections: number,
  { rounds, each }: Size,
): Promise<readonly Line[]> => {
  const pool = new pg.Pool({ connectionString: server.url, max: 20 })
  const schema = `many_${inFlight}`
  const { storage, county, calls } = await countyOn(pool, schema)
  const sixteen: ReportedCounty[] = []
  for (let at = 0; at < 16; at += 1) sixteen.push(await openPublic(storage, `5227${40 + at}`))
  const emmett = await openEmmettPostgres(server.url, connections)
  await countyOn(pool, `${schema}_bare`)
  const bare = await bareClient(server.url, schema, `${schema}_bare`)
  const found = { one: [] as number[], sixteen: [] as number[], emmett: [] as number[], bare: [] as number[] }
  for (let round = 0; round <= rounds; round += 1) {
    const first = round * each
    const before = (await storage.head(programme)).number
    calls.length = 0
    const one = await perSecond(each, () => county.submit(first, each, inFlight))
    const sent = calls.filter(({ name }) => name?.endsWith("/commit_batch"))
    const same = await perSecond(each, () => bare.send(sent))
    const share = each / 16
    const over = await perSecond(each, () =>
      Promise.all(sixteen.map((town) => town.submit(first, share, inFlight / 16))),
    )
    const appends = await appendsAfter(storage, before)
    const theirs = await perSecond(each, () => inParallel(appends, inFlight, emmett.append))
    if (round === 0) continue
    found.one.push(one)
    found.sixteen.push(over)
    found.emmett.push(theirs)
    found.bare.push(same)
  }
  await bare.close()
  await emmett.close()
  await pool.end()
  const most = `the commits of one programme sent again by a bare client, one call after the other: ${Math.round(
    median(found.bare),
  )} a second, ${ratioOf(found.bare, found.emmett).toFixed(2)} times emmett`
  const beside = (name: string, ours: readonly number[], note = ""): Line =>
    lineOf({
      name: `SubmitReport on PostgreSQL, ${inFlight} in flight${name}`,
      unit: "1/s",
      ours: median(ours),
      beside: median(found.emmett),
      peer: "emmett-postgresql",
      ratio: ratioOf(ours, found.emmett),
      goal: { atLeast: 6 },
      note: `emmett with ${connections} connections, the quickest of those tried${note}`,
    })
  return [
    beside("", found.one, `; ${most}`),
    beside(", 16 programmes", found.sixteen),
    lineOf({
      name: `16 programmes beside one, ${inFlight} in flight`,
      unit: "1/s",
      ours: median(found.sixteen),
      beside: median(found.one),
      peer: "one programme",
      ratio: ratioOf(found.sixteen, found.one),
      goal: { atLeast: 1.5 },
    }),
  ]
}

/** How many connections emmett is quickest with. */
const bestPool = async (server: PostgresServer, sizes: readonly number[], each: number): Promise<number> => {
  let best = { size: sizes[0] ?? 8, rate: 0 }
  for (const size of sizes) {
    const emmett = await openEmmettPostgres(server.url, size)
    const appends = Array.from({ length: each }, (_, at): Appends => {
      const data = { at: "2026-03-02T01:00:21.000Z", channel: "app", photos: [String(at).padStart(64, "0")] }
      return new Map([[`try-${size}/${at}`, [{ type: "ReportAccepted", data }]]])
    })
    await inParallel(appends.slice(0, each / 8), 32, emmett.append)
    const rate = await perSecond(each, () => inParallel(appends.slice(each / 8), 32, emmett.append))
    await emmett.close()
    if (rate > best.rate) best = { size, rate }
  }
  return best.size
}

/** The events of the records after a number, as emmett takes them. */
const appendsAfter = async (
  storage: Awaited<ReturnType<typeof postgresStorage>>,
  number: number,
): Promise<readonly Appends[]> => {
  const all: Appends[] = []
  for (let after = number; ; ) {
    const page = await storage.journal(programme, { after, limit: 1_000 })
    all.push(...page.map(({ entry }) => appendsOf(entry)))
    if (page.length < 1_000) return all
    after += page.length
  }
}

const inParallel = async <A>(
  all: readonly A[],
  inFlight: number,
  work: (one: A) => Promise<unknown>,
): Promise<void> => {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let at = next++; at < all.length; at = next++) await work(all[at] as A)
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
}

const perSecond = async (count: number, work: () => Promise<unknown>): Promise<number> => {
  const begin = performance.now()
  await work()
  return (count / (performance.now() - begin)) * 1_000
}

const swapped = <A>([one, other]: readonly [A, A]): readonly [A, A] => [other, one]

/** What `pgbench` says of this server, where it is installed: its own small transactions, one client. */
const pgbench = (url: string): string => {
  const place = new URL(url)
  const where = ["-h", decodeURIComponent(place.hostname), "-U", place.username]
  try {
    execFileSync("pgbench", [...where, "-i", "-q", "postgres"], { stdio: "ignore" })
    const said = execFileSync("pgbench", [...where, "-c", "1", "-T", "3", "-N", "postgres"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    })
    return `pgbench -N with one client: ${/tps = ([\d.]+)/.exec(said)?.[1] ?? "?"} transactions a second`
  } catch {
    return "no pgbench here"
  }
}
