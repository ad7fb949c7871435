/** Stores that get a commit wrong: versions, guards, claims, command ids, the chain, shared values. */
import { createHash, randomUUID } from "node:crypto"
import { chainHash, firstHash } from "@yingshao/ports/journal-chain"
import type { JournalRecord } from "@yingshao/ports/storage"

import { atStoredVersions, nothing, pause, type StorageFault, withRecords } from "./storage-fault.ts"

export const commitFaults: readonly StorageFault[] = [
  {
    id: "some commits overtake others",
    caughtBy: ["race/order"],
    plant: (good) => {
      let turn = 0
      return {
        ...good,
        commit: async (p, commit) => {
          turn += 1
          if (turn % 7 === 3) await pause()
          return good.commit(p, commit)
        },
      }
    },
  },
  {
    id: "version check missing",
    caughtBy: ["version/stale", "version/ahead", "version/exists", "race/create", "race/increments"],
    plant: (good) => ({
      ...good,
      commit: async (p, commit) => {
        let result = await good.commit(p, await atStoredVersions(good, p, commit, () => true))
        for (let again = 0; again < 50 && result.kind === "conflict"; again += 1) {
          result = await good.commit(p, await atStoredVersions(good, p, commit, () => true))
        }
        return result
      },
    }),
  },
  {
    id: "version check skipped for a new stream",
    caughtBy: ["version/exists"],
    plant: (good) => ({
      ...good,
      commit: async (p, commit) =>
        good.commit(p, await atStoredVersions(good, p, commit, (version) => version === 0)),
    }),
  },
  {
    id: "version checked before a pause",
    caughtBy: ["race/create", "race/increments"],
    plant: (good) => ({
      ...good,
      commit: async (p, commit) => {
        const stored = await good.load(
          p,
          commit.appends.map(({ stream }) => stream),
        )
        const fresh = commit.appends.every(
          ({ expectedVersion }, at) => (stored[at]?.version ?? 0) === expectedVersion,
        )
        if (!fresh) return good.commit(p, commit)
        await pause()
        return good.commit(p, await atStoredVersions(good, p, commit, () => true))
      },
    }),
  },
  {
    id: "only the first append is checked",
    caughtBy: ["version/second-append"],
    plant: (good) => ({
      ...good,
      commit: async (p, commit) => {
        const [first] = commit.appends
        const rest = await atStoredVersions(good, p, commit, () => true)
        return good.commit(p, {
          ...commit,
          appends: first === undefined ? [] : [first, ...rest.appends.slice(1)],
        })
      },
    }),
  },
  {
    id: "every append counts one event",
    caughtBy: ["version/create", "version/advance"],
    plant: (good) => ({
      ...good,
      commit: (p, commit) =>
        good.commit(p, { ...commit, appends: commit.appends.map((one) => ({ ...one, events: 1 })) }),
    }),
  },
  {
    id: "guards ignored",
    caughtBy: ["guard/stale", "guard/absent", "guard/not-there"],
    plant: (good) => ({ ...good, commit: (p, commit) => good.commit(p, { ...commit, guards: [] }) }),
  },
  {
    id: "only the first guard is checked",
    caughtBy: ["guard/last-of-many"],
    plant: (good) => ({
      ...good,
      commit: (p, commit) => good.commit(p, { ...commit, guards: commit.guards.slice(0, 1) }),
    }),
  },
  {
    id: "a guard at 0 is taken for no guard",
    caughtBy: ["guard/absent"],
    plant: (good) => ({
      ...good,
      commit: (p, commit) =>
        good.commit(p, { ...commit, guards: commit.guards.filter(({ version }) => version > 0) }),
    }),
  },
  {
    id: "a lost claim is ignored",
    caughtBy: ["claim/take", "claim/take-own", "claim/none-of-several"],
    plant: (good) => ({
      ...good,
      commit: async (p, commit) => {
        const held = await Promise.all(commit.claims.map(({ key }) => good.holder(p, key)))
        const claims = commit.claims.filter(({ kind }, at) => kind === "release" || held[at] === undefined)
        return good.commit(p, { ...commit, claims })
      },
    }),
  },
  {
    id: "claims are looked up before a pause",
    caughtBy: ["race/claim"],
    plant: (good) => ({
      ...good,
      commit: async (p, commit) => {
        const held = async () => Promise.all(commit.claims.map(({ key }) => good.holder(p, key)))
        if ((await held()).some((holder) => holder !== undefined)) return good.commit(p, commit)
        await pause()
        const now = await held()
        return good.commit(p, {
          ...(await commit),
          claims: commit.claims.filter((_, at) => now[at] === undefined),
        })
      },
    }),
  },
  {
    id: "anybody may release a claim",
    caughtBy: ["claim/release-foreign"],
    plant: (good) => ({
      ...good,
      commit: async (p, commit) => {
        const held = await Promise.all(commit.claims.map(({ key }) => good.holder(p, key)))
        const claims = commit.claims.map((one, at) =>
          one.kind === "release" ? { ...one, holder: held[at] ?? one.holder } : one,
        )
        return good.commit(p, { ...commit, claims })
      },
    }),
  },
  {
    id: "releases before takes, whatever the order",
    caughtBy: ["claim/take-release"],
    plant: (good) => ({
      ...good,
      commit: (p, commit) =>
        good.commit(p, {
          ...commit,
          claims: [...commit.claims].sort((a, b) => a.kind.localeCompare(b.kind)),
        }),
    }),
  },
  {
    id: "rollback replaced by commit",
    caughtBy: ["version/second-append", "claim/conflict-keeps", "outbox/conflict-enqueues-nothing"],
    plant: (good) => ({
      ...good,
      commit: async (p, commit) => {
        const result = await good.commit(p, commit)
        if (result.kind === "conflict") {
          const appends = commit.appends.filter(({ stream }) => stream !== result.stream)
          await good.commit(p, { ...commit, commandId: randomUUID(), appends, guards: [] })
        }
        return result
      },
    }),
  },
  {
    id: "the hash forgets the record before",
    caughtBy: ["journal/chain", "journal/chain-concurrent"],
    plant: (good) =>
      withRecords(good, (record) => ({
        ...record,
        hash: createHash("sha256").update(record.leaf).digest("hex"),
      })),
  },
  {
    id: "the hash is chained over reordered JSON",
    caughtBy: ["journal/json-order"],
    plant: (good) => {
      const chained = new Map<string, string>()
      const rehashed = (p: string, record: JournalRecord): JournalRecord => {
        const before = chained.get(`${p} ${record.number - 1}`) ?? firstHash
        const leaf = createHash("sha256").update(reordered(record.entry)).digest("hex")
        const hash = chainHash(record.number, before, leaf)
        chained.set(`${p} ${record.number}`, hash)
        return { ...record, hash }
      }
      return {
        ...good,
        journal: async (p, page) => (await good.journal(p, page)).map((record) => rehashed(p, record)),
        head: async (p) => {
          const head = await good.head(p)
          return { ...head, hash: chained.get(`${p} ${head.number}`) ?? head.hash }
        },
      }
    },
  },
  {
    id: "entries are stored as JSON, not as text",
    caughtBy: ["journal/json-order"],
    plant: (good) => withRecords(good, (record) => ({ ...record, entry: reordered(record.entry) })),
  },
  {
    id: "the journal skips a number",
    caughtBy: ["journal/chain", "journal/paging"],
    plant: (good) =>
      withRecords(good, (record) => ({
        ...record,
        number: record.number > 3 ? record.number + 1 : record.number,
      })),
  },
  {
    id: "a conflict consumes a number",
    caughtBy: ["version/stale", "journal/failures-leave-no-gap"],
    plant: (good) => ({
      ...good,
      commit: async (p, commit) => {
        const result = await good.commit(p, commit)
        if (result.kind === "conflict") {
          const { entry, leaf, payloadDigest } = commit
          await good.commit(p, { ...nothing, commandId: randomUUID(), entry, leaf, payloadDigest })
        }
        return result
      },
    }),
  },
  {
    id: "the command is not remembered",
    caughtBy: ["command/repeat", "command/mismatch", "race/twins", "command/empty"],
    plant: (good) => ({
      ...good,
      commit: (p, commit) =>
        good.commit(p, { ...commit, commandId: `${commit.commandId.slice(0, 150)} ${randomUUID()}` }),
    }),
  },
  {
    id: "a refusal is remembered as done",
    caughtBy: ["command/not-consumed"],
    plant: (good) => ({
      ...good,
      commit: async (p, commit) => {
        const result = await good.commit(p, commit)
        if (result.kind === "conflict") await good.commit(p, { ...commit, ...nothing })
        return result
      },
    }),
  },
  {
    id: "payloads are not compared",
    caughtBy: ["command/mismatch", "race/mixed-twins"],
    plant: (good) => ({
      ...good,
      commit: async (p, commit) => {
        const result = await good.commit(p, commit)
        return result.kind === "mismatch" ? { ...result, kind: "repeated" } : result
      },
    }),
  },
  {
    id: "the command is looked up before a pause",
    caughtBy: ["race/twins"],
    plant: (good) => ({
      ...good,
      commit: async (p, commit) => {
        const record = await good.command(p, commit.commandId)
        if (record !== undefined) return good.commit(p, commit)
        await pause()
        const now = await good.command(p, commit.commandId)
        return good.commit(p, now === undefined ? commit : { ...commit, commandId: randomUUID() })
      },
    }),
  },
  {
    id: "what the caller hands over is read late",
    caughtBy: ["copy/commit"],
    plant: (good) => ({
      ...good,
      commit: async (p, commit) => {
        await pause()
        return good.commit(p, commit)
      },
    }),
  },
  {
    id: "answers are shared",
    caughtBy: ["copy/results"],
    plant: (good) => {
      const shared = new Map<string, JournalRecord>()
      return withRecords(good, (record) => {
        const known = shared.get(record.hash) ?? record
        shared.set(record.hash, known)
        return known
      })
    },
  },
  {
    id: "every fifth commit is acknowledged and lost",
    caughtBy: ["journal/chain", "journal/chain-concurrent"],
    plant: (good) => {
      let calls = 0
      return {
        ...good,
        commit: async (p, commit) => {
          calls += 1
          return calls % 5 === 0
            ? { kind: "committed", number: calls, hash: commit.leaf }
            : good.commit(p, commit)
        },
      }
    },
  },
]

// internal

/** As a database keeps JSON: keys sorted, blanks gone, the last of two equal keys. */
const reordered = (text: string): string => {
  try {
    return JSON.stringify(sorted(JSON.parse(text)))
  } catch {
    return text
  }
}

const sorted = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value
