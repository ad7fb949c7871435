/** How pages are shown to this visitor: type size, which way is marked, what was just done. */
import type { Context } from "hono"
import { getCookie } from "hono/cookie"
import type { Text } from "../web/language.ts"
import { doneWords } from "./done.ts"

export interface Shown {
  readonly large: boolean
  /** The path of this page, so that its way is marked. */
  readonly path: string
  readonly done: Text | undefined
}

/** Holds `large`, set by the link at the top of every page. */
export const typeCookie = "ys-type"

export const shownOf = (c: Context): Shown => ({
  large: getCookie(c, typeCookie) === "large",
  path: c.req.path,
  done: doneWords(c.req.query("done")),
})
