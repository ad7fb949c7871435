import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  budgetWithin,
  groupsOf,
  nextTokenMs,
  type Spent,
  shareOf,
  spend,
  spentBefore,
  spentUntil,
  startTokens,
  tokensLeft,
} from "../../src/notice/message-budget.ts"

const robot = { perMinute: 20, ordinaryPerMinute: 12 }
const chat = { perMinute: 100, ordinaryPerMinute: 60, perSecond: 5 }
const none: Spent = { urgent: [], ordinary: [] }

const spendMany = (spent: Spent, urgent: boolean, count: number, nowMs: number): Spent =>
  Array.from({ length: count }).reduce<Spent>((so) => spend(so, urgent, nowMs), spent)

interface Sent {
  readonly at: number
  readonly urgent: boolean
}

const within = (sent: readonly Sent[], at: number, ms: number): readonly Sent[] =>
  sent.filter((one) => one.at > at - ms && one.at <= at)

describe("the budget of a robot", () => {
  test("ordinary messages take twelve of twenty, emergencies all but the start tokens", () => {
    expect(startTokens(robot)).toBe(4)
    expect([tokensLeft(robot, none, false, 0), tokensLeft(robot, none, true, 0)]).toEqual([12, 16])
    const full = spendMany(none, false, 12, 0)
    expect([tokensLeft(robot, full, false, 0), tokensLeft(robot, full, true, 0)]).toEqual([0, 4])
    const alarms = spendMany(none, true, 14, 0)
    expect(tokensLeft(robot, alarms, false, 0)).toBe(2)
  })

  test("is made of what a vendor takes: three of five ordinary", () => {
    expect(budgetWithin({ perMinute: 20 })).toEqual(robot)
    expect(budgetWithin({ perMinute: 100, perSecond: 5 })).toEqual(chat)
    expect(budgetWithin({ perMinute: 1 })).toEqual({ perMinute: 1, ordinaryPerMinute: 1 })
    for (const perMinute of [0, 1.5, -3, Number.NaN]) expect(() => budgetWithin({ perMinute })).toThrow()
  })

  test("after a start nothing ordinary goes out for a minute, and emergencies have the start tokens", () => {
    const start = spentBefore(robot, 1_000)
    expect([tokensLeft(robot, start, false, 1_000), tokensLeft(robot, start, true, 1_000)]).toEqual([0, 4])
    expect(nextTokenMs(robot, start, false, 1_000)).toBe(60_000)
    expect(tokensLeft(robot, start, false, 61_000)).toBe(12)
  })

  test.each([
    ["a robot", robot],
    ["one of a second too", chat],
    ["one of few messages", { perMinute: 4, ordinaryPerMinute: 1 }],
    ["one of a single message", { perMinute: 1, ordinaryPerMinute: 1 }],
  ])(
    "%s: in no minute and second is more sent than it takes, across a restart too, and who waits as told has a token",
    (_, budget) => {
      const step = fc.record({
        afterMs: fc.oneof(fc.nat(300), fc.nat(9_000)),
        urgent: fc.boolean(),
        restart: fc.integer({ min: 0, max: 19 }).map((one) => one === 0),
      })
      fc.assert(
        fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
          const sent: Sent[] = []
          let spent: Spent = none
          let now = 100_000
          let startedAt = 0
          for (const { afterMs, urgent, restart } of steps) {
            now += afterMs
            // One restart in a minute is what the start tokens are for.
            if (restart && now - startedAt > 60_000) {
              startedAt = now
              spent = spentBefore(budget, now)
            }
            if (tokensLeft(budget, spent, urgent, now) > 0) {
              spent = spend(spent, urgent, now)
              sent.push({ at: now, urgent })
            } else {
              const waitMs = nextTokenMs(budget, spent, urgent, now)
              expect(waitMs).toBeGreaterThan(0)
              expect(waitMs).toBeLessThanOrEqual(60_000)
              expect(tokensLeft(budget, spent, urgent, now + waitMs)).toBeGreaterThan(0)
            }
          }
          for (const { at } of sent) {
            const minute = within(sent, at, 60_000)
            expect(minute.length).toBeLessThanOrEqual(budget.perMinute)
            expect(minute.filter(({ urgent }) => !urgent).length).toBeLessThanOrEqual(
              budget.ordinaryPerMinute,
            )
            const { perSecond = 1_000 } = budget as { readonly perSecond?: number }
            expect(within(sent, at, 1_000).length).toBeLessThanOrEqual(perSecond)
          }
        }),
      )
    },
  )

  test("a message that took long counts until a minute after its end", () => {
    const spent = spentUntil(spend(none, true, 0), true, 0, 15_000)
    expect(tokensLeft({ perMinute: 1, ordinaryPerMinute: 1 }, spent, true, 74_999)).toBe(0)
    expect(tokensLeft({ perMinute: 1, ordinaryPerMinute: 1 }, spent, true, 75_000)).toBe(1)
  })

  test("T2: a clock that is set back holds nothing up", () => {
    const full = spendMany(none, true, 16, 10_000_000)
    expect(tokensLeft(robot, full, true, 5_000_000)).toBe(16)
  })

  test("several relays share a budget, together never more than it, or cannot", () => {
    expect(shareOf(robot, 3)).toEqual({ perMinute: 6, ordinaryPerMinute: 4 })
    expect(shareOf(chat, 2)).toEqual({ perMinute: 50, ordinaryPerMinute: 30, perSecond: 2 })
    expect(shareOf(robot, 13)).toBeUndefined()
    expect(shareOf(chat, 6)).toBeUndefined()
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
