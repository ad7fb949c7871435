/**
 * Escalations of a whole county under bad clocks: set back an hour, forward a day, two schedulers at once, one
 * that starts thirty days late, restarts. Each level of each obligation exactly once and in order (F4).
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Storage } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { decodeEntry } from "../src/entry.ts"
import type { Yingshao } from "../src/yingshao.ts"
import { fire, idIn, lamp, must, openCounty, placeAt, staffCounty, submission, wish } from "./county.ts"
import { programme, start, type TestClock, testClock } from "./open-small.ts"

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Three matters that nobody attends to: one nobody looked at, a lamp and a fire that were handed over. */
const neglected = async (storage: Storage, clock: TestClock): Promise<Yingshao> => {
  const county = await openCounty(storage, clock)
  await staffCounty(county, [])
  await must(county, "new", submission("wang", placeAt(9_000)))
  for (const [key, facts, metres] of [
    ["lamp", lamp, 0],
    ["fire", fire, 3_000],
  ] as const) {
    const report = idIn(await must(county, `${key}-submit`, submission("wang", placeAt(metres))), "report")
    const answer = wish("AnswerWhistle", "duty", "duty-officer", { report, facts })
    const incident = idIn(await must(county, `${key}-answer`, answer), "incident")
    await must(county, `${key}-hand`, wish("HandOver", "duty", "duty-officer", { incident }))
  }
  return county
}

/** Levels of each obligation in the order of the journal, and how many urgent notices went with them. */
const escalated = async (storage: Storage) => {
  const levels = new Map<string, number[]>()
  const owed = new Set<string>()
  for (const record of await storage.journal(programme, { after: 0, limit: 1_000 })) {
    for (const { event } of decodeEntry(record).events) {
      const { type, obligation, level } = event as { type: string; obligation: string; level: number }
      if (type === "ObligationEscalated") levels.set(obligation, [...(levels.get(obligation) ?? []), level])
      const { opened } = event as { readonly opened?: { readonly id: string } }
      if (type === "ObligationOpened" && opened !== undefined) owed.add(opened.id)
      if (type === "ObligationMet") owed.delete(obligation)
    }
  }
  const rows = await storage.outbox(programme, { status: "pending", after: undefined, limit: 1_000 })
  const notices = rows.filter(({ body }) => body.includes('"kind":"escalation"')).length
  return { levels, notices, owed: [...owed] }
}

/** Every obligation climbed its whole ladder, a level at a time, and each level was told over two lanes. */
const expectWhole = async (storage: Storage, county: Yingshao): Promise<void> => {
  const { levels, notices, owed } = await escalated(storage)
  expect([...levels.keys()].sort()).toEqual([...owed].sort())
  let all = 0
  for (const [obligation, climbed] of levels) {
    expect(climbed, obligation).toEqual(climbed.map((_, at) => at + 1))
    all += climbed.length
  }
  expect(all).toBeGreaterThan(owed.length)
  expect(notices).toBe(2 * all)
  expect(await county.scheduler.runDue()).toMatchObject({ accepted: 0, failed: 0 })
  expect((await county.checkWorld()).findings).toEqual([])
}

describe("escalations under bad clocks", () => {
  test("F4 T2 a clock set back an hour, then forward a day: no level twice, none skipped", async () => {
    const storage = memoryStorage()
    const clock = testClock()
    const county = await neglected(storage, clock)
    const first = Date.parse((await county.scheduler.nextDueAt()) ?? "")
    clock.set(first + 1)
    expect(await county.scheduler.runDue()).toMatchObject({ accepted: 1 })
    const ill = async (of: Yingshao) => (await of.doctor()).findings.map(({ invariant }) => invariant)
    expect(await ill(county)).not.toContain("T2")
    clock.set(first - hour)
    expect(await ill(county)).toContain("T2")
    expect(await county.scheduler.runDue()).toMatchObject({ accepted: 0 })
    const reopened = await openCounty(storage, clock)
    expect(await reopened.scheduler.runDue()).toMatchObject({ accepted: 0 })
    clock.set(first + day)
    expect((await reopened.scheduler.runDue()).accepted).toBeGreaterThan(1)
    expect(await county.scheduler.runDue()).toMatchObject({ accepted: 0 })
    clock.set(first + 60 * day)
    await county.scheduler.runDue()
    await expectWhole(storage, reopened)
  })

  test("F4 I8 two processes, one an hour behind and one a day ahead, at once, on SQLite", async () => {
    const folder = mkdtempSync(join(tmpdir(), "escalations-"))
    const clocks = [testClock(), testClock()] as const
    const stores = await Promise.all(clocks.map(() => openSqliteStorage(join(folder, "county.db"))))
    const [one, two] = [
      await neglected(stores[0] as Storage, clocks[0]),
      await openCounty(stores[1] as Storage, clocks[1]),
    ]
    for (let at = start; at < start + 40 * day; at += 2 * day) {
      clocks[0].set(at - hour)
      clocks[1].set(at + day)
      await Promise.all([one.scheduler.runDue(), two.scheduler.runDue(), one.scheduler.runDue()])
    }
    await expectWhole(stores[0] as Storage, one)
    await Promise.all([one.close(), two.close()])
    rmSync(folder, { recursive: true })
  })

  test("F4 a scheduler that starts thirty days late works everything off at once, in order", async () => {
    const storage = memoryStorage()
    const clock = testClock()
    await neglected(storage, clock)
    clock.set(start + 30 * day)
    const late = await openCounty(storage, clock)
    const { accepted, refused, failed } = await late.scheduler.runDue()
    expect({ refused, failed }).toEqual({ refused: 0, failed: 0 })
    expect(accepted).toBeGreaterThan(5)
    await expectWhole(storage, late)
  })

  test("F4 any jumps of two clocks, any interleaving, any restarts (sampled)", async () => {
    const step = fc.record({
      who: fc.constantFrom(0, 1, 2),
      ms: fc.oneof(fc.constantFrom(-hour, day), fc.integer({ min: -2 * hour, max: 2 * hour })),
      restart: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const storage = memoryStorage()
        const clocks = [testClock(), testClock()] as const
        const counties = [await neglected(storage, clocks[0]), await openCounty(storage, clocks[1])]
        for (const { who, ms, restart } of steps) {
          const moved = who === 2 ? [0, 1] : [who]
          for (const at of moved) {
            const clock = clocks[at as 0 | 1]
            clock.set(clock.now() + ms)
            if (restart) counties[at] = await openCounty(storage, clock)
          }
          await Promise.all(moved.map((at) => counties[at]?.scheduler.runDue()))
          for (const climbed of (await escalated(storage)).levels.values()) {
            expect(climbed).toEqual(climbed.map((_, at) => at + 1))
          }
        }
        for (const clock of clocks) clock.set(start + 60 * day)
        await Promise.all(counties.map((county) => county.scheduler.runDue()))
        await expectWhole(storage, counties[0] as Yingshao)
      }),
      { numRuns: 5 },
    )
  })
})
