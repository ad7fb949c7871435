/**
 * Reading one table of the outline as records: columns by name, the number of cells, empty cells.
 *
 * Says P101 and P104; what a cell means is the business of whoever reads the records.
 */
import { didYouMean, type Place, type Report } from "./finding.ts"
import type { Sheet, Text } from "./markdown.ts"

export interface Record {
  readonly place: Place
  /** The cell of a column; an absent column reads as an empty cell. */
  readonly cell: (column: string) => Text
  readonly cells: readonly Text[]
}

/**
 * The rows of a table whose columns are fixed. Rows with too many or too few cells are reported and left out.
 */
export const fixedRecords = (
  sheet: Sheet,
  wanted: readonly string[],
  optional: readonly string[],
  report: Report,
): Record[] => {
  const names = sheet.header.map((cell) => cell.text)
  for (const [index, cell] of sheet.header.entries()) {
    if (wanted.includes(cell.text) || optional.includes(cell.text)) continue
    const known = [...wanted, ...optional].filter((name) => !names.includes(name) && index > 0)
    report.add(
      "P104",
      cell.place,
      {
        zh: `“${names[0]}”表里没有“${cell.text}”这一列`,
        en: `table "${names[0]}" has no column "${cell.text}"`,
      },
      didYouMean(cell.text, known),
    )
  }
  const missing = wanted.filter((name) => !names.includes(name))
  if (missing.length > 0) {
    report.add("P104", sheet.place, {
      zh: `“${names[0]}”表缺少列:${missing.join("、")}`,
      en: `table "${names[0]}" lacks column(s) ${missing.join(", ")}`,
    })
    return []
  }
  return records(sheet, report)
}

/** The rows of any table; rows with another number of cells than the header are reported and left out. */
export const records = (sheet: Sheet, report: Report): Record[] => {
  const names = sheet.header.map((cell) => cell.text)
  const seen = new Set<string>()
  for (const cell of sheet.header) {
    if (seen.has(cell.text))
      report.add("P104", cell.place, {
        zh: `列“${cell.text}”出现了两次`,
        en: `column "${cell.text}" appears twice`,
      })
    seen.add(cell.text)
  }
  return sheet.rows.flatMap((row): Record[] => {
    if (row.cells.length !== names.length) {
      report.add(
        "P101",
        row.cells[names.length]?.place ?? row.place,
        {
          zh: `这一行有 ${row.cells.length} 格,表头有 ${names.length} 列`,
          en: `this row has ${row.cells.length} cells, the header has ${names.length} columns`,
        },
        row.cells.length > names.length
          ? { zh: "格里的竖线要写成 \\|", en: "write a bar inside a cell as \\|" }
          : { zh: "补上缺的格,没有内容就空着", en: "add the missing cells, empty if need be" },
      )
      return []
    }
    const cell = (column: string) => row.cells[names.indexOf(column)] ?? { text: "", place: row.place }
    return [{ place: row.place, cell, cells: row.cells }]
  })
}
