import { breachesOf, type Checked } from "@yingshao/core/kernel/check"
import type { Rule } from "@yingshao/core/kernel/rule"
import { chainHash } from "@yingshao/ports/journal-chain"
import type { JournalRecord, Storage } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import { replaced } from "@yingshao/testkit/storage-injection"
import { beforeEach, describe, expect, test } from "vitest"
import { makeIndexSums } from "../src/check-indexes.ts"
import { checkWorld, type WorldReport } from "../src/check-world.ts"
import { leafOf } from "../src/entry.ts"
import { postingFault } from "../src/postings.ts"
import { as, openSmall, programme, type SmallWorld } from "./open-small.ts"
import { type AccountState, account, smallCatalogue } from "./small-world.ts"

let storage: Storage
let world: SmallWorld

beforeEach(async () => {
  storage = memoryStorage()
  world = await openSmall(storage)
  for (let at = 1; at <= 5; at += 1) {
    await world.handle({ type: "Pay", id: `p-${at}`, by: as("ann"), account: `a-${at % 2}`, amountFen: at })
  }
  await world.handle({ type: "Grant", id: "g-1", by: as("ann"), report: "r-1", account: "a-1" })
  await world.handle({ type: "Raise", id: "t-1", by: as("ann"), inMinutes: 5, urgent: true })
  await world.handle({ type: "Spend", id: "s-1", by: as("ann"), account: "a-9", amountFen: 5, key: "k" })
})

const check = (store: Storage = storage): Promise<WorldReport> =>
  checkWorld(store, programme, { catalogue: smallCatalogue })

const broken = async (change: (inner: Storage) => Partial<Storage>) =>
  (await check(replaced(storage, change))).findings.map(({ invariant, where }) => `${invariant} ${where}`)

/** Changes journal records on their way out. */
const journalLies = (lie: (records: readonly JournalRecord[]) => readonly JournalRecord[]) =>
  broken((inner) => ({
    journal: async (name, page) => lie(await inner.journal(name, page)),
    history: async (name, stream, page) => {
      const kept = new Map(
        lie(await inner.journal(name, { after: 0, limit: 100 })).map((one) => [one.number, one]),
      )
      return (await inner.history(name, stream, page)).flatMap(({ number }) => kept.get(number) ?? [])
    },
  }))

/** Rewrites one entry and everything that is hashed over it, as a forger with the algorithm would. */
const forge = (number: number, change: (entry: string) => string) => (records: readonly JournalRecord[]) => {
  let previous = ""
  return records.map((record) => {
    if (record.number < number) {
      previous = record.hash
      return record
    }
    const entry = record.number === number ? change(record.entry) : record.entry
    const leaf = leafOf(entry)
    previous = chainHash(record.number, previous, leaf)
    return { ...record, entry, leaf, hash: previous }
  })
}

