import type { Storage } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import { injectFaults, replaced, storagePoints } from "@yingshao/testkit/storage-injection"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { canonical } from "../src/canonical.ts"
import { decodeEntry, leafOf } from "../src/entry.ts"
import { maxAttempts } from "../src/handle.ts"
import { historyOf } from "../src/stream-reader.ts"
import { as, openSmall, programme, type SmallWorld, start, testClock } from "./open-small.ts"
import { type AccountState, account, smallCatalogue } from "./small-world.ts"

const pay = (id: string, amountFen = 100, person = "ann") => ({
  type: "Pay",
  id,
  by: as(person),
  account: "a-1",
  amountFen,
})

const stateOf = async (storage: Storage, stream: string): Promise<AccountState> => {
  const [row] = await storage.load(programme, [stream])
  return JSON.parse(row?.document ?? "null") as AccountState
}

const entries = async (storage: Storage) =>
  (await storage.journal(programme, { after: 0, limit: 1_000 })).map(decodeEntry)

describe("a command", () => {
  test("is decided, committed and answered with its events", async () => {
    const world = await openSmall(memoryStorage())
    expect(await world.handle(pay("c-1"))).toEqual({
      ok: true,
      number: 2,
      at: expect.stringMatching(/Z$/),
      events: [{ stream: "account/a-1", version: 1, event: { type: "Paid", amountFen: 100 } }],
    })
  })

  test("leaves an entry that is canonical JSON and hashes to its leaf", async () => {
    const storage = memoryStorage()
    const world = await openSmall(storage)
    await world.handle({ type: "Grant", id: "c-1", by: as("ann"), report: "r-1", account: "a-1" })
    await world.handle({
      type: "Spend",
      id: "c-2",
      by: as("ann"),
      account: "a-1",
      amountFen: 9_999,
      key: "k",
    })
    await world.handle({ ...pay("c-3"), note: "谢谢\u2028" })
    for (const record of await storage.journal(programme, { after: 0, limit: 100 })) {
      expect(canonical(JSON.parse(record.entry))).toBe(record.entry)
      expect(leafOf(record.entry)).toBe(record.leaf)
    }
    expect((await entries(storage)).map(({ outcome }) => outcome)).toEqual([
      "accepted",
      "accepted",
      "refused",
      "accepted",
    ])
  })

  test("on warm streams needs no read", async () => {
    const { storage, calls } = injectFaults(memoryStorage(), [])
    const world = await openSmall(storage)
    await world.handle(pay("c-1"))
    const before = storagePoints.map(calls)
    await world.handle(pay("c-2"))
    const made = storagePoints.map((point, at) => [point, calls(point) - (before[at] ?? 0)])
    expect(made.filter(([, count]) => count !== 0)).toEqual([["commit", 1]])
  })

  test.each([
    ["takes this thread", "in-this-thread", true],
    ["waits for somebody else", undefined, false],
  ] as const)("where reading %s is decided a few at a time or all together", async (_, reads, some) => {
    const { storage, calls } = injectFaults(memoryStorage(), [])
    await openSmall(storage)
    const readWhenWritten: number[] = []
    const world = await openSmall({
      ...storage,
      ...(reads === undefined ? {} : { reads }),
      commit: (name, commit) => {
        readWhenWritten.push(calls("load"))
        return storage.commit(name, commit)
      },
    })
    const before = calls("load")
    const all = Array.from({ length: 40 }, (_, at) => world.handle({ ...pay(`c-${at}`), account: `a-${at}` }))
    await Promise.all(all)
    expect(readWhenWritten).toHaveLength(40)
    expect((readWhenWritten[0] ?? 0) - before < 40).toBe(some)
  })

  test("puts its notices and orders into the outbox of the same commit, urgent ones in two lanes (O1)", async () => {
    const storage = memoryStorage()
    const world = await openSmall(storage)
    await world.handle({ type: "Raise", id: "c-1", by: as("ann"), inMinutes: 5, urgent: true })
    const rows = await storage.outbox(programme, { status: "pending", after: undefined, limit: 10 })
    expect(rows.map(({ topic, orderingKey, number }) => [topic, orderingKey, number])).toEqual([
      ["dispatch", expect.stringMatching(/^incident\//), 2],
      ["notify", "person/desk", 2],
      ["notify", "person/desk~2", 2],
    ])
    expect((await entries(storage))[1]?.messages).toEqual(rows.map(({ id }) => id))
    expect(rows.map(({ id, body }) => id + body).join()).not.toContain("ann")
  })
})

describe("at the edge", () => {
  const bad = async (input: object) => {
    const storage = memoryStorage()
    const world = await openSmall(storage)
    const answer = await world.handle(input as never)
    expect((await storage.head(programme)).number).toBe(1)
    return answer
  }

  test.each([
    ["type", { ...pay("c-1"), type: "Nonsense" }],
    ["type", { ...pay("c-1"), type: "constructor" }],
    ["id", { ...pay("a b") }],
    ["by.person", { ...pay("c-1"), by: as("Ann Li") }],
    ["by.role", { ...pay("c-1"), by: as("ann", "king") }],
    ["amountFen", { ...pay("c-1", 1.5) }],
    ["amountFen", { ...pay("c-1"), amountFen: "100" }],
    ["extra", { ...pay("c-1"), extra: 1 }],
    ["", { ...pay("c-1"), note: "x".repeat(500_000) }],
    ["", JSON.parse('{"type":"Pay","id":"c","__proto__":{"by":1}}') as object],
    ["", JSON.parse(`{"type":"Pay","note":${"[".repeat(10_000)}${"]".repeat(10_000)}}`) as object],
    ["", { ...pay("c-1"), note: Array.from({ length: 30_000 }, () => 1) }],
  ])("a bad %s is answered `bad-command` and nothing is stored", async (field, input) => {
    expect(await bad(input)).toMatchObject({ ok: false, refusal: { code: "bad-command", detail: { field } } })
  })

  test("P12: a bad value never comes back", async () => {
    const answer = await bad({ ...pay("c-1"), account: "CANARY 13800000000", note: { deep: "CANARY" } })
    expect(JSON.stringify(answer)).not.toContain("CANARY")
  })

  test("before the programme is open only the opening command is decided", async () => {
    const world = await openSmall(memoryStorage(), { opened: false })
    expect(await world.handle(pay("c-1"))).toMatchObject({ refusal: { code: "programme-not-open" } })
  })
})

describe("policies", () => {
  const adopt = (id: string, policy: object) => ({
    type: "AdoptPolicy",
    id,
    by: as("ann", "programme-admin"),
    policy,
  })

  test("C2: a policy that does not compile, or is not the one it says, is refused whole and not stored", async () => {
    const storage = memoryStorage()
    const world = await openSmall(storage)
    const digest = "2".repeat(64)
    const effectiveFrom = "2026-01-01"
    for (const canonical of ["no policy", JSON.stringify({ digest: "3".repeat(64) })]) {
      expect(await world.handle(adopt("c-1", { digest, canonical, effectiveFrom }))).toMatchObject({
        refusal: { code: "bad-policy" },
      })
    }
    expect((await storage.head(programme)).number).toBe(1)
  })

  test("C4: an adopted policy is revived from the journal after a restart", async () => {
    const storage = memoryStorage()
    const digest = "2".repeat(64)
    const policy = { digest, canonical: JSON.stringify({ digest }), effectiveFrom: "2026-01-01" }
    const world = await openSmall(storage)
    expect(await world.handle(adopt("c-1", policy))).toMatchObject({ ok: true })
    for (const after of [world, await openSmall(storage)]) {
      expect(await after.handle(pay(after === world ? "c-2" : "c-3"))).toMatchObject({ ok: true })
    }
  })
})

describe("idempotency", () => {
  test("I1: the same id and payload again: the same answer, no new effect", async () => {
    const storage = memoryStorage()
    const world = await openSmall(storage)
    const first = await world.handle(pay("c-1"))
    const { amountFen, ...rest } = pay("c-1")
    expect(await world.handle({ amountFen, ...rest } as never)).toEqual(first)
    expect(await (await openSmall(storage)).handle(pay("c-1"))).toEqual(first)
    expect((await storage.head(programme)).number).toBe(2)
    expect((await stateOf(storage, "account/a-1")).balanceFen).toBe(100)
  })

  test("I1: the stored answer stands although the same command would be decided otherwise now", async () => {
    const world = await openSmall(memoryStorage())
    const first = await world.handle(pay("c-1"))
    await world.handle({ type: "Freeze", id: "f", by: as("ann"), account: "a-1" })
    expect(await world.handle(pay("c-1"))).toEqual(first)
  })

  test("I2: the same id with another payload or role: a typed mismatch", async () => {
    const world = await openSmall(memoryStorage())
    await world.handle(pay("c-1"))
    for (const other of [pay("c-1", 101), { ...pay("c-1"), by: as("ann", "approver") }]) {
      expect(await world.handle(other)).toMatchObject({ refusal: { code: "command-id-reused" } })
    }
  })

  test("I3: ids are scoped to the actor", async () => {
    const storage = memoryStorage()
    const world = await openSmall(storage)
    await world.handle(pay("c-1", 100, "ann"))
    await world.handle(pay("c-1", 5, "bob"))
    expect((await stateOf(storage, "account/a-1")).balanceFen).toBe(105)
  })

  test("I4: concurrent twins have one effect, in one process and in two", async () => {
    const storage = slow(memoryStorage())
    const [one, two] = [await openSmall(storage), await openSmall(storage)]
    const answers = await Promise.all([one, two, one, two].map((world) => world.handle(pay("c-1"))))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect((await stateOf(storage, "account/a-1")).balanceFen).toBe(100)
  })

  test("I5: a natural key holds although the rule does not see it", async () => {
    const storage = memoryStorage()
    const world = await openSmall(storage)
    const grant = (id: string, to: string) => ({
      type: "Grant",
      id,
      by: as("ann"),
      report: "r-1",
      account: to,
    })
    expect(await world.handle(grant("c-1", "a-1"))).toMatchObject({ ok: true })
    expect(await world.handle(grant("c-2", "a-2"))).toMatchObject({
      refusal: { code: "already-claimed", detail: { claim: "grant" } },
    })
    expect(await storage.holder(programme, "grant/r-1/fen")).toBe("account/a-1")
  })

  test("I6: a refusal by the rules is stored and given again although it would be accepted now", async () => {
    const storage = memoryStorage()
    const world = await openSmall(storage)
    const spend = { type: "Spend", id: "c-1", by: as("ann"), account: "a-1", amountFen: 50, key: "k" }
    const refused = await world.handle(spend)
    expect(refused).toEqual({
      ok: false,
      number: 2,
      refusal: { code: "cap-reached", detail: { leftFen: 0 } },
    })
    await world.handle(pay("c-2"))
    expect(await world.handle(spend)).toEqual(refused)
    expect(await (await openSmall(storage)).handle(spend)).toEqual(refused)
  })

  test("I6: an outage is not stored; the same id succeeds afterwards", async () => {
    const { storage } = injectFaults(memoryStorage(), [{ point: "commit", nth: 2, fault: "throw" }])
    const world = await openSmall(storage)
    await expect(world.handle(pay("c-1"))).rejects.toMatchObject({ outcome: "unchanged" })
    expect(await world.handle(pay("c-1"))).toMatchObject({ ok: true, number: 2 })
  })

  test("an answer lost after the commit: the same id gives one effect and the answer", async () => {
    const inner = memoryStorage()
    const { storage } = injectFaults(inner, [{ point: "commit", nth: 2, fault: "lose" }])
    const world = await openSmall(storage)
    await expect(world.handle(pay("c-1"))).rejects.toMatchObject({ outcome: "unknown" })
    expect(await world.handle(pay("c-1"))).toMatchObject({ ok: true, number: 2 })
    expect(await world.handle(pay("c-2", 1))).toMatchObject({ ok: true, number: 3 })
    expect((await stateOf(inner, "account/a-1")).balanceFen).toBe(101)
  })
})

/** Every answer comes a turn later, so that rivals really interleave. */
const slow = (inner: Storage): Storage =>
  replaced(inner, () => ({
    load: async (name, keys) => {
      const rows = await inner.load(name, keys)
      await new Promise((resolve) => setImmediate(resolve))
      return rows
    },
    commit: async (name, commit) => {
      await new Promise((resolve) => setImmediate(resolve))
      return inner.commit(name, commit)
    },
  }))

describe("rivals", () => {
  const race = async (worlds: readonly SmallWorld[], rivals: number, key: (at: number) => string) => {
    await worlds[0]?.handle(pay("fund", 100))
    return Promise.all(
      Array.from({ length: rivals }, (_, at) =>
        (worlds[at % worlds.length] as SmallWorld).handle({
          type: "Spend",
          id: `s-${at}`,
          by: as(`p-${at}`),
          account: "a-1",
          amountFen: 100,
          key: key(at),
        }),
      ),
    )
  }

  test.each([
    ["one process, one queue", 1, () => "k"],
    ["one process, a queue each: versions decide", 1, (at: number) => `k-${at}`],
    ["two processes", 2, () => "k"],
  ])("S9: N rivals for one budget: one winner, the others typed (%s)", async (_, processes, key) => {
    const storage = slow(memoryStorage())
    const worlds = await Promise.all(Array.from({ length: processes }, () => openSmall(storage)))
    const answers = await race(worlds, 6, key)
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
    for (const answer of answers) {
      if (!answer.ok) expect(answer.refusal).toEqual({ code: "cap-reached", detail: { leftFen: 0 } })
    }
    expect((await stateOf(storage, "account/a-1")).balanceFen).toBe(0)
  })

  test("64 rivals for one stream, a queue each, all get their turn: nobody is told to come back", async () => {
    const storage = slow(memoryStorage())
    const world = await openSmall(storage)
    await world.handle(pay("fund", 64))
    const spend = (at: number) =>
      world.handle({
        type: "Spend",
        id: `s-${at}`,
        by: as(`p-${at}`),
        account: "a-1",
        amountFen: 1,
        key: `k-${at}`,
      })
    const answers = await Promise.all(Array.from({ length: 64 }, (_, at) => spend(at)))
    expect(answers.filter(({ ok }) => ok)).toHaveLength(64)
    expect((await stateOf(storage, "account/a-1")).balanceFen).toBe(0)
  })

  test("S9: what was only read is guarded too, also when it was cached", async () => {
    const storage = memoryStorage()
    const [one, two] = [await openSmall(storage), await openSmall(storage)]
    await one.handle({ ...pay("c-0"), account: "a-2" })
    const look = (id: string) => ({ type: "PayUnlessFrozen", id, by: as("ann"), look: "a-2", account: "a-1" })
    expect(await one.handle(look("c-1"))).toMatchObject({ ok: true })
    await two.handle({ type: "Freeze", id: "f", by: as("bob"), account: "a-2" })
    expect(await one.handle(look("c-2"))).toMatchObject({ refusal: { code: "frozen" } })
  })

  test("S9: a refusal decided on a stale state is decided again, too", async () => {
    const storage = memoryStorage()
    const [one, two] = [await openSmall(storage), await openSmall(storage)]
    await one.handle(pay("c-0", 1))
    const spend = (id: string) => ({
      type: "Spend",
      id,
      by: as("ann"),
      account: "a-1",
      amountFen: 50,
      key: "k",
    })
    expect(await one.handle(spend("c-1"))).toMatchObject({ refusal: { code: "cap-reached" } })
    await two.handle(pay("c-2", 100, "bob"))
    expect(await one.handle(spend("c-3"))).toMatchObject({ ok: true })
  })

  test("S9 I1: who says what was seen decides on nothing newer, across servers; a repeat gets its answer", async () => {
    const storage = memoryStorage()
    const [one, two] = [await openSmall(storage), await openSmall(storage)]
    const seen = (version: number) => ({ stream: "account/a-1", version })
    const first = await one.handle(pay("c-1"), seen(0))
    expect(first).toMatchObject({ ok: true })
    await two.handle(pay("c-2", 5, "bob"))
    // The cache of the first still holds version 1.
    await expect(one.handle(pay("c-3"), seen(1))).rejects.toMatchObject({
      _tag: "Moved",
      expected: 1,
      version: 2,
    })
    expect(await one.handle(pay("c-1"), seen(0))).toEqual(first)
    expect(await one.handle(pay("c-3"), seen(2))).toMatchObject({ ok: true })
    // Seen at the other server, where it moved on: this one's cache is older than the asker.
    await two.handle(pay("c-4", 5, "bob"))
    expect(await one.handle(pay("c-5"), seen(4))).toMatchObject({ ok: true })
  })

  test("S9: a case that the rule does not read is guarded too, when the asker says that it was seen", async () => {
    const inner = memoryStorage()
    const rival = await openSmall(inner)
    await rival.handle({ ...pay("r-0"), account: "a-2" })
    let moved = false
    const storage = replaced(inner, (good) => ({
      async commit(name, commit) {
        if (!moved && commit.commandId.startsWith("ann:")) {
          moved = true
          await rival.handle({ ...pay("r-1", 5, "bob"), account: "a-2" })
        }
        return good.commit(name, commit)
      },
    }))
    const world = await openSmall(storage)
    const late = world.handle(pay("c-1"), { stream: "account/a-2", version: 1 })
    await expect(late).rejects.toMatchObject({ _tag: "Moved", version: 2 })
    expect(await stateOf(inner, "account/a-1")).toBeNull()
  })

  test("rivals that always come first end in a typed `Busy`, and nothing is written", async () => {
    const inner = memoryStorage()
    const storage = replaced(inner, () => ({
      commit: async (name, commit) =>
        commit.commandId.startsWith("ann:")
          ? { kind: "conflict", stream: "account/a-1", version: 7 }
          : inner.commit(name, commit),
    }))
    const world = await openSmall(storage)
    await expect(world.handle(pay("c-1"))).rejects.toMatchObject({
      _tag: "Busy",
      reason: "conflict",
      attempts: maxAttempts,
    })
    expect((await inner.head(programme)).number).toBe(1)
  })
})

describe("states", () => {
  test("S10: the stored state is the fold of the stored events, for any commands", async () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant("Pay"), amountFen: fc.integer({ min: 1, max: 500 }) }),
      fc.record({
        type: fc.constant("Spend"),
        amountFen: fc.integer({ min: 1, max: 500 }),
        key: fc.constant("k"),
      }),
    )
    const process = fc.nat(1)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(step, fc.constantFrom("a-1", "a-2"), process), { maxLength: 20 }),
        async (steps) => {
          const storage = memoryStorage()
          const worlds = [await openSmall(storage), await openSmall(storage)] as const
          for (const [at, [fields, to, which]] of steps.entries()) {
            await worlds[which as 0 | 1].handle({ ...fields, id: `c-${at}`, by: as("ann"), account: to })
          }
          for (const row of await storage.streams(programme, {
            prefix: "account/",
            after: undefined,
            limit: 10,
          })) {
            let state: AccountState = account.initial
            let version = 0
            for await (const { event } of historyOf(worlds[0].world, row.stream)) {
              state = account.evolve(state, event as never)
              version += 1
            }
            expect(row.version).toBe(version)
            expect(canonical(JSON.parse(row.document))).toBe(canonical(state))
          }
        },
      ),
      { numRuns: 30 },
    )
  })

  test("S10: a document of another fold is folded anew from history, and written back by a newer fold", async () => {
    const storage = memoryStorage()
    await (await openSmall(storage)).handle(pay("c-1"))
    const doubled = {
      ...account,
      foldVersion: 2,
      evolve: (state: AccountState, event: Parameters<typeof account.evolve>[1]): AccountState =>
        event.type === "Paid"
          ? { ...state, balanceFen: state.balanceFen + 2 * event.amountFen }
          : account.evolve(state, event),
    }
    const newer = { ...smallCatalogue, streams: { ...smallCatalogue.streams, account: doubled } }
    const world = await openSmall(storage, { catalogue: newer })
    const spend = { type: "Spend", id: "c-2", by: as("ann"), account: "a-1", amountFen: 500, key: "k" }
    expect(await world.handle(spend)).toMatchObject({ refusal: { detail: { leftFen: 200 } } })
    expect((await stateOf(storage, "account/a-1")).balanceFen).toBe(200)
  })

  test("S11: an entry of an unknown version is a typed error", async () => {
    const inner = memoryStorage()
    await (await openSmall(inner)).handle(pay("c-1"))
    const storage = replaced(inner, () => ({
      command: async (name, id) => {
        const record = await inner.command(name, id)
        return record && { ...record, entry: record.entry.replace('"v":1', '"v":2') }
      },
      history: async (name, stream, page) =>
        (await inner.history(name, stream, page)).map((record) => ({
          ...record,
          entry: record.entry.replace('"v":1}', '"v":2}'),
        })),
      load: async (name, keys) =>
        (await inner.load(name, keys)).map((row) => row && { ...row, foldVersion: 0 }),
    }))
    const world = await openSmall(storage)
    await expect(world.handle(pay("c-2"))).rejects.toMatchObject({ _tag: "Unreadable" })
  })
})

