/** 从旧兼从优 within one document: taken where it is better for the person, never where it is worse, and judged exactly. */
import type { Facts } from "@yingshao/core/decisions"
import { describe, expect, test } from "vitest"
import { decideCase } from "../src/explain/decide-case.ts"
import { readPolicy } from "../src/policy.ts"
import { printPolicy } from "../src/print.ts"
import { judgeProperties } from "../src/properties/judge.ts"
import { changed, huishuiText } from "./fixtures/huishui.ts"

const oldRow = (tier: string, yuan: number) => `| ${tier} | ${yuan} | 元 | 2026-01-01 | 原文·四档 | 假设 |`
const newRow = (tier: string, yuan: number) => `| ${tier} | ${yuan} | 元 | 2026-07-01 | 原文·四档 | 假设 |`

/** From July on tier two gets 180 instead of 150 and tier four 40 instead of 50. */
const text = (applies: string, rewrite = (all: string) => all): string => {
  const two = changed(oldRow("二档金额", 150), `${oldRow("二档金额", 150)}\n${newRow("二档金额", 180)}`)
  const four = changed(oldRow("四档金额", 50), `${oldRow("四档金额", 50)}\n${newRow("四档金额", 40)}`, two)
  const low = changed(
    "| 奖励下限 | 50 | 元 | 2026-01-01 | 原文·奖励 | 原文 |",
    "| 奖励下限 | 50 | 元 | 2026-01-01 | 原文·奖励 | 原文 |\n| 奖励下限 | 40 | 元 | 2026-07-01 | 原文·奖励 | 原文 |",
    four,
  )
  return rewrite(changed("### 决策表 现金 · 命中 唯一", `### 决策表 现金 · 命中 唯一${applies}`, low))
}
const better = text(" · 适用 从旧兼从优")

const compiled = (document: string) => {
  const read = readPolicy(document, "county.policy.md")
  if (!read.ok) throw new Error(JSON.stringify(read.findings.filter(({ severity }) => severity === "error")))
  return read.policy
}

const paid: Partial<Facts> = {
  ...{ negative: "none", verdict: "true", reporter: "informant", highestConfirmedClass: "emergency" },
  ...{ first: "yes", level: "county", difficulty: "easy", nth: 1 },
}
const inFlight = { accepted: "2026-06-30", step: "2026-07-01" }

describe("从旧兼从优", () => {
  const policy = compiled(better)
  const cashOf = (value: Facts["value"], of = policy) => {
    const outcome = of.decide("cashAward", { ...paid, value }, inFlight)
    return outcome.status === "decided" ? outcome.conclusions.cash : outcome.missing
  }

  test("the better amount is taken, the worse is not; without the words nothing is", () => {
    expect([cashOf("major"), cashOf("minor")]).toEqual([18_000, 5_000])
    const plain = compiled(text(""))
    expect([cashOf("major", plain), cashOf("minor", plain)]).toEqual([15_000, 5_000])
    expect(policy.decideBare("cashAward", { ...paid, value: "major" }, inFlight)?.cash).toBe(18_000)
    expect(policy.decideBare("cashAward", paid, inFlight)).toBeUndefined()
  })

  test("it tells whose rules were taken, waits for what settles it, and says so to core", () => {
    const [taken] = decideCase(policy, { ...paid, value: "major" }, inFlight, ["cashAward"])
    const [kept] = decideCase(policy, { ...paid, value: "minor" }, inFlight, ["cashAward"])
    expect([taken?.timing, taken?.version.number, kept?.timing, kept?.version.number]).toEqual([
      "step",
      2,
      "accepted",
      1,
    ])
    expect(policy.decide("cashAward", paid, inFlight)).toMatchObject({
      status: "pending",
      missing: ["value"],
    })
    expect(policy.takesBetter("cashAward", "2026-07-01")).toBe(false)
    expect(policy.takesBetter("deadlines", "2026-07-01")).toBe(false)
  })

  test("the words are read, printed and hashed", () => {
    const again = compiled(printPolicy(policy.model))
    expect(again.digest).toBe(policy.digest)
    expect(policy.digest).not.toBe(compiled(text("")).digest)
  })

  test("promises are judged on what is taken, against the numbers of that version", () => {
    expect(judgeProperties(policy.model).map(({ verdict }) => verdict.is)).toEqual(
      new Array(25).fill("proved"),
    )
    const promise = (sentence: string) =>
      judgeProperties(policy.model, { properties: [{ id: "试", text: sentence }] })[0]?.verdict
    // Tier two in flight is 180: a promise of 150 fails there and names both dates.
    const failing = promise("当 档次=二档 且 方式=现金 时,现金 绝不是 180")
    expect(failing).toMatchObject({ is: "fails" })
    const falls = promise("当 档次=四档 且 方式=现金 时,现金 一定是 50")
    expect(falls).toMatchObject({ is: "fails", counterexample: { dates: { accepted: "2026-07-01" } } })
  })

  test("a promise that only the choice breaks is broken: old tiers, new amounts", () => {
    const tiers = [
      "### 决策表 档次 · 命中 唯一 · 依据 原文 · 自 2026-07-01",
      "",
      "| 规则 | 信息价值 | 处置难度 | → 档次 |",
      "|---|---|---|---|",
      ...["| 档1 | 特别重大 | — | 一档 |", "| 档2 | 重大 | — | 二档 |"],
      ...["| 档3 | 较大 | — | 三档 |", "| 档4 | 一般 | — | 四档 |"],
    ].join("\n")
    const heading = "### 决策表 现金 · 命中 唯一"
    const document = changed(
      oldRow("一档金额", 200),
      `${oldRow("一档金额", 200)}\n${newRow("一档金额", 300)}`,
      changed(heading, `${tiers}\n\n${heading} · 适用 从旧兼从优`),
    )
    const { model } = compiled(document)
    const verdict = (sentence: string) =>
      judgeProperties(model, { properties: [{ id: "试", text: sentence }] })[0]?.verdict
    // Neither version gives 300 for 重大, and the tier of an earlier report stays; only its amount is the later one.
    expect(verdict("当 信息价值=重大 时,现金 绝不是 300")).toMatchObject({
      is: "fails",
      counterexample: {
        dates: { accepted: "2026-01-01", step: "2026-07-01" },
        changes: [
          { fact: "信息价值", value: "重大" },
          { fact: "处置难度", value: "难" },
        ],
        got: { zh: "现金 300" },
      },
    })
    expect(verdict("当 信息价值=较大 时,现金 绝不是 300")?.is).toBe("proved")
    expect(verdict("当 档次=一档 且 信息价值=一般 时,现金 一定是 0")?.is).toBe("premise-never-true")
  })

  test.each([
    ["分级", "### 决策表 分级 · 命中 唯一", "neither better nor worse"],
    ["审批", "### 决策表 审批 · 命中 唯一", "follows the rules of the step anyway"],
  ])("P102 %s cannot be better or worse, or follows the step anyway", (name, heading, why) => {
    const read = readPolicy(changed(heading, `${heading} · 适用 从旧兼从优`), "county.policy.md")
    const [finding] = read.findings.filter(({ severity }) => severity === "error")
    expect(read.ok).toBe(false)
    expect(finding).toMatchObject({ code: "P102", en: expect.stringContaining(why) })
    expect(finding?.line).toBe(huishuiText.split("\n").findIndex((line) => line.startsWith(heading)) + 1)
    expect(finding?.zh).toContain(name)
  })
})
