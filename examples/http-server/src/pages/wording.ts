/**
 * What a page needs to put things into words: the language, the policy's labels, units' names, the clock.
 */

import type { Because, Policy } from "@yingshao/core/decisions"
import type { Instant } from "@yingshao/core/kernel/time"
import type { Book } from "@yingshao/core/programme/book"
import { html } from "hono/html"
import type { Visit } from "../session/visit.ts"
import type { Language, Text } from "../web/language.ts"
import type { Html } from "./layout.ts"
import { countdown, localTime } from "./time-words.ts"

export interface Wording {
  readonly lang: Language
  readonly book: Book
  readonly policy: Policy
  readonly now: Instant
  say(zh: string, en: string): string
  word(words: Text): string
  /** What the policy calls a key. */
  label(key: string): string
  unit(id: string): string
  time(at: Instant): Html
  /** The countdown in words, marked when it is late or soon. */
  due(at: Instant): Html
}

export const wordingOf = async (visit: Visit): Promise<Wording> => {
  const { engine, lang } = visit
  const [book, today] = await Promise.all([engine.rules.book(), engine.today()])
  const policy = book.policyOn(today)
  const now = engine.now()
  const word = (words: Text): string => words[lang]
  return {
    lang,
    book,
    policy,
    now,
    word,
    say: (zh, en) => (lang === "zh" ? zh : en),
    label: (key) => policy.label(key, lang),
    unit(id) {
      const unit = book.unit(id)
      if (unit === undefined) return policy.label(id, lang)
      return lang === "zh" ? unit.nameZh : unit.nameEn
    },
    time: (at) => html`<time datetime="${at}">${localTime(at, book.timeZone, lang)}</time>`,
    due(at) {
      const { late, soon, words } = countdown(at, now)
      return html`<span class="${late ? "late" : soon ? "soon" : "calm"}">${word(words)}</span>`
    },
  }
}

/** The number that people read out to each other; the whole id stands in the address. */
export const shortId = (id: string): string => id.slice(id.indexOf("-") + 1).slice(0, 8)

/** Why: each rule with its table and clause. */
export const reasons = (because: Because, { say }: Wording): Html => html`<ul class="because">
  ${because.rules.map(
    ({ table, rule, clause }) =>
      html`<li>${say("表", "table")} <b>${table}</b> ${say("规则", "rule")} <b>${rule}</b>${
        clause === "" ? "" : say(`(依据:${clause})`, ` (${clause})`)
      }</li>`,
  )}
</ul>`

/** Fen as yuan. @example yuanText(12050) // => "120.50" */
export const yuanText = (fen: number): string => {
  const whole = Math.floor(Math.abs(fen) / 100)
  const rest = Math.abs(fen) % 100
  return `${fen < 0 ? "-" : ""}${whole}${rest === 0 ? "" : `.${String(rest).padStart(2, "0")}`}`
}
