/** Stores that get the outbox wrong: order, fencing, dead letters, leases, counts. */
import type { OutboxRow } from "@yingshao/ports/storage"

import type { StorageFault } from "./storage-fault.ts"

export const outboxFaults: readonly StorageFault[] = [
  {
    id: "the outbox is polled by id greater than the last",
    caughtBy: ["outbox/order", "outbox/no-skip"],
    plant: (good) => {
      const last = new Map<string, string>()
      return {
        ...good,
        lease: async (p, request) => {
          const leased = await good.lease(p, request)
          const seen = last.get(p) ?? ""
          const fresh = leased.filter(({ id }) => id > seen)
          for (const { id } of fresh) if (id > (last.get(p) ?? "")) last.set(p, id)
          return fresh
        },
      }
    },
  },
  {
    id: "settling is not fenced",
    caughtBy: ["outbox/fenced"],
    plant: (good) => {
      const newest = new Map<string, number>()
      return {
        ...good,
        lease: async (p, request) => {
          const leased = await good.lease(p, request)
          for (const { id, token } of leased) newest.set(`${p} ${id}`, token)
          return leased
        },
        settle: (p, all) =>
          good.settle(
            p,
            all.map((one) => ({ ...one, token: newest.get(`${p} ${one.id}`) ?? one.token })),
          ),
      }
    },
  },
  {
    id: "a lease does not bring the note of the attempt before",
    caughtBy: ["outbox/retry", "outbox/redrive-blocking"],
    plant: (good) => ({
      ...good,
      lease: async (p, request) => (await good.lease(p, request)).map((one) => ({ ...one, note: "" })),
    }),
  },
  {
    id: "ordering keys are ignored",
    caughtBy: ["outbox/one-per-key", "outbox/retry-keeps-order", "outbox/dead-blocking"],
    plant: (good) => ({
      ...good,
      commit: (p, commit) =>
        good.commit(p, {
          ...commit,
          outbox: commit.outbox.map((one) => ({
            ...one,
            orderingKey: `${one.orderingKey.slice(0, 100)} ${one.id.slice(0, 90)}`,
          })),
        }),
    }),
  },
  {
    id: "a dead dispatch does not block",
    caughtBy: ["outbox/dead-blocking"],
    plant: (good) => ({
      ...good,
      settle: (p, all) =>
        good.settle(
          p,
          all.map((one) => (one.kind === "dead" ? { ...one, blocking: false } : one)),
        ),
    }),
  },
  {
    id: "a dead notification blocks",
    caughtBy: ["outbox/dead-free"],
    plant: (good) => ({
      ...good,
      settle: (p, all) =>
        good.settle(
          p,
          all.map((one) => (one.kind === "dead" ? { ...one, blocking: true } : one)),
        ),
    }),
  },
  {
    id: "every retry is counted",
    caughtBy: ["outbox/retry"],
    plant: (good) => ({
      ...good,
      settle: (p, all) =>
        good.settle(
          p,
          all.map((one) => (one.kind === "retry" ? { ...one, counted: true } : one)),
        ),
    }),
  },
  {
    id: "leases never run out",
    caughtBy: ["outbox/lease-runs-out", "outbox/fenced"],
    plant: (good) => ({
      ...good,
      lease: (p, request) => good.lease(p, { ...request, leaseUntil: "9999-01-01T00:00:00.000Z" }),
    }),
  },
  {
    id: "whatever is redriven counts as dead",
    caughtBy: ["outbox/redrive-not-dead"],
    plant: (good) => ({
      ...good,
      redrive: async (p, id, notBefore) => {
        await good.redrive(p, id, notBefore)
        return true
      },
    }),
  },
  {
    id: "a lease does not keep a row from being parked",
    caughtBy: ["outbox/park-leased"],
    plant: (good) => ({
      ...good,
      park: (p, id, parking) => good.park(p, id, { ...parking, at: "9999-12-31T23:59:59.999Z" }),
    }),
  },
  {
    id: "parking never opens a key",
    caughtBy: ["outbox/park", "outbox/park-dead"],
    plant: (good) => ({
      ...good,
      park: (p, id, parking) => good.park(p, id, { ...parking, blocking: true }),
    }),
  },
  {
    id: "counts forget the dead",
    caughtBy: ["outbox/counts", "outbox/dead-blocking"],
    plant: (good) => ({ ...good, outboxCounts: async (p) => ({ ...(await good.outboxCounts(p)), dead: 0 }) }),
  },
  {
    id: "the outbox page repeats the row it starts after",
    caughtBy: ["outbox/paging"],
    plant: (good) => ({
      ...good,
      outbox: async (p, page): Promise<readonly OutboxRow[]> => {
        const all = await good.outbox(p, { ...page, after: undefined, limit: 1_000 })
        const { after } = page
        return all
          .filter(
            (row) =>
              after === undefined ||
              row.number > after.number ||
              (row.number === after.number && row.position >= after.position),
          )
          .slice(0, page.limit)
      },
    }),
  },
  {
    id: "a closed store goes on",
    caughtBy: ["close/refuses"],
    plant: (good) => ({ ...good, close: async () => {} }),
  },
]
