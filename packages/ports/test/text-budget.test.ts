/** Texts within a budget of bytes. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Notice } from "../src/notifier.ts"
import { cutUtf8, noticeText, utf8Bytes } from "../src/outbound/text-budget.ts"

const notice = (more: Partial<Notice>): Notice => ({
  deliveryId: "d",
  kind: "whistle",
  title: "新信息",
  lines: ["编号 12", "火情"],
  urgent: true,
  ...more,
})

describe("a text of a notice", () => {
  it("has title, lines, link and the channel's own words, in this order", () => {
    const text = noticeText(notice({ link: "https://a.example/1" }), {
      maxBytes: 2_048,
      flavour: "plain",
      suffix: "@li",
    })
    expect(text).toBe("新信息\n编号 12\n火情\nhttps://a.example/1\n@li")
  })

  it("leaves out lines from the end, says how many, and keeps the link", () => {
    const lines = ["一".repeat(10), "二".repeat(10), "三".repeat(10)]
    const text = noticeText(notice({ lines, link: "https://a.example/1" }), {
      maxBytes: 105,
      flavour: "plain",
    })
    expect(text).toBe(`新信息\n${"一".repeat(10)}\n（略 2 行）\nhttps://a.example/1`)
  })

  it("cuts a first line that does not fit between two characters", () => {
    const text = noticeText(notice({ title: "惠".repeat(100), lines: [] }), {
      maxBytes: 128,
      flavour: "plain",
    })
    expect(text).toBe(`${"惠".repeat(41)}…`)
  })

  it("lets nobody write markup", () => {
    const written = notice({ title: "# x", lines: ["[a](b) *c* @all", "1. d", "<at user_id='all'>"] })
    expect(noticeText(written, { maxBytes: 2_048, flavour: "markdown" })).toBe(
      "\\# x\n\n\\[a\\](b) \\*c\\* ＠all\n\n\\1. d\n\n\\<at user\\_id='all'\\>",
    )
    expect(noticeText(written, { maxBytes: 2_048, flavour: "tags" })).toContain("＜at user_id='all'＞")
  })

  it("refuses a budget in which the link does not fit", () => {
    const link = `https://a.example/${"x".repeat(200)}`
    expect(() => noticeText(notice({ link }), { maxBytes: 128, flavour: "plain" })).toThrow(RangeError)
  })

  it("never takes more than the budget, and is well-formed (sampled)", () => {
    const line = fc.string({ unit: "grapheme", maxLength: 200 })
    fc.assert(
      fc.property(
        line,
        fc.array(line, { maxLength: 30 }),
        fc.integer({ min: 128, max: 4_096 }),
        fc.constantFrom("plain" as const, "markdown" as const, "tags" as const),
        (title, lines, maxBytes, flavour) => {
          const text = noticeText(notice({ title, lines, link: "https://a.example/1" }), {
            maxBytes,
            flavour,
          })
          expect(utf8Bytes(text)).toBeLessThanOrEqual(maxBytes)
          expect(text.isWellFormed()).toBe(true)
          expect(text.endsWith("https://a.example/1")).toBe(true)
        },
      ),
      { seed: 5, numRuns: 500 },
    )
  })

  it("cuts no character in two", () => {
    expect(cutUtf8("惠水县", 7)).toBe("惠水")
    expect(cutUtf8("a👨‍👩‍👧b", 12)).toBe("a")
    expect(cutUtf8("a👨‍👩‍👧b", 19)).toBe("a👨‍👩‍👧")
    expect(cutUtf8("abc", 3)).toBe("abc")
  })
})
