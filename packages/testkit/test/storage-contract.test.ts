/** What the suite declares to a test runner: every case, with what is not claimed and what is skipped aloud. */
import { memoryStorage } from "@yingshao/storage-memory"
import { type StoreUnderTest, storageCases, storageContract } from "@yingshao/testkit/storage-contract"
import { describe, expect, it } from "vitest"
import { memoryCapabilities } from "./memory-database.ts"

/** A runner that writes down what it is told. */
const declared = (more: Partial<StoreUnderTest>) => {
  const run = new Map<string, () => Promise<void>>()
  const skipped: string[] = []
  const suites: string[] = []
  const record = Object.assign((name: string, body: () => Promise<void>) => run.set(name, body), {
    skip: (name: string) => skipped.push(name),
  })
  storageContract(
    { name: "a store", open: async () => memoryStorage(), ...more },
    {
      describe: (name, body) => {
        suites.push(name)
        body()
      },
      it: record,
    },
  )
  return { run, skipped, suites }
}

const claiming = storageCases.filter(({ needs }) => needs !== undefined)

describe("the suite", () => {
  it("lists every case: those without a claim as not claimed, by the capability's name", () => {
    const { run, skipped, suites } = declared({})
    expect(suites).toEqual(["storage contract store/1: a store"])
    expect(run.size).toBe(storageCases.length - claiming.length)
    expect(skipped).toHaveLength(claiming.length)
    for (const name of skipped) expect(name).toMatch(/\[[a-z-]+\/[a-z-]+\] \(not claimed: .+\)$/)
    expect(skipped.join()).toContain("(not claimed: several stores share one database)")
  })

  it("runs what is claimed", () => {
    const { run, skipped } = declared({ capabilities: memoryCapabilities })
    expect(run.size).toBe(storageCases.length)
    expect(skipped).toEqual([])
  })

  it("a claim that does not hold is a failure, not a skip", async () => {
    const { run, skipped } = declared({
      capabilities: { reopening: async () => ({ open: async () => memoryStorage() }) },
    })
    const [name = "", body] = [...run].find(([one]) => one.includes("[reopening/everything]")) ?? []
    expect(skipped).not.toContain(name)
    await expect(body?.()).rejects.toThrow()
  })

  it("a skip is listed with its reason", () => {
    const { run, skipped } = declared({
      capabilities: memoryCapabilities,
      skips: [{ case: "outbox/poison", reason: "the queue is kept elsewhere" }],
    })
    expect(run.size).toBe(storageCases.length - 1)
    expect(skipped).toEqual([
      expect.stringMatching(/\[outbox\/poison\] \(skipped: the queue is kept elsewhere\)$/),
    ])
  })

  it.each([
    ["names no case", [{ case: "outbox/none", reason: "r" }], /there is no such case/],
    ["has no reason", [{ case: "race/claim", reason: "  " }], /without a reason/],
    [
      "stands twice",
      [
        { case: "race/claim", reason: "r" },
        { case: "race/claim", reason: "s" },
      ],
      /twice/,
    ],
    ["is not claimed anyway", [{ case: "several/claim", reason: "r" }], /does not claim anyway/],
  ])("refuses a skip that %s", (_, skips, message) => {
    expect(() => declared({ skips })).toThrow(message)
  })
})
