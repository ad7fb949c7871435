/**
 * One call of the store for each kind of command, for what the relay does, and for closing: taken from the tour as the
 * engine made it, with the file as it stood before and the head as it must stand after.
 */
import { copyFileSync, existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { fromMs } from "@yingshao/core/kernel/time"
import type { Commit, Head, Storage } from "@yingshao/ports/storage"
import { openSqliteFile, sqliteStorage } from "@yingshao/storage-sqlite"
import type { StoragePoint } from "@yingshao/testkit/storage-injection"
import { replaced } from "@yingshao/testkit/storage-injection"
import { openCounty, programme, standingClock, startMs } from "./county.ts"
import { firstOfEachKind, type Step } from "./tour.ts"

/** A call as data. */
export interface StoreCall {
  readonly method: StoragePoint
  readonly given: readonly unknown[]
}

export interface PreparedCall {
  /** The type of command, or `(lease)` and the like. */
  readonly kind: string
  /** One, but for a control that splits it. */
  readonly calls: readonly StoreCall[]
  /** The database as it stood before; its log lies beside it. */
  readonly file: string
  readonly before: Head
  readonly after: Head
}

/**
 * Runs the tour on a file in this process and keeps a copy of the file before each kind's call.
 *
 * @param kinds which kinds; left out: all of them.
 */
export const storeCalls = async (
  folder: string,
  steps: readonly Step[],
  kinds?: readonly string[],
): Promise<readonly PreparedCall[]> => {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, "tour.db")
  const database = openSqliteFile(file)
  const store = await sqliteStorage({ database })
  const wanted = new Map<number, string>()
  for (const [type, at] of firstOfEachKind(steps)) {
    if (kinds === undefined || kinds.includes(type)) wanted.set(at, type)
  }
  const prepared: PreparedCall[] = []
  const keep = async (
    kind: string,
    method: StoragePoint,
    given: readonly unknown[],
    work: () => Promise<void>,
  ) => {
    const before = await store.head(programme)
    const copy = copied(file, join(folder, `${kind.replace(/\W/g, "")}.db`))
    await work()
    prepared.push({
      kind,
      calls: [{ method, given }],
      file: copy,
      before,
      after: await store.head(programme),
    })
  }

  let commits: Commit[] = []
  const clock = standingClock()
  const watched = replaced(store, (inner) => ({
    commit: (name, commit) => {
      // The engine notes beside the programme which indexes are whole.
      if (name === programme) commits.push(commit)
      return inner.commit(name, commit)
    },
  }))
  const before = await store.head(programme)
  const county = await openCounty(watched, clock)
  if (kinds === undefined || kinds.includes("OpenProgramme")) {
    const call: StoreCall = { method: "commit", given: [programme, commits[0]] }
    const after = await store.head(programme)
    prepared.push({ kind: "OpenProgramme", calls: [call], file: join(folder, "none.db"), before, after })
  }
  for (const [at, { atMs, command }] of steps.entries()) {
    clock.set(atMs)
    const kind = wanted.get(at)
    commits = []
    if (kind === undefined) await county.handle(command)
    else {
      const given: unknown[] = [programme]
      await keep(kind, "commit", given, async () => {
        await county.handle(command)
        given.push(commits.at(-1))
      })
    }
  }
  await relayCalls(store, kinds, keep)
  await county.close()
  database.close()
  return prepared
}

/** Copies a database with its log; a database that is not there stays so. @returns the copy's path. */
export const copied = (from: string, to: string): string => {
  for (const ending of ["", "-wal"]) {
    if (existsSync(`${from}${ending}`)) copyFileSync(`${from}${ending}`, `${to}${ending}`)
  }
  return to
}

// internal

const relayCalls = async (
  store: Storage,
  kinds: readonly string[] | undefined,
  keep: (
    kind: string,
    method: StoragePoint,
    given: readonly unknown[],
    work: () => Promise<void>,
  ) => Promise<void>,
): Promise<void> => {
  const later = startMs + 3_000 * 86_400_000
  const lease = {
    topic: "notify",
    worker: "w",
    now: fromMs(later),
    leaseUntil: fromMs(later + 60_000),
    limit: 20,
  }
  const does = (kind: string): boolean => kinds === undefined || kinds.includes(kind)
  if (does("(lease)")) {
    await keep("(lease)", "lease", [programme, lease], async () => {
      await store.lease(programme, lease)
    })
  }
  const again = { ...lease, now: fromMs(later + 120_000), leaseUntil: fromMs(later + 180_000) }
  const leased = await store.lease(programme, again)
  const settlements = leased.map(({ id, token }, at) =>
    at % 2 === 0
      ? { id, token, kind: "delivered", at: again.now, receipt: "r" }
      : { id, token, kind: "dead", at: again.now, blocking: false, note: "n" },
  )
  const settle = async (): Promise<void> => {
    await store.settle(programme, settlements as Parameters<Storage["settle"]>[1])
  }
  if (does("(settle)")) await keep("(settle)", "settle", [programme, settlements], settle)
  else await settle()
  if (does("(close)")) await keep("(close)", "close", [], async () => {})
  const dead = leased[1]?.id ?? ""
  if (does("(redrive)")) {
    await keep("(redrive)", "redrive", [programme, dead, again.now], async () => {
      await store.redrive(programme, dead, again.now)
    })
  }
}
