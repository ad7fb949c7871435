/**
 * Every posting of a programme, from the accounts' own histories, in the order of the journal.
 */
import { type CivilDate, civilDateOf, type Instant } from "@yingshao/core/kernel/time"
import type { Posting } from "@yingshao/core/ledger/posting"
import type { Queries } from "@yingshao/engine/queries"

/** A posting where and when it happened. */
export interface Posted {
  /** Journal number. */
  readonly number: number
  readonly at: Instant
  readonly on: CivilDate
  readonly posting: Posting
}

/** @param timeZone in which `on` is a civil date. */
export const postingsOf = async (queries: Queries, timeZone: string): Promise<readonly Posted[]> => {
  const all: Posted[] = []
  for await (const { id } of queries.readAll("account")) {
    for await (const { number, at, events } of queries.story("account", id)) {
      for (const { event } of events) {
        if (event.posting === undefined) continue
        all.push({ number, at, on: civilDateOf(at, timeZone), posting: event.posting })
      }
    }
  }
  return all.sort((a, b) => a.number - b.number)
}
