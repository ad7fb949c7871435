/**
 * The journal from a position: every command that was accepted or refused, in the one order there is.
 *
 * Numbers have no gaps and nobody commits late, so a reader that remembers the last number it worked on
 * misses nothing and sees nothing twice. What it does not do: it does not remember the position for you.
 */

import type { Refusal } from "@yingshao/core/kernel/refusal"
import type { Actor } from "@yingshao/core/kernel/roles"
import type { Instant } from "@yingshao/core/kernel/time"
import { decodeEntry, parsedEvents, type StoredEvent } from "./entry.ts"
import type { World } from "./stream-reader.ts"
import type { Wake } from "./wake.ts"

/** One journal record, read. */
export interface JournalItem {
  readonly number: number
  readonly hash: string
  readonly at: Instant
  readonly command: { readonly type: string; readonly id: string; readonly by: Actor }
  readonly refusal: Refusal | undefined
  /** Parsed by the schemas of their kinds; empty for a refusal. */
  readonly events: readonly StoredEvent[]
}

export interface JournalOptions {
  /** The last number that was worked on; 0 or left out: from the beginning. */
  readonly after?: number
  /** Go on with what comes later, until `signal` aborts. Left out: true. */
  readonly follow?: boolean
  readonly signal?: AbortSignal
  /** How often to look for what other processes wrote, in milliseconds. Left out: 1,000. */
  readonly pollMs?: number
}

/** @throws Unreadable at a record that this release does not know; the position before it is good. */
export async function* readJournal(
  world: World,
  wake: Wake,
  { after = 0, follow = true, signal, pollMs = 1_000 }: JournalOptions,
): AsyncGenerator<JournalItem> {
  const limit = 200
  for (let last = after; ; ) {
    const page = await world.storage.journal(world.programme, { after: last, limit })
    for (const record of page) {
      if (signal?.aborted) return
      const entry = decodeEntry(record)
      yield {
        number: record.number,
        hash: record.hash,
        at: entry.command.at,
        command: {
          type: entry.command.type,
          id: entry.command.id,
          by: { person: entry.command.by, role: entry.command.role },
        },
        refusal: entry.refusal,
        events: parsedEvents(world.catalogue, entry, `journal ${record.number}`),
      }
      last = record.number
    }
    if (page.length === limit) continue
    if (!follow || signal?.aborted) return
    await wake.wait(pollMs, signal)
    if (signal?.aborted) return
  }
}
