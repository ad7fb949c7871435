/**
 * The store of the relay's proof, opened by each worker for itself: an SQLite file or a PostgreSQL server.
 */
import type { Storage } from "@yingshao/ports/storage"
import { postgresStorage } from "@yingshao/storage-postgres"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import pg from "pg"

/** @param place a file, or a URL `postgres://…`. */
export const openRelayStore = async (place: string): Promise<Storage> => {
  if (!place.startsWith("postgres://")) return openSqliteStorage(place)
  const pool = new pg.Pool({ connectionString: place, max: 4 })
  const storage = await postgresStorage({ pool, schema: "relay" })
  return {
    ...storage,
    close: async () => {
      await storage.close()
      await pool.end()
    },
  }
}
