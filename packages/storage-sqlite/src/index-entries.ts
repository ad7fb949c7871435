/**
 * Index entries in SQLite: replaced with a document, found in pages.
 *
 * A query scans one ordered range for each equality key, merges the keys of the rows, and only then reads the
 * documents of the page.
 */
import type { DatabaseSync } from "node:sqlite"
import { compareBytes } from "@yingshao/ports/byte-order"
import { decodeCursor, encodeCursor, type IndexPlace } from "@yingshao/ports/index-cursor"
import type { IndexEntry, IndexPage, IndexQuery } from "@yingshao/ports/storage"

export interface IndexEntries {
  /**
   * @param before what `packEntries` gave for the stored document; `"[]"` for a new stream.
   * @param packed what it gives for the entries that are wanted.
   */
  replace(
    programme: number,
    stream: string,
    streamId: number,
    before: string,
    packed: string,
    wanted: readonly IndexEntry[],
  ): void
  find(programme: number, query: IndexQuery): IndexPage
}

/** Index entries as text, kept with the document. */
export const packEntries = (entries: readonly IndexEntry[]): string =>
  entries.length === 0
    ? "[]"
    : JSON.stringify(entries.map(({ index, equals, range }) => [index, equals, range]))

export const indexEntries = (database: DatabaseSync): IndexEntries => {
  const insert = database.prepare(
    "INSERT INTO entry (programme, name, equals, range, stream, stream_id) VALUES (?, ?, ?, ?, ?, ?)",
  )
  const remove = database.prepare(
    "DELETE FROM entry WHERE programme = ? AND name = ? AND equals = ? AND range = ? AND stream = ?",
  )
  const scan = (bounds: string, order: string) => {
    const statement = database.prepare(
      `SELECT range, stream, stream_id FROM entry WHERE programme = ? AND name = ? AND equals = ? AND ${bounds}
       ORDER BY range ${order}, stream ${order} LIMIT ?`,
    )
    statement.setReturnArrays(true)
    return statement
  }
  const ascending = {
    from: scan("(range, stream) >= (?, ?) AND range < ?", "ASC"),
    past: scan("(range, stream) > (?, ?) AND range < ?", "ASC"),
  }
  const descending = {
    from: scan("(range, stream) <= (?, ?) AND range >= ?", "DESC"),
    past: scan("(range, stream) < (?, ?) AND range >= ?", "DESC"),
  }
  const document = database.prepare("SELECT version, fold, document FROM stream WHERE id = ?")
  document.setReturnArrays(true)

  /** Up to `limit + 1` rows of one equality key, in order, behind the cursor. */
  const rowsOf = (
    programme: number,
    query: IndexQuery,
    equals: string,
    cursor: IndexPlace | undefined,
  ): Hit[] => {
    const { from = "", below } = query
    const past = cursor !== undefined && tieOf(query, equals, cursor) <= 0
    const bounds: readonly (string | Uint8Array)[] =
      query.order === "ascending"
        ? cursor !== undefined && compareBytes(cursor.range, from) >= 0
          ? [cursor.range, cursor.stream, below ?? aboveAllTexts]
          : [from, "", below ?? aboveAllTexts]
        : cursor !== undefined && (below === undefined || compareBytes(cursor.range, below) < 0)
          ? [cursor.range, cursor.stream, from]
          : [below ?? aboveAllTexts, "", from]
    const statement = (query.order === "ascending" ? ascending : descending)[past ? "past" : "from"]
    return statement
      .all(programme, query.index, equals, ...bounds, query.limit + 1)
      .map((row) => row as unknown as readonly [string, string, number])
      .map(([range, stream, id]) => ({ range, stream, id, equals }))
  }

  return {
    replace: (programme, stream, streamId, before, packed, wanted) => {
      if (before === packed) return
      const fresh = new Map<string, IndexEntry>()
      for (const entry of wanted) fresh.set(identity(entry.index, entry.equals, entry.range), entry)
      const old =
        before === "[]" ? [] : (JSON.parse(before) as readonly (readonly [string, string, string])[])
      for (const [index, equals, range] of old) {
        // An entry that stays is none to insert; one that goes is removed once, also where it stood twice.
        if (!fresh.delete(identity(index, equals, range))) remove.run(programme, index, equals, range, stream)
      }
      for (const { index, equals, range } of fresh.values()) {
        insert.run(programme, index, equals, range, stream, streamId)
      }
    },
    find: (programme, query) => {
      const cursor = query.cursor === undefined ? undefined : decodeCursor(query.cursor)
      const sign = query.order === "ascending" ? 1 : -1
      const hits = query.equals.flatMap((equals) => rowsOf(programme, query, equals, cursor))
      if (query.equals.length > 1) hits.sort((a, b) => sign * comparePlaces(a, b))
      const rows = hits.slice(0, query.limit).map(({ id, stream, equals, range }) => {
        const [version, foldVersion, text] = document.get(id) as unknown as readonly [number, number, string]
        return { stream, version, foldVersion, document: text, equals, range }
      })
      const last = rows.at(-1)
      return {
        rows,
        cursor: hits.length > rows.length && last !== undefined ? encodeCursor(last) : undefined,
      }
    },
  }
}

// internal

interface Hit extends IndexPlace {
  readonly id: number
}

/** SQLite sorts every blob behind every text. */
const aboveAllTexts = Uint8Array.of(0xff)

const identity = (index: string, equals: string, range: string): string => `${index}\0${equals}\0${range}`

const comparePlaces = (a: IndexPlace, b: IndexPlace): number =>
  compareBytes(a.range, b.range) || compareBytes(a.stream, b.stream) || compareBytes(a.equals, b.equals)

/** Above 0 when a row of `equals` at exactly the cursor's range and stream comes behind the cursor. */
const tieOf = (query: IndexQuery, equals: string, cursor: IndexPlace): number =>
  (query.order === "ascending" ? 1 : -1) * compareBytes(equals, cursor.equals)
