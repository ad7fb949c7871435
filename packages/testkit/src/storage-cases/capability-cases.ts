/**
 * Cases for what a store claims beyond the port: reopening, several stores on one database, a journal that
 * the database itself protects, and a bounded queue. Closing is claimed by a case of the journal.
 */
import assert from "node:assert/strict"
import { chainHash, firstHash } from "@yingshao/ports/journal-chain"
import { isStorageFailure, type Storage } from "@yingshao/ports/storage"
import {
  append,
  capabilityCase,
  command,
  committed,
  entry,
  everything,
  full,
  indexed,
  kinds,
  lookup,
  message,
  minute,
  type StorageCase,
  state,
  take,
  withStores,
} from "./storage-case.ts"

const reopeningCases: readonly StorageCase[] = [
  capabilityCase(
    "reopening",
    "reopening/everything",
    "O1 A1 everything of a command is there when the database is opened again",
    async (database, { programme }) => {
      let before: unknown
      await withStores(database, 1, async ([storage]) => {
        await committed(at(storage, programme), full("a"), indexed("r/2", entry("i", "e", "s")))
        before = await shown(at(storage, programme).storage, programme)
      })
      await withStores(database, 1, async ([storage]) => {
        const world = at(storage, programme)
        assert.deepEqual(await shown(world.storage, programme), before)
        assert.equal((await world.storage.commit(programme, full("a"))).kind, "repeated")
        await committed(world, command("b"))
        await chained(world.storage, programme, 3)
      })
    },
  ),
  capabilityCase(
    "reopening",
    "reopening/leases",
    "O2 O7 leases and their tokens outlive the process that took them",
    async (database, { programme }) => {
      await withStores(database, 1, async ([storage]) => {
        const world = at(storage, programme)
        await committed(world, command("a", { outbox: [message("m", "k"), message("n", "l")] }))
        assert.equal((await lease(world.storage, programme, 0, "first")).length, 2)
      })
      await withStores(database, 1, async ([storage]) => {
        const world = at(storage, programme)
        assert.deepEqual(await lease(world.storage, programme, 4, "early"), [])
        const again = await lease(world.storage, programme, 5, "next")
        assert.deepEqual(
          again.map(({ id, token }) => [id, token]),
          [
            ["m", 2],
            ["n", 2],
          ],
        )
        const done = { id: "m", kind: "delivered", at: minute(6), receipt: "r" } as const
        assert.deepEqual(await world.storage.settle(programme, [{ ...done, token: 1 }]), ["fenced"])
        assert.deepEqual(await world.storage.settle(programme, [{ ...done, token: 2 }]), ["settled"])
      })
      await withStores(database, 1, async ([storage]) => {
        const counts = await at(storage, programme).storage.outboxCounts(programme)
        assert.deepEqual(counts, { pending: 1, delivered: 1, dead: 0 })
      })
    },
  ),
  capabilityCase(
    "reopening",
    "reopening/settings",
    "settings that durability depends on hold on every opening",
    async (database) => {
      for (let opening = 1; opening <= 2; opening += 1) {
        await withStores(database, 1, async ([storage]) => {
          const wrong = (await storage?.settings())?.filter(({ ok }) => !ok)
          assert.deepEqual(wrong, [], `opening ${opening}`)
        })
      }
    },
  ),
]

