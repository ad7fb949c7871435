/**
 * Rounds of rivals that alternate, and medians over them: other work shares the machine, and what disturbs
 * one rival in a round mostly disturbs the other.
 *
 * Synchronous work is timed by the thread's own CPU time, so that a process which takes the core away does
 * not count; work that waits (disks, native threads) is timed by the clock on the wall.
 */

/** One batch of work; the number it returns is kept so that nothing can be left out. */
export type Batch = () => number

/** The middle one; of an even number the upper of the two. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/**
 * Times a second of each rival in each round, by CPU time.
 *
 * @param rivals batches of `size` operations.
 * @param ms how long one rival runs in one round, at least.
 */
export const rates = <K extends string>(
  rivals: Readonly<Record<K, { readonly size: number; readonly batch: Batch }>>,
  { rounds, ms }: { readonly rounds: number; readonly ms: number },
): Readonly<Record<K, readonly number[]>> => {
  const names = Object.keys(rivals) as K[]
  const found = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<K, number[]>
  for (const name of names) rate(rivals[name], ms / 4)
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? names : names.toReversed()
    for (const name of order) found[name].push(rate(rivals[name], ms))
  }
  return found
}

/** The median of the ratios of the rounds. */
export const ratioOf = (ours: readonly number[], theirs: readonly number[]): number =>
  median(ours.map((value, round) => value / (theirs[round] ?? Number.NaN)))

/** Times a second by the clock on the wall, of work that waits. */
export const waitingRate = async (
  { size, batch }: { readonly size: number; readonly batch: () => Promise<unknown> },
  ms: number,
): Promise<number> => {
  let done = 0
  const begin = performance.now()
  let spent = 0
  while (spent < ms) {
    await batch()
    done += size
    spent = performance.now() - begin
  }
  return (done / spent) * 1000
}

/** Times a second by CPU time of this thread. */
export const rate = (
  { size, batch }: { readonly size: number; readonly batch: Batch },
  ms: number,
): number => {
  let done = 0
  const begin = cpuMs()
  let spent = 0
  while (spent < ms) {
    sink += batch()
    done += size
    spent = cpuMs() - begin
  }
  if (Number.isNaN(sink)) throw new Error("a batch returned no number")
  return (done / spent) * 1000
}

// internal

let sink = 0

const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
