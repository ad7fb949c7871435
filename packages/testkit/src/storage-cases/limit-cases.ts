/** Cases of the storage contract about limits: the largest that is taken, and what is refused beyond it. */
import assert from "node:assert/strict"
import type { Commit, IndexQuery, LeaseRequest, Settlement, Storage } from "@yingshao/ports/storage"
import { storageLimits } from "@yingshao/ports/storage-limits"
import {
  append,
  command,
  committed,
  entry,
  everything,
  lookup,
  message,
  minute,
  refuses,
  type StorageCase,
  state,
  storageCase,
  take,
} from "./storage-case.ts"

/** Commits that every store refuses as `invalid`. */
const badCommits: readonly (readonly [string, Commit])[] = [
  ["empty command id", command("", { entry: "e" })],
  ["command id of 201 bytes", command("x".repeat(201))],
  ["command id of 67 characters and 201 bytes", command("好".repeat(67))],
  ["command id with a newline", command("a\nb")],
  ["command id with NUL", command("a\0b")],
  ["command id with half a surrogate pair", command("a\ud800")],
  ["payload digest in upper case", { ...command("a"), payloadDigest: "A".repeat(64) }],
  ["payload digest too short", { ...command("a"), payloadDigest: "a".repeat(63) }],
  ["leaf that is no hex", { ...command("a"), leaf: "g".repeat(64) }],
  ["leaf with a newline behind it", { ...command("a"), leaf: `${"a".repeat(64)}\n` }],
  ["empty entry", command("a", { entry: "" })],
  ["entry beyond 1 MiB", command("a", { entry: "x".repeat(storageLimits.entryBytes + 1) })],
  ["entry with NUL", command("a", { entry: "a\0" })],
  ["entry with half a surrogate pair", command("a", { entry: "\udc00" })],
  ["empty stream key", command("a", { appends: [append("", 0)] })],
  ["stream key of 201 bytes", command("a", { appends: [append("r".repeat(201), 0)] })],
  ["stream key with a blank", command("a", { appends: [append("r 1", 0)] })],
  ["stream key outside ASCII", command("a", { appends: [append("r/好", 0)] })],
  ["stream key with a newline at its end", command("a", { appends: [append("r/1\n", 0)] })],
  ["the same stream twice", command("a", { appends: [append("r/1", 0), append("r/1", 1)] })],
  ["negative expected version", command("a", { appends: [append("r/1", -1)] })],
  ["broken expected version", command("a", { appends: [append("r/1", 0.5)] })],
  ["expected version that is no number", command("a", { appends: [append("r/1", Number.NaN)] })],
  ["no events", command("a", { appends: [append("r/1", 0, state("x"), 0)] })],
  ["1,001 events", command("a", { appends: [append("r/1", 0, state("x"), 1_001)] })],
  ["document of 65,537 bytes", command("a", { appends: [append("r/1", 0, state("x".repeat(65_537)))] })],
  [
    "document of 21,846 characters and 65,538 bytes",
    command("a", { appends: [append("r/1", 0, state("好".repeat(21_846)))] }),
  ],
  ["document with NUL", command("a", { appends: [append("r/1", 0, state("\0"))] })],
  ["document with half a surrogate pair", command("a", { appends: [append("r/1", 0, state("\ud83d"))] })],
  ["negative fold version", command("a", { appends: [append("r/1", 0, state("x", [], -1))] })],
  [
    "17 index entries",
    command("a", {
      appends: [
        append(
          "r/1",
          0,
          state(
            "x",
            Array.from({ length: 17 }, (_, at) => entry("i", `${at}`)),
          ),
        ),
      ],
    }),
  ],
  ["empty index name", command("a", { appends: [append("r/1", 0, state("x", [entry("", "e")]))] })],
  ["index name with a tab", command("a", { appends: [append("r/1", 0, state("x", [entry("i\t", "e")]))] })],
  [
    "equality key of 201 bytes",
    command("a", { appends: [append("r/1", 0, state("x", [entry("i", "e".repeat(201))]))] }),
  ],
  [
    "range of 201 bytes",
    command("a", { appends: [append("r/1", 0, state("x", [entry("i", "e", "1".repeat(201))]))] }),
  ],
  ["range with NUL", command("a", { appends: [append("r/1", 0, state("x", [entry("i", "e", "1\0")]))] })],
  ["257 appends", command("a", { appends: Array.from({ length: 257 }, (_, at) => append(`r/${at}`, 0)) })],
  [
    "1,001 guards",
    command("a", { guards: Array.from({ length: 1_001 }, (_, at) => ({ stream: `r/${at}`, version: 0 })) }),
  ],
  ["negative guard", command("a", { guards: [{ stream: "r/1", version: -1 }] })],
  ["guard with a bad key", command("a", { guards: [{ stream: "r 1", version: 0 }] })],
  ["empty claim key", command("a", { claims: [take("", "h")] })],
  ["empty holder", command("a", { claims: [take("k", "")] })],
  ["claim key of 201 bytes", command("a", { claims: [take("k".repeat(201), "h")] })],
  ["unknown kind of claim", command("a", { claims: [{ ...take("k", "h"), kind: "steal" as "take" }] })],
  ["empty tally key", command("a", { tallies: [{ key: "", by: 1 }] })],
  ["broken tally", command("a", { tallies: [{ key: "t", by: 0.1 }] })],
  ["infinite tally", command("a", { tallies: [{ key: "t", by: Number.POSITIVE_INFINITY }] })],
  ["tally beyond the safe integers", command("a", { tallies: [{ key: "t", by: 2 ** 53 }] })],
  ["empty message id", command("a", { outbox: [message("", "k")] })],
  ["empty ordering key", command("a", { outbox: [message("m", "")] })],
  ["empty topic", command("a", { outbox: [message("m", "k", { topic: "" })] })],
  ["body of 65,537 bytes", command("a", { outbox: [message("m", "k", { body: "x".repeat(65_537) })] })],
  [
    "instant without milliseconds",
    command("a", { outbox: [message("m", "k", { notBefore: "2026-01-01T00:00:00Z" })] }),
  ],
  [
    "instant with an offset",
    command("a", { outbox: [message("m", "k", { notBefore: "2026-01-01T08:00:00.000+08:00" })] }),
  ],
  ["empty instant", command("a", { outbox: [message("m", "k", { notBefore: "" })] })],
  [
    "1,001 messages",
    command("a", { outbox: Array.from({ length: 1_001 }, (_, at) => message(`m${at}`, "k")) }),
  ],
]

