/**
 * The journal pass of `checkWorld`: numbers, chain, leaves, entries, command ids, postings, claims and the
 * outbox rows of each record, one page at a time.
 *
 * Memory: counters by kind, counters by tally key, and the claims whose last word is not yet known.
 */
import { chainHash, firstHash } from "@yingshao/ports/journal-chain"
import type { JournalRecord } from "@yingshao/ports/storage"
import { canonical, sha256 } from "./canonical.ts"
import { addressOf } from "./catalogue.ts"
import { addRecord, emptySum, type Sum } from "./check-sums.ts"
import type { Counted, Findings } from "./check-world.ts"
import { decodeEntry, type Entry, leafOf, parsedEvents } from "./entry.ts"
import { tagOf } from "./failures.ts"
import { type OutboxWalk, sameMessages, walkOutbox } from "./outbox-walk.ts"
import { postingFault } from "./postings.ts"
import type { World } from "./stream-reader.ts"

export interface JournalCheck {
  /** Checks what stands in the journal up to its head as it is now. */
  advance(): Promise<void>
  /** The last number that was checked. */
  at(): number
  /** Last checks, when the whole journal was read. */
  finish(): Promise<void>
  eventsByStreamKind(): ReadonlyMap<string, number>
  /** What the histories of each kind must consist of. */
  recordsByStreamKind(): ReadonlyMap<string, Sum>
  /**
   * Which records up to `at` were parsed by the schemas, for streams of a kind whose events come out of their
   * schema as they went in: those need not be parsed again.
   */
  hasRead(kind: string): (number: number) => boolean
  /** What the counters must stand at. */
  tallies(): ReadonlyMap<string, number>
  counted(): Pick<Counted, "records" | "accepted" | "refused" | "events" | "claims" | "messages">
}

/** Claims that were taken and do not stand as taken: beyond so many the check says so and forgets. */
const maxUnsettledClaims = 100_000

const pageLimit = 200

export const checkJournal = (world: World, findings: Findings): JournalCheck => {
  const pass: Pass = {
    world,
    findings,
    number: 0,
    hash: firstHash,
    byKind: new Map(),
    recordsByKind: new Map(),
    changed: new Set(),
    unreadable: new Set(),
    tallies: new Map(),
    unsettled: new Map(),
    counted: { records: 0, accepted: 0, refused: 0, events: 0, claims: 0, messages: 0 },
    outbox: walkOutbox(world),
  }
  return {
    at: () => pass.number,
    eventsByStreamKind: () => new Map(pass.byKind),
    recordsByStreamKind: () => new Map([...pass.recordsByKind].map(([kind, sum]) => [kind, { ...sum }])),
    hasRead: (kind) =>
      pass.changed.has(kind)
        ? () => false
        : (number) => number <= pass.number && !pass.unreadable.has(number),
    tallies: () => pass.tallies,
    counted: () => pass.counted,
    advance: () => advance(pass),
    finish: () => finish(pass),
  }
}

// internal

interface Pass {
  readonly world: World
  readonly findings: Findings
  number: number
  hash: string
  readonly byKind: Map<string, number>
  readonly recordsByKind: Map<string, Sum>
  /** Kinds with an event that its schema changed. */
  readonly changed: Set<string>
  /** Each brings a finding, and the check stops after enough of them. */
  readonly unreadable: Set<number>
  readonly tallies: Map<string, number>
  /** Claim key → holder as the journal has it so far, where the store has it otherwise. */
  readonly unsettled: Map<string, string | undefined>
  readonly counted: { -readonly [K in keyof ReturnType<JournalCheck["counted"]>]: number }
  readonly outbox: OutboxWalk
}

