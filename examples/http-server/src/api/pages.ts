/**
 * Pages of a list: how many, and where the next one begins.
 */
import type { Page } from "@yingshao/engine/queries"
import { decodeCursor } from "@yingshao/ports/index-cursor"
import * as z from "zod"
import { WebFailure } from "../web/failure.ts"
import { text } from "../web/language.ts"

/** Numbers arrive as texts in an address. */
export const limit = z
  .string()
  .regex(/^(?:[1-9]\d?|1\d\d|200)$/, "1 to 200")
  .optional()
  .describe("rows of a page, 1 to 200; left out: 50")

export const cursor = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,1000}$/, "what the page before gave as `cursor`")
  .optional()

export const paged = z.strictObject({ limit, cursor })

export const pageOf = <S extends z.ZodType>(row: S) =>
  z.object({
    rows: z.array(row),
    cursor: z.string().optional().describe("for the next page; absent at the end"),
  })

/** What a query on an index takes of it. */
export const pageRequest = (query: {
  readonly limit?: string | undefined
  readonly cursor?: string | undefined
}): { readonly limit: number; readonly cursor?: string } => ({
  limit: Number(query.limit ?? 50),
  ...(query.cursor === undefined ? {} : { cursor: checkedCursor(query.cursor) }),
})

/** The rows and the cursor as an answer. */
export const asPage = (page: Page, rows: readonly unknown[]) => ({
  rows,
  ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
})

// internal

/** @throws WebFailure 400 for one that no page gave. */
const checkedCursor = (given: string): string => {
  try {
    decodeCursor(given)
    return given
  } catch {
    throw new WebFailure(400, "bad-cursor", text("翻页标记不对。", "the cursor is none that a page gave"))
  }
}
