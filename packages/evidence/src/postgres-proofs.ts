/**
 * The proofs on PostgreSQL at full size, each on a server of its own that is started here with fsync on.
 */
import { DatabaseSync } from "node:sqlite"
import { type PostgresServer, startPostgres } from "@yingshao/postgres-server"
import { memoryStorage } from "@yingshao/storage-memory"
import { postgresStorage } from "@yingshao/storage-postgres"
import { sqliteStorage } from "@yingshao/storage-sqlite"
import pg from "pg"
import { crashCycles, lostWithoutWaiting } from "./postgres-crashes.ts"
import { naiveHolders, rivals } from "./postgres-rivals.ts"
import { killSize, relayKills } from "./relay-kills.ts"
import { sameDigests } from "./same-digests.ts"

export interface PostgresProof {
  /** Of cycles, matters or seeds: how many, when nobody says. */
  readonly size: number
  /** @returns what was wrong; throws what was found broken on the way. */
  readonly run: (size: number, say: (line: string) => void) => Promise<readonly string[]>
}

/** By the name that `npm run evidence` takes. */
export const postgresProofs: Readonly<Record<string, PostgresProof>> = {
  "postgres-relay": {
    size: 10_000,
    run: (size, say) => onServer(({ url }) => relayKills({ ...killSize(size), place: url, workers: 3, say })),
  },
  "postgres-crashes": {
    size: 200,
    run: (size, say) =>
      onServer(async (server) => {
        const lost = await lostWithoutWaiting(server)
        say(`control, acknowledged before the disk has it: ${lost} rows lost`)
        say(JSON.stringify(await crashCycles(server, size, say)))
        return lost > 0 ? [] : ["the control lost nothing: the crashes prove nothing"]
      }),
  },
  "postgres-rivals": {
    size: 2_000,
    run: (size, say) =>
      onServer(async (server) => {
        const naive = await naiveHolders(server.url, "naive", size, 8)
        say(`control, check then insert: ${naive} holders for ${size} matters`)
        say(JSON.stringify(await rivals(server.url, "claims", size, 8)))
        return naive > size ? [] : ["the control gave one holder each: the harness does not race"]
      }),
  },
  "same-digests": {
    size: 500,
    run: (size, say) =>
      onServer(async (server) => {
        const pool = new pg.Pool({ connectionString: server.url })
        const sqlite = await sqliteStorage({ database: new DatabaseSync(":memory:") })
        const postgres = await postgresStorage({ pool })
        const digests = await sameDigests([memoryStorage(), sqlite, postgres], size, say)
        say(
          `${digests.length} seeds, ${new Set(digests).size} different digests, each the same on three stores`,
        )
        await pool.end()
        return []
      }),
  },
}

// internal

const onServer = async (
  work: (server: PostgresServer) => Promise<readonly string[]>,
): Promise<readonly string[]> => {
  // The log writer of the control must not be quicker than the kill.
  const started = await startPostgres({ fsync: true, settings: { wal_writer_delay: "10000" } })
  if (started.kind === "none") throw new Error(started.reason)
  try {
    return await work(started.server)
  } finally {
    await started.server.close()
  }
}
