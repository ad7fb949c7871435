/**
 * Mutation testing: plants faults in the rules of core and counts those that no test of core notices.
 *
 * `npm run mutate` plants in the ledger, incidents, obligations, the calendar and the inbox, slice by slice;
 * `npm run mutate -- incident ledger/lots` in these only; `npm run mutate -- --table` plants nothing and prints what is
 * known so far. `--quick` leaves out mutants of code that runs only while modules load, because everything is loaded anew for
 * each of them; the table counts what was left out. Takes minutes to hours, so it is no part of `npm test`.
 * `MUTANTS_AT_ONCE=2` uses two processes.
 *
 * A slice is a few files; its results are kept in `reports/mutation` when it ends, one file a source, so a run that is cut loses
 * one slice. A later run judges only mutants that are new, whose killing test changed, or that survived. The table counts a
 * source only while it reads as it did when it was judged.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { root } from "./build.mjs"

/**
 * The tests of core that judge a folder: its own and its nearest neighbours'. All others would only cost time, and a mutant that
 * they alone kill counts as a survivor.
 */
const judges = {
  calendar: ["calendar"],
  ledger: ["ledger", "reward", "refusal-messages.test.ts"],
  incident: [
    "incident",
    "report",
    "obligation",
    "lifecycle.test.ts",
    "report-walk.test.ts",
    "refusal-messages.test.ts",
  ],
  obligation: ["obligation", "incident", "report", "lifecycle.test.ts"],
  inbox: ["inbox"],
}

/** A slice ends after so many lines of source. */
const linesInSlice = 900

const quick = process.argv.includes("--quick")

const main = () => {
  const asked = process.argv.slice(2).filter((one) => !one.startsWith("--"))
  const sources = (asked.length === 0 ? Object.keys(judges) : asked).flatMap(sourcesOf)
  if (!process.argv.includes("--table")) {
    for (const slice of slicesOf(sources)) if (!judge(slice)) process.exitCode = 1
  }
  console.log(tableOf(Object.keys(judges)))
}

// internal

const rules = join(root, "packages/core/src")
const reports = join(root, "reports", "mutation")

/** Sources of a folder or of one file, `ledger/lots.ts` or `ledger/lots`. */
const sourcesOf = (place) => {
  const found = [
    ...globSync(`${place}/*.ts`, { cwd: rules }),
    ...globSync([place, `${place}.ts`], { cwd: rules }),
  ]
    .filter((path) => path.endsWith(".ts"))
    .sort()
  if (found.length === 0 || judges[folderOf(found[0])] === undefined)
    throw new Error(`no rules to mutate: ${place}`)
  return found
}

const folderOf = (source) => dirname(source)

const slicesOf = (sources) => {
  const slices = []
  let lines = 0
  for (const source of sources) {
    const last = slices.at(-1)
    const length = readFileSync(join(rules, source), "utf8").split("\n").length
    if (last === undefined || folderOf(last[0]) !== folderOf(source) || lines + length > linesInSlice) {
      slices.push([source])
      lines = length
    } else {
      last.push(source)
      lines += length
    }
  }
  return slices
}

