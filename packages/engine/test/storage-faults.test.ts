/**
 * The engine over a store that fails at a named point: whatever the fault, the asker gets a typed failure or
 * the answer, and the same id sent again has one effect.
 */
import { isStorageFailure } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import {
  injectFaults,
  type StorageFaultKind,
  type StoragePoint,
  storageFaultKinds,
} from "@yingshao/testkit/storage-injection"
import { describe, expect, test } from "vitest"
import { checkWorld } from "../src/check-world.ts"
import { as, openSmall, programme } from "./open-small.ts"
import { smallCatalogue } from "./small-world.ts"

/** What a command uses of the store; `load` when nothing of it is cached. */
const points: readonly StoragePoint[] = ["load", "commit"]

const pay = { type: "Pay", id: "c-1", by: as("ann"), account: "a-1", amountFen: 100 }

const run = async (point: StoragePoint, fault: StorageFaultKind, nth: number) => {
  const inner = memoryStorage()
  await openSmall(inner)
  const { storage, met, release } = injectFaults(inner, [{ point, nth, fault }])
  const world = await openSmall(storage)
  const pending = world.handle(pay)
  const first = pending.then(
    ({ ok }) => `${ok}`,
    (error: unknown) => (isStorageFailure(error) ? error.outcome : "untyped"),
  )
  if (fault === "hang") {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    expect((await inner.head(programme)).number).toBe(1)
    release()
  }
  const answers = [await first, (await world.handle(pay)).ok]
  const { findings } = await checkWorld(inner, programme, { catalogue: smallCatalogue })
  return { answers, findings, met: met(), head: (await inner.head(programme)).number }
}

describe("a command over a store that fails", () => {
  for (const point of points) {
    for (const fault of storageFaultKinds) {
      test(`I1 I6 ${fault} at ${point}: typed or answered, then one effect`, async () => {
        const { answers, findings, met, head } = await run(point, fault, 1)
        const first = { throw: "unchanged", lose: "unknown", hang: "true", twice: "true" }[fault]
        expect(answers).toEqual([first, true])
        expect(findings).toEqual([])
        expect({ met, head }).toEqual({ met: 1, head: 2 })
      })
    }
  }
})
