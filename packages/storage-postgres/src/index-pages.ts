/**
 * Finding by index: one ordered range for each equality key, merged, and only then the documents of the page,
 * in one statement and so in one snapshot.
 */
import { decodeCursor, encodeCursor } from "@yingshao/ports/index-cursor"
import type { IndexPage, IndexQuery } from "@yingshao/ports/storage"
import type { PostgresAnswer, Statement } from "./postgres-pool.ts"

export interface IndexPages {
  /** The statement for a query and its values. */
  ask(programme: string, query: IndexQuery): readonly [Statement, unknown[]]
  page(query: IndexQuery, rows: PostgresAnswer["rows"]): IndexPage
}

/** @param prepared gives a statement its name. @param schema in quotes. */
export const indexPages = (
  prepared: (key: string, text: string) => Statement,
  schema: string,
): IndexPages => {
  const statements = new Map<string, Statement>()

  /** Bounds that a query does not have are not in its text, so that the index serves those that are. */
  const statement = (query: IndexQuery): Statement => {
    const direction = query.order === "ascending" ? "ASC" : "DESC"
    const behind = query.order === "ascending" ? [">=", ">"] : ["<=", "<"]
    const bounds: string[] = []
    let next = 5
    if (query.from !== undefined) bounds.push(`AND e.range >= $${next++}`)
    if (query.below !== undefined) bounds.push(`AND e.range < $${next++}`)
    if (query.cursor !== undefined) {
      const [range, stream, equals] = [next, next + 1, next + 2]
      bounds.push(`AND (e.range, e.stream) ${behind[0]} ($${range}, $${stream})`)
      // A stream may stand at the cursor's place under several equality keys.
      bounds.push(`AND (e.range, e.stream, e.equals) ${behind[1]} ($${range}, $${stream}, $${equals})`)
    }
    const shape = [
      direction,
      query.from === undefined ? "" : "from",
      query.below === undefined ? "" : "below",
      query.cursor === undefined ? "" : "cursor",
    ].join("-")
    const known = statements.get(shape)
    if (known !== undefined) return known
    const order = ["range", "stream", "equals"]
    const made = prepared(
      `find-${shape}`,
      `SELECT h.stream, h.equals, h.range, s.version, s.fold, s.document
       FROM (
         SELECT e.stream, e.equals, e.range
         FROM unnest($3::text[]) AS k (equals)
         CROSS JOIN LATERAL (
           SELECT e.stream, e.equals, e.range FROM ${schema}.entry e
           WHERE e.programme = $1 AND e.name = $2 AND e.equals = k.equals ${bounds.join(" ")}
           ORDER BY e.range ${direction}, e.stream ${direction} LIMIT $4
         ) AS e
         ORDER BY ${order.map((column) => `e.${column} ${direction}`).join(", ")} LIMIT $4
       ) AS h
       CROSS JOIN LATERAL (
         SELECT s.version, s.fold, s.document FROM ${schema}.stream s
         WHERE s.programme = $1 AND s.name = h.stream OFFSET 0
       ) AS s
       ORDER BY ${order.map((column) => `h.${column} ${direction}`).join(", ")}`,
    )
    statements.set(shape, made)
    return made
  }

  return {
    ask: (programme, query) => {
      const { index, equals, from, below, cursor, limit } = query
      const values: unknown[] = [programme, index, equals, limit + 1]
      if (from !== undefined) values.push(from)
      if (below !== undefined) values.push(below)
      if (cursor !== undefined) {
        const place = decodeCursor(cursor)
        values.push(place.range, place.stream, place.equals)
      }
      return [statement(query), values]
    },
    page: ({ limit }, found) => {
      const rows = found.slice(0, limit).map(([stream, equals, range, version, fold, document]) => ({
        stream,
        version: Number(version),
        foldVersion: Number(fold),
        document,
        equals,
        range,
      }))
      const last = rows.at(-1)
      return { rows, cursor: found.length > limit && last !== undefined ? encodeCursor(last) : undefined }
    },
  }
}
