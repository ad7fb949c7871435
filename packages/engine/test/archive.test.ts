import { DatabaseSync } from "node:sqlite"
import type { Storage } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import { sqliteStorage } from "@yingshao/storage-sqlite"
import { beforeEach, describe, expect, test } from "vitest"
import { archiveSegment, finishArchiving, lastBefore, withArchives } from "../src/archive.ts"
import { type ByteSource, openArchive } from "../src/archive-file.ts"
import { checkWorld } from "../src/check-world.ts"
import { bytesOf, exported } from "./export-lines.ts"
import { as, openSmall, programme, type SmallWorld, testClock } from "./open-small.ts"
import { smallCatalogue } from "./small-world.ts"

const stores: readonly (readonly [string, () => Promise<Storage>])[] = [
  ["memory", async () => memoryStorage()],
  ["SQLite", () => sqliteStorage({ database: new DatabaseSync(":memory:") })],
]

const sourceOf = (text: string): ByteSource => {
  const bytes = Buffer.from(text)
  return {
    name: "segment.jsonl",
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  }
}

describe.each(stores)("an archive of %s", (_, fresh) => {
  let storage: Storage
  let world: SmallWorld
  const clock = testClock()

  beforeEach(async () => {
    clock.set(Date.parse("2025-12-31T15:00:00.000Z"))
    storage = await fresh()
    world = await openSmall(storage, { clock })
    for (let at = 1; at <= 300; at += 1) {
      if (at === 251) clock.set(Date.parse("2025-12-31T16:00:00.000Z"))
      const note = "x".repeat(at % 40)
      await world.handle({
        type: "Pay",
        id: `p-${at}`,
        by: as("ann"),
        account: `a-${at % 5}`,
        amountFen: at,
        note,
      })
    }
  })

  /** Seals and archives everything before the new year in Shanghai, in two segments. */
  const archived = async (): Promise<{ readonly storage: Storage; readonly segments: readonly string[] }> => {
    const closed = await lastBefore({ storage, programme }, "2025-12-31T16:00:00.000Z" as never)
    expect(closed).toBe(251)
    const first = await exported({ storage, programme }, { upTo: 100, outbox: false })
    const second = await exported({ storage, programme }, { after: 100, upTo: closed, outbox: false })
    expect(await archiveSegment({ storage, programme }, bytesOf(first))).toBe(100)
    expect(await archiveSegment({ storage, programme }, bytesOf(second))).toBe(251)
    const archives = await Promise.all([first, second].map((text) => openArchive(sourceOf(text))))
    return { storage: withArchives(storage, archives), segments: [first, second] }
  }

  test("A3 S10 L24 journal, histories, repeats, the check of the world and an export go on through it", async () => {
    const before = {
      journal: await storage.journal(programme, { after: 0, limit: 1_000 }),
      history: await storage.history(programme, "account/a-3", { after: 7, limit: 1_000 }),
      text: await exported({ storage, programme }),
    }
    const { storage: whole } = await archived()
    const bare = await storage.journal(programme, { after: 0, limit: 1_000 })
    expect(bare.filter(({ entry }) => entry === "").map(({ number }) => number)).toEqual(
      Array.from({ length: 251 }, (_, at) => at + 1),
    )
    expect(await whole.journal(programme, { after: 0, limit: 1_000 })).toEqual(before.journal)
    expect(await whole.history(programme, "account/a-3", { after: 7, limit: 1_000 })).toEqual(before.history)
    expect((await exported({ storage: whole, programme })) === before.text).toBe(true)
    expect(await checkWorld(whole, programme, { catalogue: smallCatalogue })).toMatchObject({ findings: [] })
    // A command of the closed year is recognised, with its answer, and commands go on.
    const again = await openSmall(whole, { clock })
    const repeat = {
      type: "Pay",
      id: "p-9",
      by: as("ann"),
      account: "a-4",
      amountFen: 9,
      note: "x".repeat(9),
    } as const
    expect(await again.handle(repeat)).toMatchObject({ ok: true, number: 10 })
    expect(await again.handle({ ...repeat, amountFen: 8 })).toMatchObject({ ok: false })
    expect(await again.handle({ ...repeat, id: "next" })).toMatchObject({ ok: true, number: 302 })
  })

  test("A4 another file in its place, or none, is told, and never taken for the entry", async () => {
    const { segments } = await archived()
    const [, second = ""] = segments
    const changed = await openArchive(
      sourceOf(second.replaceAll('\\"amountFen\\":200', '\\"amountFen\\":900')),
    )
    const page = { after: 198, limit: 5 }
    await expect(withArchives(storage, [changed]).journal(programme, page)).rejects.toMatchObject({
      _tag: "Unreadable",
      where: "journal 201",
    })
    await expect(withArchives(storage, []).journal(programme, page)).rejects.toMatchObject({
      _tag: "Unreadable",
    })
    await expect(
      openSmall(storage, { clock }).then((opened) =>
        opened.handle({
          type: "Pay",
          id: "p-9",
          by: as("ann"),
          account: "a-4",
          amountFen: 9,
          note: "x".repeat(9),
        }),
      ),
    ).rejects.toMatchObject({
      _tag: "Unreadable",
      why: "its entry is in an archive that is not at hand",
    })
    await expect(openArchive(sourceOf("nonsense\n"))).rejects.toMatchObject({ _tag: "Unreadable" })
  })

  test("A2 the segment that left last may be given again, an earlier one not", async () => {
    const { segments } = await archived()
    const [first = "", second = ""] = segments
    expect(await archiveSegment({ storage, programme }, bytesOf(second))).toBe(251)
    expect(await finishArchiving({ storage, programme })).toBe(251)
    await expect(archiveSegment({ storage, programme }, bytesOf(first))).rejects.toMatchObject({
      why: "another-segment",
    })
  })

  test("A2 nothing leaves the store before its file is right and the next of this journal", async () => {
    const segment = await exported({ storage, programme }, { upTo: 100, outbox: false })
    const later = await exported({ storage, programme }, { after: 100, upTo: 200, outbox: false })
    const damaged = segment.replace("amountFen", "amountFex")
    await expect(archiveSegment({ storage, programme }, bytesOf(damaged))).rejects.toMatchObject({
      _tag: "ExportFault",
    })
    await expect(archiveSegment({ storage, programme }, bytesOf(later))).rejects.toMatchObject({
      why: "another-segment",
    })
    const other = await openSmall(await fresh(), { clock })
    await other.handle({ type: "Pay", id: "o-1", by: as("bob"), account: "a-1", amountFen: 1 })
    const foreign = await exported(other.world, { outbox: false })
    await expect(archiveSegment({ storage, programme }, bytesOf(foreign))).rejects.toMatchObject({
      why: "another-segment",
    })
    expect(
      (await storage.journal(programme, { after: 0, limit: 1_000 })).filter(({ entry }) => entry === ""),
    ).toEqual([])
  })
})

test("A2 A3 a place that was noted, and no row emptied yet: the entries are read, and leave when it is finished", async () => {
  const database = new DatabaseSync(":memory:")
  const storage = await sqliteStorage({ database })
  const world = await openSmall(storage, { clock: testClock() })
  for (const id of ["p-1", "p-2", "p-3"])
    await world.handle({ type: "Pay", id, by: as("ann"), account: "a-1", amountFen: 1 })
  expect(await finishArchiving({ storage, programme })).toBe(0)
  const before = await storage.journal(programme, { after: 0, limit: 9 })
  database.exec(`INSERT INTO archived SELECT id, 2, '${before[1]?.hash}' FROM programme`)
  expect(await withArchives(storage, []).journal(programme, { after: 0, limit: 9 })).toEqual(before)
  expect(await finishArchiving({ storage, programme })).toBe(2)
  const after = await storage.journal(programme, { after: 0, limit: 9 })
  expect(after).toEqual(before.map((one) => (one.number <= 2 ? { ...one, entry: "" } : one)))
})
