/**
 * The index pass of `checkWorld`: under each equality key of each index stand exactly the entries that the
 * folded states have there.
 *
 * While streams are folded, what must stand under a key is added up. Then each key is read once from its
 * first row to its last and the sums are compared; only under a key whose sums differ are entries looked up
 * one by one, which says whose entry is missing or left behind. A sum is one of hashes, so it does not depend
 * on the order.
 *
 * Memory: a sum for each equality key, at most `maxKeys`. Entries under further keys are looked up one by one.
 */
import type { IndexEntry } from "@yingshao/core/kernel/stream"
import type { LoadedState } from "@yingshao/ports/storage"
import { storageLimits } from "@yingshao/ports/storage-limits"
import { addTo, emptySum, type Sum, sameSum } from "./check-sums.ts"
import type { Findings } from "./check-world.ts"
import type { World } from "./stream-reader.ts"

/** Entries that a stream must have now, and some that it had before and must have no more. */
export interface EntriesOfStream {
  readonly entries: ReadonlyMap<string, IndexEntry>
  readonly former: ReadonlyMap<string, IndexEntry>
}

export interface IndexSums {
  /** Is this entry's key added up? Then it need not be looked up. Any key asked about is read to its end. */
  covers(entry: IndexEntry): boolean
  /** Adds an entry that a stream must have. */
  add(stream: string, entry: IndexEntry): void
  /** Reads every key. @returns those whose rows are not what was added up. */
  differing(world: World): Promise<WrongKeys>
}

/** Keys under which entries are to be looked up one by one. */
export interface WrongKeys {
  has(entry: IndexEntry): boolean
  readonly indexes: readonly string[]
}

export const makeIndexSums = (maxKeys: number = mostKeys): IndexSums => {
  const indexes = new Map<string, Map<string, Sum>>()
  let keys = 0
  const sumOf = ({ index, equals }: IndexEntry): Sum | undefined => {
    const known = indexes.get(index)?.get(equals)
    if (known !== undefined || keys >= maxKeys) return known
    const sum = emptySum()
    const ofIndex = indexes.get(index) ?? new Map<string, Sum>()
    indexes.set(index, ofIndex.set(equals, sum))
    keys += 1
    return sum
  }
  return {
    covers: (entry) => sumOf(entry) !== undefined,
    add(stream, entry) {
      const sum = sumOf(entry)
      if (sum !== undefined) addTo(sum, `${entry.range}\n${stream}`)
    },
    async differing(world) {
      const wrong = new Map<string, Set<string>>()
      for (const [index, sums] of indexes) {
        for (const [equals, sum] of sums) {
          if (sameSum(sum, await storedSum(world, index, equals))) continue
          wrong.set(index, (wrong.get(index) ?? new Set()).add(equals))
        }
      }
      return {
        has: ({ index, equals }) => wrong.get(index)?.has(equals) === true,
        indexes: [...wrong.keys()],
      }
    },
  }
}

/** Looks a stream's entries up one by one. */
export const checkEntries = async (
  world: World,
  findings: Pick<Findings, "add">,
  { stream }: Pick<LoadedState, "stream">,
  { entries, former }: EntriesOfStream,
): Promise<void> => {
  for (const entry of entries.values()) {
    if (!(await isFound(world, stream, entry))) {
      findings.add(
        "S10",
        stream,
        `it is not found under the index ${entry.index}`,
        `在索引 ${entry.index} 中找不到`,
      )
    }
  }
  for (const entry of former.values()) {
    if (await isFound(world, stream, entry)) {
      findings.add(
        "S10",
        stream,
        `it is still found under an old entry of ${entry.index}`,
        `索引 ${entry.index} 中残留旧条目`,
      )
    }
  }
}

/** One text for one entry. */
export const keyOf = ({ index, equals, range }: IndexEntry): string => `${index}\n${equals}\n${range}`

// internal

const mostKeys = 100_000

const pageLimit = 200

/** Rows read to look one entry up: nearly always the first one is it, and every row brings its document. */
const probeLimit = 4

const storedSum = async ({ storage, programme }: World, index: string, equals: string): Promise<Sum> => {
  const sum = emptySum()
  for (let cursor: string | undefined; ; ) {
    const page = await storage.find(programme, {
      index,
      equals: [equals],
      order: "ascending",
      limit: pageLimit,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const { range, stream } of page.rows) addTo(sum, `${range}\n${stream}`)
    cursor = page.cursor
    if (cursor === undefined || page.rows.length === 0) return sum
  }
}

/** The next text after a key: keys hold no NUL. A key of full length has none that a store would take. */
const next = (range: string): { readonly below?: string } =>
  Buffer.byteLength(range) < storageLimits.keyBytes ? { below: `${range}\u0001` } : {}

/** Looks in the pages of exactly this key and range. */
const isFound = async (
  world: World,
  stream: string,
  { index, equals, range }: IndexEntry,
): Promise<boolean> => {
  const { storage, programme } = world
  for (let cursor: string | undefined; ; ) {
    const page = await storage.find(programme, {
      index,
      equals: [equals],
      from: range,
      ...next(range),
      order: "ascending",
      limit: probeLimit,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const row of page.rows) {
      if (row.range !== range) return false
      if (row.stream === stream) return true
    }
    cursor = page.cursor
    if (cursor === undefined || page.rows.length === 0) return false
  }
}
