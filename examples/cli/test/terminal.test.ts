import { describe, expect, test } from "vitest"
import { languageAsked, languageOf } from "../src/terminal/language.ts"
import { table } from "../src/terminal/table.ts"
import { columnsOf, padTo, shorten, widthOf, wrap } from "../src/terminal/width.ts"
import { spanText, yuanText } from "../src/terminal/words.ts"

describe("text in columns", () => {
  test("a Chinese character takes two columns", () => {
    expect(widthOf("应哨 ok")).toBe(7)
    expect(padTo("应哨", 6)).toBe("应哨  ")
    expect(padTo("12", 5, "right")).toBe("   12")
    expect(shorten("应哨专人", 6)).toBe("应哨…")
  })

  test("wraps between Chinese characters and at blanks, and never begins a line with a full stop", () => {
    expect(wrap("一二三 four", 6)).toEqual(["一二三", "four"])
    expect(wrap("一二三。", 6)).toEqual(["一二", "三。"])
    expect(wrap("a verylongword b", 6)).toEqual(["a", "verylo", "ngword", "b"])
    expect(wrap("", 10)).toEqual([""])
  })

  test("columns align whatever they hold, and the widest that may wrap gives way", () => {
    const columns = [{ head: "事项" }, { head: "n", align: "right" }, { head: "why", wraps: true }] as const
    const lines = table(
      columns,
      [
        ["应哨", "7", "so that it fits into the narrow terminal"],
        ["reply", "12", "短"],
      ],
      30,
    )
    expect(lines).toEqual([
      "事项    n  why",
      "─────  ──  ───────────────────",
      "应哨    7  so that it fits",
      "           into the narrow",
      "           terminal",
      "reply  12  短",
    ])
    expect(lines.every((line) => widthOf(line) <= 30)).toBe(true)
  })

  test("80 columns where nobody says, the terminal's where it does", () => {
    expect(columnsOf({}, {})).toBe(80)
    expect(columnsOf({}, { COLUMNS: "100" })).toBe(100)
    expect(columnsOf({ columns: 120 }, { COLUMNS: "100" })).toBe(120)
    expect(columnsOf({}, { COLUMNS: "wide" })).toBe(80)
  })
})

describe("languages", () => {
  test("by the locale, and by --lang wherever it stands", () => {
    expect(languageOf({ LANG: "zh_CN.UTF-8" })).toBe("zh")
    expect(languageOf({ LANG: "zh_CN.UTF-8", LC_ALL: "C" })).toBe("en")
    expect(languageOf({})).toBe("en")
    expect(languageAsked(["node", "yingshao", "day", "--lang", "zh"])).toBe("zh")
    expect(languageAsked(["node", "yingshao", "--lang=en", "nonsense"])).toBe("en")
    expect(languageAsked(["node", "yingshao", "--lang", "fr"])).toBeUndefined()
  })
})

test("amounts and spans for people", () => {
  expect(yuanText(485_000)).toBe("4,850")
  expect(yuanText(-12_050)).toBe("-120.50")
  expect(yuanText(0)).toBe("0")
  expect(spanText(35).en).toBe("35 min")
  expect(spanText(135).zh).toBe("2 小时 15 分")
  expect(spanText(1440 * 9).en).toBe("9 d")
})
