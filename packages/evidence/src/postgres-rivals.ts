/**
 * Rivals for the same matters from two processes on one PostgreSQL: every matter gets one holder, the others are
 * told so and their reports are accepted all the same.
 *
 * For each matter each process hands in half of the reports at once. `naive` relies on having looked before it
 * inserted, in a table of its own, and must give several holders: otherwise the harness does not race.
 */
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { postgresStorage } from "@yingshao/storage-postgres"
import pg from "pg"

export interface Rivals {
  readonly matters: number
  readonly reports: number
  readonly holders: number
  /** Reports that were accepted without the claim. */
  readonly refusedTyped: number
}

const processes = 2

/** @param reports of each matter, an even number. @throws AssertionError when a matter has no holder, or two. */
export const rivals = async (
  url: string,
  schema: string,
  matters: number,
  reports: number,
): Promise<Rivals> => {
  const pool = new pg.Pool({ connectionString: url })
  try {
    const storage = await postgresStorage({ pool, schema })
    const answers = await run("claim", url, schema, matters, reports)
    const holders = answers.reduce((sum, { first }) => sum + first, 0)
    const refusedTyped = answers.reduce((sum, { refused }) => sum + refused, 0)
    assert.deepEqual({ holders, refusedTyped }, { holders: matters, refusedTyped: matters * (reports - 1) })
    assert.equal((await storage.head("rivals")).number, matters * reports)
    const { rows } = await pool.query(
      `SELECT count(*)::int AS claims, count(DISTINCT key)::int AS matters FROM ${schema}.claim WHERE programme = 'rivals'`,
    )
    assert.deepEqual(rows, [{ claims: matters, matters }])
    const streams = await pool.query(
      `SELECT count(*)::int AS n FROM ${schema}.stream WHERE programme = 'rivals'`,
    )
    assert.equal(streams.rows[0].n, matters * reports)
    return { matters, reports, holders, refusedTyped }
  } finally {
    await pool.end()
  }
}

/** @returns how many holders check-then-insert gives, which is more than there are matters. */
export const naiveHolders = async (
  url: string,
  schema: string,
  matters: number,
  reports: number,
): Promise<number> => {
  const pool = new pg.Pool({ connectionString: url })
  await pool.query(
    `CREATE SCHEMA IF NOT EXISTS ${schema}; CREATE TABLE ${schema}.naive (matter text, report text)`,
  )
  await run("naive", url, schema, matters, reports)
  const { rows } = await pool.query(`SELECT count(*)::int AS holders FROM ${schema}.naive`)
  await pool.end()
  return rows[0].holders
}

// internal

interface Counted {
  readonly first: number
  readonly refused: number
}

const run = async (
  way: string,
  url: string,
  schema: string,
  matters: number,
  reports: number,
): Promise<readonly Counted[]> => {
  const script = join(import.meta.dirname, "child-postgres-rival.ts")
  const children = Array.from({ length: processes }, (_, at) =>
    spawn(process.execPath, [
      "--conditions=@yingshao/source",
      script,
      way,
      url,
      schema,
      `p${at}`,
      String(matters),
      String(reports / processes),
    ]),
  )
  const ends = children.map((child) => once(child, "exit"))
  const outputs = children.map((child) => Promise.all([text(child.stdout), text(child.stderr)]))
  await Promise.all(children.map((child) => once(child.stdout, "data")))
  for (const child of children) child.stdin.write("go\n")
  const said = await Promise.all(outputs)
  const codes = await Promise.all(ends.map(async (end) => (await end)[0]))
  assert.deepEqual(
    { codes, errors: said.map(([, err]) => err) },
    { codes: children.map(() => 0), errors: children.map(() => "") },
  )
  return said.map(([out]) => JSON.parse(out.trim().split("\n").at(-1) ?? "") as Counted)
}
