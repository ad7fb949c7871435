/**
 * A history of reports from a file, row by row: CSV with a head, or one JSON object a line (`.ndjson`, `.jsonl`).
 *
 * A row that cannot be read keeps its line and is told apart from the others; none is dropped. What it does not do:
 * it knows no policy; which column is a fact is asked elsewhere.
 */
import { createReadStream, statSync } from "node:fs"
import { createInterface } from "node:readline"
import { parse } from "csv-parse"
import { CliFailure } from "../terminal/failure.ts"
import { type Text, text } from "../terminal/language.ts"

export type HistoryRow =
  | { readonly line: number; readonly cells: Readonly<Record<string, string>> }
  | { readonly line: number; readonly why: Text }

/** @throws CliFailure, exit code 2, when there is no such file or it is no CSV from some line on. */
export const historyRows = (file: string): AsyncGenerator<HistoryRow> => {
  try {
    if (!statSync(file).isFile()) throw new Error("no file")
  } catch {
    throw new CliFailure(2, `读不到文件 ${file}`, `the file ${file} cannot be read`)
  }
  return /\.(?:ndjson|jsonl)$/.test(file) ? jsonRows(file) : csvRows(file)
}

// internal

const maxRecordCharacters = 100_000

async function* csvRows(file: string): AsyncGenerator<HistoryRow> {
  const records = createReadStream(file).pipe(
    parse({
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: maxRecordCharacters,
    }),
  )
  let head: readonly string[] | undefined
  try {
    for await (const one of records) {
      const { info, record } = one as { info: { lines: number }; record: string[] }
      if (head === undefined) head = headOf(record, file)
      else if (record.length === head.length) {
        yield {
          line: info.lines,
          cells: Object.fromEntries(head.map((name, at) => [name, record[at] ?? ""])),
        }
      } else yield { line: info.lines, why: fieldsDiffer(record.length, head.length) }
    }
  } catch (error) {
    if (error instanceof CliFailure) throw error
    const { lines } = error as { readonly lines?: number }
    throw new CliFailure(
      2,
      `${file} 第 ${lines ?? 1} 行不是合规的 CSV`,
      `${file}:${lines ?? 1}: no well-formed CSV`,
    )
  }
  if (head === undefined) throw new CliFailure(2, `${file} 是空的`, `${file} is empty`)
}

const headOf = (record: readonly string[], file: string): readonly string[] => {
  const head = record.map((name) => name.trim())
  if (new Set(head).size === head.length && !head.includes("")) return head
  throw new CliFailure(
    2,
    `${file} 的表头有空的或重复的列名`,
    `the head of ${file} has an empty or a double name`,
  )
}

const fieldsDiffer = (found: number, wanted: number): Text =>
  text(`有 ${found} 个字段,表头有 ${wanted} 个`, `it has ${found} fields where the head has ${wanted}`)

async function* jsonRows(file: string): AsyncGenerator<HistoryRow> {
  let line = 0
  for await (const written of createInterface({
    input: createReadStream(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    line += 1
    if (written.trim() === "" || written === "\ufeff") continue
    yield jsonRow(line === 1 ? written.replace(/^\ufeff/, "") : written, line)
  }
  if (line === 0) throw new CliFailure(2, `${file} 是空的`, `${file} is empty`)
}

const jsonRow = (written: string, line: number): HistoryRow => {
  const noObject = { line, why: text("不是一个 JSON 对象", "it is no JSON object") }
  if (written.length > maxRecordCharacters) return noObject
  let content: unknown
  try {
    content = JSON.parse(written)
  } catch {
    return noObject
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) return noObject
  const cells: Record<string, string> = {}
  for (const [name, value] of Object.entries(content)) {
    if (value !== null && typeof value !== "string" && typeof value !== "number") {
      return { line, why: text("有一个值不是文字或数字", "a value is neither a text nor a number") }
    }
    cells[name] = value === null ? "" : String(value)
  }
  return { line, cells }
}
