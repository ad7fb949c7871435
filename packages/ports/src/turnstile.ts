/**
 * Lets so many work at a time; the others wait outside, in the order they came.
 *
 * What it does not do: it holds nobody back once the work is done, and it does not bound who waits; that is for those
 * who send them.
 */
export interface Turnstile {
  run<A>(work: () => Promise<A>): Promise<A>
}

/**
 * @param places how many are inside at most; at least 1.
 * @example await makeTurnstile(2).run(async () => "done") // => "done"
 */
export const makeTurnstile = (places: number): Turnstile => {
  const outside: (() => void)[] = []
  let inside = 0
  return {
    async run(work) {
      // Whoever leaves hands their place over, so nobody who comes just then gets in before.
      if (inside < places) inside += 1
      else await new Promise<void>((resolve) => outside.push(resolve))
      try {
        return await work()
      } finally {
        const next = outside.shift()
        if (next === undefined) inside -= 1
        else next()
      }
    },
  }
}

/** No turnstile: everybody walks through. */
export const openDoor: Turnstile = { run: (work) => work() }
