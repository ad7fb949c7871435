import { checkWorld } from "@yingshao/engine/check-world"
import { programmeCatalogue } from "@yingshao/engine/programme-catalogue"
import { openSqliteFile, sqliteStorage } from "@yingshao/storage-sqlite"
import { expect, test } from "vitest"
import { growCounty } from "../src/grown-county.ts"
import { programme } from "../src/intake-county.ts"

test("a grown county is a sound world: everything that can be read off it follows from its journal", async () => {
  const database = openSqliteFile(":memory:")
  const storage = await sqliteStorage({ database })
  await growCounty(database, storage, 60)
  const report = await checkWorld(storage, programme, { catalogue: programmeCatalogue })
  expect(report.findings).toEqual([])
  expect(report.counted).toMatchObject({ refused: 0, streams: expect.any(Number) })
  const { rows } = await storage.find(programme, {
    index: "reports/status",
    equals: ["new", "open"],
    order: "ascending",
    limit: 1_000,
  })
  // And the one that was the mould.
  expect(rows.length).toBe(61)
  expect(await storage.outboxCounts(programme)).toMatchObject({ pending: 0, dead: 0 })
  await storage.close()
  database.close()
})
