import { memoryStorage } from "@yingshao/storage-memory"
import { runStorageCase, type StoreUnderTest, storageCases } from "@yingshao/testkit/storage-contract"
import { storageFaults } from "@yingshao/testkit/storage-faults"
import { capabilityFaults } from "@yingshao/testkit/storage-faults/capability-faults"
import { describe, expect, it } from "vitest"
import { memoryCapabilities } from "./memory-database.ts"

const caseOf = (id: string) => {
  const found = storageCases.find((one) => one.id === id)
  if (found === undefined) throw new Error(`no case "${id}"`)
  return found
}

const good: StoreUnderTest = {
  name: "memory",
  open: async () => memoryStorage(),
  capabilities: memoryCapabilities,
}

/** Which of these cases the store passes. */
const passing = async (store: StoreUnderTest, ids: readonly string[]): Promise<readonly string[]> => {
  const passed: string[] = []
  for (const id of ids) {
    await runStorageCase(store, caseOf(id)).then(
      () => passed.push(id),
      () => undefined,
    )
  }
  return passed
}

const ids = storageCases.map(({ id }) => id)

describe("the storage contract catches", () => {
  for (const fault of storageFaults) {
    it(`planted fault: ${fault.id}`, async () => {
      const broken = { ...good, name: fault.id, open: async () => fault.plant(memoryStorage()) }
      expect(await passing(broken, fault.caughtBy), "cases that let the fault pass").toEqual([])
    })
  }

  for (const fault of capabilityFaults) {
    it(`planted fault in what is claimed: ${fault.id}`, async () => {
      const broken = { ...good, name: fault.id, capabilities: fault.plant(memoryCapabilities) }
      expect(await passing(broken, fault.caughtBy), "cases that let the fault pass").toEqual([])
    })
  }

  it("nothing in the good store under the same harness", async () => {
    expect(await passing(good, ids)).toEqual(ids)
  })

  it("names every case once", () => {
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([])
    expect(ids.length).toBeGreaterThanOrEqual(150)
  })

  it("names every fault once, and every capability's case has a fault that it catches", () => {
    const faults = [...storageFaults, ...capabilityFaults]
    expect(new Set(faults.map(({ id }) => id)).size).toBe(faults.length)
    const catching = new Set(faults.flatMap(({ caughtBy }) => caughtBy))
    expect(storageCases.filter(({ id, needs }) => needs && !catching.has(id)).map(({ id }) => id)).toEqual([])
  })
})
