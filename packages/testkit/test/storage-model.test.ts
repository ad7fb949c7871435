/** The model properties find planted faults, each of which differs only in what the model draws. */

import type { Storage } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import { storageFaults } from "@yingshao/testkit/storage-faults"
import { storageModel } from "@yingshao/testkit/storage-model"
import { describe, expect, it } from "vitest"

storageModel(
  { name: "memory", open: async () => memoryStorage() },
  async () => memoryStorage(),
  { describe, it },
  { runs: 20 },
)

/** The properties on a broken store: by name, whether they hold. */
const judged = async (plant: (good: Storage) => Storage): Promise<readonly boolean[]> => {
  const bodies: (() => Promise<void>)[] = []
  const record = Object.assign((_: string, body: () => Promise<void>) => bodies.push(body), {
    skip: () => {},
  })
  storageModel(
    { name: "broken", open: async () => plant(memoryStorage()) },
    async () => memoryStorage(),
    { describe: (_, body) => body(), it: record },
    { runs: 200, shrink: false },
  )
  return Promise.all(
    bodies.map((body) =>
      body().then(
        () => true,
        () => false,
      ),
    ),
  )
}

describe("the model finds", () => {
  for (const [id, wanted] of [
    ["guards ignored", [false, false, false]],
    ["settling is not fenced", [false, false, false]],
    ["a dead dispatch does not block", [false, false, false]],
    ["stale index entries are left", [false, false, false]],
    ["payloads are not compared", [false, false, true]],
    ["tallies are applied again on a repeat", [false, false, false]],
  ] as const) {
    it(`planted fault: ${id}`, async () => {
      const fault = storageFaults.find((one) => one.id === id)
      expect(fault && (await judged(fault.plant))).toEqual(wanted)
    }, 120_000)
  }

  it("a store that mixes up two programmes only when both are written at once", async () => {
    let current = ""
    const mixing = (good: Storage): Storage => ({
      ...good,
      commit: async (programme, commit) => {
        current = programme
        await new Promise((resolve) => setImmediate(resolve))
        return good.commit(current, commit)
      },
    })
    const [, together] = await judged(mixing)
    expect(together).toBe(false)
    expect(await judged((good) => good)).toEqual([true, true, true])
  }, 120_000)
})
