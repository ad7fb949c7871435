/**
 * Mapping tables: how a partner names what we say, and how to read what it answers. Data, not code.
 *
 * A table is a list of rows; each takes one value of the text that comes in, turns it by a closed set of ways
 * (a code list, a time format, a number as text), and puts it at one place of what goes out. A row with `fixed`
 * puts a value that the partner always wants. Whatever no row names is left out, so that nothing slips
 * through. What it does not do: no expressions, no regular expressions, no conditions.
 */

/** A way through objects: `data.place.text`. 1 to 8 names of letters, digits, `_` and `-`. */
export type FieldPath = string

/** How an instant is written. `local` is `YYYY-MM-DD HH:mm:ss` at the table's offset. */
export type TimeFormat = "iso-utc" | "iso-offset" | "local" | "compact" | "epoch-s" | "epoch-ms"

/** What happens to a value; at most one way a row. */
export type MappingRow = { readonly to: FieldPath } & (
  | {
      readonly from: FieldPath
      /** Left out: a value that is missing is a problem. `leave-out`: then the row is left out. */
      readonly missing?: "leave-out"
      /** Our code → theirs. A code that is not here is a problem, unless `otherwise` names one. */
      readonly codes?: Readonly<Record<string, string | number>>
      readonly otherwise?: string | number
      /** An instant: as which it comes and as which it goes. */
      readonly time?: { readonly from: TimeFormat; readonly to: TimeFormat }
      /** A number becomes a text, or a text of digits a number. */
      readonly as?: "text" | "number"
    }
  | { readonly fixed: string | number | boolean }
)

export interface MappingTable {
  /** For people and problems: `water, orders`. */
  readonly name: string
  /** Minutes ahead of UTC for times without an offset, -840 to 840. */
  readonly offsetMinutes: number
  readonly rows: readonly MappingRow[]
}

export interface MappingProblem {
  /** Number of the row, from 1. */
  readonly row: number
  readonly field: FieldPath
  /** What is wrong, without the value: it may be personal. */
  readonly problem: "missing" | "unknown-code" | "not-a-time" | "not-a-number" | "not-a-simple-value"
}

export type Mapped =
  | { readonly ok: true; readonly value: { readonly [field: string]: unknown } }
  | { readonly ok: false; readonly problems: readonly MappingProblem[] }

/**
 * What is wrong with a table itself, as sentences; empty when it can be used.
 *
 * @example tableProblems({ name: "t", offsetMinutes: 480, rows: [{ to: "__proto__", fixed: 1 }] })
 *   // => ['t, row 1: "__proto__" is no path of 1 to 8 names']
 */
export const tableProblems = ({ name, offsetMinutes, rows }: MappingTable): readonly string[] => {
  const found: string[] = []
  if (!Number.isInteger(offsetMinutes) || Math.abs(offsetMinutes) > 840) {
    found.push(`${name}: offsetMinutes is whole minutes from -840 to 840`)
  }
  const targets = new Set<string>()
  for (const [at, row] of rows.entries()) {
    const paths = "from" in row ? [row.to, row.from] : [row.to]
    for (const path of paths) {
      if (!isPath(path))
        found.push(`${name}, row ${at + 1}: ${JSON.stringify(path)} is no path of 1 to 8 names`)
    }
    if ([...targets].some((other) => clash(other, row.to))) {
      found.push(`${name}, row ${at + 1}: ${JSON.stringify(row.to)} is filled by another row too`)
    }
    targets.add(row.to)
    const ways = "from" in row ? [row.codes, row.time, row.as].filter((way) => way !== undefined).length : 0
    if (ways > 1) found.push(`${name}, row ${at + 1}: codes, time and as exclude each other`)
  }
  return found
}

/**
 * Applies a table to one value.
 *
 * @returns all problems at once, or the value with exactly the fields that the rows fill.
 * @throws RangeError for a table with problems of its own (`tableProblems`).
 * @example
 * applyMapping(
 *   { name: "orders", offsetMinutes: 480, rows: [
 *     { from: "data.level", to: "jjcd", codes: { emergency: "1", ordinary: "2" } },
 *     { from: "time", to: "sj", time: { from: "iso-offset", to: "local" } } ] },
 *   { time: "2026-03-03T12:05:06+08:00", data: { level: "emergency" } })
 * // => { ok: true, value: { jjcd: "1", sj: "2026-03-03 12:05:06" } }
 */
