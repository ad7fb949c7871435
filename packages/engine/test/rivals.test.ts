/**
 * Rivals through the whole engine: for one matter, one budget, one balance, in one process on both stores,
 * and a control that only looks before it writes and fails. Rivals from several processes on one file are in
 * `packages/evidence`.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { cellWidthM } from "@yingshao/core/incident/candidates"
import { cellOf } from "@yingshao/core/place/grid"
import type { Storage } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { replaced } from "@yingshao/testkit/storage-injection"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { codeOf, give, openCounty, placeAt } from "./county.ts"
import { testClock } from "./open-small.ts"
import {
  answerOf,
  expectBalanceHolds,
  expectBudgetHolds,
  expectNoAwardToSuspended,
  expectOneHolder,
  openRivals,
  reportsAt,
} from "./rivals-cases.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "yingshao-rivals-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
const stores: Readonly<Record<string, () => Promise<Storage>>> = {
  memory: async () => memoryStorage(),
  SQLite: () => openSqliteStorage(join(folder, `${++files}.db`)),
}

/** Metres east at which a cell of the grid ends. */
const border = (): number => {
  const cellAt = (eastM: number) => cellOf(placeAt(eastM).coordinate, cellWidthM(100))
  const found = Array.from({ length: 800 }, (_, at) => at).find((at) => cellAt(at) !== cellAt(at + 1))
  if (found === undefined) throw new Error("no border within 800 m")
  return found
}

describe.each(Object.entries(stores))("rivals in one process on %s", (_, open) => {
  test.each([
    ["in one cell", () => 0],
    ["on both sides of a cell border", () => border() - 17],
  ])("L14 L15 of eight reports of one matter answered at once, one holds the claim: %s", async (_, eastM) => {
    const storage = await open()
    const county = await openRivals(storage, [])
    const reports = await reportsAt(county, 8, eastM())
    const answers = await Promise.all(reports.map((report) => give(county, `w-${report}`, answerOf(report))))
    expect(answers.map(codeOf)).toEqual(reports.map(() => "accepted"))
    await expectOneHolder(county, reports)
    expect((await county.checkWorld()).findings).toEqual([])
    await county.close()
  })

  test("L15 32 answer at one place, others keep coming behind them: nobody is told to come back", async () => {
    const storage = await open()
    const county = await openRivals(storage, [])
    const reports = await reportsAt(county, 192, 0, 0)
    const codes: string[] = []
    let next = 0
    const caller = async (): Promise<void> => {
      for (let at = next++; at < reports.length; at = next++) {
        const report = reports[at] ?? ""
        codes.push(codeOf(await give(county, `w-${report}`, answerOf(report))))
      }
    }
    await Promise.all(Array.from({ length: 32 }, caller))
    expect(codes).toEqual(reports.map(() => "accepted"))
    await expectOneHolder(county, reports)
    await county.close()
  })

  test("L21 six approvals at once under a yearly budget for three: three fit, three are refused", async () => {
    const storage = await open()
    await expectBudgetHolds(storage)
    await storage.close()
  })

  test("L11 S4 an approval against a suspension: never an award after the suspension", async () => {
    const storage = await open()
    await expectNoAwardToSuspended(storage)
    await storage.close()
  })

  test("L4 L19 six redemptions at once of one balance for two: two are held", async () => {
    const storage = await open()
    await expectBalanceHolds(storage)
    await storage.close()
  })
})

describe("control: a store that lets a commit stand although what it read has changed", () => {
  /** Check, then insert: the commit trusts what the rule saw. */
  const naive = (inner: Storage): Storage =>
    replaced(inner, () => ({
      commit: (name, commit) => inner.commit(name, { ...commit, guards: [] }),
    }))

  test("opens one matter twice, so the rivals above really race", async () => {
    const storage = memoryStorage()
    const county = await openRivals(storage, [])
    const reports = await reportsAt(county, 8, border() - 17)
    const careless = await openCounty(naive(storage), testClock())
    await Promise.all(reports.map((report) => give(careless, `w-${report}`, answerOf(report))))
    await expect(expectOneHolder(careless, reports)).rejects.toThrow(/expected 2 to be 1/)
  })
})