describe("time", () => {
  test("T2: a clock set back gives no earlier instant, no duplicate id, no repeat", async () => {
    const clock = testClock()
    const storage = memoryStorage()
    const world = await openSmall(storage, { clock })
    await world.handle({ type: "Raise", id: "c-1", by: as("ann"), inMinutes: 5 })
    clock.set(start - 3_600_000)
    await world.handle({ type: "Raise", id: "c-2", by: as("ann"), inMinutes: 5 })
    clock.set(start + 60_000)
    await world.handle({ type: "Raise", id: "c-3", by: as("ann"), inMinutes: 5 })
    const instants = (await entries(storage)).map(({ command }) => command.at)
    expect(instants).toEqual([...new Set(instants)].sort())
    const tickets = await storage.streams(programme, { prefix: "ticket/", after: undefined, limit: 10 })
    expect(tickets).toHaveLength(3)
  })
})

describe("faults of the rules", () => {
  const breaking = async (how: string) => {
    const storage = memoryStorage()
    const world = await openSmall(storage)
    const answer = await world
      .handle({ type: "Break", id: "c-1", by: as("ann"), how, secret: "CANARY" })
      .catch((error: unknown) => error)
    return { answer, storage }
  }

  test("F8: a calendar that ends is an answer with the year, and not a stored one", async () => {
    const { answer, storage } = await breaking("calendar")
    expect(answer).toEqual({ ok: false, refusal: { code: "calendar-ends", detail: { year: 2031 } } })
    expect((await storage.head(programme)).number).toBe(1)
  })

  test.each([
    ["invariant", "L2"],
    ["error", "unknown"],
    ["event", "S11"],
  ])(
    "a broken promise (%s) is a defect with its id, is not stored, and shows nothing personal",
    async (how, id) => {
      const { answer, storage } = await breaking(how)
      expect(answer).toMatchObject({ _tag: "Defect", invariant: id, command: "Break" })
      expect((answer as Error).message).not.toContain("CANARY")
      expect((await storage.head(programme)).number).toBe(1)
    },
  )
})
