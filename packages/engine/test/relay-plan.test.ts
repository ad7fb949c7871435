import { type Notifier, notifyFailure } from "@yingshao/ports/notifier"
import { memoryStorage } from "@yingshao/storage-memory"
import { describe, expect, test } from "vitest"
import { catchNotices } from "../src/in-process.ts"
import type { Parked } from "../src/relay.ts"
import { programme, testClock } from "./open-small.ts"
import { queueNotices, relayOfNotices } from "./queued-notices.ts"

const minute = 60_000
const all = { after: undefined, limit: 1_000 } as const

const world = () => {
  const storage = memoryStorage()
  const clock = testClock()
  return { storage, clock, pass: (ms: number) => clock.set(clock.now() + ms) }
}

const robotOf = (caught: Notifier & { readonly caught: readonly unknown[] }) =>
  ({ ...caught, audience: "group" }) as Notifier

/** A robot that takes twenty messages a minute. */
const robot = (name: string, before?: Parameters<typeof catchNotices>[1]) =>
  catchNotices(name, before, { perMinute: 20 })

const failing = (name: string, ...reason: Parameters<typeof notifyFailure>) =>
  catchNotices(name, () => {
    throw notifyFailure(...reason)
  })

const notes = async (storage: ReturnType<typeof memoryStorage>) =>
  (await storage.outbox(programme, { status: "dead", ...all })).map(({ note }) => note)

