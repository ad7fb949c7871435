/** Cases of the storage contract about one commit: versions, guards, command ids, claims, tallies. */
import assert from "node:assert/strict"
import type { Commit } from "@yingshao/ports/storage"
import {
  append,
  command,
  committed,
  everything,
  full,
  kinds,
  message,
  minute,
  refuses,
  release,
  type StorageCase,
  sha256,
  state,
  storageCase,
  take,
  writesNothing,
} from "./storage-case.ts"

export const commitCases: readonly StorageCase[] = [
  storageCase("version/create", "a new stream starts at the number of its events", async (world) => {
    await committed(world, command("a", { appends: [append("r/1", 0, state("one"), 3)] }))
    assert.deepEqual(await world.storage.load(world.programme, ["r/1"]), [
      { stream: "r/1", version: 3, foldVersion: 1, document: "one" },
    ])
  }),
  storageCase("version/advance", "a stream advances by the number of events", async (world) => {
    await committed(
      world,
      command("a", { appends: [append("r/1", 0, state("one"), 2)] }),
      command("b", { appends: [append("r/1", 2, state("two", [], 9), 1_000)] }),
    )
    assert.deepEqual(await world.storage.load(world.programme, ["r/1"]), [
      { stream: "r/1", version: 1_002, foldVersion: 9, document: "two" },
    ])
  }),
  storageCase("version/stale", "S9 a stale version is a conflict and writes nothing", async (world) => {
    await committed(world, command("a", { appends: [append("r/1", 0, state("one"), 2)] }))
    await writesNothing(world, command("b", { appends: [append("r/1", 1)] }), {
      kind: "conflict",
      stream: "r/1",
      version: 2,
    })
  }),
  storageCase("version/ahead", "S9 a version ahead of the stream is a conflict", async (world) => {
    await committed(world, command("a", { appends: [append("r/1", 0)] }))
    await writesNothing(world, command("b", { appends: [append("r/1", 2)] }), {
      kind: "conflict",
      stream: "r/1",
      version: 1,
    })
  }),
  storageCase("version/exists", "S9 creating a stream that exists is a conflict", async (world) => {
    await committed(world, command("a", { appends: [append("r/1", 0)] }))
    await writesNothing(world, command("b", { appends: [append("r/1", 0)] }), {
      kind: "conflict",
      stream: "r/1",
      version: 1,
    })
  }),
  storageCase(
    "version/missing",
    "S9 appending to a stream that does not exist is a conflict",
    async (world) => {
      await writesNothing(world, command("b", { appends: [append("r/1", 1)] }), {
        kind: "conflict",
        stream: "r/1",
        version: 0,
      })
    },
  ),
  storageCase("version/second-append", "one stale append of several writes none of them", async (world) => {
    await committed(world, command("a", { appends: [append("r/2", 0)] }))
    const both = [append("r/1", 0), append("r/2", 0), append("r/3", 0)]
    await writesNothing(world, command("b", { appends: both, tallies: [{ key: "t", by: 1 }] }), {
      kind: "conflict",
      stream: "r/2",
      version: 1,
    })
    assert.deepEqual(await world.storage.load(world.programme, ["r/1", "r/3"]), [undefined, undefined])
  }),
  storageCase("version/several", "several streams advance together", async (world) => {
    await committed(world, command("a", { appends: [append("r/1", 0), append("i/1", 0, state("i"), 2)] }))
    await committed(world, command("b", { appends: [append("i/1", 2), append("r/1", 1), append("r/2", 0)] }))
    const loaded = await world.storage.load(world.programme, ["r/1", "i/1", "r/2"])
    assert.deepEqual(
      loaded.map((one) => one?.version),
      [2, 3, 1],
    )
  }),
  storageCase("version/case", "keys that differ in case or length are different streams", async (world) => {
    await committed(world, command("a", { appends: [append("r/a", 0), append("r/A", 0), append("r/aa", 0)] }))
    const loaded = await world.storage.load(world.programme, ["r/A", "r/a", "r/aa", "r/"])
    assert.deepEqual(
      loaded.map((one) => one?.stream),
      ["r/A", "r/a", "r/aa", undefined],
    )
  }),
  storageCase("guard/holds", "a guard at the stream's version lets the commit pass", async (world) => {
    await committed(
      world,
      command("a", { appends: [append("m/1", 0)] }),
      command("b", { appends: [append("r/1", 0)], guards: [{ stream: "m/1", version: 1 }] }),
    )
    assert.equal((await world.storage.load(world.programme, ["m/1"]))[0]?.version, 1)
  }),
  storageCase(
    "guard/stale",
    "S9 a guard at an older version is a conflict and writes nothing",
    async (world) => {
      await committed(world, command("a", { appends: [append("m/1", 0, state("m"), 2)] }))
      const commit = command("b", { appends: [append("r/1", 0)], guards: [{ stream: "m/1", version: 1 }] })
      await writesNothing(world, commit, { kind: "conflict", stream: "m/1", version: 2 })
    },
  ),
  storageCase("guard/absent", "a guard at 0 holds while the stream does not exist", async (world) => {
    await committed(world, command("a", { guards: [{ stream: "place/1", version: 0 }] }))
    await committed(world, command("b", { appends: [append("place/1", 0)] }))
    await writesNothing(world, command("c", { guards: [{ stream: "place/1", version: 0 }] }), {
      kind: "conflict",
      stream: "place/1",
      version: 1,
    })
  }),
  storageCase("guard/not-there", "a guard on a missing stream at a version is a conflict", async (world) => {
    await writesNothing(world, command("a", { guards: [{ stream: "r/1", version: 3 }] }), {
      kind: "conflict",
      stream: "r/1",
      version: 0,
    })
  }),
  storageCase("guard/last-of-many", "every guard counts, not only the first", async (world) => {
    await committed(world, command("a", { appends: [append("m/1", 0), append("m/2", 0)] }))
    const guards = [
      { stream: "m/1", version: 1 },
      { stream: "m/1", version: 1 },
      { stream: "m/2", version: 0 },
    ]
    await writesNothing(world, command("b", { guards }), { kind: "conflict", stream: "m/2", version: 1 })
  }),
  storageCase("guard/own-append", "a guard on an appended stream sees the version before", async (world) => {
    await committed(
      world,
      command("a", { appends: [append("m/1", 0)], guards: [{ stream: "m/1", version: 0 }] }),
    )
    const commit = command("b", { appends: [append("m/1", 1)], guards: [{ stream: "m/1", version: 2 }] })
    await writesNothing(world, commit, { kind: "conflict", stream: "m/1", version: 1 })
  }),
  storageCase("guard/only", "a commit that only guards is remembered", async (world) => {
    await committed(world, command("a", { appends: [append("m/1", 0)] }))
    await committed(world, command("b", { guards: [{ stream: "m/1", version: 1 }] }))
    assert.equal((await world.storage.command(world.programme, "b"))?.number, 2)
  }),
  storageCase("command/empty", "I6 a commit without appends is remembered", async (world) => {
    await committed(world, command("refused", { entry: "refusal" }))
    const stored = await world.storage.command(world.programme, "refused")
    assert.equal(stored?.entry, "refusal")
    assert.equal(stored?.number, 1)
  }),
  storageCase("command/unknown", "an unknown command is undefined", async ({ storage, programme }) => {
    assert.equal(await storage.command(programme, "nobody"), undefined)
  }),
  storageCase(
    "command/repeat",
    "I1 the same id and digest gives the stored record and writes nothing",
    async (world) => {
      const { storage, programme } = world
      const commit = full("a")
      await committed(world, commit)
      const record = await storage.command(programme, "a")
      assert.ok(record)
      await writesNothing(world, commit, { kind: "repeated", record })
      await writesNothing(world, commit, { kind: "repeated", record })
    },
  ),
  storageCase(
    "command/repeat-late",
    "I1 a repeat is recognised after its streams moved on",
    async (world) => {
      const commit = full("a")
      await committed(world, commit, command("b", { appends: [append("r/1", 1)] }))
      const record = await world.storage.command(world.programme, "a")
      assert.ok(record)
      await writesNothing(world, commit, { kind: "repeated", record })
    },
  ),
  storageCase(
    "command/repeat-other-body",
    "I1 the digest decides: a repeat with another entry is a repeat",
    async (world) => {
      await committed(world, command("a", { entry: "first" }))
      const again = await world.storage.commit(world.programme, {
        ...command("a", { entry: "second", appends: [append("r/9", 0)] }),
      })
      assert.equal(again.kind, "repeated")
      assert.equal(again.kind === "repeated" && again.record.entry, "first")
      assert.deepEqual(await world.storage.load(world.programme, ["r/9"]), [undefined])
    },
  ),
  storageCase(
    "command/mismatch",
    "I2 the same id with another digest is a mismatch and writes nothing",
    async (world) => {
      await committed(world, full("a"))
      const record = await world.storage.command(world.programme, "a")
      assert.ok(record)
      const other = command("a", { payloadDigest: sha256("another"), appends: [append("r/2", 0)] })
      await writesNothing(world, other, { kind: "mismatch", record })
    },
  ),
  storageCase("command/not-consumed", "a command id is free again after a conflict", async (world) => {
    await committed(world, command("a", { appends: [append("r/1", 0)] }))
    await world.storage.commit(world.programme, command("b", { appends: [append("r/1", 0)] }))
    assert.equal(await world.storage.command(world.programme, "b"), undefined)
    await committed(world, command("b", { appends: [append("r/1", 1)] }))
  }),
  storageCase(
    "command/result",
    "the commit answers with the number and hash that the journal holds",
    async (world) => {
      await committed(world, command("a"))
      const result = await world.storage.commit(world.programme, command("b"))
      const stored = await world.storage.command(world.programme, "b")
      assert.deepEqual(result, { kind: "committed", number: 2, hash: stored?.hash })
    },
  ),
  storageCase("claim/take", "L7 a claim is taken once", async (world) => {
    await committed(world, command("a", { claims: [take("grant/1/cash", "g-1")] }))
    assert.equal(await world.storage.holder(world.programme, "grant/1/cash"), "g-1")
    const commit = command("b", { appends: [append("r/1", 0)], claims: [take("grant/1/cash", "g-2")] })
    await writesNothing(world, commit, { kind: "claimed", key: "grant/1/cash", holder: "g-1" })
  }),
  storageCase("claim/take-own", "L7 a holder does not take its own claim twice", async (world) => {
    await committed(world, command("a", { claims: [take("k", "h")] }))
    await writesNothing(world, command("b", { claims: [take("k", "h")] }), {
      kind: "claimed",
      key: "k",
      holder: "h",
    })
  }),
  storageCase("claim/twice-in-one", "one commit does not take a claim twice", async (world) => {
    await writesNothing(world, command("a", { claims: [take("k", "h"), take("k", "i")] }), {
      kind: "claimed",
      key: "k",
      holder: "h",
    })
    assert.equal(await world.storage.holder(world.programme, "k"), undefined)
  }),
  storageCase("claim/none-of-several", "one lost claim of several takes none", async (world) => {
    await committed(world, command("a", { claims: [take("k2", "h")] }))
    await writesNothing(
      world,
      command("b", { claims: [take("k1", "i"), take("k2", "i"), take("k3", "i")] }),
      {
        kind: "claimed",
        key: "k2",
        holder: "h",
      },
    )
    assert.equal(await world.storage.holder(world.programme, "k1"), undefined)
    assert.equal(await world.storage.holder(world.programme, "k3"), undefined)
  }),
  storageCase("claim/release", "a released claim is free for the next", async (world) => {
    await committed(
      world,
      command("a", { claims: [take("k", "h")] }),
      command("b", { claims: [release("k", "h")] }),
    )
    assert.equal(await world.storage.holder(world.programme, "k"), undefined)
    await committed(world, command("c", { claims: [take("k", "i")] }))
    assert.equal(await world.storage.holder(world.programme, "k"), "i")
  }),
  storageCase("claim/release-foreign", "nobody releases what another holds", async (world) => {
    await committed(world, command("a", { claims: [take("k", "h")] }))
    await writesNothing(world, command("b", { claims: [release("k", "i")] }), {
      kind: "claimed",
      key: "k",
      holder: "h",
    })
  }),
  storageCase("claim/release-free", "a free claim is not released", async (world) => {
    await writesNothing(world, command("b", { claims: [release("k", "i")] }), {
      kind: "claimed",
      key: "k",
      holder: undefined,
    })
  }),
  storageCase("claim/hand-over", "release and take in one commit hand over", async (world) => {
    await committed(
      world,
      command("a", { claims: [take("k", "h")] }),
      command("b", { claims: [release("k", "h"), take("k", "i")] }),
    )
    assert.equal(await world.storage.holder(world.programme, "k"), "i")
  }),
  storageCase("claim/take-release", "take and release in one commit leave it free", async (world) => {
    await committed(world, command("a", { claims: [take("k", "h"), release("k", "h")] }))
    assert.equal(await world.storage.holder(world.programme, "k"), undefined)
  }),
  storageCase("claim/conflict-keeps", "a conflict takes no claim", async (world) => {
    await world.storage.commit(
      world.programme,
      command("a", { appends: [append("r/1", 4)], claims: [take("k", "h")] }),
    )
    assert.equal(await world.storage.holder(world.programme, "k"), undefined)
  }),
  storageCase(
    "claim/after-purge",
    "L7 I5 the claim protects although the command id is another",
    async (world) => {
      await committed(world, command("a", { claims: [take("first-holder/i-1", "r-1")] }))
      const results = await Promise.all(
        ["b", "c"].map((id) =>
          world.storage.commit(
            world.programme,
            command(id, { claims: [take("first-holder/i-1", `r-${id}`)] }),
          ),
        ),
      )
      assert.deepEqual(kinds(results), ["claimed", "claimed"])
    },
  ),
  storageCase("tally/add", "tallies add up over commits and within one", async (world) => {
    await committed(
      world,
      command("a", {
        tallies: [
          { key: "t", by: 5 },
          { key: "u", by: 1 },
          { key: "t", by: -2 },
        ],
      }),
      command("b", { tallies: [{ key: "t", by: -10 }] }),
    )
    const all = await world.storage.tallies(world.programme, { prefix: "", after: undefined, limit: 10 })
    assert.deepEqual(all, [
      { key: "t", value: -7 },
      { key: "u", value: 1 },
    ])
  }),
  storageCase("tally/zero", "a tally that is zero is there and is plain zero", async (world) => {
    await committed(
      world,
      command("a", {
        tallies: [
          { key: "t", by: -0 },
          { key: "u", by: 3 },
        ],
      }),
    )
    await committed(world, command("b", { tallies: [{ key: "u", by: -3 }] }))
    const all = await world.storage.tallies(world.programme, { prefix: "", after: undefined, limit: 10 })
    assert.deepEqual(all, [
      { key: "t", value: 0 },
      { key: "u", value: 0 },
    ])
  }),
  storageCase(
    "tally/overflow",
    "L1 a sum outside the safe integers is refused and writes nothing",
    async (world) => {
      const { storage, programme } = world
      await committed(world, command("a", { tallies: [{ key: "t", by: Number.MAX_SAFE_INTEGER }] }))
      const before = await everything(storage, programme)
      const commit = command("b", {
        appends: [append("r/1", 0)],
        claims: [take("k", "h")],
        tallies: [
          { key: "s", by: 1 },
          { key: "t", by: 1 },
        ],
        outbox: [message("m", "k")],
      })
      await refuses("invalid", () => storage.commit(programme, commit))
      assert.deepEqual(await everything(storage, programme), before)
      assert.equal(await storage.holder(programme, "k"), undefined)
      await committed(world, command("c", { tallies: [{ key: "t", by: -1 }] }))
    },
  ),
  storageCase("tally/repeat", "I1 a repeated command counts once", async (world) => {
    const commit = command("a", { tallies: [{ key: "t", by: 4 }] })
    await committed(world, commit)
    await world.storage.commit(world.programme, commit)
    assert.deepEqual(
      await world.storage.tallies(world.programme, { prefix: "t", after: undefined, limit: 1 }),
      [{ key: "t", value: 4 }],
    )
  }),
  storageCase("tally/paging", "tallies page by prefix in byte order", async (world) => {
    const keys = ["a/2", "b/1", "a/10", "a", "a/1", "a/é", "a/Z", "b/2"]
    await committed(world, command("a", { tallies: keys.map((key, by) => ({ key, by })) }))
    const first = await world.storage.tallies(world.programme, { prefix: "a/", after: undefined, limit: 2 })
    assert.deepEqual(
      first.map(({ key }) => key),
      ["a/1", "a/10"],
    )
    const rest = await world.storage.tallies(world.programme, { prefix: "a/", after: "a/10", limit: 1_000 })
    assert.deepEqual(
      rest.map(({ key }) => key),
      ["a/2", "a/Z", "a/é"],
    )
    const behind = await world.storage.tallies(world.programme, { prefix: "b", after: "a/1", limit: 10 })
    assert.deepEqual(
      behind.map(({ key }) => key),
      ["b/1", "b/2"],
    )
  }),
  storageCase("message/duplicate", "an outbox id is used once in a programme", async (world) => {
    await committed(world, command("a", { outbox: [message("m", "k")] }))
    const commit = command("b", {
      appends: [append("r/1", 0)],
      outbox: [message("n", "k"), message("m", "k")],
    })
    await writesNothing(world, commit, { kind: "duplicate-message", id: "m" })
  }),
  storageCase("message/duplicate-in-one", "an outbox id is used once in a commit", async (world) => {
    await writesNothing(world, command("a", { outbox: [message("m", "k"), message("m", "l")] }), {
      kind: "duplicate-message",
      id: "m",
    })
  }),
  storageCase("message/duplicate-delivered", "an outbox id stays used after delivery", async (world) => {
    const { storage, programme } = world
    await committed(world, command("a", { outbox: [message("m", "k")] }))
    await storage.lease(programme, {
      topic: "notify",
      worker: "w",
      now: minute(0),
      leaseUntil: minute(1),
      limit: 1,
    })
    await storage.settle(programme, [{ id: "m", token: 1, kind: "delivered", at: minute(0), receipt: "" }])
    await writesNothing(world, command("b", { outbox: [message("m", "k")] }), {
      kind: "duplicate-message",
      id: "m",
    })
  }),
  storageCase("order/first-failure", "checks come in the order the port states", async (world) => {
    await committed(world, full("a"))
    const bad = {
      appends: [append("r/1", 7)],
      guards: [{ stream: "g/1", version: 7 }],
      claims: [take("claim of a", "x")],
      outbox: [message("message of a", "k")],
    }
    const { storage, programme } = world
    const answer = async (more: Partial<Commit>) => (await storage.commit(programme, command("b", more))).kind
    assert.equal((await storage.commit(programme, command("a", bad))).kind, "repeated")
    assert.equal(await answer(bad), "conflict")
    assert.equal(await answer({ ...bad, appends: [] }), "conflict")
    assert.equal(await answer({ ...bad, appends: [], guards: [] }), "claimed")
    assert.equal(await answer({ ...bad, appends: [], guards: [], claims: [] }), "duplicate-message")
  }),
]
