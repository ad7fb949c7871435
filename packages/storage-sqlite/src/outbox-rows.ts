/**
 * The outbox in SQLite: enqueue, lease, settle, redrive, list, count.
 *
 * What a message says is written once, to `message`. What is still owed has a small row in `outbox` beside it,
 * which is exchanged for one in `delivered` at the end.
 *
 * The one row of an ordering key that may go next carries `ready_at`: the instant at which it is due and in
 * nobody's lease. Every change moves that mark, so that a lease reads only rows it may take, whatever waits
 * behind them. Nothing is polled by "id greater than the last one".
 */
import type { DatabaseSync, SQLInputValue } from "node:sqlite"
import type {
  LeasedMessage,
  LeaseRequest,
  OutboxCounts,
  OutboxMessage,
  OutboxRow,
  OutboxStatus,
  Parking,
  Settlement,
  SettleResult,
} from "@yingshao/ports/storage"
import type { HeadRow } from "./heads.ts"

export interface OutboxRows {
  has(programme: number, id: string): boolean
  enqueue(programme: number, number: number, position: number, message: OutboxMessage): void
  lease(programme: number, request: LeaseRequest): readonly LeasedMessage[]
  settle(head: HeadRow, settlement: Settlement): SettleResult
  redrive(programme: number, id: string, notBefore: string): boolean
  park(programme: number, id: string, parking: Parking): boolean
  page(
    programme: number,
    status: OutboxStatus,
    after: { readonly number: number; readonly position: number } | undefined,
    limit: number,
  ): readonly OutboxRow[]
  counts(programme: number, delivered: number): OutboxCounts
}

export const outboxRows = (database: DatabaseSync): OutboxRows => {
  const sql = prepared(database)

  /**
   * Where pages that were read lately end: (programme, number, position) → `seq`. Whoever walks the outbox
   * goes on from there, instead of from its first row again. A row keeps its `seq` for ever.
   */
  const ends = new Map<string, number>()
  const remember = (place: string, seq: number): void => {
    ends.delete(place)
    ends.set(place, seq)
    for (const oldest of ends.keys()) {
      if (ends.size <= mostEnds) break
      ends.delete(oldest)
    }
  }

  /** Marks the oldest open row of a key, and only that one. */
  const markOnly = (programme: number, topic: string, key: string): void => {
    sql.unmark.run(programme, topic, key)
    mark(programme, topic, key)
  }

  /** The same where no other one is marked. */
  const mark = (programme: number, topic: string, key: string): void => {
    const head = sql.oldest.get(programme, topic, key) as unknown as OldestRow | undefined
    if (head === undefined || head[1] !== "pending") return
    const [seq, , notBefore, leasedUntil] = head
    sql.ready.run(leasedUntil !== null && leasedUntil > notBefore ? leasedUntil : notBefore, seq)
  }

  return {
    has: (programme, id) => sql.known.get(programme, id) !== undefined,
    enqueue: (programme, number, position, { id, topic, orderingKey, notBefore, body }) => {
      const busy = sql.oldest.get(programme, topic, orderingKey) !== undefined
      const readyAt = busy ? null : notBefore
      const { lastInsertRowid } = sql.say.run(programme, number, position, id, topic, orderingKey, body)
      sql.enqueue.run(lastInsertRowid, programme, topic, orderingKey, notBefore, readyAt)
    },
    lease: (programme, { topic, worker, now, leaseUntil, limit }) =>
      sql.due
        .all(programme, topic, now, limit)
        .map((row) => row as unknown as DueRow)
        .map(([seq, id, orderingKey, notBefore, body, token, attempts, note]) => {
          sql.lease.run(worker, leaseUntil, leaseUntil, seq)
          return { id, topic, orderingKey, notBefore, body, token: token + 1, attempts, note }
        }),
    settle: (head, settlement) => {
      const row = sql.leased.get(head.id, settlement.id, settlement.token) as unknown as LeasedRow | undefined
      if (row === undefined) return "fenced"
      const [seq, topic, orderingKey] = row
      if (settlement.kind === "delivered") {
        sql.deliver.run(settlement.receipt, settlement.at, seq)
        sql.remove.run(seq)
        head.delivered += 1
        head.changed = true
        // Of its key this row was marked, or one before it that was put back; never one behind it.
        mark(head.id, topic, orderingKey)
        return "settled"
      }
      if (settlement.kind === "retry") {
        sql.retry.run(settlement.notBefore, settlement.counted ? 1 : 0, settlement.note, seq)
      } else {
        sql.giveUp.run(settlement.at, settlement.note, settlement.blocking ? 1 : 0, seq)
      }
      markOnly(head.id, topic, orderingKey)
      return "settled"
    },
    redrive: (programme, id, notBefore) => {
      const row = sql.dead.get(programme, id) as unknown as LeasedRow | undefined
      if (row === undefined) return false
      const [seq, topic, orderingKey] = row
      sql.redrive.run(notBefore, seq)
      markOnly(programme, topic, orderingKey)
      return true
    },
    park: (programme, id, { at, blocking, note }) => {
      const row = sql.parkable.get(programme, id, at) as unknown as LeasedRow | undefined
      if (row === undefined) return false
      const [seq, topic, orderingKey] = row
      sql.park.run(at, note, blocking ? 1 : 0, seq)
      markOnly(programme, topic, orderingKey)
      return true
    },
    page: (programme, status, after, limit) => {
      const { number, position } = after ?? { number: -1, position: -1 }
      const known = `${programme} ${number} ${position}`
      const rows = sql.pages[status]
        .all(programme, ends.get(known) ?? 0, number, position, limit)
        .map((row) => row as unknown as ShownRow)
      const last = rows.at(-1)
      if (last !== undefined) remember(`${programme} ${last[5]} ${last[6]}`, last[12])
      return rows.map(shown)
    },
    counts: (programme, delivered) => {
      const [open] = sql.open.get(programme) as unknown as readonly [number]
      const [dead, blocking] = sql.givenUp.get(programme) as unknown as readonly [number, number]
      return { pending: open - blocking, delivered, dead }
    },
  }
}