describe("checkWorld", () => {
  test("finds nothing in a sound world, and says what it looked at", async () => {
    expect(await check()).toEqual({
      ok: true,
      findings: [],
      counted: {
        records: 9,
        accepted: 8,
        refused: 1,
        events: 10,
        streams: 4,
        indexEntries: 3,
        tallies: 1,
        claims: 1,
        messages: 8,
        olderFolds: 0,
      },
    })
  })

  test("finds nothing in an empty world", async () => {
    expect(await check(memoryStorage())).toMatchObject({ ok: true, counted: { records: 0 } })
  })

  test("finds nothing while messages are delivered, and writes nothing", async () => {
    const writes: string[] = []
    const store = replaced(storage, (inner) => ({
      restate: async () => {
        writes.push("restate")
        return 0
      },
      async journal(name, page) {
        const now = "2026-04-01T00:00:00.000Z"
        const leaseUntil = "2026-04-01T00:01:00.000Z"
        const [row] = await inner.lease(name, { topic: "notify", worker: "w", now, leaseUntil, limit: 1 })
        if (row !== undefined) {
          await inner.settle(name, [
            { kind: "delivered", id: row.id, token: row.token, at: now, receipt: "" },
          ])
        }
        return inner.journal(name, { ...page, limit: 2 })
      },
    }))
    expect(await check(store)).toMatchObject({ ok: true })
    expect(writes).toEqual([])
  })

  test("finds nothing while commands go on", async () => {
    let turn = 0
    const busy = async <A>(answer: Promise<A>): Promise<A> => {
      turn += 1
      if (turn % 5 === 0 && turn < 120) {
        await world.handle({ type: "Pay", id: `b-${turn}`, by: as("ann"), account: "a-0", amountFen: 1 })
        await world.handle({ type: "Raise", id: `r-${turn}`, by: as("ann"), inMinutes: 5 })
      }
      return answer
    }
    const store = Object.fromEntries(
      Object.entries(storage).map(([name, value]) => [
        name,
        typeof value === "function"
          ? (...args: readonly never[]) =>
              busy((value as (...given: readonly never[]) => Promise<unknown>)(...args))
          : value,
      ]),
    ) as unknown as Storage
    expect((await check(store)).findings).toEqual([])
    expect(turn).toBeGreaterThan(120)
  })

  test("finds nothing when a stream moves on between its document and its index", async () => {
    let moves = 0
    const store = replaced(storage, (inner) => ({
      async find(name, query) {
        if (query.index === "balance" && moves < 2) {
          moves += 1
          await world.handle({ type: "Pay", id: `m-${moves}`, by: as("ann"), account: "a-0", amountFen: 1 })
        }
        return inner.find(name, query)
      },
    }))
    expect((await check(store)).findings).toEqual([])
    expect(moves).toBe(2)
  })

  test("A3: an edited entry", async () => {
    const edited = (records: readonly JournalRecord[]) =>
      records.map((one) =>
        one.number === 4 ? { ...one, entry: one.entry.replace('"amountFen":3', '"amountFen":4') } : one,
      )
    expect((await journalLies(edited))[0]).toBe("A3 journal 4")
  })

  test.each([
    ["deleted", (records: readonly JournalRecord[]) => records.filter(({ number }) => number !== 4)],
    [
      "swapped",
      (records: readonly JournalRecord[]) =>
        records.map((one, at) => (at === 3 ? records[4] : at === 4 ? records[3] : one) as JournalRecord),
    ],
    [
      "duplicated",
      (records: readonly JournalRecord[]) =>
        records.flatMap((one) => (one.number === 4 ? [one, one] : [one])),
    ],
  ])("A3: a record %s", async (_, lie) => {
    const found = await journalLies(lie)
    expect(found.some((one) => one.startsWith("A3 journal"))).toBe(true)
  })

  test("A3: a hash in the middle that was edited", async () => {
    const edited = (records: readonly JournalRecord[]) =>
      records.map((one) => (one.number === 4 ? { ...one, hash: "0".repeat(64) } : one))
    expect((await journalLies(edited))[0]).toBe("A3 journal 4")
  })

  test("A3: a tail cut off below the head", async () => {
    expect(await journalLies((records) => records.filter(({ number }) => number < 8))).toContain(
      "A3 journal 8",
    )
  })

  test("A3: a suffix that was stamped anew differs from the head", async () => {
    expect(await journalLies(forge(4, (entry) => entry.replace('"amountFen":3', '"amountFen":4')))).toContain(
      "A3 journal 9",
    )
  })

  test("S10: a forged event, chain and all, does not fit the stored state, the counters and the digest", async () => {
    const found = await journalLies(forge(4, (entry) => entry.replaceAll('"amountFen":3', '"amountFen":4')))
    expect(found).toContain("I2 journal 4")
    expect(found).toContain("S10 account/a-1")
    expect(found).toContain("F9 tally accounts/paid")
  })

  test("S11: an entry of an unknown version, and an event that no schema knows", async () => {
    expect(await journalLies(forge(4, (entry) => entry.replace('"v":1}', '"v":9}')))).toContain(
      "S11 journal 4",
    )
    expect(await journalLies(forge(4, (entry) => entry.replace('"type":"Paid"', '"type":"Pied"')))).toContain(
      "S11 journal 4",
    )
  })

  test("I1: a command id that leads elsewhere", async () => {
    const found = await broken((inner) => ({
      command: async (name, id) =>
        id === "ann:p-2" ? inner.command(name, "ann:p-3") : inner.command(name, id),
    }))
    expect(found).toEqual(["I1 journal 3"])
  })

  test("I3: a record under another actor's id", async () => {
    const found = await journalLies((records) =>
      records.map((one) => (one.number === 3 ? { ...one, commandId: "bob:p-2" } : one)),
    )
    expect(found).toContain("I3 journal 3")
  })

  test("I6: a refusal with effects", async () => {
    const found = await journalLies(
      forge(3, (entry) =>
        entry.replace('"outcome":"accepted"', '"outcome":"refused","refusal":{"code":"no","detail":{}}'),
      ),
    )
    expect(found).toContain("I6 journal 3")
  })

  test("S10: a document that is not the fold of its events", async () => {
    const change = (document: string) => document.replace('"balanceFen":6', '"balanceFen":7')
    const found = await broken((inner) => ({
      streams: async (name, page) =>
        (await inner.streams(name, page)).map((row) => ({ ...row, document: change(row.document) })),
    }))
    expect(found).toEqual(["S10 account/a-0"])
  })

  test("S10: a stream at another version, and one that is missing", async () => {
    const restamped = await broken((inner) => ({
      streams: async (name, page) =>
        (await inner.streams(name, page)).map((row) =>
          row.stream === "account/a-0" ? { ...row, version: 3 } : row,
        ),
    }))
    expect(restamped).toContain("S10 account/a-0")
    const missing = await broken((inner) => ({
      streams: async (name, page) =>
        (await inner.streams(name, page)).filter(({ stream }) => stream !== "account/a-0"),
    }))
    // Its index entry belongs to no stream then.
    expect(missing).toEqual(["S10 balance", "S10 account"])
  })

  test("S10: an index entry that is missing, and one that was left behind", async () => {
    const lost = await broken((inner) => ({
      find: async (name, query) => {
        const page = await inner.find(name, query)
        return { ...page, rows: page.rows.filter(({ stream }) => stream !== "account/a-0") }
      },
    }))
    expect(lost).toEqual(["S10 account/a-0"])
    const left = await broken((inner) => ({
      find: async (name, query) => {
        const page = await inner.find(name, query)
        const old = "000000000002/a-0"
        const inRange = (query.from ?? "") <= old && old < (query.below ?? "~")
        if (query.index !== "balance" || !inRange) return page
        const [row] = await inner.streams(name, { prefix: "account/a-0", after: undefined, limit: 1 })
        return {
          ...page,
          rows: [{ ...(row as NonNullable<typeof row>), equals: "free", range: old }, ...page.rows],
        }
      },
    }))
    expect(left).toEqual(["S10 account/a-0"])
  })

  test("S10: entries under more equality keys than are added up are looked up one by one", async () => {
    const sums = makeIndexSums(1)
    const under = (equals: string) => ({ index: "balance", equals, range: "1" })
    expect([under("a"), under("b"), under("a")].map(sums.covers)).toEqual([true, false, true])
    sums.add("account/ghost", under("a"))
    const wrong = await sums.differing({ storage, programme, catalogue: smallCatalogue })
    expect([wrong.indexes, wrong.has(under("a")), wrong.has(under("b"))]).toEqual([["balance"], true, false])
  })

  test("S11: events of a kind whose schema changes them are parsed wherever they are folded", async () => {
    const event = account.event.transform((one) => (one.type === "Paid" ? { ...one, amountFen: 1 } : one))
    const changing = {
      ...smallCatalogue,
      streams: { ...smallCatalogue.streams, account: { ...account, event } },
    }
    const { findings } = await checkWorld(storage, programme, { catalogue: changing as never })
    expect(findings.map(({ invariant, where }) => `${invariant} ${where}`)).toContain("S10 account/a-1")
  })

  test("S11: a stream of no known kind", async () => {
    const found = await broken((inner) => ({
      streams: async (name, page) =>
        (await inner.streams(name, page)).map((row, at) => (at === 0 ? { ...row, stream: "alien/1" } : row)),
    }))
    expect(found).toContain("S11 alien/1")
  })

  test("F9: a counter that does not add up", async () => {
    const found = await broken((inner) => ({
      tallies: async (name, page) =>
        (await inner.tallies(name, page)).map(({ key, value }) => ({ key, value: value + 1 })),
    }))
    expect(found).toEqual(["F9 tally accounts/paid"])
  })

  test("L7: a claim that somebody else holds, or nobody", async () => {
    for (const held of ["account/a-2", undefined]) {
      expect(await broken(() => ({ holder: async () => held }))).toEqual(["L7 claim grant/r-1/fen"])
    }
  })

  test("O5: a row that vanished, and one that belongs to nothing", async () => {
    const vanished = await broken((inner) => ({
      outbox: async (name, page) => (await inner.outbox(name, page)).filter(({ number }) => number !== 3),
      outboxCounts: async (name) => ({ ...(await inner.outboxCounts(name)), pending: 7 }),
    }))
    expect(vanished).toEqual(["O5 journal 3", "O5 outbox"])
    const extra = await broken((inner) => ({
      outboxCounts: async (name) => ({ ...(await inner.outboxCounts(name)), dead: 1 }),
    }))
    expect(extra).toEqual(["O5 outbox"])
  })

  test("O5: rows may be pending, delivered or dead", async () => {
    const now = "2026-04-01T00:00:00.000Z"
    const leaseUntil = "2026-04-01T00:01:00.000Z"
    const rows = await storage.lease(programme, { topic: "notify", worker: "w", now, leaseUntil, limit: 3 })
    await storage.settle(
      programme,
      rows.map(({ id, token }, at) =>
        at === 0
          ? { kind: "dead", id, token, at: now, blocking: false, note: "" }
          : { kind: "delivered", id, token, at: now, receipt: "" },
      ),
    )
    expect(await check()).toMatchObject({ ok: true, counted: { messages: 8 } })
  })

  test("a check of one kind gets every state of it, may read others, and names what is broken and what is claimed", async () => {
    const seen: string[] = []
    function* rich(state: unknown, id: string): Rule<Checked> {
      seen.push(id)
      expect(yield { ask: "state", kind: "account", id: "nobody" } as never).toEqual(account.initial)
      const holds = (state as AccountState).balanceFen < 1_000
      return {
        breaches: breachesOf(["L4", holds, "富", "rich"]),
        claims: [{ key: "grant/r-1/fen", holder: holds ? "account/a-1" : "account/a-2" }],
      }
    }
    const catalogue = { ...smallCatalogue, checks: { account: rich } }
    const { findings } = await checkWorld(storage, programme, { catalogue })
    expect(new Set(seen)).toEqual(new Set(["a-0", "a-1"]))
    expect(findings).toEqual([
      { invariant: "L4", where: "account/a-1", en: "rich", zh: "富" },
      expect.objectContaining({ invariant: "L7", where: "claim grant/r-1/fen" }),
    ])
  })

  test("stops after enough findings", async () => {
    const report = await checkWorld(
      replaced(storage, () => ({ command: async () => undefined })),
      programme,
      { catalogue: smallCatalogue, maxFindings: 3 },
    )
    expect(report.findings).toHaveLength(3)
  })

  test("L2: a posting that does not balance, or mixes what it must not", () => {
    const posting = (...amounts: readonly number[]) => ({
      type: "Posted",
      posting: { unit: "fen", entries: amounts.map((amount, at) => ({ account: `x-${at}`, amount })) },
    })
    expect(postingFault(posting(5, -5))).toBeUndefined()
    expect(postingFault({ type: "Other" })).toBeUndefined()
    expect(postingFault(posting(5, -4))?.en).toContain("1")
    expect(postingFault(posting(0.5, -0.5))).toBeDefined()
  })
})