const severalStoresCases: readonly StorageCase[] = [
  capabilityCase(
    "severalStores",
    "several/see",
    "what one store acknowledged, the other shows at once",
    async (database, { programme }) => {
      await withStores(database, 2, async ([one, other]) => {
        await committed(at(one, programme), full("a"))
        const a = await shown(at(one, programme).storage, programme)
        assert.deepEqual(await shown(at(other, programme).storage, programme), a)
        await committed(at(other, programme), command("b", { appends: [append("r/1", 1)] }))
        const b = await shown(at(other, programme).storage, programme)
        assert.deepEqual(await shown(at(one, programme).storage, programme), b)
        assert.deepEqual([b.head.number, b.loaded[0]?.version], [2, 2])
        assert.equal((await at(one, programme).storage.commit(programme, command("b"))).kind, "repeated")
      })
    },
  ),
  capabilityCase(
    "severalStores",
    "several/first-use",
    "stores that use a programme for the first time at once make one of it",
    async (database, { programme }) => {
      await withStores(database, 4, async (stores) => {
        const answers = stores.map((storage, at) => storage.commit(programme, command(`c${at}`)))
        assert.deepEqual(kinds(await Promise.all(answers)), Array<string>(4).fill("committed"))
        for (const storage of stores) await chained(storage, programme, 4)
      })
    },
  ),
  capabilityCase(
    "severalStores",
    "several/claim",
    "L14 L15 of rivals over several stores one gets the claim",
    async (database, { programme }) => {
      await withStores(database, 4, async (stores) => {
        for (let matter = 0; matter < 8; matter += 1) {
          const results = await Promise.all(
            stores.map((storage, at) =>
              storage.commit(
                programme,
                command(`${matter}-${at}`, { claims: [take(`first/${matter}`, `${at}`)] }),
              ),
            ),
          )
          const winner = results.findIndex(({ kind }) => kind === "committed")
          assert.deepEqual(kinds(results), ["claimed", "claimed", "claimed", "committed"])
          for (const storage of stores) {
            assert.equal(await storage.holder(programme, `first/${matter}`), `${winner}`)
          }
        }
      })
    },
  ),
  capabilityCase(
    "severalStores",
    "several/twins",
    "I4 one command sent to several stores at once has one effect",
    async (database, { programme }) => {
      await withStores(database, 4, async (stores) => {
        const results = await Promise.all(
          [...stores, ...stores].map((storage) => storage.commit(programme, full("a"))),
        )
        assert.deepEqual(kinds(results), ["committed", ...Array<string>(7).fill("repeated")])
        await chained(at(stores[0], programme).storage, programme, 1)
      })
    },
  ),
  capabilityCase(
    "severalStores",
    "several/increments",
    "S9 no update is lost between stores",
    async (database, { programme }) => {
      await withStores(database, 3, async (stores) => {
        await Promise.all(stores.map((storage, worker) => addFive(storage, programme, worker)))
        for (const storage of stores) {
          const [stands] = await storage.load(programme, ["n/1"])
          assert.deepEqual([stands?.version, stands?.document], [15, "15"])
          await chained(storage, programme, 15)
        }
      })
    },
  ),
  capabilityCase(
    "severalStores",
    "several/guard",
    "S9 a guard sees what another store wrote",
    async (database, { programme }) => {
      await withStores(database, 2, async ([one, other]) => {
        await committed(at(one, programme), command("a", { appends: [append("m/1", 0)] }))
        await at(other, programme).storage.load(programme, ["m/1"])
        await committed(at(one, programme), command("suspend", { appends: [append("m/1", 1)] }))
        const approve = command("approve", {
          appends: [append("g/1", 0)],
          guards: [{ stream: "m/1", version: 1 }],
        })
        const result = await at(other, programme).storage.commit(programme, approve)
        assert.deepEqual(result, { kind: "conflict", stream: "m/1", version: 2 })
      })
    },
  ),
  capabilityCase(
    "severalStores",
    "several/workers",
    "O7 O8 workers on several stores never hold one row at once and skip none",
    async (database, { programme }) => {
      await withStores(database, 3, async (stores) => {
        const outbox = Array.from({ length: 30 }, (_, at) => message(`m${at}`, `k${at}`))
        await committed(at(stores[0], programme), command("a", { outbox }))
        const held = new Set<string>()
        for (let round = 0; round < 4; round += 1) {
          const leases = await Promise.all(
            stores.map((storage, at) => lease(storage, programme, 0, `w${at}`, 4)),
          )
          for (const { id } of leases.flat()) {
            assert.ok(!held.has(id), `${id} was leased twice`)
            held.add(id)
          }
        }
        assert.equal(held.size, 30)
      })
    },
  ),
  capabilityCase(
    "severalStores",
    "several/fenced",
    "O7 a worker whose lease was taken over through another store settles nothing",
    async (database, { programme }) => {
      await withStores(database, 2, async ([one, other]) => {
        await committed(at(one, programme), command("a", { outbox: [message("m", "k")] }))
        const [first] = await lease(at(one, programme).storage, programme, 0, "slow")
        const [second] = await lease(at(other, programme).storage, programme, 5, "quick")
        assert.ok(first !== undefined && second !== undefined)
        const settle = (storage: Storage, token: number) =>
          storage.settle(programme, [{ id: "m", token, kind: "delivered", at: minute(6), receipt: "r" }])
        assert.deepEqual(await settle(at(one, programme).storage, first.token), ["fenced"])
        assert.deepEqual(await settle(at(other, programme).storage, second.token), ["settled"])
      })
    },
  ),
  capabilityCase(
    "severalStores",
    "several/restate",
    "an older fold in one store never overwrites a newer one of another",
    async (database, { programme }) => {
      await withStores(database, 2, async ([one, other]) => {
        await committed(at(one, programme), command("a", { appends: [append("r/1", 0)] }))
        const fold = (foldVersion: number) => ({
          stream: "r/1",
          version: 1,
          state: state(`fold ${foldVersion}`, [entry("i", `${foldVersion}`)], foldVersion),
        })
        assert.equal(await at(other, programme).storage.restate(programme, [fold(3)]), 1)
        assert.equal(await at(one, programme).storage.restate(programme, [fold(2)]), 0)
        const { rows } = await at(one, programme).storage.find(programme, lookup("i", ["2", "3"]))
        assert.deepEqual(
          rows.map(({ document }) => document),
          ["fold 3"],
        )
      })
    },
  ),
]

