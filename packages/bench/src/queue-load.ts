/**
 * The messages that every queue of the relay's workload gets, and the check that they came in order.
 */

/** One notice to a unit; `turn` counts those of its key. */
export interface LoadMessage {
  readonly id: string
  readonly key: string
  readonly turn: number
}

/** Messages spread over keys, so that each key's come at even distances. */
export const messagesOver = (count: number, keys: number, prefix: string): readonly LoadMessage[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `${prefix}-${at}`,
    key: `case/${at % keys}`,
    turn: Math.floor(at / keys),
  }))

/** Counts what a channel was given and finds out whether a key's messages came out of order. */
export interface Counting {
  /** What the in-process channel does with a message: nothing but this. */
  take(key: string, turn: number): void
  /** When every message was taken: milliseconds since the first one was. */
  readonly all: Promise<number>
}

/**
 * @throws (by `take`) when one of a key comes before an earlier one: a queue that is quick by mixing up does not
 * count.
 */
export const countingUpTo = (count: number): Counting => {
  const next = new Map<string, number>()
  const all = Promise.withResolvers<number>()
  let taken = 0
  let begin = 0
  return {
    all: all.promise,
    take(key, turn) {
      if (taken === 0) begin = performance.now()
      const due = next.get(key) ?? 0
      if (turn !== due) {
        all.reject(new Error(`${key}: message ${turn} came when ${due} was due`))
        return
      }
      next.set(key, due + 1)
      taken += 1
      if (taken === count) all.resolve(performance.now() - begin)
    },
  }
}
