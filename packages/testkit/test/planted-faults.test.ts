import { memoryStorage } from "@yingshao/storage-memory"
import { runStorageCase, storageCases } from "@yingshao/testkit/storage-contract"
import { storageFaults } from "@yingshao/testkit/storage-faults"
import { describe, expect, it } from "vitest"

const caseOf = (id: string) => {
  const found = storageCases.find((one) => one.id === id)
  if (found === undefined) throw new Error(`no case "${id}"`)
  return found
}

describe("the storage contract catches", () => {
  for (const fault of storageFaults) {
    it(`planted fault: ${fault.id}`, async () => {
      const open = async () => fault.plant(memoryStorage())
      const passed: string[] = []
      for (const id of fault.caughtBy) {
        await runStorageCase({ name: fault.id, open }, caseOf(id)).then(
          () => passed.push(id),
          () => undefined,
        )
      }
      expect(passed, "cases that let the fault pass").toEqual([])
    })
  }

  it("nothing in the good store under the same harness", async () => {
    const failed: string[] = []
    for (const one of storageCases) {
      await runStorageCase({ name: "memory", open: async () => memoryStorage() }, one).catch(() =>
        failed.push(one.id),
      )
    }
    expect(failed).toEqual([])
  })

  it("names every case once", () => {
    const ids = storageCases.map(({ id }) => id)
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([])
    expect(ids.length).toBeGreaterThanOrEqual(150)
  })
})
