/**
 * The relay with a channel in this process, beside pg-boss and graphile-worker, all keeping order per key and with
 * as many messages under way: messages a second, commit to first attempt, memory at a long queue.
 *
 * A real channel takes milliseconds, so what is measured is what the queue itself costs. PostgreSQL is started
 * here with fsync on, which a smoke run does without; where none can run its lines are left out and it is said why.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { catchNotices } from "@yingshao/engine/in-process"
import { makeWake } from "@yingshao/engine/wake"
import type { Notifier } from "@yingshao/ports/notifier"
import type { Storage } from "@yingshao/ports/storage"
import { startPostgres } from "@yingshao/postgres-server"
import { postgresStorage } from "@yingshao/storage-postgres"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import pg from "pg"
import { type Effort, type Line, lineOf } from "./line.ts"
import { countingUpTo, messagesOver } from "./queue-load.ts"
import { drainOurs, enqueueOurs, relayOver } from "./queue-ours.ts"
import { openGraphile, openPgBoss, type PeerQueue } from "./queue-peers.ts"
import { median, ratioOf } from "./rounds.ts"
import { cpuMsWith } from "./server-cpu.ts"

export const relay = async ({ smoke }: Effort): Promise<readonly Line[]> => {
  const size: Size = smoke
    ? { rounds: 1, count: 60, keys: 6, underWay: 8, single: 5, long: 200 }
    : { rounds: 3, count: 10_000, keys: 500, underWay: 240, single: 300, long: 100_000 }
  const folder = mkdtempSync(join(tmpdir(), "yingshao-relay-"))
  try {
    return [...(await rates(folder, size, smoke)), ...(await memory(folder, size))]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

// internal

interface Size {
  readonly rounds: number
  readonly count: number
  readonly keys: number
  /** Messages under way at a time. */
  readonly underWay: number
  /** Messages sent one by one for the time to the first attempt. */
  readonly single: number
  readonly long: number
}

/** Messages a second of one drain of a full queue. */
const rateOf = async (storage: Storage, { count, keys, underWay }: Size): Promise<number> => {
  await enqueueOurs(storage, messagesOver(count, keys, `r${performance.now()}`))
  return (count / (await drainOurs(storage, countingUpTo(count), underWay))) * 1_000
}

const onSqlite = async (folder: string, round: number, size: Size): Promise<number> => {
  const storage = await openSqliteStorage(join(folder, `rate-${round}.db`))
  const rate = await rateOf(storage, size)
  await storage.close()
  return rate
}

/** Rounds in which all rivals take turns; the peers need PostgreSQL. */
const rates = async (folder: string, size: Size, smoke: boolean): Promise<readonly Line[]> => {
  const started = await startPostgres({
    fsync: !smoke,
    settings: { shared_buffers: "256MB", max_wal_size: "4GB", max_connections: "100" },
  })
  if (started.kind === "none") {
    console.error(`bench: the rates of the relay are skipped: ${started.reason}`)
    return []
  }
  const { url } = started.server
  const pool = new pg.Pool({ connectionString: url, max: 8 })
  try {
    const { underWay } = size
    const ours = async (round: number) =>
      rateOf(await postgresStorage({ pool, schema: `ours_${round}` }), size)
    const boss = await best(
      smoke ? [1] : [1, 4, 8],
      (workers) => openPgBoss(url, workers, Math.ceil(underWay / workers)),
      size,
    )
    const graphile = await best(
      smoke ? [1] : [underWay, underWay * 2],
      (local) => openGraphile(url, underWay, local),
      size,
    )
    await ours(0)
    await onSqlite(folder, 0, size)
    const cpuMs = cpuMsWith(url)
    const cpu = { ours: 0, sqlite: 0, boss: 0, graphile: 0 }
    const timed = async (who: keyof typeof cpu, work: () => Promise<number>): Promise<number> => {
      const before = cpuMs()
      const found = await work()
      cpu[who] += cpuMs() - before
      return found
    }
    const seen = {
      ours: [] as number[],
      sqlite: [] as number[],
      boss: [] as number[],
      graphile: [] as number[],
    }
    for (let round = 1; round <= size.rounds; round += 1) {
      seen.ours.push(await timed("ours", () => ours(round)))
      seen.sqlite.push(await timed("sqlite", () => onSqlite(folder, round, size)))
      seen.boss.push(await timed("boss", () => peerRate(boss.queue, size)))
      seen.graphile.push(await timed("graphile", () => peerRate(graphile.queue, size)))
    }
    const spent = (ms: number): number => Math.round((ms * 1_000) / size.count / size.rounds)
    const line = (store: "PostgreSQL" | "SQLite", peer: "boss" | "graphile"): Line => {
      const who = store === "SQLite" ? "sqlite" : "ours"
      return lineOf({
        name: `relay on ${store}`,
        unit: "1/s",
        ours: median(seen[who]),
        beside: median(seen[peer]),
        peer:
          peer === "boss" ? `pg-boss, ${boss.setting} fetching` : `graphile-worker, by ${graphile.setting}`,
        ratio: ratioOf(seen[who], seen[peer]),
        goal: { atLeast: 2 },
        note:
          `${size.count} messages over ${size.keys} keys, ${underWay} under way; CPU to put in and send one, ` +
          `server included: ${spent(cpu[who])} beside ${spent(cpu[peer])} µs`,
      })
    }
    const lines = [
      line("PostgreSQL", "boss"),
      line("PostgreSQL", "graphile"),
      line("SQLite", "boss"),
      line("SQLite", "graphile"),
      ...(await firstAttempts(await postgresStorage({ pool, schema: "first" }), url, size)),
    ]
    await boss.queue.close()
    await graphile.queue.close()
    return lines
  } finally {
    await pool.end()
    await started.server.close()
  }
}

