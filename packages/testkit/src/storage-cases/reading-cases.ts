/** Cases of the storage contract about reading: indexes, pages and lists of streams. */
import assert from "node:assert/strict"
import type { IndexQuery } from "@yingshao/ports/storage"
import {
  append,
  command,
  committed,
  entry,
  indexed,
  lookup,
  refuses,
  type StorageCase,
  type StorageWorld,
  state,
  storageCase,
  streamsOf,
} from "./storage-case.ts"

const packed = (json: string): string => Buffer.from(json).toString("base64url")

const badCursors = [
  "",
  "x",
  "\0",
  "y".repeat(100_000),
  packed("not json"),
  packed("{}"),
  packed("[]"),
  packed("[1,2,3]"),
  packed('["a","b"]'),
  packed('["a","b","c","d"]'),
  packed('["\\u0000","a","b"]'),
  packed('["a","\\ud800","b"]'),
]

export const readingCases: readonly StorageCase[] = [
  storageCase("load/order", "load answers in the order asked, with gaps and repeats", async (world) => {
    await committed(world, command("a", { appends: [append("r/1", 0), append("r/2", 0)] }))
    const loaded = await world.storage.load(world.programme, ["r/2", "r/9", "r/1", "r/2"])
    assert.deepEqual(
      loaded.map((one) => one?.stream),
      ["r/2", undefined, "r/1", "r/2"],
    )
  }),
  storageCase("load/none", "load of nothing is nothing", async ({ storage, programme }) => {
    assert.deepEqual(await storage.load(programme, []), [])
  }),
  storageCase("load/document", "documents come back byte for byte", async (world) => {
    const texts = [
      "",
      "混合 🚨\u{10ffff}\r\n\t",
      '{"a":1e400,"a":2}',
      "\ufeff start",
      "x".repeat(65_536),
      "好".repeat(21_845),
    ]
    await committed(
      world,
      ...texts.map((text, at) =>
        command(`c${at}`, { entry: `e${text}`, appends: [append(`r/${at}`, 0, state(text))] }),
      ),
    )
    const loaded = await world.storage.load(
      world.programme,
      texts.map((_, at) => `r/${at}`),
    )
    assert.deepEqual(
      loaded.map((one) => one?.document),
      texts,
    )
    const journal = await world.storage.journal(world.programme, { after: 0, limit: 9 })
    assert.deepEqual(
      journal.map((one) => one.entry),
      texts.map((text) => `e${text}`),
    )
  }),
  storageCase("entry/large", "an entry of 1 MiB comes back byte for byte", async (world) => {
    const large = `${"好".repeat(349_525)}!`
    await committed(world, command("a", { entry: large }))
    assert.equal((await world.storage.command(world.programme, "a"))?.entry, large)
  }),
  storageCase("index/equality", "an index finds by index and equality key exactly", async (world) => {
    await committed(
      world,
      indexed("r/1", entry("i", "a")),
      indexed("r/2", entry("i", "A")),
      indexed("r/3", entry("j", "a")),
    )
    assert.deepEqual(await streamsOf(world, lookup("i", ["a"])), ["r/1"])
    assert.deepEqual(await streamsOf(world, lookup("i", ["A"])), ["r/2"])
    assert.deepEqual(await streamsOf(world, lookup("i", ["b"])), [])
    assert.deepEqual(await streamsOf(world, lookup("k", ["a"])), [])
  }),
  storageCase("index/row", "a row holds state, equality key and range", async (world) => {
    await committed(world, indexed("r/1", entry("i", "e", "5")))
    assert.deepEqual(await world.storage.find(world.programme, lookup("i", ["e"])), {
      rows: [{ stream: "r/1", version: 1, foldVersion: 1, document: "of r/1", equals: "e", range: "5" }],
      cursor: undefined,
    })
  }),
  storageCase("index/empty-keys", "empty equality and range keys are keys like others", async (world) => {
    await committed(world, indexed("r/1", entry("i", "")), indexed("r/2", entry("i", "", "1")))
    assert.deepEqual(await streamsOf(world, lookup("i", [""])), ["r/1", "r/2"])
    assert.deepEqual(await streamsOf(world, lookup("i", [""], { order: "descending" })), ["r/2", "r/1"])
  }),
  storageCase("index/order", "rows come by range, then stream, then equality key", async (world) => {
    await committed(world, ...spread)
    assert.deepEqual(await placesOf(world, lookup("i", ["a", "b"])), [
      "1 r/2 b",
      "1 r/3 a",
      "2 r/1 a",
      "2 r/1 b",
      "3 r/0 a",
    ])
  }),
  storageCase("index/descending", "descending is the exact reverse", async (world) => {
    await committed(world, ...spread)
    const up = await placesOf(world, lookup("i", ["a", "b"]))
    const down = await placesOf(world, lookup("i", ["b", "a"], { order: "descending" }))
    assert.deepEqual(down, [...up].reverse())
  }),
  storageCase("index/bounds", "from is inclusive and below is exclusive, in both orders", async (world) => {
    await committed(world, ...spread)
    for (const order of ["ascending", "descending"] as const) {
      const between = async (more: Partial<IndexQuery>) =>
        [...(await placesOf(world, lookup("i", ["a", "b"], { ...more, order })))].sort()
      assert.deepEqual(await between({ from: "2" }), ["2 r/1 a", "2 r/1 b", "3 r/0 a"])
      assert.deepEqual(await between({ below: "2" }), ["1 r/2 b", "1 r/3 a"])
      assert.deepEqual(await between({ from: "2", below: "3" }), ["2 r/1 a", "2 r/1 b"])
      assert.deepEqual(await between({ from: "3", below: "2" }), [])
      assert.deepEqual(await between({ from: "" }), ["1 r/2 b", "1 r/3 a", "2 r/1 a", "2 r/1 b", "3 r/0 a"])
      assert.deepEqual(await between({ below: "" }), [])
    }
  }),
  storageCase("index/bytes", "ranges sort as UTF-8 bytes, not by language, case or UTF-16", async (world) => {
    const ranges = ["Z", "a", "é", "z", "一", "￥", "🚨", "\u{10ffff}", "A", "aa", "a ", "10", "9"]
    await committed(world, ...ranges.map((range, at) => indexed(`r/${at}`, entry("i", "e", range))))
    const page = await world.storage.find(world.programme, lookup("i", ["e"]))
    const sorted = [...ranges].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    assert.deepEqual(
      page.rows.map(({ range }) => range),
      sorted,
    )
    const above = await world.storage.find(world.programme, lookup("i", ["e"], { from: "￥" }))
    assert.deepEqual(
      above.rows.map(({ range }) => range),
      ["￥", "🚨", "\u{10ffff}"],
    )
  }),
  storageCase(
    "index/merge",
    "several equality keys are merged in order and named twice count once",
    async (world) => {
      await committed(world, ...spread)
      const twice = await placesOf(world, lookup("i", ["a", "b", "a"]))
      assert.deepEqual(twice, await placesOf(world, lookup("i", ["a", "b"])))
    },
  ),
  storageCase("index/several-entries", "a stream comes once for every entry that matches", async (world) => {
    await committed(
      world,
      indexed("r/1", entry("due", "d", "1"), entry("due", "d", "2"), entry("due", "e", "1")),
    )
    assert.deepEqual(await placesOf(world, lookup("due", ["d"])), ["1 r/1 d", "2 r/1 d"])
    assert.equal((await placesOf(world, lookup("due", ["d", "e"]))).length, 3)
  }),
  storageCase("index/identical", "identical entries of a document count once", async (world) => {
    await committed(world, indexed("r/1", entry("i", "e", "1"), entry("i", "e", "1")))
    assert.deepEqual(await placesOf(world, lookup("i", ["e"])), ["1 r/1 e"])
    await committed(world, command("b", { appends: [append("r/1", 1, state("x", [entry("i", "e", "1")]))] }))
    assert.deepEqual(await placesOf(world, lookup("i", ["e"])), ["1 r/1 e"])
  }),
  storageCase("index/replace", "a new document's entries replace all earlier ones", async (world) => {
    await committed(world, indexed("r/1", entry("i", "a", "1"), entry("i", "b", "1"), entry("j", "a", "1")))
    await committed(
      world,
      command("b", { appends: [append("r/1", 1, state("x", [entry("i", "b", "1"), entry("i", "c", "2")]))] }),
    )
    assert.deepEqual(await placesOf(world, lookup("i", ["a", "b", "c"])), ["1 r/1 b", "2 r/1 c"])
    assert.deepEqual(await placesOf(world, lookup("j", ["a"])), [])
    const [row] = (await world.storage.find(world.programme, lookup("i", ["b"]))).rows
    assert.deepEqual([row?.document, row?.version], ["x", 2])
  }),
  storageCase("index/clear", "a document without entries leaves the indexes", async (world) => {
    await committed(
      world,
      indexed("r/1", entry("i", "a", "1")),
      command("b", { appends: [append("r/1", 1)] }),
    )
    assert.deepEqual(await placesOf(world, lookup("i", ["a"])), [])
  }),
  storageCase("index/conflict-keeps", "a conflict leaves the entries as they were", async (world) => {
    await committed(world, indexed("r/1", entry("i", "a", "1")))
    const stale = append("r/1", 0, state("x", [entry("i", "b", "1")]))
    await world.storage.commit(world.programme, command("b", { appends: [stale] }))
    assert.deepEqual(await placesOf(world, lookup("i", ["a", "b"])), ["1 r/1 a"])
  }),
  storageCase("index/sixteen", "sixteen entries are kept and replaced", async (world) => {
    const entries = Array.from({ length: 16 }, (_, at) => entry("i", "e", String(at).padStart(2, "0")))
    await committed(world, indexed("r/1", ...entries))
    assert.equal((await placesOf(world, lookup("i", ["e"]))).length, 16)
    await committed(world, command("b", { appends: [append("r/1", 1, state("x", entries.slice(8)))] }))
    assert.equal((await placesOf(world, lookup("i", ["e"]))).length, 8)
  }),
  storageCase("page/walk", "pages of any size give every row once, in order", async (world) => {
    await committed(world, ...many)
    for (const order of ["ascending", "descending"] as const) {
      const all = await placesOf(world, lookup("i", ["a", "b", "c"], { order }))
      assert.equal(all.length, 27)
      for (const limit of [1, 2, 5, 27, 28]) {
        assert.deepEqual(await walk(world, lookup("i", ["a", "b", "c"], { order, limit })), all)
      }
    }
  }),
  storageCase("page/bounds", "bounds hold on every page", async (world) => {
    await committed(world, ...many)
    for (const order of ["ascending", "descending"] as const) {
      const query = lookup("i", ["a", "c"], { order, from: "1", below: "2" })
      const all = await placesOf(world, query)
      assert.equal(all.length, 6)
      assert.deepEqual(await walk(world, { ...query, limit: 2 }), all)
    }
  }),
  storageCase("page/cursor-outside", "a cursor outside the bounds does not widen them", async (world) => {
    const { storage, programme } = world
    await committed(world, ...many)
    for (const order of ["ascending", "descending"] as const) {
      const bounded = lookup("i", ["a", "b", "c"], { order, from: "1", below: "2" })
      const all = await placesOf(world, bounded)
      // From inside, from both edges and from beyond them.
      const walked = await storage.find(programme, lookup("i", ["a", "b", "c"], { order, limit: 1 }))
      let { cursor } = walked
      let left = 27
      while (cursor !== undefined && left > 0) {
        const page = await storage.find(programme, { ...bounded, cursor })
        for (const { range } of page.rows) assert.equal(range, "1")
        assert.deepEqual(
          page.rows.map(({ range, stream, equals }) => `${range} ${stream} ${equals}`),
          page.rows.length === 0 ? [] : all.slice(-page.rows.length),
        )
        left -= 1
        cursor = (await storage.find(programme, lookup("i", ["a", "b", "c"], { order, limit: 1, cursor })))
          .cursor
      }
      assert.equal(left, 1)
    }
  }),
  storageCase("page/exact", "a full last page has no cursor", async (world) => {
    await committed(world, ...spread)
    const page = await world.storage.find(world.programme, lookup("i", ["a", "b"], { limit: 5 }))
    assert.equal(page.rows.length, 5)
    assert.equal(page.cursor, undefined)
    const shorter = await world.storage.find(world.programme, lookup("i", ["a", "b"], { limit: 4 }))
    assert.equal(typeof shorter.cursor, "string")
  }),
  storageCase(
    "page/under-writes",
    "rows that stay come exactly once while others come and go",
    async (world) => {
      const { storage, programme } = world
      await committed(world, ...many)
      const query = lookup("i", ["a", "b", "c"], { limit: 4 })
      const before = await placesOf(world, { ...query, limit: 1_000 })
      const seen: string[] = []
      let cursor: string | undefined
      for (let page = 0; page < 20; page += 1) {
        const found = await storage.find(programme, cursor === undefined ? query : { ...query, cursor })
        seen.push(...found.rows.map(({ range, stream, equals }) => `${range} ${stream} ${equals}`))
        cursor = found.cursor
        if (cursor === undefined) break
        await committed(world, indexed(`w/${page}`, entry("i", "a", page % 2 === 0 ? "0" : "9")))
        const last = found.rows.at(-1)
        if (page === 1 && last !== undefined) {
          await committed(
            world,
            command("gone", { appends: [append(last.stream, last.version, state("gone"))] }),
          )
        }
      }
      assert.equal(new Set(seen).size, seen.length)
      const now = new Set(await placesOf(world, { ...query, limit: 1_000 }))
      assert.deepEqual(
        before.filter((place) => now.has(place) && !seen.includes(place)),
        [],
      )
    },
  ),
  storageCase(
    "page/hostile-keys",
    "keys full of quotes, wildcards and escapes stay apart and page",
    async (world) => {
      const hostile = [
        "%",
        "_",
        "'",
        "''",
        '"',
        "\\",
        "a%",
        "a_",
        "--",
        ";DROP TABLE",
        "?",
        "$1",
        "{}",
        "[]",
        "a,b",
        "a|b",
        "a:b",
      ]
      await committed(world, ...hostile.map((key, at) => indexed(`r/${at}`, entry(key, key, key))))
      for (const [at, key] of hostile.entries()) {
        assert.deepEqual(await streamsOf(world, lookup(key, [key], { from: key })), [`r/${at}`])
      }
      await committed(world, ...hostile.map((key, at) => indexed(`h/${at}`, entry("all", key, key))))
      const all = await placesOf(world, lookup("all", hostile))
      assert.equal(all.length, hostile.length)
      assert.deepEqual(await walk(world, lookup("all", hostile, { limit: 3 })), all)
    },
  ),
  ...badCursors.map((cursor, at) =>
    storageCase(`page/bad-cursor-${at}`, `a malformed cursor is refused (${at})`, ({ storage, programme }) =>
      refuses("invalid", () => storage.find(programme, lookup("i", ["a"], { cursor }))),
    ),
  ),
  storageCase("streams/prefix", "streams are listed by prefix in byte order", async (world) => {
    const names = ["r/2", "r/10", "i/1", "r/1", "r", "s/1", "r0", "r/a", "r/A"]
    await committed(world, command("a", { appends: names.map((name) => append(name, 0)) }))
    const listed = async (prefix: string, after?: string, limit = 100) =>
      (await world.storage.streams(world.programme, { prefix, after, limit })).map(({ stream }) => stream)
    assert.deepEqual(await listed("r/"), ["r/1", "r/10", "r/2", "r/A", "r/a"])
    assert.deepEqual(await listed(""), ["i/1", "r", "r/1", "r/10", "r/2", "r/A", "r/a", "r0", "s/1"])
    assert.deepEqual(await listed("r/", "r/10"), ["r/2", "r/A", "r/a"])
    assert.deepEqual(await listed("r/", "r/10", 1), ["r/2"])
    assert.deepEqual(await listed("r/", "r/1x", 2), ["r/2", "r/A"])
    assert.deepEqual(await listed("r/", "a"), ["r/1", "r/10", "r/2", "r/A", "r/a"])
    assert.deepEqual(await listed("r/", "z"), [])
    assert.deepEqual(await listed("x"), [])
  }),
  storageCase("streams/wildcards", "a prefix is text, not a pattern", async (world) => {
    await committed(
      world,
      command("a", { appends: ["a%b", "axb", "a_b", "~", "~~"].map((name) => append(name, 0)) }),
    )
    const listed = async (prefix: string) =>
      (await world.storage.streams(world.programme, { prefix, after: undefined, limit: 9 })).map(
        ({ stream }) => stream,
      )
    assert.deepEqual(await listed("a%"), ["a%b"])
    assert.deepEqual(await listed("a_"), ["a_b"])
    assert.deepEqual(await listed("~"), ["~", "~~"])
    assert.deepEqual(await listed("A"), [])
  }),
  storageCase("streams/paging", "streams page without gaps", async (world) => {
    const names = Array.from({ length: 11 }, (_, at) => `r/${String(at).padStart(2, "0")}`)
    await committed(world, command("a", { appends: names.map((name) => append(name, 0)) }))
    const seen: string[] = []
    for (let pages = 0; pages < names.length; pages += 1) {
      const page = await world.storage.streams(world.programme, {
        prefix: "r/",
        after: seen.at(-1),
        limit: 3,
      })
      if (page.length === 0) break
      seen.push(...page.map(({ stream }) => stream))
    }
    assert.deepEqual(seen, names)
  }),
]

