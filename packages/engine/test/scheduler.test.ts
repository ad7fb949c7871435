import { fold } from "@yingshao/core/kernel/stream"
import type { Storage } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { makeEngineClock } from "../src/engine-clock.ts"
import { makeScheduler, type Scheduler, type TimerSource } from "../src/scheduler.ts"
import { historyOf } from "../src/stream-reader.ts"
import { as, openSmall, programme, type SmallWorld, start, type TestClock, testClock } from "./open-small.ts"
import { type TicketState, ticket } from "./small-world.ts"

const tickets: TimerSource = {
  index: "escalate",
  equals: "open",
  commands: ({ kind, id, state }) => {
    const level = (state as TicketState).level + 1
    return [{ type: "EscalateObligation", key: `${level}`, payload: { kind, id, obligation: "o-1", level } }]
  },
}

const minute = 60_000

const schedulerOf = (world: SmallWorld, clock: TestClock): Scheduler =>
  makeScheduler({ world: world.world, handler: world, clock: makeEngineClock(clock), sources: [tickets] })

const raised = async (storage: Storage, clock: TestClock, count = 3) => {
  const world = await openSmall(storage, { clock })
  for (let at = 1; at <= count; at += 1) {
    await world.handle({ type: "Raise", id: `r-${at}`, by: as("ann"), inMinutes: at })
  }
  return world
}

/** Levels in the order in which they were escalated, for each ticket. */
const ladders = async (world: SmallWorld): Promise<readonly (readonly number[])[]> => {
  const rows = await world.world.storage.streams(programme, {
    prefix: "ticket/",
    after: undefined,
    limit: 100,
  })
  return Promise.all(
    rows.map(async ({ stream }) => {
      const levels: number[] = []
      for await (const { event } of historyOf(world.world, stream)) {
        const happened = event as { type: string; level?: number }
        if (happened.type === "Escalated") levels.push(happened.level ?? 0)
      }
      return levels
    }),
  )
}

const whole = [
  [1, 2, 3],
  [1, 2, 3],
  [1, 2, 3],
]

