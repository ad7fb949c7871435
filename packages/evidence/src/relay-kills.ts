/**
 * Workers on one SQLite file or one PostgreSQL that are killed for good in the middle of their work, one after the
 * other, while some messages fail, some are poison and two channels are slow: none is lost, none of a report
 * overtakes another, what nobody can deliver is parked.
 *
 * Duplicates are allowed, that is what at-least-once means, and counted. Order is checked on everything that a
 * channel accepted: a message may come again, but never after a later one of its report.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout as pause } from "node:timers/promises"
import { notifyFailure } from "@yingshao/ports/notifier"
import { fillOutbox, type Got, loadedChannels, loadOf, relayOfLoad, relayProgramme } from "./relay-load.ts"
import { openRelayStore } from "./relay-store.ts"

export interface KillOptions {
  /** An SQLite file that is not there yet, or the URL of a PostgreSQL server. */
  readonly place: string
  readonly messages: number
  readonly reports: number
  readonly kills: number
  /** Workers that run side by side. */
  readonly workers: number
  readonly say: (line: string) => void
}

/** Twenty messages a report, and a worker killed for every two hundred. */
export const killSize = (messages: number): Pick<KillOptions, "messages" | "reports" | "kills"> => ({
  messages,
  reports: Math.max(20, Math.round(messages / 20)),
  kills: Math.max(2, Math.round(messages / 200)),
})

/** @returns what was wrong, a sentence each. */
export const relayKills = async (options: KillOptions): Promise<readonly string[]> => {
  const { place, messages, reports, say } = options
  const load = loadOf(messages, reports)
  const startMs = Date.now()
  const storage = await openRelayStore(place)
  await fillOutbox(storage, load, startMs)
  const seen = makeSeen()
  const killed = await killWorkers(options, startMs, seen)
  say(`${killed} workers killed, ${seen.count()} messages accepted so far, ${seen.again()} of them again`)

  // What is left is done by one worker that nobody kills, under a clock that leaps.
  let nowMs = startMs + (Date.now() - startMs) * faster + 120_000
  const last = relayOfLoad({
    storage,
    worker: "last",
    places: 500,
    clock: { now: () => nowMs },
    notifiers: loadedChannels(async (_, got) => {
      if (got.poison) throw notifyFailure("unreachable", "down")
      seen.add(got)
    }),
  })
  for (let hour = 0; hour < 40; hour += 1) {
    await last.drain()
    nowMs += 3_700_000
  }
  const counts = await storage.outboxCounts(relayProgramme)
  const problems = [...seen.problems()]
  const poison = load.filter((one) => one.poison)
  for (const one of load) {
    if (!one.poison && !seen.has(one.report, one.turn)) problems.push(`${one.id} was lost`)
  }
  for (const one of poison) {
    if (seen.has(one.report, one.turn)) problems.push(`${one.id} is poison and was sent`)
  }
  if (counts.pending > 0 || counts.delivered + counts.dead !== messages)
    problems.push("not every message ended")
  if (counts.dead < poison.length)
    problems.push(`${poison.length - counts.dead} poison messages were not parked`)
  if (killed < options.kills) problems.push(`only ${killed} workers were killed`)
  if (seen.heapMb() > mostHeapMb) problems.push(`a worker held ${seen.heapMb()} MB`)
  say(
    `${counts.delivered} delivered, ${counts.dead} parked (${poison.length} poison), ${counts.pending} waiting`,
  )
  say(`${seen.again()} came again; a worker held at most ${seen.heapMb()} MB of heap`)
  await storage.close()
  return problems
}

// internal

/** A lease of sixty seconds lasts six: well above what a send takes, and short enough to wait for. */
const faster = 10

const mostHeapMb = 200

interface Seen {
  add(got: Pick<Got, "report" | "turn">): void
  heap(mb: number): void
  has(report: number, turn: number): boolean
  count(): number
  again(): number
  heapMb(): number
  problems(): readonly string[]
}

const makeSeen = (): Seen => {
  const all = new Map<number, Set<number>>()
  const newest = new Map<number, number>()
  const wrong: string[] = []
  let [count, again, most] = [0, 0, 0]
  return {
    add({ report, turn }) {
      const before = newest.get(report) ?? -1
      if (turn < before) wrong.push(`report ${report}: message ${turn} came after ${before}`)
      newest.set(report, Math.max(before, turn))
      const turns = all.get(report) ?? new Set<number>()
      all.set(report, turns)
      count += 1
      if (turns.has(turn)) again += 1
      turns.add(turn)
    },
    heap(mb) {
      most = Math.max(most, mb)
    },
    has: (report, turn) => all.get(report)?.has(turn) === true,
    count: () => count,
    again: () => again,
    heapMb: () => most,
    problems: () => wrong.slice(0, 10),
  }
}

/** Runs workers side by side and kills each after some messages of its own. @returns how many were killed. */
const killWorkers = async (
  { place, messages, kills, workers }: KillOptions,
  startMs: number,
  seen: Seen,
): Promise<number> => {
  // So that the last kill comes before the messages end.
  const each = Math.max(2, Math.floor((messages * 0.5) / kills))
  let begun = 0
  let killed = 0
  const lane = async (): Promise<void> => {
    while (begun < kills) {
      begun += 1
      const after = 1 + Math.floor(Math.random() * each)
      const life = await oneLife(place, `w-${begun}`, startMs, after, seen)
      killed += life
    }
  }
  await Promise.all(Array.from({ length: workers }, lane))
  return killed
}

/** @returns 1 when the worker was killed in its work, 0 when it had none left. */
const oneLife = async (
  place: string,
  worker: string,
  startMs: number,
  after: number,
  seen: Seen,
): Promise<number> => {
  const script = join(import.meta.dirname, "child-relay.ts")
  const child = spawn(
    process.execPath,
    ["--conditions=@yingshao/source", script, place, worker, `${startMs}`, `${faster}`],
    { stdio: ["ignore", "pipe", "inherit"] },
  )
  const ended = once(child, "close")
  let sent = 0
  const reading = createInterface({ input: child.stdout })
  reading.on("line", (line) => {
    const [report = Number.NaN, turn = Number.NaN, heapMb = 0] = line.split(" ").map(Number)
    // A line that was cut by the kill was not accepted by anybody; each line is written in one piece.
    if (Number.isNaN(report) || Number.isNaN(turn)) return
    seen.add({ report, turn })
    seen.heap(heapMb)
    sent += 1
    if (sent === after) child.kill("SIGKILL")
  })
  const idle = pause(patienceMs, undefined, { ref: false }).then(() => child.kill("SIGKILL"))
  await Promise.race([ended, idle])
  await ended
  return sent >= after ? 1 : 0
}

/** After so long a worker that has nothing to do is ended. */
const patienceMs = 60_000
