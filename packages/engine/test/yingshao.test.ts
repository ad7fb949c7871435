import { chinaYears } from "@yingshao/core/calendar/china-years"
import type { CommandInput } from "@yingshao/core/commands"
import type { Role } from "@yingshao/core/kernel/roles"
import { fromMs } from "@yingshao/core/kernel/time"
import type { Storage } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import { replaced } from "@yingshao/testkit/storage-injection"
import { describe, expect, test } from "vitest"
import { fixedPolicy, fixedUnits } from "../../core/test/fixtures/fixed-policy.ts"
import type { Answer } from "../src/handle.ts"
import { catchNotices, catchOrders } from "../src/in-process.ts"
import type { JournalItem } from "../src/journal.ts"
import { type OpenOptions, openYingshao, type Yingshao } from "../src/yingshao.ts"
import { programme, type TestClock, testClock } from "./open-small.ts"

const policy = fixedPolicy()

const opening = {
  admin: "admin",
  units: [...fixedUnits],
  calendarYears: chinaYears.filter(({ year }) => year >= 2025),
}

const open = (storage: Storage, clock: TestClock, more: Partial<OpenOptions> = {}): Promise<Yingshao> =>
  openYingshao({ programme, policy, storage, opening, clock, seed: "a seed", random: () => 0.5, ...more })

let serial = 0
const give = async (
  county: Yingshao,
  type: string,
  person: string,
  role: Role,
  payload: object,
): Promise<Answer & { ok: true }> => {
  serial += 1
  const answer = await county.handle({
    ...payload,
    type,
    id: `c-${serial}`,
    by: { person, role },
  } as CommandInput)
  if (!answer.ok) throw new Error(`${type}: ${JSON.stringify(answer.refusal)}`)
  return answer
}

const place = { coordinate: { lng: 106.6571, lat: 26.1342, crs: "wgs84" as const } }

const submit = async (county: Yingshao, person: string): Promise<string> => {
  const { events } = await give(county, "SubmitReport", person, "reporter", {
    channel: "app",
    reporters: [person],
    photos: ["a".repeat(64)],
    place,
  })
  return events.find(({ stream }) => stream.startsWith("report/"))?.stream.slice("report/".length) ?? ""
}

const staffed = async (county: Yingshao): Promise<void> => {
  const appoint = (person: string, role: string, scopes: readonly string[]) =>
    give(county, "AppointStaff", "admin", "programme-admin", { person, role, scopes })
  await appoint("duty", "duty-officer", ["duty-desk"])
  await appoint("officer", "department-officer", ["police"])
}

const items = async (county: Yingshao, after = 0): Promise<readonly JournalItem[]> => {
  const all: JournalItem[] = []
  for await (const item of county.journal({ after, follow: false })) all.push(item)
  return all
}

describe("opening", () => {
  test("opens an empty programme once, and an open one without saying who runs it", async () => {
    const storage = memoryStorage()
    await open(storage, testClock())
    const { opening: _, ...without } = { opening }
    const again = await openYingshao({ programme, policy, storage, ...without })
    expect((await items(again)).map(({ command }) => command.type)).toEqual(["OpenProgramme"])
  })

  test("two processes that open at once open it once", async () => {
    const storage = memoryStorage()
    const other = { ...opening, admin: "other" }
    await Promise.all([open(storage, testClock()), open(storage, testClock(), { opening: other })])
    expect((await storage.head(programme)).number).toBeLessThanOrEqual(2)
    const state = (await (await open(storage, testClock())).queries.state("programme", "programme")).state
    expect(state.policies).toHaveLength(1)
  })

  test("an empty programme without an opening, a refused opening and another contract say why", async () => {
    const clock = testClock()
    await expect(openYingshao({ programme, policy, storage: memoryStorage() })).rejects.toMatchObject({
      _tag: "CannotOpen",
    })
    await expect(open(memoryStorage(), clock, { opening: { ...opening, units: [] } })).rejects.toThrow(
      /duty-desk-needed/,
    )
    const old = { ...memoryStorage(), contract: "store/0" } as unknown as Storage
    await expect(open(old, clock)).rejects.toThrow(/store\/0/)
    const notifier = { ...catchNotices("app"), contract: "notify/9" } as never
    await expect(open(memoryStorage(), clock, { notifiers: [notifier] })).rejects.toThrow(/notify\/9/)
  })

  test("C2: an adopted policy that revives as another one does not open", async () => {
    const storage = memoryStorage()
    await open(storage, testClock())
    const other = { ...fixedPolicy({ id: "OTHER" }), revive: () => fixedPolicy({ id: "OTHER" }) }
    await expect(open(storage, testClock(), { policy: other })).rejects.toMatchObject({ _tag: "CannotOpen" })
  })

  test("T2: after a restart no instant is before what was accepted, although the clock is", async () => {
    const storage = memoryStorage()
    const county = await open(storage, testClock())
    await submit(county, "ann")
    const later = await open(storage, testClock(Date.parse("2026-01-05T00:00:00.000Z")))
    await submit(later, "bob")
    const instants = (await items(later)).map(({ at }) => at)
    expect(instants).toEqual([...instants].sort())
  })

  test("C4: a policy adopted later comes into force and is revived after a restart", async () => {
    const storage = memoryStorage()
    const clock = testClock()
    const county = await open(storage, clock)
    const next = fixedPolicy({ id: "HS-XXY", effectiveFrom: "2026-04-01", numbers: { radiusM: 77 } })
    const { id, digest, effectiveFrom, canonical } = next
    await give(county, "AdoptPolicy", "admin", "programme-admin", {
      policy: { id, digest, effectiveFrom, canonical },
    })
    clock.set(Date.parse("2026-04-02T01:00:00.000Z"))
    for (const each of [county, await open(storage, clock)]) {
      await submit(each, "ann")
      expect((await each.queries.state("programme", "programme")).state.policies).toHaveLength(2)
    }
    const wrong = await county.handle({
      type: "AdoptPolicy",
      id: "wrong",
      by: { person: "admin", role: "programme-admin" },
      policy: { id, digest: "9".repeat(64), effectiveFrom, canonical },
    })
    expect(wrong).toMatchObject({ refusal: { code: "bad-policy" } })
  })
})

