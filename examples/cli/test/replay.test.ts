import { readFileSync, writeFileSync } from "node:fs"
import { programmeCatalogue } from "@yingshao/engine/programme-catalogue"
import { makeQueries } from "@yingshao/engine/queries"
import type { Storage } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import { describe, expect, test } from "vitest"
import { fixture, ownFolder } from "./run-cli.ts"
import { finish, planned } from "./small-days.ts"

const inFolder = ownFolder()
const file = fixture("export.csv")
const storage = memoryStorage()
const day = planned({ file })
const whole = await finish(storage, day)

/** First or later by row, as decided. */
const ranksOf = async (store: Storage, programme: string): Promise<Readonly<Record<string, string>>> => {
  const ranks: Record<string, string> = {}
  const queries = makeQueries({ programme, storage: store, catalogue: programmeCatalogue })
  for await (const { state } of queries.readAll("report")) {
    if (state.status !== "none" && state.status !== "new") ranks[state.original ?? ""] = state.rank
  }
  return ranks
}

describe("a replay", () => {
  test("takes every row and compares with the agency", () => {
    expect(whole.summary.reports).toEqual({ received: 6, accepted: 6, refused: 0 })
    expect(whole.summary.duplicates).toEqual({ agree: 1, missed: 0, extra: 0, outsideFile: 1 })
    expect(whole.summary.doctor).toEqual({ ok: true, findings: [] })
  })

  test("a row that was never closed stays open, late and reminded, and is answered", () => {
    expect(whole.summary.obligations.open).toBeGreaterThan(0)
    expect(whole.summary.obligations.escalations).toBeGreaterThan(0)
    expect(whole.summary.obligations.worstLatenessMinutes).toBeGreaterThan(0)
    expect(whole.summary.replies).toEqual({ owed: 6, sent: 6 })
  })

  test("an unknown type goes by the printed rule", async () => {
    const queries = makeQueries({ programme: day.record.programme, storage, catalogue: programmeCatalogue })
    const categories: string[] = []
    for await (const { state } of queries.readAll("report")) {
      if (state.status !== "none" && state.status !== "new" && state.original === "row-1004") {
        categories.push(state.facts.category)
      }
    }
    expect(categories).toEqual(["other"])
  })

  test("the same file again changes nothing", async () => {
    const again = await finish(storage, planned({ file }))
    expect(again.head).toEqual(whole.head)
    expect(again.summary).toEqual(whole.summary)
  })

  test("its first rows and then all of it gives what all of it at once gives", async () => {
    const lines = readFileSync(file, "utf8").split("\n")
    const some = inFolder("some.csv")
    writeFileSync(some, lines.slice(0, 4).join("\n"))
    const both = memoryStorage()
    const fewer = await finish(both, planned({ file: some }))
    expect(fewer.summary.reports.accepted).toBe(3)
    const all = await finish(both, planned({ file }))
    expect(all.summary).toEqual(whole.summary)
    expect(all.head).toEqual(whole.head)
  })

  test("the verdict reads neither status nor closing date nor resolution", async () => {
    const [head = "", ...rows] = readFileSync(file, "utf8").trimEnd().split("\n")
    const blind = rows.map((row) => {
      const fields = row.split(",")
      // No field but the descriptor holds a comma or quote in the fixture, and it stands before these.
      const from = fields.length - 11
      fields[2] = ""
      fields[from + 7] = "Open"
      fields[from + 8] = ""
      return fields.join(",")
    })
    const other = inFolder("blind.csv")
    writeFileSync(other, [head, ...blind].join("\n"))
    const unseen = memoryStorage()
    const plan = planned({ file: other })
    await finish(unseen, plan)
    expect(await ranksOf(unseen, plan.record.programme)).toEqual(await ranksOf(storage, day.record.programme))
  })
})

const published = new URL("../../../../shared/data/nyc-311-2025-03-24.csv", import.meta.url)
const available = (() => {
  try {
    return readFileSync(published).length > 0
  } catch {
    return false
  }
})()

// The published day lies beside the project and not in it; where it is missing, the fixture alone is replayed.
describe.skipIf(!available)("the published day of New York, where it lies beside the project", () => {
  test("all 235 rows are taken, 16 of them said to be duplicates", async () => {
    const ny = planned({ file: decodeURIComponent(published.pathname) })
    const { summary } = await finish(memoryStorage(), ny)
    expect(summary.reports).toEqual({ received: 235, accepted: 235, refused: 0 })
    const { agree, missed, outsideFile } = summary.duplicates ?? { agree: 0, missed: 0, outsideFile: 0 }
    expect(agree + missed + outsideFile).toBe(16)
    expect(summary.replies.sent).toBe(summary.replies.owed)
    expect(summary.doctor.ok).toBe(true)
  })
})
