/**
 * Writes a programme's journal as the lines of an export, one page in memory at a time.
 *
 * The head is read first; what is committed later is left out. What it does not do: it opens no file. It may
 * run beside a working programme, but a message that is delivered while it runs may still be told as pending:
 * who moves a programme stops its relay first.
 */

import { createHash } from "node:crypto"
import { firstHash } from "@yingshao/ports/journal-chain"
import type { Signer } from "@yingshao/ports/signer"
import { canonical } from "./canonical.ts"
import { decodeEntry } from "./entry.ts"
import {
  type ChainPlace,
  type ExportFooter,
  type ExportHeader,
  type ExportMessage,
  type ExportRecord,
  exportFormat,
} from "./export-format.ts"
import { Unreadable } from "./failures.ts"
import { sameMessages, walkOutbox } from "./outbox-walk.ts"
import { signHead } from "./signed-head.ts"
import type { World } from "./stream-reader.ts"

export interface ExportOptions {
  /** Records after this number; left out: from the beginning. */
  readonly after?: number
  /** Up to and including this number; left out: all there are. */
  readonly upTo?: number
  /** Tell the outbox; left out: true. */
  readonly outbox?: boolean
  /** Signs the head that the export ends at. */
  readonly sign?: { readonly signer: Signer; readonly at: string }
}

/**
 * @returns lines, each with its `\n`.
 * @throws Unreadable for an entry that this release does not know, or outbox rows that are not those the entry
 *   names; StorageFailure; SignerFailure.
 * @example for await (const line of exportJournal(world)) file.write(line)
 */
export async function* exportJournal(
  world: Pick<World, "storage" | "programme">,
  options: ExportOptions = {},
): AsyncGenerator<string> {
  const { after = 0, outbox = true } = options
  const from = await placeOf(world, after)
  const last = await placeOf(world, options.upTo ?? (await world.storage.head(world.programme)).number)
  const digest = createHash("sha256")
  const line = (value: ExportHeader | ExportRecord | ExportMessage): string => {
    const text = `${canonical(value)}\n`
    digest.update(text)
    return text
  }
  const { programme } = world
  yield line({ kind: "header", format: exportFormat, programme, after: from, head: last, outbox })
  const rows = outbox ? walkOutbox(world, after) : undefined
  let messages = 0
  for await (const record of recordsOf(world, after, last.number)) {
    yield line({ kind: "record", ...record })
    if (rows === undefined) continue
    for (const message of await messagesOf(rows, record)) {
      messages += 1
      yield line(message)
    }
  }
  const footer: ExportFooter = {
    kind: "footer",
    records: last.number - after,
    messages,
    sha256: digest.digest("hex"),
    ...(options.sign === undefined
      ? {}
      : { signed: await signHead(options.sign.signer, programme, last, options.sign.at) }),
  }
  yield `${canonical(footer)}\n`
}

// internal

const pageLimit = 200

const placeOf = async (
  { storage, programme }: Pick<World, "storage" | "programme">,
  number: number,
): Promise<ChainPlace> => {
  if (number === 0) return { number, hash: firstHash }
  const [record] = await storage.journal(programme, { after: number - 1, limit: 1 })
  if (record === undefined) {
    throw new Unreadable({ where: `journal ${number}`, why: "the journal ends before it" })
  }
  return { number, hash: record.hash }
}

async function* recordsOf(
  { storage, programme }: Pick<World, "storage" | "programme">,
  after: number,
  upTo: number,
): AsyncGenerator<Omit<ExportRecord, "kind">> {
  for (let number = after; number < upTo; ) {
    const page = await storage.journal(programme, {
      after: number,
      limit: Math.min(pageLimit, upTo - number),
    })
    if (page.length === 0) {
      throw new Unreadable({ where: `journal ${number + 1}`, why: "the journal ends before its head" })
    }
    yield* page
    number += page.length
  }
}

const messagesOf = async (
  rows: ReturnType<typeof walkOutbox>,
  record: Pick<ExportRecord, "number" | "entry">,
): Promise<readonly ExportMessage[]> => {
  const { messages: ids } = decodeEntry(record)
  const found = await rows.of(record.number, ids)
  if (!sameMessages(found, ids)) {
    throw new Unreadable({
      where: `journal ${record.number}`,
      why: `it names ${ids.length} messages; the outbox holds ${found.length} of its rows`,
    })
  }
  return found.map(
    ({ number, position, id, topic, orderingKey, notBefore, body, status, note, settledAt }) => ({
      kind: "message",
      number,
      position,
      id,
      topic,
      orderingKey,
      notBefore,
      body,
      status,
      // Why the last attempt failed is no matter of another world.
      note: status === "pending" ? "" : note,
      settledAt,
    }),
  )
}
