/**
 * Reads a 311 export: rows that can be taken in, and rows that cannot, each with its line and the reason.
 *
 * A row without a coordinate is taken by its words. None is dropped silently and none is half read. What it
 * does not do: it decides nothing, and nothing but the comparison afterwards reads status and resolution.
 */
import { readFileSync, statSync } from "node:fs"
import { tz } from "@date-fns/tz/tz"
import { fromMs, type Instant } from "@yingshao/core/kernel/time"
import { distanceM } from "@yingshao/core/place/coordinate"
import { type Place, place } from "@yingshao/core/place/place"
import { parse } from "csv-parse/sync"
import { isValid } from "date-fns/isValid"
import { parse as parseDate } from "date-fns/parse"
import { CliFailure } from "../terminal/failure.ts"
import { type Text, text } from "../terminal/language.ts"
import type { Mapping } from "./mapping.ts"

/** A row that can be taken in. */
export interface Row {
  readonly line: number
  readonly key: string
  readonly created: Instant
  readonly type: string
  readonly detail: string
  readonly place: Place
  /** When the agency closed it; `undefined` when it never did. */
  readonly closed: Instant | undefined
}

/** What the agency says about a row; read after all verdicts are in. */
export interface AgencyVerdict {
  readonly key: string
  readonly duplicate: boolean
  /** An earlier row of the same type stands within the mapping's radius in the file. */
  readonly earlierNearby: boolean
}

export interface Refused {
  readonly line: number
  readonly key: string
  readonly why: Text
}

export interface ExportFile {
  readonly file: string
  /** In order of creation, then key. */
  readonly rows: readonly Row[]
  readonly refused: readonly Refused[]
  /** Rows in the file, taken or refused. */
  readonly received: number
  /** Rows whose place is words only. */
  readonly wordsOnly: number
  readonly verdicts: () => readonly AgencyVerdict[]
}

/** Larger files are refused: everything is held in memory once. */
const maxBytes = 200_000_000

/** @throws CliFailure, exit code 2, when the file is no such export. */
export const readExport = (file: string, mapping: Mapping): ExportFile => {
  const records = recordsOf(contentOf(file), file, mapping)
  const rows: Row[] = []
  const refused: Refused[] = []
  const resolutions = new Map<string, string>()
  for (const { line, record, fault } of records) {
    const key = (record[mapping.columns.key] ?? "").trim()
    const read = fault ?? rowOf(record, line, mapping)
    if ("zh" in read) refused.push({ line, key, why: read })
    else if (resolutions.has(read.key)) {
      refused.push({
        line,
        key,
        why: text(`编号 ${key} 在文件里已经出现过`, `the key ${key} stands in the file already`),
      })
    } else {
      rows.push(read)
      resolutions.set(read.key, record[mapping.columns.resolution] ?? "")
    }
  }
  rows.sort((a, b) => (a.created < b.created ? -1 : a.created > b.created ? 1 : a.key < b.key ? -1 : 1))
  return {
    file,
    rows,
    refused,
    received: records.length,
    wordsOnly: rows.filter((row) => row.place.coordinate === undefined).length,
    verdicts: () => verdictsOf(rows, resolutions, mapping),
  }
}

// internal

interface RawRecord {
  readonly line: number
  readonly record: Readonly<Record<string, string>>
  readonly fault?: Text
}

const contentOf = (file: string): Buffer => {
  try {
    const { size } = statSync(file)
    if (size > maxBytes) {
      throw new CliFailure(
        2,
        `${file} 太大(${size} 字节,最多 ${maxBytes})`,
        `${file} is too large: ${size} bytes, at most ${maxBytes}`,
      )
    }
    return readFileSync(file)
  } catch (error) {
    if (error instanceof CliFailure) throw error
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined
    if (code === "ENOENT") throw new CliFailure(2, `没有这个文件:${file}`, `there is no file ${file}`)
    if (code === "EISDIR")
      throw new CliFailure(2, `${file} 是目录,不是文件`, `${file} is a directory, not a file`)
    throw new CliFailure(
      2,
      `读不到文件 ${file}(${String(code)})`,
      `the file ${file} cannot be read (${String(code)})`,
    )
  }
}

