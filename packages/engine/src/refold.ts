/**
 * Folds anew every state that an earlier release folded, without an event (`restate`).
 *
 * Safe at any time and beside a working programme: a state that moved on meanwhile is left alone, and an
 * older fold never overwrites a newer one. A release that adds an index runs this once before it relies on
 * the index.
 */
import { addressOf } from "./catalogue.ts"
import { stateOf, type World } from "./stream-reader.ts"

export interface RefoldCounts {
  readonly streams: number
  readonly refolded: number
}

export const refoldAll = async (world: World): Promise<RefoldCounts> => {
  const limit = 200
  let streams = 0
  let refolded = 0
  for (let after: string | undefined; ; ) {
    const rows = await world.storage.streams(world.programme, { prefix: "", after, limit })
    for (const row of rows) {
      streams += 1
      const address = addressOf(world.catalogue, row.stream)
      if (address === undefined || row.foldVersion >= address.definition.foldVersion) continue
      await stateOf(world, row)
      refolded += 1
    }
    after = rows.at(-1)?.stream
    if (rows.length < limit) return { streams, refolded }
  }
}
