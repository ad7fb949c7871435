/**
 * `yingshao day` with 10,000 generated reports on an SQLite file, in a process of its own: seconds on the
 * wall and the most memory it ever held.
 *
 * Sources run as they do by `npm run day`, so loading and compiling them counts, and so do the county's setup,
 * all 120 days, and the check of the whole world at the end.
 */
import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"
import { openSqliteFile } from "@yingshao/storage-sqlite"
import { type Effort, type Line, lineOf } from "./line.ts"

export const day = async ({ smoke }: Effort): Promise<readonly Line[]> => {
  const reports = smoke ? 20 : 10_000
  const folder = mkdtempSync(join(tmpdir(), "yingshao-bench-"))
  try {
    const database = join(folder, "day.db")
    const run = await runDay(reports, database)
    const { accepted } = run.summary.reports
    if (accepted !== reports || run.summary.obligations.open !== 0 || !run.summary.doctor.ok) {
      throw new Error(`a day of ${reports} reports ended with ${JSON.stringify(run.summary)}`)
    }
    const fileMb = statSync(database).size / 1e6
    const name = `a day of ${reports.toLocaleString("en")} reports`
    return [
      lineOf({
        name: `${name}, time`,
        unit: "s",
        ours: run.wallMs / 1000,
        beside: 90,
        peer: "allowed",
        ratio: run.wallMs / 90_000,
        goal: { atMost: 1 },
        note: `CPU ${(run.cpuMs / 1000).toFixed(1)} s; the file is ${fileMb.toFixed(0)} MB; the doctor finds nothing`,
      }),
      lineOf({
        name: `${name}, memory`,
        unit: "MB",
        ours: run.maxRssMb,
        beside: 512,
        peer: "allowed",
        ratio: run.maxRssMb / 512,
        goal: { atMost: 1 },
      }),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The journal of a simulated day with so many reports: its entries, oldest first. */
export const entriesOfDay = async (reports: number): Promise<readonly string[]> => {
  const folder = mkdtempSync(join(tmpdir(), "yingshao-bench-"))
  try {
    const database = join(folder, "day.db")
    await runDay(reports, database)
    const file = openSqliteFile(database)
    const entries = entriesOfCounty(file)
    file.close()
    return entries
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The largest journal of a file: beside the county's stand notes of the engine and of `day`, a few records each. */
export const entriesOfCounty = (file: DatabaseSync): readonly string[] =>
  file
    .prepare(
      `SELECT entry FROM journal WHERE programme =
         (SELECT programme FROM journal GROUP BY programme ORDER BY count(*) DESC LIMIT 1) ORDER BY place`,
    )
    .all()
    .map((row) => String(row["entry"]))

// internal

interface Summary {
  readonly reports: { readonly accepted: number }
  readonly obligations: { readonly open: number }
  readonly doctor: { readonly ok: boolean }
}

interface Run {
  readonly summary: Summary
  readonly wallMs: number
  readonly cpuMs: number
  readonly maxRssMb: number
}

const command = fileURLToPath(new URL("../../../examples/cli/bin/yingshao.mjs", import.meta.url))
const usage = new URL("./tell-usage.ts", import.meta.url).href

/** Runs the command; what it used comes back on the fourth pipe. */
const runDay = async (reports: number, database: string): Promise<Run> => {
  const begin = performance.now()
  const child = spawn(
    process.execPath,
    [
      ...dayFlags(),
      "--import",
      usage,
      command,
      "day",
      "--reports",
      `${reports}`,
      "--database",
      database,
      "--json",
    ],
    { stdio: ["ignore", "pipe", "pipe", "pipe"] },
  )
  const [out, failures, used] = [1, 2, 3].map((pipe) => textOf(child.stdio[pipe] as NodeJS.ReadableStream))
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject)
    child.on("close", resolve)
  })
  const wallMs = performance.now() - begin
  if (code !== 0) throw new Error(`yingshao day ended with ${String(code)}: ${await failures}`)
  const { cpuMs, maxRssMb } = JSON.parse((await used) ?? "") as Pick<Run, "cpuMs" | "maxRssMb">
  return { summary: JSON.parse((await out) ?? "") as Summary, wallMs, cpuMs, maxRssMb }
}

/** The flags with which `npm run day` starts Node. */
const dayFlags = (): readonly string[] => {
  const { scripts } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
    readonly scripts: { readonly day: string }
  }
  return scripts.day.split(" ").filter((word) => word.startsWith("--"))
}

const textOf = async (stream: NodeJS.ReadableStream): Promise<string> => {
  let text = ""
  for await (const part of stream) text += String(part)
  return text
}
