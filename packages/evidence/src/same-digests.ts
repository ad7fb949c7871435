/**
 * The same random operations on three stores leave the same journal: one digest, for every seed.
 *
 * The digest is over every byte of every record. What the model compares besides, answer by answer, is in
 * `storage-model.ts` of the testkit.
 */
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import type { Storage } from "@yingshao/ports/storage"
import { sameBehaviour, storageOperations } from "@yingshao/testkit/storage-model"
import * as fc from "fast-check"

/**
 * @param stores the first is what the others are compared with, answer by answer.
 * @returns one digest for each seed.
 * @throws AssertionError naming the seed.
 */
export const sameDigests = async (
  stores: readonly [Storage, ...Storage[]],
  seeds: number,
  say: (line: string) => void = () => {},
): Promise<readonly string[]> => {
  const [reference, ...others] = stores
  const digests: string[] = []
  for (let seed = 1; seed <= seeds; seed += 1) {
    const programme = `seed-${seed}`
    const [operations = []] = fc.sample(storageOperations(60), { seed, numRuns: 1 })
    // The operations ran on the reference already when the second of the others comes: a programme for each.
    for (const [at, other] of others.entries()) {
      await sameBehaviour(reference, other, `${programme}-${at}`, operations)
    }
    const found = await Promise.all(
      others.flatMap((other, at) => [
        journalDigest(reference, `${programme}-${at}`),
        journalDigest(other, `${programme}-${at}`),
      ]),
    )
    assert.equal(new Set(found).size, 1, `seed ${seed}: the journals differ: ${found.join(", ")}`)
    digests.push(found[0] ?? "")
    if (seed % 100 === 0) say(`${seed} seeds`)
  }
  return digests
}

// internal

const journalDigest = async (storage: Storage, programme: string): Promise<string> => {
  const hash = createHash("sha256")
  for (let after = 0; ; ) {
    const page = await storage.journal(programme, { after, limit: 1_000 })
    for (const record of page) {
      const { number, commandId, payloadDigest, entry, leaf, hash: chained } = record
      hash.update(JSON.stringify([number, commandId, payloadDigest, entry, leaf, chained]))
      after = number
    }
    if (page.length < 1_000) return hash.digest("hex")
  }
}
