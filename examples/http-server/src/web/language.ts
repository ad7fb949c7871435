/**
 * The two languages of the server. A sentence stands in both, side by side, where it is used.
 */

import type { Context } from "hono"
import { getCookie } from "hono/cookie"

export type Language = "zh" | "en"

/** One text in both languages. */
export interface Text {
  readonly zh: string
  readonly en: string
}

export const text = (zh: string, en: string): Text => ({ zh, en })

/** Holds `zh` or `en`, set by the language link of every page. */
export const languageCookie = "ys-lang"

/**
 * Chinese unless somebody asked for English: by `?lang=`, by an earlier choice, or by the browser.
 *
 * @example languageOf(c) // => "zh" for `Accept-Language: fr, zh;q=0.5`
 */
export const languageOf = (c: Context): Language =>
  known(c.req.query("lang")) ??
  known(getCookie(c, languageCookie)) ??
  preferred(c.req.header("accept-language") ?? "")

// internal

const known = (value: string | undefined): Language | undefined =>
  value === "zh" || value === "en" ? value : undefined

/** The first of the two that the browser lists; browsers list the best one first. */
const preferred = (header: string): Language => {
  for (const part of header.slice(0, 200).toLowerCase().split(",")) {
    const tag = part.trim()
    if (tag.startsWith("zh")) return "zh"
    if (tag.startsWith("en")) return "en"
  }
  return "zh"
}
