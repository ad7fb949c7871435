/** Exports in memory for tests: the text, chunks of it, and a forger who knows the format and the hashes. */
import { createHash } from "node:crypto"
import { type ExportOptions, exportJournal } from "../src/export-journal.ts"
import type { World } from "../src/stream-reader.ts"

export const exported = async (
  world: Pick<World, "storage" | "programme">,
  options: ExportOptions = {},
): Promise<string> => {
  let text = ""
  for await (const line of exportJournal(world, options)) text += line
  return text
}

/** The bytes of a text in chunks that end anywhere. */
export const bytesOf = (text: string | Uint8Array, size = 1_000) =>
  async function* (): AsyncGenerator<Uint8Array> {
    const bytes = typeof text === "string" ? Buffer.from(text) : text
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }

export type Line = Record<string, unknown>

export const linesOf = (text: string): Line[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line)

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

/** Canonical lines, with a footer whose digest and counts are right for whatever stands before it. */
export const textOf = (lines: readonly Line[]): string => {
  const body = lines.filter(({ kind }) => kind !== "footer")
  const footer = lines.find(({ kind }) => kind === "footer")
  const text = body.map((line) => `${sorted(line)}\n`).join("")
  if (footer === undefined) return text
  const count = (wanted: string) => body.filter(({ kind }) => kind === wanted).length
  const counted = { ...footer, records: count("record"), messages: count("message"), sha256: sha256(text) }
  return `${text}${sorted(counted)}\n`
}

/**
 * Hashes every record anew, and header and footer too: a journal that is whole in itself.
 *
 * @param numbered the number of the n-th record; left out: n.
 */
export const rehashed = (
  lines: readonly Line[],
  numbered: (place: number) => number = (place) => place,
): Line[] => {
  let previous = "0".repeat(64)
  let place = 0
  let number = 0
  const records = lines.map((line): Line => {
    if (line.kind !== "record") return line
    place += 1
    number = numbered(place)
    const leaf = sha256(`yingshao/entry/1\n${line.entry}`)
    previous = sha256(`yingshao/journal/1\n${number}\n${previous}\n${leaf}`)
    return { ...line, number, leaf, hash: previous }
  })
  return records.map((line) =>
    line.kind === "header" ? { ...line, head: { number, hash: previous } } : line,
  )
}

const sorted = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(sorted).join(",")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const fields = Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([key, one]) => `${JSON.stringify(key)}:${sorted(one)}`).join(",")}}`
}
