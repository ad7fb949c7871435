/**
 * The writes of one programme, one call at a time: commits that wait together share a call.
 *
 * A write enters a bounded queue and the loop yields, so that everybody who is ready gets in. While a call is
 * under way, the next ones gather. When many come at once to an idle queue, half of them go first, and answers are
 * given after the next call is on its way: so the database works on one half while this process decides for the
 * other, instead of each waiting for the other. A call that lost against another transaction is made again as a whole; one
 * that the server refused with several commits in it is taken apart, so that the one which cannot work fails
 * alone. A call whose outcome is unknown is not repeated here: everybody in it is told so, and asks again by
 * command id.
 *
 * What it does not do: it does not order writes between processes (the lock on the programme's head does), and
 * programmes know nothing of each other.
 */
import type { Commit, CommitResult, StorageFailure } from "@yingshao/ports/storage"
import { storageFailure } from "@yingshao/ports/storage"
import { type Answer, type Batch, batchOf } from "./commit-batch.ts"
import { mayBeRetried } from "./postgres-failure.ts"

export interface QueueLimits {
  /** Commits in one call at most. */
  readonly batch: number
  /** Characters in one call, unless one commit alone has more. */
  readonly batchCharacters: number
  /** Writes of one programme that may wait; further ones are refused as `busy`. */
  readonly waiting: number
  /** Characters that waiting writes of one programme may hold together. */
  readonly waitingCharacters: number
  /** How often to make a call again that lost against another transaction. */
  readonly tries: number
  readonly pauseMs: number
}

export interface ProgrammeQueue {
  commit(commit: Commit, size: number): Promise<CommitResult>
  /** Any other write, in its turn. */
  call<A>(size: number, work: () => Promise<A>): Promise<A>
  /** Writes that wait or are under way. */
  depth(): number
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>
}

/** @param commitAll sends one call and gives an answer for each commit, in order. */
export const programmeQueue = (
  commitAll: (batch: Batch) => Promise<readonly Answer[]>,
  limits: QueueLimits,
  where: string,
): ProgrammeQueue => {
  let queue: Job[] = []
  let characters = 0
  let busy = 0
  let running = false
  let whenDrained: (() => void)[] = []

  const enter = <A>(size: number, make: (settle: Settle<A>) => Job): Promise<A> => {
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
      queue.push(make({ resolve, reject }))
      if (running) return
      running = true
      setImmediate(() => void drain())
    })
  }

  const drain = async (): Promise<void> => {
    let most = queue.length >= leastHalved ? Math.ceil(queue.length / 2) : limits.batch
    while (queue.length > 0) {
      const jobs = take(Math.min(most, limits.batch))
      most = limits.batch
      busy = jobs.length
      for (const job of jobs) characters -= job.size
      const [first] = jobs
      if (first?.kind === "call") await settleCall(first)
      else await settleCommits(jobs as readonly CommitJob[])
      busy = 0
    }
    running = false
    for (const resolve of whenDrained) resolve()
    whenDrained = []
  }

  /** A write that has to go alone goes alone; otherwise as many commits as fit. */
  const take = (most: number): Job[] => {
    let size = 0
    const end = queue.findIndex((job, at) => {
      size += job.size
      if (at === 0) return false
      return isAlone(queue[0]) || isAlone(job) || at >= most || size > limits.batchCharacters
    })
    return queue.splice(0, end === -1 ? queue.length : end)
  }

  const settleCall = async (job: CallJob): Promise<void> => {
    try {
      job.resolve(await retried(job.work))
    } catch (error) {
      job.reject(error as StorageFailure)
    }
  }

  const settleCommits = async (jobs: readonly CommitJob[]): Promise<void> => {
    const batch = batchOf(jobs.map(({ commit }) => commit))
    const now = jobs.slice(0, batch.count)
    putBack(jobs.slice(batch.count), false)
    let answers: readonly Answer[]
    try {
      answers = await retried(() => commitAll(batch))
    } catch (error) {
      const failure = error as StorageFailure
      if (failure.outcome === "unchanged" && failure.reason === "unavailable" && now.length > 1) {
        putBack(now, true)
      } else for (const job of now) job.reject(failure)
      return
    }
    const isAgain = (at: number): boolean => answers[at]?.kind === "again"
    putBack(
      now.filter((_, at) => isAgain(at)),
      true,
    )
    const answer = (): void => {
      now.forEach((job, at) => {
        const one = answers[at]
        if (isAgain(at)) return
        if (one === undefined) job.reject(storageFailure("corrupt", "unknown", `${where}: no answer`))
        else if (one.kind === "overflow") job.reject(overflow())
        else job.resolve(one as CommitResult)
      })
    }
    if (queue.length === 0) answer()
    else setImmediate(answer)
  }

  const putBack = (jobs: readonly CommitJob[], alone: boolean): void => {
    for (const job of jobs) {
      characters += job.size
      if (alone) job.alone = true
    }
    queue = [...jobs, ...queue]
  }

  /** Nothing of a call that lost against another transaction was written. */
  const retried = async <A>(work: () => Promise<A>): Promise<A> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work()
      } catch (error) {
        if (!mayBeRetried(error as StorageFailure) || tries >= limits.tries) throw error
      }
      await new Promise((resolve) => setTimeout(resolve, limits.pauseMs * tries * (0.5 + Math.random())))
    }
  }

  return {
    commit: (commit, size) =>
      enter<CommitResult>(size, (settle) => ({ kind: "commit", size, commit, alone: false, ...settle })),
    call: <A>(size: number, work: () => Promise<A>) =>
      enter<A>(size, ({ resolve, reject }) => ({
        kind: "call",
        size,
        work,
        resolve: resolve as (value: unknown) => void,
        reject,
      })),
    depth: () => queue.length + busy,
    drained: () =>
      running
        ? new Promise((resolve) => {
            whenDrained.push(resolve)
          })
        : Promise.resolve(),
  }
}

// internal

/** Writes that come at once, from which on half of them go first; a call has a cost of its own. */
const leastHalved = 16

interface Settle<A> {
  readonly resolve: (value: A) => void
  readonly reject: (failure: StorageFailure) => void
}

interface CommitJob extends Settle<CommitResult> {
  readonly kind: "commit"
  readonly size: number
  readonly commit: Commit
  alone: boolean
}

interface CallJob extends Settle<unknown> {
  readonly kind: "call"
  readonly size: number
  readonly work: () => Promise<unknown>
}

type Job = CommitJob | CallJob

const isAlone = (job: Job | undefined): boolean => job?.kind === "call" || job?.alone === true

const overflow = (): StorageFailure =>
  storageFailure("invalid", "unchanged", "storage: tally would leave the safe integers")
