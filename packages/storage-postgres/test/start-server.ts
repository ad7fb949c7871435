/** One PostgreSQL for all tests of this package in a run: `TEST_DATABASE_URL`, or one that is started here. */
// By its path: the runner loads this file without the export condition that names sources.

import type { TestProject } from "vitest/node"
import { startPostgres } from "../../postgres-server/src/postgres-server.ts"

export const setup = async (project: TestProject): Promise<(() => Promise<void>) | undefined> => {
  const given = process.env.TEST_DATABASE_URL
  if (given !== undefined && given !== "") {
    provide(project, { url: given })
    return undefined
  }
  const started = await startPostgres({ fsync: true, settings: { max_connections: "200" } })
  if (started.kind === "none") {
    console.warn(`storage-postgres: tests that need a server are skipped: ${started.reason}`)
    provide(project, { missing: started.reason })
    return undefined
  }
  provide(project, { url: started.server.url })
  return () => started.server.close()
}

/** What the tests get: where the server is, or why there is none. */
export interface TestServer {
  readonly url?: string
  readonly missing?: string
}

// internal

/** The runner's types know only keys that a module declaration adds, and the house has no such declarations. */
const provide = (project: TestProject, server: TestServer): void =>
  project.provide("postgres" as never, server as never)
