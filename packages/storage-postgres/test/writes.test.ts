import { EventEmitter } from "node:events"
import { setTimeout } from "node:timers/promises"
import type { PostgresClient, PostgresPool } from "@yingshao/storage-postgres"
import { postgresStorage } from "@yingshao/storage-postgres"
import { append, command, everything, full, state } from "@yingshao/testkit/storage-cases/storage-case"
import pg from "pg"
import { expect, it } from "vitest"
import { failureOf, testPool, testSchema, withServer } from "./database.ts"

withServer("writes of the PostgreSQL store", () => {
  const pool = testPool({ max: 8 })
  const schema = testSchema()
  const open = (more: Partial<Parameters<typeof postgresStorage>[0]> = {}) =>
    postgresStorage({ pool, schema, ...more })

  it("O9 commits that wait share calls, and a commit that meets another one in its call comes behind it", async () => {
    const calls: string[] = []
    const store = await open({ pool: watched(pool, (text) => calls.push(text)) })
    calls.length = 0
    const commits = Array.from({ length: 100 }, (_, at) =>
      command(`c${at}`, {
        appends: [append(`r/${at % 50}`, at < 50 ? 0 : 1)],
        tallies: [{ key: "t", by: 1 }],
      }),
    )
    const results = await Promise.all(commits.map((one) => store.commit("shared", one)))
    expect(results.map((one) => one.kind === "committed" && one.number)).toEqual(
      commits.map((_, at) => at + 1),
    )
    expect(calls.filter((text) => text.includes("commit_batch")).length).toBeLessThanOrEqual(2)
    expect(await store.tallies("shared", { prefix: "", after: undefined, limit: 9 })).toEqual([
      { key: "t", value: 100 },
    ])
  })

  it("a chain of commits that need each other is answered in order, however many waves it takes", async () => {
    const store = await open()
    const commits = Array.from({ length: 60 }, (_, at) => command(`c${at}`, { appends: [append("r/1", at)] }))
    const results = await Promise.all(commits.map((one) => store.commit("chain", one)))
    expect(results.map(({ kind }) => kind)).toEqual(Array(60).fill("committed"))
    expect((await store.load("chain", ["r/1"]))[0]?.version).toBe(60)
  })

  it("O3 what is settled and what is leased at once share a call, and the next of a key goes with it", async () => {
    const calls: string[] = []
    const store = await open({ pool: watched(pool, (text) => calls.push(text)) })
    const message = { topic: "notify", notBefore: "2026-03-02T01:00:00.000Z", body: "{}" }
    const outbox = ["m1", "m2"].map((id) => ({ ...message, id, orderingKey: "k" }))
    await store.commit("turns", command("c", { outbox }))
    const [now, leaseUntil] = ["2026-03-02T01:00:00.000Z", "2026-03-02T01:01:00.000Z"]
    const lease = () => store.lease("turns", { topic: "notify", worker: "w", now, leaseUntil, limit: 9 })
    const settle = (id: string, token: number) =>
      store.settle("turns", [
        { kind: "delivered", id: "nobody", token: 1, at: now, receipt: "" },
        { kind: "delivered", id, token, at: now, receipt: "" },
      ])
    expect(await lease()).toMatchObject([{ id: "m1", token: 1 }])
    calls.length = 0
    // The lease comes first, and what it takes is settled with it.
    const [leased, settled] = await Promise.all([lease(), settle("m1", 1)])
    expect(leased).toMatchObject([{ id: "m2", token: 1, topic: "notify" }])
    expect(settled).toEqual(["fenced", "settled"])
    expect(calls).toHaveLength(1)
    expect(await Promise.all([settle("m2", 2), lease()])).toEqual([["fenced", "fenced"], []])
    expect(calls).toHaveLength(2)
  })

  it("O9 the queue is bounded by writes and by characters, and programmes do not fill each other's", async () => {
    const store = await open({ limits: { waiting: 3, waitingCharacters: 1_000 } })
    const waiting = [0, 1, 2].map((at) => store.commit("bounded", command(`c${at}`)))
    expect(await failureOf(store.commit("bounded", command("c3")))).toMatchObject({
      reason: "busy",
      outcome: "unchanged",
    })
    expect(await store.commit("bounded-other", command("c"))).toMatchObject({ kind: "committed" })
    expect((await Promise.all(waiting)).map(({ kind }) => kind)).toEqual([
      "committed",
      "committed",
      "committed",
    ])
    const large = store.commit("bounded", command("large", { entry: "x".repeat(900) }))
    expect(
      await failureOf(store.commit("bounded", command("more", { entry: "x".repeat(200) }))),
    ).toMatchObject({
      reason: "busy",
    })
    expect(await large).toMatchObject({ kind: "committed" })
  })

  it("a programme does not wait for another one that is locked, and itself waits a bounded time", async () => {
    const store = await open({ lockWaitMs: 200 })
    await store.commit("locked", command("a"))
    const holder = await pool.connect()
    try {
      await holder.query("BEGIN")
      await holder.query(`SELECT FROM ${schema}.head WHERE programme = 'locked' FOR UPDATE`)
      const late = failureOf(store.commit("locked", command("b")))
      expect(await store.commit("free", command("a"))).toMatchObject({ kind: "committed" })
      expect(await late).toMatchObject({ reason: "busy", outcome: "unchanged" })
    } finally {
      await holder.query("ROLLBACK")
      holder.release()
    }
    expect(await store.commit("locked", command("b"))).toMatchObject({ kind: "committed", number: 2 })
  })

  it("S9 stores that write one programme at once under SERIALIZABLE lose nothing and throw nothing", async () => {
    const strict = new pg.Pool({ ...pool.options, options: "-c default_transaction_isolation=serializable" })
    try {
      const stores = await Promise.all(
        [1, 2, 3, 4].map(() => open({ pool: strict, limits: { batch: 2, tries: 200 } })),
      )
      const add = async (worker: number): Promise<void> => {
        const store = stores[worker % 4]
        for (let done = 0, attempt = 0; store !== undefined && done < 5; attempt += 1) {
          const [stands] = await store.load("serial", ["n/1"])
          const next = state(String(Number(stands?.document ?? "0") + 1))
          const appends = [append("n/1", stands?.version ?? 0, next)]
          const result = await store.commit("serial", command(`w${worker}-${attempt}`, { appends }))
          if (result.kind === "committed") done += 1
        }
      }
      await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(add))
      expect((await stores[0]?.load("serial", ["n/1"]))?.[0]).toMatchObject({ version: 40, document: "40" })
    } finally {
      await strict.end()
    }
  })

  it.each(["repeatable read", "serializable"])(
    "O2 O3 under %s a message that comes while the one before it is given up gets its turn",
    async (level) => {
      const options = `-c default_transaction_isolation=${level.replace(" ", "\\ ")}`
      const strict = new pg.Pool({ ...pool.options, options })
      try {
        const [relay, store] = await Promise.all([open({ pool: strict }), open({ pool: strict })])
        const name = `level-${level.replace(" ", "-")}`
        const [now, later] = ["2026-03-02T01:00:00.000Z", "2026-03-02T02:00:00.000Z"]
        const message = { topic: "notify", orderingKey: "k", notBefore: now, body: "{}" }
        const lease = (at: string, leaseUntil: string) =>
          relay.lease(name, { topic: "notify", worker: "w", now: at, leaseUntil, limit: 9 })
        await store.commit(name, command("c1", { outbox: [{ ...message, id: "m1" }] }))
        expect(await lease(now, later)).toMatchObject([{ id: "m1", token: 1 }])
        const holder = await pool.connect()
        await holder.query("BEGIN")
        await holder.query(`SELECT FROM ${schema}.head WHERE programme = $1 FOR UPDATE`, [name])
        const waits = async (count: number): Promise<void> => {
          const text =
            "SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1"
          for (let looks = 0; looks < 500; looks += 1) {
            if ((await pool.query(text, [`%${schema}%`])).rows[0].n >= count) return
            await setTimeout(5)
          }
        }
        const dead = { kind: "dead", id: "m1", token: 1, at: now, blocking: false, note: "no" } as const
        const settled = relay.settle(name, [dead])
        await waits(1)
        const committed = store.commit(name, command("c2", { outbox: [{ ...message, id: "m2" }] }))
        await waits(2)
        await holder.query("COMMIT")
        holder.release()
        expect([await settled, (await committed).kind]).toEqual([["settled"], "committed"])
        expect(await lease(later, "2026-03-02T03:00:00.000Z")).toMatchObject([{ id: "m2" }])
      } finally {
        await strict.end()
      }
    },
  )

  it("a commit that the server refuses fails alone, and those sent with it are written", async () => {
    const store = await open()
    // Nothing the port lets pass makes the server refuse; a constraint of somebody's own does.
    await pool.query(
      `ALTER TABLE ${schema}.claim ADD CONSTRAINT no_bad CHECK (programme <> 'split' OR key <> 'bad')`,
    )
    const commits = [0, 1, 2, 3].map((at) =>
      command(`c${at}`, { claims: [{ kind: "take", key: at === 2 ? "bad" : `k${at}`, holder: "h" }] }),
    )
    const results = await Promise.allSettled(commits.map((one) => store.commit("split", one)))
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"])
    const [failure] = results.flatMap((one) => (one.status === "rejected" ? [one.reason] : []))
    expect(failure).toMatchObject({ _tag: "StorageFailure", outcome: "unchanged" })
    expect(await store.head("split")).toMatchObject({ number: 3 })
    expect(await store.holder("split", "bad")).toBeUndefined()
  })

  it("I1 O2 an answer lost after the commit is unknown, and the same id finds its one effect", async () => {
    const store = await open()
    const losing = await open({ pool: watched(pool, () => {}, "after") })
    const failure = await failureOf(losing.commit("lost", full("a")))
    expect(failure).toMatchObject({ reason: "unavailable", outcome: "unknown" })
    const before = await everything(store, "lost")
    expect(before.head.number).toBe(1)
    expect(await store.commit("lost", full("a"))).toMatchObject({ kind: "repeated", record: { number: 1 } })
    expect(await everything(store, "lost")).toEqual(before)
  })

  it("I1 a call lost before it arrived is unknown too, and the same id makes the effect", async () => {
    const store = await open()
    const losing = await open({ pool: watched(pool, () => {}, "before") })
    expect(await failureOf(losing.commit("never", full("a")))).toMatchObject({ outcome: "unknown" })
    expect(await store.head("never")).toMatchObject({ number: 0 })
    expect(await store.commit("never", full("a"))).toMatchObject({ kind: "committed", number: 1 })
  })

  it("a server that cannot be reached is an outage with the outcome unchanged", async () => {
    const nowhere = new pg.Pool({ host: "127.0.0.1", port: 1, connectionTimeoutMillis: 2_000 })
    expect(await failureOf(postgresStorage({ pool: nowhere }))).toMatchObject({
      reason: "unavailable",
      outcome: "unchanged",
    })
    await nowhere.end()
  })

  it("a session that ends in the moment it begins has a listener: it does not end the process", async () => {
    let listeners = -1
    const fake = Object.assign(new EventEmitter(), {
      connect: async (): Promise<PostgresClient> => {
        const client = Object.assign(new EventEmitter(), {
          query: () => Promise.reject(new Error("terminated")),
          release: () => {},
        })
        fake.emit("connect", client)
        listeners = client.listenerCount("error")
        return client
      },
    })
    expect(await failureOf(postgresStorage({ pool: fake }))).toMatchObject({ reason: "unavailable" })
    expect(listeners).toBe(1)
  })

  it("a page of the outbox begins behind any place", async () => {
    const store = await open()
    const message = { topic: "notify", orderingKey: "k", notBefore: "2026-03-02T01:00:00.000Z", body: "{}" }
    for (const id of ["m1", "m2"]) await store.commit("pages", command(id, { outbox: [{ ...message, id }] }))
    const after = { number: 1, position: Number.MAX_SAFE_INTEGER }
    expect(await store.outbox("pages", { status: "pending", after, limit: 9 })).toMatchObject([{ id: "m2" }])
  })

  it("a store whose pool has ended fails typed, and no message tells what was written", async () => {
    const short = new pg.Pool({ ...pool.options })
    const store = await open({ pool: short })
    await short.end()
    const failure = await failureOf(store.commit("p", command("secret-command", { entry: "secret-entry" })))
    expect(failure).toMatchObject({ reason: "unavailable", outcome: "unchanged" })
    expect(JSON.stringify({ ...failure, message: failure.message })).not.toContain("secret")
  })
})

/** The same pool, telling what is sent, and losing the connection around calls of `commit_batch`. */
const watched = (pool: pg.Pool, tell: (text: string) => void, lose?: "before" | "after"): PostgresPool => ({
  on: () => {},
  connect: async () => {
    const client = (await pool.connect()) as PostgresClient
    return {
      on: (event, listener) => client.on(event, listener),
      off: (event, listener) => client.off(event, listener),
      release: (destroy) => client.release(destroy),
      query: async (query) => {
        tell(query.text)
        const hit = query.text.includes("commit_batch")
        if (hit && lose === "before") throw new Error("Connection terminated unexpectedly")
        const answer = await client.query(query)
        if (hit && lose === "after") throw new Error("Connection terminated unexpectedly")
        return answer
      },
    }
  },
})
