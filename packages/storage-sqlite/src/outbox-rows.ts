/**
 * The outbox in SQLite: enqueue, lease, settle, redrive, list, count.
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
  const mark = (programme: number, topic: string, key: string): void => {
    sql.unmark.run(programme, topic, key)
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
      sql.enqueue.run(programme, number, position, id, topic, orderingKey, notBefore, body, readyAt)
    },
    lease: (programme, { topic, worker, now, leaseUntil, limit }) =>
      sql.due
        .all(programme, topic, now, limit)
        .map((row) => row as unknown as DueRow)
        .map(([seq, id, orderingKey, notBefore, body, token, attempts]) => {
          sql.lease.run(worker, leaseUntil, leaseUntil, seq)
          return { id, topic, orderingKey, notBefore, body, token: token + 1, attempts }
        }),
    settle: (head, settlement) => {
      const row = sql.leased.get(head.id, settlement.id, settlement.token) as unknown as LeasedRow | undefined
      if (row === undefined) return "fenced"
      const [seq, topic, orderingKey] = row
      if (settlement.kind === "retry") {
        sql.retry.run(settlement.notBefore, settlement.counted ? 1 : 0, settlement.note, seq)
      } else {
        const delivered = settlement.kind === "delivered"
        const note = delivered ? settlement.receipt : settlement.note
        const open = !delivered && settlement.blocking ? 1 : 0
        sql.close.run(settlement.kind, settlement.at, note, open, seq)
        if (delivered) {
          head.delivered += 1
          head.changed = true
        }
      }
      mark(head.id, topic, orderingKey)
      return "settled"
    },
    redrive: (programme, id, notBefore) => {
      const row = sql.dead.get(programme, id) as unknown as LeasedRow | undefined
      if (row === undefined) return false
      const [seq, topic, orderingKey] = row
      sql.redrive.run(notBefore, seq)
      mark(programme, topic, orderingKey)
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
      const counts = { pending: 0, delivered, dead: 0 }
      for (const row of sql.counts.all(programme)) {
        const [status, count] = row as unknown as readonly ["pending" | "dead", number]
        counts[status] = count
      }
      return counts
    },
  }
}

// internal

/** Walks over the outbox that may go on side by side without starting anew. */
const mostEnds = 32

type OldestRow = readonly [number, OutboxStatus, string, string | null]
type DueRow = readonly [number, string, string, string, string, number, number]
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

const shownColumns =
  "id, topic, ordering_key, not_before, body, number, position, status, attempts, note, leased_until, settled_at, seq"

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
   * `seq` grows with (number, position) within a programme. What is delivered has no index and is walked in
   * the order of the rows: the plus keeps SQLite from sorting all of a programme. The few others have one,
   * which it only takes when it is told word for word.
   */
  const page = (status: OutboxStatus) => {
    const which =
      status === "delivered"
        ? "+programme = ? AND status = 'delivered'"
        : `programme = ? AND status = '${status}' AND status <> 'delivered'`
    const made = statement(
      `SELECT ${shownColumns} FROM outbox
       WHERE ${which} AND seq > ? AND (number, position) > (?, ?) ORDER BY seq LIMIT ?`,
    )
    return { all: (...values: SQLInputValue[]) => made.all(...values) }
  }
  return {
    known: statement("SELECT 1 FROM outbox WHERE programme = ? AND id = ?"),
    enqueue: statement(
      `INSERT INTO outbox (programme, number, position, id, topic, ordering_key, not_before, body, ready_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    oldest: statement(
      `SELECT seq, status, not_before, leased_until FROM outbox
       WHERE programme = ? AND topic = ? AND ordering_key = ? AND is_open = 1 ORDER BY seq LIMIT 1`,
    ),
    unmark: statement(
      `UPDATE outbox SET ready_at = NULL
       WHERE programme = ? AND topic = ? AND ordering_key = ? AND is_open = 1 AND ready_at IS NOT NULL`,
    ),
    ready: statement("UPDATE outbox SET ready_at = ? WHERE seq = ?"),
    due: statement(
      `SELECT seq, id, ordering_key, not_before, body, token, attempts FROM outbox
       WHERE programme = ? AND topic = ? AND ready_at <= ? AND ready_at IS NOT NULL
       ORDER BY ready_at, seq LIMIT ?`,
    ),
    lease: statement(
      "UPDATE outbox SET token = token + 1, leased_by = ?, leased_until = ?, ready_at = ? WHERE seq = ?",
    ),
    leased: statement(
      `SELECT seq, topic, ordering_key FROM outbox
       WHERE programme = ? AND id = ? AND token = ? AND leased_until IS NOT NULL`,
    ),
    retry: statement(
      `UPDATE outbox SET not_before = ?, attempts = attempts + ?, note = ?, leased_by = NULL, leased_until = NULL
       WHERE seq = ?`,
    ),
    close: statement(
      `UPDATE outbox SET status = ?, settled_at = ?, note = ?, is_open = ?, ready_at = NULL, leased_by = NULL,
       leased_until = NULL WHERE seq = ?`,
    ),
    dead: statement(
      "SELECT seq, topic, ordering_key FROM outbox WHERE programme = ? AND id = ? AND status = 'dead'",
    ),
    redrive: statement(
      `UPDATE outbox SET status = 'pending', is_open = 1, not_before = ?, attempts = 0, settled_at = NULL
       WHERE seq = ?`,
    ),
    counts: statement(
      `SELECT status, count(*) FROM outbox WHERE programme = ? AND status <> 'delivered' GROUP BY status`,
    ),
    pages: { pending: page("pending"), delivered: page("delivered"), dead: page("dead") },
  }
}
