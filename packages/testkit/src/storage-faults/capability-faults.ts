/**
 * Stores that claim a capability and do not have it. They are planted in what a store hands in for its claim,
 * so that all the rest stays right.
 */
import type { Storage } from "@yingshao/ports/storage"
import type { StorageCapabilities, TestDatabase } from "../storage-cases/storage-capability.ts"

export interface CapabilityFault {
  readonly id: string
  /** Case ids that must fail on the broken store. */
  readonly caughtBy: readonly string[]
  readonly plant: (good: Required<StorageCapabilities>) => StorageCapabilities
}

export const capabilityFaults: readonly CapabilityFault[] = [
  {
    id: "archiving does not look at the hash",
    caughtBy: ["archiving/another"],
    plant: (good) => ({
      ...good,
      archiving: () =>
        wrapped(good.archiving, () => (store) => ({
          ...store,
          archiving: {
            archivedTo: async (p) => (await store.archiving?.archivedTo(p)) ?? 0,
            archive: async (p, { number }) => {
              const [record] = await store.journal(p, { after: number - 1, limit: 1 })
              return (
                (await store.archiving?.archive(p, { number, hash: record?.hash ?? "0".repeat(64) })) ?? 0
              )
            },
          },
        })),
    }),
  },
  {
    id: "a command whose entry has left is told to be new",
    caughtBy: ["archiving/goes-on"],
    plant: (good) => ({
      ...good,
      archiving: () =>
        wrapped(good.archiving, () => (store) => ({
          ...store,
          commit: async (p, commit) => {
            const result = await store.commit(p, commit)
            if (result.kind !== "repeated" || result.record.entry !== "") return result
            return { kind: "committed", number: result.record.number, hash: result.record.hash }
          },
        })),
    }),
  },
  {
    id: "archiving empties one record too many",
    caughtBy: ["archiving/leaves"],
    plant: (good) => ({
      ...good,
      archiving: () =>
        wrapped(good.archiving, () => {
          let to = 0
          return (store) => ({
            ...store,
            archiving: {
              archivedTo: async (p) => (await store.archiving?.archivedTo(p)) ?? 0,
              archive: async (p, place) => {
                to = (await store.archiving?.archive(p, place)) ?? 0
                return to
              },
            },
            journal: async (p, page) =>
              (await store.journal(p, page)).map((one) =>
                to > 0 && one.number === to + 1 ? { ...one, entry: "" } : one,
              ),
          })
        }),
    }),
  },
  {
    id: "closing forgets everything",
    caughtBy: ["reopening/everything", "reopening/leases"],
    plant: (good) => ({
      ...good,
      reopening: async () => ({ open: async () => (await good.reopening()).open() }),
    }),
  },
  {
    id: "closing gives leases back",
    caughtBy: ["reopening/leases"],
    plant: (good) => ({
      ...good,
      reopening: () =>
        wrapped(good.reopening, () => {
          let early = true
          return (store) => ({
            ...store,
            lease: (p, request) => {
              const now = early ? "2026-01-01T00:05:00.000Z" : request.now
              early = false
              return store.lease(p, { ...request, now })
            },
          })
        }),
    }),
  },
  {
    id: "settings are made only when the database is created",
    caughtBy: ["reopening/settings"],
    plant: (good) => ({
      ...good,
      reopening: () =>
        wrapped(good.reopening, (opening) => (store) => ({
          ...store,
          settings: async () =>
            (await store.settings()).map((one) => ({ ...one, ok: one.ok && opening === 0 })),
        })),
    }),
  },
  {
    id: "a store remembers what it loaded",
    caughtBy: ["several/see", "several/increments"],
    plant: (good) => ({
      ...good,
      severalStores: () =>
        wrapped(good.severalStores, () => (store) => {
          const known = new Map<string, Promise<Awaited<ReturnType<Storage["load"]>>>>()
          return {
            ...store,
            load: (p, streams) => {
              const key = `${p} ${streams.join(" ")}`
              const loaded = known.get(key) ?? store.load(p, streams)
              known.set(key, loaded)
              return loaded
            },
          }
        }),
    }),
  },
  {
    id: "claims are known to one store only",
    caughtBy: ["several/claim"],
    plant: (good) => ({
      ...good,
      severalStores: () =>
        wrapped(good.severalStores, (opening) => (store) => ({
          ...store,
          commit: (p, commit) =>
            store.commit(p, {
              ...commit,
              claims: commit.claims.map((one) => ({ ...one, key: `${one.key} ${opening}` })),
            }),
          holder: (p, key) => store.holder(p, `${key} ${opening}`),
        })),
    }),
  },
  {
    id: "command ids are known to one store only",
    caughtBy: ["several/twins", "several/see"],
    plant: (good) => ({
      ...good,
      severalStores: () =>
        wrapped(good.severalStores, (opening) => (store) => ({
          ...store,
          commit: (p, commit) => store.commit(p, { ...commit, commandId: `${commit.commandId} ${opening}` }),
        })),
    }),
  },
  {
    id: "guards are checked against what the store loaded before",
    caughtBy: ["several/guard"],
    plant: (good) => ({
      ...good,
      severalStores: () =>
        wrapped(good.severalStores, () => (store) => ({
          ...store,
          commit: (p, commit) => store.commit(p, { ...commit, guards: [] }),
        })),
    }),
  },
  {
    id: "tokens are counted by each store",
    caughtBy: ["several/fenced"],
    plant: (good) => ({
      ...good,
      severalStores: () => {
        const newest = new Map<string, number>()
        return wrapped(good.severalStores, () => (store) => ({
          ...store,
          lease: async (p, request) => {
            const leased = await store.lease(p, request)
            for (const { id, token } of leased) newest.set(`${p} ${id}`, token)
            return leased
          },
          settle: (p, all) =>
            store.settle(
              p,
              all.map((one) => ({ ...one, token: newest.get(`${p} ${one.id}`) ?? one.token })),
            ),
        }))
      },
    }),
  },
  {
    id: "leases are known to one store only",
    caughtBy: ["several/workers"],
    plant: (good) => ({
      ...good,
      severalStores: () => {
        let first: readonly unknown[] = []
        return wrapped(good.severalStores, (opening) => (store) => ({
          ...store,
          lease: async (p, request) => {
            const leased = await store.lease(p, request)
            if (opening === 0) first = leased
            return opening === 0 ? leased : (first as typeof leased)
          },
        }))
      },
    }),
  },
  {
    id: "the fold is not compared in the database",
    caughtBy: ["several/restate"],
    plant: (good) => ({
      ...good,
      severalStores: () =>
        wrapped(good.severalStores, () => (store) => ({
          ...store,
          restate: (p, all) =>
            store.restate(
              p,
              all.map((one) => ({ ...one, state: { ...one.state, foldVersion: 9 } })),
            ),
        })),
    }),
  },
  {
    id: "a programme is made by whoever comes first, twice",
    caughtBy: ["several/first-use"],
    plant: (good) => ({
      ...good,
      severalStores: () =>
        wrapped(good.severalStores, (opening) => (store) => ({
          ...store,
          commit: (p, commit) => store.commit(opening === 3 ? `${p}-again` : p, commit),
        })),
    }),
  },
  {
    id: "the database lets journal rows be changed",
    caughtBy: ["append-only/forgeries"],
    plant: (good) => ({
      ...good,
      appendOnly: async () => {
        const database = await good.appendOnly()
        return {
          ...database,
          forgeries: database.forgeries.map(({ name }) => ({ name, attempt: async () => {} })),
        }
      },
    }),
  },
  {
    id: "only one way to change a journal row is tried",
    caughtBy: ["append-only/forgeries"],
    plant: (good) => ({
      ...good,
      appendOnly: async () => {
        const database = await good.appendOnly()
        return { ...database, forgeries: database.forgeries.slice(0, 1) }
      },
    }),
  },
  {
    id: "any number of writes may wait",
    caughtBy: ["backpressure/busy"],
    plant: (good) => ({
      ...good,
      backpressure: async () => ({ ...(await good.severalStores()), waiting: 8 }),
    }),
  },
  {
    id: "a write that was refused as busy is done all the same",
    caughtBy: ["backpressure/busy"],
    plant: (good) => ({
      ...good,
      backpressure: async () => {
        const database = await good.backpressure()
        return {
          ...(await wrapped(
            async () => database,
            () => (store) => ({
              ...store,
              commit: (p, commit) =>
                store.commit(p, commit).catch(async (refused: unknown) => {
                  await new Promise((resolve) => setTimeout(resolve, 20))
                  await store.commit(p, commit)
                  throw refused
                }),
            }),
          )),
          waiting: database.waiting,
        }
      },
    }),
  },
]

// internal

/** Every store opened on the database is changed; `opening` counts them from 0. */
const wrapped = async (
  make: () => Promise<TestDatabase>,
  changeOf: (opening: number) => (store: Storage) => Storage,
): Promise<TestDatabase> => {
  const database = await make()
  let openings = 0
  return {
    ...database,
    open: async () => {
      const change = changeOf(openings)
      openings += 1
      return change(await database.open())
    },
  }
}
