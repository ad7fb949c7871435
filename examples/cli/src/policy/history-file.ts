/**
 * A history of reports from a file, in batches: CSV with a head, or one JSON object a line (`.ndjson`, `.jsonl`).
 *
 * A row that cannot be read keeps its line and is told apart from the others; none is dropped. What it does not do:
 * it knows no policy; which column is a fact is asked elsewhere.
 */
import { createReadStream, statSync } from "node:fs"
import { createInterface } from "node:readline"
import { type Parser, parse } from "csv-parse"
import { CliFailure } from "../terminal/failure.ts"
import { type Text, text } from "../terminal/language.ts"

export type HistoryRow =
  | { readonly line: number; readonly fields: readonly string[] }
  | { readonly line: number; readonly why: Text }

/** Rows that follow each other and have the same columns. */
export interface HistoryBatch {
  readonly columns: readonly string[]
  readonly rows: readonly HistoryRow[]
}

/** @throws CliFailure, exit code 2, when there is no such file or it is no CSV from some line on. */
export const historyRows = (file: string): AsyncGenerator<HistoryBatch> => {
  try {
    if (!statSync(file).isFile()) throw new Error("no file")
  } catch {
    throw new CliFailure(2, `读不到文件 ${file}`, `the file ${file} cannot be read`)
  }
  return /\.(?:ndjson|jsonl)$/.test(file) ? jsonRows(file) : csvRows(file)
}

// internal

const maxRecordCharacters = 100_000
const chunkBytes = 64 * 1024

/**
 * As long as there is neither a quotation mark nor a carriage return, a line is a record and a comma ends a field, and
 * splitting takes a tenth of the time. From the first such sign on the parser takes over.
 */
async function* csvRows(file: string): AsyncGenerator<HistoryBatch> {
  const gathered = recordsOf(file)
  let parser: Parser | undefined
  let [line, rest] = [0, ""]
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes, encoding: "utf8" })) {
      const text = rest + String(chunk)
      rest = ""
      if (parser === undefined && /["\r]/.test(text)) parser = parserFrom(line, gathered)
      if (parser !== undefined) await given(parser, text)
      else {
        const written = text.split("\n")
        rest = written.pop() ?? ""
        for (const one of written) gathered.add(++line, one)
        if (rest.length > maxRecordCharacters) throw tooLong(line + 1)
      }
      yield* gathered.taken()
    }
    if (parser !== undefined) await given(parser, undefined)
    else if (rest !== "") gathered.add(line + 1, rest)
  } catch (error) {
    if (error instanceof CliFailure) throw error
    const { lines } = error as { readonly lines?: number }
    const at = (lines ?? 1) + (parser === undefined ? 0 : line)
    throw new CliFailure(2, `${file} 第 ${at} 行不是合规的 CSV`, `${file}:${at}: no well-formed CSV`)
  }
  yield* gathered.taken()
  if (gathered.isEmpty()) throw new CliFailure(2, `${file} 是空的`, `${file} is empty`)
}

const tooLong = (line: number): Error => Object.assign(new Error("a line is too long"), { lines: line })

interface Gathered {
  /** A line without quotation marks; an empty one is skipped. */
  add(line: number, written: string): void
  record(line: number, fields: readonly string[]): void
  taken(): readonly HistoryBatch[]
  isEmpty(): boolean
}

/** Records by their line, the first of them the head. */
const recordsOf = (file: string): Gathered => {
  let columns: readonly string[] | undefined
  let rows: HistoryRow[] = []
  const gathered: Gathered = {
    add(line, written) {
      const plain = line === 1 ? written.replace(/^\ufeff/, "") : written
      if (plain.length > maxRecordCharacters) throw tooLong(line)
      if (plain !== "") gathered.record(line, plain.split(","))
    },
    record(line, fields) {
      if (columns === undefined) columns = headOf(fields, file)
      else if (fields.length === columns.length) rows.push({ line, fields })
      else rows.push({ line, why: fieldsDiffer(fields.length, columns.length) })
    },
    taken() {
      const batch = columns === undefined || rows.length === 0 ? [] : [{ columns, rows }]
      rows = []
      return batch
    },
    isEmpty: () => columns === undefined,
  }
  return gathered
}

/** Records are taken where the parser makes them: handing over each one by itself costs more than parsing it. */
const parserFrom = (line: number, gathered: Gathered): Parser => {
  const parser = parse({
    bom: line === 0,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: maxRecordCharacters,
    on_record: (record: string[], { lines }) => {
      gathered.record(line + lines, record)
      return null
    },
  })
  parser.on("error", () => {})
  return parser.resume()
}

/** Hands a piece to the parser, or the end, and waits until it is parsed. */
const given = (parser: Parser, chunk: string | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    parser.once("error", reject)
    const done = (error?: Error | null) => {
      parser.off("error", reject)
      if (error) reject(error)
      else resolve()
    }
    if (chunk === undefined) parser.end(done)
    else parser.write(chunk, done)
  })

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

const mostInBatch = 1_000

async function* jsonRows(file: string): AsyncGenerator<HistoryBatch> {
  let line = 0
  let batch: { readonly columns: readonly string[]; readonly rows: HistoryRow[] } = { columns: [], rows: [] }
  for await (const written of createInterface({
    input: createReadStream(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    line += 1
    if (written.trim() === "" || written === "\ufeff") continue
    const read = jsonRow(written, line)
    const columns = "why" in read ? batch.columns : read.columns
    if (columns.join("\n") !== batch.columns.join("\n") || batch.rows.length >= mostInBatch) {
      if (batch.rows.length > 0) yield batch
      batch = { columns, rows: [] }
    }
    batch.rows.push("why" in read ? read : { line, fields: read.fields })
  }
  if (line === 0) throw new CliFailure(2, `${file} 是空的`, `${file} is empty`)
  if (batch.rows.length > 0) yield batch
}

type JsonRow =
  | { readonly columns: readonly string[]; readonly fields: readonly string[] }
  | { readonly line: number; readonly why: Text }

const jsonRow = (written: string, line: number): JsonRow => {
  const noObject = { line, why: text("不是一个 JSON 对象", "it is no JSON object") }
  if (written.length > maxRecordCharacters) return noObject
  let content: unknown
  try {
    content = JSON.parse(line === 1 ? written.replace(/^\ufeff/, "") : written)
  } catch {
    return noObject
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) return noObject
  const values: unknown[] = Object.values(content)
  if (values.some((value) => value !== null && typeof value !== "string" && typeof value !== "number"))
    return { line, why: text("有一个值不是文字或数字", "a value is neither a text nor a number") }
  return {
    columns: Object.keys(content),
    fields: values.map((value) => (value === null ? "" : String(value))),
  }
}
