/**
 * Rebuilds a programme from an export, in any store: the same journal with the same hashes, documents, index
 * entries, counters and claims, and the outbox as the export tells it.
 *
 * The file is read twice. First all of it is verified, so that a damaged one changes nothing; then it is
 * committed, many records at a time. From the first record to the last the programme cannot be opened, and
 * whoever begins again goes on where it stopped.
 *
 * The outbox: what was delivered stays delivered, what was given up stays given up. What still waited is
 * *held*: given up with the note `heldNote`, until somebody says by `takeOver` that the source sends nothing
 * any more. So nothing is sent twice, and nothing is lost. Attempts are not counted on, leases do not move.
 *
 * What it does not do: it merges nothing into a programme that was not begun from the same file.
 */
import type { OutboxMessage, Storage } from "@yingshao/ports/storage"
import { isStorageFailure } from "@yingshao/ports/storage"
import type { Catalogue } from "./catalogue.ts"
import { decodeEntry, parsedEvents } from "./entry.ts"
import { exportFault } from "./export-fault.ts"
import type { ExportRecord } from "./export-format.ts"
import { CannotImport, tagOf } from "./failures.ts"
import { heldBy, releaseHeld, settleAs, type ToldMessage } from "./import-outbox.ts"
import { markBuilt } from "./index-building.ts"
import { importKey, keep, keepingProgramme, kept } from "./keeping.ts"
import { makeRebuilder } from "./rebuild.ts"
import type { World } from "./stream-reader.ts"
import { type ExportLine, type Trust, type VerifiedExport, verifiedLines } from "./verify-export.ts"

export interface ImportOptions {
  readonly storage: Storage
  readonly catalogue: Catalogue
  /** The file's bytes from the beginning; called twice. */
  readonly open: () => AsyncIterable<Uint8Array>
  readonly trust?: Trust
  /** The source sends nothing any more: what waits in the outbox waits here now. */
  readonly takeOver?: boolean
  /** After each batch, with the last number that is durable. */
  readonly onProgress?: (number: number, of: number) => void
}

export interface ImportReport {
  readonly programme: string
  readonly head: { readonly number: number; readonly hash: string }
  /** Records that this call committed: fewer than the head's number when it went on with an earlier one. */
  readonly imported: number
  /** Messages that wait for `takeOver`. */
  readonly held: number
}

/**
 * @throws ExportFault for a file that is not right; CannotImport for a store that holds something else;
 *   StorageFailure.
 */
export const importJournal = async (options: ImportOptions): Promise<ImportReport> => {
  const verified = await verifyFirst(options)
  const { programme, head } = verified.header
  const { storage } = options
  const world: World = { programme, storage, catalogue: options.catalogue }
  const before = await storage.head(programme)
  const begun = await kept(storage, importKey(programme))
  let imported = 0
  if (begun === undefined && before.number === head.number && before.hash === head.hash) {
    // Imported before, whole: only what is held may still be taken over.
  } else {
    const turn = await begin(storage, programme, begun, before.number, head.hash)
    imported = await commitAll(world, options, { from: before, turn, head })
    await markBuilt(world)
    await keep(storage, `end/${programme}/${turn}`, [
      { kind: "release", key: importKey(programme), holder: head.hash },
    ])
  }
  const held = options.takeOver === true ? await releaseHeld(world) : await heldBy(world)
  return { programme, head: { number: head.number, hash: head.hash }, imported, held }
}

// internal

/** Records that are committed together and then settled. */
const batchSize = 200

/** Reads all of it, and every entry by the schemas of this release. */
const verifyFirst = async ({ open, trust, catalogue }: ImportOptions): Promise<VerifiedExport> => {
  const lines = verifiedLines(open(), trust)
  for (let line = 1; ; line += 1) {
    const step = await lines.next()
    if (step.done) return step.value
    const { value } = step
    if (value.kind === "header" && (value.after.number !== 0 || !value.outbox)) {
      throw exportFault({
        line,
        number: undefined,
        invariant: "A4",
        en: "it is a segment of an archive, not a whole export",
        zh: "这是归档分段，不是完整导出",
      })
    }
    if (value.kind === "record") understood(catalogue, value, line)
  }
}

const understood = (catalogue: Catalogue, record: ExportRecord, line: number): void => {
  try {
    parsedEvents(catalogue, decodeEntry(record), `journal ${record.number}`)
  } catch (error) {
    throw unreadable(error, record.number, line)
  }
}

/** A record that this release cannot take in is a fault of the file, at its line. */
const unreadable = (error: unknown, number: number, line: number): unknown => {
  const refused = isStorageFailure(error) && error.reason === "invalid"
  const broken = tagOf(error) === "Unreadable" || tagOf(error) === "BrokenInvariant"
  if (!refused && !broken) return error
  const en = error instanceof Error ? error.message : "it cannot be read"
  return exportFault({ line, number, invariant: "S11", en, zh: `记录无法按现有格式读入（${en}）` })
}

