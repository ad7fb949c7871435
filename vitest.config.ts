import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { defineConfig } from "vitest/config"

interface Special {
  /** Run once before the project's tests. */
  readonly globalSetup?: string
}

// One project per workspace that has tests; sources run without a build
// through the export condition "@yingshao/source".
const project = (name: string, root: string, { globalSetup }: Special = {}) => ({
  resolve: { conditions: ["@yingshao/source", "node", "development|production"] },
  ssr: { resolve: { conditions: ["@yingshao/source", "node", "development|production"] } },
  test: {
    name,
    root,
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: { NODE_COMPILE_CACHE: compileCache },
    // Test files of a package share a worker and its loaded modules: loading them anew took longer than testing.
    isolate: false,
    ...(globalSetup === undefined ? {} : { globalSetup: [globalSetup] }),
  },
})

// A test's child process then neither strips types nor compiles again what another one did; it is where the commands
// of this repository keep theirs.
const compileCache = join(tmpdir(), "node-compile-cache")

// Where `.ci/run` wants the count of the tests.
const report = process.env.YINGSHAO_TEST_REPORT

export default defineConfig({
  test: {
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    // Many tests wait for a child process or a server; left alone, vitest uses one worker on two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      project("core", "packages/core"),
      project("policy", "packages/policy"),
      project("engine", "packages/engine"),
      project("storage-memory", "packages/storage-memory"),
      project("storage-sqlite", "packages/storage-sqlite"),
      project("storage-postgres", "packages/storage-postgres", {
        globalSetup: `${import.meta.dirname}/packages/storage-postgres/test/start-server.ts`,
      }),
      project("testkit", "packages/testkit"),
      project("ports", "packages/ports"),
      project("photos-sharp", "packages/photos-sharp"),
      project("dispatch-folder", "packages/dispatch-folder"),
      project("dispatch-http", "packages/dispatch-http"),
      project("dispatch-open311", "packages/dispatch-open311"),
      project("dispatch-nats", "packages/dispatch-nats"),
      project("notify-console", "packages/notify-console"),
      project("notify-robots", "packages/notify-robots"),
      project("notify-smtp", "packages/notify-smtp"),
      project("notify-webhook", "packages/notify-webhook"),
      project("bench", "packages/bench"),
      project("evidence", "packages/evidence"),
      project("cli", "examples/cli"),
      project("http-server", "examples/http-server"),
      project("repository", "scripts"),
    ],
  },
})