const badQueries: readonly (readonly [string, IndexQuery])[] = [
  ["no equality key", lookup("i", [])],
  [
    "33 equality keys",
    lookup(
      "i",
      Array.from({ length: 33 }, (_, at) => `${at}`),
    ),
  ],
  ["empty index name", lookup("", ["a"])],
  ["limit 0", lookup("i", ["a"], { limit: 0 })],
  ["limit 1,001", lookup("i", ["a"], { limit: 1_001 })],
  ["broken limit", lookup("i", ["a"], { limit: 1.5 })],
  ["unknown order", lookup("i", ["a"], { order: "sideways" as "ascending" })],
  ["bound of 201 bytes", lookup("i", ["a"], { from: "x".repeat(201) })],
  ["bound with NUL", lookup("i", ["a"], { below: "\0" })],
]

const leaseRequest: LeaseRequest = {
  topic: "notify",
  worker: "w",
  now: minute(0),
  leaseUntil: minute(1),
  limit: 1,
}

const settlement = { id: "m", token: 1, kind: "delivered", at: minute(0), receipt: "" } as const

/** Other calls that every store refuses as `invalid`. */
const badCalls: readonly (readonly [string, (storage: Storage, programme: string) => Promise<unknown>])[] = [
  ["an empty programme", (s) => s.head("")],
  ["a programme of 65 bytes", (s) => s.head("p".repeat(65))],
  ["a programme with a blank", (s) => s.commit("p p", command("a"))],
  ["a programme outside ASCII", (s) => s.commit("县", command("a"))],
  [
    "loading 1,001 streams",
    (s, p) =>
      s.load(
        p,
        Array.from({ length: 1_001 }, (_, at) => `r/${at}`),
      ),
  ],
  ["loading a bad key", (s, p) => s.load(p, ["r/1", ""])],
  ["a stream page of 0", (s, p) => s.streams(p, { prefix: "", after: undefined, limit: 0 })],
  ["a stream page of 1,001", (s, p) => s.streams(p, { prefix: "", after: undefined, limit: 1_001 })],
  ["the history of a bad key", (s, p) => s.history(p, "a b", { after: 0, limit: 1 })],
  ["a history from below 0", (s, p) => s.history(p, "r/1", { after: -1, limit: 1 })],
  ["a journal page of 1,001", (s, p) => s.journal(p, { after: 0, limit: 1_001 })],
  ["a journal from a broken number", (s, p) => s.journal(p, { after: 0.5, limit: 1 })],
  ["an empty command id", (s, p) => s.command(p, "")],
  ["a tally page of 0", (s, p) => s.tallies(p, { prefix: "", after: undefined, limit: 0 })],
  ["a prefix of 201 bytes", (s, p) => s.tallies(p, { prefix: "x".repeat(201), after: undefined, limit: 1 })],
  ["an empty claim", (s, p) => s.holder(p, "")],
  ["restating at version 0", (s, p) => s.restate(p, [{ stream: "r/1", version: 0, state: state("x") }])],
  [
    "restating a large document",
    (s, p) => s.restate(p, [{ stream: "r/1", version: 1, state: state("x".repeat(65_537)) }]),
  ],
  ["a lease of 1,001", (s, p) => s.lease(p, { ...leaseRequest, limit: 1_001 })],
  ["a lease that ends when it starts", (s, p) => s.lease(p, { ...leaseRequest, leaseUntil: minute(0) })],
  ["a lease at no instant", (s, p) => s.lease(p, { ...leaseRequest, now: "now" })],
  ["a lease by nobody", (s, p) => s.lease(p, { ...leaseRequest, worker: "" })],
  [
    "an unknown settlement",
    (s, p) => s.settle(p, [{ ...settlement, kind: "lost" } as unknown as Settlement]),
  ],
  ["a settlement at no instant", (s, p) => s.settle(p, [{ ...settlement, at: "" }])],
  ["a receipt of 4,097 bytes", (s, p) => s.settle(p, [{ ...settlement, receipt: "x".repeat(4_097) }])],
  [
    "1,001 settlements",
    (s, p) =>
      s.settle(
        p,
        Array.from({ length: 1_001 }, () => settlement),
      ),
  ],
  ["an unknown status", (s, p) => s.outbox(p, { status: "lost" as "dead", after: undefined, limit: 1 })],
  [
    "an outbox page from below 0",
    (s, p) => s.outbox(p, { status: "dead", after: { number: -1, position: 0 }, limit: 1 }),
  ],
  ["redriving at no instant", (s, p) => s.redrive(p, "m", "soon")],
  ["parking at no instant", (s, p) => s.park(p, "m", { at: "soon", blocking: false, note: "" })],
  [
    "parking with a note of 5,000 bytes",
    (s, p) => s.park(p, "m", { at: minute(0), blocking: false, note: "n".repeat(5_000) }),
  ],
]

