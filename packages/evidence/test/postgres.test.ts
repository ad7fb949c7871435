/**
 * The short versions of `npm run evidence -- postgres-relay`, `postgres-crashes`, `postgres-rivals` and `same-digests`, on one
 * server of their own with fsync on.
 */
import { DatabaseSync } from "node:sqlite"
import { crashCycles, lostWithoutWaiting } from "@yingshao/evidence/postgres-crashes"
import { naiveHolders, rivals } from "@yingshao/evidence/postgres-rivals"
import { relayKills } from "@yingshao/evidence/relay-kills"
import { sameDigests } from "@yingshao/evidence/same-digests"
import { startPostgres } from "@yingshao/postgres-server"
import { memoryStorage } from "@yingshao/storage-memory"
import { postgresStorage } from "@yingshao/storage-postgres"
import { sqliteStorage } from "@yingshao/storage-sqlite"
import { storageFaults } from "@yingshao/testkit/storage-faults"
import pg from "pg"
import { afterAll, describe, expect, it } from "vitest"

const started = await startPostgres({ fsync: true, settings: { wal_writer_delay: "10000" } })
const reason = started.kind === "none" ? started.reason : undefined
if (reason !== undefined) console.warn(`PostgreSQL evidence: skipped, ${reason}`)
afterAll(async () => {
  if (started.kind === "started") await started.server.close()
})

// PostgreSQL's binaries are not there for every machine; the reason stands in the name.
describe.skipIf(reason !== undefined)(
  `PostgreSQL${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    const server = started.kind === "started" ? started.server : undefined
    if (server === undefined) return

    it("L14 L15 gives every matter to one of eight rivals from two processes, the others typed", async () => {
      expect(await rivals(server.url, "claims", 40, 8)).toEqual({
        matters: 40,
        reports: 8,
        holders: 40,
        refusedTyped: 280,
      })
    }, 120_000)

    it("and check-then-insert gives several holders: the harness really races", async () => {
      expect(await naiveHolders(server.url, "naive", 100, 8)).toBeGreaterThan(100)
    }, 120_000)

    it("A3 ten seeds give the same journal digest on three stores", async () => {
      const pool = new pg.Pool({ connectionString: server.url, max: 2 })
      const sqlite = await sqliteStorage({ database: new DatabaseSync(":memory:") })
      const stores = [memoryStorage(), sqlite, await postgresStorage({ pool })] as const
      expect(new Set(await sameDigests(stores, 10)).size).toBeGreaterThan(8)
      await pool.end()
    }, 120_000)

    it("and a store that ignores guards gives another one", async () => {
      const fault = storageFaults.find(({ id }) => id === "guards ignored")
      const broken = fault?.plant(memoryStorage()) ?? memoryStorage()
      await expect(sameDigests([memoryStorage(), broken], 20)).rejects.toThrow()
    })

    it("O2 O3 workers of the relay that are killed lose nothing and reorder nothing", async () => {
      const load = { messages: 120, reports: 12, kills: 1, workers: 1, say: () => {} }
      expect(await relayKills({ ...load, place: server.url })).toEqual([])
    }, 120_000)

    it("I1 O1 A3 loses nothing acknowledged in a crash, and asking again gives exactly one effect", async () => {
      const seen = await crashCycles(server, 3)
      expect(seen.acknowledged).toBeGreaterThan(0)
      expect(seen.unknown + seen.unchanged).toBeGreaterThan(0)
    }, 120_000)

    it("and loses rows that were acknowledged before they were on the disk: the crashes are real", async () => {
      expect(await lostWithoutWaiting(server)).toBeGreaterThan(0)
    }, 120_000)
  },
)
