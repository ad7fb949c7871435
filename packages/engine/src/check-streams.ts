/**
 * The streams pass of `checkWorld`: every document is the fold of its history, is found under exactly the
 * index entries it should have, fits its size, and keeps what its kind promises.
 *
 * Each stream is folded once. What the journal pass has parsed by the schemas is not parsed by them again:
 * a record's leaf shows that it is the same text, and a sum over all histories that the streams hold these
 * records and no others.
 *
 * Memory: one stream's history at a time, at most `maxFormerEntries` of its former index entries, and the
 * sums of `check-indexes.ts`.
 */

import type { IndexEntry } from "@yingshao/core/kernel/stream"
import type { LoadedState } from "@yingshao/ports/storage"
import { storageLimits } from "@yingshao/ports/storage-limits"
import { canonical } from "./canonical.ts"
import { addressOf, type StreamAddress } from "./catalogue.ts"
import { checkEntries, type EntriesOfStream, type IndexSums, keyOf, makeIndexSums } from "./check-indexes.ts"
import type { JournalCheck } from "./check-journal.ts"
import { addRecord, emptySum, merge, type Sum } from "./check-sums.ts"
import type { Findings } from "./check-world.ts"
import { drive } from "./drive.ts"
import { leafOf } from "./entry.ts"
import { tagOf } from "./failures.ts"
import { type Finding, finding } from "./finding.ts"
import { makeStateCache } from "./state-cache.ts"
import {
  makeStreamReader,
  parseDocument,
  recordsOf,
  type StreamReader,
  stateOf,
  type World,
} from "./stream-reader.ts"

export interface StreamsChecked {
  readonly streams: number
  readonly indexEntries: number
  readonly olderFolds: number
  readonly eventsByKind: ReadonlyMap<string, number>
  /** What the histories of each kind consist of; compare with the journal's. */
  readonly recordsByKind: ReadonlyMap<string, Sum>
}

const maxFormerEntries = 64

const maxLooks = 4

/** States of neighbours kept while one page is checked. */
const neighbourBytes = 4_000_000

const pageLimit = 100

export const checkStreams = async (
  world: World,
  findings: Findings,
  journal: JournalCheck,
): Promise<StreamsChecked> => {
  const sums = makeIndexSums()
  const byKind = new Map<string, number>()
  const recordsByKind = new Map<string, Sum>()
  const counted = { streams: 0, indexEntries: 0, olderFolds: 0 }
  const reader = makeStreamReader(world, makeStateCache(neighbourBytes))
  let whole = true
  for await (const { row, address } of streamsOf(world, findings)) {
    if (address === undefined) {
      whole = false
      findings.add("S11", row.stream, "no kind of stream has this name", "没有这一类数据流")
      continue
    }
    counted.streams += 1
    byKind.set(address.kind, (byKind.get(address.kind) ?? 0) + row.version)
    const records = recordsByKind.get(address.kind) ?? emptySum()
    recordsByKind.set(address.kind, records)
    if (row.foldVersion < address.definition.foldVersion) counted.olderFolds += 1
    const look: Look = { world, journal, address, covers: sums.covers }
    const settled = await checkSettled(look, findings, row)
    if (settled !== undefined) merge(records, settled.records)
    if (settled?.entries === undefined) whole = false
    for (const entry of settled?.entries?.values() ?? []) sums.add(row.stream, entry)
    counted.indexEntries += settled?.entries?.size ?? 0
    await checkMeaning(world, findings, reader, address, row, settled)
  }
  await checkSums(world, findings, journal, sums, whole)
  // What was committed since the first pass is read before it is compared.
  await journal.advance()
  return { ...counted, eventsByKind: byKind, recordsByKind }
}

// internal

/** All streams until enough was found. */
async function* streamsOf({ storage, programme, catalogue }: World, findings: Findings) {
  for (let after: string | undefined; !findings.full(); ) {
    const rows = await storage.streams(programme, { prefix: "", after, limit: pageLimit })
    for (const row of rows) yield { row, address: addressOf(catalogue, row.stream) }
    after = rows.at(-1)?.stream
    if (rows.length < pageLimit) return
  }
}

/** What is needed to look at one stream. */
interface Look {
  readonly world: World
  readonly journal: JournalCheck
  readonly address: StreamAddress
  /** Entries under these keys are added up and not looked up. */
  readonly covers: (entry: IndexEntry) => boolean
}

/** What a stream comes to. */
interface Folded extends EntriesOfStream {
  readonly state: unknown
  readonly version: number
  /** What its history consists of. */
  readonly records: Sum
}

type Settled = Pick<Folded, "records" | "version" | "state"> & {
  /** Is the stored document this state? */
  readonly sound: boolean
  /** Absent when the stored document is of an older fold. */
  readonly entries: ReadonlyMap<string, IndexEntry> | undefined
}

/**
 * A stream that moved on while it was looked at is looked at again, as it is then.
 *
 * @returns `undefined` when it cannot be folded.
 */
