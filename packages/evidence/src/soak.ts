/**
 * `npm run soak -- SECONDS`: a mixed load for so many seconds (480 when left out), and what must stay as it
 * is: memory, file handles, the log of SQLite, and how long a command takes.
 *
 * Sixteen callers send in reports, answer, reply and look at the board; the relay delivers and the scheduler
 * runs in the same process, and two other processes read the file all the time. The first fifth warms up and
 * does not count. It prints what it saw and ends with 1 when a bound was broken.
 *
 * What it does not do: it measures no throughput, and on a machine with other work the p99 says as much
 * about that work; it prints the load so that a reader can tell.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import type { Yingshao } from "@yingshao/engine"
import { openYingshao } from "@yingshao/engine"
import { catchNotices } from "@yingshao/engine/in-process"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { commandOf, countyOptions, examplePolicy, idIn, photo, placeAt, staffing } from "./county.ts"

export interface SoakOptions {
  readonly folder: string
  readonly seconds: number
  readonly callers: number
  readonly say: (line: string) => void
}

/** The bounds; ratios compare the last fifth with the first one that counts. */
export const soakBounds = {
  heapRatio: 1.2,
  moreHandles: 0,
  walBytes: 32 * 1024 * 1024,
  p99Ratio: 1.2,
} as const

export interface SoakReport {
  readonly commands: number
  readonly failures: number
  readonly heapMb: readonly [first: number, last: number]
  /** `undefined` where the system does not list them. */
  readonly handles: readonly [first: number, last: number] | undefined
  readonly walMaxBytes: number
  readonly p99Ms: readonly [first: number, last: number]
  /** What was broken, a sentence each; the p99 among it. */
  readonly broken: readonly string[]
}

export const soak = async (options: SoakOptions): Promise<SoakReport> => {
  const file = join(options.folder, "soak.db")
  const county = await openSoak(file)
  const readers = [startReader(file), startReader(file)]
  await Promise.all(readers.map(({ ready }) => ready))
  const log: Measured = { latencies: latencyList(), samples: [], failures: 0 }
  const from = performance.now()
  const until = from + options.seconds * 1_000
  const running = () => performance.now() < until
  await Promise.all([
    ...Array.from({ length: options.callers }, (_, at) => call(county, `caller-${at}`, running, log)),
    deliver(county, running),
    sample(file, options, running, log),
  ])
  for (const { child } of readers) child.stdin.end()
  await Promise.all(readers.map(({ ended }) => ended))
  const { findings } = await county.checkWorld()
  await county.close()
  const report = judge(log, options.seconds * 1_000, from, findings.length)
  tell(report, options)
  return report
}

/** Which bounds a report breaks, a sentence each. */
export const brokenBounds = (report: Omit<SoakReport, "broken">, findings: number): readonly string[] => {
  const { heapMb, handles, walMaxBytes, p99Ms, failures, commands } = report
  const broken: string[] = []
  if (commands === 0) broken.push("no command was answered")
  if (failures > 0) broken.push(`${failures} commands failed`)
  if (findings > 0) broken.push(`the world has ${findings} findings`)
  if (heapMb[1] > heapMb[0] * soakBounds.heapRatio) broken.push("memory grew")
  if (handles !== undefined && handles[1] > handles[0] + soakBounds.moreHandles) broken.push("handles grew")
  if (walMaxBytes > soakBounds.walBytes) broken.push("the log of SQLite grew beyond its bound")
  if (p99Ms[1] > p99Ms[0] * soakBounds.p99Ratio) broken.push("p99 grew")
  return broken
}

// internal

interface Sample {
  readonly atMs: number
  readonly heapBytes: number
  readonly handles: number | undefined
  readonly walBytes: number
}

interface Measured {
  readonly latencies: LatencyList
  readonly samples: Sample[]
  failures: number
}

/** Every command's time. */
interface LatencyList {
  push(atMs: number, tookMs: number): void
  count(): number
  all(): { readonly atMs: number; readonly tookMs: number }[]
}

/** Outside the heap: a list of objects grew by 80 bytes a command, and looked like a leak of what is measured. */
const latencyList = (): LatencyList => {
  let kept = new Float64Array(1 << 16)
  let used = 0
  return {
    push: (atMs, tookMs) => {
      if (used === kept.length) {
        const larger = new Float64Array(used * 2)
        larger.set(kept)
        kept = larger
      }
      kept[used] = atMs
      kept[used + 1] = tookMs
      used += 2
    },
    count: () => used / 2,
    all: () =>
      Array.from({ length: used / 2 }, (_, at) => ({
        atMs: kept[2 * at] ?? 0,
        tookMs: kept[2 * at + 1] ?? 0,
      })),
  }
}

const openSoak = async (file: string): Promise<Yingshao> => {
  const county = await openYingshao({
    ...countyOptions(examplePolicy()),
    storage: await openSqliteStorage(file),
    clock: { now: () => Date.now() },
    // Small, so that it is full when the warming up is over.
    cacheBytes: 2 * 1024 * 1024,
    notifiers: [forgetful()],
    recipients: async (to) => [
      { person: to.kind === "person" ? to.person : "desk", addresses: [{ channel: "app", address: "a" }] },
    ],
  })
  for (const staff of staffing) await county.handle(staff)
  return county
}

/** A channel that takes every notice and remembers none. */
const forgetful = () => ({
  ...catchNotices("app"),
  send: async (_: unknown, { deliveryId }: { readonly deliveryId: string }) => ({
    deliveryId,
    grade: "accepted" as const,
  }),
})

