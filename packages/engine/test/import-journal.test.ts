import { DatabaseSync } from "node:sqlite"
import { notifyFailure } from "@yingshao/ports/notifier"
import type { Storage } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import { sqliteStorage } from "@yingshao/storage-sqlite"
import { replaced } from "@yingshao/testkit/storage-injection"
import { beforeAll, describe, expect, test } from "vitest"
import { checkWorld } from "../src/check-world.ts"
import { type ImportOptions, importJournal } from "../src/import-journal.ts"
import { heldNote } from "../src/import-outbox.ts"
import { catchNotices, inProcessIdentity } from "../src/in-process.ts"
import { verifyExport } from "../src/verify-export.ts"
import { openCounty, readyToApprove, staffCounty } from "./county.ts"
import { bytesOf, exported, type Line, linesOf, rehashed, textOf } from "./export-lines.ts"
import { readBooks } from "./independent-reader.ts"
import { as, open, openSmall, programme, type SmallWorld, testClock } from "./open-small.ts"
import { smallCatalogue } from "./small-world.ts"

const stores: readonly (readonly [string, () => Promise<Storage>])[] = [
  ["memory", async () => memoryStorage()],
  ["SQLite", () => sqliteStorage({ database: new DatabaseSync(":memory:") })],
]

let source: Storage
let world: SmallWorld
let text: string

const later = "2026-04-01T00:00:00.000Z"

/** Settles what a relay would, each row by what `how` says of its place. */
const deliver = async (
  storage: Storage,
  topic: string,
  how: (turn: number) => "delivered" | "dead" | "retry",
) => {
  for (let turn = 0; turn < 12; turn += 1) {
    const leaseUntil = "2026-04-01T00:01:00.000Z"
    const [row] = await storage.lease(programme, { topic, worker: "w", now: later, leaseUntil, limit: 1 })
    if (row === undefined) return
    const { id, token } = row
    const kind = how(turn)
    await storage.settle(programme, [
      kind === "delivered"
        ? { kind, id, token, at: later, receipt: `receipt ${turn}` }
        : kind === "dead"
          ? { kind, id, token, at: later, blocking: topic === "dispatch", note: "no such number" }
          : { kind, id, token, notBefore: "2026-04-02T00:00:00.000Z", counted: true, note: "busy" },
    ])
  }
}

beforeAll(async () => {
  source = memoryStorage()
  world = await openSmall(source)
  for (let at = 1; at <= 230; at += 1) {
    await world.handle({ type: "Pay", id: `p-${at}`, by: as("ann"), account: `a-${at % 7}`, amountFen: at })
  }
  await world.handle({ type: "Grant", id: "g-1", by: as("bob"), report: "r-1", account: "a-1" })
  await world.handle({ type: "Raise", id: "t-1", by: as("ann"), inMinutes: 5, urgent: true })
  await world.handle({ type: "Raise", id: "t-2", by: as("ann"), inMinutes: 5 })
  await world.handle({ type: "Spend", id: "s-1", by: as("ann"), account: "a-9", amountFen: 5, key: "k" })
  await deliver(source, "dispatch", (turn) => (turn === 0 ? "dead" : "delivered"))
  await deliver(
    source,
    "notify",
    (turn) => (["delivered", "dead", "retry", "delivered"] as const)[turn % 4] ?? "retry",
  )
  // A row that goes back in its place stands before rows that were delivered.
  const [dead] = await source.outbox(programme, {
    status: "dead",
    after: { number: 2, position: 0 },
    limit: 1,
  })
  if (dead?.topic === "notify") await source.redrive(programme, dead.id, later)
  text = await exported(world.world)
})

const into = (storage: Storage, file = text, more: Partial<ImportOptions> = {}) =>
  importJournal({ storage, catalogue: smallCatalogue, open: bytesOf(file, 50_000), ...more })

/** All that two equal worlds have in common. Attempts are not told, and what waited is held. */
const shown = async (storage: Storage, name = programme) => {
  const all = { after: 0, limit: 1_000 } as const
  const rows = async (status: "pending" | "delivered" | "dead") =>
    (await storage.outbox(name, { status, after: undefined, limit: 1_000 })).map(
      ({ attempts: _, note, leasedUntil: __, ...row }) => ({
        ...row,
        note: status === "pending" ? "" : note,
      }),
    )
  const streams = await storage.streams(name, { prefix: "", after: undefined, limit: 1_000 })
  return {
    head: await storage.head(name),
    journal: await storage.journal(name, all),
    streams: streams.map(({ document, ...row }) => ({ ...row, state: JSON.parse(document) as unknown })),
    balance: await storage
      .find(name, { index: "balance", equals: ["free", "frozen"], order: "ascending", limit: 100 })
      .then(({ rows: found }) => found.map(({ stream, equals, range }) => ({ stream, equals, range }))),
    tallies: await storage.tallies(name, { prefix: "", after: undefined, limit: 1_000 }),
    holder: await storage.holder(name, "grant/r-1/fen"),
    pending: await rows("pending"),
    delivered: await rows("delivered"),
    dead: await rows("dead"),
    counts: await storage.outboxCounts(name),
  }
}

