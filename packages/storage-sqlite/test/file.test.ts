import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { isStorageFailure, type Storage, type StorageFailure } from "@yingshao/ports/storage"
import { openSqliteFile, openSqliteStorage, sqliteStorage } from "@yingshao/storage-sqlite"
import {
  append,
  command,
  entry,
  lookup,
  message,
  state,
  take,
} from "@yingshao/testkit/storage-cases/storage-case"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { schemaVersion } from "../src/schema.ts"

let folder = ""
let files = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "yingshao-file-"))
})
afterAll(() => rmSync(folder, { recursive: true }))
const newFile = (): string => {
  files += 1
  return join(folder, `${files}.db`)
}

const failureOf = async (work: () => unknown): Promise<StorageFailure> => {
  try {
    await work()
  } catch (error) {
    if (isStorageFailure(error)) return error
    throw error
  }
  throw new Error("nothing failed")
}

describe("an SQLite file", () => {
  it("has every pragma that durability depends on, again after reopening", async () => {
    const file = newFile()
    for (const _ of ["created", "reopened"]) {
      const storage = await openSqliteStorage(file)
      const settings = await storage.settings()
      expect(settings.filter(({ ok }) => !ok)).toEqual([])
      expect(settings).toContainEqual({ name: "synchronous", value: "2", wanted: "2", ok: true })
      expect(settings).toContainEqual({ name: "journal_mode", value: "wal", wanted: "wal", ok: true })
      await storage.close()
    }
  })

  it("shows a setting that somebody turned down on the live handle", async () => {
    const database = openSqliteFile(newFile())
    const storage = await sqliteStorage({ database })
    database.exec("PRAGMA synchronous = NORMAL")
    expect((await storage.settings()).filter(({ ok }) => !ok)).toEqual([
      { name: "synchronous", value: "1", wanted: "2", ok: false },
    ])
    await storage.close()
    database.close()
  })

  it("keeps as many of its pages in memory as was asked for", async () => {
    for (const [options, value] of [
      [{}, "-16000"],
      [{ pageCacheKb: 8_000 }, "-8000"],
    ] as const) {
      const storage = await openSqliteStorage(newFile(), options)
      expect(await storage.settings()).toContainEqual({ name: "cache_size", value, wanted: value, ok: true })
      await storage.close()
    }
  })

  it("keeps everything over a reopening", async () => {
    const file = newFile()
    const before = await openSqliteStorage(file)
    await before.commit(
      "p",
      command("a", {
        appends: [append("r/1", 0, state("x", [entry("i", "e")]))],
        claims: [take("k", "h")],
        tallies: [{ key: "t", by: 3 }],
        outbox: [message("m", "k")],
      }),
    )
    const head = await before.head("p")
    await before.close()
    const after = await openSqliteStorage(file)
    expect(await after.head("p")).toEqual(head)
    expect((await after.find("p", lookup("i", ["e"]))).rows).toHaveLength(1)
    expect(await after.holder("p", "k")).toBe("h")
    expect(await after.outboxCounts("p")).toEqual({ pending: 1, delivered: 0, dead: 0 })
    expect(await after.commit("p", command("a"))).toMatchObject({ kind: "repeated" })
    expect(await after.commit("p", command("b"))).toMatchObject({ kind: "committed", number: 2 })
    await after.close()
  })

  for (const [what, sql] of [
    ["UPDATE", "UPDATE journal SET entry = 'forged'"],
    ["UPDATE OR REPLACE", "UPDATE OR REPLACE journal SET place = place + 1"],
    [
      "REPLACE of the place",
      "REPLACE INTO journal SELECT place, programme, 'forged', digest, entry, leaf, hash FROM journal",
    ],
    ["DELETE", "DELETE FROM journal"],
    [
      "REPLACE",
      "REPLACE INTO journal SELECT place, programme, command, digest, 'forged', leaf, hash FROM journal",
    ],
    [
      "REPLACE of the command",
      "REPLACE INTO journal SELECT place + 9, programme, command, digest, 'forged', leaf, hash FROM journal",
    ],
  ] as const) {
    it(`A2 refuses ${what} on the journal in the database itself, from any connection`, async () => {
      const file = newFile()
      const storage = await openSqliteStorage(file)
      await storage.commit("p", command("a"))
      await storage.close()
      const stranger = new DatabaseSync(file)
      expect(() => stranger.exec(sql)).toThrow(/journal rows are never/)
      expect(stranger.prepare("SELECT entry FROM journal").all()).toEqual([{ entry: command("a").entry }])
      stranger.close()
    })
  }
})

