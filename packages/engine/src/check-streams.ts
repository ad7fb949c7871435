/**
 * The streams pass of `checkWorld`: every document is the fold of its history, is found under exactly the
 * index entries it should have, fits its size, and keeps what its kind promises.
 *
 * Memory: one stream's history at a time, and at most `maxFormerEntries` of its former index entries.
 */

import type { IndexEntry } from "@yingshao/core/kernel/stream"
import type { LoadedState } from "@yingshao/ports/storage"
import { storageLimits } from "@yingshao/ports/storage-limits"
import { canonical } from "./canonical.ts"
import { addressOf, type StreamAddress } from "./catalogue.ts"
import type { JournalCheck } from "./check-journal.ts"
import type { Findings } from "./check-world.ts"
import { drive } from "./drive.ts"
import { tagOf } from "./failures.ts"
import { type Finding, finding } from "./finding.ts"
import { makeStateCache } from "./state-cache.ts"
import {
  historyOf,
  makeStreamReader,
  parseDocument,
  type StreamReader,
  stateOf,
  type World,
} from "./stream-reader.ts"

export interface StreamsChecked {
  readonly streams: number
  readonly indexEntries: number
  readonly olderFolds: number
  readonly eventsByKind: ReadonlyMap<string, number>
}

const maxFormerEntries = 64

const maxLooks = 4

/** States of neighbours kept while one page is checked. */
const neighbourBytes = 4_000_000

const pageLimit = 100

/** Rows read to look one entry up: nearly always the first one is it, and every row brings its document. */
const probeLimit = 4

export const checkStreams = async (
  world: World,
  findings: Findings,
  journal: JournalCheck,
): Promise<StreamsChecked> => {
  const { storage, programme } = world
  const byKind = new Map<string, number>()
  const counted = { streams: 0, indexEntries: 0, olderFolds: 0 }
  const reader = makeStreamReader(world, makeStateCache(neighbourBytes))
  for (let after: string | undefined; !findings.full(); ) {
    const rows = await storage.streams(programme, { prefix: "", after, limit: pageLimit })
    for (const row of rows) {
      const address = addressOf(world.catalogue, row.stream)
      if (address === undefined) {
        findings.add("S11", row.stream, "no kind of stream has this name", "没有这一类数据流")
        continue
      }
      counted.streams += 1
      byKind.set(address.kind, (byKind.get(address.kind) ?? 0) + row.version)
      if (row.foldVersion < address.definition.foldVersion) counted.olderFolds += 1
      counted.indexEntries += await checkSettled(world, findings, address, row)
      await checkMeaning(world, findings, reader, address, row)
    }
    after = rows.at(-1)?.stream
    if (rows.length < pageLimit) break
  }
  // What was committed since the first pass is read before it is compared.
  await journal.advance()
  return { ...counted, eventsByKind: byKind }
}

// internal

/** A stream that moved on while it was looked at is looked at again, as it is then. */
const checkSettled = async (
  world: World,
  findings: Findings,
  address: StreamAddress,
  first: LoadedState,
): Promise<number> => {
  let row = first
  for (let look = 1; ; look += 1) {
    const found: Finding[] = []
    const entries = await checkStream(world, collect(found), address, row)
    const [now] = found.length === 0 ? [] : await world.storage.load(world.programme, [row.stream])
    if (now === undefined || now.version <= row.version || look >= maxLooks) {
      for (const each of found) findings.put(each)
      return entries
    }
    row = now
  }
}

/** @returns how many index entries the stream has. */
const checkStream = async (
  world: World,
  findings: Pick<Findings, "add">,
  address: StreamAddress,
  row: LoadedState,
): Promise<number> => {
  if (Buffer.byteLength(row.document) > storageLimits.documentBytes) {
    findings.add("S10", row.stream, "its document is larger than a store may keep", "状态文档超过存储上限")
  }
  let folded: Folded
  try {
    folded = await foldWithEntries(world, address, row)
    const stored = parseDocument(row)
    if (row.foldVersion === address.definition.foldVersion && canonical(stored) !== canonical(folded.state)) {
      findings.add(
        "S10",
        row.stream,
        "its document is not the fold of its events",
        "状态文档与事件折叠结果不一致",
      )
    }
  } catch (error) {
    if (tagOf(error) !== "Unreadable" && tagOf(error) !== "BrokenInvariant") throw error
    findings.add("S10", row.stream, (error as Error).message, "其历史无法折叠")
    return 0
  }
  if (folded.version !== row.version) {
    findings.add(
      "S10",
      row.stream,
      `it stands at version ${row.version} and its history at ${folded.version}`,
      `数据流版本为 ${row.version}，历史版本为 ${folded.version}`,
    )
  }
  // An older fold's entries are replaced together with its document.
  if (row.foldVersion !== address.definition.foldVersion) return 0
  await checkIndexes(world, findings, row, folded)
  return folded.entries.size
}