describe("the channel plan at work", () => {
  test("an emergency ends on two different channels although the best ones cannot reach this person", async () => {
    const { storage, clock } = world()
    const [wecom, sms] = [failing("wecom", "recipient", "x"), failing("sms", "recipient", "x")]
    const [mail, hook] = [catchNotices("mail"), catchNotices("hook")]
    await queueNotices(storage, clock, [{ kind: "whistle", urgent: true }])
    const relay = relayOfNotices(storage, clock, { notifiers: [wecom, sms, mail, hook], plan: {} })
    expect(await relay.drain()).toMatchObject({ delivered: 2, dead: 0 })
    expect([mail.caught.length, hook.caught.length]).toEqual([1, 1])
  })

  test("O2: an emergency to somebody with one channel is told twice there, and the outbox says that it is one", async () => {
    const { storage, clock } = world()
    const page = catchNotices("page")
    await queueNotices(storage, clock, [{ kind: "whistle", urgent: true }])
    const relay = relayOfNotices(storage, clock, { notifiers: [page], plan: {} })
    expect(await relay.drain()).toMatchObject({ delivered: 2, dead: 0 })
    expect(new Set(page.caught.map(({ notice }) => notice.deliveryId)).size).toBe(2)
    const sent = await storage.outbox(programme, { status: "delivered", ...all })
    expect(sent.map(({ note }) => note).sort()).toEqual([
      "page: accepted of 1",
      "page: accepted, again: no second channel of 1",
    ])
  })

  test("an emergency to somebody whom no channel reaches is parked, and says for whom", async () => {
    const { storage, clock } = world()
    const parked: Parked[] = []
    await queueNotices(storage, clock, [{ kind: "whistle", urgent: true }])
    const relay = relayOfNotices(storage, clock, {
      notifiers: [],
      channels: [],
      plan: { keepers: { people: "王站长" } },
      options: { onParked: (one) => parked.push(one) },
    })
    expect(await relay.drain()).toMatchObject({ delivered: 0, dead: 2 })
    expect(parked.map(({ topic, note }) => [topic, note])).toEqual(
      [1, 2].map(() => ["notify", "for 王站长: no channel"]),
    )
  })

  test("P2, O10: what is for one person never goes to a group", async () => {
    const { storage, clock } = world()
    const room = catchNotices("room")
    const mail = catchNotices("mail")
    await queueNotices(storage, clock, [
      { kind: "reply", to: { kind: "person", person: "p-1" }, data: { text: "private" } },
      { kind: "handled" },
    ])
    await relayOfNotices(storage, clock, { notifiers: [robotOf(room), mail] }).drain()
    expect(room.caught.map(({ notice }) => notice.kind)).toEqual(["handled"])
    expect(mail.caught.map(({ notice }) => notice.kind)).toEqual(["reply"])
  })

  test("points wait for the morning, also across a restart, and keep no answer waiting", async () => {
    const { storage, clock, pass } = world()
    clock.set(Date.parse("2026-03-02T15:00:00Z"))
    const to = { kind: "person", person: "p-1" }
    await queueNotices(storage, clock, [
      { kind: "award", to, orderingKey: "person/p-1" },
      { kind: "reply", to, orderingKey: "person/p-1" },
    ])
    const app = catchNotices("app")
    const given = { notifiers: [app], plan: { quietHours: { from: "21:30", to: "07:30" } } }
    await relayOfNotices(storage, clock, given).drain()
    expect(app.caught.map(({ notice }) => notice.kind)).toEqual(["reply"])
    const [row] = await storage.outbox(programme, { status: "pending", ...all })
    expect([row?.notBefore, row?.attempts, row?.note]).toEqual(["2026-03-02T23:30:00.000Z", 0, "quiet hours"])
    pass(8.5 * 60 * minute)
    await relayOfNotices(storage, clock, given).drain()
    expect(app.caught.map(({ notice }) => notice.kind)).toEqual(["reply", "award"])
  })

  test("over budget ordinary notices collapse into a digest, an emergency has its tokens, and nothing is left out", async () => {
    const { storage, clock, pass } = world()
    const wecom = robot("wecom")
    const other = catchNotices("other")
    const relay = relayOfNotices(storage, clock, { notifiers: [wecom, other], options: { page: 100 } })
    await queueNotices(storage, clock, [{ kind: "handled" }])
    await relay.drain()
    expect(wecom.caught).toHaveLength(0)
    await queueNotices(storage, clock, [
      ...Array.from({ length: 49 }, (_, at) => ({ kind: "handled", data: { report: `r-${at}` } })),
      { kind: "whistle", urgent: true, data: { report: "r-fire" } },
    ])
    await relay.drain()
    expect(wecom.caught.map(({ notice }) => [notice.kind, notice.urgent])).toEqual([["whistle", true]])
    pass(minute)
    await relay.drain()
    const digests = wecom.caught.slice(1).map(({ notice }) => notice)
    expect(digests.map(({ kind, title }) => [kind, title])).toEqual([
      ["digest", "20 notices"],
      ["digest", "20 notices"],
      ["digest", "10 notices"],
    ])
    const told = JSON.stringify(digests.map(({ lines }) => lines))
    for (let at = 0; at < 49; at += 1) expect(told).toContain(`r-${at}"`)
    expect(await storage.outboxCounts(programme)).toEqual({ pending: 0, delivered: 52, dead: 0 })
    const rows = await storage.outbox(programme, { status: "delivered", ...all })
    expect(rows.filter(({ note }) => note.includes("in a digest of 20"))).toHaveLength(40)
  })

  test("only the minute after the start counts as spent, also for a robot that gets its first message later", async () => {
    const { storage, clock, pass } = world()
    const wecom = robot("wecom")
    const relay = relayOfNotices(storage, clock, { notifiers: [wecom] })
    pass(minute)
    await queueNotices(storage, clock, [{ kind: "handled" }])
    await relay.drain()
    expect(wecom.caught).toHaveLength(1)
  })

  test("O9: many addresses with a budget are forgotten when they are idle, and told all the same", async () => {
    const { storage, clock, pass } = world()
    const sms = catchNotices("sms")
    const relay = relayOfNotices(storage, clock, {
      notifiers: [sms],
      plan: { budgets: { sms: { perMinute: 2, ordinaryPerMinute: 1 } } },
      desk: {
        recipients: async (_, { orderingKey }) => [
          { person: "p", addresses: [{ channel: "sms", address: orderingKey }] },
        ],
      },
      options: { page: 1_000 },
    })
    for (let round = 0; round < 3; round += 1) {
      pass(minute)
      await queueNotices(
        storage,
        clock,
        Array.from({ length: 600 }, () => ({ kind: "handled" })),
      )
      await relay.drain()
      expect(sms.caught).toHaveLength(600 * (round + 1))
    }
  })

  test("in no minute a robot gets more than twenty, nor more than twelve ordinary, however many there are", async () => {
    const { storage, clock, pass } = world()
    const times: { readonly at: number; readonly urgent: boolean }[] = []
    const wecom = robot("wecom", ({ notice }) => {
      times.push({ at: clock.now(), urgent: notice.urgent })
    })
    const relay = relayOfNotices(storage, clock, { notifiers: [wecom], options: { page: 200 } })
    for (let step = 0; step < 40; step += 1) {
      await queueNotices(storage, clock, [
        { kind: "handled" },
        { kind: "handled" },
        { kind: "whistle", urgent: true },
      ])
      await relay.drain()
      pass(5_000)
    }
    for (let step = 0; step < 30; step += 1) {
      await relay.drain()
      pass(5_000)
    }
    for (const { at } of times) {
      const within = times.filter((one) => one.at > at - minute && one.at <= at)
      expect(within.length).toBeLessThanOrEqual(20)
      expect(within.filter(({ urgent }) => !urgent).length).toBeLessThanOrEqual(12)
    }
    // Both messages of each emergency, for there is no second channel here.
    expect(await storage.outboxCounts(programme)).toEqual({ pending: 0, delivered: 160, dead: 0 })
  })

  test("a robot that its vendor muted is left in peace until it may speak again", async () => {
    const { storage, clock, pass } = world()
    let muted = true
    let asked = 0
    const room = robot("dingtalk", () => {
      asked += 1
      if (muted) throw notifyFailure("rate-limited", "130101", { retryAfterMs: 10 * minute })
    })
    const relay = relayOfNotices(storage, clock, { notifiers: [room] })
    await queueNotices(storage, clock, [{ kind: "handled" }])
    await relay.drain()
    pass(minute)
    await relay.drain()
    expect(asked).toBe(1)
    muted = false
    await queueNotices(storage, clock, [{ kind: "handled" }, { kind: "handled" }])
    for (let step = 0; step < 8; step += 1) {
      pass(minute)
      await relay.drain()
    }
    expect(asked).toBe(1)
    pass(3 * minute)
    await relay.drain()
    expect(await storage.outboxCounts(programme)).toEqual({ pending: 0, delivered: 3, dead: 0 })
  })

  test.each([
    ["refused", "for developer: app: refused"],
    ["recipient", "for people: app: recipient"],
  ] as const)("O5: `%s` ends parked with who looks after it", async (reason, note) => {
    const { storage, clock } = world()
    await queueNotices(storage, clock, [{ kind: "handled" }])
    await relayOfNotices(storage, clock, { notifiers: [failing("app", reason, "x")] }).drain()
    expect(await notes(storage)).toEqual([note])
  })

  test("money that may have been told is parked for a person, an answer is told again", async () => {
    const { storage, clock } = world()
    const to = { kind: "person", person: "p-1" }
    await queueNotices(storage, clock, [
      { kind: "award", to },
      { kind: "reply", to },
    ])
    const app = failing("app", "unknown-outcome", "timed out")
    const plan = { keepers: { money: "赵会计" } }
    await relayOfNotices(storage, clock, { notifiers: [app], plan }).drain()
    expect(await notes(storage)).toEqual(["for 赵会计: app: unknown-outcome"])
    expect(await storage.outboxCounts(programme)).toMatchObject({ pending: 1 })
  })

  test("O5: what only ever waits is parked in the end", async () => {
    const { storage, clock, pass } = world()
    await queueNotices(storage, clock, [{ kind: "handled" }])
    const app = failing("app", "rate-limited", "x", { retryAfterMs: 60 * minute })
    const relay = relayOfNotices(storage, clock, { notifiers: [app], plan: { parkAfterHours: 5 } })
    for (let hour = 0; hour < 8; hour += 1) {
      await relay.drain()
      pass(61 * minute)
    }
    expect(await notes(storage)).toEqual(["for operator: waited 5 hours: app: rate-limited"])
  })

  test("a text that a vendor sent back never keeps a row from being settled", async () => {
    const { storage, clock } = world()
    await queueNotices(storage, clock, [{ kind: "handled" }, { kind: "handled" }])
    const code = `\u0000\ud800${"长".repeat(600)}\n`
    const app = failing("app", "refused", "x", { vendorCode: code })
    expect(await relayOfNotices(storage, clock, { notifiers: [app] }).drain()).toMatchObject({ dead: 2 })
  })

  test("a lookup of recipients or a renderer that throws is nobody's outage", async () => {
    const { storage, clock } = world()
    await queueNotices(storage, clock, [{ kind: "handled" }])
    const relay = relayOfNotices(storage, clock, {
      notifiers: [catchNotices("app")],
      desk: {
        render: () => {
          throw new Error("secret")
        },
      },
    })
    expect(await relay.drain()).toMatchObject({ dead: 1 })
    expect(await notes(storage)).toEqual(["for developer: the notice cannot be rendered"])
  })

  test("no channel is tried when the lease would run out under it", async () => {
    const { storage, clock, pass } = world()
    const slow = catchNotices("slow", () => {
      pass(50_000)
      throw notifyFailure("recipient", "x")
    })
    const next = catchNotices("next")
    await queueNotices(storage, clock, [{ kind: "handled" }])
    const relay = relayOfNotices(storage, clock, { notifiers: [slow, next] })
    expect(await relay.runOnce()).toMatchObject({ retried: 1 })
    expect(next.caught).toHaveLength(0)
  })
})

