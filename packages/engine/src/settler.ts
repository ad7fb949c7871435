/**
 * Settles rows in batches: whatever finished by the next turn of the loop shares one durable transaction. One
 * batch may wait for the store while it settles another, so that it need not wait for this process in between.
 *
 * A batch that the store refuses as invalid is settled row by row, so that one row never holds up another.
 */
import { isStorageFailure, type Settlement, type SettleResult, type Storage } from "@yingshao/ports/storage"

export interface Settler {
  /** @throws StorageFailure; the row then comes back when its lease is over. */
  settle(settlement: Settlement): Promise<SettleResult>
}

export const makeSettler = (storage: Storage, programme: string): Settler => {
  const waiting: Waiting[] = []
  let running = 0
  let scheduled = false

  const flush = async (): Promise<void> => {
    scheduled = false
    running += 1
    while (waiting.length > 0) {
      const some = waiting.splice(0, most)
      try {
        const results = await settleAll(storage, programme, some)
        some.forEach(({ resolve }, at) => {
          resolve(results[at] ?? "fenced")
        })
      } catch (error) {
        for (const { reject } of some) reject(error)
      }
    }
    running -= 1
  }

  return {
    settle: (settlement) =>
      new Promise((resolve, reject) => {
        waiting.push({ settlement, resolve, reject })
        if (scheduled || running === mostRunning) return
        scheduled = true
        setImmediate(() => void flush())
      }),
  }
}

// internal

interface Waiting {
  readonly settlement: Settlement
  readonly resolve: (result: SettleResult) => void
  readonly reject: (error: unknown) => void
}

/** Batches that are with the store at a time. */
const mostRunning = 2

/** Settlements in one transaction. */
const most = 500

const settleAll = async (
  storage: Storage,
  programme: string,
  some: readonly Waiting[],
): Promise<readonly SettleResult[]> => {
  try {
    return await storage.settle(
      programme,
      some.map(({ settlement }) => settlement),
    )
  } catch (error) {
    if (some.length === 1 || !isStorageFailure(error) || error.reason !== "invalid") throw error
    const results: SettleResult[] = []
    for (const { settlement, reject } of some) {
      const [result] = await storage.settle(programme, [settlement]).catch((why: unknown) => {
        reject(why)
        return []
      })
      results.push(result ?? "fenced")
    }
    return results
  }
}
