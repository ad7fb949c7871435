import { DatabaseSync } from "node:sqlite"
import type { Storage } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import { sqliteStorage } from "@yingshao/storage-sqlite"
import { replaced } from "@yingshao/testkit/storage-injection"
import { describe, expect, test } from "vitest"
import type { Catalogue } from "../src/catalogue.ts"
import { programmeCatalogue } from "../src/programme-catalogue.ts"
import { makeQueries } from "../src/queries.ts"
import { refoldAll } from "../src/refold.ts"
import { openCounty } from "./county.ts"
import { as, openSmall, testClock } from "./open-small.ts"
import { fillAccounts, nextRelease, restateUnderLoad } from "./restate-under-load.ts"

const stores: readonly (readonly [string, () => Promise<Storage>])[] = [
  ["memory", async () => memoryStorage()],
  ["SQLite", () => sqliteStorage({ database: new DatabaseSync(":memory:") })],
]

const found = async (storage: Storage): Promise<number> => {
  const { world } = await openSmall(storage, { catalogue: nextRelease })
  return (await makeQueries(world).page({ index: "paid", equals: "times", limit: 1_000 })).rows.length
}

describe.each(stores)("states of %s folded anew", (_, fresh) => {
  test("S9 S10 while commands run: no stale read, no lost write, and no half index", async () => {
    const storage = await fresh()
    await fillAccounts(storage, 300)
    const report = await restateUnderLoad(storage, 300, { workers: 4, turns: 50 })
    expect(report.faults).toEqual([])
    expect(report).toMatchObject({ complete: true })
    expect(report.refolded).toBeGreaterThan(150)
    expect(report.commands).toBeGreaterThanOrEqual(80)
    expect(report.told).toBeGreaterThan(0)
    await storage.close()
  })

  test("S10 a restart in the middle goes on, and the index is complete only after the last state", async () => {
    const storage = await fresh()
    await fillAccounts(storage, 450)
    const { world } = await openSmall(storage, { catalogue: nextRelease })
    const stopping = new AbortController()
    const stopped = await refoldAll(world, { signal: stopping.signal, onProgress: () => stopping.abort() })
    expect(stopped.complete).toBe(false)
    expect(stopped.refolded).toBeGreaterThan(0)
    await expect(found(storage)).rejects.toMatchObject({ _tag: "IndexBuilding", index: "paid" })
    const rest = await refoldAll(world)
    expect(rest).toMatchObject({ complete: true, refolded: 450 - stopped.refolded })
    expect(await found(storage)).toBe(450)
    await storage.close()
  })

  test("S10 an older release that still writes keeps the index from being told complete, and is folded anew once it has ended", async () => {
    const inner = await fresh()
    await fillAccounts(inner, 30)
    const older = await openSmall(inner)
    let turn = 0
    const storage = replaced(inner, (good) => ({
      async streams(name, page) {
        const rows = await good.streams(name, page)
        turn += 1
        if (turn > 0) {
          await older.handle({ type: "Pay", id: `o-${turn}`, by: as("bob"), account: "a-3", amountFen: 1 })
        }
        return rows
      },
    }))
    const { world } = await openSmall(storage, { catalogue: nextRelease })
    expect(await refoldAll(world)).toMatchObject({ complete: false })
    await expect(found(inner)).rejects.toMatchObject({ _tag: "IndexBuilding" })
    turn = Number.NEGATIVE_INFINITY
    expect(await refoldAll(world)).toMatchObject({ complete: true, refolded: 1 })
    expect(await found(inner)).toBe(30)
    await inner.close()
  })

  test("a programme that begins under this release has every index from its first command on", async () => {
    const storage = await fresh()
    const account = nextRelease.streams.account as Catalogue["streams"][string]
    const catalogue = { ...programmeCatalogue, streams: { ...programmeCatalogue.streams, account } }
    const opened = await openCounty(storage, testClock(), { catalogue })
    expect((await opened.queries.page({ index: "paid", equals: "times" })).rows).toEqual([])
    await opened.close()
  })
})
