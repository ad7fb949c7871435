import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  groupsOf,
  nextTokenMs,
  type Spent,
  shareOf,
  spend,
  spentBefore,
  tokensLeft,
} from "../../src/notice/message-budget.ts"

const robot = { perMinute: 20, ordinaryPerMinute: 12 }
const none: Spent = { urgent: [], ordinary: [] }

const spendMany = (spent: Spent, urgent: boolean, count: number, nowMs: number): Spent =>
  Array.from({ length: count }).reduce<Spent>((so) => spend(so, urgent, nowMs), spent)

describe("the budget of a robot", () => {
  test("ordinary messages take twelve of twenty, emergencies all of them", () => {
    expect([tokensLeft(robot, none, false, 0), tokensLeft(robot, none, true, 0)]).toEqual([12, 20])
    const full = spendMany(none, false, 12, 0)
    expect([tokensLeft(robot, full, false, 0), tokensLeft(robot, full, true, 0)]).toEqual([0, 8])
    const alarms = spendMany(none, true, 18, 0)
    expect(tokensLeft(robot, alarms, false, 0)).toBe(2)
  })

  test("after a start nothing ordinary goes out for a minute, and emergencies have what is kept for them", () => {
    const start = spentBefore(robot, 1_000)
    expect([tokensLeft(robot, start, false, 1_000), tokensLeft(robot, start, true, 1_000)]).toEqual([0, 8])
    expect(nextTokenMs(robot, start, false, 1_000)).toBe(60_000)
    expect(tokensLeft(robot, start, false, 61_000)).toBe(12)
  })

  test("in no minute are more than twenty sent, nor more than twelve ordinary, and who waits as told has a token", () => {
    const step = fc.record({ afterMs: fc.integer({ min: 0, max: 9_000 }), urgent: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const sent: { readonly at: number; readonly urgent: boolean }[] = []
        let spent = none
        let now = 100_000
        for (const { afterMs, urgent } of steps) {
          now += afterMs
          if (tokensLeft(robot, spent, urgent, now) > 0) {
            spent = spend(spent, urgent, now)
            sent.push({ at: now, urgent })
          } else {
            const waitMs = nextTokenMs(robot, spent, urgent, now)
            expect(waitMs).toBeGreaterThan(0)
            expect(waitMs).toBeLessThanOrEqual(60_000)
            expect(tokensLeft(robot, spent, urgent, now + waitMs)).toBeGreaterThan(0)
          }
        }
        for (const { at } of sent) {
          const minute = sent.filter((one) => one.at > at - 60_000 && one.at <= at)
          expect(minute.length).toBeLessThanOrEqual(20)
          expect(minute.filter(({ urgent }) => !urgent).length).toBeLessThanOrEqual(12)
        }
      }),
    )
  })

  test("T2: a clock that is set back holds nothing up", () => {
    const full = spendMany(none, true, 20, 10_000_000)
    expect(tokensLeft(robot, full, true, 5_000_000)).toBe(20)
  })

  test("several relays share a budget", () => {
    expect(shareOf(robot, 3)).toEqual({ perMinute: 6, ordinaryPerMinute: 4 })
    expect(shareOf(robot, 100)).toEqual({ perMinute: 1, ordinaryPerMinute: 1 })
  })

  test("over budget they collapse into as few as there are tokens, and nothing is left out", () => {
    expect(groupsOf(3, 5, 20)).toEqual([1, 1, 1])
    expect(groupsOf(30, 3, 20)).toEqual([20, 10])
    expect(groupsOf(50, 1, 20)).toEqual([20])
    expect(groupsOf(5, 0, 20)).toEqual([])
    fc.assert(
      fc.property(fc.nat(200), fc.nat(30), (waiting, tokens) => {
        const groups = groupsOf(waiting, tokens, 20)
        expect(groups.length).toBeLessThanOrEqual(tokens)
        const sum = groups.reduce((total, size) => total + size, 0)
        expect(sum).toBe(Math.min(waiting, waiting <= tokens ? waiting : tokens * 20))
        expect(groups.every((size) => size >= 1 && size <= 20)).toBe(true)
      }),
    )
  })
})
