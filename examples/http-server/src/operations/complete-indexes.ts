/**
 * Completes the indexes that came with a newer release, beside a server that works: until then a page that
 * needs one asks to come back in a moment.
 */
import { streams } from "@yingshao/core/streams"
import type { Yingshao } from "@yingshao/engine"

export interface Completing {
  readonly signal: AbortSignal
  readonly log: (line: string) => void
}

/** Does nothing where all of them are complete: a start reads no more than one row of each. */
export const completeIndexes = async (engine: Yingshao, { signal, log }: Completing): Promise<void> => {
  const complete = await Promise.all(newerIndexes.map((index) => isComplete(engine, index)))
  if (!complete.includes(false)) return
  log("indexes: states of an earlier release are folded anew")
  const { refolded } = await engine.refold({ signal })
  log(`indexes: ${refolded} states folded anew`)
}

// internal

const newerIndexes: readonly string[] = Object.values(streams).flatMap((definition) =>
  "indexesSince" in definition ? Object.keys(definition.indexesSince) : [],
)

const isComplete = async (engine: Yingshao, index: string): Promise<boolean> => {
  try {
    await engine.queries.page({ index, equals: "any", limit: 1 })
    return true
  } catch (error) {
    if ((error as { readonly _tag?: unknown })._tag === "IndexBuilding") return false
    throw error
  }
}
