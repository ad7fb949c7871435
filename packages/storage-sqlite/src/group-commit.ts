/**
 * Group commit: writes that wait at the same time share one durable transaction.
 *
 * A write enters a bounded queue and the loop yields, so that everybody who is ready gets in; then one
 * `BEGIN IMMEDIATE … COMMIT` does them all, and only after the COMMIT is anybody told. A write looks before
 * it writes: a refusal leaves the transaction clean and costs its neighbours nothing. When a write throws all
 * the same, the transaction is rolled back and each of them runs in one of its own, so that the one which
 * cannot work fails alone. A failed COMMIT acknowledges none.
 *
 * What it does not do: it does not order writes between processes, and it never holds a transaction open
 * while the loop turns.
 */
import { type StorageFailure, storageFailure } from "@yingshao/ports/storage"
import { isBusy, isFull, sqliteFailure } from "./sqlite-failure.ts"

/** One durable transaction, step by step. */
export interface Transaction {
  begin(): void
  /** @param bytes about as many as the log grew by, rather more. */
  commit(bytes: number): void
  rollback(): void
  /** Is one open still? After a failed commit this tells whether it can be undone. */
  isOpen(): boolean
}

export interface GroupCommitLimits {
  /** Writes in one transaction at most. */
  readonly batch: number
  /** Writes that may wait; further ones are refused as `busy`. */
  readonly waiting: number
  /** Characters that waiting writes may hold together. */
  readonly waitingCharacters: number
  /** How often to try again when another process holds the lock, each after the busy timeout and a pause. */
  readonly busyTries: number
  readonly busyPauseMs: number
}

export interface GroupCommit {
  /**
   * Does `work` inside a durable transaction, synchronously and perhaps more than once; only the last time
   * lasts.
   *
   * @param size about how many characters the write holds while it waits.
   * @returns what `work` returned, once it is durable.
   */
  write<A>(size: number, work: () => A): Promise<A>
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>
}

export const groupCommit = (
  transaction: Transaction,
  limits: GroupCommitLimits,
  where: string,
): GroupCommit => {
  let queue: Job[] = []
  let characters = 0
  let tries = 0
  let scheduled = false
  let whenDrained: (() => void)[] = []

  const schedule = (): void => {
    if (scheduled) return
    scheduled = true
    setImmediate(turn)
  }

  const settle = (job: Job, failure: StorageFailure | undefined): void => {
    characters -= job.size
    if (failure !== undefined) job.reject(failure)
    else if (job.outcome?.failure !== undefined) job.reject(job.outcome.failure)
    else job.resolve(job.outcome?.value)
  }

  const turn = (): void => {
    scheduled = false
    const batch = take()
    const verdict = attempt(transaction, batch, where)
    if (verdict.kind === "busy" && tries < limits.busyTries) {
      tries += 1
      queue = [...batch, ...queue]
      scheduled = true
      setTimeout(turn, limits.busyPauseMs * (0.5 + Math.random()))
      return
    }
    tries = 0
    if (verdict.kind === "split") {
      for (const job of batch) job.alone = true
      queue = [...batch, ...queue]
    } else {
      for (const job of batch) settle(job, verdict.kind === "done" ? undefined : verdict.failure)
    }
    if (queue.length > 0) {
      schedule()
      return
    }
    for (const resolve of whenDrained) resolve()
    whenDrained = []
  }

  /** A write that has to go alone goes alone; otherwise as many as fit. */
  const take = (): Job[] => {
    const first = queue[0]
    if (first === undefined || first.alone) return queue.splice(0, 1)
    const end = queue.findIndex((job) => job.alone)
    return queue.splice(0, Math.min(limits.batch, end === -1 ? queue.length : end))
  }

  return {
    write: <A>(size: number, work: () => A) => {
      if (
        queue.length >= limits.waiting ||
        (queue.length > 0 && characters + size > limits.waitingCharacters)
      ) {
        return Promise.reject(
          storageFailure("busy", "unchanged", `${where}: ${queue.length} writes are waiting already`),
        )
      }
      return new Promise<A>((resolve, reject) => {
        characters += size
        queue.push({
          size,
          work,
          resolve: resolve as (value: unknown) => void,
          reject,
          alone: false,
          outcome: undefined,
        })
        schedule()
      })
    },
    drained: () =>
      queue.length === 0 && !scheduled
        ? Promise.resolve()
        : new Promise((resolve) => {
            whenDrained.push(resolve)
          }),
  }
}

// internal

interface Job {
  readonly size: number
  readonly work: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (failure: StorageFailure) => void
  alone: boolean
  outcome: { readonly value: unknown; readonly failure: StorageFailure | undefined } | undefined
}

/** Bytes of the pages that one write changes beside its own characters; a command alone was seen to write 102,000. */
const pagesOfOne = 128 * 1024

type Verdict =
  | { readonly kind: "done" }
  | { readonly kind: "split" }
  | { readonly kind: "busy" | "failed"; readonly failure: StorageFailure }

/** One transaction over the whole batch. */
const attempt = (transaction: Transaction, batch: readonly Job[], where: string): Verdict => {
  try {
    transaction.begin()
  } catch (error) {
    const failure = sqliteFailure(error, `${where}: begin`)
    return { kind: isBusy(error) ? "busy" : "failed", failure }
  }
  try {
    for (const job of batch) job.outcome = done(job)
  } catch (error) {
    const outcome = undo(transaction)
    if (outcome === "unchanged" && batch.length > 1) return { kind: "split" }
    return { kind: "failed", failure: sqliteFailure(error, `${where}: write`, outcome) }
  }
  try {
    transaction.commit(batch.reduce((bytes, { size }) => bytes + pagesOfOne + 2 * size, 0))
    return { kind: "done" }
  } catch (error) {
    // Still open: the commit never began, and undoing it is certain. Closed: a disk that was full took no
    // commit record; after anything else it may be there, for instance when only the sync failed.
    const outcome = transaction.isOpen() ? undo(transaction) : isFull(error) ? "unchanged" : "unknown"
    return { kind: "failed", failure: sqliteFailure(error, `${where}: commit`, outcome) }
  }
}

/** A refusal of the arguments was thrown before anything was written, and concerns this write alone. */
const done = (job: Job): Job["outcome"] => {
  try {
    return { value: job.work(), failure: undefined }
  } catch (error) {
    const failure = sqliteFailure(error, "")
    if (failure !== error || failure.reason !== "invalid") throw error
    return { value: undefined, failure }
  }
}

const undo = (transaction: Transaction): StorageFailure["outcome"] => {
  try {
    if (transaction.isOpen()) transaction.rollback()
    return transaction.isOpen() ? "unknown" : "unchanged"
  } catch {
    return "unknown"
  }
}
