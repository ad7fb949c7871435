/**
 * What a person does with the outbox: look at it, send a given-up message again, take one out.
 *
 * Whoever takes a message out puts a name on it. A notice that was taken out lets the next one of its key go;
 * an order keeps its case closed, because what comes after it may make no sense without it, unless the person
 * says otherwise.
 */
import type { Instant } from "@yingshao/core/kernel/time"
import type { OutboxRow, OutboxStatus, Storage } from "@yingshao/ports/storage"

export interface OutboxDesk {
  /** Rows of a status in their place in the queue, a page at a time. */
  list(status: OutboxStatus, given?: { readonly topic?: string | undefined }): AsyncIterable<OutboxRow>
  /** One row, wherever it stands. Looks through what waits and what was given up, then through what was sent. */
  find(id: string): Promise<OutboxRow | undefined>
  /** False when the row is not given up. */
  retry(id: string): Promise<boolean>
  /** Every given-up row that `which` accepts. @returns how many. */
  retryAll(which?: (row: OutboxRow) => boolean): Promise<number>
  /** False when it is delivered, unknown, or in a worker's hands just now. */
  park(id: string, parking: ParkingByHand): Promise<boolean>
}

export interface ParkingByHand {
  /** Name or office of who looks after it, 1 to 60 characters. */
  readonly by: string
  /** 1 to 200 characters. */
  readonly why: string
  /** Lets the messages behind an order go on without it. */
  readonly passes?: boolean | undefined
}

export interface OutboxDeskOptions {
  readonly programme: string
  readonly storage: Storage
  readonly now: () => Instant
}

/** @example await outboxDesk({ programme, storage, now }).park(id, { by: "李工", why: "called by phone" }) // => true */
export const outboxDesk = ({ programme, storage, now }: OutboxDeskOptions): OutboxDesk => {
  const desk: OutboxDesk = {
    async *list(status, { topic } = {}) {
      let after: { readonly number: number; readonly position: number } | undefined
      for (;;) {
        const rows = await storage.outbox(programme, { status, after, limit: pageLimit })
        for (const row of rows) if (topic === undefined || row.topic === topic) yield row
        after = rows.at(-1)
        if (rows.length < pageLimit) return
      }
    },
    async find(id) {
      for (const status of ["dead", "pending", "delivered"] as const) {
        for await (const row of desk.list(status)) if (row.id === id) return row
      }
      return undefined
    },
    retry: (id) => storage.redrive(programme, id, now()),
    async retryAll(which = () => true) {
      let again = 0
      // Whatever was put back leaves the list that is walked, and the walk goes by place, not by count.
      for await (const row of desk.list("dead")) if (which(row) && (await desk.retry(row.id))) again += 1
      return again
    },
    async park(id, { by, why, passes = false }) {
      const row = await desk.find(id)
      if (row === undefined) return false
      return storage.park(programme, id, {
        at: now(),
        blocking: row.topic === "dispatch" && !passes,
        note: `for ${by}: ${why}`,
      })
    },
  }
  return desk
}

// internal

const pageLimit = 200
