/** The example policy says what the county means: sentences an officer could check. */
import { channels, type Facts } from "@yingshao/core/decisions"
import { describe, expect, test } from "vitest"
import { PolicyMisuse } from "../src/reader.ts"
import { dates, huishui } from "./fixtures/huishui.ts"

const policy = huishui()

/** First report of a real fire, verified by the county: all that a reward looks at. */
const verified: Partial<Facts> = {
  negative: "none",
  verdict: "true",
  reporter: "informant",
  highestConfirmedClass: "emergency",
  first: "yes",
  level: "county",
  value: "major",
  difficulty: "hard",
  nth: 1,
}

const because = (outcome: ReturnType<typeof policy.decide>) => outcome.because.rules.map(({ rule }) => rule)

describe("the example policy", () => {
  test("declares what core asks about", () => {
    expect(policy.id).toBe("HS-XXY")
    expect(policy.levels).toEqual(["unverified", "village", "township", "county"])
    expect(policy.negativeList).toEqual(["not1", "not2", "not3"])
    expect(policy.categories).toHaveLength(15)
    expect(policy.categories).toContain("other")
    expect([
      policy.knows("category", "fire"),
      policy.knows("category", "unknown"),
      policy.knows("category", "ufo"),
    ]).toEqual([true, true, false])
    expect([policy.knows("nth", 1000), policy.knows("nth", 1001), policy.knows("nth", 1.5)]).toEqual([
      true,
      false,
      false,
    ])
  })

  test("knows a pending fact's values and unknown, and nothing else", () => {
    expect(policy.knows("verdict", "unknown")).toBe(true)
    expect(policy.knows("verdict", "ufo")).toBe(false)
    expect(policy.knows("level", "unknown")).toBe(false)
  })

  test("what nobody has looked at is an emergency", () => {
    expect(policy.decide("triage", {}, dates)).toMatchObject({
      conclusions: { triage: "emergency" },
      because: { rules: [{ table: "分级", rule: "级11" }] },
    })
  })

  test("facts that cannot matter are not asked for", () => {
    const outcome = policy.decide("deadlines", { currentClass: "ordinary", trigger: "none" }, dates)
    expect(outcome).toMatchObject({ conclusions: { reply: 480, clock: "workingTime" } })
    expect(because(outcome)).toEqual(["转4", "时2", "签2"])
  })

  test("C4 the rules that fired stand in order of use, with their clauses", () => {
    const answer = policy.conclude(["cash"], verified, dates)
    expect(answer.rules.map(({ table, rule }) => `${table} ${rule}`)).toEqual([
      "计奖级 计1",
      "方式 奖7",
      "档次 档2",
      "现金 金1",
    ])
    expect(answer.rules[1]?.clause).toBe("原文·现金与积分,逐级核实,三个不准")
    expect(answer).toMatchObject({ values: { cash: 20000 } })
  })

  test("unknown never pays early and never denies early", () => {
    const { verdict: _, ...open } = verified
    expect(policy.conclude(["cash"], open, dates)).toMatchObject({ missing: ["verdict"] })
    expect(policy.conclude(["cash"], { ...open, level: "unverified" }, dates)).toMatchObject({
      values: { cash: 0 },
    })
    expect(policy.decide("reward", { ...open, level: "unverified" }, dates)).toMatchObject({
      status: "pending",
      missing: ["verdict"],
    })
    const { value: _value, ...worth } = verified
    expect(policy.conclude(["cash"], worth, dates)).toMatchObject({ missing: ["value"] })
    expect(policy.conclude(["cash"], { ...worth, reporter: "onDuty" }, dates)).toMatchObject({
      values: { cash: 0 },
    })
  })

  test("V207 an impossible case is a broken promise of core and throws", () => {
    expect(() => policy.decide("reward", { ...verified, level: "unverified" }, dates)).toThrow(PolicyMisuse)
    expect(() => policy.decideBare("reward", { ...verified, level: "unverified" }, dates)).toThrow(/V207/)
  })

  test("C5 a value that the document does not know throws", () => {
    expect(() => policy.decide("triage", { category: "ufo" }, dates)).toThrow(PolicyMisuse)
    expect(() => policy.conclude(["points"], { ...verified, nth: 0 }, dates)).toThrow(PolicyMisuse)
  })

  test("an ordinary matter has one owner and no leading channel, an emergency one leader who joins", () => {
    for (const category of [...policy.categories, "unknown"]) {
      const ordinary = policy.decideBare(
        "routing",
        { category, currentClass: "ordinary", trigger: "none" },
        dates,
      )
      expect(ordinary).toMatchObject({ lead: "none" })
      expect(channels.filter((channel) => ordinary?.[channel] === "yes")).toEqual([])
      const emergency = policy.decideBare(
        "routing",
        { category, currentClass: "emergency", trigger: "none" },
        dates,
      )
      const lead = emergency?.lead ?? "none"
      expect(lead === "none" ? "no" : emergency?.[lead]).toBe("yes")
      expect(emergency?.owner).toMatch(/^[a-z-]+$/)
    }
  })

  test("F4 every ladder of reminders rises in time and ends", () => {
    for (const obligation of ["answer", "acknowledge", "reply", "handle", "followUp"] as const)
      for (const currentClass of ["ordinary", "emergency"] as const) {
        const steps = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((escalation) =>
          policy.decideBare("escalation", { obligation, currentClass, trigger: "none", escalation }, dates),
        )
        const end = steps.findIndex((step) => step?.escalateTo === "nobody")
        expect(end).toBeGreaterThan(0)
        const times = steps.slice(0, end).map((step) => step?.escalateAfter ?? -1)
        expect(times).toEqual([...times].sort((a, b) => a - b))
      }
  })

  test("a working day has the 480 minutes that the time limits count in", () => {
    const hours = policy.decideBare("hours", {}, dates)?.workingHours ?? ""
    const minute = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))
    const total = hours
      .split(",")
      .map((part) => part.split("-").map(minute))
      .reduce((sum, [from = 0, to = 0]) => sum + to - from, 0)
    expect(total).toBe(480)
  })

  test("labels in both languages, by the fact or conclusion a key belongs to", () => {
    expect(policy.label("emergency", "zh")).toBe("应急治理")
    expect(policy.label("emergency", "en")).toBe("emergency")
    expect([
      policy.label("none", "zh"),
      policy.label("none", "zh", "rewardForm"),
      policy.label("none", "zh", "lead"),
    ]).toEqual(["无", "不奖励", "不设牵头"])
    expect([policy.label("left", "zh"), policy.label("leave", "en", "rosterAdvice")]).toEqual([
      "退出",
      "leave",
    ])
    expect(policy.label("no-such-key", "zh")).toBe("no-such-key")
  })

  test("properties are kept word for word and nothing claims that they hold", () => {
    expect(policy.model.properties).toHaveLength(25)
    expect(policy.model.properties[0]).toEqual({ id: "性1", text: "每件信息 都有 现级" })
  })
})
