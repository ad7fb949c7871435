/**
 * Crashes of PostgreSQL under eight clients, over and over: nothing acknowledged is lost, and whoever asks again
 * with the same command id after an unknown outcome gets exactly one effect.
 *
 * Each cycle writes to a programme of its own, breaks the server at a random moment in one of three ways, starts
 * it again, resolves what is unknown, and reads everything back through the port. Needs a server of its own,
 * with fsync on; it proves what a crash of processes can show, not what a power cut can.
 */
import assert from "node:assert/strict"
import { setTimeout as pause } from "node:timers/promises"
import { chainHash, firstHash } from "@yingshao/ports/journal-chain"
import { type Commit, isStorageFailure, type JournalRecord, type Storage } from "@yingshao/ports/storage"
import type { PostgresServer } from "@yingshao/postgres-server"
import { postgresStorage } from "@yingshao/storage-postgres"
import { append, command, message, state, take } from "@yingshao/testkit/storage-cases/storage-case"
import pg from "pg"
import { archiving, type Sealed, unsealed } from "./postgres-archiver.ts"

export interface CrashCycles {
  readonly cycles: number
  readonly acknowledged: number
  /** Outcomes that nobody knew, and how many of those had been committed. */
  readonly unknown: number
  readonly unknownCommitted: number
  /** Failures that said that nothing was written. */
  readonly unchanged: number
  readonly records: number
  /** Of these, how many had left the database when it broke. */
  readonly archived: number
}

const clients = 8
const ways = ["immediate stop", "killed backends", "killed server"] as const

/** @throws AssertionError naming the cycle and what was lost or done twice. */
export const crashCycles = async (
  server: PostgresServer,
  cycles: number,
  say: (line: string) => void = () => {},
): Promise<CrashCycles> => {
  const pool = new pg.Pool({ connectionString: server.url, max: clients, connectionTimeoutMillis: 10_000 })
  const [storage, ...others] = await Promise.all(
    [1, 2].map(() => postgresStorage({ pool, lockWaitMs: 5_000 })),
  )
  if (storage === undefined) throw new Error("no store")
  const total = {
    cycles,
    acknowledged: 0,
    unknown: 0,
    unknownCommitted: 0,
    unchanged: 0,
    records: 0,
    archived: 0,
  }
  const heads = new Map<string, { readonly number: number; readonly hash: string }>()
  try {
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      const programme = `cycle-${cycle}`
      const way = ways[cycle % ways.length] ?? ways[0]
      const seen: Seen = { acknowledged: new Map(), unknown: [], unchanged: [], struck: false }
      // Two stores on one pool, as two servers would be: each has a queue of its own.
      const working = Array.from({ length: clients }, (_, at) =>
        work([storage, ...others][at % 2] ?? storage, programme, at, seen),
      )
      const sealed: Sealed = new Map()
      working.push(archiving(storage, programme, sealed, () => seen.struck))
      await pause(60 + Math.random() * 200)
      await strike(server, way)
      seen.struck = true
      await Promise.all(working)
      total.unknownCommitted += await resolve(storage, programme, seen)
      const where = `cycle ${cycle}, ${way}`
      total.archived += await persistently(async () => (await storage.archiving?.archivedTo(programme)) ?? 0)
      const records = await verify(storage, programme, seen, sealed, where)
      heads.set(programme, await storage.head(programme))
      total.acknowledged += seen.acknowledged.size
      total.unknown += seen.unknown.length
      total.unchanged += seen.unchanged.length
      total.records += records
      if (cycle % 20 === 19) say(`${cycle + 1} cycles: ${JSON.stringify(total)}`)
    }
    // Nothing of an earlier cycle went away in a later one.
    for (const [programme, head] of heads) assert.deepEqual(await storage.head(programme), head, programme)
    return total
  } finally {
    await pool.end()
  }
}

/**
 * The control: acknowledged before they are on the disk, rows must get lost, or the harness kills nothing that
 * matters. @returns how many were lost.
 */
export const lostWithoutWaiting = async (server: PostgresServer): Promise<number> => {
  const pool = new pg.Pool({
    connectionString: server.url,
    max: clients,
    options: "-c synchronous_commit=off",
  })
  pool.on("error", () => {})
  await pool.query("CREATE TABLE IF NOT EXISTS control (id text PRIMARY KEY)")
  await pool.query("CHECKPOINT")
  const acknowledged: string[] = []
  const working = Array.from({ length: clients }, async (_, client) => {
    for (let at = 0; at < 100_000; at += 1) {
      const id = `${client}-${at}-${Math.random()}`
      try {
        await pool.query("INSERT INTO control VALUES ($1)", [id])
      } catch {
        return
      }
      acknowledged.push(id)
    }
  })
  await pause(150)
  await server.kill()
  await Promise.all(working)
  await server.start()
  const { rows } = await pool.query("SELECT id FROM control")
  await pool.end()
  const kept = new Set(rows.map(({ id }) => id as string))
  return acknowledged.filter((id) => !kept.has(id)).length
}

