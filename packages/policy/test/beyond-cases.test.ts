/** Promises about a month, a year, a joint award and the ladder of reminders. */
import { describe, expect, test } from "vitest"
import { openPolicy } from "../src/policy.ts"
import { judgeProperties } from "../src/properties/judge.ts"
import type { Verdict } from "../src/properties/verdict.ts"
import { changed, huishui } from "./fixtures/huishui.ts"

const verdictOf = (text: string, model = huishui().model): Verdict => {
  const [judged] = judgeProperties(model, { properties: [{ id: "甲", text }] })
  if (!judged) throw new Error("no verdict")
  return judged.verdict
}

describe("promises beyond one case", () => {
  test("a month: the most that 60 reports can bring holds, one point less does not", () => {
    expect(verdictOf("每月每人 积分 不超过 600").is).toBe("proved")
    expect(verdictOf("每月每人 积分 不超过 599")).toMatchObject({
      is: "fails",
      counterexample: { got: { zh: "件件都取最多,第 60 件时合计 600" }, smallest: true },
    })
  })

  test("the shares of every amount add up among 1 to 20 people", () => {
    expect(verdictOf("联名 n 人,各份之和 等于 一份")).toMatchObject({ is: "proved", cases: 8 * 20 })
    expect(verdictOf("联名 21 人,各份之和 等于 一份").is).toBe("not-understood")
  })

  test("a budget within the limit settles the year; below it years are drawn under a seed", () => {
    expect(verdictOf("年度支出 超过 50000元 的可能 低于 1%")).toMatchObject({ is: "proved" })
    const drawn = verdictOf("年度支出 超过 49999元 的可能 低于 1%")
    expect(drawn).toMatchObject({ is: "sampled", seed: 1, expected: true })
    expect(verdictOf("年度支出 超过 49999元 的可能 低于 1%")).toEqual(drawn)
    expect(verdictOf("年度支出 超过 0元 的可能 低于 1%")).toMatchObject({
      is: "fails",
      counterexample: { smallest: false, seed: 1 },
    })
  })

  test("a reply that nobody is reminded of is found, with the case", () => {
    expect(verdictOf("每件信息 到期前 有回应,或有逾期提醒").is).toBe("proved")
    const text = changed(
      "| 督10 | 渠道事项 | 普通治理 | 1 | 0 分钟 | 承办干部 |",
      "| 督10 | 渠道事项 | 普通治理 | 1 | 0 分钟 | 不再催办 |",
    )
    expect(verdictOf("每件信息 到期前 有回应,或有逾期提醒", openPolicy(text).model)).toMatchObject({
      is: "fails",
      counterexample: { changes: [{ fact: "当前级", value: "普通治理" }] },
    })
  })

  test("a sentence that needs the running rules is not judged without them, and never passed", () => {
    expect(verdictOf("同一事件,现金合计 不超过 一份").is).toBe("not-judged")
    expect(verdictOf("先后次序 不影响 合计").is).toBe("not-judged")
  })
})
