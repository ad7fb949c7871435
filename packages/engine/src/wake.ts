/**
 * Tells those who wait in this process that something was committed.
 *
 * It carries nothing and remembers nothing: whoever wakes looks for itself. Other processes are seen by
 * looking again after `timeoutMs`.
 */

export interface Wake {
  /** Wakes everybody who waits now. */
  ring(): void
  /** Until the next ring, the time-out, or the abort, whichever is first. */
  wait(timeoutMs: number, signal?: AbortSignal): Promise<void>
}

export const makeWake = (): Wake => {
  const waiting = new Set<() => void>()
  return {
    ring() {
      for (const wake of [...waiting]) wake()
    },
    wait: (timeoutMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) {
          resolve()
          return
        }
        const done = (): void => {
          waiting.delete(done)
          clearTimeout(timer)
          signal?.removeEventListener("abort", done)
          resolve()
        }
        const timer = setTimeout(done, timeoutMs)
        signal?.addEventListener("abort", done)
        waiting.add(done)
      }),
  }
}