describe("a county", () => {
  const day = async () => {
    const clock = testClock()
    const storage = memoryStorage()
    const app = catchNotices("app")
    const sms = catchNotices("sms")
    const http = catchOrders("http")
    const county = await open(storage, clock, {
      notifiers: [app, sms],
      dispatchers: [http],
      route: (unit) => (unit === "police" ? { dispatcher: "http", partner: unit } : undefined),
      recipients: async (to) => [
        {
          person: to.kind === "person" ? to.person : "desk",
          addresses: [
            { channel: "app", address: "1" },
            { channel: "sms", address: "2" },
          ],
        },
      ],
    })
    await staffed(county)
    const report = await submit(county, "ann")
    return { clock, storage, county, report, app, sms, http }
  }

  test("takes a report, answers it, hands it over; all of it is sound", async () => {
    const { county, report, app, http, clock } = await day()
    const facts = { category: "fire", danger: "yes", ongoing: "yes", affected: 3 }
    await give(county, "AnswerWhistle", "duty", "duty-officer", { report, facts })
    const state = (await county.queries.state("report", report)).state
    const incident = state.status === "none" || state.status === "new" ? undefined : state.incident
    await give(county, "HandOver", "duty", "duty-officer", { incident })
    clock.set(clock.now() + 60_000)
    const counts = await county.relay.drain()
    expect(counts).toMatchObject({ retried: 0, dead: 0, fenced: 0 })
    expect(http.caught).toHaveLength(1)
    expect(app.caught.length).toBeGreaterThan(0)
    const world = await county.checkWorld()
    expect(world.findings).toEqual([])
    expect(world.counted.records).toBe((await items(county)).length)
  })

  test("F4: what nobody answers is escalated, level by level, by the scheduler", async () => {
    const { county, report, clock, sms } = await day()
    expect((await county.scheduler.runDue()).issued).toBe(0)
    const next = (await county.scheduler.nextDueAt()) ?? ""
    clock.set(Date.parse(next) + 1)
    expect(await county.scheduler.runDue()).toMatchObject({ accepted: 1, refused: 0, failed: 0 })
    clock.set(clock.now() + 30 * 86_400_000)
    await county.scheduler.runDue()
    const levels: number[] = []
    for await (const { events } of county.queries.story("report", report)) {
      for (const { event } of events) if (event.type === "ObligationEscalated") levels.push(event.level)
    }
    expect(levels).toEqual(levels.map((_, at) => at + 1))
    expect(levels.length).toBeGreaterThan(1)
    expect(await county.scheduler.runDue()).toMatchObject({ accepted: 0 })
    await county.relay.drain()
    expect(sms.caught.length).toBeGreaterThan(0)
    expect((await county.checkWorld()).findings).toEqual([])
  })

  test("the journal goes on from a position, wakes on a commit and ends when the programme closes", async () => {
    const { county } = await day()
    const seen: string[] = []
    const { number = 0 } = (await items(county)).at(-1) ?? {}
    const reading = (async () => {
      for await (const { command } of county.journal({ after: number, pollMs: 60_000 })) {
        seen.push(command.type)
        if (seen.length === 2) await county.close()
      }
    })()
    await submit(county, "bob")
    await submit(county, "cai")
    await reading
    expect(seen).toEqual(["SubmitReport", "SubmitReport"])
  })

  test("queries: pages of an index, counters, the story of a stream, all of a kind", async () => {
    const { county, report } = await day()
    await submit(county, "bob")
    const first = await county.queries.page({ index: "escalate", equals: "open", limit: 1 })
    expect(first.rows.map(({ kind, id }) => [kind, id])).toEqual([["report", report]])
    const second = await county.queries.page({
      index: "escalate",
      equals: ["open"],
      limit: 1,
      ...(first.cursor === undefined ? {} : { cursor: first.cursor }),
    })
    expect(second.rows[0]?.id).not.toBe(report)
    expect((await county.queries.tallies("obligations/answer/")).get("obligations/answer/opened")).toBe(2)
    const reports: string[] = []
    for await (const { id, version } of county.queries.readAll("report")) {
      expect(version).toBeGreaterThan(0)
      reports.push(id)
    }
    expect(reports).toHaveLength(2)
    const start = report.slice(0, 10)
    const begun = await county.queries.beginning("report", start, 2)
    expect(begun.map(({ id }) => id)).toEqual([report])
    expect(begun[0]).toEqual(await county.queries.state("report", report))
    expect(await county.queries.beginning("report", "r-", 1)).toHaveLength(1)
    expect(await county.queries.beginning("incident", start, 2)).toEqual([])
    expect(await county.queries.beginning("report", `${report}0`, 2)).toEqual([])
    for (const [begin, limit] of [
      ["", 1],
      ["r-", 0],
      ["r-", 101],
    ] as const) {
      await expect(county.queries.beginning("report", begin, limit)).rejects.toThrow(RangeError)
    }
    expect((await county.queries.state("report", "nobody")).version).toBe(0)
  })

  test("the same seed gives the same world, byte for byte", async () => {
    serial = 0
    const one = await day()
    serial = 0
    const two = await day()
    expect(await one.storage.head(programme)).toEqual(await two.storage.head(programme))
  })
})

