/**
 * What writes to a file, given arguments that were checked and copied: each call is one job of the group
 * commit.
 */
import type { DatabaseSync } from "node:sqlite"
import type {
  Commit,
  CommitResult,
  LeaseRequest,
  Parking,
  Restatement,
  Settlement,
  Storage,
} from "@yingshao/ports/storage"
import { commitWriter } from "./commit-writer.ts"
import { type GroupCommitLimits, groupCommit } from "./group-commit.ts"
import { heads } from "./heads.ts"
import { indexEntries } from "./index-entries.ts"
import { type LogLimits, logKeeper } from "./log-keeper.ts"
import { outboxRows } from "./outbox-rows.ts"
import { type ConnectionSettings, fileName, newerSchema, schemaVersion } from "./schema.ts"
import { talliesOf } from "./tallies.ts"
import { touchesOf } from "./touches.ts"

export interface CheckedWrites {
  commit(programme: string, commit: Commit): Promise<CommitResult>
  restate(programme: string, restatements: readonly Restatement[]): ReturnType<Storage["restate"]>
  lease(programme: string, request: LeaseRequest): ReturnType<Storage["lease"]>
  settle(programme: string, settlements: readonly Settlement[]): ReturnType<Storage["settle"]>
  redrive(programme: string, id: string, notBefore: string): Promise<boolean>
  park(programme: string, id: string, parking: Parking): Promise<boolean>
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>
}

/** The connection's settings, and the bounds of the queue and of the log. */
export interface WriterSettings extends ConnectionSettings {
  readonly limits: GroupCommitLimits & LogLimits
}

/** @returns the writes, and the parts that reads share with them. */
export const writesOn = (database: DatabaseSync, { busyTimeoutMs, limits }: WriterSettings) => {
  const file = fileName(database)
  const rows = heads(database)
  const entries = indexEntries(database)
  const outbox = outboxRows(database)
  const tallies = talliesOf(database)
  const touches = touchesOf(database)
  const writer = commitWriter(database, { entries, outbox, tallies, touches })
  const keepLog = logKeeper(database, busyTimeoutMs, limits)
  const group = groupCommit(transactionOn(database, file, [rows, tallies], keepLog), limits, file)
  const writes: CheckedWrites = {
    commit: (name, commit) => group.write(sizeOf(commit), () => writer.commit(rows.of(name), commit)),
    restate: (name, restatements) => {
      const size = restatements.reduce((sum, { state }) => sum + state.document.length, 0)
      return group.write(size, () => writer.restate(rows.of(name).id, restatements))
    },
    lease: (name, request) => group.write(0, () => outbox.lease(rows.of(name).id, request)),
    settle: (name, settlements) =>
      group.write(0, () => settlements.map((one) => outbox.settle(rows.of(name), one))),
    redrive: (name, id, notBefore) => group.write(0, () => outbox.redrive(rows.of(name).id, id, notBefore)),
    park: (name, id, parking) => group.write(0, () => outbox.park(rows.of(name).id, id, parking)),
    drained: group.drained,
  }
  return { writes, parts: { rows, entries, outbox, touches, writer, group } }
}

// internal

/** What one transaction keeps in memory: written before its COMMIT, forgotten when the next one begins. */
interface KeptInMemory {
  flush(): void
  forget(): void
}

/** Writes see one schema, one set of heads and one set of tallies from BEGIN to COMMIT. */
const transactionOn = (
  database: DatabaseSync,
  file: string,
  kept: readonly KeptInMemory[],
  keepLog: (bytes: number) => void,
) => {
  const begin = database.prepare("BEGIN IMMEDIATE")
  const commit = database.prepare("COMMIT")
  const rollback = database.prepare("ROLLBACK")
  const schema = database.prepare("PRAGMA user_version")
  schema.setReturnArrays(true)
  return {
    begin: () => {
      for (const one of kept) one.forget()
      begin.run()
      // Another process may have migrated the file since this one opened it.
      const [version] = schema.get() as unknown as readonly [number]
      if (version === schemaVersion) return
      rollback.run()
      throw newerSchema(file, version)
    },
    commit: (bytes: number) => {
      for (const one of kept) one.flush()
      commit.run()
      keepLog(bytes)
    },
    rollback: () => {
      rollback.run()
    },
    isOpen: () => database.isTransaction,
  }
}

const sizeOf = (commit: Commit): number =>
  commit.entry.length +
  commit.appends.reduce((sum, { state }) => sum + state.document.length, 0) +
  commit.outbox.reduce((sum, { body }) => sum + body.length, 0)
