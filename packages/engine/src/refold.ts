/**
 * Folds anew every state that an earlier release folded, without an event (`restate`), and by that completes
 * the indexes that came with the newer fold.
 *
 * Safe at any time and beside a working programme: a state that moved on meanwhile is left alone and looked at
 * again, and an older fold never overwrites a newer one. Memory: one page of states, one history at a time.
 * It may be stopped anywhere and begun again; what was folded anew is passed over.
 */
import type { LoadedState, Restatement } from "@yingshao/ports/storage"
import { isOlder, markBuilt } from "./index-building.ts"
import { foldHistory, restatementOf, type World } from "./stream-reader.ts"

export interface RefoldOptions {
  /** After each page, with what was done so far. */
  readonly onProgress?: (counts: RefoldCounts) => void
  readonly signal?: AbortSignal
}

export interface RefoldCounts {
  readonly streams: number
  readonly refolded: number
  /** False when older states came back while they were folded: a server of an older release is at work. */
  readonly complete: boolean
}

export const refoldAll = async (world: World, options: RefoldOptions = {}): Promise<RefoldCounts> => {
  let counts: RefoldCounts = { streams: 0, refolded: 0, complete: false }
  for (let pass = 1; pass <= maxPasses && !options.signal?.aborted; pass += 1) {
    const before = counts.refolded
    counts = await onePass(world, options, counts.refolded)
    // A pass that met no older state has seen every state at this fold, and none goes back under this release.
    if (counts.refolded > before || options.signal?.aborted) continue
    await markBuilt(world)
    return { ...counts, complete: true }
  }
  return counts
}

// internal

/** The second pass finds nothing, unless servers of an older release write. */
const maxPasses = 5

const pageLimit = 200

const onePass = async (
  world: World,
  { onProgress, signal }: RefoldOptions,
  already: number,
): Promise<RefoldCounts> => {
  let counts: RefoldCounts = { streams: 0, refolded: already, complete: false }
  for (let after: string | undefined; !signal?.aborted; ) {
    const rows = await world.storage.streams(world.programme, { prefix: "", after, limit: pageLimit })
    const older = rows.filter((row) => isOlder(world.catalogue, row))
    for (let at = 0; at < older.length; at += restateLimit) {
      const part = await Promise.all(older.slice(at, at + restateLimit).map((row) => restated(world, row)))
      await world.storage.restate(world.programme, part)
    }
    counts = { ...counts, streams: counts.streams + rows.length, refolded: counts.refolded + older.length }
    onProgress?.(counts)
    after = rows.at(-1)?.stream
    if (rows.length < pageLimit) break
  }
  return counts
}

/** Documents restated in one call: commands that wait behind it wait no longer than for a large command. */
const restateLimit = 100

const restated = async (world: World, row: LoadedState): Promise<Restatement> =>
  restatementOf(world, row, await foldHistory(world, row.stream, row.version))
