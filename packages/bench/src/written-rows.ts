/**
 * What a database handle writes, statement by statement, and the bare loop that writes it again.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite"
import { setLikeOurs } from "./peer-settings.ts"

/** One statement that changed rows: its text, its values, the rows. */
export interface Written {
  readonly sql: string
  readonly values: readonly SQLInputValue[]
  readonly rows: number
}

/**
 * Watches every prepared statement of a handle from now on.
 *
 * @returns the transactions that were committed, each with its statements in order; it grows.
 */
export const watchWrites = (database: DatabaseSync): readonly (readonly Written[])[] => {
  const transactions: Written[][] = []
  let open: Written[] = []
  const prepare = database.prepare.bind(database)
  database.prepare = (sql, ...rest) => {
    const statement = prepare(sql, ...rest)
    const run = statement.run.bind(statement)
    statement.run = ((...values: SQLInputValue[]) => {
      const result = run(...values)
      if (/^\s*(insert|update|delete)/i.test(sql)) open.push({ sql, values, rows: Number(result.changes) })
      else if (/^commit/i.test(sql)) {
        if (open.length > 0) transactions.push(open)
        open = []
      } else if (/^(begin|rollback)/i.test(sql)) open = []
      return result
    }) as StatementSync["run"]
    return statement
  }
  return transactions
}

/** A loop that does nothing but write: prepared statements, one durable transaction for each command. */
export const bareLoop = (
  database: DatabaseSync,
): ((transactions: readonly (readonly Written[])[]) => void) => {
  setLikeOurs(database)
  for (const trigger of triggersOf(database)) database.exec(`DROP TRIGGER ${trigger}`)
  const begin = database.prepare("BEGIN IMMEDIATE")
  const commit = database.prepare("COMMIT")
  const statements = new Map<string, StatementSync>()
  const prepared = (sql: string): StatementSync => {
    const known = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, known)
    return known
  }
  return (transactions) => {
    for (const transaction of transactions) {
      begin.run()
      for (const { sql, values } of transaction) prepared(sql).run(...values)
      commit.run()
    }
  }
}

/** Rows by table, over all transactions. */
export const rowsByTable = (transactions: readonly (readonly Written[])[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const { sql, rows } of transactions.flat()) {
    const table = /(?:into|update|from)\s+(\w+)/i.exec(sql)?.[1] ?? "?"
    counts.set(table, (counts.get(table) ?? 0) + rows)
  }
  return counts
}

// internal

const triggersOf = (database: DatabaseSync): readonly string[] =>
  database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
    .all()
    .map((row) => String(row["name"]))
