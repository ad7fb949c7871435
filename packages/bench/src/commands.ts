/**
 * Commands a second through `handle` on an SQLite file, one in flight, each durable before it is answered;
 * beside a bare loop that writes the same rows with prepared statements, one transaction a command, under the
 * same durability (WAL, `synchronous = FULL`), and does nothing else: no rules, no checks, no triggers.
 *
 * The rows are not made up: one run through `handle` is watched, and the loop writes again what it wrote. Both
 * start from copies of one file. Before measuring, both must leave the same number of bytes in the WAL.
 */
import { copyFileSync, mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import { openSqliteFile } from "@yingshao/storage-sqlite"
import { openIntake } from "./intake-county.ts"
import { type Effort, type Line, lineOf } from "./line.ts"
import { median, ratioOf } from "./rounds.ts"
import { bareLoop, rowsByTable, type Written, watchWrites } from "./written-rows.ts"

export const commands = async ({ smoke }: Effort): Promise<readonly Line[]> => {
  const folder = mkdtempSync(join(tmpdir(), "yingshao-bench-"))
  try {
    const { rounds, each } = smoke ? { rounds: 1, each: 10 } : { rounds: 11, each: 250 }
    const seen = await watched(folder, (rounds + 1) * each)
    checkBytes(folder, seen)
    return [await compared(folder, seen, rounds, each)]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

// internal

interface Seen {
  readonly transactions: readonly (readonly Written[])[]
  readonly walBytes: number
}

/** Sets up `start.db`, then watches `count` commands on a copy. */
const watched = async (folder: string, count: number): Promise<Seen> => {
  const start = openSqliteFile(join(folder, "start.db"))
  await (await openIntake(start)).close()
  start.exec("PRAGMA wal_checkpoint(TRUNCATE)")
  start.close()
  const database = copied(folder, "watched.db")
  const transactions = watchWrites(database)
  const county = await openIntake(database)
  const before = transactions.length
  database.exec("PRAGMA wal_autocheckpoint = 0")
  const emptyBytes = walBytes(folder, "watched.db")
  await county.submit(0, count)
  const bytes = walBytes(folder, "watched.db") - emptyBytes
  await county.close()
  database.close()
  return { transactions: transactions.slice(before), walBytes: bytes }
}

const copied = (folder: string, name: string): DatabaseSync => {
  copyFileSync(join(folder, "start.db"), join(folder, name))
  return openSqliteFile(join(folder, name))
}

const walBytes = (folder: string, name: string): number =>
  statSync(join(folder, `${name}-wal`), { throwIfNoEntry: false })?.size ?? 0

/** @throws Error when the bare loop leaves other bytes than the commands did. */
const checkBytes = (folder: string, { transactions, walBytes: expected }: Seen): void => {
  const database = copied(folder, "checked.db")
  const write = bareLoop(database)
  database.exec("PRAGMA wal_autocheckpoint = 0")
  const emptyBytes = walBytes(folder, "checked.db")
  write(transactions)
  const bytes = walBytes(folder, "checked.db") - emptyBytes
  database.close()
  if (Math.abs(bytes - expected) > expected / 100) {
    throw new Error(`the bare loop left ${bytes} bytes in the WAL, the commands ${expected}`)
  }
}

const compared = async (folder: string, seen: Seen, rounds: number, each: number): Promise<Line> => {
  const { transactions } = seen
  const oursOn = copied(folder, "ours.db")
  const bareOn = copied(folder, "bare.db")
  const county = await openIntake(oursOn)
  const write = bareLoop(bareOn)
  const found = {
    ours: [] as number[],
    bare: [] as number[],
    oursCpu: [] as number[],
    bareCpu: [] as number[],
  }
  for (let round = 0; round <= rounds; round += 1) {
    const first = round * each
    const submit = () => timed(() => county.submit(first, each))
    const rewrite = () => timed(async () => write(transactions.slice(first, first + each)))
    const [one, other] =
      round % 2 === 0 ? [await submit(), await rewrite()] : [await rewrite(), await submit()]
    const [ours, bare] = round % 2 === 0 ? [one, other] : [other, one]
    // The first round warms both up.
    if (round === 0) continue
    found.ours.push((each / ours.wallMs) * 1000)
    found.bare.push((each / bare.wallMs) * 1000)
    found.oursCpu.push((ours.cpuMs / each) * 1000)
    found.bareCpu.push((bare.cpuMs / each) * 1000)
  }
  await county.close()
  oursOn.close()
  bareOn.close()
  const tables = [...rowsByTable(transactions)].map(
    ([table, rows]) => `${table} ${(rows / transactions.length).toFixed(1)}`,
  )
  const rows = transactions.flat().reduce((sum, one) => sum + one.rows, 0) / transactions.length
  return lineOf({
    name: "SubmitReport through handle on SQLite",
    unit: "1/s",
    ours: median(found.ours),
    beside: median(found.bare),
    peer: "bare loop, same rows",
    ratio: ratioOf(found.ours, found.bare),
    goal: { atLeast: 0.6 },
    note:
      `a command writes ${rows.toFixed(1)} rows (${tables.join(", ")}) and ` +
      `${Math.round(seen.walBytes / transactions.length).toLocaleString("en")} bytes of WAL; ` +
      `CPU of this process ${median(found.oursCpu).toFixed(0)} µs a command, bare ${median(found.bareCpu).toFixed(0)} µs`,
  })
}

const timed = async (work: () => Promise<unknown>) => {
  const begin = performance.now()
  const cpu = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(cpu)
  return { wallMs: performance.now() - begin, cpuMs: (user + system) / 1000 }
}
