/** What passes between a store and its writing thread: calls of the port that write, and their answers. */
import type { StorageFailure } from "@yingshao/ports/storage"
import type { CheckedWrites } from "./checked-writes.ts"

export const writeMethods = ["commit", "restate", "lease", "settle", "redrive", "park"] as const

export type WriteMethod = (typeof writeMethods)[number]

export interface WriteCall {
  readonly id: number
  readonly method: WriteMethod
  readonly programme: string
  /** The arguments behind the programme. */
  readonly parts: readonly unknown[]
}

export type WriteAnswer =
  | { readonly id: number; readonly value: unknown; readonly failure?: undefined }
  | { readonly id: number; readonly failure: Pick<StorageFailure, "reason" | "outcome" | "message"> }

/** A method of the port that writes, its programme first. */
export type Write = (programme: string, ...parts: readonly unknown[]) => Promise<unknown>

export const writeOf = (writes: CheckedWrites, method: WriteMethod): Write =>
  writes[method] as unknown as Write
