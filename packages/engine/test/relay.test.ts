import { defaultChannelPlan } from "@yingshao/core/notice/channel-plan"
import { digestTextOf, noticeTextOf } from "@yingshao/core/notice/notice-text"
import { dispatchRefusal } from "@yingshao/ports/dispatcher"
import { notifyFailure } from "@yingshao/ports/notifier"
import type { Storage } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import { command } from "@yingshao/testkit/storage-cases/storage-case"
import { replaced } from "@yingshao/testkit/storage-injection"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { NotifyDesk } from "../src/deliver-notice.ts"
import { makeEngineClock } from "../src/engine-clock.ts"
import { catchNotices, catchOrders } from "../src/in-process.ts"
import { reachedIn } from "../src/reached.ts"
import { byName, makeRelay, type Relay, type RelayOptions } from "../src/relay.ts"
import { backoffMs, maxTries } from "../src/retry.ts"
import { makeWake } from "../src/wake.ts"
import { as, openSmall, programme, type TestClock, testClock } from "./open-small.ts"

const twoChannels: NotifyDesk["recipients"] = async (to) => [
  {
    person: to.kind === "person" ? to.person : "desk",
    addresses: [
      { channel: "app", address: "app-1" },
      { channel: "sms", address: "sms-1" },
    ],
  },
]

const relayOver = (
  storage: Storage,
  clock: TestClock,
  given: {
    readonly notifiers?: readonly ReturnType<typeof catchNotices>[]
    readonly dispatchers?: readonly ReturnType<typeof catchOrders>[]
    readonly desk?: Partial<NotifyDesk>
    readonly options?: Partial<RelayOptions>
  } = {},
): Relay =>
  makeRelay({
    programme,
    storage,
    clock: makeEngineClock(clock),
    random: () => 0.5,
    worker: "w-1",
    wake: makeWake(),
    notify: {
      notifiers: byName(given.notifiers ?? [catchNotices("app"), catchNotices("sms")]),
      recipients: twoChannels,
      plan: defaultChannelPlan,
      timeZone: "Asia/Shanghai",
      render: (notice) => noticeTextOf(notice, { language: "en", timeZone: "Asia/Shanghai" }),
      digest: (texts) => digestTextOf(texts, "en"),
      onStopped: () => {},
      ...given.desk,
    },
    dispatch: {
      dispatchers: byName(given.dispatchers ?? []),
      route: (unit) => (given.dispatchers === undefined ? undefined : { dispatcher: "http", partner: unit }),
    },
    receive: async () => {},
    ...given.options,
  })

/** A world in which some tickets were raised: an order and a notice each. */
const raised = async (count: number, urgent = false) => {
  const storage = memoryStorage()
  const clock = testClock()
  const world = await openSmall(storage, { clock })
  for (let at = 1; at <= count; at += 1) {
    await world.handle({ type: "Raise", id: `r-${at}`, by: as("ann"), inMinutes: 5, urgent })
  }
  clock.set(clock.now() + 60_000)
  return { storage, clock, world }
}

const paid = async (accounts: readonly string[]) => {
  const storage = memoryStorage()
  const clock = testClock()
  const world = await openSmall(storage, { clock })
  for (const [at, to] of accounts.entries()) {
    await world.handle({ type: "Pay", id: `c-${at}`, by: as("ann"), account: to, amountFen: at + 1 })
  }
  clock.set(clock.now() + 60_000)
  return { storage, clock, world }
}

/** Three recipients; the second is not to be reached while the network is down. */
const threePeopleOneAway = () => {
  const network = { down: true }
  const app = catchNotices("app", ({ to }) => {
    if (network.down && to.address === "2") throw notifyFailure("unreachable", "down")
  })
  const people = ["1", "2", "3"].map((address) => ({
    person: `p-${address}`,
    addresses: [{ channel: "app", address }],
  }))
  return { network, app, people }
}

const later = (clock: TestClock, ms = 7_200_000) => clock.set(clock.now() + ms)

const settle = async (relay: Relay, clock: TestClock, polls = 40) => {
  for (let poll = 0; poll < polls; poll += 1) {
    await relay.drain()
    later(clock)
  }
}

