/**
 * A table as plain text: columns that align with Chinese text, no wider than the terminal.
 *
 * No frames and no colours, so that it reads the same in a terminal, in a file and through a pipe. When it
 * is too wide, columns that may wrap give way, the widest first.
 */
import { padTo, widthOf, wrap } from "./width.ts"

export interface Column {
  readonly head: string
  readonly align?: "left" | "right"
  /** May be broken into lines; numbers and ids should not. */
  readonly wraps?: boolean
}

/**
 * @param rows one text a column; missing ones are empty.
 * @param width columns of the terminal.
 * @returns lines without trailing blanks: head, rule, rows.
 */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly string[] => {
  const widths = fitted(columns, rows, width)
  const cells = (row: readonly string[]) =>
    columns.map((column, at) => {
      const cell = row[at] ?? ""
      return column.wraps === true ? wrap(cell, widths[at] ?? 2) : [cell]
    })
  const headed = columns.some(({ head }) => head !== "")
  const head = headed ? [...laid(columns, cells(columns.map((one) => one.head)), widths), rule(widths)] : []
  return [...head, ...rows.flatMap((row) => laid(columns, cells(row), widths))]
}

// internal

const gap = "  "
const leastWrapped = 10

const rule = (widths: readonly number[]): string => widths.map((one) => "─".repeat(one)).join(gap)

/** Natural widths, then less from the widest column that wraps until all fit. */
const fitted = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly number[] => {
  const widths = columns.map(({ head }, at) =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(row[at] ?? "")), widthOf(head)),
  )
  const room = width - gap.length * (columns.length - 1)
  for (let excess = widths.reduce((sum, one) => sum + one, 0) - room; excess > 0; excess -= 1) {
    let widest = -1
    for (const [at, column] of columns.entries()) {
      if (column.wraps !== true || (widths[at] ?? 0) <= leastWrapped) continue
      if (widest < 0 || (widths[at] ?? 0) > (widths[widest] ?? 0)) widest = at
    }
    if (widest < 0) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

/** One row of cells as lines of text. */
const laid = (
  columns: readonly Column[],
  cells: readonly (readonly string[])[],
  widths: readonly number[],
): readonly string[] => {
  const height = Math.max(...cells.map((lines) => lines.length))
  return Array.from({ length: height }, (_, line) =>
    columns
      .map(({ align }, at) => padTo(cells[at]?.[line] ?? "", widths[at] ?? 0, align))
      .join(gap)
      .trimEnd(),
  )
}
