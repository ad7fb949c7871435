import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Notice } from "../../src/kernel/message.ts"
import { fromMs, type Instant, toMs } from "../../src/kernel/time.ts"
import {
  afterFailure,
  channelPlan,
  channelsOf,
  keeperOf,
  lanesOf,
  mayCarry,
  quietUntil,
} from "../../src/notice/channel-plan.ts"
import { matterOf, matters, noticeKinds } from "../../src/notice/notice-kinds.ts"

const at = (text: string): Instant => new Date(text).toISOString() as Instant
const plan = channelPlan.parse({ quietHours: { from: "21:30", to: "07:30" } })
const zone = "Asia/Shanghai"
const ordinary = { kind: "award", urgent: false }

describe("the channel plan", () => {
  test("every kind of notice that a rule makes stands in the table", () => {
    const folder = fileURLToPath(new URL("../../src", import.meta.url))
    const made = new Set<string>()
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".ts") || name.startsWith("notice/")) continue
      const text = readFileSync(`${folder}/${name}`, "utf8")
      for (const call of text.matchAll(/\b(?:tell|tellRole|staffNotice)\(([^()]*(?:\([^()]*\)[^()]*)*)\)/g)) {
        for (const [, kind] of (call[1] ?? "").matchAll(/"([a-z]+(?:-[a-z]+)*)"/g)) {
          if (!roles.has(kind ?? "")) made.add(kind ?? "")
        }
      }
      for (const [, kind] of text.matchAll(/kind: "([a-z-]+)",\s*to: \{/g)) made.add(kind ?? "")
    }
    expect([...made].filter((kind) => !Object.hasOwn(noticeKinds, kind))).toEqual([])
    expect(Object.keys(noticeKinds).filter((kind) => !made.has(kind))).toEqual([])
  })

  test("a kind that nobody knows is duty: never quiet, sent again when in doubt", () => {
    for (const kind of ["something-new", "constructor", "toString"]) {
      expect(matterOf({ kind })).toBe("duty")
      expect(afterFailure("unknown-outcome", { kind, urgent: false })).toEqual({ step: "retry" })
    }
  })

  test("an emergency has two rows with an order of their own, anything else one", () => {
    expect(lanesOf({ kind: "whistle", urgent: true, orderingKey: "report/r" })).toEqual([
      { lane: 1, orderingKey: "report/r" },
      { lane: 2, orderingKey: "report/r~2" },
    ])
    expect(lanesOf({ kind: "reply", urgent: false, orderingKey: "person/p" })).toEqual([
      { lane: 1, orderingKey: "person/p" },
    ])
  })

  test("what waits for the morning keeps no answer to the same person waiting", () => {
    expect(lanesOf({ ...ordinary, orderingKey: "person/p" })).toEqual([
      { lane: 1, orderingKey: "person/p~quiet" },
    ])
  })

  test("an emergency whose only channel is one gets both messages there", () => {
    for (const lane of [1, 2] as const) {
      expect(channelsOf(lane, true, ["page", "page"])).toEqual(["page"])
      expect(channelsOf(lane, true, [])).toEqual([])
    }
  })

  test("the lanes of an emergency never share one of several channels, and together they try all", () => {
    const channels = fc
      .array(fc.constantFrom("wecom", "sms", "mail", "app", "hook"))
      .filter((given) => new Set(given).size !== 1)
    fc.assert(
      fc.property(channels, (given) => {
        const [first, second] = [channelsOf(1, true, given), channelsOf(2, true, given)]
        expect(first.filter((channel) => second.includes(channel))).toEqual([])
        expect(new Set([...first, ...second])).toEqual(new Set(given))
        expect(channelsOf(1, false, given)).toEqual([...new Set(given)])
      }),
    )
  })

  test("O10: a group gets nothing that is for one person", () => {
    const person = { to: { kind: "person", person: "p-1" } } as unknown as Notice
    const unit = { to: { kind: "unit", unit: "desk" } } as unknown as Notice
    expect([mayCarry(person, "group"), mayCarry(person, "one-person")]).toEqual([false, true])
    expect(mayCarry(unit, "group")).toBe(true)
  })

  test.each([
    ["2026-03-02T13:29:59+00:00", undefined],
    ["2026-03-02T13:30:00+00:00", "2026-03-02T23:30:00.000Z"],
    ["2026-03-02T17:00:00+00:00", "2026-03-02T23:30:00.000Z"],
    ["2026-03-02T23:29:00+00:00", "2026-03-02T23:30:00.000Z"],
    ["2026-03-02T23:30:00+00:00", undefined],
  ])("points at %s wait until %s", (now, until) => {
    expect(quietUntil(plan, ordinary, at(now), zone)).toBe(until)
  })

  test("quiet hours within one day, and none at all", () => {
    const noon = channelPlan.parse({ quietHours: { from: "12:00", to: "14:00" } })
    expect(quietUntil(noon, ordinary, at("2026-03-02T12:30:00+08:00"), zone)).toBe(
      at("2026-03-02T14:00:00+08:00"),
    )
    expect(quietUntil(noon, ordinary, at("2026-03-02T11:59:00+08:00"), zone)).toBeUndefined()
    expect(quietUntil(channelPlan.parse({}), ordinary, at("2026-03-02T23:00:00+08:00"), zone)).toBeUndefined()
  })

  test("duty, answers and emergencies are never quiet, at no hour", () => {
    const kinds = Object.keys(noticeKinds).filter((kind) => !matters[matterOf({ kind })].quiet)
    expect(kinds).toContain("whistle")
    expect(kinds).toContain("reply")
    for (let hour = 0; hour < 24; hour += 1) {
      const now = fromMs(toMs(at("2026-03-02T00:15:00Z")) + hour * 3_600_000)
      for (const kind of kinds) expect(quietUntil(plan, { kind, urgent: false }, now, zone)).toBeUndefined()
      expect(quietUntil(plan, { kind: "award", urgent: true }, now, zone)).toBeUndefined()
    }
  })

  test.each(["Asia/Shanghai", "America/St_Johns", "Pacific/Apia", "UTC"])(
    "T3: quiet hours end in the future and outside themselves, in %s",
    (timeZone) => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 527_040 }), (minutes) => {
          const now = fromMs(Date.parse("2026-01-01T00:00:00Z") + minutes * 60_000)
          const until = quietUntil(plan, ordinary, now, timeZone)
          if (until === undefined) return
          expect(toMs(until)).toBeGreaterThan(toMs(now))
          expect(toMs(until) - toMs(now)).toBeLessThanOrEqual(11 * 3_600_000)
        }),
      )
    },
  )

  test("a failure means what the table says", () => {
    expect(afterFailure("rate-limited", ordinary)).toEqual({ step: "wait" })
    expect(afterFailure("refused", ordinary)).toEqual({ step: "park", tell: "developer" })
    expect(afterFailure("credentials", ordinary)).toEqual({ step: "stop-channel", tell: "operator" })
    expect(afterFailure("recipient", ordinary)).toEqual({ step: "next-channel" })
    expect(afterFailure("unreachable", ordinary)).toEqual({ step: "retry" })
  })

  test("what may have been sent: alerts and answers go again, money and points ask a person", () => {
    for (const kind of Object.keys(noticeKinds)) {
      const asks = noticeKinds[kind as keyof typeof noticeKinds] === "reward"
      expect(afterFailure("unknown-outcome", { kind, urgent: false })).toEqual(
        asks ? { step: "park", tell: "money" } : { step: "retry" },
      )
      expect(afterFailure("unknown-outcome", { kind, urgent: true })).toEqual({ step: "retry" })
    }
  })

  test("who looks after it is a name where the plan says one", () => {
    const named = channelPlan.parse({ keepers: { operator: "李工" } })
    expect([keeperOf(named, "operator"), keeperOf(named, "money")]).toEqual(["李工", "money"])
  })

  test("C5: a plan with a key that nobody knows, or an impossible one, is refused", () => {
    for (const bad of [
      { quiet: {} },
      { quietHours: { from: "9:00", to: "10:00" } },
      { quietHours: { from: "09:00", to: "09:00" } },
      { budgets: { wecom: { perMinute: 12, ordinaryPerMinute: 20 } } },
      { budgets: { wecom: { perMinute: 0, ordinaryPerMinute: 0 } } },
      { keepers: { boss: "x" } },
    ]) {
      expect(channelPlan.safeParse(bad).success).toBe(false)
    }
  })
})

const roles = new Set(["programme-admin", "captain"])
