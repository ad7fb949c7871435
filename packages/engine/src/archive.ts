/**
 * Closed years leave the store for sealed files, and stay readable: history and journal go on through them.
 *
 * A sealed segment is a file in the format of an export, without the outbox, from one place of the chain to
 * another. The store keeps number, command id, digest, leaf and hash of every record, so the chain in it stays
 * whole, a repeated command is recognised, and each entry that comes from a file is checked by its leaf.
 *
 * What it does not do: it opens no files; the host hands in readers of bytes. And it deletes nothing that is
 * not first written, synced by the host, read back and verified.
 */
import type { Instant } from "@yingshao/core/kernel/time"
import type { JournalRecord, Storage } from "@yingshao/ports/storage"
import type { Archive } from "./archive-file.ts"
import { decodeEntry, leafOf } from "./entry.ts"
import { CannotArchive, Unreadable } from "./failures.ts"
import type { World } from "./stream-reader.ts"
import { verifyExport } from "./verify-export.ts"

/**
 * The last record that was accepted before an instant; 0 when there is none.
 *
 * @example await lastBefore(world, startOfDay("2026-01-01", "Asia/Shanghai")) // the last of 2025
 */
export const lastBefore = async (
  { storage, programme }: Pick<World, "storage" | "programme">,
  before: Instant,
): Promise<number> => {
  let low = 0
  let high = (await storage.head(programme)).number
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const [record] = await storage.journal(programme, { after: middle - 1, limit: 1 })
    if (record === undefined) break
    // Instants of acceptance never go back, so the halves can be told apart.
    if (decodeEntry(record).command.at < before) low = middle
    else high = middle - 1
  }
  return low
}

/**
 * Takes the entries of a sealed segment out of the store, once the file has been found right and is exactly
 * what stands in the store.
 *
 * @param file the segment as it lies on the disk: `exportJournal(world, { after, upTo, outbox: false })`, written
 *   and synced.
 * Given again with the segment that left last, it finishes what was cut off.
 *
 * @returns the number up to which entries are archived now.
 * @throws ExportFault when the file is not right; CannotArchive when the store does not do it, or when the file
 *   is not the next segment of this journal.
 */
export const archiveSegment = async (
  { storage, programme }: Pick<World, "storage" | "programme">,
  file: () => AsyncIterable<Uint8Array>,
): Promise<number> => {
  if (storage.archiving === undefined) throw new CannotArchive({ programme, why: "not-claimed" })
  const { header } = await verifyExport(file())
  const archived = await storage.archiving.archivedTo(programme)
  const [last] = await storage.journal(programme, { after: header.head.number - 1, limit: 1 })
  if (
    header.programme !== programme ||
    header.after.number > archived ||
    header.head.number < archived ||
    last?.hash !== header.head.hash
  ) {
    throw new CannotArchive({ programme, why: "another-segment" })
  }
  return storage.archiving.archive(programme, header.head)
}

/**
 * Finishes archiving that was cut off: entries up to the place that was noted last leave. Their file was found right
 * before that place was noted.
 *
 * @returns the number up to which entries are archived; 0 when none are, or the store does not do it.
 */
export const finishArchiving = async ({
  storage,
  programme,
}: Pick<World, "storage" | "programme">): Promise<number> => {
  const archived = (await storage.archiving?.archivedTo(programme)) ?? 0
  if (storage.archiving === undefined || archived === 0) return 0
  const [last] = await storage.journal(programme, { after: archived - 1, limit: 1 })
  return last === undefined ? archived : storage.archiving.archive(programme, last)
}

/** The store with the entries of its archived records put back in as they are read. */
export const withArchives = (storage: Storage, archives: readonly Archive[]): Storage => {
  const whole = async (programme: string, record: JournalRecord): Promise<JournalRecord> => {
    if (record.entry !== "") return record
    const { number, leaf } = record
    const archive = archives.find(
      ({ header }) =>
        header.programme === programme && header.after.number < number && number <= header.head.number,
    )
    const where = `journal ${number}`
    if (archive === undefined) {
      throw new Unreadable({ where, why: "its entry is in an archive that is not at hand" })
    }
    const entry = await archive.entry(number)
    if (entry === undefined || leafOf(entry) !== leaf) {
      throw new Unreadable({ where, why: "the archive does not hold its entry" })
    }
    return { ...record, entry }
  }
  const all = async (
    programme: string,
    records: readonly JournalRecord[],
  ): Promise<readonly JournalRecord[]> => {
    const filled: JournalRecord[] = []
    for (const record of records) filled.push(await whole(programme, record))
    return filled
  }
  return {
    ...storage,
    history: async (programme, stream, page) =>
      all(programme, await storage.history(programme, stream, page)),
    journal: async (programme, page) => all(programme, await storage.journal(programme, page)),
    async command(programme, id) {
      const record = await storage.command(programme, id)
      return record === undefined ? undefined : whole(programme, record)
    },
    async commit(programme, commit) {
      const result = await storage.commit(programme, commit)
      if (result.kind !== "repeated" && result.kind !== "mismatch") return result
      return { ...result, record: await whole(programme, result.record) }
    },
  }
}
