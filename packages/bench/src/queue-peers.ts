/**
 * pg-boss and graphile-worker as queues of the relay's workload, each keeping order per key by its own means, with
 * the best settings that were found for them.
 */
import { Logger, makeWorkerUtils, run } from "graphile-worker"
import pg from "pg"
import { PgBoss } from "pg-boss"
import type { Counting, LoadMessage } from "./queue-load.ts"

export interface PeerQueue {
  enqueue(messages: readonly LoadMessage[]): Promise<void>
  /** Milliseconds from the first message handled to the last; afterwards all are marked so. */
  drain(counting: Counting): Promise<number>
  close(): Promise<void>
}

export interface Job {
  readonly key: string
  readonly turn: number
}

/**
 * pg-boss, a queue of the policy `key_strict_fifo`. Its own loop polls at most twice a second; here each worker
 * fetches the next batch as soon as it has completed one, which is quicker.
 *
 * @param workers that fetch side by side. @param batch jobs of one fetch.
 */
export const openPgBoss = async (url: string, workers: number, batch: number): Promise<PeerQueue> => {
  const boss = new PgBoss({ connectionString: url, max: workers + 2, supervise: false, schedule: false })
  boss.on("error", () => {})
  await boss.start()
  const name = `notices-${workers}-${batch}`
  await boss.createQueue(name, { policy: "key_strict_fifo" })
  return {
    enqueue: async (messages) => {
      // Jobs of one insert have one time of creation and random ids, so that those of one key need one each.
      for (const some of Map.groupBy(messages, ({ turn }) => turn).values()) {
        await boss.insert(
          name,
          some.map(({ key, turn }) => ({ singletonKey: key, data: { key, turn } })),
        )
      }
    },
    drain: async (counting) => {
      let open = true
      const work = async (): Promise<void> => {
        while (open) {
          const jobs = await boss.fetch<Job>(name, { batchSize: batch })
          for (const { data } of jobs) counting.take(data.key, data.turn)
          if (jobs.length > 0)
            await boss.complete(
              name,
              jobs.map(({ id }) => id),
            )
        }
      }
      const working = Array.from({ length: workers }, work)
      try {
        return await Promise.race([counting.all, Promise.all(working).then(() => Number.NaN)])
      } finally {
        open = false
        await Promise.allSettled(working)
      }
    },
    close: () => boss.stop({ graceful: false }),
  }
}

/**
 * graphile-worker, a named queue for each key, jobs fetched in batches for all workers.
 *
 * @param workers jobs under way at a time. @param local jobs fetched at a time; 1: each worker fetches for itself.
 */
export const openGraphile = async (
  url: string,
  workers: number,
  local: number,
): Promise<PeerQueue & { handleEach(handle: (job: Job) => void): Promise<() => Promise<void>> }> => {
  const pool = new pg.Pool({ connectionString: url, max: 12 })
  pool.on("error", () => {})
  pool.on("connect", (client) => client.on("error", () => {}))
  const preset = {
    worker: {
      pgPool: pool,
      logger: new Logger(() => () => {}),
      concurrentJobs: workers,
      ...(local > 1 ? { localQueue: { size: local }, completeJobBatchDelay: 0 } : {}),
    },
  }
  const utils = await makeWorkerUtils({ preset, pgPool: pool })
  await utils.migrate()
  const handling = (handle: (job: Job) => void) =>
    run({
      preset,
      pgPool: pool,
      noHandleSignals: true,
      taskList: {
        notice: async (payload) => handle(payload as Job),
      },
    })
  return {
    enqueue: async (messages) => {
      for (let from = 0; from < messages.length; from += 500) {
        await utils.addJobs(
          messages
            .slice(from, from + 500)
            .map(({ key, turn }) => ({ identifier: "notice", queueName: key, payload: { key, turn } })),
        )
      }
    },
    handleEach: async (handle) => {
      const runner = await handling(handle)
      return () => runner.stop()
    },
    drain: async (counting) => {
      const runner = await handling(({ key, turn }) => counting.take(key, turn))
      try {
        return await Promise.race([counting.all, runner.promise.then(() => Number.NaN)])
      } finally {
        await runner.stop()
      }
    },
    close: async () => {
      await utils.release()
      await pool.end()
    },
  }
}
