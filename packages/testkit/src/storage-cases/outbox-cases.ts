/** Cases of the storage contract about the outbox: order, leases, fencing, retries, giving up, redriving. */
import assert from "node:assert/strict"
import type { LeasedMessage, LeaseRequest, OutboxMessage, Settlement } from "@yingshao/ports/storage"
import {
  command,
  committed,
  message,
  minute,
  type StorageCase,
  type StorageWorld,
  storageCase,
} from "./storage-case.ts"

export const outboxCases: readonly StorageCase[] = [
  storageCase("outbox/row", "a new row is pending, in its place, untouched", async (world) => {
    await committed(world, command("a"), command("b", { outbox: [message("m1", "k"), message("m2", "k")] }))
    assert.deepEqual(
      await world.storage.outbox(world.programme, { status: "pending", after: undefined, limit: 9 }),
      [
        { ...message("m1", "k"), number: 2, position: 0, ...untouched },
        { ...message("m2", "k"), number: 2, position: 1, ...untouched },
      ],
    )
  }),
  storageCase("outbox/lease", "a lease gives the message with its first token", async (world) => {
    await committed(world, command("a", { outbox: [message("m", "k")] }))
    assert.deepEqual(await lease(world), [{ ...message("m", "k"), token: 1, attempts: 0, note: "" }])
    const [row] = await world.storage.outbox(world.programme, {
      status: "pending",
      after: undefined,
      limit: 9,
    })
    assert.equal(row?.leasedUntil, minute(11))
  }),
  storageCase("outbox/lease-empty", "a lease on an empty outbox is empty", async (world) => {
    assert.deepEqual(await lease(world), [])
  }),
  storageCase("outbox/body", "O6 body and id come back byte for byte on every attempt", async (world) => {
    const body = "一条 🚨 'quoted' \\ \u{10ffff}"
    await committed(world, command("a", { outbox: [message("编号 1", "键", { body })] }))
    for (const attempt of [1, 2, 3]) {
      const [one] = await lease(world)
      assert.deepEqual([one?.id, one?.body, one?.token], ["编号 1", body, attempt])
      await settle(world, retry(one, { notBefore: minute(0) }))
    }
  }),
  storageCase("outbox/topic", "a lease sees its topic only", async (world) => {
    await committed(
      world,
      command("a", { outbox: [message("m", "k"), message("d", "k", { topic: "dispatch" })] }),
    )
    assert.deepEqual(idsOf(await lease(world, { topic: "dispatch" })), ["d"])
    assert.deepEqual(idsOf(await lease(world, { topic: "else" })), [])
    assert.deepEqual(idsOf(await lease(world)), ["m"])
  }),
  storageCase(
    "outbox/one-per-key",
    "O3 a lease gives at most one row for each ordering key",
    async (world) => {
      await committed(
        world,
        command("a", { outbox: [message("m1", "k"), message("m2", "k"), message("n1", "l")] }),
      )
      assert.deepEqual(idsOf(await lease(world)), ["m1", "n1"])
      assert.deepEqual(idsOf(await lease(world)), [])
    },
  ),
  storageCase("outbox/order", "O3 rows of one key come in the order they were committed", async (world) => {
    await committed(
      world,
      command("a", { outbox: [message("z", "k"), message("b", "k")] }),
      command("b", { outbox: [message("a", "k")] }),
    )
    const seen: string[] = []
    for (let turn = 0; turn < 4; turn += 1) {
      const [one] = await lease(world)
      if (one === undefined) break
      seen.push(one.id)
      await settle(world, delivered(one))
    }
    assert.deepEqual(seen, ["z", "b", "a"])
  }),
  storageCase(
    "outbox/key-per-topic",
    "ordering keys of two topics do not wait for each other",
    async (world) => {
      await committed(
        world,
        command("a", { outbox: [message("m", "k"), message("d", "k", { topic: "dispatch" })] }),
      )
      await lease(world)
      assert.deepEqual(idsOf(await lease(world, { topic: "dispatch" })), ["d"])
    },
  ),
  storageCase("outbox/not-before", "a row is not leased before its instant", async (world) => {
    await committed(world, command("a", { outbox: [message("m", "k", { notBefore: minute(10) })] }))
    assert.deepEqual(idsOf(await lease(world, { now: minute(9), leaseUntil: minute(20) })), [])
    assert.deepEqual(idsOf(await lease(world, { now: minute(10), leaseUntil: minute(20) })), ["m"])
  }),
  storageCase(
    "outbox/head-not-due",
    "O3 a later row does not overtake one that is not due",
    async (world) => {
      await committed(
        world,
        command("a", { outbox: [message("m1", "k", { notBefore: minute(60) }), message("m2", "k")] }),
      )
      assert.deepEqual(idsOf(await lease(world)), [])
      assert.deepEqual(idsOf(await lease(world, { now: minute(60), leaseUntil: minute(70) })), ["m1"])
    },
  ),
  storageCase("outbox/longest-due-first", "the row that has been due longest comes first", async (world) => {
    const at = (id: string, minutes: number) => message(id, id, { notBefore: minute(minutes) })
    await committed(world, command("a", { outbox: [at("c", 3), at("a", 1), at("b2", 2), at("b1", 2)] }))
    assert.deepEqual(idsOf(await lease(world, { limit: 2 })), ["a", "b2"])
    assert.deepEqual(idsOf(await lease(world, { limit: 2 })), ["b1", "c"])
  }),
  storageCase("outbox/limit", "a lease gives no more rows than asked for", async (world) => {
    const outbox = Array.from({ length: 5 }, (_, at) => message(`m${at}`, `k${at}`))
    await committed(world, command("a", { outbox }))
    assert.deepEqual(idsOf(await lease(world, { limit: 3 })), ["m0", "m1", "m2"])
    assert.deepEqual(idsOf(await lease(world, { limit: 3 })), ["m3", "m4"])
  }),
  storageCase("outbox/poison", "O4 a message tried again does not go before the others", async (world) => {
    await committed(world, command("a", { outbox: [message("poison", "p")] }))
    const [first] = await lease(world, { limit: 1 })
    await settle(world, retry(first, { notBefore: minute(5) }))
    await committed(world, command("b", { outbox: [message("m", "k", { notBefore: minute(4) })] }))
    assert.deepEqual(idsOf(await lease(world, { limit: 1 })), ["m"])
  }),
  storageCase(
    "outbox/lease-runs-out",
    "O2 a lease that ran out is given to the next worker with a new token",
    async (world) => {
      await committed(world, command("a", { outbox: [message("m", "k")] }))
      await lease(world, { now: minute(0), leaseUntil: minute(5) })
      assert.deepEqual(idsOf(await lease(world, { now: minute(4), leaseUntil: minute(9) })), [])
      const [again] = await lease(world, { now: minute(5), leaseUntil: minute(9), worker: "w2" })
      assert.deepEqual([again?.id, again?.token, again?.attempts], ["m", 2, 0])
    },
  ),
  storageCase("outbox/fenced", "O7 a worker whose lease was taken over settles nothing", async (world) => {
    const { storage, programme } = world
    await committed(world, command("a", { outbox: [message("m", "k")] }))
    const [slow] = await lease(world, { now: minute(0), leaseUntil: minute(5) })
    const [quick] = await lease(world, { now: minute(6), leaseUntil: minute(9), worker: "w2" })
    for (const late of [delivered(slow), retry(slow, {}), dead(slow, true)]) {
      assert.deepEqual(await storage.settle(programme, [late]), ["fenced"])
    }
    const [row] = await storage.outbox(programme, { status: "pending", after: undefined, limit: 1 })
    assert.deepEqual([row?.leasedUntil, row?.attempts, row?.note], [minute(9), 0, ""])
    assert.deepEqual(await storage.settle(programme, [delivered(quick)]), ["settled"])
  }),
  storageCase("outbox/late-but-alone", "a late worker whom nobody replaced still settles", async (world) => {
    await committed(world, command("a", { outbox: [message("m", "k")] }))
    const [slow] = await lease(world, { now: minute(0), leaseUntil: minute(5) })
    await settle(world, { ...delivered(slow), at: minute(60) })
  }),
  storageCase("outbox/settle-twice", "O7 a token settles once", async (world) => {
    await committed(world, command("a", { outbox: [message("m", "k")] }))
    const [one] = await lease(world)
    const twice = [retry(one, { counted: true }), retry(one, { counted: true }), delivered(one)]
    assert.deepEqual(await world.storage.settle(world.programme, twice), ["settled", "fenced", "fenced"])
    const [again] = await lease(world, { now: minute(30), leaseUntil: minute(40) })
    assert.deepEqual([again?.attempts, again?.token], [1, 2])
  }),
  storageCase("outbox/settle-unleased", "O7 a row that was never leased is not settled", async (world) => {
    await committed(world, command("a", { outbox: [message("m", "k")] }))
    const { storage, programme } = world
    for (const token of [0, 1, 2]) {
      const done = { id: "m", token, kind: "delivered", at: minute(0), receipt: "" } as const
      assert.deepEqual(await storage.settle(programme, [done]), ["fenced"])
    }
    assert.deepEqual(await storage.outboxCounts(programme), { pending: 1, delivered: 0, dead: 0 })
  }),
  storageCase("outbox/settle-unknown", "an unknown row is fenced, its neighbours settle", async (world) => {
    await committed(world, command("a", { outbox: [message("m", "k")] }))
    const [one] = await lease(world)
    const unknown = { id: "nobody", token: 1, kind: "delivered", at: minute(0), receipt: "" } as const
    assert.deepEqual(await world.storage.settle(world.programme, [unknown, delivered(one)]), [
      "fenced",
      "settled",
    ])
    assert.deepEqual(await world.storage.settle(world.programme, []), [])
  }),
  storageCase(
    "outbox/delivered",
    "a delivered row is done, with its receipt, and opens its key",
    async (world) => {
      const { storage, programme } = world
      await committed(world, command("a", { outbox: [message("m1", "k"), message("m2", "k")] }))
      const [one] = await lease(world)
      await settle(world, { ...delivered(one), receipt: "vendor 回执" })
      const [row] = await storage.outbox(programme, { status: "delivered", after: undefined, limit: 9 })
      assert.deepEqual(
        [row?.id, row?.note, row?.leasedUntil, row?.settledAt],
        ["m1", "vendor 回执", undefined, minute(2)],
      )
      assert.deepEqual(idsOf(await lease(world)), ["m2"])
    },
  ),
  storageCase("outbox/retry", "a retry waits, and counts only when it says so", async (world) => {
    const { storage, programme } = world
    await committed(world, command("a", { outbox: [message("m", "k")] }))
    const [first] = await lease(world)
    await settle(world, retry(first, { notBefore: minute(20), counted: false, note: "rate-limited" }))
    const [row] = await storage.outbox(programme, { status: "pending", after: undefined, limit: 9 })
    assert.deepEqual(
      [row?.notBefore, row?.attempts, row?.note, row?.leasedUntil, row?.settledAt],
      [minute(20), 0, "rate-limited", undefined, undefined],
    )
    assert.deepEqual(await lease(world, { now: minute(19), leaseUntil: minute(30) }), [])
    const [second] = await lease(world, { now: minute(20), leaseUntil: minute(30) })
    assert.deepEqual([second?.attempts, second?.token, second?.notBefore], [0, 2, minute(20)])
    assert.equal(second?.note, "rate-limited")
    await settle(world, retry(second, { notBefore: minute(21), counted: true }))
    const [third] = await lease(world, { now: minute(21), leaseUntil: minute(30) })
    assert.deepEqual([third?.attempts, third?.token], [1, 3])
  }),
  storageCase(
    "outbox/retry-keeps-order",
    "O3 a row that waits for its retry keeps its key closed",
    async (world) => {
      await committed(world, command("a", { outbox: [message("m1", "k"), message("m2", "k")] }))
      const [first] = await lease(world)
      await settle(world, retry(first, { notBefore: minute(60) }))
      assert.deepEqual(await lease(world), [])
      assert.deepEqual(idsOf(await lease(world, { now: minute(60), leaseUntil: minute(70) })), ["m1"])
    },
  ),
  storageCase("outbox/dead-free", "O3 a dead notification does not block its key", async (world) => {
    const { storage, programme } = world
    await committed(world, command("a", { outbox: [message("m1", "k"), message("m2", "k")] }))
    const [one] = await lease(world)
    await settle(world, dead(one, false))
    const [row] = await storage.outbox(programme, { status: "dead", after: undefined, limit: 9 })
    assert.deepEqual([row?.id, row?.note, row?.settledAt, row?.status], ["m1", "given up", minute(3), "dead"])
    assert.deepEqual(idsOf(await lease(world)), ["m2"])
  }),
  storageCase("outbox/dead-blocking", "O3 a dead dispatch blocks its key and no other", async (world) => {
    await committed(
      world,
      command("a", { outbox: [message("m1", "k"), message("m2", "k"), message("n", "l")] }),
    )
    const [one] = await lease(world, { limit: 1 })
    await settle(world, dead(one, true))
    await committed(world, command("b", { outbox: [message("m3", "k")] }))
    assert.deepEqual(idsOf(await lease(world, { now: minute(90), leaseUntil: minute(91) })), ["n"])
    assert.deepEqual(await world.storage.outboxCounts(world.programme), { pending: 3, delivered: 0, dead: 1 })
  }),
  storageCase(
    "outbox/redrive-blocking",
    "O5 redriving a dead dispatch opens its key in the old order",
    async (world) => {
      const { storage, programme } = world
      await committed(world, command("a", { outbox: [message("m1", "k"), message("m2", "k")] }))
      const [one] = await lease(world)
      await settle(world, dead(one, true))
      assert.equal(await storage.redrive(programme, "m1", minute(5)), true)
      const [again] = await lease(world)
      assert.equal(again?.note, "given up")
      assert.deepEqual([again?.id, again?.token, again?.notBefore], ["m1", 2, minute(5)])
      await settle(world, delivered(again))
      assert.deepEqual(idsOf(await lease(world)), ["m2"])
    },
  ),
  storageCase(
    "outbox/redrive-free",
    "O5 a redriven row takes its old place before later ones",
    async (world) => {
      const { storage, programme } = world
      await committed(
        world,
        command("a", { outbox: [message("m1", "k"), message("m2", "k"), message("m3", "k")] }),
      )
      const [one] = await lease(world)
      await settle(world, dead(one, false))
      const [two] = await lease(world)
      assert.equal(two?.id, "m2")
      assert.equal(await storage.redrive(programme, "m1", minute(0)), true)
      assert.deepEqual(idsOf(await lease(world)), ["m1"])
      await settle(world, delivered(two))
      assert.deepEqual(idsOf(await lease(world)), [])
      assert.deepEqual(idsOf(await lease(world, { now: minute(90), leaseUntil: minute(91) })), ["m1"])
    },
  ),
  storageCase(
    "outbox/redrive-leased-follower",
    "a lease that was running while an older row was redriven goes on",
    async (world) => {
      const { storage, programme } = world
      await committed(world, command("a", { outbox: [message("m1", "k"), message("m2", "k")] }))
      const [one] = await lease(world)
      await settle(world, dead(one, false))
      await lease(world, { now: minute(10), leaseUntil: minute(20) })
      await storage.redrive(programme, "m1", minute(0))
      const [again] = await lease(world, { now: minute(12), leaseUntil: minute(13) })
      await settle(world, delivered(again))
      assert.deepEqual(idsOf(await lease(world, { now: minute(14), leaseUntil: minute(30) })), [])
      const [two] = await lease(world, { now: minute(20), leaseUntil: minute(30) })
      assert.deepEqual([two?.id, two?.token], ["m2", 2])
    },
  ),
  storageCase(
    "outbox/redrive-closes-followers",
    "O3 a follower whose lease ran out waits for the redriven row",
    async (world) => {
      const { storage, programme } = world
      await committed(world, command("a", { outbox: [message("m1", "k"), message("m2", "k")] }))
      const [one] = await lease(world)
      await settle(world, dead(one, false))
      await lease(world, { now: minute(10), leaseUntil: minute(20) })
      await storage.redrive(programme, "m1", minute(60))
      assert.deepEqual(idsOf(await lease(world, { now: minute(30), leaseUntil: minute(40) })), [])
      assert.deepEqual(idsOf(await lease(world, { now: minute(60), leaseUntil: minute(70) })), ["m1"])
    },
  ),
  storageCase("outbox/redrive-resets", "a redriven row starts with no attempts counted", async (world) => {
    const { storage, programme } = world
    await committed(world, command("a", { outbox: [message("m", "k")] }))
    const [one] = await lease(world)
    await settle(world, retry(one, { notBefore: minute(0), counted: true }))
    const [two] = await lease(world)
    assert.equal(two?.attempts, 1)
    await settle(world, dead(two, true))
    await storage.redrive(programme, "m", minute(7))
    const [row] = await storage.outbox(programme, { status: "pending", after: undefined, limit: 1 })
    assert.deepEqual(
      [row?.attempts, row?.notBefore, row?.settledAt, row?.note],
      [0, minute(7), undefined, "given up"],
    )
    const [three] = await lease(world)
    assert.deepEqual([three?.attempts, three?.token], [0, 3])
  }),
  storageCase(
    "outbox/park",
    "O5 a person takes a pending row out, and the next one goes on",
    async (world) => {
      const { storage, programme } = world
      await committed(world, command("a", { outbox: [message("m1", "k"), message("m2", "k")] }))
      const parking = { at: minute(3), blocking: false, note: "for somebody" }
      assert.equal(await storage.park(programme, "m1", parking), true)
      const [row] = await storage.outbox(programme, { status: "dead", after: undefined, limit: 9 })
      assert.deepEqual([row?.id, row?.note, row?.settledAt], ["m1", "for somebody", minute(3)])
      assert.deepEqual(await storage.outboxCounts(programme), { pending: 1, delivered: 0, dead: 1 })
      assert.deepEqual(idsOf(await lease(world)), ["m2"])
    },
  ),
  storageCase("outbox/park-behind", "a row behind another one may be parked", async (world) => {
    const { storage, programme } = world
    await committed(world, command("a", { outbox: [message("m1", "k"), message("m2", "k")] }))
    assert.equal(await storage.park(programme, "m2", { at: minute(0), blocking: true, note: "" }), true)
    const [one] = await lease(world)
    assert.equal(one?.id, "m1")
    await settle(world, delivered(one))
    assert.deepEqual(idsOf(await lease(world)), [])
  }),
  storageCase(
    "outbox/park-leased",
    "O7 a row that is in a lease is not parked until it is over",
    async (world) => {
      const { storage, programme } = world
      await committed(world, command("a", { outbox: [message("m", "k")] }))
      const [one] = await lease(world, { now: minute(0), leaseUntil: minute(5) })
      const park = (at: number) => storage.park(programme, "m", { at: minute(at), blocking: false, note: "" })
      assert.deepEqual([await park(4), await park(5)], [false, true])
      assert.deepEqual(await storage.settle(programme, [delivered(one)]), ["fenced"])
      assert.equal(await storage.redrive(programme, "m", minute(9)), true)
      assert.deepEqual(idsOf(await lease(world)), ["m"])
    },
  ),
  storageCase(
    "outbox/park-dead",
    "O3 a dead row gets another note, and its key opens or closes",
    async (world) => {
      const { storage, programme } = world
      await committed(world, command("a", { outbox: [message("m1", "k"), message("m2", "k")] }))
      await settle(world, dead((await lease(world))[0], true))
      const before = (await storage.outbox(programme, { status: "dead", after: undefined, limit: 9 }))[0]
      const park = (blocking: boolean, note: string) =>
        storage.park(programme, "m1", { at: minute(50), blocking, note })
      assert.equal(await park(true, "for 李工"), true)
      assert.deepEqual(idsOf(await lease(world)), [])
      assert.equal(await park(false, "for 王工"), true)
      assert.deepEqual(await storage.outbox(programme, { status: "dead", after: undefined, limit: 9 }), [
        { ...before, note: "for 王工" },
      ])
      assert.deepEqual(idsOf(await lease(world)), ["m2"])
      assert.deepEqual(await storage.outboxCounts(programme), { pending: 1, delivered: 0, dead: 1 })
    },
  ),
  storageCase("outbox/park-delivered", "a delivered row and an unknown one are not parked", async (world) => {
    const { storage, programme } = world
    await committed(world, command("a", { outbox: [message("m", "k")] }))
    await settle(world, delivered((await lease(world))[0]))
    for (const id of ["m", "nobody"]) {
      assert.equal(await storage.park(programme, id, { at: minute(9), blocking: true, note: "" }), false)
    }
    assert.deepEqual(await storage.outboxCounts(programme), { pending: 0, delivered: 1, dead: 0 })
  }),
  storageCase("outbox/redrive-not-dead", "only dead rows are redriven", async (world) => {
    const { storage, programme } = world
    await committed(world, command("a", { outbox: [message("m", "k")] }))
    assert.equal(await storage.redrive(programme, "m", minute(0)), false)
    assert.equal(await storage.redrive(programme, "nobody", minute(0)), false)
    const [one] = await lease(world)
    assert.equal(await storage.redrive(programme, "m", minute(0)), false)
    await settle(world, delivered(one))
    assert.equal(await storage.redrive(programme, "m", minute(0)), false)
    assert.deepEqual(await storage.outboxCounts(programme), { pending: 0, delivered: 1, dead: 0 })
  }),
  storageCase(
    "outbox/redrive-fences",
    "O7 the worker of a row that died and was redriven is fenced",
    async (world) => {
      const { storage, programme } = world
      await committed(world, command("a", { outbox: [message("m", "k")] }))
      const [one] = await lease(world)
      await settle(world, dead(one, true))
      await storage.redrive(programme, "m", minute(0))
      assert.deepEqual(await storage.settle(programme, [delivered(one)]), ["fenced"])
    },
  ),
  storageCase("outbox/counts", "O5 enqueued = delivered + pending + dead, as listed", async (world) => {
    const { storage, programme } = world
    const outbox = Array.from({ length: 9 }, (_, at) => message(`m${at}`, `k${at}`))
    await committed(world, command("a", { outbox }))
    const leased = await lease(world, { limit: 6 })
    const ways = [
      delivered,
      (one: LeasedMessage) => dead(one, true),
      (one: LeasedMessage) => dead(one, false),
    ]
    await storage.settle(
      programme,
      leased.map((one, at) => (ways[at % 3] as typeof delivered)(one)),
    )
    assert.deepEqual(await storage.outboxCounts(programme), { pending: 3, delivered: 2, dead: 4 })
    for (const [status, count] of Object.entries(await storage.outboxCounts(programme))) {
      const rows = await storage.outbox(programme, { status: status as "dead", after: undefined, limit: 100 })
      assert.equal(rows.length, count)
      for (const row of rows) assert.equal(row.status, status)
    }
    await storage.redrive(programme, "m1", minute(0))
    assert.deepEqual(await storage.outboxCounts(programme), { pending: 4, delivered: 2, dead: 3 })
  }),
  storageCase("outbox/paging", "rows of a status page by place", async (world) => {
    const { storage, programme } = world
    const outbox = (from: number) =>
      Array.from({ length: 3 }, (_, at) => message(`m${from + at}`, `k${from + at}`))
    await committed(
      world,
      command("a", { outbox: outbox(0) }),
      command("b"),
      command("c", { outbox: outbox(3) }),
    )
    const page = async (number: number, position: number, limit = 9) =>
      idsOf(await storage.outbox(programme, { status: "pending", after: { number, position }, limit }))
    assert.deepEqual(await page(0, 0), ["m0", "m1", "m2", "m3", "m4", "m5"])
    assert.deepEqual(await page(1, 0, 2), ["m1", "m2"])
    assert.deepEqual(await page(1, 2, 2), ["m3", "m4"])
    assert.deepEqual(await page(2, 7), ["m3", "m4", "m5"])
    assert.deepEqual(await page(3, 2), [])
  }),
  storageCase("outbox/no-skip", "O8 rows of concurrent commits are all leased, none twice", async (world) => {
    const { storage, programme } = world
    const seen: string[] = []
    const drain = async (): Promise<void> => {
      for (let round = 0; round < 60 && seen.length < 60; round += 1) {
        const leased = await lease(world, { limit: 3, worker: `w${round}` })
        seen.push(...idsOf(leased))
        await storage.settle(programme, leased.map(delivered))
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    const writing = Promise.all(
      Array.from({ length: 30 }, async (_, at) => {
        await new Promise((resolve) => setImmediate(resolve))
        const outbox = [message(`z${100 - at}`, `k${at % 7}`), message(`a${at}`, `l${at % 5}`)]
        await committed(world, command(`c${at}`, { outbox }))
      }),
    )
    await Promise.all([writing, drain(), drain()])
    for (let round = 0; round < 100 && seen.length < 60; round += 1) {
      const leased = await lease(world, { limit: 50 })
      seen.push(...idsOf(leased))
      await storage.settle(programme, leased.map(delivered))
    }
    assert.equal(new Set(seen).size, 60)
    assert.equal(seen.length, 60)
    assert.deepEqual(await storage.outboxCounts(programme), { pending: 0, delivered: 60, dead: 0 })
  }),
  storageCase("outbox/rival-workers", "O7 rival workers never hold one row at once", async (world) => {
    const outbox = Array.from({ length: 40 }, (_, at) => message(`m${at}`, `k${at}`))
    await committed(world, command("a", { outbox }))
    const leases = await Promise.all(
      Array.from({ length: 8 }, (_, at) => lease(world, { limit: 7, worker: `w${at}` })),
    )
    const ids = leases.flatMap(idsOf)
    assert.equal(ids.length, 40)
    assert.equal(new Set(ids).size, 40)
  }),
  storageCase("outbox/conflict-enqueues-nothing", "O1 a conflict enqueues nothing", async (world) => {
    const { storage, programme } = world
    await storage.commit(
      programme,
      command("a", { guards: [{ stream: "r/1", version: 1 }], outbox: [message("m", "k")] }),
    )
    assert.deepEqual(await storage.outboxCounts(programme), { pending: 0, delivered: 0, dead: 0 })
    await committed(world, command("b", { outbox: [message("m", "k")] }))
  }),
  storageCase("outbox/hostile-keys", "ordering keys that look alike stay apart", async (world) => {
    const keys = ["k", "K", "k ", " k", "k%", "k_", "k'", "'k", "notify", "k/k"]
    await committed(world, command("a", { outbox: keys.map((key) => message(`m ${key}`, key)) }))
    assert.equal((await lease(world)).length, keys.length)
  }),
  storageCase("outbox/deep-key", "O3 a deep queue of one key is worked from its head", async (world) => {
    const outbox = Array.from({ length: 1_000 }, (_, at) => message(`m${at}`, "k"))
    await committed(world, command("a", { outbox }))
    for (const at of [0, 1, 2]) {
      const [one] = await lease(world)
      assert.equal(one?.id, `m${at}`)
      await settle(world, delivered(one))
    }
  }),
]

// internal

const untouched = {
  status: "pending",
  attempts: 0,
  note: "",
  leasedUntil: undefined,
  settledAt: undefined,
} as const

const lease = (
  { storage, programme }: Pick<StorageWorld, "storage" | "programme">,
  more: Partial<LeaseRequest> = {},
): Promise<readonly LeasedMessage[]> =>
  storage.lease(programme, {
    topic: "notify",
    worker: "w1",
    now: minute(10),
    leaseUntil: minute(11),
    limit: 100,
    ...more,
  })

const settle = async ({ storage, programme }: StorageWorld, settlement: Settlement): Promise<void> => {
  assert.deepEqual(await storage.settle(programme, [settlement]), ["settled"])
}

type Leased = LeasedMessage | undefined

const delivered = (one: Leased): Settlement & { kind: "delivered" } => ({
  id: one?.id ?? "nothing was leased",
  token: one?.token ?? 0,
  kind: "delivered",
  at: minute(2),
  receipt: "",
})

const dead = (one: Leased, blocking: boolean): Settlement => ({
  id: one?.id ?? "nothing was leased",
  token: one?.token ?? 0,
  kind: "dead",
  at: minute(3),
  blocking,
  note: "given up",
})

const retry = (
  one: Leased,
  more: { readonly notBefore?: string; readonly counted?: boolean; readonly note?: string },
): Settlement => ({
  id: one?.id ?? "nothing was leased",
  token: one?.token ?? 0,
  kind: "retry",
  notBefore: minute(20),
  counted: false,
  note: "",
  ...more,
})

const idsOf = (rows: readonly OutboxMessage[]): readonly string[] => rows.map(({ id }) => id)
