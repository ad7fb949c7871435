/** Cases of the storage contract about commits at the same time: races, twins, shared values, all or nothing. */
import assert from "node:assert/strict"
import {
  append,
  command,
  committed,
  entry,
  everything,
  full,
  kinds,
  lookup,
  message,
  type StorageCase,
  sha256,
  state,
  storageCase,
  take,
} from "./storage-case.ts"

export const raceCases: readonly StorageCase[] = [
  storageCase(
    "race/order",
    "A3 commits that one caller hands over without waiting are worked in the order given",
    async ({ storage, programme }) => {
      const results = await Promise.all(
        Array.from({ length: 60 }, (_, at) =>
          storage.commit(programme, command(`c${at}`, { appends: [append("n/1", at)] })),
        ),
      )
      assert.deepEqual(
        results.map((result) => (result.kind === "committed" ? result.number : result.kind)),
        Array.from({ length: 60 }, (_, at) => at + 1),
      )
    },
  ),
  storageCase("race/create", "L14 L15 of many who create one stream at once one wins", async (world) => {
    const rivals = Array.from({ length: 24 }, (_, at) =>
      world.storage.commit(
        world.programme,
        command(`c${at}`, { appends: [append("i/1", 0, state(`by ${at}`))] }),
      ),
    )
    const results = await Promise.all(rivals)
    assert.equal(results.filter(({ kind }) => kind === "committed").length, 1)
    assert.equal(results.filter(({ kind }) => kind === "conflict").length, 23)
    assert.equal((await world.storage.head(world.programme)).number, 1)
  }),
  storageCase("race/claim", "L14 L15 of many who claim one key at once one wins", async (world) => {
    const rivals = Array.from({ length: 24 }, (_, at) =>
      world.storage.commit(
        world.programme,
        command(`c${at}`, { appends: [append(`r/${at}`, 0)], claims: [take("first-holder/i-1", `r-${at}`)] }),
      ),
    )
    const results = await Promise.all(rivals)
    const winner = results.findIndex(({ kind }) => kind === "committed")
    assert.equal(results.filter(({ kind }) => kind === "committed").length, 1)
    assert.equal(results.filter(({ kind }) => kind === "claimed").length, 23)
    assert.equal(await world.storage.holder(world.programme, "first-holder/i-1"), `r-${winner}`)
    const streams = await world.storage.streams(world.programme, {
      prefix: "r/",
      after: undefined,
      limit: 100,
    })
    assert.deepEqual(
      streams.map(({ stream }) => stream),
      [`r/${winner}`],
    )
  }),
  storageCase("race/twins", "I4 concurrent twins have one effect", async (world) => {
    const commit = full("a")
    const results = await Promise.all(
      Array.from({ length: 8 }, () => world.storage.commit(world.programme, commit)),
    )
    assert.deepEqual(kinds(results), ["committed", ...Array<string>(7).fill("repeated")])
    assert.equal((await world.storage.head(world.programme)).number, 1)
    assert.deepEqual(
      await world.storage.tallies(world.programme, { prefix: "", after: undefined, limit: 9 }),
      [{ key: "t", value: 2 }],
    )
  }),
  storageCase(
    "race/mixed-twins",
    "I2 I4 concurrent ids with two payloads: one effect, the others typed",
    async (world) => {
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, at) =>
          world.storage.commit(world.programme, command("a", { payloadDigest: sha256(`payload ${at % 2}`) })),
        ),
      )
      assert.equal(results.filter(({ kind }) => kind === "committed").length, 1)
      assert.equal(results.filter(({ kind }) => kind === "repeated").length, 3)
      assert.equal(results.filter(({ kind }) => kind === "mismatch").length, 4)
    },
  ),
  storageCase("race/increments", "S9 no update is lost under concurrency", async (world) => {
    const { storage, programme } = world
    const add = async (worker: number): Promise<void> => {
      for (let done = 0, attempt = 0; done < 5; attempt += 1) {
        const [stands] = await storage.load(programme, ["n/1"])
        const version = stands?.version ?? 0
        const next = state(String(Number(stands?.document ?? "0") + 1))
        const id = `w${worker}-${attempt}`
        const result = await storage.commit(
          programme,
          command(id, { appends: [append("n/1", version, next)] }),
        )
        if (result.kind === "committed") done += 1
        else assert.equal(result.kind, "conflict")
      }
    }
    await Promise.all([0, 1, 2, 3].map(add))
    assert.deepEqual((await storage.load(programme, ["n/1"]))[0], {
      stream: "n/1",
      version: 20,
      foldVersion: 1,
      document: "20",
    })
  }),
  storageCase("race/guarded-approval", "a guarded read cannot race a suspension", async (world) => {
    const { storage, programme } = world
    await committed(world, command("a", { appends: [append("m/1", 0)] }))
    const results = await Promise.all([
      storage.commit(programme, command("suspend", { appends: [append("m/1", 1)] })),
      storage.commit(
        programme,
        command("approve", { appends: [append("g/1", 0)], guards: [{ stream: "m/1", version: 1 }] }),
      ),
      storage.commit(
        programme,
        command("late", { appends: [append("g/2", 0)], guards: [{ stream: "m/1", version: 1 }] }),
      ),
    ])
    const suspendAt = results[0]?.kind === "committed" ? results[0].number : 0
    for (const result of results.slice(1)) {
      if (result.kind === "committed") assert.ok(result.number < suspendAt)
      else assert.equal(result.kind, "conflict")
    }
  }),
  storageCase("race/neighbours", "a bad command does not spoil those committed with it", async (world) => {
    const { storage, programme } = world
    await committed(world, command("a", { tallies: [{ key: "t", by: Number.MAX_SAFE_INTEGER }] }))
    const good = (at: number) =>
      storage.commit(programme, command(`g${at}`, { appends: [append(`r/${at}`, 0)] }))
    const bad = () =>
      storage.commit(programme, command("bad", { tallies: [{ key: "t", by: 1 }], claims: [take("k", "h")] }))
    const results = await Promise.allSettled([good(1), bad(), good(2), good(3)])
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled", "fulfilled"],
    )
    assert.equal((await storage.head(programme)).number, 4)
    assert.equal(await storage.holder(programme, "k"), undefined)
  }),
  storageCase("copy/commit", "what the caller changes after the call is not stored", async (world) => {
    const { storage, programme } = world
    const entries = [entry("i", "before")]
    const document = { foldVersion: 1, document: "before", indexes: entries }
    const wanted = { stream: "r/1", expectedVersion: 0, events: 1, state: document }
    const tallies = [{ key: "t", by: 1 }]
    const outbox = [{ ...message("m", "k") }]
    const commit = { ...command("a"), appends: [wanted], tallies, outbox }
    const pending = storage.commit(programme, commit)
    document.document = "after"
    entries[0] = entry("i", "after")
    Object.assign(tallies[0] ?? {}, { by: 50 })
    Object.assign(outbox[0] ?? {}, { body: "after" })
    commit.entry = "after"
    assert.equal((await pending).kind, "committed")
    assert.equal((await storage.load(programme, ["r/1"]))[0]?.document, "before")
    assert.equal((await storage.find(programme, lookup("i", ["before"]))).rows.length, 1)
    assert.equal((await storage.command(programme, "a"))?.entry, command("a").entry)
    const rows = await storage.outbox(programme, { status: "pending", after: undefined, limit: 1 })
    assert.equal(rows[0]?.body, "body of m")
    document.document = "much later"
    assert.equal((await storage.load(programme, ["r/1"]))[0]?.document, "before")
  }),
  storageCase("copy/results", "what the caller changes in an answer is not stored", async (world) => {
    const { storage, programme } = world
    await committed(world, full("a"))
    const before = await everything(storage, programme)
    const snapshot = JSON.stringify(before)
    for (const list of Object.values(before)) {
      const rows: readonly object[] = Array.isArray(list) ? list : [list]
      for (const row of rows)
        Object.assign(row, { document: "x", entry: "x", value: 9, number: 9, body: "x", pending: 9 })
    }
    const found = await storage.find(programme, lookup("i", ["e"]))
    for (const row of found.rows) Object.assign(row, { document: "x" })
    const record = await storage.command(programme, "a")
    Object.assign(record ?? {}, { entry: "x" })
    assert.equal(JSON.stringify(await everything(storage, programme)), snapshot)
  }),
  storageCase("atomic/all", "O1 A1 everything that a command produced is there together", async (world) => {
    const { storage, programme } = world
    await committed(world, full("a"))
    assert.equal((await storage.load(programme, ["r/1"]))[0]?.document, "document of a")
    assert.equal((await storage.find(programme, lookup("i", ["e"]))).rows.length, 1)
    assert.equal(await storage.holder(programme, "claim of a"), "a")
    assert.equal((await storage.history(programme, "r/1", { after: 0, limit: 9 })).length, 1)
    assert.deepEqual(await storage.outboxCounts(programme), { pending: 1, delivered: 0, dead: 0 })
    assert.equal((await storage.command(programme, "a"))?.leaf, full("a").leaf)
  }),
]