const peerRate = async (queue: PeerQueue, { count, keys }: Size): Promise<number> => {
  await queue.enqueue(messagesOver(count, keys, "p"))
  return (count / (await queue.drain(countingUpTo(count)))) * 1_000
}

/** The setting with which a peer was quickest in one drain each, and its queue. */
const best = async <Q extends PeerQueue>(
  settings: readonly number[],
  open: (setting: number) => Promise<Q>,
  size: Size,
): Promise<{ readonly queue: Q; readonly setting: number }> => {
  let chosen: { readonly queue: Q; readonly setting: number; readonly rate: number } | undefined
  for (const setting of settings) {
    const queue = await open(setting)
    const rate = await peerRate(queue, size)
    if (chosen === undefined || rate > chosen.rate) {
      await chosen?.queue.close()
      chosen = { queue, setting, rate }
    } else await queue.close()
  }
  if (chosen === undefined) throw new Error("no setting was tried")
  return chosen
}

/** From the end of a commit to the call of the channel, with nothing else to do. */
const firstAttempts = async (storage: Storage, url: string, size: Size): Promise<readonly Line[]> => {
  const ours = await waitsOf(size.single, await oursOneByOne(storage))
  const graphile = await openGraphile(url, 4, 1)
  const peer = await waitsOf(size.single, async (begun) => {
    const stop = await graphile.handleEach(({ turn }) => begun.get(turn)?.())
    return { stop, send: (turn) => graphile.enqueue([{ id: `${turn}`, key: `single/${turn}`, turn }]) }
  })
  await graphile.close()
  return [0.5, 0.99].map((part) => {
    const [mine, theirs] = [ours, peer].map((waits) => waits[Math.floor((waits.length - 1) * part)] ?? 0)
    return lineOf({
      name: `commit to first attempt, p${part * 100}`,
      unit: "ms",
      ours: mine ?? 0,
      beside: theirs ?? 0,
      peer: "graphile-worker",
      ratio: (mine ?? 0) / (theirs ?? 1),
      goal: { atMost: 1 },
      note: `${size.single} messages one by one, PostgreSQL; both are woken in this process or by NOTIFY`,
    })
  })
}

type Begun = Map<number, () => void>

/** Starts a consumer that calls what stands in `begun` for each message, and gives a way to send. */
type OneByOne = (begun: Begun) => Promise<{
  readonly send: (turn: number) => Promise<void>
  readonly stop: () => Promise<void>
}>

const oursOneByOne = async (storage: Storage): Promise<OneByOne> => {
  const wake = makeWake()
  return async (begun) => {
    const end = new AbortController()
    const notifier: Notifier = {
      ...catchNotices("in-process"),
      async send(_, { deliveryId, lines }) {
        begun.get(Number(lines[1]?.slice(5)))?.()
        return { deliveryId, grade: "accepted" }
      },
    }
    const following = relayOver(storage, notifier, 4, wake).follow({ signal: end.signal })
    return {
      send: async (turn) => {
        await enqueueOurs(storage, [{ id: `single-${turn}`, key: `single/${turn}`, turn }])
        wake.ring()
      },
      stop: async () => {
        end.abort()
        await following
      },
    }
  }
}

/** Waits in milliseconds, sorted. */
const waitsOf = async (count: number, open: OneByOne): Promise<readonly number[]> => {
  const begun: Begun = new Map()
  const { send, stop } = await open(begun)
  const waits: number[] = []
  for (let turn = 0; turn < count; turn += 1) {
    let handledAt: number | undefined
    const handled = new Promise<void>((resolve) => {
      begun.set(turn, () => {
        handledAt ??= performance.now()
        resolve()
      })
    })
    await send(turn)
    const committedAt = performance.now()
    await handled
    waits.push(Math.max(0, (handledAt ?? committedAt) - committedAt))
    begun.delete(turn)
    await pause(2)
  }
  await stop()
  return waits.toSorted((a, b) => a - b)
}

/** What the process holds more at the most while a queue is worked off, long beside a tenth of it. */
const memory = async (folder: string, size: Size): Promise<readonly Line[]> => {
  const [long = 0, short = 0] = [
    await heldMb(folder, size.long, size),
    await heldMb(folder, size.long / 10, size),
  ]
  return [
    lineOf({
      name: `relay, ${size.long.toLocaleString("en")} queued, heap`,
      unit: "MB",
      ours: long,
      beside: short,
      peer: "a tenth of the queue",
      ratio: long / short,
      goal: { atMost: 1.5 },
      note: "live heap after collection, at its most, above what was held before; SQLite",
    }),
  ]
}

const heldMb = async (folder: string, count: number, size: Size): Promise<number> => {
  setFlagsFromString("--expose-gc")
  const collect = runInNewContext("gc") as () => void
  const storage = await openSqliteStorage(join(folder, `memory-${count}.db`))
  await enqueueOurs(storage, messagesOver(count, size.keys, "m"))
  collect()
  const before = process.memoryUsage().heapUsed
  let most = 0
  let taken = 0
  const done = Promise.withResolvers<void>()
  const notifier: Notifier = {
    ...catchNotices("in-process"),
    async send(_, { deliveryId }) {
      taken += 1
      if (taken % Math.ceil(count / 10) === 0) {
        collect()
        most = Math.max(most, process.memoryUsage().heapUsed - before)
      }
      if (taken === count) done.resolve()
      return { deliveryId, grade: "accepted" }
    },
  }
  const end = new AbortController()
  const following = relayOver(storage, notifier, size.underWay).follow({ signal: end.signal })
  await done.promise
  end.abort()
  await following
  await storage.close()
  return Math.max(most, 1_000) / 1e6
}
