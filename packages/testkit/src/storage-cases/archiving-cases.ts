/** Cases for stores that let the entries of old records leave (`archiving`). */
import assert from "node:assert/strict"
import { chainHash, firstHash } from "@yingshao/ports/journal-chain"
import type { Archiving, Storage } from "@yingshao/ports/storage"
import {
  append,
  capabilityCase,
  command,
  committed,
  everything,
  full,
  refuses,
  type StorageCase,
  withStores,
} from "./storage-case.ts"

export const archivingCases: readonly StorageCase[] = [
  capabilityCase(
    "archiving",
    "archiving/leaves",
    "A2 A3 the entries up to a place leave, and nothing else of them; the chain and everything after stay",
    async (database, { programme }) => {
      await withStores(database, 1, async ([storage]) => {
        const { store, archiving } = claimed(storage)
        await committed({ storage: store, programme }, full("a"), ...commands(1, 5))
        const before = await shown(store, programme)
        assert.equal(await archiving.archivedTo(programme), 0)
        assert.equal(await archiving.archive(programme, before.journal[2] as never), 3)
        assert.equal(await archiving.archivedTo(programme), 3)
        const emptied = before.journal.map((one) => (one.number <= 3 ? { ...one, entry: "" } : one))
        const after = await shown(store, programme)
        assert.deepEqual(after, {
          ...before,
          journal: emptied,
          history: emptied.slice(1, 6),
          command: emptied[0],
        })
        let hash = firstHash
        for (const { number, leaf } of after.journal) hash = chainHash(number, hash, leaf)
        assert.equal((await store.head(programme)).hash, hash)
      })
    },
  ),
  capabilityCase(
    "archiving",
    "archiving/goes-on",
    "I1 I2 a command whose entry has left is recognised, and commands go on from the head",
    async (database, { programme }) => {
      await withStores(database, 1, async ([storage]) => {
        const { store, archiving } = claimed(storage)
        await committed({ storage: store, programme }, full("a"), ...commands(1, 2))
        await archiving.archive(programme, await store.head(programme))
        const repeated = await store.commit(programme, full("a"))
        assert.equal(repeated.kind, "repeated")
        const other = await store.commit(programme, { ...full("a"), payloadDigest: "e".repeat(64) })
        assert.equal(other.kind, "mismatch")
        await committed({ storage: store, programme }, command("b", { appends: [append("n/1", 2)] }))
        const [last] = await store.journal(programme, { after: 3, limit: 9 })
        assert.deepEqual([last?.number, last?.entry], [4, command("b").entry])
        assert.equal(last?.hash, (await store.head(programme)).hash)
      })
    },
  ),
  capabilityCase(
    "archiving",
    "archiving/another",
    "A2 nothing leaves for a place with another hash, beyond the head, or before what left already",
    async (database, { programme, neighbour }) => {
      await withStores(database, 1, async ([storage]) => {
        const { store, archiving } = claimed(storage)
        await committed({ storage: store, programme }, ...commands(0, 4))
        await committed({ storage: store, programme: neighbour }, ...commands(0, 4))
        const before = await everything(store, programme)
        const [first, second, third] = before.journal
        assert.ok(first !== undefined && second !== undefined && third !== undefined)
        assert.equal(await archiving.archive(programme, { number: 2, hash: third.hash }), 0)
        assert.equal(await archiving.archive(programme, { number: 9, hash: third.hash }), 0)
        assert.deepEqual(await everything(store, programme), before)
        assert.equal(await archiving.archive(programme, second), 2)
        assert.equal(await archiving.archive(programme, first), 2)
        assert.equal(await archiving.archive(programme, second), 2)
        assert.equal(await archiving.archivedTo(neighbour), 0)
        const theirs = await store.journal(neighbour, { after: 0, limit: 9 })
        assert.ok(theirs.every(({ entry }) => entry !== ""))
        for (const place of [
          { number: 0, hash: first.hash },
          { number: 1, hash: "short" },
        ]) {
          await refuses("invalid", () => archiving.archive(programme, place))
        }
      })
    },
  ),
]

// internal

const claimed = (
  storage: Storage | undefined,
): { readonly store: Storage; readonly archiving: Archiving } => {
  assert.ok(storage?.archiving !== undefined, "archiving is claimed, and the store has none")
  return { store: storage, archiving: storage.archiving }
}

/** One stream, one event a command. */
const commands = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => command(`n${from + at}`, { appends: [append("n/1", at)] }))

const shown = async (storage: Storage, programme: string) => ({
  ...(await everything(storage, programme)),
  history: await storage.history(programme, "n/1", { after: 0, limit: 9 }),
  command: await storage.command(programme, "a"),
  holder: await storage.holder(programme, "claim of a"),
})
