/**
 * How many sends of one channel or partner run side by side, so that a slow one never takes all of them.
 *
 * Who finds no slot waits a little. Who still finds none is told when to come back: the row goes back to the
 * store and leaves its place to others. The times given out are spread by how long the channel takes, so that
 * a long queue does not come back all at once.
 *
 * What it does not do: it does not order; one key has only one row out at a time.
 */

export interface SendSlots {
  /** Runs the work in a slot of this key, or says after how many milliseconds to come back. */
  run<A>(key: string, work: () => Promise<A>): Promise<{ readonly done: A } | { readonly backInMs: number }>
}

export interface SlotOptions {
  /** Sends side by side for one key. */
  readonly each: number
  /** How long somebody waits for a slot before going back to the store. */
  readonly patienceMs: number
}

export const makeSendSlots = ({ each, patienceMs }: SlotOptions): SendSlots => {
  const lanes = new Map<string, Lane>()
  return {
    async run(key, work) {
      const lane = lanes.get(key) ?? newLane()
      lanes.set(key, lane)
      if (lane.active < each) lane.active += 1
      else if (!(await slotWithin(lane, patienceMs))) return { backInMs: comeBackIn(lane, each) }
      const begin = performance.now()
      try {
        return { done: await work() }
      } finally {
        lane.typicalMs = lane.typicalMs * 0.8 + (performance.now() - begin) * 0.2
        leave(lanes, key, lane)
      }
    },
  }
}

// internal

interface Lane {
  active: number
  readonly waiting: Set<() => void>
  typicalMs: number
  /** When the last one of those sent back may expect a slot. */
  freeAtMs: number
}

const newLane = (): Lane => ({ active: 0, waiting: new Set(), typicalMs: 0, freeAtMs: 0 })

/** Lanes remembered while nothing is sent over them. */
const mostIdle = 1_000

const slotWithin = (lane: Lane, patienceMs: number): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => {
      lane.waiting.delete(take)
      resolve(false)
    }, patienceMs)
    const take = (): void => {
      clearTimeout(timer)
      resolve(true)
    }
    lane.waiting.add(take)
  })

/** Hands the slot to whoever waits longest. */
const leave = (lanes: Map<string, Lane>, key: string, lane: Lane): void => {
  const [next] = lane.waiting
  if (next !== undefined) {
    lane.waiting.delete(next)
    next()
    return
  }
  lane.active -= 1
  if (lane.active === 0 && lanes.size > mostIdle) lanes.delete(key)
}

const comeBackIn = (lane: Lane, each: number): number => {
  const now = performance.now()
  lane.freeAtMs = Math.max(now + leastBackMs, lane.freeAtMs + Math.max(lane.typicalMs, 100) / each)
  return Math.round(Math.min(lane.freeAtMs - now, mostBackMs))
}

const leastBackMs = 1_000
const mostBackMs = 60_000
