/** Cases of the storage contract about what lasts: journal, history, restating, programmes apart, settings. */
import assert from "node:assert/strict"
import { chainHash, firstHash } from "@yingshao/ports/journal-chain"
import type { Storage } from "@yingshao/ports/storage"
import {
  append,
  command,
  committed,
  entry,
  everything,
  indexed,
  lookup,
  message,
  minute,
  refuses,
  type StorageCase,
  sha256,
  state,
  storageCase,
  streamsOf,
  take,
} from "./storage-case.ts"

export const journalCases: readonly StorageCase[] = [
  storageCase(
    "journal/empty",
    "an untouched programme has an empty journal",
    async ({ storage, programme }) => {
      assert.deepEqual(await storage.head(programme), { number: 0, hash: firstHash })
      assert.deepEqual(await storage.journal(programme, { after: 0, limit: 10 }), [])
      assert.deepEqual(await storage.outboxCounts(programme), { pending: 0, delivered: 0, dead: 0 })
    },
  ),
  storageCase("journal/chain", "A3 numbers have no gaps and every hash is chained", async (world) => {
    await committed(world, ...Array.from({ length: 12 }, (_, at) => command(`c${at}`)))
    await chained(world.storage, world.programme, 12)
  }),
  storageCase("journal/chain-concurrent", "A3 two writers cannot fork the chain", async (world) => {
    const { storage, programme } = world
    await Promise.all(Array.from({ length: 40 }, (_, at) => storage.commit(programme, command(`c${at}`))))
    await chained(storage, programme, 40)
  }),
  storageCase(
    "journal/failures-leave-no-gap",
    "A3 conflicts and refusals consume no number",
    async (world) => {
      const { storage, programme } = world
      const bad = [
        command("x1", { appends: [append("r/1", 7)] }),
        command("x2", { guards: [{ stream: "r/1", version: 7 }] }),
        command("x3", { claims: [{ kind: "release", key: "k", holder: "h" }] }),
      ]
      await Promise.all(
        Array.from({ length: 12 }, (_, at) => [command(`c${at}`), bad[at % 3] as (typeof bad)[0]])
          .flat()
          .map((commit) => storage.commit(programme, commit)),
      )
      await chained(storage, programme, 12)
    },
  ),
  storageCase("journal/record", "A1 a record holds what was handed in", async (world) => {
    const commit = command("a", { entry: "一 entry" })
    const result = await world.storage.commit(world.programme, commit)
    assert.equal(result.kind, "committed")
    const { commandId, payloadDigest, entry: text, leaf } = commit
    const hash = chainHash(1, firstHash, leaf)
    assert.deepEqual(await world.storage.journal(world.programme, { after: 0, limit: 1 }), [
      { number: 1, commandId, payloadDigest, entry: text, leaf, hash },
    ])
    assert.deepEqual(await world.storage.head(world.programme), { number: 1, hash })
  }),
  storageCase(
    "journal/json-order",
    "A3 an entry that is JSON keeps its bytes, and the chain its leaf",
    async (world) => {
      const { storage, programme } = world
      const entry = '{ "b":1.0,"a":{"z":12345678901234567890,"y":"\\u0041"}, "b":2 }'
      await committed(
        world,
        command("a", { entry }),
        command("b", { entry, leaf: sha256("canonical bytes") }),
      )
      const journal = await storage.journal(programme, { after: 0, limit: 9 })
      assert.deepEqual(
        journal.map((record) => [record.entry, record.leaf]),
        [
          [entry, sha256(entry)],
          [entry, sha256("canonical bytes")],
        ],
      )
      await chained(storage, programme, 2)
    },
  ),
  storageCase("journal/paging", "the journal pages from a number", async (world) => {
    await committed(world, ...Array.from({ length: 7 }, (_, at) => command(`c${at}`)))
    const numbers = async (after: number, limit: number) =>
      (await world.storage.journal(world.programme, { after, limit })).map(({ number }) => number)
    assert.deepEqual(await numbers(0, 3), [1, 2, 3])
    assert.deepEqual(await numbers(3, 3), [4, 5, 6])
    assert.deepEqual(await numbers(6, 3), [7])
    assert.deepEqual(await numbers(7, 3), [])
    assert.deepEqual(await numbers(Number.MAX_SAFE_INTEGER, 3), [])
  }),
  storageCase("journal/append-only", "L6 an earlier journal is a prefix of a later one", async (world) => {
    const { storage, programme } = world
    await committed(world, command("a", { appends: [append("r/1", 0)] }), command("b"))
    const earlier = await storage.journal(programme, { after: 0, limit: 1_000 })
    await committed(world, command("c", { appends: [append("r/1", 1)] }))
    await storage.restate(programme, [{ stream: "r/1", version: 2, state: state("new", [], 2) }])
    const later = await storage.journal(programme, { after: 0, limit: 1_000 })
    assert.deepEqual(later.slice(0, 2), earlier)
  }),
  storageCase("history/touching", "history gives the records that touched a stream", async (world) => {
    const { storage, programme } = world
    await committed(
      world,
      command("a", { appends: [append("r/1", 0), append("r/2", 0)] }),
      command("b", { appends: [append("r/2", 1)], guards: [{ stream: "r/1", version: 1 }] }),
      command("c"),
      command("d", { appends: [append("r/1", 1)] }),
    )
    const ids = async (stream: string, after = 0, limit = 9) =>
      (await storage.history(programme, stream, { after, limit })).map(({ commandId }) => commandId)
    assert.deepEqual(await ids("r/1"), ["a", "d"])
    assert.deepEqual(await ids("r/2"), ["a", "b"])
    assert.deepEqual(await ids("r/1", 1), ["d"])
    assert.deepEqual(await ids("r/1", 4), [])
    assert.deepEqual(await ids("r/1", 0, 1), ["a"])
    assert.deepEqual(await ids("r/3"), [])
    const [first] = await storage.history(programme, "r/1", { after: 0, limit: 1 })
    assert.deepEqual(first, await storage.command(programme, "a"))
  }),
  storageCase(
    "restate/replace",
    "restate replaces document and entries, not the version or the journal",
    async (world) => {
      const { storage, programme } = world
      await committed(world, indexed("r/1", entry("old", "e", "1")))
      const head = await storage.head(programme)
      const next = state("refolded", [entry("new", "e", "1")], 2)
      assert.equal(await storage.restate(programme, [{ stream: "r/1", version: 1, state: next }]), 1)
      assert.deepEqual((await storage.load(programme, ["r/1"]))[0], {
        stream: "r/1",
        version: 1,
        foldVersion: 2,
        document: "refolded",
      })
      assert.deepEqual(await streamsOf(world, lookup("old", ["e"])), [])
      assert.deepEqual(await streamsOf(world, lookup("new", ["e"])), ["r/1"])
      assert.deepEqual(await storage.head(programme), head)
      assert.equal((await storage.history(programme, "r/1", { after: 0, limit: 9 })).length, 1)
      await committed(world, command("b", { appends: [append("r/1", 1)] }))
    },
  ),
  storageCase("restate/same-fold", "the same fold may restate, to complete a new index", async (world) => {
    await committed(world, indexed("r/1"))
    const next = state("of r/1", [entry("new", "e")], 1)
    assert.equal(
      await world.storage.restate(world.programme, [{ stream: "r/1", version: 1, state: next }]),
      1,
    )
    assert.deepEqual(await streamsOf(world, lookup("new", ["e"])), ["r/1"])
  }),
  storageCase("restate/older-fold", "an older fold never overwrites a newer one", async (world) => {
    await committed(world, command("a", { appends: [append("r/1", 0, state("new", [entry("i", "e")], 5))] }))
    const older = state("old", [], 4)
    assert.equal(
      await world.storage.restate(world.programme, [{ stream: "r/1", version: 1, state: older }]),
      0,
    )
    assert.equal((await world.storage.load(world.programme, ["r/1"]))[0]?.document, "new")
    assert.deepEqual(await streamsOf(world, lookup("i", ["e"])), ["r/1"])
  }),
  storageCase("restate/moved", "restate at another version is ignored, in both directions", async (world) => {
    const { storage, programme } = world
    await committed(world, indexed("r/1"), command("b", { appends: [append("r/1", 1, state("second"))] }))
    const next = state("x", [], 9)
    assert.equal(await storage.restate(programme, [{ stream: "r/1", version: 1, state: next }]), 0)
    assert.equal(await storage.restate(programme, [{ stream: "r/1", version: 3, state: next }]), 0)
    assert.equal(await storage.restate(programme, [{ stream: "r/9", version: 1, state: next }]), 0)
    assert.equal((await storage.load(programme, ["r/1"]))[0]?.document, "second")
    assert.deepEqual(await storage.load(programme, ["r/9"]), [undefined])
  }),
  storageCase("restate/several", "restate counts those it replaced", async (world) => {
    await committed(world, indexed("r/1"), indexed("r/2"))
    const next = state("x", [], 2)
    const wanted = ["r/1", "r/2", "r/3"].map((stream) => ({ stream, version: 1, state: next }))
    assert.equal(await world.storage.restate(world.programme, wanted), 2)
    assert.equal(await world.storage.restate(world.programme, []), 0)
  }),
  storageCase(
    "restate/append-older",
    "a commit stores the document it brings, also of an older fold",
    async (world) => {
      await committed(
        world,
        command("a", { appends: [append("r/1", 0, state("new", [], 5))] }),
        command("b", { appends: [append("r/1", 1, state("from an older server", [], 4))] }),
      )
      assert.equal((await world.storage.load(world.programme, ["r/1"]))[0]?.foldVersion, 4)
    },
  ),
  storageCase("programme/isolated", "two programmes share nothing", async (world) => {
    const { storage, programme, neighbour } = world
    const commit = command("same id", {
      appends: [append("r/1", 0, state("x", [entry("i", "e", "1")]))],
      claims: [take("k", "h")],
      tallies: [{ key: "t", by: 1 }],
      outbox: [message("same message", "k")],
    })
    await committed(world, command("first"), commit)
    const nothing = await everything(storage, neighbour)
    assert.deepEqual(nothing.journal, [])
    assert.deepEqual(nothing.streams, [])
    assert.deepEqual(nothing.tallies, [])
    assert.deepEqual(nothing.pending, [])
    assert.equal(await storage.command(neighbour, "same id"), undefined)
    assert.equal(await storage.holder(neighbour, "k"), undefined)
    assert.deepEqual((await storage.find(neighbour, lookup("i", ["e"]))).rows, [])
    assert.deepEqual(await storage.history(neighbour, "r/1", { after: 0, limit: 9 }), [])
    const all = { topic: "notify", worker: "w", now: minute(9), leaseUntil: minute(10), limit: 9 }
    assert.deepEqual(await storage.lease(neighbour, all), [])
    await committed({ storage, programme: neighbour }, commit)
    assert.equal((await storage.head(neighbour)).number, 1)
    assert.equal((await storage.head(programme)).number, 2)
    assert.deepEqual(
      await storage.settle(neighbour, [
        { id: "same message", token: 1, kind: "delivered", at: minute(0), receipt: "" },
      ]),
      ["fenced"],
    )
    await chained(storage, programme, 2)
    await chained(storage, neighbour, 1)
  }),
  storageCase(
    "programme/concurrent",
    "A3 programmes written at once keep their own chains",
    async ({ storage, programme, neighbour }) => {
      await Promise.all(
        Array.from({ length: 30 }, (_, at) =>
          storage.commit(at % 3 === 0 ? neighbour : programme, command(`c${at}`)),
        ),
      )
      await chained(storage, programme, 20)
      await chained(storage, neighbour, 10)
    },
  ),
  storageCase(
    "programme/unknown",
    "reading an unknown programme finds nothing and fails at nothing",
    async ({ storage, programme }) => {
      assert.deepEqual(await storage.load(programme, ["r/1"]), [undefined])
      assert.deepEqual(await storage.find(programme, lookup("i", ["a"])), { rows: [], cursor: undefined })
      assert.equal(await storage.restate(programme, [{ stream: "r/1", version: 1, state: state("x") }]), 0)
      assert.equal(await storage.redrive(programme, "m", minute(0)), false)
      assert.equal(await storage.park(programme, "m", { at: minute(0), blocking: true, note: "" }), false)
      assert.equal(await storage.holder(programme, "k"), undefined)
    },
  ),
  storageCase("settings/readable", "settings are read back, one line each", async ({ storage }) => {
    const settings = await storage.settings()
    assert.ok(settings.length > 0)
    for (const setting of settings) {
      assert.deepEqual(Object.keys(setting).sort(), ["name", "ok", "value", "wanted"])
    }
    assert.equal(storage.contract, "store/1")
    assert.ok(storage.name.length > 0)
  }),
  {
    ...storageCase(
      "close/refuses",
      "a closed store refuses every method as closed",
      async ({ storage, programme }) => {
        const pending = storage.commit(programme, command("accepted"))
        await storage.close()
        assert.equal((await pending).kind, "committed")
        await storage.close()
        const page = { after: 0, limit: 1 }
        const lease = { topic: "notify", worker: "w", now: minute(0), leaseUntil: minute(1), limit: 1 }
        const methods: readonly (() => Promise<unknown>)[] = [
          () => storage.commit(programme, command("late")),
          () => storage.load(programme, []),
          () => storage.find(programme, lookup("i", ["a"])),
          () => storage.streams(programme, { prefix: "", after: undefined, limit: 1 }),
          () => storage.history(programme, "r/1", page),
          () => storage.journal(programme, page),
          () => storage.command(programme, "a"),
          () => storage.head(programme),
          () => storage.tallies(programme, { prefix: "", after: undefined, limit: 1 }),
          () => storage.holder(programme, "k"),
          () => storage.restate(programme, []),
          () => storage.lease(programme, lease),
          () => storage.settle(programme, []),
          () => storage.outbox(programme, { status: "dead", after: undefined, limit: 1 }),
          () => storage.outboxCounts(programme),
          () => storage.redrive(programme, "m", minute(0)),
          () => storage.park(programme, "m", { at: minute(0), blocking: true, note: "" }),
          () => storage.settings(),
        ]
        for (const method of methods) await refuses("closed", method)
      },
    ),
    needs: "closing",
  },
]

// internal

const chained = async (storage: Storage, programme: string, length: number): Promise<void> => {
  const journal = await storage.journal(programme, { after: 0, limit: 1_000 })
  assert.deepEqual(
    journal.map(({ number }) => number),
    Array.from({ length }, (_, at) => at + 1),
  )
  let hash = firstHash
  for (const record of journal) {
    hash = chainHash(record.number, hash, record.leaf)
    assert.equal(record.hash, hash, `hash of record ${record.number}`)
  }
  assert.deepEqual(await storage.head(programme), { number: length, hash })
}
