/** Stores that get reading wrong: indexes, tallies, keys, pages, limits, programmes, restating. */
import type { StateDocument, Storage } from "@yingshao/ports/storage"

import type { StorageFault } from "./storage-fault.ts"

export const readingFaults: readonly StorageFault[] = [
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
]