describe("the relay", () => {
  test("O2: delivers every row once when all is well, orders to partners and notices to people", async () => {
    const { storage, clock } = await raised(3)
    const app = catchNotices("app")
    const http = catchOrders("http")
    const relay = relayOver(storage, clock, { notifiers: [app], dispatchers: [http] })
    expect(await relay.drain()).toMatchObject({ delivered: 6, retried: 0, dead: 0 })
    expect(http.caught.map(({ to, type }) => [to, type])).toEqual(Array(3).fill(["road-office", "assigned"]))
    expect(app.caught).toHaveLength(3)
    expect(await storage.outboxCounts(programme)).toEqual({ pending: 0, delivered: 6, dead: 0 })
  })

  test("sends as many rows at a time as it is told", async () => {
    const { storage, clock } = await raised(5)
    const [app, http] = [catchNotices("app"), catchOrders("http")]
    const relay = relayOver(storage, clock, {
      notifiers: [app],
      dispatchers: [http],
      options: { page: 3 },
    })
    // Three orders, and one of the notices, which have one ordering key.
    expect((await relay.runOnce()).leased).toBe(4)
    expect(await relay.drain()).toMatchObject({ leased: 6, delivered: 6 })
  })

  test("an urgent notice goes out over two different channels, each by itself", async () => {
    const { storage, clock } = await raised(1, true)
    const app = catchNotices("app", () => {
      throw notifyFailure("unreachable", "down")
    })
    const sms = catchNotices("sms")
    await relayOver(storage, clock, { notifiers: [app, sms] }).drain()
    expect([app.caught.length, sms.caught.length]).toEqual([0, 1])
  })

  test("O6: retries carry the same id and body", async () => {
    const { storage, clock } = await raised(1)
    const seen: string[] = []
    const http = catchOrders("http", (order) => {
      seen.push(JSON.stringify(order))
      if (seen.length < 4) throw dispatchRefusal("later", "not now")
    })
    await settle(relayOver(storage, clock, { dispatchers: [http] }), clock)
    expect(seen).toHaveLength(4)
    expect(new Set(seen).size).toBe(1)
  })

  test("O3: in order per key, although attempts fail", async () => {
    const { storage, clock } = await paid(["a-1", "a-2", "a-1", "a-1", "a-2"])
    let turn = 0
    const app = catchNotices("app", () => {
      turn += 1
      if (turn % 3 === 0) throw notifyFailure("unreachable", "down")
    })
    await settle(relayOver(storage, clock, { notifiers: [app] }), clock)
    const pending = await storage.outbox(programme, { status: "delivered", after: undefined, limit: 10 })
    const place = new Map(pending.map(({ id, number, orderingKey }) => [id, { number, orderingKey }]))
    for (const key of ["person/a-1", "person/a-2"]) {
      const numbers = app.caught.flatMap(({ notice }) => {
        const found = place.get(notice.deliveryId.slice(0, notice.deliveryId.lastIndexOf("-")))
        return found?.orderingKey === key ? [found.number] : []
      })
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
      expect(numbers.length).toBeGreaterThan(1)
    }
  })

  test("O3: a dead order keeps its case closed, a dead notice does not; both can be put back", async () => {
    const { storage, clock } = await paid(["a-1", "a-1"])
    let broken = true
    const app = catchNotices("app", () => {
      if (broken) throw notifyFailure("refused", "bad message", { vendorCode: "40008" })
    })
    const relay = relayOver(storage, clock, { notifiers: [app] })
    expect(await relay.runOnce()).toMatchObject({ leased: 1, dead: 1 })
    expect(await relay.runOnce()).toMatchObject({ leased: 1, dead: 1 })
    broken = false
    const dead = await storage.outbox(programme, { status: "dead", after: undefined, limit: 10 })
    expect(dead.map(({ note }) => note)).toEqual(Array(2).fill("for developer: app: refused 40008"))
    for (const { id } of dead) expect(await relay.redrive(id)).toBe(true)
    expect(await relay.drain()).toMatchObject({ delivered: 2 })

    const cases = await raised(1)
    const body = (
      await cases.storage.outbox(programme, { status: "pending", after: undefined, limit: 10 })
    )[0]
    const head = await cases.storage.head(programme)
    await cases.storage.commit(
      programme,
      command("again", {
        outbox: [{ ...(body as NonNullable<typeof body>), id: "second" }],
      }),
    )
    expect(head.number).toBe(2)
    const http = catchOrders("http", () => {
      throw dispatchRefusal("never", "422")
    })
    const orders = relayOver(cases.storage, cases.clock, { dispatchers: [http] })
    await settle(orders, cases.clock, 5)
    expect(await cases.storage.outboxCounts(programme)).toMatchObject({ dead: 1, pending: 1 })
  })

  test.each([
    ["http: status 401", "for operator: http: ask-a-person: status 401"],
    ["", "for operator: http: ask-a-person"],
    [
      "no answer from https://a.example/orders?key=CANARY in time",
      "for operator: http: ask-a-person: no answer from (address) in time",
    ],
    ["call 13800000000 or 0854-6220000", "for operator: http: ask-a-person: call (number) or 0854-(number)"],
    ["x".repeat(900), `for operator: http: ask-a-person: ${"x".repeat(200 - "http: ask-a-person: ".length)}`],
  ])("O5, P12: the note of a parked order says why, and no address or number: %s", async (message, note) => {
    const { storage, clock } = await raised(1)
    const http = catchOrders("http", () => {
      throw dispatchRefusal("ask-a-person", message)
    })
    await relayOver(storage, clock, { dispatchers: [http] }).runOnce()
    const [row] = await storage.outbox(programme, { status: "dead", after: undefined, limit: 1 })
    expect(row?.note).toBe(note)
  })

  test("O4, O5: a poison message delays no other beyond one poll, is tried a bounded number of times and parked", async () => {
    const { storage, clock } = await paid(["poison", "a-1", "a-2"])
    let tries = 0
    const app = catchNotices("app")
    const relay = relayOver(storage, clock, {
      notifiers: [app],
      desk: {
        recipients: async (to) => {
          if (to.kind === "person" && (to.person as string) === "poison") {
            tries += 1
            throw new Error("boom")
          }
          return [{ person: "p", addresses: [{ channel: "app", address: "x" }] }]
        },
      },
    })
    await relay.runOnce()
    expect(app.caught).toHaveLength(2)
    await settle(relay, clock)
    expect(tries).toBe(maxTries.notify)
    expect(await storage.outboxCounts(programme)).toEqual({ pending: 0, delivered: 2, dead: 1 })
  })

  test("a row that cannot be read is parked at once", async () => {
    const storage = memoryStorage()
    const clock = testClock()
    await storage.commit(
      programme,
      command("c", {
        outbox: [
          { id: "m", topic: "notify", orderingKey: "k", notBefore: "2026-01-01T00:00:00.000Z", body: "{" },
        ],
      }),
    )
    expect(await relayOver(storage, clock).drain()).toMatchObject({ dead: 1 })
  })

  test.each([
    ["rate-limited", 0],
    ["unreachable", 1],
  ] as const)("a failure `%s` is retried and counts %i attempts", async (reason, attempts) => {
    const { storage, clock } = await paid(["a-1"])
    const app = catchNotices("app", () => {
      throw notifyFailure(reason, "x", { retryAfterMs: 30_000 })
    })
    expect(await relayOver(storage, clock, { notifiers: [app] }).runOnce()).toMatchObject({ retried: 1 })
    const [row] = await storage.outbox(programme, { status: "pending", after: undefined, limit: 1 })
    expect(row?.attempts).toBe(attempts)
    expect(Date.parse(row?.notBefore ?? "") - clock.now()).toBeGreaterThanOrEqual(30_000)
  })

  test("a person who cannot be reached here is told over the next channel", async () => {
    const { storage, clock } = await paid(["a-1"])
    const app = catchNotices("app", () => {
      throw notifyFailure("recipient", "unknown user")
    })
    const sms = catchNotices("sms")
    expect(await relayOver(storage, clock, { notifiers: [app, sms] }).drain()).toMatchObject({ delivered: 1 })
    expect(sms.caught).toHaveLength(1)
  })

  test("wrong credentials stop the channel and tell the operator, and the row waits uncounted until it is resumed", async () => {
    const { storage, clock } = await paid(["a-1", "a-2"])
    let key = "wrong"
    let tries = 0
    const told: string[] = []
    const app = catchNotices("app", () => {
      tries += 1
      if (key === "wrong") throw notifyFailure("credentials", "bad signature")
    })
    const relay = relayOver(storage, clock, {
      notifiers: [app],
      desk: { onStopped: (channel) => told.push(channel) },
    })
    await settle(relay, clock, 30)
    expect(relay.stopped()).toEqual(["app"])
    expect(new Set(told)).toEqual(new Set(["app"]))
    expect(tries).toBeLessThanOrEqual(2)
    key = "right"
    relay.resume("app")
    expect(await relay.drain()).toMatchObject({ delivered: 2 })
  })

  test("of several people of one notice, those reached are not told again", async () => {
    const { storage, clock } = await paid(["a-1"])
    const { network, app, people } = threePeopleOneAway()
    const relay = relayOver(storage, clock, { notifiers: [app], desk: { recipients: async () => people } })
    await relay.drain()
    network.down = false
    later(clock)
    await relay.drain()
    expect(app.caught.map(({ to }) => to.address)).toEqual(["1", "3", "2"])
    expect(new Set(app.caught.map(({ notice }) => notice.deliveryId)).size).toBe(3)
  })

  test("those reached are not told again by another relay, after a restart, or when the row is put back", async () => {
    const { storage, clock } = await paid(["a-1"])
    const { network, app, people } = threePeopleOneAway()
    const given = { notifiers: [app], desk: { recipients: async () => people } }
    for (let attempt = 0; attempt < maxTries.notify; attempt += 1) {
      await relayOver(storage, clock, { ...given, options: { worker: `w-${attempt}` } }).drain()
      later(clock)
    }
    expect(app.caught.map(({ to }) => to.address)).toEqual(["1", "3"])
    const [row] = await storage.outbox(programme, { status: "dead", after: undefined, limit: 1 })
    expect(row?.note).toMatch(/^for operator: given up after 8 attempts: .* · told: [0-9a-f]{8} [0-9a-f]{8}$/)
    network.down = false
    const relay = relayOver(storage, clock, given)
    expect(await relay.redrive(row?.id ?? "")).toBe(true)
    await relay.drain()
    expect(app.caught.map(({ to }) => to.address)).toEqual(["1", "3", "2"])
  })

  test("what a vendor writes cannot say that somebody was reached", async () => {
    const { storage, clock } = await paid(["a-1"])
    const forged = "x · told: 0a1b2c3d"
    const app = catchNotices("app", () => {
      throw notifyFailure("unreachable", "x", { vendorCode: forged })
    })
    await relayOver(storage, clock, { notifiers: [app] }).drain()
    const [row] = await storage.outbox(programme, { status: "pending", after: undefined, limit: 1 })
    expect(row?.note).toContain("0a1b2c3d")
    expect([...reachedIn(row?.note ?? "")]).toEqual([])
  })

  test("O7: a worker whose lease ran out settles nothing", async () => {
    const { storage, clock } = await paid(["a-1"])
    const slow = catchNotices("app", async () => {
      // While this worker is sending, its lease runs out and another one delivers.
      later(clock)
      await relayOver(storage, clock, { options: { worker: "w-2" } }).runOnce()
    })
    const counts = await relayOver(storage, clock, { notifiers: [slow] }).runOnce()
    expect(counts).toMatchObject({ leased: 1, fenced: 1, delivered: 0 })
    expect(await storage.outboxCounts(programme)).toMatchObject({ delivered: 1 })
  })

  test("O2, O5: workers that die anywhere lose nothing", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(fc.boolean()),
        fc.integer({ min: 1, max: 6 }),
        async (fates, count) => {
          const { storage, clock } = await raised(count)
          let deaths = 0
          const dying = replaced(storage, (inner) => ({
            settle: (name, settlements) => {
              if (deaths < 10 && fates.next().value) {
                deaths += 1
                return Promise.reject(new Error("the worker died"))
              }
              return inner.settle(name, settlements)
            },
          }))
          const app = catchNotices("app")
          const http = catchOrders("http")
          for (let poll = 0; poll < 40; poll += 1) {
            await relayOver(dying, clock, { notifiers: [app], dispatchers: [http] })
              .runOnce()
              .catch(() => {})
            later(clock)
          }
          expect(await storage.outboxCounts(programme)).toEqual({ pending: 0, delivered: 2 * count, dead: 0 })
          expect(new Set(http.caught.map(({ id }) => id)).size).toBe(count)
          expect(new Set(app.caught.map(({ notice }) => notice.deliveryId)).size).toBe(count)
        },
      ),
      { numRuns: 20 },
    )
  })

  test("O10: no actor's handle is in what leaves", async () => {
    const { storage, clock, world } = await raised(1)
    await world.handle({ type: "Raise", id: "canary-id", by: as("canary"), inMinutes: 5 })
    later(clock)
    const app = catchNotices("app")
    const http = catchOrders("http")
    await relayOver(storage, clock, { notifiers: [app], dispatchers: [http] }).drain()
    expect(JSON.stringify([app.caught, http.caught])).not.toContain("canary")
  })

  test("waits grow and stay below an hour", () => {
    const waits = Array.from({ length: 12 }, (_, attempts) => backoffMs(attempts, () => 1))
    expect(waits).toEqual([...waits].sort((a, b) => a - b))
    expect([waits[0], waits.at(-1)]).toEqual([5_000, 3_600_000])
    expect(backoffMs(0, () => 0)).toBe(2_500)
  })
})