describe("following", () => {
  test("O4: rows that hang keep their own places; everybody else goes on, in order", async () => {
    const { storage, clock } = world()
    const end = new AbortController()
    const hanging: (() => void)[] = []
    const stuck = catchNotices("stuck", () =>
      end.signal.aborted ? undefined : new Promise<void>((resolve) => hanging.push(resolve)),
    )
    const seen: string[] = []
    const done = Promise.withResolvers<void>()
    const quick = catchNotices("quick", ({ notice }) => {
      seen.push(notice.lines[0] ?? "")
      if (seen.length === 300) done.resolve()
    })
    await queueNotices(storage, clock, [
      ...Array.from({ length: 20 }, () => ({ kind: "handled", to: { kind: "unit", unit: "stuck" } })),
      ...Array.from({ length: 300 }, (_, at) => ({
        kind: "handled",
        orderingKey: `case/${at % 30}`,
        data: { report: `${at % 30}:${Math.floor(at / 30)}` },
      })),
    ])
    const relay = relayOfNotices(storage, clock, {
      notifiers: [stuck, quick],
      desk: {
        recipients: async (to) => {
          const channel = to.kind === "unit" && (to.unit as string) === "stuck" ? "stuck" : "quick"
          return [{ person: "p", addresses: [{ channel, address: "x" }] }]
        },
      },
      options: { page: 40 },
    })
    const following = relay.follow({ signal: end.signal, pollMs: 5 })
    await done.promise
    for (let key = 0; key < 30; key += 1) {
      const own = seen.filter((line) => line.startsWith(`report ${key}:`))
      expect(own).toEqual(Array.from({ length: 10 }, (_, at) => `report ${key}:${at}`))
    }
    // No more than the channel's share of the places hang.
    expect(hanging.length).toBe(10)
    end.abort()
    for (const release of hanging) release()
    await following
    expect((await storage.outboxCounts(programme)).delivered).toBeGreaterThanOrEqual(300)
  })

  test("O2: an outage of the store is told, and delivery goes on after it", async () => {
    const { storage, clock } = world()
    const end = new AbortController()
    let down = 3
    const failures: unknown[] = []
    const shaky = {
      ...storage,
      lease: (...args: Parameters<typeof storage.lease>) => {
        down -= 1
        return down > 0 ? Promise.reject(new Error("down")) : storage.lease(...args)
      },
    }
    await queueNotices(storage, clock, [{ kind: "handled" }])
    const app = catchNotices("app", () => {
      end.abort()
    })
    const relay = relayOfNotices(shaky, clock, { notifiers: [app] })
    await relay.follow({ signal: end.signal, pollMs: 1, onFailure: (error) => failures.push(error) })
    expect(failures).toHaveLength(2)
    expect(await storage.outboxCounts(programme)).toEqual({ pending: 0, delivered: 1, dead: 0 })
  })
})
