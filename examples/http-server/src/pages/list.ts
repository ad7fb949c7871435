/** One page of a list and the link to the next: the only place that knows how a list goes on. */
import type { Page, PageRequest } from "@yingshao/engine/queries"
import { decodeCursor } from "@yingshao/ports/index-cursor"
import type { Context } from "hono"
import { html } from "hono/html"
import type { VisitEnv } from "../session/visit.ts"
import { notFound } from "../web/failure.ts"
import { type Text, text } from "../web/language.ts"
import type { Html } from "./layout.ts"
import type { Wording } from "./wording.ts"

export interface ListWanted extends Omit<PageRequest, "cursor"> {
  /** Where the list stands. */
  readonly path: string
  /** The query's other parts, kept in the link. */
  readonly query?: Readonly<Record<string, string>>
  /** What the address calls the place where the page begins, where a page has two lists; left out: `after`. */
  readonly place?: string
  /** What the link says; left out: later ones. */
  readonly link?: Text
}

export interface Listed {
  readonly rows: Page["rows"]
  /** The link to the next page; empty at the end. */
  readonly more: Html | ""
}

/** @example const { rows, more } = await listOf(c, words, { index: "owed", equals: unit, path: "/board" }) */
export const listOf = async (
  c: Context<VisitEnv>,
  words: Wording,
  { path, query = {}, place = "after", link = later, ...request }: ListWanted,
): Promise<Listed> => {
  // A role that is held for nothing: nothing waits for it.
  if (request.equals.length === 0) return { rows: [], more: "" }
  const cursor = c.req.query(place)
  if (cursor !== undefined && !isPlace(cursor)) throw notFound()
  const { rows, cursor: next } = await c.var.visit.engine.queries.page({
    ...request,
    ...(cursor === undefined ? {} : { cursor }),
  })
  if (next === undefined) return { rows, more: "" }
  const address = `${path}?${new URLSearchParams({ ...query, [place]: next })}`
  return { rows, more: html`<p><a class="button" href="${address}">${words.word(link)}</a></p>` }
}

/** For lists that begin with the newest. */
export const earlier = text("更早的", "Earlier")

// internal

/** An address that was cut or written by hand begins nowhere. */
const isPlace = (cursor: string): boolean => {
  try {
    decodeCursor(cursor)
    return true
  } catch {
    return false
  }
}

const later = text("后面的", "Later ones")
