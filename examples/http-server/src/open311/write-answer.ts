/**
 * Answers of GeoReport v2 in XML and in JSON, by the extension of the address.
 *
 * One value, two ways to write it: a list of records under an element's name. In JSON numbers and booleans
 * stay what they are, codes and ids are texts, and what is missing is `null`.
 */

export type Field = string | number | boolean | null | readonly Record[]
export interface Record {
  readonly [name: string]: Field
}

export type Format = "xml" | "json"

/** What the standard calls the list and each of its records. */
export interface Names {
  readonly list: string
  readonly one: string
}

/** @param value a list of records; one record by itself has no list around it. */
export const write = (value: readonly Record[] | Record, names: Names, format: Format): string => {
  if (format === "json") return JSON.stringify(value)
  const inner = isList(value)
    ? `<${names.list}>${value.map((one) => element(names.one, one)).join("")}</${names.list}>`
    : element(names.one, value)
  return `<?xml version="1.0" encoding="utf-8"?>\n${inner}\n`
}

/** @param charset some clients cannot read a type with a charset behind it. */
export const typeOf = (format: Format, charset: boolean): string =>
  `${format === "json" ? "application/json" : "text/xml"}${charset ? "; charset=utf-8" : ""}`

// internal

const isList = (value: readonly Record[] | Record): value is readonly Record[] => Array.isArray(value)

const element = (name: string, record: Record): string => `<${name}>${fieldsOf(record)}</${name}>`

const fieldsOf = (record: Record): string =>
  Object.entries(record)
    .map(([key, field]) => fieldElement(key, field))
    .join("")

const fieldElement = (name: string, field: Field): string => {
  if (field === null || field === "") return `<${name}/>`
  if (typeof field !== "object") return `<${name}>${escaped(String(field))}</${name}>`
  const one = singular[name]
  const inner = field.map((part) => (one === undefined ? fieldsOf(part) : element(one, part)))
  return `<${name}>${inner.join("")}</${name}>`
}

const singular: Readonly<{ [name: string]: string }> = {
  endpoints: "endpoint",
  attributes: "attribute",
}

/** Characters that XML 1.0 has no way to write are left out. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
