/**
 * Archiving under crashes: records are copied to where a sealed file would be, then their entries leave the store,
 * over and over while others commit and the server breaks. Whatever happens, each entry is in its row or in the copy,
 * and never shown as another.
 */
import assert from "node:assert/strict"
import { isStorageFailure, type JournalRecord, type Storage } from "@yingshao/ports/storage"

/** What was copied of one programme, by number. */
export type Sealed = Map<number, JournalRecord>

/** Archives what there is, again and again, until something breaks or `isOver`. */
export const archiving = async (
  storage: Storage,
  programme: string,
  sealed: Sealed,
  isOver: () => boolean,
): Promise<void> => {
  while (!isOver()) {
    try {
      const records = await storage.journal(programme, { after: sealed.size, limit: 20 })
      for (const record of records) sealed.set(record.number, record)
      const last = records.at(-1)
      if (last !== undefined) await storage.archiving?.archive(programme, last)
      else await new Promise((resolve) => setTimeout(resolve, 1))
    } catch (error) {
      if (!isStorageFailure(error)) throw error
      return
    }
  }
}

/**
 * Finishes what was cut off. @returns the journal with the entries that left put back.
 * @throws AssertionError when an entry is neither in its row nor sealed, or another one than was sealed.
 */
export const unsealed = async (
  storage: Storage,
  programme: string,
  sealed: Sealed,
  journal: readonly JournalRecord[],
  where: string,
): Promise<readonly JournalRecord[]> => {
  const to = (await storage.archiving?.archivedTo(programme)) ?? 0
  const whole = journal.map((record) => {
    const copy = sealed.get(record.number)
    if (record.entry === "") {
      assert.ok(record.number <= to, `${where}: record ${record.number} is empty and was not noted`)
      assert.ok(copy !== undefined, `${where}: record ${record.number} is lost`)
    }
    const filled = record.entry === "" ? { ...record, entry: copy?.entry ?? "" } : record
    if (copy !== undefined) assert.deepEqual(filled, copy, `${where}: record ${record.number} is another`)
    return filled
  })
  const last = journal[to - 1]
  if (last === undefined) return whole
  assert.equal(await storage.archiving?.archive(programme, last), to, where)
  const left = await storage.journal(programme, { after: 0, limit: 1_000 })
  assert.deepEqual(
    left.filter(({ entry }) => entry === "").map(({ number }) => number),
    Array.from({ length: Math.min(to, 1_000) }, (_, at) => at + 1),
    `${where}: what was noted has not left`,
  )
  return whole
}