const otherCases: readonly StorageCase[] = [
  capabilityCase(
    "appendOnly",
    "append-only/forgeries",
    "A2 UPDATE and DELETE on the journal fail in the database itself",
    async (database, { programme }) => {
      const { forgeries } = database
      for (const word of ["UPDATE", "DELETE"]) {
        assert.ok(
          forgeries.some(({ name }) => name.includes(word)),
          `no forgery named ${word} was handed in`,
        )
      }
      await withStores(database, 1, async ([storage]) => {
        const world = at(storage, programme)
        await committed(world, command("a"), command("b"))
        const before = await everything(world.storage, programme)
        for (const { name, attempt } of forgeries) {
          await assert.rejects(attempt(programme), `the database let ${name} pass`)
          assert.deepEqual(await everything(world.storage, programme), before, name)
        }
        await committed(world, command("c"))
        await chained(world.storage, programme, 3)
      })
    },
  ),
  capabilityCase(
    "backpressure",
    "backpressure/busy",
    "O9 more writes than may wait are refused as busy, unchanged; those inside are done",
    async (database, { programme }) => {
      await withStores(database, 1, async ([storage]) => {
        const world = at(storage, programme)
        await committed(world, command("before"))
        const ids = Array.from({ length: database.waiting * 4 }, (_, at) => `c${at}`)
        const results = await Promise.allSettled(
          ids.map((id) => world.storage.commit(programme, command(id))),
        )
        const inside = ids.filter((_, at) => results[at]?.status === "fulfilled")
        for (const result of results) {
          if (result.status === "fulfilled") assert.equal(result.value.kind, "committed")
          else {
            assert.ok(isStorageFailure(result.reason))
            assert.deepEqual([result.reason.reason, result.reason.outcome], ["busy", "unchanged"])
          }
        }
        assert.ok(inside.length >= database.waiting, `only ${inside.length} were let in`)
        assert.ok(inside.length < ids.length, "nobody was refused")
        await chained(world.storage, programme, 1 + inside.length)
        for (const id of ids) {
          const stored = await world.storage.command(programme, id)
          assert.equal(stored !== undefined, inside.includes(id), id)
        }
        await committed(world, command("after"))
      })
    },
  ),
]

export const capabilityCases: readonly StorageCase[] = [
  ...reopeningCases,
  ...severalStoresCases,
  ...otherCases,
]

// internal

const at = (storage: Storage | undefined, programme: string) => {
  assert.ok(storage !== undefined)
  return { storage, programme }
}

const lease = (storage: Storage, programme: string, atMinute: number, worker: string, limit = 10) =>
  storage.lease(programme, {
    topic: "notify",
    worker,
    now: minute(atMinute),
    leaseUntil: minute(atMinute + 5),
    limit,
  })

/** Everything, and what is found by key. */
const shown = async (storage: Storage, programme: string) => ({
  ...(await everything(storage, programme)),
  loaded: await storage.load(programme, ["r/1", "r/2"]),
  found: await storage.find(programme, lookup("i", ["e"])),
  holder: await storage.holder(programme, "claim of a"),
  command: await storage.command(programme, "a"),
  history: await storage.history(programme, "r/1", { after: 0, limit: 9 }),
})

const chained = async (storage: Storage, programme: string, length: number): Promise<void> => {
  const journal = await storage.journal(programme, { after: 0, limit: 1_000 })
  assert.equal(journal.length, length)
  let hash = firstHash
  for (const [index, record] of journal.entries()) {
    hash = chainHash(index + 1, hash, record.leaf)
    assert.deepEqual([record.number, record.hash], [index + 1, hash])
  }
  assert.deepEqual(await storage.head(programme), { number: length, hash })
}

/** Counts to five on one stream, deciding again after each conflict. */
const addFive = async (storage: Storage, programme: string, worker: number): Promise<void> => {
  for (let done = 0, attempt = 0; done < 5; attempt += 1) {
    assert.ok(attempt < 1_000, "a thousand conflicts")
    const [stands] = await storage.load(programme, ["n/1"])
    const next = append("n/1", stands?.version ?? 0, state(String(Number(stands?.document ?? "0") + 1)))
    const result = await storage.commit(programme, command(`w${worker}-${attempt}`, { appends: [next] }))
    if (result.kind === "committed") done += 1
    else assert.equal(result.kind, "conflict")
  }
}
