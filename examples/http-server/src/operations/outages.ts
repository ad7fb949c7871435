/**
 * What this server could not reach or write while it answered requests: store, photos, identities. Whoever asked was
 * told to come back; whoever runs the server has to learn that it happens, and why.
 *
 * What it does not do: it repairs nothing, and it keeps nothing of the request.
 */
import { isOutage } from "../web/failure.ts"

export interface Outages {
  /** Told of everything that a request ended in. What is no outage is passed over. */
  seen(error: unknown): void
  /** One line for each kind of the last ten minutes. */
  problems(): readonly string[]
}

/** @param now milliseconds since 1970. @param log gets the first of each kind, and again after ten minutes of quiet. */
export const makeOutages = (now: () => number, log: (line: string) => void): Outages => {
  const kinds = new Map<string, Kind>()
  return {
    seen(error) {
      const part = partOf(error)
      if (part === undefined) return
      const { reason, message } = error as { readonly reason?: unknown; readonly message?: unknown }
      const name = `${part}: ${String(reason)}`
      const before = kinds.get(name)
      const isNew = before === undefined || isQuiet(before, now())
      kinds.set(name, { count: isNew ? 1 : before.count + 1, lastMs: now() })
      if (isNew) log(`${name}, requests are asked to come back: ${String(message)}`)
    },
    problems: () =>
      [...kinds]
        .filter(([, kind]) => !isQuiet(kind, now()))
        .map(([name, { count }]) => `${name}: ${count} requests were asked to come back`),
  }
}

// internal

interface Kind {
  readonly count: number
  readonly lastMs: number
}

const quietMs = 10 * 60_000

/** A clock that went back does not make it quiet. */
const isQuiet = ({ lastMs }: Kind, nowMs: number): boolean => nowMs - lastMs > quietMs

const parts: Readonly<Record<string, string>> = {
  StorageFailure: "store",
  PhotosFailure: "photos",
  IdentityFailure: "identities",
}

const partOf = (error: unknown): string | undefined =>
  isOutage(error) ? parts[(error as { readonly _tag: string })._tag] : undefined
