/**
 * Waiting for work that cannot be stopped itself, as long as somebody waits.
 *
 * What it does not do: the work goes on after the signal, and what comes of it is then nobody's.
 */

/**
 * What the work comes to, or the failure that was asked for as soon as the signal is aborted, also before the call.
 *
 * @param stopped makes the failure.
 * @example await orStopped(transport.sendMail(mail), signal, () => new Error("nobody waits any more"))
 */
export const orStopped = <T>(work: Promise<T>, signal: AbortSignal, stopped: () => Error): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = (): void => reject(stopped())
    if (signal.aborted) stop()
    signal.addEventListener("abort", stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop))
  })
