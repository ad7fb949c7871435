/**
 * The contract of the storage port as named cases, for every store, ours and others'.
 *
 * The caller hands in the test runner's `describe` and `it` and a way to open a store; each case works in
 * programmes of its own, so that one database may serve all of them. Every case is listed: one whose
 * capability is not claimed as "not claimed", one that the adapter skips with its reason. What it does not
 * do: it does not measure time, and it kills no process (`docs/crash-evidence.md` says what does).
 *
 * @example
 * import { describe, it } from "vitest"
 * storageContract({ name: "memory", open: async () => memoryStorage() }, { describe, it })
 */
import { randomUUID } from "node:crypto"
import type { Storage } from "@yingshao/ports/storage"
import { archivingCases } from "./storage-cases/archiving-cases.ts"
import { capabilityCases } from "./storage-cases/capability-cases.ts"
import { commitCases } from "./storage-cases/commit-cases.ts"
import { journalCases } from "./storage-cases/journal-cases.ts"
import { limitCases } from "./storage-cases/limit-cases.ts"
import { outboxCases } from "./storage-cases/outbox-cases.ts"
import { raceCases } from "./storage-cases/race-cases.ts"
import { readingCases } from "./storage-cases/reading-cases.ts"
import { type StorageCapabilities, storageCapabilities } from "./storage-cases/storage-capability.ts"
import type { StorageCase } from "./storage-cases/storage-case.ts"

export type { StorageCapabilities, TestDatabase } from "./storage-cases/storage-capability.ts"
export type { StorageCase, StorageWorld } from "./storage-cases/storage-case.ts"

/** Every case of the contract; ids are unique and stable. */
export const storageCases: readonly StorageCase[] = [
  ...commitCases,
  ...raceCases,
  ...readingCases,
  ...journalCases,
  ...outboxCases,
  ...limitCases,
  ...capabilityCases,
  ...archivingCases,
]

export interface StoreUnderTest {
  readonly name: string
  /** A store to run one case on; it may hold other programmes, and may be the same one every time. */
  readonly open: () => Promise<Storage>
  /** Called after each case; `storage.close` when missing. */
  readonly close?: (storage: Storage) => Promise<void>
  /** What the store promises beyond the port; see `StorageCapabilities`. */
  readonly capabilities?: StorageCapabilities
  /** Cases that this store does not pass, each with the reason in words. */
  readonly skips?: readonly Skip[]
}

export interface Skip {
  /** Id of a case: `race/claim`. */
  readonly case: string
  /** A sentence for whoever reads the list of tests. */
  readonly reason: string
}

/** The two functions of a test runner that the suite needs. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown
  readonly it: ((name: string, body: () => Promise<void>) => unknown) & {
    readonly skip: (name: string, body: () => Promise<void>) => unknown
  }
}

/**
 * Declares one test for each case.
 *
 * @throws Error when a skip has no reason, names no case, names one twice, or names one that would not run
 *   anyway because its capability is not claimed.
 */
export const storageContract = (store: StoreUnderTest, { describe, it }: TestRunner): void => {
  const skips = reasons(store)
  describe(`storage contract store/1: ${store.name}`, () => {
    for (const one of storageCases) {
      const body = (): Promise<void> => runStorageCase(store, one)
      const reason = skips.get(one.id)
      if (reason !== undefined) it.skip(`${one.name} [${one.id}] (skipped: ${reason})`, body)
      else if (claims(store, one)) it(`${one.name} [${one.id}]`, body)
      else it.skip(`${one.name} [${one.id}] (not claimed: ${promise(one)})`, body)
    }
  })
}

/** Runs one case on a store opened for it. Rejects when the store breaks the contract. */
export const runStorageCase = async (store: StoreUnderTest, one: StorageCase): Promise<void> => {
  const storage = await store.open()
  try {
    await one.run({
      storage,
      programme: programmeName(),
      neighbour: programmeName(),
      claims: store.capabilities ?? {},
    })
  } finally {
    await (store.close ?? ((used: Storage) => used.close()))(storage)
  }
}

/** Is this case one that the store is held to? */
export const claims = (store: StoreUnderTest, { needs }: StorageCase): boolean =>
  needs === undefined || store.capabilities?.[needs] !== undefined

// internal

const programmeName = (): string => `case-${randomUUID()}`

const promise = ({ needs }: StorageCase): string => (needs === undefined ? "" : storageCapabilities[needs])

const reasons = (store: StoreUnderTest): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  for (const { case: id, reason } of store.skips ?? []) {
    const one = storageCases.find((known) => known.id === id)
    if (one === undefined) throw new Error(`${store.name} skips "${id}", and there is no such case`)
    if (reason.trim() === "") throw new Error(`${store.name} skips "${id}" without a reason`)
    if (found.has(id)) throw new Error(`${store.name} skips "${id}" twice`)
    if (!claims(store, one)) throw new Error(`${store.name} skips "${id}", which it does not claim anyway`)
    found.set(id, reason)
  }
  return found
}
