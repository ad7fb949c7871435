/**
 * A session keeps the plans that it made while the tables were empty. Once in a while one of them walked over all
 * rows of a programme: for an empty table any index led by the programme is as good as the right one. Counted
 * here are the index entries that calls read after the tables have grown under such plans.
 */
import type { JournalRecord, Storage } from "@yingshao/ports/storage"
import { postgresStorage } from "@yingshao/storage-postgres"
import { partitionByProgramme } from "@yingshao/storage-postgres/partition-by-programme"
import { append, command, entry, state } from "@yingshao/testkit/storage-cases/storage-case"
import type pg from "pg"
import { expect, it } from "vitest"
import { testPool, testSchema, withServer } from "./database.ts"

/** Rows that nothing asks for, between those that come before and after. */
const grown = 4_000

withServer("plans made for empty tables", () => {
  it.each(["plain", "partitioned"])("read no more when the tables have grown: %s", async (kind) => {
    const [pool, schema] = [testPool({ max: 1 }), testSchema()]
    await (await postgresStorage({ pool, schema })).close()
    if (kind === "partitioned") await partitionByProgramme({ pool, schema, partitions: 2 })
    // Nobody may look at the tables in between and have the plans made anew.
    if (kind === "plain") {
      for (const table of ["outbox", "journal", "stream", "turn", "entry", "touch"])
        await pool.query(`ALTER TABLE ${schema}.${table} SET (autovacuum_enabled = false)`)
    }
    const storage = await postgresStorage({ pool, schema })
    // So that the last round, too, finds a record to archive before those that the tables grow by.
    await storage.commit("p", command("first"))
    // Plans are made by the first call and kept after some more.
    for (let round = 0; round < 7; round += 1) await everyCall(storage, `early-${round}`, async () => {})
    await pool.query(growth(schema))
    const read = new Map<string, number>()
    await everyCall(storage, "late", async (name, work) => {
      const before = await entriesRead(pool, schema)
      await work()
      read.set(name, (await entriesRead(pool, schema)) - before)
    })
    expect([...read].filter(([, count]) => count > 200)).toEqual([])
    expect(read.get("commit")).toBeGreaterThan(0)
  })
})

/** Every call that looks for single rows, each through `watch`. */
const everyCall = async (
  storage: Storage,
  name: string,
  watch: (call: string, work: () => Promise<unknown>) => Promise<void>,
): Promise<void> => {
  const call = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    let done = false
    const once = async (): Promise<unknown> => {
      done = true
      return work()
    }
    await watch(what, once)
    if (!done) await work()
  }
  const [now, leaseUntil] = ["2026-03-02T01:00:00.000Z", "2026-03-02T01:01:00.000Z"]
  const message = { topic: "notify", notBefore: now, body: "{}" }
  const outbox = [1, 2].map((at) => ({ ...message, id: `${name}-${at}`, orderingKey: `key/${name}` }))
  const indexed = state("{}", [entry("i", name, "range")])
  const commit = command(`command-${name}`, { appends: [append(`stream/${name}`, 0, indexed)], outbox })
  const lease = () => storage.lease("p", { topic: "notify", worker: "w", now, leaseUntil, limit: 9 })
  await call("commit", () => storage.commit("p", commit))
  await call("repeat", () => storage.commit("p", commit))
  await call("load", () => storage.load("p", [`stream/${name}`]))
  await call("find", () => storage.find("p", { index: "i", equals: [name], order: "ascending", limit: 9 }))
  await call("command", () => storage.command("p", `command-${name}`))
  await call("history", () => storage.history("p", `stream/${name}`, { after: 0, limit: 9 }))
  await call("lease", async () => expect(await lease()).toMatchObject([{ id: `${name}-1` }]))
  const retry = { kind: "retry", token: 1, notBefore: now, counted: true, note: "" } as const
  await call("settle", () => storage.settle("p", [{ ...retry, id: `${name}-1` }]))
  await lease()
  const dead = { kind: "dead", token: 2, at: now, blocking: false, note: "" } as const
  await call("settle and lease", () =>
    Promise.all([storage.settle("p", [{ ...dead, id: `${name}-1` }]), lease()]),
  )
  const delivered = { kind: "delivered", token: 1, at: now, receipt: "" } as const
  await storage.settle("p", [{ ...delivered, id: `${name}-2` }])
  const [next] = await storage.journal("p", {
    after: (await storage.archiving?.archivedTo("p")) ?? 0,
    limit: 1,
  })
  await call("archive", async () =>
    expect(await storage.archiving?.archive("p", next as JournalRecord)).toBe(next?.number),
  )
  await call("redrive", async () => expect(await storage.redrive("p", `${name}-1`, now)).toBe(true))
  await call("park", async () =>
    expect(await storage.park("p", `${name}-1`, { at: now, blocking: false, note: "" })).toBe(true),
  )
}

const growth = (schema: string): string => {
  const rows = `generate_series(1000, ${1000 + grown}) AS i`
  return `
    INSERT INTO ${schema}.journal SELECT 'p', i, 'grown-' || i, '', '{}', '', '' FROM ${rows};
    INSERT INTO ${schema}.stream SELECT 'p', 'grown/' || i, i * 256, i, 1, 1, '[]', '{}' FROM ${rows};
    INSERT INTO ${schema}.touch SELECT 'p', i * 256, i FROM ${rows};
    INSERT INTO ${schema}.entry SELECT 'p', 'i', 'grown/' || i, 'range', 'grown/' || i FROM ${rows};
    INSERT INTO ${schema}.outbox (programme, number, position, id, topic, ordering_key, not_before, body)
      SELECT 'p', i, 0, 'grown-' || i, 'notify', 'grown/' || i, '2027-01-01T00:00:00.000Z', '{}' FROM ${rows};
    INSERT INTO ${schema}.turn (programme, number, position, topic, ready_at, token)
      SELECT 'p', i, 0, 'notify', '2027-01-01T00:00:00.000Z', 0 FROM ${rows};
    UPDATE ${schema}.head SET number = ${1000 + grown} WHERE programme = 'p';`
}

/** Index entries and rows of whole tables read in a schema so far, by the one session that there is. */
const entriesRead = async (pool: pg.Pool, schema: string): Promise<number> => {
  await pool.query("SELECT pg_stat_force_next_flush()")
  const { rows } = await pool.query(
    `SELECT (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE schemaname = $1)::integer
       + (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE schemaname = $1)::integer AS read`,
    [schema],
  )
  return rows[0].read
}
