/**
 * The outbox rows of each journal record, in the order of the journal, in bounded memory.
 *
 * The three lists of the outbox are walked side by side. A row may move from one list to another meanwhile;
 * whoever misses rows asks for those of one record anew.
 */
import type { OutboxRow, OutboxStatus } from "@yingshao/ports/storage"
import type { World } from "./stream-reader.ts"

export interface OutboxWalk {
  /**
   * The rows of one record that a look finds, in their order. Records must be asked in rising order.
   *
   * @param ids what the record's entry names: when other rows are found, they are looked for once more.
   */
  of(number: number, ids: readonly string[]): Promise<readonly OutboxRow[]>
}

/** @param after records up to this number are passed over. */
export const walkOutbox = (world: Pick<World, "storage" | "programme">, after = 0): OutboxWalk => {
  const walks = statuses.map((status) => walk(world, status, after))
  const found = async (number: number): Promise<readonly OutboxRow[]> => {
    const rows: OutboxRow[] = []
    for (const each of walks) {
      for (let row = await each.peek(); row !== undefined && row.number <= number; row = await each.peek()) {
        if (row.number === number) rows.push(row)
        each.step()
      }
    }
    return rows.sort((a, b) => a.position - b.position)
  }
  return {
    async of(number, ids) {
      const rows = await found(number)
      return sameMessages(rows, ids) ? rows : rowsOf(world, number)
    },
  }
}

/** Are these exactly the rows of these ids, in their order? */
export const sameMessages = (rows: readonly OutboxRow[], ids: readonly string[]): boolean =>
  rows.length === ids.length && rows.every(({ id }, at) => id === ids[at])

// internal

const pageLimit = 200

const statuses: readonly OutboxStatus[] = ["pending", "delivered", "dead"]

const behind = (number: number) => ({ number, position: Number.MAX_SAFE_INTEGER })

const walk = (
  { storage, programme }: Pick<World, "storage" | "programme">,
  status: OutboxStatus,
  start: number,
) => {
  let page: readonly OutboxRow[] = []
  let index = 0
  let ended = false
  let after: { readonly number: number; readonly position: number } | undefined =
    start === 0 ? undefined : behind(start)
  return {
    async peek(): Promise<OutboxRow | undefined> {
      if (index >= page.length && !ended) {
        page = await storage.outbox(programme, { status, after, limit: pageLimit })
        index = 0
        ended = page.length < pageLimit
        const last = page.at(-1)
        if (last !== undefined) after = { number: last.number, position: last.position }
      }
      return page[index]
    },
    step(): void {
      index += 1
    },
  }
}

/** The rows of one record, asked for anew, twice, because a row may move behind the look. */
const rowsOf = async (
  { storage, programme }: Pick<World, "storage" | "programme">,
  number: number,
): Promise<readonly OutboxRow[]> => {
  const found = new Map<string, OutboxRow>()
  for (const status of [...statuses, ...statuses]) {
    const rows = await storage.outbox(programme, { status, after: behind(number - 1), limit: 1_000 })
    for (const row of rows) if (row.number === number) found.set(row.id, row)
  }
  return [...found.values()].sort((a, b) => a.position - b.position)
}