describe("a file that is not ours is refused and left as it was", () => {
  const refused = async (make: (file: string) => void, reason: StorageFailure["reason"]): Promise<void> => {
    const file = newFile()
    make(file)
    const before = readFileSync(file)
    const failure = await failureOf(() => openSqliteStorage(file))
    expect(failure).toMatchObject({ reason, outcome: "unchanged" })
    expect(failure.message).toContain(file)
    expect(readFileSync(file).equals(before)).toBe(true)
  }
  const database = (sql: string) => (file: string) => {
    const made = new DatabaseSync(file)
    made.exec(sql)
    made.close()
  }

  it("text", () => refused((file) => writeFileSync(file, "县".repeat(2_000)), "foreign-file"))
  it("a database with tables and no application id", () =>
    refused(database("CREATE TABLE t (a)"), "foreign-file"))
  it("a database of another application", () =>
    refused(database("PRAGMA application_id = 7; CREATE TABLE t (a)"), "foreign-file"))
  it("an empty database of another application", () =>
    refused(database("PRAGMA application_id = 7"), "foreign-file"))
  it("an empty database with a version of its own", () =>
    refused(database("PRAGMA user_version = 1"), "foreign-file"))
  it("a newer schema", () =>
    refused(database("PRAGMA application_id = 0x59534852; PRAGMA user_version = 99"), "newer-schema"))

  it("through a handle that the caller opened itself", async () => {
    const file = newFile()
    database("CREATE TABLE t (a)")(file)
    const before = readFileSync(file)
    const handle = new DatabaseSync(file)
    expect(await failureOf(() => sqliteStorage({ database: handle }))).toMatchObject({
      reason: "foreign-file",
    })
    handle.close()
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it("already when it is opened", async () => {
    const file = newFile()
    database("CREATE TABLE t (a)")(file)
    expect(await failureOf(() => openSqliteFile(file))).toMatchObject({ reason: "foreign-file" })
  })

  it("a folder", async () => {
    const failure = await failureOf(() => openSqliteStorage(folder))
    expect(failure).toMatchObject({ reason: "unavailable", outcome: "unchanged" })
    expect(failure.message).toContain(folder)
  })

  it("a damaged file of ours is corrupt, not foreign", async () => {
    const file = newFile()
    const storage = await openSqliteStorage(file)
    for (let at = 0; at < 50; at += 1) {
      await storage.commit("p", command(`c${at}`, { entry: "x".repeat(3_000) }))
    }
    await storage.close()
    const bytes = readFileSync(file)
    bytes.fill(0x5a, 4_096)
    writeFileSync(file, bytes)
    const failure = await failureOf(async () => (await openSqliteStorage(file)).head("p"))
    expect(failure).toMatchObject({ reason: "corrupt" })
  })
})

describe("while it is open", () => {
  it("a file that a newer release migrated meanwhile takes no more writes", async () => {
    const file = newFile()
    const storage = await openSqliteStorage(file)
    await storage.commit("p", command("a"))
    const newer = new DatabaseSync(file)
    newer.exec(`PRAGMA user_version = ${schemaVersion + 1}`)
    const failure = await failureOf(() => storage.commit("p", command("b")))
    expect(failure).toMatchObject({ reason: "newer-schema", outcome: "unchanged" })
    newer.exec(`PRAGMA user_version = ${schemaVersion}`)
    newer.close()
    expect(await storage.commit("p", command("b"))).toMatchObject({ kind: "committed", number: 2 })
    await storage.close()
  })

  it("a full disk fails the command that does not fit and no other; reads and later writes go on", async () => {
    const database = openSqliteFile(newFile())
    const storage = await sqliteStorage({ database })
    await storage.commit("p", command("a", { appends: [append("r/1", 0)] }))
    const pages = Number(database.prepare("PRAGMA page_count").get()?.page_count)
    database.exec(`PRAGMA max_page_count = ${pages + 30}`)
    const small = (id: string) => storage.commit("p", command(id, { tallies: [{ key: "t", by: 1 }] }))
    const large = storage.commit(
      "p",
      command("large", {
        entry: "x".repeat(1_000_000),
        claims: [take("k", "h")],
        tallies: [{ key: "t", by: 100 }],
      }),
    )
    const results = await Promise.allSettled([small("b"), large, small("c")])
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"])
    await expect(large).rejects.toMatchObject({
      _tag: "StorageFailure",
      reason: "full",
      outcome: "unchanged",
    })
    expect(await storage.holder("p", "k")).toBeUndefined()
    expect(await storage.tallies("p", { prefix: "", after: undefined, limit: 9 })).toEqual([
      { key: "t", value: 2 },
    ])
    database.exec("PRAGMA max_page_count = 1000000")
    expect(await storage.commit("p", command("large"))).toMatchObject({ kind: "committed", number: 4 })
    await storage.close()
    database.close()
  })

  it("a lock that is never given up ends as busy, unchanged, and the next write works", async () => {
    const file = newFile()
    const storage = await openSqliteStorage(file, {
      busyTimeoutMs: 5,
      limits: { busyTries: 3, busyPauseMs: 1 },
    })
    const other = new DatabaseSync(file)
    other.exec("BEGIN IMMEDIATE")
    const failures = await Promise.all(
      ["a", "b"].map((id) => failureOf(() => storage.commit("p", command(id)))),
    )
    for (const failure of failures) expect(failure).toMatchObject({ reason: "busy", outcome: "unchanged" })
    expect(await storage.head("p")).toMatchObject({ number: 0 })
    other.exec("ROLLBACK")
    other.close()
    expect(await storage.commit("p", command("a"))).toMatchObject({ kind: "committed", number: 1 })
    await storage.close()
  })

  it("a file for one process keeps everybody else out, and lets them in when it is closed", async () => {
    const file = newFile()
    const alone = { sharing: "one-process", busyTimeoutMs: 1, limits: { busyTries: 2 } } as const
    const first = await openSqliteStorage(file, alone)
    await first.commit("p", command("c1"))
    expect((await first.settings()).filter(({ ok }) => !ok)).toEqual([])
    const shared = { busyTimeoutMs: 1, limits: { busyTries: 2 } }
    for (const options of [shared, alone]) {
      expect(await failureOf(() => openSqliteStorage(file, options))).toMatchObject({ reason: "busy" })
    }
    await first.close()
    const second = await openSqliteStorage(file, shared)
    expect((await second.head("p")).number).toBe(1)
    await second.commit("p", command("c2"))
    expect(await failureOf(() => openSqliteStorage(file, alone))).toMatchObject({ reason: "busy" })
    await second.close()
    expect((await (await openSqliteStorage(file, alone)).head("p")).number).toBe(2)
  })

  it("two stores of one process on one file see each other's heads", async () => {
    const file = newFile()
    const stores: readonly Storage[] = [await openSqliteStorage(file), await openSqliteStorage(file)]
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, at) => stores[at % 2]?.commit("p", command(`c${at}`))),
    )
    expect(
      results.map((one) => one?.kind === "committed" && one.number).sort((a, b) => Number(a) - Number(b)),
    ).toEqual(Array.from({ length: 20 }, (_, at) => at + 1))
    for (const store of stores) await store.close()
  })

  it("A3 two stores that take turns continue one chain", async () => {
    const file = newFile()
    const stores: readonly Storage[] = [await openSqliteStorage(file), await openSqliteStorage(file)]
    for (let at = 0; at < 6; at += 1) {
      const result = await stores[at % 2]?.commit("p", command(`c${at}`))
      expect(result).toMatchObject({ kind: "committed", number: at + 1 })
    }
    for (const store of stores) await store.close()
  })

  it("a lease reads only rows it may take: the query plan is a range scan without a sort", async () => {
    const database = openSqliteFile(":memory:")
    await sqliteStorage({ database })
    const plan = (sql: string) =>
      database
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all()
        .map((row) => String(row.detail))
        .join("; ")
    expect(
      plan(
        `SELECT seq FROM outbox WHERE programme = 1 AND topic = 'n' AND ready_at <= 'x' AND ready_at IS NOT NULL
         ORDER BY ready_at, seq LIMIT 1`,
      ),
    ).toMatch(/^SEARCH outbox USING (COVERING )?INDEX outbox_ready [^;]*$/)
    expect(
      plan(
        `SELECT range, stream FROM entry WHERE programme = 1 AND name = 'i' AND equals = 'e'
         AND (range, stream) > ('a', 'b') AND range < 'c' ORDER BY range, stream LIMIT 1`,
      ),
    ).toMatch(
      /^SEARCH entry USING (COVERING )?PRIMARY KEY \(programme=\? AND name=\? AND equals=\? AND [^;]*$/,
    )
    database.close()
  })
})
