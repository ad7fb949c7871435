/**
 * Random command sequences on memory and SQLite: the world is sound after every command, and both stores
 * hold the same journal. Sampled, with fixed seeds.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Storage } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { fixedPolicy } from "../../core/test/fixtures/fixed-policy.ts"
import type { Yingshao } from "../src/yingshao.ts"
import { codeOf, give, must, openCounty, staffCounty, wish } from "./county.ts"
import { issuedAndKept, readBooks } from "./independent-reader.ts"
import { programme, start, type TestClock, testClock } from "./open-small.ts"
import { chanceOf, informants, items, nextStep, type Step } from "./random-walk.ts"

const seeds = 6
const length = 50
const longSeeds = [101, 102, 103]
const longLength = 220

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "yingshao-random-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Small caps, short lots and a low price, so that limits are met within one walk. */
const policy = fixedPolicy({
  numbers: {
    dailyCashCapFen: 25_000,
    yearlyBudgetFen: 60_000,
    lotLifeDays: 20,
    redeemFrom: 5,
    claimDays: 20,
  },
})

const openFor = async (storage: Storage, seed: number): Promise<{ county: Yingshao; clock: TestClock }> => {
  const clock = testClock(start)
  const county = await openCounty(storage, clock, { seed: `seed ${seed}`, policy })
  await staffCounty(county, informants)
  for (const item of items) {
    const entry = { nameZh: item, nameEn: item, points: item === "towel" ? 4 : 7 }
    await must(county, `register-${item}`, wish("RegisterItem", "admin", "programme-admin", { item, entry }))
    await must(county, `stock-${item}`, wish("StockItem", "admin", "programme-admin", { item, units: 2 }))
  }
  return { county, clock }
}

const take = async (county: Yingshao, clock: TestClock, at: number, { minutes, wanted }: Step) => {
  clock.set(clock.now() + minutes * 60_000)
  if (wanted !== "run what is due") return codeOf(await give(county, `step-${at}`, wanted))
  const { failed } = await county.scheduler.runDue()
  expect(failed).toBe(0)
  return "ran"
}

/** The exported journal: one line of JSON a record. */
const exported = async (storage: Storage): Promise<readonly string[]> => {
  const lines: string[] = []
  for (;;) {
    const page = await storage.journal(programme, { after: lines.length, limit: 1_000 })
    lines.push(...page.map(({ number, hash, entry }) => JSON.stringify({ number, hash, entry })))
    if (page.length < 1_000) return lines
  }
}

const used = new Map<string, Map<string, number>>()
const count = (type: string, code: string): void => {
  const codes = used.get(type) ?? new Map<string, number>()
  used.set(type, codes.set(code, (codes.get(code) ?? 0) + 1))
}

/** One walk on memory; `every` commands the world is checked. */
const walkOn = async (
  storage: Storage,
  seed: number,
  { commands, every }: { commands: number; every: number },
): Promise<readonly Step[]> => {
  const { county, clock } = await openFor(storage, seed)
  const chance = chanceOf(seed)
  const steps: Step[] = []
  let before: readonly string[] = []
  for (let at = 0; at < commands; at += 1) {
    const step = await nextStep(county, chance)
    steps.push(step)
    const code = await take(county, clock, at, step)
    const type = step.wanted === "run what is due" ? "runDue" : step.wanted.type
    count(type, code)
    if (at % every !== every - 1) continue
    const where = `seed ${seed}, step ${at}: ${type} ${code}`
    expect((await county.checkWorld()).findings, where).toEqual([])
    const now = await exported(storage)
    expect(now.slice(0, before.length), where).toEqual(before)
    before = now
  }
  await expectBooks(county, before)
  return steps
}

const expectBooks = async (county: Yingshao, lines: readonly string[]): Promise<void> => {
  const books = readBooks(lines)
  expect(books.faults).toEqual([])
  for (const unit of ["fen", "points"] as const) {
    const { issued, kept } = issuedAndKept(books, unit)
    expect(kept).toBe(issued)
  }
  const tallies = await county.queries.tallies("ledger/")
  const counted = [...tallies].map(([key, value]) => [key.replace("ledger/", "").replace("/", " "), value])
  expect(Object.fromEntries(counted)).toEqual(Object.fromEntries(books.controls))
  for await (const { id, state } of county.queries.readAll("account")) {
    const balance = (key: string) => books.accounts.get(`${key}/${id}`) ?? 0
    expect({
      spendable: balance("points spendable"),
      held: balance("points held"),
      pointsReceivable: balance("points receivable"),
      payable: balance("fen payable"),
      fenReceivable: balance("fen receivable"),
    }).toEqual(state.balances)
  }
}

/** The same steps on a file of SQLite end in the same journal, sound and with the same books. */
const expectAlike = async (memory: Storage, seed: number, steps: readonly Step[]): Promise<void> => {
  const sqlite = await openSqliteStorage(join(folder, `${seed}.db`))
  const { county, clock } = await openFor(sqlite, seed)
  for (const [at, step] of steps.entries()) await take(county, clock, at, step)
  expect(await sqlite.head(programme)).toEqual(await memory.head(programme))
  expect((await county.checkWorld()).findings).toEqual([])
  await expectBooks(county, await exported(sqlite))
  await county.close()
}

describe(`random worlds, sampled: ${seeds} seeds × ${length} commands, checked after each`, () => {
  for (let seed = 1; seed <= seeds; seed += 1) {
    test(`S10 L3 L4 L5 L6 L24 F1 F2 F3 F9 hold after every command, and both stores hold the same journal, seed ${seed}`, async () => {
      const memory = memoryStorage()
      await expectAlike(memory, seed, await walkOn(memory, seed, { commands: length, every: 1 }))
    })
  }
})

describe(`long walks, sampled: ${longSeeds.length} seeds × ${longLength} commands, checked after every 55`, () => {
  for (const seed of longSeeds) {
    test(`S10 L3 L4 L5 L6 L24 F1 F2 F3 F9 hold, and both stores hold the same journal, seed ${seed}`, async () => {
      const memory = memoryStorage()
      await expectAlike(memory, seed, await walkOn(memory, seed, { commands: longLength, every: 55 }))
    })
  }

  test("the walks reach what they are for: awards, recoveries, appeals, redemptions, merges, refusals", () => {
    if (process.env.YINGSHAO_SHOW_WALKS !== undefined) console.log(used)
    const reached = [...used].filter(([, codes]) => codes.has("accepted")).map(([type]) => type)
    expect(reached).toEqual(
      expect.arrayContaining([
        "AnswerWhistle",
        "ApproveReward",
        "CloseUnit",
        "DecideAppeal",
        "DecideFinding",
        "HoldRedemption",
        "MergeIncidents",
        "PayAward",
        "RecordFollowUp",
        "RemoveParticipant",
        "ReturnOrder",
        "SuspendInformant",
      ]),
    )
    const refused = new Set([...used.values()].flatMap((codes) => [...codes.keys()]))
    expect([...refused]).toEqual(expect.arrayContaining(["not-permitted", "same-person", "own-report"]))
    expect(refused).not.toContain("bad-command")
  })
})
