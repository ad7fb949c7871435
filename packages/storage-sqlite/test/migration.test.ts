import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { append, command, message, state } from "@yingshao/testkit/storage-cases/storage-case"
import { afterAll, beforeAll, expect, test } from "vitest"
import { migrate, schemaVersion } from "../src/schema.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "yingshao-migration-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

const instant = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, "0")}.000Z`

/** A file as the first schema wrote it: 70 records of one stream, and messages in every status. */
const firstSchema = (file: string): void => {
  const database = new DatabaseSync(file)
  migrate(database, 1)
  database.exec(`
    INSERT INTO programme (id, name, number, hash, delivered) VALUES (1, 'p', 70, '${"7".repeat(64)}', 1);
    INSERT INTO stream (id, programme, name, version, fold, entries, document)
      VALUES (1, 1, 'r/1', 70, 1, '[["i","e",""]]', 'the state'), (2, 1, 'r/2', 1, 1, '[]', 'another');
    INSERT INTO entry (programme, name, equals, range, stream, stream_id) VALUES (1, 'i', 'e', '', 'r/1', 1);
    INSERT INTO touch (stream, place) VALUES (2, ${2 ** 36 + 5});
  `)
  for (let number = 1; number <= 70; number += 1) {
    const place = 2 ** 36 + number
    database
      .prepare(
        "INSERT INTO journal (place, programme, command, digest, entry, leaf, hash) VALUES (?,1,?,?,?,?,?)",
      )
      .run(place, `c${number}`, "0".repeat(64), `entry ${number}`, "1".repeat(64), "2".repeat(64))
    database.prepare("INSERT INTO touch (stream, place) VALUES (1, ?)").run(place)
  }
  const row = database.prepare(
    `INSERT INTO outbox (programme, number, position, id, topic, ordering_key, not_before, body, status, attempts,
       note, leased_by, leased_until, settled_at, token, is_open, ready_at)
     VALUES (1, ?, 0, ?, 't', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const at = instant(1)
  row.run(1, "sent", "a", at, "body 1", "delivered", 1, "receipt", null, null, instant(2), 2, 0, null)
  row.run(2, "leased", "a", at, "body 2", "pending", 0, "", "w", instant(9), null, 1, 1, instant(9))
  row.run(3, "behind", "a", at, "body 3", "pending", 0, "", null, null, null, 0, 1, null)
  row.run(4, "blocking", "b", at, "body 4", "dead", 3, "why", null, null, instant(3), 3, 1, null)
  row.run(5, "given-up", "c", at, "body 5", "dead", 3, "why", null, null, instant(3), 3, 0, null)
  database.close()
}

const firstFile = (name: string): string => {
  const file = join(folder, name)
  firstSchema(file)
  return file
}

test("a file of the first schema keeps its history, documents and outbox", async () => {
  const storage = await openSqliteStorage(firstFile("keeps.db"))
  const settings = await storage.settings()
  expect(settings).toContainEqual(
    expect.objectContaining({ name: "user_version", value: `${schemaVersion}` }),
  )

  const pages: number[][] = []
  for (let after = 0; ; ) {
    const page = await storage.history("p", "r/1", { after, limit: 25 })
    pages.push(page.map(({ number }) => number))
    if (page.length < 25) break
    after = page.at(-1)?.number ?? 0
    expect(page.at(-1)?.entry).toBe(`entry ${after}`)
  }
  expect(pages.flat()).toEqual(Array.from({ length: 70 }, (_, at) => at + 1))
  expect((await storage.history("p", "r/2", { after: 0, limit: 9 })).map(({ number }) => number)).toEqual([5])
  expect(await storage.load("p", ["r/1"])).toEqual([
    { stream: "r/1", version: 70, foldVersion: 1, document: "the state" },
  ])

  expect(await storage.outboxCounts("p")).toEqual({ pending: 2, delivered: 1, dead: 2 })
  const shown = async (status: "pending" | "delivered" | "dead") =>
    (await storage.outbox("p", { status, after: undefined, limit: 9 })).map(
      ({ id, body, attempts, note, leasedUntil, settledAt }) => [
        id,
        body,
        attempts,
        note,
        leasedUntil,
        settledAt,
      ],
    )
  expect(await shown("delivered")).toEqual([["sent", "body 1", 1, "receipt", undefined, instant(2)]])
  expect(await shown("pending")).toEqual([
    ["leased", "body 2", 0, "", instant(9), undefined],
    ["behind", "body 3", 0, "", undefined, undefined],
  ])
  expect(await shown("dead")).toEqual([
    ["blocking", "body 4", 3, "why", undefined, instant(3)],
    ["given-up", "body 5", 3, "why", undefined, instant(3)],
  ])
  await storage.close()
})

test("O3 O7 and work goes on in it: leases, order of delivery, new commands", async () => {
  const storage = await openSqliteStorage(firstFile("goes-on.db"))
  const lease = (now: string) =>
    storage.lease("p", { topic: "t", worker: "x", now, leaseUntil: instant(50), limit: 9 })
  expect(await storage.commit("p", command("c1"))).toMatchObject({ kind: "mismatch" })
  expect(await storage.commit("p", command("m", { outbox: [message("sent", "z")] }))).toMatchObject({
    kind: "duplicate-message",
  })
  expect(await lease(instant(5))).toEqual([])
  const done = (token: number) =>
    ({ id: "leased", token, kind: "delivered", at: instant(6), receipt: "r" }) as const
  expect(await storage.settle("p", [done(0), done(1)])).toEqual(["fenced", "settled"])
  expect((await lease(instant(7))).map(({ id }) => id)).toEqual(["behind"])
  expect(await storage.redrive("p", "blocking", instant(8))).toBe(true)
  expect((await lease(instant(9))).map(({ id, attempts }) => [id, attempts])).toEqual([["blocking", 0]])

  const added = command("c71", { appends: [append("r/1", 70, state("new"))] })
  expect(await storage.commit("p", added)).toMatchObject({ kind: "committed", number: 71 })
  const tail = await storage.history("p", "r/1", { after: 69, limit: 9 })
  expect(tail.map(({ number }) => number)).toEqual([70, 71])
  await storage.close()
})