describe("the doctor", () => {
  const ill = (findings: readonly { invariant: string; where: string }[]) =>
    findings.map(({ invariant, where }) => `${invariant} ${where}`)

  test("finds a sound county sound, but for a store in memory", async () => {
    const county = await open(memoryStorage(), testClock())
    const { findings, facts } = await county.doctor({ chain: "whole", assumptions: ["档次: 假设"] })
    expect(ill(findings)).toEqual(["setting durability"])
    expect(facts).toMatchObject({ contract: "store/1", chainChecked: 1, assumptions: ["档次: 假设"] })
    expect(facts.calendarYears).toContain(2026)
  })

  test("F8: says in time that next year's holidays are missing", async () => {
    const storage = memoryStorage()
    const clock = testClock(Date.parse("2026-11-20T00:00:00.000Z"))
    const years = opening.calendarYears.filter(({ year }) => year <= 2026)
    const county = await open(storage, clock, { opening: { ...opening, calendarYears: years } })
    expect(ill((await county.doctor()).findings)).toContain("F8 calendar 2027")
  })

  test("names a broken chain, a stuck outbox, given-up messages, overdue timers and old folds", async () => {
    const inner = memoryStorage()
    const clock = testClock()
    const storage = replaced(inner, () => ({
      journal: async (name, page) =>
        (await inner.journal(name, page)).map((record) =>
          record.number === 2 ? { ...record, entry: record.entry.replace("ann", "bob") } : record,
        ),
      streams: async (name, page) =>
        (await inner.streams(name, page)).map((row) => ({ ...row, foldVersion: 0 })),
    }))
    const county = await open(storage, clock)
    await submit(county, "ann")
    clock.set(clock.now() + 7 * 86_400_000)
    const now = fromMs(clock.now())
    const leaseUntil = fromMs(clock.now() + 1)
    const [row] = await inner.lease(programme, { topic: "notify", worker: "w", now, leaseUntil, limit: 1 })
    if (row === undefined) throw new Error("no notice")
    await inner.settle(programme, [
      { kind: "dead", id: row.id, token: row.token, at: now, blocking: false, note: "" },
    ])
    const found = ill((await county.doctor()).findings)
    expect(found).toContain("A3 journal 2")
    expect(found).toContain("O5 outbox")
    expect(found).toContain("F4 scheduler")
    expect(found.some((one) => one.startsWith("O5 outbox m-"))).toBe(true)
    expect(found.some((one) => one.startsWith("S10 "))).toBe(true)
  })
})