const advance = async (pass: Pass): Promise<void> => {
  const { storage, programme } = pass.world
  const head = await storage.head(programme)
  while (pass.number < head.number && !pass.findings.full()) {
    const limit = Math.min(pageLimit, head.number - pass.number)
    const page = await storage.journal(programme, { after: pass.number, limit })
    if (page.length === 0) {
      pass.findings.add(
        "A3",
        `journal ${pass.number + 1}`,
        `the journal ends at ${pass.number}, its head says ${head.number}`,
        `日志止于第 ${pass.number} 条，而首部记为 ${head.number}`,
      )
      pass.number = head.number
      return
    }
    for (const record of page) await checkRecord(pass, record)
  }
  if (pass.number === head.number && pass.hash !== head.hash) {
    pass.findings.add(
      "A3",
      `journal ${head.number}`,
      "the head's hash is not that of the last record",
      "首部的散列值与最后一条记录不符",
    )
  }
}

const checkRecord = async (pass: Pass, record: JournalRecord): Promise<void> => {
  const { findings } = pass
  const where = `journal ${record.number}`
  if (record.number !== pass.number + 1) {
    findings.add(
      "A3",
      where,
      `number ${record.number} follows ${pass.number}`,
      `第 ${pass.number} 条之后是第 ${record.number} 条`,
    )
  }
  const leaf = leafOf(record.entry)
  if (record.leaf !== leaf) {
    findings.add("A3", where, "the leaf is not the hash of the entry", "叶子散列与记录内容不符")
  }
  if (record.hash !== chainHash(record.number, pass.hash, record.leaf)) {
    findings.add("A3", where, "the hash does not continue the chain", "散列值没有接上散列链")
  }
  pass.number = record.number
  pass.hash = record.hash
  pass.counted.records += 1
  let entry: Entry
  try {
    entry = decodeEntry(record)
    const events = parsedEvents(pass.world.catalogue, entry, where)
    compareEvents(pass, entry.events, events)
    checkEvents(pass, where, events)
    addRecords(pass, record.number, leaf, entry.events)
  } catch (error) {
    if (tagOf(error) !== "Unreadable") throw error
    pass.unreadable.add(record.number)
    findings.add("S11", where, (error as Error).message, "记录无法按现有格式读出")
    return
  }
  await checkCommand(pass, record, entry, where)
  await checkClaims(pass, entry)
  await checkMessages(pass, record.number, entry, where)
}

/** Remembers the kinds whose events are read otherwise than they were written. */
const compareEvents = ({ world, changed }: Pass, written: Entry["events"], read: Entry["events"]): void => {
  written.forEach(({ stream, event }, at) => {
    if (sameJson(event, read[at]?.event)) return
    const address = addressOf(world.catalogue, stream)
    if (address !== undefined) changed.add(address.kind)
  })
}

/** Are two JSON values the same, whatever the order of their keys? A key that is `undefined` counts. */
const sameJson = (a: unknown, b: unknown): boolean => {
  if (a === b) return true
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  const [left, right] = [a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>]
  return keys.every((key) => Object.hasOwn(right, key) && sameJson(left[key], right[key]))
}

/** Adds a record to the sum of every stream that it touches. */
const addRecords = (
  { world, recordsByKind }: Pass,
  number: number,
  leaf: string,
  events: Entry["events"],
): void => {
  for (const stream of new Set(events.map((one) => one.stream))) {
    const kind = addressOf(world.catalogue, stream)?.kind ?? ""
    const sum = recordsByKind.get(kind) ?? emptySum()
    recordsByKind.set(kind, sum)
    addRecord(sum, number, leaf, stream)
  }
}

const checkEvents = (pass: Pass, where: string, events: Entry["events"]): void => {
  for (const { stream, event } of events) {
    const address = addressOf(pass.world.catalogue, stream)
    if (address === undefined) continue
    pass.counted.events += 1
    pass.byKind.set(address.kind, (pass.byKind.get(address.kind) ?? 0) + 1)
    for (const { key, by } of address.definition.tallies(event)) {
      pass.tallies.set(key, (pass.tallies.get(key) ?? 0) + by)
    }
    const fault = postingFault(event)
    if (fault !== undefined) pass.findings.add("L2", where, fault.en, fault.zh)
  }
}