// internal

const spread = [
  indexed("r/0", entry("i", "a", "3")),
  indexed("r/1", entry("i", "b", "2"), entry("i", "a", "2")),
  indexed("r/2", entry("i", "b", "1")),
  indexed("r/3", entry("i", "a", "1"), entry("j", "a", "0")),
]

/** Nine streams, each under three equality keys, with ranges 0 to 2. */
const many = Array.from({ length: 9 }, (_, at) =>
  indexed(
    `r/${at}`,
    entry("i", "a", `${at % 3}`),
    entry("i", "b", `${(at + 1) % 3}`),
    entry("i", "c", `${at % 3}`),
  ),
)

const placesOf = async (
  { storage, programme }: StorageWorld,
  query: IndexQuery,
): Promise<readonly string[]> =>
  (await storage.find(programme, query)).rows.map(
    ({ range, stream, equals }) => `${range} ${stream} ${equals}`,
  )

const walk = async ({ storage, programme }: StorageWorld, query: IndexQuery): Promise<readonly string[]> => {
  const seen: string[] = []
  let cursor: string | undefined
  for (let page = 0; page < 100; page += 1) {
    const found = await storage.find(programme, cursor === undefined ? query : { ...query, cursor })
    assert.ok(found.rows.length <= query.limit)
    seen.push(...found.rows.map(({ range, stream, equals }) => `${range} ${stream} ${equals}`))
    cursor = found.cursor
    if (cursor === undefined) return seen
  }
  return assert.fail("paging does not end")
}
