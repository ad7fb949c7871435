/**
 * The canonical text of a value: one text for one JSON value, whatever the order of its keys.
 *
 * Keys sort by UTF-16 units, there is no white space, a property that is `undefined` is left out, numbers
 * are written by their shortest decimal text. Two values have one canonical text only when they are the
 * same JSON value (A6).
 *
 * What it does not do: it writes no NaN, no infinity, no −0, no date, map, set, class instance or
 * function, and nothing nested deeper than `maxDepth`; it throws `NotCanonical` instead.
 */
import { hash } from "node:crypto"

/** Nesting beyond which nothing is written. */
export const maxDepth = 32

/** The value has no canonical text. `path` says where, never what. */
export class NotCanonical extends Error {
  readonly _tag = "NotCanonical"
  readonly path: string
  constructor(path: string, why: string) {
    super(`${path === "" ? "the value" : path} ${why}`)
    this.path = path
  }
}

/**
 * @throws NotCanonical for what JSON cannot carry unchanged.
 * @example canonical({ b: 1, a: [true, null] }) // => '{"a":[true,null],"b":1}'
 */
export const canonical = (value: unknown): string => write(value, "", 0)

/** SHA-256 of a text's UTF-8 bytes, 64 lower-case hex digits. */
export const sha256 = (text: string): string => hash("sha256", text, "hex")

// internal

const write = (value: unknown, path: string, depth: number): string => {
  switch (typeof value) {
    case "string":
      return quoted(value)
    case "number":
      if (!Number.isFinite(value)) throw new NotCanonical(path, "is not a finite number")
      if (Object.is(value, -0)) throw new NotCanonical(path, "is negative zero")
      return String(value)
    case "boolean":
      return value ? "true" : "false"
    case "object":
      if (value === null) return "null"
      if (depth >= maxDepth) throw new NotCanonical(path, `is nested deeper than ${maxDepth}`)
      return Array.isArray(value) ? writeList(value, path, depth) : writeRecord(value, path, depth)
    default:
      throw new NotCanonical(path, `is a ${typeof value}`)
  }
}

const writeList = (list: readonly unknown[], path: string, depth: number): string => {
  let text = "["
  for (let at = 0; at < list.length; at += 1) {
    if (at > 0) text += ","
    text += write(list[at], `${path}[${at}]`, depth + 1)
  }
  return `${text}]`
}

const writeRecord = (record: object, path: string, depth: number): string => {
  const prototype: unknown = Object.getPrototypeOf(record)
  if (prototype !== Object.prototype && prototype !== null) {
    throw new NotCanonical(path, "is not a plain object")
  }
  const values = record as Readonly<Record<string, unknown>>
  let text = "{"
  for (const key of Object.keys(record).sort()) {
    const value = values[key]
    if (value === undefined) continue
    if (text.length > 1) text += ","
    text += `${quoted(key)}:${write(value, path === "" ? key : `${path}.${key}`, depth + 1)}`
  }
  return `${text}}`
}

/** As `JSON.stringify` writes a text; most need no escape and are written at a third of the cost. */
const quoted = (text: string): string => (plain.test(text) ? `"${text}"` : JSON.stringify(text))

const plain = /^[ !#-[\]-~]*$/
