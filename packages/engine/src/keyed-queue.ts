/**
 * A queue for each key: work on one key runs one after the other, in the order asked; keys do not wait
 * for each other.
 *
 * Bounded: beyond `maxWaiting` waiters a newcomer is turned away with `Busy` instead of growing memory.
 * Rivals for one budget meet here, so that they do not burn each other's retries. It orders nothing
 * between processes; versions and guards do that.
 */
import { Busy } from "./failures.ts"

export interface KeyedQueue {
  run<A>(key: string, work: () => Promise<A>): Promise<A>
  /** How many wait, on all keys. */
  waiting(): number
}

export const makeKeyedQueue = (maxWaiting: number): KeyedQueue => {
  // A key is present while work on it runs; its list holds those who wait.
  const waiters = new Map<string, Array<() => void>>()
  let waiting = 0

  const leave = (key: string): void => {
    const list = waiters.get(key)
    const next = list?.shift()
    if (next === undefined) waiters.delete(key)
    else {
      waiting -= 1
      next()
    }
  }

  return {
    waiting: () => waiting,
    async run(key, work) {
      const list = waiters.get(key)
      if (list === undefined) waiters.set(key, [])
      else {
        if (waiting >= maxWaiting) throw new Busy({ reason: "queue-full", attempts: 0 })
        waiting += 1
        await new Promise<void>((resolve) => list.push(resolve))
      }
      try {
        return await work()
      } finally {
        leave(key)
      }
    },
  }
}
