/**
 * Sums of hashes, by which two sides of `checkWorld` are compared that are not read in the same order: what
 * the journal holds and what the histories hold, what the states say and what the indexes hold.
 *
 * A sum is two numbers whatever it adds up. What it does not do: it says that two sides differ, never where;
 * and it is no proof against somebody who makes records on purpose. The hash chain is.
 */
import { sha256 } from "./canonical.ts"

export interface Sum {
  count: number
  /** Below 2⁴⁸, so that adding two is exact. */
  hash: number
}

export const emptySum = (): Sum => ({ count: 0, hash: 0 })

/** Adds a text. */
export const addTo = (sum: Sum, text: string): void => {
  sum.count += 1
  sum.hash = (sum.hash + Number.parseInt(sha256(text).slice(0, 12), 16)) % 2 ** 48
}

/** Adds that a journal record stands in a stream's history. `leaf` is the hash of its entry. */
export const addRecord = (sum: Sum, number: number, leaf: string, stream: string): void =>
  addTo(sum, `${number}\n${leaf}\n${stream}`)

/** Adds all of another sum. */
export const merge = (sum: Sum, more: Sum): void => {
  sum.count += more.count
  sum.hash = (sum.hash + more.hash) % 2 ** 48
}

export const sameSum = (a: Sum, b: Sum): boolean => a.count === b.count && a.hash === b.hash
