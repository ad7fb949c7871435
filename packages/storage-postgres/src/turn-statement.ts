/**
 * The statement that settles, leases or does both, and what its rows mean.
 */
import type { LeasedMessage, LeaseRequest, Settlement } from "@yingshao/ports/storage"
import type { Turn, Turned } from "./outbox-turns.ts"
import type { PostgresAnswer, Statement } from "./postgres-pool.ts"
import type { Statements } from "./statements.ts"

/** The statement for a turn and its values behind the programme. */
export const turnStatement = (
  sql: Statements,
  { settlements, request }: Turn,
): readonly [Statement, unknown[]] => {
  if (settlements === undefined) return [sql.lease, leaseValues(request)]
  if (request === undefined) return [sql.settle, settleValues(settlements)]
  return [sql.settleAndLease, [...settleValues(settlements), ...leaseValues(request)]]
}

/** @param rows of the statement that `turnStatement` gave for this turn. */
export const turnedOf = (turn: Turn, rows: PostgresAnswer["rows"]): Turned => {
  const { settlements, request } = turn
  if (settlements === undefined) return { results: [], leased: leasedOf(request, rows) }
  // With a lease the first row tells what was settled, and the others are the messages.
  const nths: readonly number[] = request === undefined ? rows.map(([nth]) => nth) : rows[0]?.[settledColumn]
  const settled = new Set(nths)
  return {
    results: settlements.map((_, at) => (settled.has(at + 1) ? "settled" : "fenced")),
    leased: request === undefined ? [] : leasedOf(request, rows.slice(1)),
  }
}

// internal

type Rows = PostgresAnswer["rows"]

const settledColumn = 7

const settleValues = (settlements: readonly Settlement[]): unknown[] => [
  settlements.map(({ id }) => id),
  settlements.map(({ token }) => token),
  settlements.map(({ kind }) => kind),
  settlements.map((one) => (one.kind === "retry" ? one.notBefore : one.at)),
  settlements.map((one) => (one.kind === "delivered" ? one.receipt : one.note)),
  settlements.map((one) => (one.kind === "retry" ? one.counted : one.kind === "dead" && one.blocking)),
]

const leaseValues = (request: LeaseRequest | undefined): unknown[] =>
  request === undefined ? [] : [request.topic, request.worker, request.now, request.leaseUntil, request.limit]

const leasedOf = (request: LeaseRequest | undefined, rows: Rows): readonly LeasedMessage[] =>
  rows.map(([id, orderingKey, notBefore, body, token, attempts, note]) => ({
    id,
    topic: request?.topic ?? "",
    orderingKey,
    notBefore,
    body,
    token: Number(token),
    attempts: Number(attempts),
    note,
  }))