export const limitCases: readonly StorageCase[] = [
  ...badCommits.map(([what, commit]) =>
    storageCase(`limit/commit: ${what}`, `a commit is refused and writes nothing: ${what}`, async (world) => {
      const { storage, programme } = world
      await refuses("invalid", () => storage.commit(programme, commit))
      assert.equal((await storage.head(programme)).number, 0)
      await committed(world, command("a good one"))
    }),
  ),
  ...badQueries.map(([what, query]) =>
    storageCase(`limit/query: ${what}`, `a query is refused: ${what}`, ({ storage, programme }) =>
      refuses("invalid", () => storage.find(programme, query)),
    ),
  ),
  ...badCalls.map(([what, call]) =>
    storageCase(`limit/call: ${what}`, `a call is refused: ${what}`, ({ storage, programme }) =>
      refuses("invalid", () => call(storage, programme)),
    ),
  ),
  storageCase("limit/largest", "a commit at every limit at once is taken", async (world) => {
    const { storage, programme } = world
    const longest = (prefix: string, at: number) => `${prefix}${at}`.padEnd(200, "x")
    const largest: Commit = command(longest("c", 0), {
      appends: Array.from({ length: 256 }, (_, at) =>
        append(
          longest("r/", at),
          0,
          state("x", [entry(longest("i", 0), longest("e", 0), longest("", at))]),
          1_000,
        ),
      ),
      guards: Array.from({ length: 1_000 }, (_, at) => ({ stream: longest("g/", at), version: 0 })),
      claims: Array.from({ length: 1_000 }, (_, at) => take(longest("k", at), longest("h", at))),
      tallies: Array.from({ length: 1_000 }, (_, at) => ({
        key: longest("t", at),
        by: Number.MIN_SAFE_INTEGER,
      })),
      outbox: Array.from({ length: 1_000 }, (_, at) => message(longest("m", at), longest("o", at))),
    })
    await committed(world, largest)
    const found = await storage.find(programme, lookup(longest("i", 0), [longest("e", 0)], { limit: 1_000 }))
    assert.equal(found.rows.length, 256)
    assert.deepEqual((await storage.outboxCounts(programme)).pending, 1_000)
    assert.equal(
      (await storage.tallies(programme, { prefix: "t", after: undefined, limit: 1_000 })).length,
      1_000,
    )
    const loaded = await storage.load(
      programme,
      Array.from({ length: 1_000 }, (_, at) => longest("r/", at)),
    )
    assert.equal(loaded.filter((one) => one !== undefined).length, 256)
  }),
  storageCase("limit/printable", "stream keys may hold every printable character", async (world) => {
    const all = Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at)).join("")
    await committed(world, command("a", { appends: [append(all, 0)] }))
    const { storage, programme } = world
    assert.equal((await storage.load(programme, [all]))[0]?.stream, all)
    assert.equal((await storage.history(programme, all, { after: 0, limit: 1 })).length, 1)
  }),
  storageCase("limit/unicode-keys", "claims, tallies and command ids may hold any script", async (world) => {
    const { storage, programme } = world
    const key = "县城/🚨/é/e\u0301/％"
    await committed(world, command(key, { claims: [take(key, key)], tallies: [{ key, by: 1 }] }))
    assert.equal(await storage.holder(programme, key), key)
    assert.equal(await storage.holder(programme, key.normalize("NFC")), undefined)
    assert.equal((await storage.command(programme, key))?.commandId, key)
    assert.deepEqual(await storage.tallies(programme, { prefix: "县", after: undefined, limit: 9 }), [
      { key, value: 1 },
    ])
  }),
  storageCase("limit/prefix-top", "a prefix that ends in the last code point still finds", async (world) => {
    const { storage, programme } = world
    const keys = ["\u{10ffff}", "\u{10ffff}a", "\ud7ff", "\ud7ffz", "\ue000"]
    await committed(world, command("a", { tallies: keys.map((key) => ({ key, by: 1 })) }))
    const found = async (prefix: string) =>
      (await storage.tallies(programme, { prefix, after: undefined, limit: 9 })).map(({ key }) => key)
    assert.deepEqual(await found("\u{10ffff}"), ["\u{10ffff}", "\u{10ffff}a"])
    assert.deepEqual(await found("\ud7ff"), ["\ud7ff", "\ud7ffz"])
  }),
  storageCase(
    "limit/refusal-is-clean",
    "a refused commit leaves a filled programme as it was",
    async (world) => {
      const { storage, programme } = world
      await committed(world, command("a", { appends: [append("r/1", 0, state("x", [entry("i", "e")]))] }))
      const before = await everything(storage, programme)
      const good = append("r/1", 1, state("y", [entry("i", "f")]))
      await refuses("invalid", () =>
        storage.commit(programme, command("b", { appends: [good, append("", 0)] })),
      )
      assert.deepEqual(await everything(storage, programme), before)
      assert.equal((await storage.find(programme, lookup("i", ["e"]))).rows.length, 1)
    },
  ),
]
