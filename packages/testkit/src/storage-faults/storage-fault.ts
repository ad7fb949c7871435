/** What a planted fault is, and what several of them need. */
import type { Commit, JournalRecord, Storage } from "@yingshao/ports/storage"

export interface StorageFault {
  readonly id: string
  /** Case ids that must fail on the broken store. */
  readonly caughtBy: readonly string[]
  readonly plant: (good: Storage) => Storage
}

// internal

export const nothing: Pick<Commit, "appends" | "guards" | "claims" | "tallies" | "outbox"> = {
  appends: [],
  guards: [],
  claims: [],
  tallies: [],
  outbox: [],
}

export const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The commit with the versions that the store has, for those appends whose expected version is forgiven. */
export const atStoredVersions = async (
  good: Storage,
  programme: string,
  commit: Commit,
  forgiven: (expectedVersion: number) => boolean,
): Promise<Commit> => {
  const stored = await good.load(
    programme,
    commit.appends.map(({ stream }) => stream),
  )
  const appends = commit.appends.map((one, at) =>
    forgiven(one.expectedVersion) ? { ...one, expectedVersion: stored[at]?.version ?? 0 } : one,
  )
  return { ...commit, appends }
}

/** Every journal record that leaves the store goes through `change`. */
export const withRecords = (good: Storage, change: (record: JournalRecord) => JournalRecord): Storage => ({
  ...good,
  journal: async (p, page) => (await good.journal(p, page)).map(change),
  history: async (p, stream, page) => (await good.history(p, stream, page)).map(change),
  command: async (p, id) => {
    const record = await good.command(p, id)
    return record && change(record)
  },
})