/** @returns a number that is higher for every beginning in this store. */
const begin = async (
  storage: Storage,
  programme: string,
  begun: string | undefined,
  number: number,
  hash: string,
): Promise<number> => {
  if (begun !== undefined && begun !== hash) {
    throw new CannotImport({ programme, why: "another-import" })
  }
  if (begun === undefined && number > 0) throw new CannotImport({ programme, why: "not-empty" })
  const { number: turn } = await storage.head(keepingProgramme)
  const claims =
    begun === undefined ? [{ kind: "take" as const, key: importKey(programme), holder: hash }] : []
  return keep(storage, `begin/${programme}/${turn + 1}`, claims)
}

interface Batch {
  records: { readonly record: ExportRecord; readonly line: number; readonly messages: ToldMessage[] }[]
  characters: number
}

/** Characters of entries and bodies that are held at a time, beside the one record that crosses it. */
const batchCharacters = 8_000_000

interface Course {
  /** Where the store stands. */
  readonly from: { readonly number: number; readonly hash: string }
  readonly turn: number
  readonly head: { readonly number: number }
}

/** @returns how many records were committed. */
const commitAll = async (world: World, options: ImportOptions, course: Course): Promise<number> => {
  const { from, turn, head } = course
  const rebuilder = makeRebuilder(world)
  let batch: Batch = { records: [], characters: 0 }
  let current: ToldMessage[] = []
  /** Messages of records that an earlier call committed and may not have settled. */
  const unsettled: ToldMessage[] = []
  let imported = 0
  const flush = async (): Promise<void> => {
    await settleAs(world, unsettled.splice(0), turn)
    const { records } = batch
    batch = { records: [], characters: 0 }
    if (records.length === 0) return
    await commitBatch(world, rebuilder, records)
    await settleAs(
      world,
      records.flatMap(({ messages }) => messages),
      turn,
    )
    imported += records.length
    options.onProgress?.(records.at(-1)?.record.number ?? 0, head.number)
  }
  let line = 0
  for await (const value of numbered(verifiedLines(options.open(), options.trust))) {
    line += 1
    if (value.kind === "message") {
      batch.characters += value.body.length
      current.push({ ...value, line })
    }
    if (value.kind !== "record") continue
    current = []
    if (value.number <= from.number) {
      checkSame(world, value, from)
      if (value.number > from.number - batchSize) current = unsettled
      continue
    }
    if (batch.records.length >= batchSize || batch.characters > batchCharacters) await flush()
    batch.records.push({ record: value, line, messages: current })
    batch.characters += value.entry.length
  }
  await flush()
  return imported
}

/** A generator's values alone, whatever it returns. */
async function* numbered(lines: AsyncGenerator<ExportLine, unknown>): AsyncGenerator<ExportLine> {
  yield* lines
}

const checkSame = (
  { programme }: World,
  record: ExportRecord,
  from: { readonly number: number; readonly hash: string },
): void => {
  if (record.number !== from.number || record.hash === from.hash) return
  throw new CannotImport({ programme, why: "another-journal" })
}

/** Handed over without waiting, so that they share durable transactions; a store works them in order. */
const commitBatch = async (
  { storage, programme }: World,
  rebuilder: ReturnType<typeof makeRebuilder>,
  records: Batch["records"],
): Promise<void> => {
  const made: Promise<void>[] = []
  for (const { record, line, messages } of records) {
    const commit = await rebuilder
      .commitOf(record, messages.map(messageOf))
      .catch((error: unknown) => error as Error)
    if (commit instanceof Error) {
      await Promise.allSettled(made)
      throw unreadable(commit, record.number, line)
    }
    made.push(
      storage.commit(programme, commit).then(
        (result) => {
          if (result.kind === "committed") {
            if (result.number === record.number && result.hash === record.hash) return
            throw new CannotImport({ programme, why: "order" })
          }
          const [invariant, en, zh] = refusals[result.kind]
          throw exportFault({ line, number: record.number, invariant, en, zh })
        },
        (error: unknown) => {
          throw unreadable(error, record.number, line)
        },
      ),
    )
  }
  const settled = await Promise.allSettled(made)
  for (const one of settled) if (one.status === "rejected") throw one.reason
  rebuilder.committed()
}

const messageOf = ({ id, topic, orderingKey, notBefore, body }: ToldMessage): OutboxMessage => ({
  id,
  topic,
  orderingKey,
  notBefore,
  body,
})

/** Why a store does not take a record whose hash is right: the file was made so. */
const refusals = {
  repeated: ["I1", "its command stands in the journal already", "该命令在日志中已出现过"],
  mismatch: [
    "I2",
    "its command stands in the journal already, with another payload",
    "该命令已以其他内容出现过",
  ],
  conflict: ["S10", "its events do not follow their streams", "事件与数据流的版本不符"],
  claimed: [
    "L7",
    "it takes a unique key that is held, or gives one back that is not",
    "唯一键已被占用或并未占用",
  ],
  "duplicate-message": ["O6", "it brings a message that was there before", "消息编号重复"],
} as const
