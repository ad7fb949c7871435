/**
 * The outline of a Markdown text: its headings and its tables, each cell with its place.
 *
 * Prose, lists and pictures are left out, because they mean nothing to the engine. Only tables at the top
 * level count; one inside a quotation is prose. Never throws: Markdown has no syntax errors.
 */
import { fromMarkdown } from "mdast-util-from-markdown"
import { gfmTableFromMarkdown } from "mdast-util-gfm-table"
import { gfmTable } from "micromark-extension-gfm-table"
import type { Place } from "./finding.ts"
import { plain } from "./plain.ts"

/** One cell or heading: its text in one spelling of punctuation, and where it starts. */
export interface Text {
  readonly text: string
  readonly place: Place
}

export interface Heading extends Text {
  readonly is: "heading"
  readonly depth: number
}

export interface Sheet {
  readonly is: "sheet"
  readonly place: Place
  readonly header: readonly Text[]
  readonly rows: readonly Row[]
}

export interface Row {
  readonly place: Place
  readonly cells: readonly Text[]
}

/** Lines that look like a table but are none, because the line of dashes has another number of columns. */
export interface BrokenSheet extends Text {
  readonly is: "broken"
}

export type Block = Heading | Sheet | BrokenSheet

/** Headings and tables in the order of the text. */
export const outline = (source: string): Block[] => {
  const text = source.startsWith("\uFEFF") ? ` ${source.slice(1)}` : source
  const tree = fromMarkdown(text, {
    extensions: [gfmTable()],
    mdastExtensions: [gfmTableFromMarkdown()],
  })
  return tree.children.flatMap((node): Block[] => {
    const place = placeOf(node)
    if (node.type === "heading") {
      const words = textOf(node)
      return [{ is: "heading", depth: node.depth, ...words }]
    }
    if (node.type === "table") {
      const [header, ...rows] = node.children.map(
        (row): Row => ({ place: placeOf(row), cells: row.children.map(textOf) }),
      )
      return [{ is: "sheet", place, header: header?.cells ?? [], rows }]
    }
    if (node.type === "paragraph") {
      const words = textOf(node)
      return words.text.startsWith("|") ? [{ is: "broken", ...words }] : []
    }
    return []
  })
}

// internal

interface Node {
  readonly type: string
  readonly value?: string
  readonly alt?: string | null | undefined
  readonly children?: readonly Node[]
  readonly position?: { readonly start: Place } | undefined
}

const placeOf = (node: Node): Place => ({
  line: node.position?.start.line ?? 1,
  column: node.position?.start.column ?? 1,
})

const textOf = (node: Node): Text => ({
  text: plain(wordsOf(node)),
  place: placeOf(node.children?.[0] ?? node),
})

const wordsOf = (node: Node): string =>
  node.value ?? node.alt ?? (node.type === "break" ? " " : (node.children ?? []).map(wordsOf).join(""))
