/**
 * The hash chain of a programme's journal, shared by every store.
 *
 * Pure. It does not read a journal and does not verify one: a verifier recomputes `chainHash` for every
 * record and compares.
 */
import { hash } from "node:crypto"

/** `hash(0)`: what the first record is chained to. */
export const firstHash: string = "0".repeat(64)

/**
 * The hash of journal record `number`.
 *
 * @param number place of the record, 1, 2, 3, …
 * @param previousHash hash of record `number - 1`, or `firstHash`.
 * @param leaf SHA-256 of the record's canonical bytes, 64 lower-case hex digits.
 * @returns 64 lower-case hex digits: SHA-256 of the UTF-8 text
 *   `"yingshao/journal/1\n" + number + "\n" + previousHash + "\n" + leaf`.
 * @source invariant A3
 * @example chainHash(1, firstHash, "0".repeat(64)) // => "4e399157…a117465d"
 */
export const chainHash = (number: number, previousHash: string, leaf: string): string =>
  hash("sha256", `yingshao/journal/1\n${number}\n${previousHash}\n${leaf}`, "hex")
