/**
 * A limit on how long an adapter is waited for.
 */

/** Aborts after `timeoutMs`, and stops waiting even for an adapter that ignores the signal. */
export const withTimeout = async <A>(
  timeoutMs: number,
  run: (signal: AbortSignal) => Promise<A>,
): Promise<A> => {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      controller.abort()
      reject(new Error("timed out"))
    }, timeoutMs)
  })
  try {
    return await Promise.race([run(controller.signal), late])
  } finally {
    clearTimeout(timer)
  }
}
