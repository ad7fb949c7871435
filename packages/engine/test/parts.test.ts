import { instant } from "@yingshao/core/kernel/time"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { makeEngineClock, maxLeadMs } from "../src/engine-clock.ts"
import { freshIds, messageIds } from "../src/fresh-id.ts"
import { makeKeyedQueue } from "../src/keyed-queue.ts"
import { makeStateCache } from "../src/state-cache.ts"

describe("the engine's clock", () => {
  test("T2: never goes back, and within a process each instant is later than the one before", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 200 }), (readings) => {
        let at = 0
        const clock = makeEngineClock({ now: () => at })
        let before = ""
        for (const reading of readings) {
          at = reading
          const next = clock.next()
          expect(next > before).toBe(true)
          expect(clock.now() >= next).toBe(true)
          before = next
        }
      }),
    )
  })

  test("a long burst does not run further ahead of the clock than it may", () => {
    const clock = makeEngineClock({ now: () => 0 })
    let last = ""
    for (let turn = 0; turn < 3 * maxLeadMs; turn += 1) {
      const next = clock.next()
      expect(next >= last).toBe(true)
      last = next
    }
    expect(Date.parse(last)).toBe(maxLeadMs)
  })
})

describe("the queue by key", () => {
  test("works on one key in the order asked, one at a time, and on several keys at once", async () => {
    const queue = makeKeyedQueue(100)
    const running = new Map<string, number>()
    const order: string[] = []
    let widest = 0
    const work = (key: string, name: string) =>
      queue.run(key, async () => {
        running.set(key, (running.get(key) ?? 0) + 1)
        expect(running.get(key)).toBe(1)
        widest = Math.max(
          widest,
          [...running.values()].reduce((sum, count) => sum + count, 0),
        )
        await new Promise((resolve) => setImmediate(resolve))
        running.set(key, 0)
        order.push(name)
      })
    await Promise.all(["a1", "a2", "b1", "a3", "b2"].map((name) => work(name[0] ?? "", name)))
    expect(order.filter((name) => name.startsWith("a"))).toEqual(["a1", "a2", "a3"])
    expect(widest).toBe(2)
    expect(queue.waiting()).toBe(0)
  })

  test("goes on after work that fails, and turns newcomers away when it is full", async () => {
    const queue = makeKeyedQueue(1)
    const failed = queue.run("k", async () => {
      await new Promise((resolve) => setImmediate(resolve))
      throw new Error("boom")
    })
    const second = queue.run("k", async () => "second")
    await expect(queue.run("k", async () => "third")).rejects.toMatchObject({
      _tag: "Busy",
      reason: "queue-full",
    })
    await expect(failed).rejects.toThrow("boom")
    expect(await second).toBe("second")
  })
})

describe("the cache of states", () => {
  test("keeps the newer version, forgets on demand and stays within its bytes, the oldest going first", () => {
    const cache = makeStateCache(1_000)
    cache.put("account/a", { version: 2, state: "new" }, 10)
    cache.put("account/a", { version: 1, state: "old" }, 10)
    expect(cache.get("account/a")?.state).toBe("new")
    cache.forget("account/a")
    expect([cache.get("account/a"), cache.bytes()]).toEqual([undefined, 0])
    for (let at = 0; at < 20; at += 1) {
      cache.put(`account/${at}`, { version: 1, state: at }, 100)
      cache.get("account/0")
      expect(cache.bytes()).toBeLessThanOrEqual(1_000)
    }
    expect(cache.get("account/0")?.state).toBe(0)
    expect(cache.get("account/1")).toBeUndefined()
    cache.put("account/huge", { version: 1, state: "huge" }, 2_000)
    expect(cache.get("account/huge")).toBeUndefined()
  })
})

describe("fresh ids", () => {
  test("the same command gets the same ids again; another actor, command or secret gets others", () => {
    const ids = (secret: string, scoped: string) => {
      const fresh = freshIds(secret, "522731", scoped)
      return [fresh.next("r"), fresh.next("r")]
    }
    expect(ids("s", "ann:c-1")).toEqual(ids("s", "ann:c-1"))
    const all = [
      ...ids("s", "ann:c-1"),
      ...ids("s", "ann:c-2"),
      ...ids("s", "bob:c-1"),
      ...ids("t", "ann:c-1"),
    ]
    expect(new Set(all).size).toBe(8)
    expect(all.every((id) => /^r-[0-9a-f]{32}$/.test(id))).toBe(true)
  })

  test("O6 ids of messages are the same again, differ by place, command and secret, and sort by second", () => {
    const ids = (secret: string, scoped: string, at: string) => {
      const idOf = messageIds(secret, "522731", scoped, instant.parse(at))
      return [idOf(1), idOf(2)] as const
    }
    const noon = "2026-03-02T12:00:00.000Z"
    expect(ids("s", "ann:c-1", noon)).toEqual(ids("s", "ann:c-1", noon))
    const all = [ids("s", "ann:c-1", noon), ids("s", "ann:c-2", noon), ids("t", "ann:c-1", noon)].flat()
    expect(new Set(all).size).toBe(6)
    expect(all.every((id) => /^m-[0-9a-f]{32}$/.test(id))).toBe(true)
    const later = ids("s", "ann:c-3", "2026-03-02T12:00:01.000Z")
    expect(all.every((id) => later.every((next) => id < next))).toBe(true)
  })
})
