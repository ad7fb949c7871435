import { describe, expect, test } from "vitest"
import { makeRivalOrder } from "../src/rival-order.ts"

const on = (reads: string, writes = reads) => ({ reads: new Set(reads), writes: new Set(writes) })

describe("the order of rivals", () => {
  test("nobody who has not lost is in anybody's way", async () => {
    const order = makeRivalOrder(9)
    order.enter()
    const later = order.enter()
    expect(later.isBehind(on("a"))).toBe(false)
    await later.turn(on("a"))
  })

  test.each([
    ["writes what it read", on("ab", "b"), on("bc", "b"), true],
    ["read what it is about to write", on("ab", "b"), on("bc", "c"), true],
    ["only reads what it read too", on("ab", "b"), on("ac", "c"), false],
    ["has nothing to do with it", on("ab", "b"), on("cd", "d"), false],
  ])("L15 who comes later and %s: behind it %s", (_, first, second, behind) => {
    const order = makeRivalOrder(9)
    const [earlier, later] = [order.enter(), order.enter()]
    earlier.goesBefore(first)
    expect(later.isBehind(second)).toBe(behind)
    // The other way round nobody waits: tickets count, whoever lost.
    earlier.goesBefore(on(""))
    later.goesBefore(second)
    expect(earlier.isBehind(first)).toBe(false)
    earlier.leave()
    later.leave()
  })

  test("L15 a row of rivals goes one by one in the order of their tickets, whenever each of them lost", async () => {
    const order = makeRivalOrder(9)
    const rivals = Array.from({ length: 4 }, () => order.enter())
    for (const at of [2, 0, 3, 1]) rivals[at]?.goesBefore(on("a"))
    const gone: number[] = []
    const going = rivals.map(async (rival, at) => {
      await rival.turn(on("a"))
      gone.push(at)
      // Whoever is at work lets the others look in between.
      await new Promise((resolve) => setImmediate(resolve))
      expect(gone.at(-1)).toBe(at)
      rival.leave()
    })
    expect(order.waiting()).toBe(3)
    await Promise.all(going)
    expect(gone).toEqual([0, 1, 2, 3])
    expect(order.waiting()).toBe(0)
    expect(order.enter().isBehind(on("a"))).toBe(false)
  })

  test("who does not find room to wait is told to come back", async () => {
    const order = makeRivalOrder(1)
    const [first, second, third] = [order.enter(), order.enter(), order.enter()]
    for (const one of [first, second, third]) one?.goesBefore(on("a"))
    const waiting = second?.turn(on("a"))
    await expect(third?.turn(on("a"))).rejects.toMatchObject({ _tag: "Busy", reason: "queue-full" })
    first?.leave()
    await waiting
  })
})
