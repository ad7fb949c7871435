/**
 * The outbox of one programme in memory: enqueue, lease, settle, redrive, list.
 *
 * Arguments were checked before. It does not know the time.
 */
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

export interface MemoryOutbox {
  has(id: string): boolean
  enqueue(message: OutboxMessage, number: number, position: number): void
  lease(request: LeaseRequest): readonly LeasedMessage[]
  settle(settlement: Settlement): SettleResult
  redrive(id: string, notBefore: string): boolean
  park(id: string, parking: Parking): boolean
  page(
    status: OutboxStatus,
    after: { readonly number: number; readonly position: number } | undefined,
    limit: number,
  ): readonly OutboxRow[]
  counts(): OutboxCounts
}

export const memoryOutbox = (): MemoryOutbox => {
  const rows: Row[] = []
  const byId = new Map<string, Row>()
  /** Per topic and ordering key: rows that keep the key busy, oldest first. */
  const open = new Map<string, Row[]>()
  const counts = { pending: 0, delivered: 0, dead: 0 }

  const turn = (row: Row, status: OutboxStatus): void => {
    counts[row.status] -= 1
    counts[status] += 1
    row.status = status
  }

  return {
    has: (id) => byId.has(id),
    enqueue: (message, number, position) => {
      const row: Row = { ...message, number, position, ...untouched }
      rows.push(row)
      byId.set(row.id, row)
      enterQueue(open, row)
      counts.pending += 1
    },
    lease: (request) => {
      const due: Row[] = []
      for (const [head] of open.values()) {
        if (head === undefined || head.topic !== request.topic || head.status !== "pending") continue
        if (dueAt(head) <= request.now) due.push(head)
      }
      due.sort((a, b) => compareTexts(dueAt(a), dueAt(b)) || byPlace(a, b))
      return due.slice(0, request.limit).map((row) => {
        row.token += 1
        row.leasedUntil = request.leaseUntil
        return leased(row)
      })
    },
    settle: (settlement) => {
      const row = byId.get(settlement.id)
      if (row === undefined || row.leasedUntil === undefined || row.token !== settlement.token)
        return "fenced"
      row.leasedUntil = undefined
      if (settlement.kind === "retry") {
        row.notBefore = settlement.notBefore
        row.attempts += settlement.counted ? 1 : 0
        row.note = settlement.note
        return "settled"
      }
      turn(row, settlement.kind)
      row.settledAt = settlement.at
      row.note = settlement.kind === "delivered" ? settlement.receipt : settlement.note
      if (settlement.kind === "delivered" || !settlement.blocking) leaveQueue(open, row)
      return "settled"
    },
    redrive: (id, notBefore) => {
      const row = byId.get(id)
      if (row === undefined || row.status !== "dead") return false
      turn(row, "pending")
      row.notBefore = notBefore
      row.attempts = 0
      row.settledAt = undefined
      enterQueue(open, row)
      return true
    },
    park: (id, { at, blocking, note }) => {
      const row = byId.get(id)
      if (row === undefined || row.status === "delivered") return false
      if (row.status === "pending") {
        if (row.leasedUntil !== undefined && row.leasedUntil > at) return false
        turn(row, "dead")
        row.leasedUntil = undefined
        row.settledAt = at
      }
      row.note = note
      if (blocking) enterQueue(open, row)
      else leaveQueue(open, row)
      return true
    },
    page: (status, after, limit) => {
      const found: OutboxRow[] = []
      for (const row of rows) {
        if (found.length === limit) break
        if (row.status !== status || (after !== undefined && byPlace(row, after) <= 0)) continue
        const { token: _, ...shown } = row
        found.push(shown)
      }
      return found
    },
    counts: () => ({ ...counts }),
  }
}

// internal

type Row = { -readonly [K in keyof OutboxRow]: OutboxRow[K] } & { token: number }

const untouched = {
  status: "pending" as const,
  attempts: 0,
  note: "",
  leasedUntil: undefined,
  settledAt: undefined,
  token: 0,
}

const queueOf = (row: OutboxMessage): string => `${row.topic}\0${row.orderingKey}`

const enterQueue = (open: Map<string, Row[]>, row: Row): void => {
  const queue = open.get(queueOf(row))
  const last = queue?.at(-1)
  if (queue === undefined || last === undefined) open.set(queueOf(row), [row])
  else if (byPlace(last, row) < 0) queue.push(row)
  else if (!queue.includes(row)) {
    const behind = queue.findIndex((other) => byPlace(other, row) > 0)
    queue.splice(behind === -1 ? queue.length : behind, 0, row)
  }
}

const leaveQueue = (open: Map<string, Row[]>, row: Row): void => {
  const queue = open.get(queueOf(row)) ?? []
  const place = queue.indexOf(row)
  if (place >= 0) queue.splice(place, 1)
  if (queue.length === 0) open.delete(queueOf(row))
}

/** When a pending row may be leased: after its own delay and after the lease it is in. */
const dueAt = (row: Row): string =>
  row.leasedUntil !== undefined && row.leasedUntil > row.notBefore ? row.leasedUntil : row.notBefore

const leased = (row: Row): LeasedMessage => {
  const { id, topic, orderingKey, notBefore, body, token, attempts, note } = row
  return { id, topic, orderingKey, notBefore, body, token, attempts, note }
}

type Place = { readonly number: number; readonly position: number }

const byPlace = (a: Place, b: Place): number => a.number - b.number || a.position - b.position

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