describe("the scheduler", () => {
  test("does nothing before anything is due, and knows when that is", async () => {
    const clock = testClock()
    const world = await raised(memoryStorage(), clock)
    const scheduler = schedulerOf(world, clock)
    expect(await scheduler.runDue()).toEqual({ issued: 0, accepted: 0, refused: 0, failed: 0 })
    const next = (await scheduler.nextDueAt()) ?? ""
    expect(Date.parse(next) - start).toBeGreaterThanOrEqual(minute)
    expect(Date.parse(next) - start).toBeLessThan(minute + 1_000)
    clock.set(Date.parse(next) - 1)
    expect((await scheduler.runDue()).issued).toBe(0)
    clock.set(Date.parse(next))
    expect(await scheduler.runDue()).toEqual({ issued: 1, accepted: 1, refused: 0, failed: 0 })
  })

  test("F4: thirty days late, every level exactly once and in order", async () => {
    const clock = testClock()
    const world = await raised(memoryStorage(), clock)
    clock.set(start + 30 * 24 * 60 * minute)
    expect(await schedulerOf(world, clock).runDue()).toEqual({
      issued: 9,
      accepted: 9,
      refused: 0,
      failed: 0,
    })
    expect(await ladders(world)).toEqual(whole)
  })

  test("F4: two schedulers at once, in two processes, then one more run", async () => {
    const storage = memoryStorage()
    const clock = testClock()
    const one = await raised(storage, clock)
    const two = await openSmall(storage, { clock })
    clock.set(start + 30 * 24 * 60 * minute)
    await Promise.all([
      schedulerOf(one, clock).runDue(),
      schedulerOf(two, clock).runDue(),
      schedulerOf(one, clock).runDue(),
    ])
    expect((await schedulerOf(two, clock).runDue()).accepted).toBe(0)
    expect(await ladders(one)).toEqual(whole)
  })

  test("F4: any restarts, any jumps of the clock, forwards and back: each level once, in order", async () => {
    const jump = fc.record({ ms: fc.integer({ min: -60 * minute, max: 40 * minute }), restart: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(jump, { maxLength: 8 }), async (jumps) => {
        const storage = memoryStorage()
        const clock = testClock()
        let world = await raised(storage, clock, 2)
        for (const { ms, restart } of jumps) {
          clock.set(clock.now() + ms)
          if (restart) world = await openSmall(storage, { clock })
          await schedulerOf(world, clock).runDue()
        }
        for (const levels of await ladders(world)) expect(levels).toEqual([1, 2, 3].slice(0, levels.length))
        clock.set(start + 30 * 24 * 60 * minute)
        await schedulerOf(world, clock).runDue()
        expect(await ladders(world)).toEqual([
          [1, 2, 3],
          [1, 2, 3],
        ])
      }),
      { numRuns: 40 },
    )
  })

  test("F4: no level comes before its time", async () => {
    const clock = testClock()
    const world = await raised(memoryStorage(), clock, 1)
    for (let at = 0; at < 40; at += 1) {
      clock.set(start + at * minute)
      await schedulerOf(world, clock).runDue()
    }
    const [row] = await world.world.storage.streams(programme, {
      prefix: "ticket/",
      after: undefined,
      limit: 1,
    })
    const state = JSON.parse(row?.document ?? "") as TicketState
    const minutes = state.escalatedAt.map((at) => Math.floor((Date.parse(at) - start) / minute))
    expect(minutes).toEqual([2, 12, 22])
    expect(fold(ticket, []).level).toBe(0)
  })

  test("I8: a timer that the rules refuse is asked once for a state and a day, holds up no other, and ends", async () => {
    const clock = testClock()
    const storage = memoryStorage()
    const world = await raised(storage, clock)
    const stubborn: TimerSource = {
      ...tickets,
      commands: (due, now) =>
        tickets
          .commands(due, now)
          .map((command) => ({ ...command, key: "stubborn", payload: { ...command.payload, level: 9 } })),
    }
    clock.set(start + 30 * 24 * 60 * minute)
    const scheduler = makeScheduler({
      world: world.world,
      handler: world,
      clock: makeEngineClock(clock),
      sources: [stubborn, tickets],
    })
    expect(await scheduler.runDue()).toMatchObject({ accepted: 9, failed: 0 })
    const { number } = await storage.head(programme)
    await scheduler.runDue()
    expect((await storage.head(programme)).number).toBe(number)
    expect(await ladders(world)).toEqual(whole)
    await world.handle({ type: "Raise", id: "r-late", by: as("ann"), inMinutes: 1 })
    clock.set(clock.now() + 2 * minute)
    await scheduler.runDue()
    const asked = (await storage.head(programme)).number
    clock.set(clock.now() + 24 * 60 * minute)
    await scheduler.runDue()
    expect((await storage.head(programme)).number).toBeGreaterThan(asked)
  })

  test("what is due on different streams is under way together, each stream in its own order", async () => {
    const clock = testClock()
    const world = await raised(memoryStorage(), clock, 5)
    clock.set(start + 30 * 24 * 60 * minute)
    let under = 0
    let most = 0
    const handler: Pick<SmallWorld, "issue"> = {
      async issue(head, payload) {
        under += 1
        most = Math.max(most, under)
        try {
          return await world.issue(head, payload)
        } finally {
          under -= 1
        }
      },
    }
    const sources = [tickets]
    const due = { world: world.world, handler, clock: makeEngineClock(clock), sources }
    expect(await makeScheduler(due).runDue()).toMatchObject({ issued: 15, accepted: 15 })
    expect(most).toBe(5)
    expect(await ladders(world)).toEqual(Array(5).fill([1, 2, 3]))
  })
})
