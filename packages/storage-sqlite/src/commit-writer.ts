/**
 * One commit inside an open transaction: look at everything, then write everything.
 *
 * Nothing is written before the last check has passed, so a refusal leaves the transaction as it was.
 */
import type { DatabaseSync } from "node:sqlite"
import { chainHash } from "@yingshao/ports/journal-chain"
import type { Append, Commit, CommitResult, JournalRecord, Restatement } from "@yingshao/ports/storage"
import { addToTally } from "@yingshao/ports/storage-limits"
import { type HeadRow, journalNumber, journalPlace } from "./heads.ts"
import { type IndexEntries, packEntries } from "./index-entries.ts"
import type { OutboxRows } from "./outbox-rows.ts"
import type { Tallies } from "./tallies.ts"
import type { Touches } from "./touches.ts"

/** The tables that a commit writes to beside `journal`, `stream` and `claim`. */
export interface CommitParts {
  readonly entries: IndexEntries
  readonly outbox: OutboxRows
  readonly tallies: Tallies
  readonly touches: Touches
}

export interface CommitWriter {
  commit(head: HeadRow, commit: Commit): CommitResult
  /** How many were replaced. */
  restate(programme: number, restatements: readonly Restatement[]): number
  command(programme: number, commandId: string): JournalRecord | undefined
}

/** A row of `place, command, digest, entry, leaf, hash`. */
export type JournalRow = readonly [number, string, string, string, string, string]

export const journalColumns = "place, command, digest, entry, leaf, hash"

export const journalRecord = (row: JournalRow): JournalRecord => {
  const [place, commandId, payloadDigest, entry, leaf, hash] = row
  return { number: journalNumber(place), commandId, payloadDigest, entry, leaf, hash }
}

export const commitWriter = (
  database: DatabaseSync,
  { entries, outbox, tallies, touches }: CommitParts,
): CommitWriter => {
  const sql = prepared(database)

  const command = (programme: number, commandId: string): JournalRecord | undefined => {
    const row = sql.command.get(programme, commandId) as unknown as JournalRow | undefined
    return row === undefined ? undefined : journalRecord(row)
  }

  const streamOf = (programme: number, stream: string): StreamRow | undefined =>
    sql.stream.get(programme, stream) as unknown as StreamRow | undefined

  const writeStream = (
    programme: number,
    number: number,
    append: Append,
    known: StreamRow | undefined,
  ): void => {
    const { stream, expectedVersion, events, state } = append
    const { document, foldVersion } = state
    const version = expectedVersion + events
    const packed = packEntries(state.indexes)
    if (known === undefined) {
      const done = sql.insertStream.run(
        programme,
        stream,
        version,
        foldVersion,
        packed,
        document,
        `${number}`,
      )
      entries.replace(programme, stream, Number(done.lastInsertRowid), "[]", packed, state.indexes)
      return
    }
    const [id, , , before, recent] = known
    sql.appendStream.run(version, foldVersion, packed, document, touches.add(id, recent, number), id)
    entries.replace(programme, stream, id, before, packed, state.indexes)
  }

  const commit = (head: HeadRow, wanted: Commit): CommitResult => {
    const stored = command(head.id, wanted.commandId)
    if (stored !== undefined) {
      return { kind: stored.payloadDigest === wanted.payloadDigest ? "repeated" : "mismatch", record: stored }
    }
    const known: (StreamRow | undefined)[] = []
    for (const { stream, expectedVersion } of wanted.appends) {
      const row = streamOf(head.id, stream)
      const version = row?.[1] ?? 0
      if (version !== expectedVersion) return { kind: "conflict", stream, version }
      known.push(row)
    }
    for (const { stream, version } of wanted.guards) {
      const stands = streamOf(head.id, stream)?.[1] ?? 0
      if (stands !== version) return { kind: "conflict", stream, version: stands }
    }
    const claims = new Map<string, string | undefined>()
    for (const { kind, key, holder } of wanted.claims) {
      const held = claims.has(key) ? claims.get(key) : holderOf(sql, head.id, key)
      if (kind === "take" ? held !== undefined : held !== holder)
        return { kind: "claimed", key, holder: held }
      claims.set(key, kind === "take" ? holder : undefined)
    }
    const ids = new Set<string>()
    for (const { id } of wanted.outbox) {
      if (ids.has(id) || outbox.has(head.id, id)) return { kind: "duplicate-message", id }
      ids.add(id)
    }
    const sums = new Map<string, number>()
    for (const { key, by } of wanted.tallies) {
      sums.set(key, addToTally(sums.get(key) ?? tallies.valueOf(head.id, key), by))
    }

    const number = head.number + 1
    const hash = chainHash(number, head.hash, wanted.leaf)
    const { commandId, payloadDigest, entry, leaf } = wanted
    sql.journal.run(journalPlace(head.id, number), head.id, commandId, payloadDigest, entry, leaf, hash)
    wanted.appends.forEach((append, at) => {
      writeStream(head.id, number, append, known[at])
    })
    for (const [key, holder] of claims) {
      if (holder === undefined) sql.release.run(head.id, key)
      else sql.take.run(head.id, key, holder)
    }
    for (const [key, value] of sums) tallies.set(head.id, key, value)
    wanted.outbox.forEach((message, position) => {
      outbox.enqueue(head.id, number, position, message)
    })
    head.number = number
    head.hash = hash
    head.changed = true
    return { kind: "committed", number, hash }
  }

  return {
    commit,
    command,
    restate: (programme, restatements) =>
      restatements.filter(({ stream, version, state }) => {
        const row = streamOf(programme, stream)
        if (row === undefined || row[1] !== version || row[2] > state.foldVersion) return false
        const packed = packEntries(state.indexes)
        sql.restateStream.run(state.foldVersion, packed, state.document, row[0])
        entries.replace(programme, stream, row[0], row[3], packed, state.indexes)
        return true
      }).length,
  }
}

// internal

/** id, version, fold, entries, recent */
type StreamRow = readonly [number, number, number, string, string]

type Prepared = ReturnType<typeof prepared>

const prepared = (database: DatabaseSync) => {
  const reading = (text: string) => {
    const statement = database.prepare(text)
    statement.setReturnArrays(true)
    return statement
  }
  return {
    command: reading(`SELECT ${journalColumns} FROM journal WHERE programme = ? AND command = ?`),
    stream: reading("SELECT id, version, fold, entries, recent FROM stream WHERE programme = ? AND name = ?"),
    holder: reading("SELECT holder FROM claim WHERE programme = ? AND key = ?"),
    journal: database.prepare(
      `INSERT INTO journal (place, programme, command, digest, entry, leaf, hash) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    insertStream: database.prepare(
      `INSERT INTO stream (programme, name, version, fold, entries, document, recent)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    appendStream: database.prepare(
      "UPDATE stream SET version = ?, fold = ?, entries = ?, document = ?, recent = ? WHERE id = ?",
    ),
    restateStream: database.prepare("UPDATE stream SET fold = ?, entries = ?, document = ? WHERE id = ?"),
    take: database.prepare(
      `INSERT INTO claim (programme, key, holder) VALUES (?, ?, ?)
       ON CONFLICT (programme, key) DO UPDATE SET holder = excluded.holder`,
    ),
    release: database.prepare("DELETE FROM claim WHERE programme = ? AND key = ?"),
  }
}

const holderOf = (sql: Prepared, programme: number, key: string): string | undefined =>
  (sql.holder.get(programme, key) as unknown as readonly [string] | undefined)?.[0]
