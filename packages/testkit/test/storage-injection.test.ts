/** Faults on order: each kind does what it says, at every point of the port. */
import { isStorageFailure } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import { command } from "@yingshao/testkit/storage-cases/storage-case"
import { injectFaults, type StoragePoint, storagePoints } from "@yingshao/testkit/storage-injection"
import { describe, expect, it } from "vitest"

const failure = async (work: Promise<unknown>): Promise<unknown> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return isStorageFailure(error) ? `${error.reason} ${error.outcome}` : error
}

const commitWith = (fault: "throw" | "hang" | "lose" | "twice") => {
  const inner = memoryStorage()
  const injected = injectFaults(inner, [{ point: "commit", nth: 2, fault }])
  const commit = (id: string) => injected.storage.commit("p", command(id))
  const number = async () => (await inner.head("p")).number
  return { ...injected, commit, number }
}

describe("injected faults", () => {
  it("names every method of a store as a point", () => {
    const methods = Object.entries(memoryStorage()).filter(([, value]) => typeof value === "function")
    expect([...storagePoints].sort()).toEqual(methods.map(([name]) => name).sort())
  })

  it.each(storagePoints)(
    "throws before the work at %s, every time when no number is given",
    async (point) => {
      const plan = { point, fault: "throw", reason: "full" } as const
      const { storage, met, calls } = injectFaults(memoryStorage(), [plan])
      const call = storage[point as StoragePoint] as () => Promise<unknown>
      expect([await failure(call()), await failure(call())]).toEqual(["full unchanged", "full unchanged"])
      expect([met(), calls(point)]).toEqual([2, 2])
    },
  )

  it("throw: nothing is written, and later calls work", async () => {
    const { commit, number } = commitWith("throw")
    await commit("a")
    expect(await failure(commit("b"))).toBe("unavailable unchanged")
    expect(await number()).toBe(1)
    expect(await commit("b")).toMatchObject({ kind: "committed", number: 2 })
  })

  it("lose: it is written, and the answer is unknown", async () => {
    const { commit, number } = commitWith("lose")
    await commit("a")
    expect(await failure(commit("b"))).toBe("unavailable unknown")
    expect(await number()).toBe(2)
    expect(await commit("b")).toMatchObject({ kind: "repeated" })
  })

  it("twice: the store gets it two times and the second answer counts", async () => {
    const { commit, number, met } = commitWith("twice")
    await commit("a")
    expect(await commit("b")).toMatchObject({ kind: "repeated" })
    expect([await number(), met()]).toEqual([2, 1])
  })

  it("hang: nothing happens until it is let go", async () => {
    const { commit, number, release, met } = commitWith("hang")
    await commit("a")
    const pending = commit("b")
    await new Promise((resolve) => setImmediate(resolve))
    expect([await number(), met()]).toEqual([1, 1])
    release()
    expect(await pending).toMatchObject({ kind: "committed", number: 2 })
  })
})
