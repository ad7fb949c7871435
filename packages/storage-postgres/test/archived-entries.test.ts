/** Entries leave in steps, each a transaction of its own: cut off anywhere, nothing is lost and nothing twice. */
import type { JournalRecord, Storage } from "@yingshao/ports/storage"
import { type PostgresPool, postgresStorage } from "@yingshao/storage-postgres"
import { partitionByProgramme } from "@yingshao/storage-postgres/partition-by-programme"
import { append, command } from "@yingshao/testkit/storage-cases/storage-case"
import { expect, it } from "vitest"
import { failureOf, testPool, testSchema, withServer } from "./database.ts"

/** Records up to the place, which take two steps, and behind it. */
const [leaving, staying] = [501, 3]

withServer("entries that leave the journal of PostgreSQL", () => {
  const pool = testPool()

  it.each(["plain", "partitioned"])(
    "A2 A3 O2 a call cut off before or after any step leaves every entry where it is read, and is finished: %s",
    async (kind) => {
      const schema = testSchema()
      const storage = await postgresStorage({ pool, schema })
      await fill(storage, "p")
      if (kind === "partitioned") await partitionByProgramme({ pool, schema, partitions: 2 })
      const whole = await journal(storage, "p")
      const place = whole[leaving - 1] as JournalRecord
      for (const lost of kind === "plain" ? (["call", "answer"] as const) : (["answer"] as const)) {
        for (const step of [1, 2, 3]) {
          const programme = `${lost}-${step}`
          await copied(pool, schema, programme)
          const cut = await postgresStorage({ pool: breaking(pool, step, lost), schema })
          await failureOf(cut.archiving?.archive(programme, place) ?? Promise.resolve())
          // What left has been noted before, and whatever is noted is in the file of whoever called.
          const to = (await storage.archiving?.archivedTo(programme)) ?? 0
          const now = await journal(storage, programme)
          expect(now.filter(({ entry, number }) => entry === "" && number > to)).toEqual([])
          expect(withEntriesOf(now, whole)).toEqual(whole)
          const done = lost === "answer" ? step : step - 1
          expect(now.filter(({ entry }) => entry === "")).toHaveLength(
            Math.min(leaving, 500 * Math.max(0, done - 1)),
          )
          // Commands go on in between, and another server finishes it.
          const next = command("next", { appends: [append("n/1", leaving + staying)] })
          expect(await storage.commit(programme, next)).toMatchObject({ kind: "committed" })
          expect(await storage.archiving?.archive(programme, place)).toBe(leaving)
          const end = await journal(storage, programme)
          expect(end.map(({ entry }) => entry === "")).toEqual(end.map((_, at) => at < leaving))
          expect(withEntriesOf(end.slice(0, -1), whole)).toEqual(whole)
        }
      }
    },
  )

  it("A2 an entry that has left never comes back, and no other byte of its row changes", async () => {
    const schema = testSchema()
    const storage = await postgresStorage({ pool, schema })
    await fill(storage, "p", 3)
    await storage.archiving?.archive("p", (await journal(storage, "p"))[1] as JournalRecord)
    const before = await journal(storage, "p")
    for (const change of [
      "entry = 'forged'",
      "entry = '', command = 'x'",
      "entry = '', number = number + 7",
      "entry = '', programme = 'q'",
      "entry = '', digest = ''",
      "entry = '', leaf = ''",
      "entry = '', hash = ''",
    ]) {
      await expect(
        pool.query(`UPDATE ${schema}.journal SET ${change} WHERE number = 1`),
        change,
      ).rejects.toThrow("never changed")
    }
    await expect(pool.query(`UPDATE ${schema}.journal SET entry = '' WHERE number = 3`)).rejects.toThrow(
      "never changed",
    )
    await expect(pool.query(`DELETE FROM ${schema}.journal WHERE number = 1`)).rejects.toThrow(
      "never changed",
    )
    // A table of the same name that somebody else brings is not asked.
    const client = await pool.connect()
    await client.query("CREATE TEMP TABLE archived AS SELECT 'p'::text AS programme, 9::bigint AS number")
    await expect(client.query(`UPDATE ${schema}.journal SET entry = '' WHERE number = 3`)).rejects.toThrow(
      "never changed",
    )
    client.release(true)
    expect(await journal(storage, "p")).toEqual(before)
  })

  it("a store that is closed stops between two steps and says so", async () => {
    const schema = testSchema()
    const storage = await postgresStorage({ pool, schema })
    await fill(storage, "p")
    const place = (await journal(storage, "p"))[leaving - 1] as JournalRecord
    const archiving = failureOf(storage.archiving?.archive("p", place) ?? Promise.resolve())
    await storage.close()
    expect(await archiving).toMatchObject({ reason: "closed", outcome: "unknown" })
    const again = await postgresStorage({ pool, schema })
    expect(await again.archiving?.archive("p", place)).toBe(leaving)
    expect((await journal(again, "p")).filter(({ entry }) => entry === "")).toHaveLength(leaving)
  })
})

const fill = async (storage: Storage, programme: string, count = leaving + staying): Promise<void> => {
  await Promise.all(
    Array.from({ length: count }, (_, at) =>
      storage.commit(programme, command(`c${at}`, { appends: [append("n/1", at)] })),
    ),
  )
}

const journal = (storage: Storage, programme: string): Promise<readonly JournalRecord[]> =>
  storage.journal(programme, { after: 0, limit: 1_000 })

/** The records with the entries that left put back, as a reader of the sealed file does. */
const withEntriesOf = (
  records: readonly JournalRecord[],
  whole: readonly JournalRecord[],
): readonly JournalRecord[] =>
  records.map((one, at) => (one.entry === "" ? { ...one, entry: whole[at]?.entry ?? "" } : one))

/** Another programme with the same journal. */
const copied = async (
  pool: ReturnType<typeof testPool>,
  schema: string,
  programme: string,
): Promise<void> => {
  await pool.query(`
    INSERT INTO ${schema}.journal SELECT '${programme}', number, command, digest, entry, leaf, hash
      FROM ${schema}.journal WHERE programme = 'p';
    INSERT INTO ${schema}.stream SELECT '${programme}', name, id, number, version, fold, entries, document
      FROM ${schema}.stream WHERE programme = 'p';
    INSERT INTO ${schema}.head SELECT '${programme}', number, hash, delivered
      FROM ${schema}.head WHERE programme = 'p';`)
}

/** A pool on which the writes of archiving fail from the given one on: never sent, or done and the answer lost. */
const breaking = (pool: PostgresPool, step: number, lost: "call" | "answer"): PostgresPool => {
  let steps = 0
  return {
    on: () => undefined,
    connect: async () => {
      const client = await pool.connect()
      return {
        on: (event, listener) => client.on(event, listener),
        off: (event, listener) => client.off(event, listener),
        release: (destroy) => client.release(destroy),
        query: async (query) => {
          if (/\.(note|empty)_archived\(/.test(query.text)) steps += 1
          if (steps < step) return client.query(query)
          if (lost === "answer" && steps === step) await client.query(query)
          throw new Error("the connection is gone")
        },
      }
    },
  }
}
