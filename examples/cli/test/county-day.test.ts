import type { Storage } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { describe, expect, test } from "vitest"
import { ownFolder } from "./run-cli.ts"
import { finish, planned } from "./small-days.ts"

const inFolder = ownFolder()
const day = planned()
const whole = await finish(memoryStorage(), day)

describe("the fictional county's day", () => {
  const { summary } = whole

  test("everything is answered, the books balance, and nothing is found wrong", () => {
    expect(summary.reports).toEqual({ received: 50, accepted: 50, refused: 0 })
    expect(summary.replies.sent).toBe(summary.replies.owed)
    expect(summary.obligations.open).toBe(0)
    expect(summary.trialBalance).toEqual({ fen: 0, points: 0 })
    expect(summary.doctor).toEqual({ ok: true, findings: [] })
  })

  test("the tales happen: rivals, lateness, tiers, forfeiture, clawback, redemption", () => {
    expect(summary.laterReports).toBeGreaterThanOrEqual(6)
    expect(summary.barredReports).toBe(2)
    expect(summary.obligations.late).toBeGreaterThan(0)
    expect(summary.obligations.escalations).toBeGreaterThan(0)
    expect(Object.keys(summary.cash.byTier)).toEqual(["tier1", "tier2", "tier3", "tier4"])
    expect(summary.cash.forfeitedFen).toBeGreaterThan(0)
    expect(summary.cash.recoveredFen).toBeGreaterThan(0)
    expect(summary.cash.paidFen + summary.cash.forfeitedFen + summary.cash.recoveredFen).toBe(
      summary.cash.totalFen,
    )
    expect(summary.points.redeemed).toBe(30)
  })

  test("the rules refuse the script nothing but what it means to be refused", () => {
    expect([...whole.refusals.keys()]).toEqual(["cap-reached"])
  })

  test("another run of the same day ends the same", async () => {
    const again = await finish(memoryStorage(), planned())
    expect(again.summary).toEqual(summary)
    expect(again.head).toEqual(whole.head)
  })

  test("another seed is another day", () => {
    expect(planned({ seed: "2" }).record.programme).not.toBe(day.record.programme)
  })
})

/** A store that fails for good after so many commits. */
const failing = (storage: Storage, commits: number): Storage => {
  let left = commits
  return {
    ...storage,
    commit: (programme, commit) => {
      left -= 1
      if (left < 0) throw Object.assign(new Error("the power is gone"), { _tag: "PowerCut" })
      return storage.commit(programme, commit)
    },
  }
}

describe("on SQLite", () => {
  test("a day that was cut off goes on, and a complete one does not change", async () => {
    const file = inFolder("cut-off.db")
    const broken = await openSqliteStorage(file)
    await expect(finish(failing(broken, 1_000), day)).rejects.toBeDefined()
    await broken.close()
    const storage = await openSqliteStorage(file)
    const resumed = await finish(storage, day)
    expect(resumed.summary).toEqual(whole.summary)
    const again = await finish(storage, day)
    expect(again.head).toEqual(resumed.head)
    expect(again.summary).toEqual(resumed.summary)
    await storage.close()
  })
})
