/**
 * Files for workloads that take in reports: a county set up once, copies of it for each rival, and what one
 * watched run through `handle` wrote.
 */
import { copyFileSync, mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import { openSqliteFile } from "@yingshao/storage-sqlite"
import { openIntake } from "./intake-county.ts"
import { type Written, watchWrites } from "./written-rows.ts"

export interface IntakeFiles {
  readonly folder: string
  /** A fresh copy of the file in which the county is set up. */
  copy(name: string): DatabaseSync
  /** Bytes in the WAL beside a file. */
  walBytes(name: string): number
}

/** What some commands wrote: a transaction each, in their order. */
export interface Seen {
  readonly transactions: readonly (readonly Written[])[]
  readonly walBytes: number
}

/** Sets a county up, does the work, takes the files away. */
export const withIntakeFiles = async <A>(
  people: number,
  work: (files: IntakeFiles) => Promise<A>,
): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), "yingshao-bench-"))
  try {
    const start = openSqliteFile(join(folder, "start.db"))
    await (await openIntake(start, people)).close()
    start.exec("PRAGMA wal_checkpoint(TRUNCATE)")
    start.close()
    return await work({
      folder,
      copy: (name) => {
        copyFileSync(join(folder, "start.db"), join(folder, name))
        return openSqliteFile(join(folder, name))
      },
      walBytes: (name) => statSync(join(folder, `${name}-wal`), { throwIfNoEntry: false })?.size ?? 0,
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Watches `count` reports, one in flight, on a copy. */
export const watchedIntake = async (files: IntakeFiles, people: number, count: number): Promise<Seen> => {
  const database = files.copy("watched.db")
  const transactions = watchWrites(database)
  // The log must not be started anew while its bytes are counted.
  const county = await openIntake(database, people, { logBytes: Number.MAX_SAFE_INTEGER })
  const before = transactions.length
  database.exec("PRAGMA wal_autocheckpoint = 0")
  const emptyBytes = files.walBytes("watched.db")
  await county.submit(0, count)
  const bytes = files.walBytes("watched.db") - emptyBytes
  await county.close()
  database.close()
  return { transactions: transactions.slice(before), walBytes: bytes }
}

/** Wall and CPU time of this process. */
export const timed = async (work: () => Promise<unknown>) => {
  const begin = performance.now()
  const cpu = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(cpu)
  return { wallMs: performance.now() - begin, cpuMs: (user + system) / 1000 }
}

/**
 * Runs the rivals of each round one after the other, the other way round in every second one.
 *
 * @returns for each rival its operations a second by the wall and its microseconds of CPU, by round; the first
 *   round warms all up and is not among them.
 */
export const alternate = async <K extends string>(
  rivals: Readonly<Record<K, (first: number, count: number) => Promise<unknown>>>,
  rounds: number,
  each: number,
): Promise<Readonly<Record<K, { readonly perSecond: number[]; readonly cpuUs: number[] }>>> => {
  const names = Object.keys(rivals) as K[]
  const found = Object.fromEntries(
    names.map((name) => [name, { perSecond: [], cpuUs: [] }]),
  ) as unknown as Record<K, { perSecond: number[]; cpuUs: number[] }>
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const { wallMs, cpuMs } = await timed(() => rivals[name](round * each, each))
      if (round === 0) continue
      found[name].perSecond.push((each / wallMs) * 1000)
      found[name].cpuUs.push((cpuMs / each) * 1000)
    }
  }
  return found
}
