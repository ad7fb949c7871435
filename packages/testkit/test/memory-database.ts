/** Every capability there is, over memory: what the cases about capabilities are themselves tested on. */
import { type Storage, storageFailure } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import type { StorageCapabilities } from "@yingshao/testkit/storage-contract"

/** A handle on the store; closing it leaves the store open for the others. */
const handle = (store: Storage): Storage => ({ ...store, close: async () => {} })

const database = async () => {
  const store = memoryStorage()
  return { open: async () => handle(store) }
}

/** Memory says honestly that it keeps nothing; here it stands for a store that keeps everything. */
const withGoodSettings = (store: Storage): Storage => ({
  ...store,
  settings: async () => (await store.settings()).map((one) => ({ ...one, ok: true })),
})

const refuse = async (): Promise<never> => {
  throw new Error("journal rows are never changed")
}

const waiting = 8

/** Lets so many commits wait, each for one turn of the loop. */
const bounded = (store: Storage): Storage => {
  let inside = 0
  return {
    ...handle(store),
    commit: async (programme, commit) => {
      if (inside >= waiting) throw storageFailure("busy", "unchanged", "too many writes wait")
      inside += 1
      try {
        await new Promise((resolve) => setImmediate(resolve))
        return await store.commit(programme, commit)
      } finally {
        inside -= 1
      }
    },
  }
}

export const memoryCapabilities: Required<StorageCapabilities> = {
  closing: true,
  reopening: async () => {
    const { open } = await database()
    return { open: async () => withGoodSettings(await open()) }
  },
  severalStores: database,
  appendOnly: async () => ({
    ...(await database()),
    forgeries: [
      { name: "UPDATE", attempt: refuse },
      { name: "DELETE", attempt: refuse },
    ],
  }),
  archiving: database,
  backpressure: async () => {
    const store = memoryStorage()
    return { open: async () => bounded(store), waiting }
  },
}