export const applyMapping = (table: MappingTable, value: unknown): Mapped => {
  const wrong = tableProblems(table)
  if (wrong.length > 0) throw new RangeError(wrong.join("; "))
  const problems: MappingProblem[] = []
  const result: Record<string, unknown> = {}
  for (const [at, row] of table.rows.entries()) {
    if (!("from" in row)) {
      put(result, row.to, row.fixed)
      continue
    }
    const found = take(value, row.from)
    if (found === undefined || found === null) {
      if (row.missing !== "leave-out") problems.push({ row: at + 1, field: row.from, problem: "missing" })
      continue
    }
    const turned = turn(found, row, table.offsetMinutes)
    if (typeof turned === "object") problems.push({ row: at + 1, field: row.from, problem: turned.problem })
    else put(result, row.to, turned)
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: result }
}

// internal

type Simple = string | number | boolean

type Problem = { readonly problem: MappingProblem["problem"] }

type TakingRow = Extract<MappingRow, { readonly from: FieldPath }>

const turn = (value: unknown, row: TakingRow, offsetMinutes: number): Simple | Problem => {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
    return { problem: "not-a-simple-value" }
  }
  if (row.codes !== undefined) {
    const code = Object.hasOwn(row.codes, String(value)) ? row.codes[String(value)] : row.otherwise
    return code ?? { problem: "unknown-code" }
  }
  if (row.time !== undefined) {
    const ms = readTime(String(value), row.time.from, offsetMinutes)
    return ms === undefined ? { problem: "not-a-time" } : writeTime(ms, row.time.to, offsetMinutes)
  }
  if (row.as === "text") return String(value)
  if (row.as === "number") {
    const number = typeof value === "string" && /^-?\d{1,15}(\.\d{1,9})?$/.test(value) ? Number(value) : value
    return typeof number === "number" ? number : { problem: "not-a-number" }
  }
  return value
}

const readTime = (text: string, format: TimeFormat, offsetMinutes: number): number | undefined => {
  const local = (parts: RegExpExecArray | null): number => {
    const [year, month, day, hour, minute, second] = (parts?.slice(1) ?? []).map(Number)
    const utc = Date.UTC(year ?? NaN, (month ?? NaN) - 1, day, hour, minute, second)
    // A day that no month has would move on silently.
    return new Date(utc).getUTCDate() === day ? utc - offsetMinutes * 60_000 : NaN
  }
  const read: Readonly<Record<TimeFormat, () => number>> = {
    "iso-utc": () => (/Z$/.test(text) ? Date.parse(text) : NaN),
    "iso-offset": () => (/[+-]\d\d:\d\d$|Z$/.test(text) ? Date.parse(text) : NaN),
    local: () => local(/^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(text)),
    compact: () => local(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text)),
    "epoch-s": () => (/^\d{1,11}$/.test(text) ? Number(text) * 1_000 : NaN),
    "epoch-ms": () => (/^\d{1,14}$/.test(text) ? Number(text) : NaN),
  }
  const ms = read[format]()
  return Number.isNaN(ms) ? undefined : ms
}

const writeTime = (ms: number, format: TimeFormat, offsetMinutes: number): string | number => {
  const local = new Date(ms + offsetMinutes * 60_000).toISOString().slice(0, 19)
  const minutes = Math.abs(offsetMinutes)
  const two = (value: number): string => String(value).padStart(2, "0")
  const zone = `${offsetMinutes < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
  const written: Readonly<Record<TimeFormat, string | number>> = {
    "iso-utc": new Date(ms).toISOString(),
    "iso-offset": `${local}${zone}`,
    local: local.replace("T", " "),
    compact: local.replace(/\D/g, ""),
    "epoch-s": Math.floor(ms / 1_000),
    "epoch-ms": ms,
  }
  return written[format]
}

const isPath = (path: string): boolean => {
  const names = path.split(".")
  return (
    names.length <= 8 &&
    names.every((name) => /^[\p{L}\p{N}_-]{1,100}$/u.test(name) && !unsafeNames.has(name))
  )
}

const unsafeNames: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"])

/** One is the other, or stands inside it. */
const clash = (one: FieldPath, other: FieldPath): boolean =>
  one === other || one.startsWith(`${other}.`) || other.startsWith(`${one}.`)

const take = (value: unknown, path: FieldPath): unknown => {
  let at = value
  for (const name of path.split(".")) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return undefined
    at = (at as Readonly<Record<string, unknown>>)[name]
  }
  return at
}

const put = (into: Record<string, unknown>, path: FieldPath, value: Simple): void => {
  const names = path.split(".")
  let at = into
  for (const name of names.slice(0, -1)) {
    const next = (at[name] ?? {}) as Record<string, unknown>
    at[name] = next
    at = next
  }
  at[names.at(-1) ?? ""] = value
}
