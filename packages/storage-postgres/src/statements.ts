/**
 * The statements of the store, each named so that a connection prepares it once. The names hold the schema,
 * because several stores may share a pool.
 */

import { batchArguments } from "./commit-batch.ts"
import type { Statement } from "./postgres-pool.ts"
import { quoted } from "./schema.ts"

export type Statements = ReturnType<typeof statementsFor>

/** Columns of a journal record, in this order. */
const recordColumns = (table: string): string =>
  `${table}.number, ${table}.command, encode(${table}.digest, 'hex'), ${table}.entry, encode(${table}.leaf, 'hex'), encode(${table}.hash, 'hex')`

const outboxColumns = [
  "o.id, o.topic, o.ordering_key, o.not_before, o.body, o.number, o.position, o.status, o.attempts, o.note",
  "t.leased_until, o.settled_at",
].join(", ")

export const preparedFor =
  (schema: string) =>
  (key: string, text: string): Statement => ({ name: `yingshao/1/${schema}/${key}`, text })

export const statementsFor = (schemaName: string) => {
  const schema = quoted(schemaName)
  const prepared = preparedFor(schemaName)
  const call = (name: string, count: number): Statement =>
    prepared(
      name,
      `SELECT * FROM ${schema}.${name}(${Array.from({ length: count }, (_, at) => `$${at + 1}`).join(", ")})`,
    )
  const keyed = (
    key: string,
    columns: string,
    table: string,
    column: string,
  ): ((above: boolean) => Statement) => {
    const make = (above: boolean): Statement =>
      prepared(
        `${key}${above ? "-above" : ""}`,
        `SELECT ${columns} FROM ${schema}.${table} t
         WHERE t.programme = $1 AND t.${column} >= $2 AND ($3::text IS NULL OR t.${column} > $3)
           ${above ? `AND t.${column} < $5` : ""}
         ORDER BY t.${column} LIMIT $4`,
      )
    const [without, within] = [make(false), make(true)]
    return (above) => (above ? within : without)
  }
  const outboxPage = (status: string): Statement =>
    prepared(
      `outbox-${status}`,
      `SELECT ${outboxColumns} FROM ${schema}.outbox o
       LEFT JOIN LATERAL (
         SELECT t.leased_until FROM ${schema}.turn t
         WHERE t.programme = o.programme AND t.number = o.number AND t.position = o.position OFFSET 0
       ) AS t ON true
       WHERE o.programme = $1 AND o.status = '${status}' ${status === "delivered" ? "" : "AND o.status <> 'delivered'"}
         AND (o.number, o.position) > ($2::bigint, $3::bigint)
       ORDER BY o.number, o.position LIMIT $4`,
    )
  return {
    commitBatch: call("commit_batch", 3 + batchArguments),
    restate: call("restate_documents", 8),
    lease: call("lease_messages", 8),
    settle: call("settle_messages", 9),
    settleAndLease: call("turn_messages", 14),
    redrive: call("redrive_message", 5),
    park: call("park_message", 7),
    noteArchived: call("note_archived", 5),
    emptyArchived: call("empty_archived", 4),
    archivedTo: prepared("archived-to", `SELECT a.number FROM ${schema}.archived a WHERE a.programme = $1`),
    load: prepared(
      "load",
      `SELECT s.* FROM unnest($2::text[]) AS k (name)
       CROSS JOIN LATERAL (
         SELECT s.name, s.version, s.fold, s.document FROM ${schema}.stream s
         WHERE s.programme = $1 AND s.name = k.name OFFSET 0
       ) AS s`,
    ),
    streams: keyed("streams", "t.name, t.version, t.fold, t.document", "stream", "name"),
    tallies: keyed("tallies", "t.key, t.value", "tally", "key"),
    history: prepared(
      "history",
      `SELECT ${recordColumns("j")} FROM (
         SELECT t.number FROM ${schema}.touch t
         WHERE t.programme = $1
           AND t.stream = (SELECT s.id FROM ${schema}.stream s WHERE s.programme = $1 AND s.name = $2)
           AND t.number > $3
         ORDER BY t.number LIMIT $4
       ) AS t CROSS JOIN LATERAL (
         SELECT * FROM ${schema}.journal j WHERE j.programme = $1 AND j.number >= t.number ORDER BY j.number LIMIT 1
       ) AS j ORDER BY j.number`,
    ),
    journal: prepared(
      "journal",
      `SELECT ${recordColumns("j")} FROM ${schema}.journal j
       WHERE j.programme = $1 AND j.number > $2 ORDER BY j.number LIMIT $3`,
    ),
    command: prepared(
      "command",
      `SELECT ${recordColumns("j")} FROM (
         SELECT * FROM ${schema}.journal j WHERE j.programme = $1 AND j.command >= $2 ORDER BY j.command LIMIT 1
       ) AS j WHERE j.command = $2`,
    ),
    head: prepared(
      "head",
      `SELECT h.number, encode(h.hash, 'hex') FROM ${schema}.head h WHERE h.programme = $1`,
    ),
    holder: prepared(
      "holder",
      `SELECT c.holder FROM ${schema}.claim c WHERE c.programme = $1 AND c.key = $2`,
    ),
    outbox: {
      pending: outboxPage("pending"),
      delivered: outboxPage("delivered"),
      dead: outboxPage("dead"),
    },
    outboxCounts: prepared(
      "outbox-counts",
      `SELECT
         (SELECT count(*) FROM ${schema}.outbox o WHERE o.programme = $1 AND o.status = 'pending' AND o.status <> 'delivered'),
         (SELECT h.delivered FROM ${schema}.head h WHERE h.programme = $1),
         (SELECT count(*) FROM ${schema}.outbox o WHERE o.programme = $1 AND o.status = 'dead' AND o.status <> 'delivered')`,
    ),
  }
}