describe.each(stores)("an import into %s", (_, fresh) => {
  test("S10 A3 O5 taken over it is an equal world: hashes, states, indexes, counters, claims, outbox", async () => {
    const target = await fresh()
    const report = await into(target, text, { takeOver: true })
    expect(report).toEqual({ programme, head: await source.head(programme), imported: 235, held: 0 })
    expect(await shown(target)).toEqual(await shown(source))
    expect(await checkWorld(target, programme, { catalogue: smallCatalogue })).toMatchObject({ findings: [] })
    expect((await exported({ storage: target, programme })) === text).toBe(true)
    // And it goes on as the source does.
    const [here, there] = [await openSmall(target), await openSmall(source)]
    const repeat = { type: "Pay", id: "p-7", by: as("ann"), account: "a-0", amountFen: 7 } as const
    expect(await here.handle(repeat)).toEqual(await there.handle(repeat))
    await target.close()
  })

  test("O1 O2 what waited is held until it is taken over: nothing is sent twice, nothing is lost", async () => {
    const target = await fresh()
    const { held } = await into(target)
    const waiting = (await source.outboxCounts(programme)).pending
    const behindDispatch = (await target.outboxCounts(programme)).pending
    expect(held + behindDispatch).toBe(waiting)
    for (const topic of ["notify", "dispatch"]) {
      const now = "9998-01-01T00:00:00.000Z"
      const leaseUntil = "9998-01-01T00:00:01.000Z"
      expect(await target.lease(programme, { topic, worker: "w", now, leaseUntil, limit: 1_000 })).toEqual([])
    }
    const dead = await target.outbox(programme, { status: "dead", after: undefined, limit: 1_000 })
    expect(dead.filter(({ note }) => note === heldNote)).toHaveLength(held)
    // Later, once the source sends nothing any more.
    expect(await into(target, text, { takeOver: true })).toMatchObject({ imported: 0, held: 0 })
    expect(await shown(target)).toEqual(await shown(source))
    await target.close()
  })

  test("A3 O2 killed anywhere it cannot be opened, and the next run ends as if nothing had happened", async () => {
    const target = await fresh()
    const calls = ["commit", "settle", "lease", "redrive"] as const
    let left = Number.POSITIVE_INFINITY
    let settles = false
    const dying = replaced(target, (inner) =>
      Object.fromEntries(
        calls.map((name) => [
          name,
          async (...args: readonly unknown[]) => {
            left -= 1
            if (left < 0 || (name === "settle" && !settles)) throw new Error("killed")
            return (inner[name] as (...given: readonly unknown[]) => Promise<unknown>)(...args)
          },
        ]),
      ),
    )
    // Between a lease and what it was for, twice: the rows are leased until a time that no clock comes to.
    await expect(into(dying)).rejects.toThrow("killed")
    await expect(into(dying)).rejects.toThrow("killed")
    settles = true
    let killed = 0
    for (let most = 1; ; most = Math.ceil(most * 1.9)) {
      left = most
      const done = await into(dying, text, { takeOver: true }).then(
        () => true,
        (error: Error) => {
          if (error.message !== "killed") throw error
          return false
        },
      )
      if (done) break
      killed += 1
      const number = (await target.head(programme)).number
      if (number > 0 && number < 235) {
        await expect(openCounty(target, testClock())).rejects.toMatchObject({
          _tag: "CannotOpen",
          why: expect.stringContaining("is not finished"),
        })
      }
    }
    expect(killed).toBeGreaterThan(6)
    expect(await shown(target)).toEqual(await shown(source))
    await target.close()
  })
})