// internal

/** Walks over the outbox that may go on side by side without starting anew. */
const mostEnds = 32

type OldestRow = readonly [number, OutboxStatus, string, string | null]
type DueRow = readonly [number, string, string, string, string, number, number, string]
type LeasedRow = readonly [number, string, string]
type ShownRow = readonly [
  string,
  string,
  string,
  string,
  string,
  number,
  number,
  OutboxStatus,
  number,
  string,
  string | null,
  string | null,
  number,
]

const shown = (row: ShownRow): OutboxRow => {
  const [id, topic, orderingKey, notBefore, body, number, position, status, attempts, note, lease, settled] =
    row
  return {
    id,
    topic,
    orderingKey,
    notBefore,
    body,
    number,
    position,
    status,
    attempts,
    note,
    leasedUntil: lease ?? undefined,
    settledAt: settled ?? undefined,
  }
}

const prepared = (database: DatabaseSync) => {
  const statement = (text: string) => {
    const made = database.prepare(text)
    made.setReturnArrays(true)
    return made
  }
  /**
   * `seq` grows with (number, position) within a programme, so rows are walked in their own order. The plus
   * keeps SQLite from looking for all rows of one programme instead; those given up are few and have an index.
   */
  const page = (rows: string, which: string, status: string, leasedUntil: string) => {
    const made = statement(
      `SELECT id, message.topic, message.ordering_key, not_before, body, number, position, '${status}', attempts,
         note, ${leasedUntil}, settled_at, ${rows}.seq
       FROM ${rows} CROSS JOIN message ON message.seq = ${rows}.seq
       WHERE ${which} AND ${rows}.seq > ? AND (number, position) > (?, ?) ORDER BY ${rows}.seq LIMIT ?`,
    )
    return { all: (...values: SQLInputValue[]) => made.all(...values) }
  }
  return {
    known: statement("SELECT 1 FROM message WHERE programme = ? AND id = ?"),
    say: database.prepare(
      `INSERT INTO message (programme, number, position, id, topic, ordering_key, body)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    enqueue: database.prepare(
      `INSERT INTO outbox (seq, programme, topic, ordering_key, not_before, ready_at) VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    oldest: statement(
      `SELECT seq, status, not_before, leased_until FROM outbox
       WHERE programme = ? AND topic = ? AND ordering_key = ? AND is_open = 1 ORDER BY seq LIMIT 1`,
    ),
    unmark: database.prepare(
      `UPDATE outbox SET ready_at = NULL
       WHERE programme = ? AND topic = ? AND ordering_key = ? AND is_open = 1 AND ready_at IS NOT NULL`,
    ),
    ready: database.prepare("UPDATE outbox SET ready_at = ? WHERE seq = ?"),
    due: statement(
      `SELECT outbox.seq, id, outbox.ordering_key, not_before, body, token, attempts, note
       FROM outbox CROSS JOIN message ON message.seq = outbox.seq
       WHERE outbox.programme = ? AND outbox.topic = ? AND ready_at <= ? AND ready_at IS NOT NULL
       ORDER BY ready_at, outbox.seq LIMIT ?`,
    ),
    lease: database.prepare(
      "UPDATE outbox SET token = token + 1, leased_by = ?, leased_until = ?, ready_at = ? WHERE seq = ?",
    ),
    leased: statement(
      `SELECT outbox.seq, outbox.topic, outbox.ordering_key
       FROM message CROSS JOIN outbox ON outbox.seq = message.seq
       WHERE message.programme = ? AND id = ? AND token = ? AND leased_until IS NOT NULL`,
    ),
    retry: database.prepare(
      `UPDATE outbox SET not_before = ?, attempts = attempts + ?, note = ?, leased_by = NULL, leased_until = NULL
       WHERE seq = ?`,
    ),
    deliver: database.prepare(
      `INSERT INTO delivered (seq, not_before, attempts, note, settled_at)
       SELECT seq, not_before, attempts, ?, ? FROM outbox WHERE seq = ?`,
    ),
    remove: database.prepare("DELETE FROM outbox WHERE seq = ?"),
    giveUp: database.prepare(
      `UPDATE outbox SET status = 'dead', settled_at = ?, note = ?, is_open = ?, ready_at = NULL,
       leased_by = NULL, leased_until = NULL WHERE seq = ?`,
    ),
    dead: statement(
      `SELECT outbox.seq, outbox.topic, outbox.ordering_key
       FROM message CROSS JOIN outbox ON outbox.seq = message.seq
       WHERE message.programme = ? AND id = ? AND status = 'dead'`,
    ),
    redrive: database.prepare(
      `UPDATE outbox SET status = 'pending', is_open = 1, not_before = ?, attempts = 0, settled_at = NULL
       WHERE seq = ?`,
    ),
    parkable: statement(
      `SELECT outbox.seq, outbox.topic, outbox.ordering_key
       FROM message CROSS JOIN outbox ON outbox.seq = message.seq
       WHERE message.programme = ? AND id = ? AND (status = 'dead' OR leased_until IS NULL OR leased_until <= ?)`,
    ),
    park: database.prepare(
      `UPDATE outbox SET settled_at = iif(status = 'dead', settled_at, ?), status = 'dead', note = ?, is_open = ?,
       ready_at = NULL, leased_by = NULL, leased_until = NULL WHERE seq = ?`,
    ),
    /** Index scans: of the open rows, and of the few that were given up. */
    open: statement("SELECT count(*) FROM outbox WHERE programme = ? AND is_open = 1"),
    givenUp: statement(
      "SELECT count(*), coalesce(sum(is_open), 0) FROM outbox WHERE programme = ? AND status = 'dead'",
    ),
    pages: {
      pending: page("outbox", "+outbox.programme = ? AND status = 'pending'", "pending", "leased_until"),
      delivered: page("delivered", "+message.programme = ?", "delivered", "NULL"),
      dead: page("outbox", "outbox.programme = ? AND status = 'dead'", "dead", "leased_until"),
    },
  }
}
