/**
 * Makes one text of a notice that fits a channel's budget of bytes, cut at the end of a line.
 *
 * Title first, then the lines, the link last: the link is what leads to everything that was left out, so it
 * is kept. What it does not do: it adds nothing that the notice does not say, and knows no channel.
 */
import type { Notice } from "../notifier.ts"

/**
 * How a channel reads a text, so that what people wrote never becomes markup: `plain`; `markdown`; `tags`,
 * where `<` opens a tag.
 */
export type TextFlavour = "plain" | "markdown" | "tags"

export interface TextBudget {
  /** Bytes of UTF-8, 128 or more. */
  readonly maxBytes: number
  readonly flavour: TextFlavour
  /** Whether the title stands in the text; `apart` where the channel shows it elsewhere. Default `within`. */
  readonly title?: "within" | "apart"
  /** Stands at the very end, after the link, unescaped: a channel's own words, such as its mentions. */
  readonly suffix?: string
}

/**
 * The text of a notice within a budget.
 *
 * Lines that do not fit are left out from the end, and a last line says how many. A first line that does not
 * fit alone is cut between two characters.
 *
 * @returns at most `maxBytes` bytes. @throws RangeError when link and suffix alone do not fit.
 * @example
 * noticeText({ deliveryId: "d", kind: "whistle", title: "新信息", lines: ["编号 12", "火情"], urgent: true },
 *   { maxBytes: 2048, flavour: "plain" }) // => "新信息\n编号 12\n火情"
 */
export const noticeText = (notice: Notice, budget: TextBudget): string => {
  const shown = escapes[budget.flavour]
  const head = budget.title === "apart" ? [] : [shown(notice.title)]
  const lines = [...head, ...notice.lines.map(shown)].filter((line) => line !== "")
  const tail = [
    ...(notice.link === undefined ? [] : [notice.link]),
    ...(budget.suffix === undefined || budget.suffix === "" ? [] : [budget.suffix]),
  ]
  const between = budget.flavour === "markdown" ? "\n\n" : "\n"
  const compose = (kept: readonly string[], left: number): string =>
    [...kept, ...(left > 0 ? [leftOut(left)] : []), ...tail].join(between)
  const whole = compose(lines, 0)
  if (utf8Bytes(whole) <= budget.maxBytes) return whole
  const kept = linesWithin(lines, utf8Bytes(between), budget.maxBytes - utf8Bytes(compose([], lines.length)))
  if (kept > 0) return compose(lines.slice(0, kept), lines.length - kept)
  const left = Math.max(lines.length - 1, 0)
  const room = budget.maxBytes - utf8Bytes(compose(["…"], left))
  if (room < 0) throw new RangeError("the link and what must follow it do not fit the channel's budget")
  return compose([`${cutUtf8(lines[0] ?? "", room)}…`], left)
}

/** Bytes of a text in UTF-8. */
export const utf8Bytes = (text: string): number => Buffer.byteLength(text, "utf8")

/**
 * The longest beginning of a text within a number of bytes that ends between two characters as people see
 * them, so that no half of a sign, an accent or an emoji is left.
 *
 * @example cutUtf8("惠水县", 7) // => "惠水"
 */
export const cutUtf8 = (text: string, maxBytes: number): string => {
  let bytes = 0
  let end = 0
  for (const { segment } of characters.segment(text)) {
    bytes += utf8Bytes(segment)
    if (bytes > maxBytes) return text.slice(0, end)
    end += segment.length
  }
  return text
}

// internal

const characters = new Intl.Segmenter("zh", { granularity: "grapheme" })

/** How many lines from the first fit into `room`, each followed by a break. */
const linesWithin = (lines: readonly string[], breakBytes: number, room: number): number => {
  let bytes = 0
  for (const [at, line] of lines.entries()) {
    bytes += utf8Bytes(line) + breakBytes
    if (bytes > room) return at
  }
  return lines.length
}

const leftOut = (lines: number): string => `（略 ${lines} 行）`

/** Control characters and line breaks become one blank: a line stays a line. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim()

/** Wide brackets read the same and open no tag. */
const withoutTags = (text: string): string => oneLine(text).replace(/</g, "＜").replace(/>/g, "＞")

/** Escapes what Markdown of the robots would read as markup: emphasis, links, headings, quotes, mentions. */
const escapeMarkdown = (text: string): string =>
  oneLine(text)
    .replace(/[\\`*_{}[\]<>#|~]/g, "\\$&")
    .replace(/^([-+>]|\d+\.)(?=\s)/, "\\$1")
    .replace(/@/g, "＠")

const escapes: Readonly<Record<TextFlavour, (text: string) => string>> = {
  plain: oneLine,
  markdown: escapeMarkdown,
  tags: withoutTags,
}
