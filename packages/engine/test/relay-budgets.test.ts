/** Two relays on one outbox, and relays that end and come back, before a robot that takes twenty messages a minute. */
import { memoryStorage } from "@yingshao/storage-memory"
import { describe, expect, test } from "vitest"
import { channelBudgets } from "../src/channel-budgets.ts"
import { catchNotices } from "../src/in-process.ts"
import { programme, testClock } from "./open-small.ts"
import { queueNotices, relayOfNotices } from "./queued-notices.ts"

const minute = 60_000
const limits = { perMinute: 20, perSecond: 5 }

/** Sends alarms and ordinary notices for some minutes; every process of `relays` may be started anew. */
const busyMinutes = async (given: {
  readonly relays: number
  /** What each process believes about how many there are. */
  readonly told: number
  readonly restartsAt: (step: number) => readonly number[]
}) => {
  const storage = memoryStorage()
  const clock = testClock()
  const times: number[] = []
  const room = catchNotices(
    "room",
    () => {
      times.push(clock.now())
    },
    limits,
  )
  const start = () =>
    relayOfNotices(storage, clock, {
      notifiers: [room],
      plan: { relays: given.told },
      options: { page: 200 },
    })
  const relays = Array.from({ length: given.relays }, start)
  for (let step = 0; step < 120; step += 1) {
    for (const at of given.restartsAt(step)) relays[at] = start()
    for (const relay of relays) {
      const urgent = Array.from({ length: 2 }, () => ({ kind: "whistle", urgent: true }))
      await queueNotices(storage, clock, [...(step < 80 ? urgent : []), { kind: "handled" }])
      await relay.drain()
    }
    clock.set(clock.now() + 2_500)
  }
  for (let step = 0; step < 30; step += 1) {
    await Promise.all(relays.map((relay) => relay.drain()))
    clock.set(clock.now() + 10_000)
  }
  const most = (ms: number): number =>
    Math.max(...times.map((at) => times.filter((one) => one > at - ms && one <= at).length))
  const { pending } = await storage.outboxCounts(programme)
  return { perMinute: most(minute), perSecond: most(1_000), pending }
}

const never = () => []

/** When a relay that started a minute ago, and one that follows it, have just spent all their tokens. */
const afterABurst = (step: number): boolean => step > 0 && step % 33 === 0

describe("a robot's limit", () => {
  test("is kept by one relay that is started anew in its busiest minute, and by its successors", async () => {
    const restarted = await busyMinutes({
      relays: 1,
      told: 1,
      restartsAt: (step) => (afterABurst(step) ? [0] : []),
    })
    expect(restarted.perMinute).toBeLessThanOrEqual(20)
    expect(restarted.perSecond).toBeLessThanOrEqual(5)
    expect(restarted.pending).toBe(0)
  })

  test("is kept by two relays together, each started anew as well", async () => {
    const two = await busyMinutes({
      relays: 2,
      told: 2,
      restartsAt: (step) => (afterABurst(step) ? [0, 1] : []),
    })
    expect(two.perMinute).toBeLessThanOrEqual(20)
    expect(two.perSecond).toBeLessThanOrEqual(5)
    expect(two.pending).toBe(0)
  })

  test("is broken by two relays that each believe to be alone: this robot counts", async () => {
    expect((await busyMinutes({ relays: 2, told: 1, restartsAt: never })).perMinute).toBeGreaterThan(20)
  })

  test("counts a message from when the vendor has answered, not from when it was begun", async () => {
    const storage = memoryStorage()
    const clock = testClock()
    const pass = (ms: number) => clock.set(clock.now() + ms)
    const room = catchNotices("room", () => pass(15_000), { perMinute: 1 })
    const relay = relayOfNotices(storage, clock, { notifiers: [room] })
    pass(minute)
    await queueNotices(storage, clock, [{ kind: "handled" }])
    await relay.drain()
    pass(minute - 15_000)
    await queueNotices(storage, clock, [{ kind: "handled" }])
    await relay.drain()
    expect(room.caught).toHaveLength(1)
    pass(15_000)
    await relay.drain()
    expect(room.caught).toHaveLength(2)
  })

  test("is the county's to change, and is refused where relays have nothing to share", () => {
    const room = { name: "room", limits }
    const budgets = { room: { perMinute: 6, ordinaryPerMinute: 3 } }
    expect(channelBudgets({ budgets, relays: 3 }, [room])).toEqual({
      room: { perMinute: 2, ordinaryPerMinute: 1 },
    })
    expect(channelBudgets({ budgets: {}, relays: 1 }, [room, { name: "mail" }])).toEqual({
      room: { perMinute: 20, ordinaryPerMinute: 12, perSecond: 5 },
    })
    expect(() => channelBudgets({ budgets, relays: 4 }, [room])).toThrow(
      expect.objectContaining({ why: expect.stringContaining("channel room: 4 relays cannot share") }),
    )
    const odd = { name: "room", limits: { perMinute: 0.5 } }
    expect(() => channelBudgets({ budgets: {}, relays: 1 }, [odd])).toThrow(
      expect.objectContaining({ why: expect.stringContaining("the notifier room declares limits") }),
    )
  })
})
