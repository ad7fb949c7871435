/**
 * The contract of the storage port as named cases, for every store, ours and others'.
 *
 * The caller hands in the test runner's `describe` and `it` and a way to open a store; each case works in
 * programmes of its own, so that one database may serve all of them. A case that a store does not run is
 * listed with the reason. What it does not do: it does not measure time, and it does not kill anything.
 *
 * @example
 * import { describe, it } from "vitest"
 * storageContract({ name: "memory", open: async () => memoryStorage() }, { describe, it })
 */
import { randomUUID } from "node:crypto"
import type { Storage } from "@yingshao/ports/storage"
import { commitCases } from "./storage-cases/commit-cases.ts"
import { journalCases } from "./storage-cases/journal-cases.ts"
import { limitCases } from "./storage-cases/limit-cases.ts"
import { outboxCases } from "./storage-cases/outbox-cases.ts"
import { raceCases } from "./storage-cases/race-cases.ts"
import { readingCases } from "./storage-cases/reading-cases.ts"
import type { StorageCase } from "./storage-cases/storage-case.ts"

export type { StorageCase, StorageWorld } from "./storage-cases/storage-case.ts"

/** Every case of the contract; ids are unique and stable. */
export const storageCases: readonly StorageCase[] = [
  ...commitCases,
  ...raceCases,
  ...readingCases,
  ...journalCases,
  ...outboxCases,
  ...limitCases,
]

export interface StoreUnderTest {
  readonly name: string
  /** A store to run one case on; it may hold other programmes, and may be the same one every time. */
  readonly open: () => Promise<Storage>
  /** Called after each case; `storage.close` when missing. */
  readonly close?: (storage: Storage) => Promise<void>
  readonly capabilities?: {
    /** True when `open` gives the same store every time, so that no case may close it. */
    readonly shared?: boolean
  }
}

/** The two functions of a test runner that the suite needs. `it` takes an optional skip, with its reason in the name. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown
  readonly it: ((name: string, body: () => Promise<void>) => unknown) & {
    readonly skip: (name: string, body: () => Promise<void>) => unknown
  }
}

/** Declares one test for each case. */
export const storageContract = (store: StoreUnderTest, { describe, it }: TestRunner): void => {
  describe(`storage contract store/1: ${store.name}`, () => {
    for (const one of storageCases) {
      const body = (): Promise<void> => runStorageCase(store, one)
      if (one.closes && store.capabilities?.shared)
        it.skip(`${one.name} (skipped: the store is shared)`, body)
      else it(`${one.name} [${one.id}]`, body)
    }
  })
}

/** Runs one case on a store opened for it. Rejects when the store breaks the contract. */
export const runStorageCase = async (store: StoreUnderTest, one: StorageCase): Promise<void> => {
  const storage = await store.open()
  try {
    await one.run({ storage, programme: programmeName(), neighbour: programmeName() })
  } finally {
    await (store.close ?? ((used: Storage) => used.close()))(storage)
  }
}

// internal

const programmeName = (): string => `case-${randomUUID()}`