const checkSettled = async (
  look: Look,
  findings: Pick<Findings, "put">,
  first: LoadedState,
  check: typeof checkStream = checkStream,
): Promise<Settled | undefined> => {
  let row = first
  for (let looks = 1; ; looks += 1) {
    const found: Finding[] = []
    const settled = await check(look, collect(found), row)
    const [now] = found.length === 0 ? [] : await look.world.storage.load(look.world.programme, [row.stream])
    if (now === undefined || now.version <= row.version || looks >= maxLooks) {
      for (const each of found) findings.put(each)
      return settled
    }
    row = now
  }
}

const checkStream = async (
  look: Look,
  findings: Pick<Findings, "add">,
  row: LoadedState,
): Promise<Settled | undefined> => {
  const { definition } = look.address
  if (Buffer.byteLength(row.document) > storageLimits.documentBytes) {
    findings.add("S10", row.stream, "its document is larger than a store may keep", "状态文档超过存储上限")
  }
  const current = row.foldVersion === definition.foldVersion
  let folded: Folded
  let sound: boolean
  try {
    folded = await foldOnce(look, row)
    sound = current && isDocumentOf(folded.state, row)
    if (current && !sound) {
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
    return undefined
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
  if (!current) return { ...folded, sound, entries: undefined }
  await checkEntries(look.world, findings, row, uncovered(look, folded))
  return { ...folded, sound }
}

/** Only the entries of a stream, one by one. */
const lookUp: typeof checkStream = async (look, findings, row) => {
  try {
    if (row.foldVersion !== look.address.definition.foldVersion) return undefined
    await checkEntries(look.world, findings, row, uncovered(look, await foldOnce(look, row)))
  } catch (error) {
    // It was said when the stream was folded first.
    if (tagOf(error) !== "Unreadable" && tagOf(error) !== "BrokenInvariant") throw error
  }
  return undefined
}

const uncovered = ({ covers }: Look, { entries, former }: EntriesOfStream): EntriesOfStream => ({
  former,
  entries: new Map([...entries].filter(([, entry]) => !covers(entry))),
})

/** Nearly always the very text; else the same value in another text. */
const isDocumentOf = (state: unknown, row: LoadedState): boolean =>
  JSON.stringify(state) === row.document || canonical(parseDocument(row)) === canonical(state)

/** What the fold makes of events that are not what the journal pass read is thrown away: they are parsed. */
const foldOnce = async (look: Look, row: LoadedState): Promise<Folded> => {
  try {
    return await foldWithEntries(look, row, look.journal.hasRead(look.address.kind))
  } catch {
    return foldWithEntries(look, row, () => false)
  }
}

const foldWithEntries = async (
  { world, address, covers }: Look,
  row: LoadedState,
  hasRead: (number: number) => boolean,
): Promise<Folded> => {
  const { id, definition } = address
  let state = definition.initial
  let version = 0
  const former = new Map<string, IndexEntry>()
  const records = emptySum()
  for await (const { number, entry: text, events } of recordsOf(world, row.stream, hasRead)) {
    if (version >= row.version) break
    addRecord(records, number, leafOf(text), row.stream)
    for (const { event } of events) {
      for (const entry of definition.indexes(state, id)) {
        if (covers(entry)) continue
        former.set(keyOf(entry), entry)
        const oldest = former.size > maxFormerEntries ? former.keys().next().value : undefined
        if (oldest !== undefined) former.delete(oldest)
      }
      state = definition.evolve(state, event)
      version += 1
      if (version >= row.version) break
    }
  }
  const entries = new Map(definition.indexes(state, id).map((entry) => [keyOf(entry), entry]))
  for (const key of entries.keys()) former.delete(key)
  return { state, version, records, entries, former }
}

/**
 * Reads every key that was added up. Where something differs, the streams are folded once more and their
 * entries under these keys looked up one by one.
 *
 * @param whole every stream was folded: then what is left over belongs to no stream.
 */
const checkSums = async (
  world: World,
  findings: Findings,
  journal: JournalCheck,
  sums: IndexSums,
  whole: boolean,
): Promise<void> => {
  const wrong = await sums.differing(world)
  if (wrong.indexes.length === 0) return
  let said = 0
  const counting = {
    put: (one: Finding): void => {
      said += 1
      findings.put(one)
    },
  }
  const covers = (entry: IndexEntry): boolean => !wrong.has(entry)
  for await (const { row, address } of streamsOf(world, findings)) {
    if (address === undefined) continue
    await checkSettled({ world, journal, address, covers }, counting, row, lookUp)
  }
  const { number } = await world.storage.head(world.programme)
  if (said > 0 || !whole || number !== journal.at()) return
  findings.add(
    "S10",
    wrong.indexes.join(", "),
    "an entry of this index belongs to no stream",
    "索引中有不属于任何数据流的条目",
  )
}

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
  settled: Settled | undefined,
): Promise<void> => {
  // What was folded from the history need not be read from the document.
  const known = settled?.sound === true && settled.version === row.version ? settled : undefined
  const first = await meaningOf(world, reader, address, row, known)
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
  known?: { readonly state: unknown },
): Promise<readonly Finding[]> => {
  const found: Finding[] = []
  const check = Object.hasOwn(world.catalogue.checks, kind) ? world.catalogue.checks[kind] : undefined
  if (check === undefined) return found
  try {
    const state = known === undefined ? await stateOf(world, row) : known.state
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