// internal

interface Seen {
  readonly acknowledged: Map<string, { readonly number: number; readonly hash: string }>
  readonly unknown: Commit[]
  readonly unchanged: Commit[]
  /** The server was broken and is back: whoever was not hit stops too. */
  struck: boolean
}

/** Commits one after the other until something breaks, or has broken for others. */
const work = async (storage: Storage, programme: string, client: number, seen: Seen): Promise<void> => {
  for (let at = 0; !seen.struck; at += 1) {
    const id = `${client}-${at}`
    const commit = command(id, {
      appends: [
        append(`w/${client}`, at, state(`after ${id}`, [{ index: "i", equals: String(client), range: id }])),
      ],
      claims: [take(`grant/${id}`, id)],
      tallies: [{ key: "count", by: 1 }],
      outbox: [message(`m/${id}`, `k/${client}`)],
    })
    try {
      const result = await storage.commit(programme, commit)
      assert.equal(result.kind, "committed", `${id} gave ${JSON.stringify(result)}`)
      if (result.kind === "committed") seen.acknowledged.set(id, { number: result.number, hash: result.hash })
    } catch (error) {
      if (!isStorageFailure(error)) throw error
      seen[error.outcome === "unknown" ? "unknown" : "unchanged"].push(commit)
      return
    }
  }
}

const strike = async (server: PostgresServer, way: (typeof ways)[number]): Promise<void> => {
  if (way === "killed backends") {
    const killer = new pg.Client({ connectionString: server.url })
    await killer.connect()
    await killer.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
    )
    await killer.end()
    return
  }
  await (way === "killed server" ? server.kill() : server.stop("immediate"))
  await server.start()
}

/** Asks again with the same id until there is an answer. @returns how many had been committed. */
const resolve = async (storage: Storage, programme: string, seen: Seen): Promise<number> => {
  let committed = 0
  for (const commit of seen.unknown) {
    const result = await persistently(() => storage.commit(programme, commit))
    if (result.kind === "repeated") committed += 1
    else assert.equal(result.kind, "committed", `${commit.commandId} gave ${JSON.stringify(result)}`)
    const again = await storage.commit(programme, commit)
    assert.equal(again.kind, "repeated")
    if (again.kind === "repeated") {
      seen.acknowledged.set(commit.commandId, { number: again.record.number, hash: again.record.hash })
    }
  }
  return committed
}

const persistently = async <A>(ask: () => Promise<A>): Promise<A> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask()
    } catch (error) {
      if (!isStorageFailure(error) || tries === 100) throw error
      await pause(50)
    }
  }
}

/** Everything acknowledged is there, with one effect, and nothing else is. @returns how many records there are. */
const verify = async (
  storage: Storage,
  programme: string,
  seen: Seen,
  sealed: Sealed,
  where: string,
): Promise<number> => {
  const stored = await persistently(() => wholeJournal(storage, programme))
  const journal = await unsealed(storage, programme, sealed, stored, where)
  let hash = firstHash
  for (const [at, record] of journal.entries()) {
    hash = chainHash(at + 1, hash, record.leaf)
    assert.deepEqual([record.number, record.hash], [at + 1, hash], `${where}: the chain breaks at ${at + 1}`)
    const known = seen.acknowledged.get(record.commandId)
    assert.deepEqual(
      known,
      { number: record.number, hash },
      `${where}: ${record.commandId} was never acknowledged so`,
    )
  }
  assert.equal(journal.length, seen.acknowledged.size, `${where}: acknowledged commands are lost`)
  for (const { commandId } of seen.unchanged) {
    assert.equal(
      await storage.command(programme, commandId),
      undefined,
      `${where}: ${commandId} was said to be unchanged`,
    )
  }
  const tallies = await storage.tallies(programme, { prefix: "", after: undefined, limit: 9 })
  assert.deepEqual(tallies, journal.length === 0 ? [] : [{ key: "count", value: journal.length }], where)
  const counts = await storage.outboxCounts(programme)
  assert.deepEqual(counts, { pending: journal.length, delivered: 0, dead: 0 }, where)
  const streams = await storage.streams(programme, { prefix: "w/", after: undefined, limit: 100 })
  assert.equal(
    streams.reduce((sum, { version }) => sum + version, 0),
    journal.length,
    where,
  )
  for (const { commandId } of journal.slice(-20)) {
    assert.equal(await storage.holder(programme, `grant/${commandId}`), commandId, where)
  }
  const equals = Array.from({ length: clients }, (_, at) => String(at))
  const found = await storage.find(programme, { index: "i", equals, order: "ascending", limit: 100 })
  assert.equal(found.rows.length, streams.length, where)
  return journal.length
}

const wholeJournal = async (storage: Storage, programme: string): Promise<readonly JournalRecord[]> => {
  const all: JournalRecord[] = []
  for (;;) {
    const page = await storage.journal(programme, { after: all.length, limit: 1_000 })
    all.push(...page)
    if (page.length < 1_000) return all
  }
}