/** The id belongs to the actor, the digest to the payload, and the id leads to this record alone. */
const checkCommand = async (
  pass: Pass,
  record: JournalRecord,
  entry: Entry,
  where: string,
): Promise<void> => {
  const { findings, world, counted } = pass
  const { by, id, type, role, payload } = entry.command
  if (entry.outcome === "accepted") counted.accepted += 1
  else counted.refused += 1
  if (record.commandId !== `${by}:${id}`) {
    findings.add("I3", where, "the command id is not the one in the entry", "命令编号与记录内容不符")
  }
  const digest = sha256(`yingshao/command/1\n${type}\n${role}\n${canonical(payload)}`)
  if (record.payloadDigest !== digest) {
    findings.add("I2", where, "the payload's digest is not that of the entry", "命令内容的摘要与记录不符")
  }
  const stored = await world.storage.command(world.programme, record.commandId)
  if (stored?.number !== record.number) {
    findings.add(
      "I1",
      where,
      `its command id leads to ${stored === undefined ? "nothing" : `journal ${stored.number}`}`,
      `其命令编号指向${stored === undefined ? "空" : `第 ${stored.number} 条`}`,
    )
  }
  const idle = entry.events.length === 0 && entry.claims.length === 0 && entry.messages.length === 0
  if (
    (entry.refusal === undefined) !== (entry.outcome === "accepted") ||
    (entry.refusal !== undefined && !idle)
  ) {
    findings.add(
      "I6",
      where,
      "a refusal has effects, or an outcome has no reason",
      "被拒绝的命令却有结果，或结果缺少理由",
    )
  }
}

/** A claim is checked against the store at once; only what differs is remembered until its last word. */
const checkClaims = async ({ world, unsettled, counted, findings }: Pass, entry: Entry): Promise<void> => {
  for (const { kind, key, holder } of entry.claims) {
    counted.claims += 1
    const expected = kind === "take" ? holder : undefined
    const held = await world.storage.holder(world.programme, key)
    if (held === expected) unsettled.delete(key)
    else if (unsettled.size < maxUnsettledClaims) unsettled.set(key, expected)
    else {
      findings.add("L7", "claims", "too many claims to compare", "待核对的唯一键过多")
      return
    }
  }
}

/** The outbox rows of a record are exactly the messages that its entry names, once each (O5). */
const checkMessages = async (pass: Pass, number: number, entry: Entry, where: string): Promise<void> => {
  pass.counted.messages += entry.messages.length
  const rows = await pass.outbox.of(number, entry.messages)
  if (sameMessages(rows, entry.messages)) return
  pass.findings.add(
    "O5",
    where,
    `${entry.messages.length} messages were enqueued; ${rows.length} rows are pending, delivered or dead`,
    `应发消息 ${entry.messages.length} 条，发件箱中实有 ${rows.length} 条`,
  )
}

const finish = async (pass: Pass): Promise<void> => {
  const { world, findings, unsettled } = pass
  for (const [key, expected] of unsettled) {
    const held = await world.storage.holder(world.programme, key)
    if (held === expected) continue
    findings.add(
      "L7",
      `claim ${key}`,
      expected === undefined ? "it was released and is held" : "it was taken and is not held by who took it",
      expected === undefined ? "唯一键已释放却仍被占用" : "唯一键的持有者与日志不符",
    )
  }
  const { pending, delivered, dead } = await world.storage.outboxCounts(world.programme)
  const head = await world.storage.head(world.programme)
  const rows = pending + delivered + dead
  if (head.number !== pass.number || rows === pass.counted.messages || findings.full()) return
  findings.add(
    "O5",
    "outbox",
    `${pass.counted.messages} messages were enqueued; the outbox holds ${rows}`,
    `应发消息共 ${pass.counted.messages} 条，发件箱共有 ${rows} 条`,
  )
}
