/**
 * Mutation testing: plants faults in the rules of core and counts those that no test notices.
 *
 * `npm run mutate` plants in the ledger, incidents, obligations and the calendar; `npm run mutate -- ledger
 * calendar/opening-hours.ts` in these only. Results stand in `reports/mutation` and are reused by the next run where neither a
 * source nor its tests changed. Takes minutes to hours, so it is no part of `npm test`.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "./build.mjs"

const folders = ["ledger", "incident", "obligation", "calendar"]

const asked = process.argv.slice(2)
const chosen = asked.length === 0 ? folders : asked
for (const place of chosen) {
  if (!existsSync(join(root, "packages/core/src", place))) throw new Error(`core has no ${place}`)
}

const reports = join(root, "reports", "mutation")
mkdirSync(reports, { recursive: true })

// A configuration of its own for the test runner: Stryker does not know vitest's projects.
const runnerConfig = "reports/mutation/vitest.config.mjs"
writeFileSync(
  join(root, runnerConfig),
  `export default {
  resolve: { conditions: ["@yingshao/source", "node", "development|production"] },
  ssr: { resolve: { conditions: ["@yingshao/source", "node", "development|production"] } },
  test: { root: "packages/core", include: ["test/**/*.test.ts"], testTimeout: 60_000 },
}
`,
)

const config = {
  mutate: chosen.map((place) => `packages/core/src/${place}${place.endsWith(".ts") ? "" : "/**/*.ts"}`),
  testRunner: "vitest",
  vitest: { configFile: runnerConfig, related: true },
  // Stryker reads tsconfig.json with an interface that TypeScript 7 does not have; it skips a missing file.
  tsconfigFile: "tsconfig.none.json",
  disableTypeChecks: false,
  coverageAnalysis: "perTest",
  concurrency: 2,
  timeoutMS: 20_000,
  incremental: true,
  incrementalFile: "reports/mutation/incremental.json",
  reporters: ["progress-append-only", "clear-text", "html", "json"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: "reports/mutation/mutation.html" },
  jsonReporter: { fileName: "reports/mutation/mutation.json" },
  allowEmpty: true,
  // The root's tsconfig refers to packages that are not copied.
  ignorePatterns: [
    "**/dist",
    "/types",
    "/docs",
    "/data",
    "/examples",
    "/tsconfig.json",
    "/tsconfig.tests.json",
    "/packages/*",
    "!/packages/core",
  ],
}
const configFile = join(reports, "stryker.config.json")
writeFileSync(configFile, JSON.stringify(config, null, 2))

const stryker = join(root, "node_modules/@stryker-mutator/core/bin/stryker.js")
const run = spawnSync(process.execPath, [stryker, "run", configFile], { cwd: root, stdio: "inherit" })
process.exitCode = run.status ?? 1
