/** One PostgreSQL for all tests of this package in a run: `TEST_DATABASE_URL`, or one that is started here. */
// By its path: the runner loads this file without the export condition that names sources.

import type { TestProject } from "vitest/node"
import { startPostgres } from "../../postgres-server/src/postgres-server.ts"

export const setup = async (project: TestProject): Promise<(() => Promise<void>) | undefined> => {
  const given = process.env.TEST_DATABASE_URL
  if (given !== undefined && given !== "") {
    project.provide("postgres", { url: given })
    return undefined
  }
  const started = await startPostgres({ fsync: false, settings: { max_connections: "200" } })
  if (started.kind === "none") {
    console.warn(`storage-postgres: tests that need a server are skipped: ${started.reason}`)
    project.provide("postgres", { missing: started.reason })
    return undefined
  }
  project.provide("postgres", { url: started.server.url })
  return () => started.server.close()
}

declare module "vitest" {
  interface ProvidedContext {
    postgres: { readonly url?: string; readonly missing?: string }
  }
}