const recordsOf = (content: Buffer, file: string, mapping: Mapping): readonly RawRecord[] => {
  let table: { readonly info: { readonly lines: number }; readonly record: readonly string[] }[]
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(content)
  } catch {
    throw new CliFailure(2, `${file} 不是 UTF-8 文本`, `${file} is no UTF-8 text`)
  }
  try {
    table = parse(content, {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as never
  } catch (error) {
    const { lines, message } = error as { readonly lines?: number; readonly message?: string }
    throw new CliFailure(
      2,
      `${file} 第 ${lines ?? 1} 行不是合规的 CSV:${message}`,
      `${file}:${lines ?? 1}: no well-formed CSV: ${message}`,
    )
  }
  const head = table[0]?.record.map((name) => name.trim())
  if (head === undefined) throw new CliFailure(2, `${file} 是空的`, `${file} is empty`)
  const missing = Object.values(mapping.columns).filter((name) => !head.includes(name))
  if (missing.length > 0) {
    throw new CliFailure(
      2,
      `${file} 缺少列:${missing.join("、")}`,
      `${file} lacks the column${missing.length > 1 ? "s" : ""} ${missing.map((name) => `"${name}"`).join(", ")}`,
    )
  }
  let line = (table[0]?.info.lines ?? 1) + 1
  return table.slice(1).map(({ info, record }) => {
    const raw = {
      // The parser names the line on which a record ends; quoted line breaks make it begin earlier.
      line: Math.max(line, info.lines - record.join("").split("\n").length + 1),
      record: Object.fromEntries(head.map((name, at) => [name, record[at] ?? ""])),
      ...(record.length === head.length
        ? {}
        : {
            fault: text(
              `有 ${record.length} 个字段,表头有 ${head.length} 个`,
              `it has ${record.length} fields where the head has ${head.length}`,
            ),
          }),
    }
    line = info.lines + 1
    return raw
  })
}

const rowOf = (record: Readonly<Record<string, string>>, line: number, mapping: Mapping): Row | Text => {
  const { columns } = mapping
  const get = (name: string) => (record[name] ?? "").trim()
  const key = get(columns.key)
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/.test(key)) return text(`编号不对:“${key}”`, `"${key}" is no key`)
  const created = instantOf(get(columns.created), mapping)
  if (created === undefined) {
    const written = get(columns.created)
    return text(`“${columns.created}”不是日期:“${written}”`, `"${columns.created}" is no date: "${written}"`)
  }
  const closedText = get(columns.closed)
  const closed = closedText === "" ? undefined : instantOf(closedText, mapping)
  if (closedText !== "" && closed === undefined) {
    return text(
      `“${columns.closed}”不是日期:“${closedText}”`,
      `"${columns.closed}" is no date: "${closedText}"`,
    )
  }
  const type = get(columns.type)
  if (type === "") return text(`“${columns.type}”是空的`, `"${columns.type}" is empty`)
  const where = placeOf(get(columns.longitude), get(columns.latitude), mapping.placeWords.map(get))
  if ("zh" in where) return where
  return { line, key, created, type, detail: get(columns.detail), place: where, closed }
}

const placeOf = (lng: string, lat: string, words: readonly string[]): Place | Text => {
  const spoken = [...new Set(words.filter((one) => one !== ""))].join(", ").replace(/\s+/g, " ").slice(0, 200)
  if (lng === "" && lat === "") {
    const parsed = place.safeParse({ words: spoken })
    return parsed.success
      ? parsed.data
      : text("既没有坐标也没有地址", "it has neither a coordinate nor an address")
  }
  const broken = text(`坐标不对:“${lat}, ${lng}”`, `the coordinate is broken: "${lat}, ${lng}"`)
  const decimal = /^[+-]?\d{1,3}(\.\d{1,20})?$/
  if (!decimal.test(lng) || !decimal.test(lat)) return broken
  // 0, 0 is where a missing number became zero, not where anybody lives.
  if (Number(lng) === 0 && Number(lat) === 0) return broken
  const parsed = place.safeParse({ coordinate: { lng: Number(lng), lat: Number(lat), crs: "wgs84" } })
  return parsed.success ? parsed.data : broken
}

/** An instant from a local time such as `03/24/2025 11:33:07 PM`; `undefined` when there is no such time. */
const instantOf = (local: string, { dateFormat, timeZone }: Mapping): Instant | undefined => {
  const found = parseDate(local, dateFormat, new Date(0), { in: tz(timeZone) })
  // A year of two digits is read as the first century: no export is that old.
  return isValid(found) && found.getTime() > 0 ? fromMs(found.getTime()) : undefined
}

const verdictsOf = (
  rows: readonly Row[],
  resolutions: ReadonlyMap<string, string>,
  mapping: Mapping,
): readonly AgencyVerdict[] =>
  rows.map((row, at) => ({
    key: row.key,
    duplicate: (resolutions.get(row.key) ?? "").toLowerCase().includes(mapping.duplicateWord.toLowerCase()),
    earlierNearby: rows.slice(0, at).some((other) => other.type === row.type && near(other, row, mapping)),
  }))

const near = (a: Row, b: Row, { duplicateRadiusM }: Mapping): boolean =>
  a.place.coordinate !== undefined &&
  b.place.coordinate !== undefined &&
  distanceM(a.place.coordinate, b.place.coordinate) <= duplicateRadiusM
