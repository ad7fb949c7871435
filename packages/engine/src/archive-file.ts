/**
 * A sealed segment of the journal, read record by record without reading the rest.
 *
 * Lines stand in the order of their numbers, so a record is found by halving the file. Memory: one block.
 * What it does not do: it trusts nothing it reads; whoever asks compares the leaf.
 */
import { type ExportHeader, exportFormat, exportLimits } from "./export-format.ts"
import { parseBounded } from "./export-text.ts"
import { Unreadable } from "./failures.ts"

/** A file that is not changed while it is open. */
export interface ByteSource {
  /** For people: the file's name. */
  readonly name: string
  readonly size: number
  /** Exactly so many bytes, fewer only at the end. */
  read(offset: number, length: number): Promise<Uint8Array>
}

export interface Archive {
  readonly header: ExportHeader
  /** The text of an entry, or `undefined` when the file does not hold it. */
  entry(number: number): Promise<string | undefined>
}

/** @throws Unreadable when it does not begin like a segment. */
export const openArchive = async (source: ByteSource): Promise<Archive> => {
  const lines = linesOf(source)
  const first = await lines.at(0)
  const header = first === undefined ? undefined : valueIn(first.text)
  if (first === undefined || header?.kind !== "header" || header.format !== exportFormat) {
    throw new Unreadable({ where: source.name, why: "it is no sealed segment of a journal" })
  }
  const start = first.end
  /** Where the record after the one that was read last begins. */
  let next = { number: -1, offset: start }
  return {
    header: header as unknown as ExportHeader,
    async entry(number) {
      let offset = next.number === number ? next.offset : await near(source, lines, start, number)
      for (;;) {
        const line = await lines.at(offset)
        const found = line === undefined ? undefined : valueIn(line.text)
        if (line === undefined || found?.kind !== "record" || Number(found.number) > number) return undefined
        offset = line.end
        if (Number(found.number) < number) continue
        next = { number: number + 1, offset }
        return String(found.entry)
      }
    },
  }
}

// internal

/** Bytes read at a time, and within which lines are looked through one by one. */
const blockBytes = 262_144

interface Line {
  readonly text: string
  /** Offset of the line behind it. */
  readonly end: number
}

const linesOf = (source: ByteSource) => {
  let block: { readonly start: number; readonly bytes: Uint8Array } = { start: 0, bytes: new Uint8Array() }
  const load = async (offset: number, length: number): Promise<Uint8Array> => {
    const within = offset - block.start
    if (within >= 0 && within + length <= block.bytes.length)
      return block.bytes.subarray(within, within + length)
    block = { start: offset, bytes: await source.read(offset, Math.max(length, blockBytes)) }
    return block.bytes.subarray(0, length)
  }
  const endOf = async (offset: number): Promise<number | undefined> => {
    for (let from = offset; from < source.size && from - offset <= exportLimits.lineBytes; from += 16_384) {
      const piece = await load(from, Math.min(16_384, source.size - from))
      const at = piece.indexOf(10)
      if (at >= 0) return from + at + 1
    }
    return undefined
  }
  return {
    /** Where the first line behind an offset begins. */
    behind: endOf,
    async at(offset: number): Promise<Line | undefined> {
      const end = await endOf(offset)
      if (end === undefined) return undefined
      return { text: Buffer.from(await load(offset, end - 1 - offset)).toString("utf8"), end }
    },
  }
}

/** The beginning of a line at or before the record, near it. */
const near = async (
  source: ByteSource,
  lines: ReturnType<typeof linesOf>,
  start: number,
  number: number,
): Promise<number> => {
  let low = start
  let high = source.size
  while (high - low > blockBytes) {
    const middle = await lines.behind(Math.floor((low + high) / 2))
    const line = middle === undefined || middle >= high ? undefined : await lines.at(middle)
    const found = line === undefined ? undefined : valueIn(line.text)
    if (middle !== undefined && found?.kind === "record" && Number(found.number) <= number) low = middle
    else high = Math.floor((low + high) / 2)
  }
  return low
}

const valueIn = (text: string): Readonly<Record<string, unknown>> | undefined => {
  const parsed = parseBounded(text, exportLimits)
  return parsed.ok ? parsed.value : undefined
}
