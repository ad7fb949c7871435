/** The page of a policy: the document, coloured and judged, and nothing that a document could smuggle in. */
import { describe, expect, it } from "vitest"
import { policyPage } from "../src/report/policy-page.ts"
import { reviewPolicy } from "../src/review.ts"
import { changed, huishuiText } from "./fixtures/huishui.ts"

const page = (source: string, language: "zh" | "en" = "zh") =>
  policyPage({ source, review: reviewPolicy(source, "huishui.policy.md"), language })

/** The row of the document's table that begins with this cell. */
const row = (html: string, first: string): string =>
  new RegExp(`<tr[^>]*>\\s*<td>${first}</td>[\\s\\S]*?</tr>`).exec(html)?.[0] ?? ""

describe("the page of the example", () => {
  const html = page(huishuiText)

  it("shows prose, headings and every table of the document", () => {
    expect(html).toContain("<h2>三、分级与平急转换 Triage</h2>")
    expect(html).toContain("本文件既给人看,也给系统用")
    expect(html.match(/<table>/g)?.length).toBeGreaterThan(20)
  })

  it("colours a rule that an example tries and one that none tries, with the words beside the colour", () => {
    expect(row(html, "级1")).toMatch(/^<tr class="tried" title="例子试过">/)
    expect(row(html, "级12")).toMatch(/^<tr class="untried" title="没有例子试过">/)
    expect(row(html, "一档金额")).toMatch(/^<tr class="assumed">/)
    expect(row(html, "奖励上限")).toMatch(/^<tr>/)
  })

  it("says proved of what was exhausted, and how much that was", () => {
    expect(html).toMatch(/class="verdict proved"><b>性3<\/b>.*<span>证明,查遍 \d+ 种情形<\/span>/)
    expect(html).toMatch(/<dt>没人会发现的改动<\/dt><dd>没有试<\/dd>/)
  })

  it("loads nothing from anywhere", () => {
    expect(html).toContain("default-src 'none'")
    expect(html).not.toMatch(/<script|<img|<link|src=|url\(|@import/)
  })

  it("is there in English too", () => {
    const english = page(huishuiText, "en")
    expect(english).toContain('<html lang="en">')
    expect(english).toMatch(/<span>proved over \d+ cases<\/span>/)
  })
})

describe("the page of a document with faults", () => {
  it("tells the counterexample of a promise that does not hold", () => {
    const html = page(changed("| 二档金额 | 150 |", "| 二档金额 | 90 |"))
    expect(html).toMatch(/class="verdict fails"><b>性4<\/b>.*<span>不成立<\/span><p>/)
  })

  it("shows a document that does not load, with what is to be mended, and judges nothing", () => {
    const html = page(changed("| 级12 | 未知 | 否 |", "| 级12 | 未知 | 错 |"))
    expect(html).toMatch(/<dt>能不能用<\/dt><dd>不能用,\d+ 处要改<\/dd>/)
    expect(html).toMatch(/<li>\d+:\d+ P102 /)
    expect(html).not.toContain('class="verdict')
  })

  it("runs nothing that somebody wrote into it", () => {
    const hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    const html = page(
      changed(
        "本文件既给人看",
        `${hostile}[x](javascript:alert(1))本文件既给人看`,
        `${changed("(样例 · 非正式文本)", `(样例)${hostile}`)}`,
      ),
    )
    expect(html).not.toMatch(/<script|<img|javascript:/)
  })
})
