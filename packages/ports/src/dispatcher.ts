/**
 * The dispatcher port, `dispatch/1`: hands an order to another organisation and hears back.
 *
 * Orders leave by `hand`; what the partner answers later comes in as a `PartnerReceipt`, through an endpoint,
 * a file or a row, and is deduplicated by (source, id) by the engine's inbox in the transaction of its
 * effect. At least once, always with the same id and body, in order per case and partner; an order ends
 * accepted, refused, or parked with a person's name on it.
 *
 * What it does not do: it does not retry, keeps no queue, and never carries who reported.
 */

export const dispatcherContract = "dispatch/1"

/** The last part of the CloudEvents type `cn.yingshao.dispatch.….v1`. */
export type OrderType = "assigned" | "urged" | "supplemented" | "reassigned" | "recalled"

export interface Order {
  /** The same on every attempt, over every transport; see `isOrderId`. */
  readonly id: string
  /** Orders of one case to one partner arrive in order. */
  readonly caseKey: string
  /** Name of the partner. */
  readonly to: string
  readonly type: OrderType
  /** ISO 8601 UTC. */
  readonly time: string
  /** Plain JSON as the envelope defines it: level, category, summary, place, deadlines, attachments, reply. */
  readonly data: { readonly [field: string]: unknown }
  /** After this instant the order is void and must not be worked on. ISO 8601 UTC. */
  readonly expires?: string
  /** Id of the order that this one replaces. */
  readonly supersedes?: string
}

/** May this text be the id of an order? It becomes a header, a file's name and a key: nothing else fits all. */
export const isOrderId = (text: string): boolean => /^[A-Za-z0-9_-]{1,100}$/.test(text)

export interface Handed {
  readonly id: string
  /** `queued` here, `handed-over` to something that passes it on, `accepted` by the partner itself. */
  readonly grade: "queued" | "handed-over" | "accepted"
  readonly partnerRef?: string
  /** The partner knew this id already. */
  readonly duplicate?: boolean
}

/** What `hand` rejects with. No key, secret or text of the order is in the message. */
export interface DispatchRefusal extends Error {
  readonly _tag: "DispatchRefusal"
  /** `ask-a-person`: the outcome cannot be known from here, such as a login page with status 200. */
  readonly retry: "later" | "never" | "ask-a-person"
  /** Milliseconds, 0 or more; only with `later`. */
  readonly afterMs?: number
}

/** received 签收, refused 退单, transferred 转办, started 办理中, extension-asked 延期, result 办结, withdrawn 撤回. */
export type ReceiptType =
  | "received"
  | "refused"
  | "transferred"
  | "started"
  | "extension-asked"
  | "result"
  | "withdrawn"

export interface PartnerReceipt {
  /** Unique within `source`. */
  readonly id: string
  readonly source: string
  readonly type: ReceiptType
  /** Id of our order. One that is unknown yet is parked: files arrive before rows. */
  readonly ref: string
  readonly partnerRef?: string
  /** When the partner says it happened; it moves no deadline. */
  readonly time: string
  readonly data: { readonly [field: string]: unknown }
}

export interface Dispatcher {
  readonly contract: typeof dispatcherContract
  /** For people and metrics: `http`, `drop-folder`. */
  readonly name: string
  /**
   * @param signal aborted when the caller stops waiting; an order already sent is then `ask-a-person`, or
   *   `later` where the partner dedupes by id.
   * @throws DispatchRefusal
   */
  hand(order: Order, signal: AbortSignal): Promise<Handed>
  /**
   * Receipts that wait where the adapter can look (folder, table, token), oldest first; empty where they are
   * pushed. The same ones come again until `acknowledge`. Two partners may use one id: then the second is held back
   * until the first is acknowledged.
   */
  receipts(limit: number): Promise<readonly PartnerReceipt[]>
  /** After the effect was committed. Unknown ids are ignored. */
  acknowledge(ids: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** Makes a `DispatchRefusal`. `_tag` is compared, never the class. */
export const dispatchRefusal = (
  retry: DispatchRefusal["retry"],
  message: string,
  afterMs?: number,
): DispatchRefusal =>
  Object.assign(new Error(message), {
    _tag: "DispatchRefusal" as const,
    retry,
    ...(afterMs === undefined ? {} : { afterMs }),
  })

export const isDispatchRefusal = (error: unknown): error is DispatchRefusal =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "DispatchRefusal"
