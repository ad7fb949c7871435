import { openSqliteFile, sqliteStorage } from "@yingshao/storage-sqlite"
import { append, command, state } from "@yingshao/testkit/storage-cases/storage-case"
import { expect, test } from "vitest"

test("a stream's history is whole and in order however often it was touched, and costs few rows", async () => {
  const database = openSqliteFile(":memory:")
  const storage = await sqliteStorage({ database })
  const touches = 200
  for (let at = 0; at < touches; at += 1) {
    // Every other record touches another stream, so that the numbers have gaps.
    await storage.commit("p", command(`a${at}`, { appends: [append("r/1", at, state(`${at}`))] }))
    await storage.commit("p", command(`b${at}`, { appends: [append(`r/x${at}`, 0)] }))
  }
  const wanted = Array.from({ length: touches }, (_, at) => 2 * at + 1)
  for (const limit of [1, 7, 61, 1_000]) {
    const numbers: number[] = []
    for (;;) {
      const page = await storage.history("p", "r/1", { after: numbers.at(-1) ?? 0, limit })
      numbers.push(...page.map(({ number }) => number))
      if (page.length < limit) break
    }
    expect(numbers).toEqual(wanted)
  }
  expect((await storage.history("p", "r/1", { after: 100, limit: 2 })).map(({ number }) => number)).toEqual([
    101, 103,
  ])
  const rows = database.prepare("SELECT count(*) AS rows FROM touched").get()?.["rows"]
  expect(rows).toBeLessThan(touches / 20)
  await storage.close()
  database.close()
})
