/**
 * Faults on order around any store: at a named point, the n-th time or always.
 *
 * A point is a method of the port. `throw` fails before anything was done. `hang` answers only when the test
 * lets go, and does nothing before. `lose` does the work and then fails as *unknown*, as when the connection
 * breaks after COMMIT was sent. `twice` does the work two times and gives the second answer, as when a
 * message on the wire is delivered twice. What was met is counted, so that a test can insist that its fault
 * really came.
 *
 * What it does not do: it knows no chance; a test that wants random faults draws its plans itself.
 *
 * @example
 * const { storage, met } = injectFaults(memoryStorage(), [{ point: "commit", nth: 2, fault: "lose" }])
 */
import { type Storage, type StorageFailure, storageFailure } from "@yingshao/ports/storage"

/** A method of the port that can fail. */
export type StoragePoint = {
  [Key in keyof Storage]-?: Storage[Key] extends (...given: never[]) => Promise<unknown> ? Key : never
}[keyof Storage]

/** Every point, in the order of the port. */
export const storagePoints: readonly StoragePoint[] = [
  "commit",
  "load",
  "find",
  "streams",
  "history",
  "journal",
  "command",
  "head",
  "tallies",
  "holder",
  "restate",
  "lease",
  "settle",
  "outbox",
  "outboxCounts",
  "redrive",
  "park",
  "settings",
  "close",
]

export const storageFaultKinds = ["throw", "hang", "lose", "twice"] as const
export type StorageFaultKind = (typeof storageFaultKinds)[number]

export interface PlannedFault {
  readonly point: StoragePoint
  /** Which call of this point, from 1; left out: every one. */
  readonly nth?: number
  readonly fault: StorageFaultKind
  /** What `throw` and `lose` say; left out: `unavailable`. */
  readonly reason?: StorageFailure["reason"]
}

export interface Injected {
  readonly storage: Storage
  /** How many faults came so far. */
  met(): number
  /** How many calls a point has had, faults included. */
  calls(point: StoragePoint): number
  /** Lets go of every call that hangs; they do their work now. Later ones do not hang any more. */
  release(): void
}

/** The store with these faults; the first plan that fits a call is the one that comes. */
export const injectFaults = (inner: Storage, plans: readonly PlannedFault[]): Injected => {
  const counts = new Map<StoragePoint, number>()
  let met = 0
  let released = false
  let waiting: (() => void)[] = []

  const broken =
    (point: StoragePoint) =>
    async (...given: readonly unknown[]): Promise<unknown> => {
      const nth = (counts.get(point) ?? 0) + 1
      counts.set(point, nth)
      const work = (): Promise<unknown> => call(inner, point, given)
      const plan = plans.find((one) => one.point === point && (one.nth === undefined || one.nth === nth))
      if (plan === undefined) return work()
      met += 1
      const reason = plan.reason ?? "unavailable"
      switch (plan.fault) {
        case "throw":
          throw storageFailure(reason, "unchanged", `planted before ${point} ${nth}`)
        case "hang":
          if (!released) await new Promise<void>((resolve) => waiting.push(resolve))
          return work()
        case "lose":
          await work()
          throw storageFailure(reason, "unknown", `planted after ${point} ${nth}`)
        case "twice":
          await work()
          return work()
      }
    }

  return {
    storage: { ...inner, ...Object.fromEntries(storagePoints.map((point) => [point, broken(point)])) },
    met: () => met,
    calls: (point) => counts.get(point) ?? 0,
    release: () => {
      released = true
      for (const resolve of waiting) resolve()
      waiting = []
    },
  }
}

/** Replaces some methods; the replacement gets the wrapped store. */
export const replaced = (inner: Storage, change: (inner: Storage) => Partial<Storage>): Storage => ({
  ...inner,
  ...change(inner),
})

// internal

const call = (inner: Storage, point: StoragePoint, given: readonly unknown[]): Promise<unknown> =>
  (inner[point] as (...args: readonly unknown[]) => Promise<unknown>)(...given)