const startReader = (file: string) => {
  const script = join(import.meta.dirname, "child-reader.ts")
  const child = spawn(process.execPath, ["--conditions=@yingshao/source", script, file], {
    stdio: ["pipe", "pipe", "inherit"],
  })
  return { child, ready: once(child.stdout, "data"), ended: once(child, "close") }
}

/** One caller: a report from intake to reply, with a look at the board between. */
const call = async (
  county: Yingshao,
  person: string,
  running: () => boolean,
  log: Measured,
): Promise<void> => {
  const timed = async (command: Parameters<Yingshao["handle"]>[0]) => {
    const from = performance.now()
    try {
      const answer = await county.handle(command)
      log.latencies.push(from, performance.now() - from)
      return answer
    } catch {
      log.failures += 1
      return undefined
    }
  }
  for (let nth = 0; running(); nth += 1) {
    const key = `${person}-${nth}`
    const sent = await timed(
      commandOf(`send-${key}`, "SubmitReport", person, "reporter", {
        channel: "app",
        reporters: [person],
        photos: [photo],
        place: placeAt((nth % 300) * 300, hashOf(person) * 300),
      }),
    )
    if (sent === undefined || !sent.ok) continue
    const report = idIn(sent, "report")
    const facts = { category: "facility", danger: "no", ongoing: "yes", affected: 0 }
    await timed(commandOf(`answer-${key}`, "AnswerWhistle", "duty", "duty-officer", { report, facts }))
    await county.queries.page({ index: "owed", equals: "duty-desk", limit: 50 })
    await timed(
      commandOf(`reply-${key}`, "ReplyToReporters", "duty2", "duty-officer", { report, text: "已收到" }),
    )
    await county.queries.state("report", report)
  }
}

const hashOf = (text: string): number => [...text].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 97

/** The relay and the scheduler, as a host runs them. */
const deliver = async (county: Yingshao, running: () => boolean): Promise<void> => {
  while (running()) {
    await county.relay.runOnce()
    await county.scheduler.runDue()
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

const sample = async (
  file: string,
  { seconds }: SoakOptions,
  running: () => boolean,
  log: Measured,
): Promise<void> => {
  const collect = collector()
  const every = Math.max(200, (seconds * 1_000) / 100)
  while (running()) {
    await new Promise((resolve) => setTimeout(resolve, every))
    collect()
    log.samples.push({
      atMs: performance.now(),
      heapBytes: process.memoryUsage().heapUsed,
      handles: existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : undefined,
      walBytes: statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0,
    })
  }
}

/** A full collection, so that garbage does not count as memory. */
const collector = (): (() => void) => {
  setFlagsFromString("--expose-gc")
  return runInNewContext("gc") as () => void
}

const judge = (log: Measured, lengthMs: number, from: number, findings: number): SoakReport => {
  // Fifths: the first warms up, the second is the start, the last is the end.
  const fifth = <A extends { readonly atMs: number }>(all: readonly A[], nth: number): readonly A[] =>
    all.filter(({ atMs }) => Math.min(4, Math.floor(((atMs - from) / lengthMs) * 5)) === nth)
  const heap = (nth: number): number => median(fifth(log.samples, nth).map(({ heapBytes }) => heapBytes))
  const p99 = (nth: number): number =>
    quantile(
      fifth(log.latencies.all(), nth).map(({ tookMs }) => tookMs),
      0.99,
    )
  const handles = (nth: number): number | undefined =>
    fifth(log.samples, nth).reduce<number | undefined>(
      (most, { handles: open }) => (open === undefined ? most : Math.max(most ?? 0, open)),
      undefined,
    )
  const [first, last] = [handles(1), handles(4)]
  const report = {
    commands: log.latencies.count(),
    failures: log.failures,
    heapMb: [heap(1) / 2 ** 20, heap(4) / 2 ** 20] as const,
    handles: first === undefined || last === undefined ? undefined : ([first, last] as const),
    walMaxBytes: Math.max(...log.samples.map(({ walBytes }) => walBytes)),
    p99Ms: [p99(1), p99(4)] as const,
  }
  return { ...report, broken: brokenBounds(report, findings) }
}

const tell = (report: SoakReport, { say, seconds, callers }: SoakOptions): void => {
  const { commands, failures, heapMb, handles, walMaxBytes, p99Ms } = report
  const load = loadavg().map((one) => one.toFixed(1))
  say(`${seconds} s, ${callers} callers: ${commands} commands, ${failures} failed; load ${load.join(" ")}`)
  say(
    `memory after collection ${heapMb.map((mb) => mb.toFixed(1)).join(" -> ")} MB, at most × ${soakBounds.heapRatio}`,
  )
  say(`file handles ${handles === undefined ? "not listed here" : handles.join(" -> ")}`)
  say(
    `log of SQLite at most ${(walMaxBytes / 2 ** 20).toFixed(1)} MB, bound ${soakBounds.walBytes / 2 ** 20} MB`,
  )
  const [start, end] = p99Ms
  say(
    `p99 ${start.toFixed(1)} -> ${end.toFixed(1)} ms, × ${(end / start).toFixed(2)}, at most × ${soakBounds.p99Ratio}`,
  )
}

const median = (values: readonly number[]): number => quantile(values, 0.5)

const quantile = (values: readonly number[], part: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
}

if (import.meta.main) {
  const folder = mkdtempSync(join(tmpdir(), "yingshao-soak-"))
  try {
    const seconds = Number(process.argv[2] ?? "480")
    if (!(seconds >= 1 && seconds <= 86_400)) throw new Error("seconds: 1 to 86400")
    const { broken } = await soak({ folder, seconds, callers: 16, say: (line) => console.log(line) })
    for (const one of broken) console.error(`BROKEN: ${one}`)
    process.exitCode = broken.length === 0 ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
