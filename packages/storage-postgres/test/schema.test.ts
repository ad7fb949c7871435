import { isStorageFailure } from "@yingshao/ports/storage"
import { postgresStorage } from "@yingshao/storage-postgres"
import { partitionByProgramme } from "@yingshao/storage-postgres/partition-by-programme"
import { command, full } from "@yingshao/testkit/storage-cases/storage-case"
import pg from "pg"
import { expect, it } from "vitest"
import { commitFunctions } from "../src/migrations/commit-functions.ts"
import { tables } from "../src/migrations/tables.ts"
import { schemaVersion } from "../src/schema.ts"
import { elsewhere, failureOf, testPool, testSchema, withServer } from "./database.ts"

withServer("the schema of the PostgreSQL store", () => {
  const pool = testPool()

  it("is made once when many servers start at once", async () => {
    const schema = testSchema()
    const stores = await Promise.all(Array.from({ length: 8 }, () => postgresStorage({ pool, schema })))
    const results = await Promise.all(stores.map((store, at) => store.commit("p", command(`c${at}`))))
    expect(results.map(({ kind }) => kind)).toEqual(Array(8).fill("committed"))
    const { rows } = await pool.query(`SELECT version FROM ${schema}.migration`)
    expect(rows.map(({ version }) => version)).toEqual(
      Array.from({ length: schemaVersion }, (_, at) => at + 1),
    )
  })

  it("of a newer release is refused by name, at once and by a store that was open before", async () => {
    const schema = testSchema()
    const early = await postgresStorage({ pool, schema })
    await pool.query(`INSERT INTO ${schema}.migration (version) VALUES (${schemaVersion + 1})`)
    const failure = await failureOf(postgresStorage({ pool, schema }))
    expect(failure).toMatchObject({ reason: "newer-schema", outcome: "unchanged" })
    expect(failure.message).toContain(`postgres schema ${schema} has schema version ${schemaVersion + 1}`)
    // The newer release's functions know their version.
    await pool.query(`DROP FUNCTION ${schema}.commit_batch`)
    expect(await failureOf(early.commit("p", command("a")))).toMatchObject({
      reason: "newer-schema",
      outcome: "unchanged",
    })
  })

  it.each(["plain", "partitioned"])(
    "O2, O3, O7: of version 2 keeps its queue when it is migrated: %s",
    async (kind) => {
      const schema = testSchema()
      await pool.query(versionTwo(schema, kind === "partitioned"))
      const storage = await postgresStorage({ pool, schema })
      const lease = (now: string) =>
        storage.lease("p", {
          topic: "notify",
          worker: "new",
          now,
          leaseUntil: "2026-03-02T03:00:00.000Z",
          limit: 9,
        })
      // k has a message out, its next one waits; l failed once before; n is closed by a dead one.
      expect(await lease("2026-03-02T01:00:00.000Z")).toMatchObject([{ id: "l1", token: 4, attempts: 2 }])
      const delivered = { kind: "delivered", at: "2026-03-02T01:00:00.000Z", receipt: "" } as const
      expect(await storage.settle("p", [{ ...delivered, id: "k1", token: 1 }])).toEqual(["settled"])
      expect(await lease("2026-03-02T01:00:01.000Z")).toMatchObject([{ id: "k2", token: 1 }])
      expect(await storage.redrive("p", "n1", "2026-03-02T01:00:02.000Z")).toBe(true)
      expect(await lease("2026-03-02T01:00:02.000Z")).toMatchObject([{ id: "n1", token: 2 }])
      expect(await storage.outboxCounts("p")).toEqual({ pending: 4, delivered: 1, dead: 0 })
      const pieces = await pool.query("SELECT relid FROM pg_partition_tree($1::text::regclass)", [
        `${schema}.turn`,
      ])
      expect(pieces.rowCount).toBe(kind === "plain" ? 0 : 3)
      // What has moved to `turn` is gone from where it stood, and `turn` is found by its index.
      const left = await pool.query(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = $1 AND table_name = 'outbox'",
        [schema],
      )
      expect(left.rows.map(({ column_name }) => column_name)).not.toContain("ready_at")
      expect(left.rowCount).toBe(14)
      const found = await pool.query("SELECT 1 FROM pg_indexes WHERE schemaname = $1 AND indexname = $2", [
        schema,
        "turn_ready",
      ])
      expect(found.rowCount).toBe(1)
      if (kind !== "plain") return
      const fresh = testSchema()
      await (await postgresStorage({ pool, schema: fresh })).close()
      expect(await shapeOf(pool, schema)).toEqual(await shapeOf(pool, fresh))
    },
  )

  it.each(["plain", "partitioned"])(
    "A2, A3: of version 3 keeps its journal when it is migrated, and can archive then: %s",
    async (kind) => {
      const schema = testSchema()
      const fresh = await postgresStorage({ pool, schema })
      if (kind === "partitioned") await partitionByProgramme({ pool, schema, partitions: 2 })
      for (const name of ["a", "b", "c"]) await fresh.commit("p", command(name))
      const [before, shape] = [await fresh.journal("p", { after: 0, limit: 9 }), await shapeOf(pool, schema)]
      await pool.query(versionThree(schema))
      const storage = await postgresStorage({ pool, schema })
      expect(await shapeOf(pool, schema)).toEqual(shape)
      expect(await storage.journal("p", { after: 0, limit: 9 })).toEqual(before)
      expect(await storage.archiving?.archivedTo("p")).toBe(0)
      expect(await storage.archiving?.archive("p", before[1] ?? { number: 0, hash: "" })).toBe(2)
      const after = await storage.journal("p", { after: 0, limit: 9 })
      expect(after).toEqual(before.map((one) => (one.number <= 2 ? { ...one, entry: "" } : one)))
      expect(await storage.commit("p", command("d"))).toMatchObject({ kind: "committed", number: 4 })
    },
  )

  it("is not made where another application has its tables", async () => {
    const schema = testSchema()
    await pool.query(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.journal (mine text)`)
    expect(await failureOf(postgresStorage({ pool, schema }))).toMatchObject({ reason: "foreign-file" })
    const { rows } = await pool.query("SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace", [
      schema,
    ])
    expect(rows).toEqual([{ relname: "journal" }])
  })

  it.each(["Yingshao", "a-b", 'a"b', "", "a".repeat(60)])(
    "has a plain name: %j is refused",
    async (schema) => {
      expect(await failureOf(postgresStorage({ pool, schema }))).toMatchObject({ reason: "invalid" })
    },
  )

  it("refuses a database that is not in UTF-8", async () => {
    const name = `latin_${testSchema()}`
    await pool.query(`CREATE DATABASE ${name} ENCODING 'LATIN1' TEMPLATE template0`)
    const other = new pg.Pool({ connectionString: elsewhere({ database: name }) })
    try {
      const failure = await failureOf(postgresStorage({ pool: other }))
      expect(failure).toMatchObject({ reason: "invalid", outcome: "unchanged" })
      expect(failure.message).toContain("LATIN1")
    } finally {
      await other.end()
      await pool.query(`DROP DATABASE ${name}`)
    }
  })

  it.each(["plain", "partitioned"])(
    "A2 UPDATE, DELETE and TRUNCATE of the journal fail in the database: %s",
    async (kind) => {
      const schema = testSchema()
      const store = await postgresStorage({ pool, schema })
      await store.commit("p", full("a"))
      if (kind === "partitioned") await partitionByProgramme({ pool, schema, partitions: 2 })
      const before = await store.journal("p", { after: 0, limit: 10 })
      const { rows } = await pool.query(
        "SELECT $1::text AS name UNION SELECT relid::regclass::text FROM pg_partition_tree($1::text::regclass)",
        [`${schema}.journal`],
      )
      const tables = rows.map(({ name }) => name as string)
      expect(tables.length).toBe(kind === "plain" ? 1 : 3)
      for (const table of tables) {
        for (const attack of [
          `UPDATE ${table} SET entry = 'x' RETURNING 1`,
          `DELETE FROM ${table} RETURNING 1`,
          `TRUNCATE ${table}`,
          `SET session_replication_role = replica; DELETE FROM ${table}`,
        ]) {
          const client = await pool.connect()
          const outcome = await client.query(attack).then(
            (answer) => answer,
            (error: Error) => error.message,
          )
          await client.query("RESET session_replication_role")
          client.release()
          // A partition that holds no row has none to refuse.
          if (typeof outcome === "string") expect(outcome).toContain("never changed or deleted")
          else expect(outcome).toMatchObject(attack.startsWith("SET") ? {} : { rowCount: 0 })
        }
      }
      expect(before).toHaveLength(1)
      expect(await store.journal("p", { after: 0, limit: 10 })).toEqual(before)
    },
  )

  it("keeps everything when it is partitioned, once", async () => {
    const schema = testSchema()
    const store = await postgresStorage({ pool, schema })
    for (const name of ["p", "q", "r"]) await store.commit(name, full("a"))
    const seen = async () =>
      Promise.all(["p", "q", "r"].map((name) => store.journal(name, { after: 0, limit: 9 })))
    const before = await seen()
    await partitionByProgramme({ pool, schema, partitions: 3 })
    expect(await seen()).toEqual(before)
    expect(await store.commit("p", full("a"))).toMatchObject({ kind: "repeated" })
    expect(await store.commit("p", command("b"))).toMatchObject({ kind: "committed", number: 2 })
    expect(await store.settings()).toContainEqual(expect.objectContaining({ name: "partitions", value: "3" }))
    expect(await failureOf(partitionByProgramme({ pool, schema }))).toMatchObject({ reason: "invalid" })
  })

  it("serves a role that may call its functions and read, and write nothing by itself", async () => {
    const schema = testSchema()
    const owner = await postgresStorage({ pool, schema })
    await owner.commit("p", command("a"))
    const role = `role_${schema}`
    await pool.query(`CREATE ROLE ${role} LOGIN`)
    const mine = new pg.Pool({ connectionString: elsewhere({ user: role }), max: 2 })
    try {
      const shut = await failureOf(postgresStorage({ pool: mine, schema }))
      expect(isStorageFailure(shut)).toBe(true)
      await pool.query(`GRANT USAGE ON SCHEMA ${schema} TO ${role};
        GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${role};
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schema} TO ${role}`)
      const store = await postgresStorage({ pool: mine, schema })
      expect(await store.commit("p", full("b"))).toMatchObject({ kind: "committed", number: 2 })
      const found = await store.find("p", { index: "i", equals: ["e"], order: "ascending", limit: 9 })
      expect(found.rows).toHaveLength(1)
      for (const attack of [
        `INSERT INTO ${schema}.journal SELECT 'p', 9, 'x', '', '', '', ''`,
        `UPDATE ${schema}.head SET number = 0`,
        `DELETE FROM ${schema}.claim`,
        `SELECT ${schema}.replace_entries('p', '{}', '{}'), pg_temp.nothing()`,
        `DROP TRIGGER journal_keeps_rows ON ${schema}.journal`,
      ]) {
        await expect(mine.query(attack)).rejects.toThrow(/permission denied|must be owner|does not exist/)
      }
    } finally {
      await mine.end()
      await pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
    }
  })

  it("tells what the server promises, and what it does not", async () => {
    const schema = testSchema()
    const store = await postgresStorage({ pool, schema })
    const settings = await store.settings()
    const byName = new Map(settings.map((one) => [one.name, one]))
    const { rows } = await pool.query("SHOW fsync")
    expect(byName.get("fsync")).toMatchObject({ value: rows[0].fsync, ok: rows[0].fsync === "on" })
    for (const name of [
      "synchronous_commit",
      "full_page_writes",
      "clock offset ms",
      "schema version",
      "waiting writes",
    ]) {
      expect(byName.get(name), name).toMatchObject({ ok: true })
    }
    const weak = new pg.Pool({
      ...pool.options,
      options: "-c synchronous_commit=off -c default_transaction_isolation=serializable",
    })
    try {
      const told = await (await postgresStorage({ pool: weak, schema })).settings()
      expect(told.filter(({ ok, name }) => !ok && name !== "fsync").map(({ name }) => name)).toEqual([
        "synchronous_commit",
        "default_transaction_isolation",
      ])
    } finally {
      await weak.end()
    }
  })
})

/** Tables, columns, indexes, functions and triggers, without the names of indexes and pieces. */
const shapeOf = async (pool: pg.Pool, schema: string): Promise<unknown> => {
  const rows = async (sql: string) => (await pool.query(sql, [schema])).rows
  return JSON.parse(
    JSON.stringify({
      columns: await rows(
        `SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default
         FROM information_schema.columns WHERE table_schema = $1 ORDER BY 1, 2`,
      ),
      indexes: await rows(
        `SELECT tablename, regexp_replace(indexdef, '^CREATE (UNIQUE )?INDEX \\S+', '\\1') AS definition
         FROM pg_indexes WHERE schemaname = $1 ORDER BY 1, 2`,
      ),
      functions: await rows(
        `SELECT proname, pg_get_function_arguments(oid) AS arguments, prosrc, proconfig, prosecdef
         FROM pg_proc WHERE pronamespace = $1::regnamespace ORDER BY 1, 2`,
      ),
      triggers: await rows(
        `SELECT c.relname, t.tgname, t.tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
         WHERE c.relnamespace = $1::regnamespace ORDER BY 1, 2`,
      ),
      trees: await rows(
        "SELECT relname, relkind FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p') ORDER BY 1",
      ),
    }).replaceAll(schema, "schema"),
  )
}

/** Takes from a schema what version 4 brought. */
const versionThree = (schema: string): string => `
  SET search_path = ${schema}, pg_temp;
  DROP FUNCTION note_archived;
  DROP FUNCTION empty_archived;
  DROP FUNCTION empty_places;
  DROP TABLE archived;
  CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'rows of the journal are never changed or deleted';
  END $$;
  ALTER FUNCTION refuse_change() RESET ALL;
  ${commitFunctions(3)}
  DELETE FROM migration WHERE version > 3;
  RESET search_path;`

/** What version 3 takes away or takes otherwise; by name and parameters. */
const functionsOfVersionTwo = [
  "lease_messages(integer, integer, text, text, text, text, text, integer)",
  "mark_ready(text, text, text)",
  "lease_places(text, tid[], text[], text, text)",
  "settle_places(text, tid[], text[], text[], text[], boolean[])",
  "mark_places(text, tid[])",
]

/** A schema as version 2 left it, with a queue in the middle of its work; what its functions did is not needed. */
const versionTwo = (schema: string, partitioned: boolean): string => `
  CREATE SCHEMA ${schema};
  SET search_path = ${schema};
  ${tables}
  ${
    partitioned
      ? `CREATE TABLE pieces (LIKE outbox INCLUDING ALL) PARTITION BY HASH (programme);
         DROP TABLE outbox;
         ALTER TABLE pieces RENAME TO outbox;
         CREATE TABLE outbox_0 PARTITION OF outbox FOR VALUES WITH (MODULUS 2, REMAINDER 0);
         CREATE TABLE outbox_1 PARTITION OF outbox FOR VALUES WITH (MODULUS 2, REMAINDER 1);`
      : ""
  }
  ${functionsOfVersionTwo
    .map((one) => `CREATE FUNCTION ${one} RETURNS void LANGUAGE sql AS 'SELECT';`)
    .join("\n")}
  CREATE TABLE migration (version integer PRIMARY KEY, done_at timestamptz NOT NULL DEFAULT now());
  INSERT INTO migration (version) VALUES (1), (2);
  INSERT INTO head VALUES ('p', 5, decode(repeat('00', 32), 'hex'), 0);
  INSERT INTO outbox (programme, number, position, id, topic, ordering_key, not_before, body, status, attempts,
    leased_by, leased_until, token, ready_at)
  VALUES
    ('p', 1, 0, 'k1', 'notify', 'k', '2026-03-02T00:00:00.000Z', '{}', 'pending', 0, 'old',
      '2026-03-02T02:00:00.000Z', 1, '2026-03-02T02:00:00.000Z'),
    ('p', 2, 0, 'k2', 'notify', 'k', '2026-03-02T00:00:00.000Z', '{}', 'pending', 0, NULL, NULL, 0, NULL),
    ('p', 3, 0, 'l1', 'notify', 'l', '2026-03-02T00:30:00.000Z', '{}', 'pending', 2, NULL, NULL, 3,
      '2026-03-02T00:30:00.000Z'),
    ('p', 4, 0, 'n1', 'notify', 'n', '2026-03-02T00:00:00.000Z', '{}', 'dead', 8, NULL, NULL, 1, NULL),
    ('p', 5, 0, 'n2', 'notify', 'n', '2026-03-02T00:00:00.000Z', '{}', 'pending', 0, NULL, NULL, 0, NULL);
  RESET search_path;`
