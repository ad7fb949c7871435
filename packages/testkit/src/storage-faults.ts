/**
 * Stores with one fault each: what a storage contract has to catch.
 *
 * Every fault wraps a good store, so that all the rest stays right. `caughtBy` names the cases made for it;
 * a suite that lets one pass proves nothing. They are for tests of tests only.
 */
import { createHash, randomUUID } from "node:crypto"
import type { Commit, JournalRecord, OutboxRow, StateDocument, Storage } from "@yingshao/ports/storage"

export interface StorageFault {
  readonly id: string
  /** Case ids that must fail on the broken store. */
  readonly caughtBy: readonly string[]
  readonly plant: (good: Storage) => Storage
}

export const storageFaults: readonly StorageFault[] = [
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
        return good.commit(p, { ...commit, claims: commit.claims.filter((_, at) => now[at] === undefined) })
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
  {
    id: "stale index entries are left",
    caughtBy: ["index/replace", "index/clear"],
    plant: (good) => {
      const before = new Map<string, StateDocument["indexes"]>()
      return {
        ...good,
        commit: (p, commit) => {
          const appends = commit.appends.map((one) => {
            const known = before.get(`${p} ${one.stream}`) ?? []
            const indexes = [...one.state.indexes, ...known].slice(0, Math.max(16, one.state.indexes.length))
            before.set(`${p} ${one.stream}`, indexes)
            return { ...one, state: { ...one.state, indexes } }
          })
          return good.commit(p, { ...commit, appends })
        },
      }
    },
  },
  {
    id: "tallies are applied again on a repeat",
    caughtBy: ["tally/repeat", "command/repeat"],
    plant: (good) => {
      const extra = new Map<string, number>()
      return {
        ...good,
        commit: async (p, commit) => {
          const result = await good.commit(p, commit)
          if (result.kind !== "repeated") return result
          for (const { key, by } of commit.tallies)
            extra.set(`${p} ${key}`, (extra.get(`${p} ${key}`) ?? 0) + by)
          return result
        },
        tallies: async (p, page) =>
          (await good.tallies(p, page)).map(({ key, value }) => ({
            key,
            value: value + (extra.get(`${p} ${key}`) ?? 0),
          })),
      }
    },
  },
  {
    id: "keys ignore case",
    caughtBy: ["version/case", "streams/prefix"],
    plant: (good) => ({
      ...good,
      load: (p, streams) =>
        good.load(
          p,
          streams.map((one) => one.toLowerCase()),
        ),
      commit: (p, commit) => {
        const appends = commit.appends.map((one) => ({ ...one, stream: one.stream.toLowerCase() }))
        const once = appends.filter(
          ({ stream }, at) => appends.findIndex((other) => other.stream === stream) === at,
        )
        return good.commit(p, {
          ...commit,
          appends: once.length < appends.length && commit.commandId === "a" ? once : appends,
        })
      },
    }),
  },
  {
    id: "texts are normalised",
    caughtBy: ["limit/unicode-keys"],
    plant: (good) => ({ ...good, holder: (p, key) => good.holder(p, key.normalize("NFC")) }),
  },
  {
    id: "entries lose a byte order mark",
    caughtBy: ["load/document"],
    plant: (good) => ({
      ...good,
      load: async (p, streams) =>
        (await good.load(p, streams)).map(
          (one) => one && { ...one, document: new TextDecoder().decode(Buffer.from(one.document)) },
        ),
    }),
  },
  {
    id: "pages overlap by a row",
    caughtBy: ["page/walk", "page/under-writes"],
    plant: (good) => {
      const last = new Map<string, Awaited<ReturnType<Storage["find"]>>["rows"]>()
      return {
        ...good,
        find: async (p, query) => {
          const page = await good.find(p, query)
          const rows =
            query.cursor === undefined ? page.rows : [...(last.get(query.cursor) ?? []), ...page.rows]
          if (page.cursor !== undefined) last.set(page.cursor, rows.slice(-1))
          return { ...page, rows: rows.slice(0, query.limit) }
        },
      }
    },
  },
  {
    id: "a page goes by offset",
    caughtBy: ["page/under-writes"],
    plant: (good) => ({
      ...good,
      find: async (p, query) => {
        if (query.limit > 100 || (query.cursor !== undefined && !query.cursor.startsWith("at:")))
          return good.find(p, query)
        const { cursor, ...rest } = query
        const at = Number(cursor?.slice(3) ?? 0)
        const all = await good.find(p, { ...rest, limit: 1_000 })
        const rows = all.rows.slice(at, at + query.limit)
        return { rows, cursor: at + query.limit < all.rows.length ? `at:${at + query.limit}` : undefined }
      },
    }),
  },
  {
    id: "the lower bound is exclusive",
    caughtBy: ["index/bounds"],
    plant: (good) => ({
      ...good,
      find: async (p, query) => {
        const page = await good.find(p, query)
        return { ...page, rows: page.rows.filter(({ range }) => range !== query.from) }
      },
    }),
  },
  {
    id: "ranges sort as UTF-16",
    caughtBy: ["index/bytes"],
    plant: (good) => ({
      ...good,
      find: async (p, query) => {
        const page = await good.find(p, query)
        const sign = query.order === "ascending" ? 1 : -1
        const rows = [...page.rows].sort(
          (a, b) => sign * (a.range < b.range ? -1 : a.range > b.range ? 1 : 0),
        )
        return { ...page, rows }
      },
    }),
  },
  {
    id: "prefixes are patterns",
    caughtBy: ["streams/wildcards"],
    plant: (good) => ({
      ...good,
      streams: async (p, page) => {
        const all = await good.streams(p, { ...page, prefix: "", limit: 1_000 })
        const escaped = page.prefix
          .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
          .replaceAll("%", ".*")
          .replaceAll("_", ".")
        const pattern = new RegExp(`^${escaped}`)
        return all.filter(({ stream }) => pattern.test(stream)).slice(0, page.limit)
      },
    }),
  },
  {
    id: "limits are rounded instead of refused",
    caughtBy: ["limit/query: limit 1,001", "limit/query: limit 0"],
    plant: (good) => ({
      ...good,
      find: (p, query) => good.find(p, { ...query, limit: Math.min(1_000, Math.max(1, query.limit)) }),
    }),
  },
  {
    id: "documents are cut at their limit",
    caughtBy: ["limit/commit: document of 65,537 bytes"],
    plant: (good) => ({
      ...good,
      commit: (p, commit) =>
        good.commit(p, {
          ...commit,
          appends: commit.appends.map((one) => ({
            ...one,
            state: { ...one.state, document: one.state.document.slice(0, 65_536) },
          })),
        }),
    }),
  },
  {
    id: "all programmes are one",
    caughtBy: ["programme/isolated", "programme/concurrent"],
    plant: (good) => ({
      ...good,
      commit: (_, commit) => good.commit("one", commit),
      load: (_, streams) => good.load("one", streams),
      find: (_, query) => good.find("one", query),
      streams: (_, page) => good.streams("one", page),
      history: (_, stream, page) => good.history("one", stream, page),
      journal: (_, page) => good.journal("one", page),
      command: (_, id) => good.command("one", id),
      head: () => good.head("one"),
      tallies: (_, page) => good.tallies("one", page),
      outbox: (_, page) => good.outbox("one", page),
    }),
  },
  {
    id: "an older fold overwrites a newer",
    caughtBy: ["restate/older-fold"],
    plant: (good) => ({
      ...good,
      restate: (p, all) =>
        good.restate(
          p,
          all.map((one) => ({ ...one, state: { ...one.state, foldVersion: one.state.foldVersion + 9 } })),
        ),
    }),
  },
  {
    id: "restate ignores the version",
    caughtBy: ["restate/moved"],
    plant: (good) => ({
      ...good,
      restate: async (p, all) => {
        const stored = await good.load(
          p,
          all.map(({ stream }) => stream),
        )
        return good.restate(
          p,
          all.map((one, at) => ({ ...one, version: stored[at]?.version ?? one.version })),
        )
      },
    }),
  },
  {
    id: "history repeats the record it starts after",
    caughtBy: ["history/touching"],
    plant: (good) => ({
      ...good,
      history: (p, stream, page) => good.history(p, stream, { ...page, after: Math.max(0, page.after - 1) }),
    }),
  },
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

// internal

const nothing: Pick<Commit, "appends" | "guards" | "claims" | "tallies" | "outbox"> = {
  appends: [],
  guards: [],
  claims: [],
  tallies: [],
  outbox: [],
}

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The commit with the versions that the store has, for those appends whose expected version is forgiven. */
const atStoredVersions = async (
  good: Storage,
  programme: string,
  commit: Commit,
  forgiven: (expectedVersion: number) => boolean,
): Promise<Commit> => {
  const stored = await good.load(
    programme,
    commit.appends.map(({ stream }) => stream),
  )
  const appends = commit.appends.map((one, at) =>
    forgiven(one.expectedVersion) ? { ...one, expectedVersion: stored[at]?.version ?? 0 } : one,
  )
  return { ...commit, appends }
}

/** Every journal record that leaves the store goes through `change`. */
const withRecords = (good: Storage, change: (record: JournalRecord) => JournalRecord): Storage => ({
  ...good,
  journal: async (p, page) => (await good.journal(p, page)).map(change),
  history: async (p, stream, page) => (await good.history(p, stream, page)).map(change),
  command: async (p, id) => {
    const record = await good.command(p, id)
    return record && change(record)
  },
})
