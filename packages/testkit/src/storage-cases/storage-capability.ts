/**
 * What a store may claim beyond the port's every-day promises, and what it hands in to be held to it.
 *
 * A claim is made by giving what its cases need. What is not claimed is listed as "not claimed" and is not
 * run; what is claimed and does not hold is a failure like any other. What it does not do: it cannot see a
 * capability that a store has and does not claim.
 */
import type { Storage } from "@yingshao/ports/storage"

/** One database that can be opened more than once. */
export interface TestDatabase {
  /** Opens a store on it; a case closes every store it opens. */
  open(): Promise<Storage>
  /** Called after the case, when all stores are closed. */
  drop?(): Promise<void>
}

/** A way to change a stored journal behind the store's back, as a program with the database's own client would. */
export interface Forgery {
  /** `UPDATE`, `DELETE of the first row`. */
  readonly name: string
  /** Tries it on the journal of this programme; must reject, because the database refuses. */
  readonly attempt: (programme: string) => Promise<unknown>
}

export interface StorageCapabilities {
  /** Every `open` gives a store that nobody else uses, so that a case may close it. */
  readonly closing?: true
  /** What was acknowledged is there when a closed database is opened again. */
  readonly reopening?: () => Promise<TestDatabase>
  /** Several stores work on one database at once, as several processes would. */
  readonly severalStores?: () => Promise<TestDatabase>
  /** The database itself refuses to change or delete journal rows. At least one UPDATE and one DELETE. */
  readonly appendOnly?: () => Promise<TestDatabase & { readonly forgeries: readonly Forgery[] }>
  /** Entries of old records can leave the store (`archiving`). */
  readonly archiving?: () => Promise<TestDatabase>
  /** Writes wait in a bounded queue; this store lets so many wait, and refuses more as `busy`. */
  readonly backpressure?: () => Promise<TestDatabase & { readonly waiting: number }>
}

export type StorageCapability = keyof StorageCapabilities

/** In one line each, as the suite prints it. */
export const storageCapabilities: Readonly<Record<StorageCapability, string>> = {
  closing: "a store can be closed",
  reopening: "what was acknowledged outlives closing",
  severalStores: "several stores share one database",
  appendOnly: "the database refuses to change the journal",
  archiving: "entries of closed years can leave the store",
  backpressure: "waiting writes are bounded",
}