interface Folded {
  readonly state: unknown
  readonly version: number
  /** Entries the stream must have now, and some that it had before and must have no more. */
  readonly entries: ReadonlyMap<string, IndexEntry>
  readonly former: ReadonlyMap<string, IndexEntry>
}

const foldWithEntries = async (
  world: World,
  { id, definition }: StreamAddress,
  row: LoadedState,
): Promise<Folded> => {
  let state = definition.initial
  let version = 0
  const former = new Map<string, IndexEntry>()
  for await (const { event } of historyOf(world, row.stream)) {
    if (version >= row.version) break
    for (const entry of definition.indexes(state, id)) {
      former.set(keyOf(entry), entry)
      const oldest = former.size > maxFormerEntries ? former.keys().next().value : undefined
      if (oldest !== undefined) former.delete(oldest)
    }
    state = definition.evolve(state, event)
    version += 1
  }
  const entries = new Map(definition.indexes(state, id).map((entry) => [keyOf(entry), entry]))
  for (const key of entries.keys()) former.delete(key)
  return { state, version, entries, former }
}

const checkIndexes = async (
  world: World,
  findings: Pick<Findings, "add">,
  row: LoadedState,
  folded: Folded,
): Promise<void> => {
  for (const entry of folded.entries.values()) {
    if (!(await isFound(world, row.stream, entry))) {
      findings.add(
        "S10",
        row.stream,
        `it is not found under the index ${entry.index}`,
        `在索引 ${entry.index} 中找不到`,
      )
    }
  }
  for (const entry of folded.former.values()) {
    if (await isFound(world, row.stream, entry)) {
      findings.add(
        "S10",
        row.stream,
        `it is still found under an old entry of ${entry.index}`,
        `索引 ${entry.index} 中残留旧条目`,
      )
    }
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

const keyOf = ({ index, equals, range }: IndexEntry): string => `${index}\n${equals}\n${range}`

/**
 * What the kind itself promises, and the unique keys that its state says are held. A world at work may
 * move between a state and its neighbours: what looks broken is looked at once more, all of it anew.
 */
const checkMeaning = async (
  world: World,
  findings: Findings,
  reader: StreamReader,
  address: StreamAddress,
  row: LoadedState,
): Promise<void> => {
  const first = await meaningOf(world, reader, address, row)
  if (first.length === 0) return
  const [again] = await world.storage.load(world.programme, [row.stream])
  const fresh = makeStreamReader(world, makeStateCache(neighbourBytes))
  for (const found of await meaningOf(world, fresh, address, again ?? row)) findings.put(found)
}

const meaningOf = async (
  world: World,
  reader: StreamReader,
  { kind, id }: StreamAddress,
  row: LoadedState,
): Promise<readonly Finding[]> => {
  const found: Finding[] = []
  const check = Object.hasOwn(world.catalogue.checks, kind) ? world.catalogue.checks[kind] : undefined
  if (check === undefined) return found
  try {
    const state = await stateOf(world, row)
    const { breaches, claims } = await drive(world, reader, new Map(), check(state, id))
    for (const { promise, zh, en } of breaches) found.push({ invariant: promise, where: row.stream, zh, en })
    for (const { key, holder } of claims) {
      const held = await world.storage.holder(world.programme, key)
      if (held === holder) continue
      found.push(
        finding(
          "L7",
          `claim ${key}`,
          `it is not held as ${row.stream} says`,
          `唯一键的持有者与 ${row.stream} 的状态不符`,
        ),
      )
    }
  } catch (error) {
    if (tagOf(error) !== "Unreadable" && tagOf(error) !== "BrokenInvariant") throw error
    found.push(
      finding(
        "S10",
        row.stream,
        "its state cannot be checked: it or a neighbour is broken",
        "状态或其关联数据已损坏，无法核对",
      ),
    )
  }
  return found
}

const collect = (list: Finding[]): Pick<Findings, "add"> => ({
  add: (invariant, where, en, zh) => {
    list.push(finding(invariant, where, en, zh))
  },
})