/** Runs one slice and keeps its results; false when the run failed. */
const judge = (slice) => {
  const folder = folderOf(slice[0])
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim()
  mkdirSync(join(reports, "results", folder), { recursive: true })
  const incrementalFile = join(reports, `${folder}.incremental.json`)
  forgetSurvivors(incrementalFile)
  const jsonFile = join(reports, `${folder}.json`)
  const config = {
    mutate: slice.map((source) => `packages/core/src/${source}`),
    testRunner: "in-process",
    plugins: [join(root, "scripts/mutation/in-process-runner.mjs")],
    testRunnerNodeArgs: ["--conditions=@yingshao/source"],
    // Modules that were loaded anew for a mutant are never forgotten; 0 is for ever.
    maxTestRunnerReuse: quick ? 0 : 100,
    // Stryker reads tsconfig.json with an interface that TypeScript 7 does not have; it skips a missing file.
    tsconfigFile: "tsconfig.none.json",
    disableTypeChecks: false,
    coverageAnalysis: "perTest",
    concurrency: Number(process.env.MUTANTS_AT_ONCE ?? 1),
    // Long, for a busy machine; a loop without an end is mostly found by its count.
    timeoutMS: 60_000,
    timeoutFactor: 3,
    ignoreStatic: quick,
    incremental: true,
    incrementalFile,
    reporters: ["progress-append-only", "clear-text", "html", "json"],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
    htmlReporter: { fileName: join(reports, `${folder}.html`) },
    jsonReporter: { fileName: jsonFile },
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
  const configFile = join(reports, `${folder}.config.json`)
  writeFileSync(configFile, JSON.stringify(config, null, 2))
  const stryker = join(root, "node_modules/@stryker-mutator/core/bin/stryker.js")
  const env = { ...process.env, YINGSHAO_MUTATION: testsFor(folder).join(",") }
  const run = spawnSync(process.execPath, [stryker, "run", configFile], { cwd: root, stdio: "inherit", env })
  if (run.status === 0) keepResults(slice, jsonFile, commit)
  return run.status === 0
}

const testsFor = (folder) =>
  judges[folder].map((place) => `packages/core/test/${place}${place.endsWith(".ts") ? "" : "/**/*.test.ts"}`)

/** Stryker would carry a survivor over although a test that it has run before looks at more by now. */
const forgetSurvivors = (incrementalFile) => {
  if (!existsSync(incrementalFile)) return
  const report = JSON.parse(readFileSync(incrementalFile, "utf8"))
  for (const file of Object.values(report.files)) {
    file.mutants = file.mutants.filter(({ status }) => status === "Killed" || status === "Timeout")
  }
  writeFileSync(incrementalFile, JSON.stringify(report))
}

const keepResults = (slice, jsonFile, commit) => {
  const { files } = JSON.parse(readFileSync(jsonFile, "utf8"))
  for (const path of slice) {
    const { source, mutants = [] } = files[`packages/core/src/${path}`] ?? {
      source: readFileSync(join(rules, path), "utf8"),
    }
    const kept = { commit, source, mutants: mutants.map(({ coveredBy, killedBy, ...mutant }) => mutant) }
    writeFileSync(join(reports, "results", `${path}.json`), JSON.stringify(kept, null, 1))
  }
}

/** One line a source and one a folder, in Markdown. */
const tableOf = (folders) => {
  const lines = [
    "| rules | mutants | killed | timed out | survived | not covered | in error | left out | score | commit |",
    "|---|---|---|---|---|---|---|---|---|---|",
  ]
  for (const folder of folders) {
    const counted = sourcesOf(folder).map(countOf)
    const judged = counted.filter(({ mutants }) => mutants !== undefined)
    const all = judged.flatMap(({ mutants }) => mutants)
    const commits = [...new Set(judged.map(({ commit }) => commit))].join(", ")
    lines.push(lineOf(`**${folder}**, ${judged.length} of ${counted.length} files`, all, commits))
    for (const { source, mutants, commit, why } of counted) {
      lines.push(mutants === undefined ? `| ${source} | ${why} ||||||||` : lineOf(source, mutants, commit))
    }
  }
  return lines.join("\n")
}

const countOf = (source) => {
  const file = join(reports, "results", `${source}.json`)
  if (!existsSync(file)) return { source, why: "not judged" }
  const kept = JSON.parse(readFileSync(file, "utf8"))
  if (kept.source !== readFileSync(join(rules, source), "utf8")) return { source, why: "changed since" }
  return { ...kept, source }
}

const lineOf = (name, mutants, commit) => {
  const of = (...statuses) => mutants.filter(({ status }) => statuses.includes(status)).length
  const noticed = of("Killed", "Timeout")
  const missed = of("Survived", "NoCoverage")
  const score = noticed + missed === 0 ? "–" : `${((100 * noticed) / (noticed + missed)).toFixed(2)} %`
  const leftOut = of("Ignored")
  const rest = mutants.length - noticed - missed - leftOut
  return `| ${name} | ${mutants.length} | ${of("Killed")} | ${of("Timeout")} | ${of("Survived")} | ${of("NoCoverage")} | ${rest} | ${leftOut} | ${score} | ${commit} |`
}

main()
