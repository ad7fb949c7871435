/**
 * Stores with one fault each: what a storage contract has to catch.
 *
 * Every fault wraps a good store, so that all the rest stays right. `caughtBy` names the cases made for it;
 * a suite that lets one pass proves nothing. They are for tests of tests only.
 */
import { commitFaults } from "./storage-faults/commit-faults.ts"
import { outboxFaults } from "./storage-faults/outbox-faults.ts"
import { readingFaults } from "./storage-faults/reading-faults.ts"
import type { StorageFault } from "./storage-faults/storage-fault.ts"

/** In the order of the contract. */
export const storageFaults: readonly StorageFault[] = [...commitFaults, ...readingFaults, ...outboxFaults]