describe("what is not imported", () => {
  const lines = () => linesOf(text)
  const refused = async (file: string, storage = memoryStorage()) => {
    const failure = await into(storage, file).then(
      () => undefined,
      (error: unknown) => error,
    )
    return { failure, head: (await storage.head(programme)).number }
  }

  test("A4 a damaged file changes nothing, and the line is named", async () => {
    const damaged = text.replace('\\"amountFen\\":200', '\\"amountFen\\":201')
    const { failure, head } = await refused(damaged)
    expect(failure).toMatchObject({ _tag: "ExportFault", number: 201, invariant: "A3" })
    expect(head).toBe(0)
    expect((await refused(text.slice(0, text.length / 2))).head).toBe(0)
  })

  test("S11 an event that this release does not know changes nothing", async () => {
    const unknown = rehashed(
      lines().map((line) =>
        line.number === 9 && line.kind === "record"
          ? { ...line, entry: String(line.entry).replace('"type":"Paid"', '"type":"Poid"') }
          : line,
      ),
    )
    const { failure, head } = await refused(textOf(unknown))
    expect(failure).toMatchObject({ _tag: "ExportFault", number: 9, invariant: "S11" })
    expect((failure as { line: number }).line).toBe(
      lines().findIndex(({ number, kind }) => number === 9 && kind === "record") + 1,
    )
    expect(head).toBe(0)
  })

  test("S10 L7 O6 a file that was made up with right hashes is refused at its record, and what is there cannot be opened", async () => {
    const all = lines()
    const changed = (number: number, change: (entry: string) => string) =>
      textOf(
        rehashed(
          all.map((line) =>
            line.number === number && line.kind === "record"
              ? { ...line, entry: change(String(line.entry)) }
              : line,
          ),
        ),
      )
    const conflict = await refused(changed(210, (entry) => entry.replace(/"version":\d+/, '"version":7')))
    expect(conflict.failure).toMatchObject({ _tag: "ExportFault", number: 210 })
    const storage = memoryStorage()
    const released = changed(232, (entry) => entry.replace('"kind":"take"', '"kind":"release"'))
    expect((await refused(released, storage)).failure).toMatchObject({ number: 232, invariant: "L7" })
    await expect(openCounty(storage, testClock())).rejects.toMatchObject({ _tag: "CannotOpen" })
    expect((await refused(text, storage)).failure).toMatchObject({
      _tag: "CannotImport",
      why: "another-import",
    })
  })

  test("O3 a delivery behind a dispatch that was given up is refused", async () => {
    const dispatches = lines().filter(({ kind, topic }) => kind === "message" && topic === "dispatch")
    const [given] = dispatches.filter(({ status }) => status === "dead")
    const made = lines().flatMap((line): Line[] =>
      line.id !== dispatches.at(-1)?.id
        ? [line]
        : [{ ...line, orderingKey: given?.orderingKey, status: "delivered", settledAt: later }],
    )
    expect((await refused(textOf(made))).failure).toMatchObject({ _tag: "ExportFault", invariant: "O3" })
  })

  test("a programme that is there already, unless it is the same", async () => {
    const other = memoryStorage()
    await open(await openSmall(other, { opened: false }))
    expect((await refused(text, other)).failure).toMatchObject({ _tag: "CannotImport", why: "not-empty" })
    expect(await into(source, text)).toMatchObject({ imported: 0 })
  })

  test("a segment of an archive is no whole export", async () => {
    const segment = await exported(world.world, { upTo: 100, outbox: false })
    expect((await refused(segment)).failure).toMatchObject({ _tag: "ExportFault", line: 1 })
  })
})

test("L24 an independent reader takes the books from the export's own lines", async () => {
  const books = readBooks(text.split("\n").filter((line) => line.includes('"kind":"record"')))
  expect(books.faults).toEqual([])
})

test("O10 P12 an export holds handles, and no name, phone or payee of anybody", async () => {
  const canaries = { name: "金丝雀甲乙丙", phone: "13912345678", payee: "6222020200099887766" }
  const identity = inProcessIdentity(() => {})
  const storage = memoryStorage()
  const app = catchNotices("app", () => {
    throw notifyFailure("unreachable", `cannot reach ${canaries.phone}`)
  })
  const county = await openCounty(storage, testClock(), {
    identity,
    notifiers: [app, catchNotices("sms")],
    recipients: async () => [
      { person: "ann", addresses: ["app", "sms"].map((channel) => ({ channel, address: canaries.phone })) },
    ],
  })
  await identity.put(programme, "ann", canaries)
  await staffCounty(county, ["ann"])
  await readyToApprove(county, "one", "ann")
  await county.relay.drain()
  const file = await exported({ storage, programme })
  await county.close()
  expect(await verifyExport(bytesOf(file)())).toMatchObject({ header: { programme } })
  expect(file).toContain('"status":"delivered"')
  expect(file).toContain("ann")
  for (const canary of Object.values(canaries)) expect(file).not.toContain(canary)
})
