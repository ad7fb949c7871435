/** Which incidents are near, how a report joins one or opens its own, and what a change of class does. */
import {
  type Candidate,
  lookAround,
  placed,
  type Surroundings,
  unplaced,
} from "@yingshao/core/incident/candidates"
import { changeClass } from "@yingshao/core/incident/change-class"
import type { LiveIncident } from "@yingshao/core/incident/incident"
import { type Arrival, bringToIncident, mostReports } from "@yingshao/core/incident/join"
import { reopened } from "@yingshao/core/incident/reopen"
import { incidentId } from "@yingshao/core/kernel/ids"
import { refuse } from "@yingshao/core/kernel/refusal"
import type { Context, Emitted } from "@yingshao/core/kernel/rule"
import { runRule } from "@yingshao/core/kernel/run-rule"
import { addMinutes, type Instant } from "@yingshao/core/kernel/time"
import { cellOf, cellsAround } from "@yingshao/core/place/grid"
import type { Place } from "@yingshao/core/place/place"
import { describe, expect, test } from "vitest"
import { fixedPolicy } from "../fixtures/fixed-policy.ts"
import { placeAt, staffedWorld, type World } from "../fixtures/world.ts"
import { at, channels, incident, minute, owed, owner, part, report, told } from "./matters.ts"

const i1 = incidentId.parse("i-1")
const stream = "incident/i-1"
const now = minute(30)
const dates = { accepted: "2026-03-24", step: "2026-03-24" } as Arrival["dates"]
const contextOf = (world: World = staffedWorld()): Context => ({
  by: { person: world.person("duty"), role: "duty-officer" },
  scopes: [],
  at: now,
  today: dates.step,
  book: world.book,
  freshId: (prefix) => `${prefix}-new`,
})
const here = placeAt() as Place
const events = (emitted: readonly Emitted[]) => told({ ok: true, events: emitted } as never)

describe("L14 which incidents are near", () => {
  const acceptedAt = "2026-03-25T12:00:00.000Z" as Instant
  const seen = (
    stands: readonly { id: string; eastM: number; minutes: number }[],
    options: { category?: string; place?: Place; radiusM?: number } = {},
  ): { around: Surroundings; asked: unknown } => {
    const world = staffedWorld(fixedPolicy({ numbers: { radiusM: options.radiusM ?? 100 } }))
    let asked: unknown
    const rule = lookAround(
      contextOf(world),
      { place: options.place ?? here, acceptedAt, acceptedOn: dates.accepted },
      options.category ?? "fire",
    )
    const around = runRule(rule, (ask) => {
      asked = ask
      const incidents = stands.map(({ id, eastM, minutes }) => {
        const { lng, lat } = placeAt(eastM).coordinate
        return { incident: id, lng, lat, since: addMinutes(acceptedAt, minutes) }
      })
      return ask.ask === "states"
        ? ask.ids.map((_, n) => ({ incidents: n === 0 ? incidents : [] }))
        : undefined
    })
    return { around, asked }
  }
  const found = (...args: Parameters<typeof seen>) =>
    seen(...args).around.candidates.map(({ incident: id }) => id)
  const stand = (id: string, eastM: number, minutes = 0) => ({ id, eastM, minutes })

  test("within the radius and the window, to both sides", () => {
    expect(found([stand("i-a", 99), stand("i-b", 102), stand("i-c", -99), stand("i-d", -102)])).toEqual([
      "i-a",
      "i-c",
    ])
    expect(
      found([stand("i-a", 0, -1440), stand("i-b", 0, -1441), stand("i-c", 0, 1440), stand("i-d", 0, 1441)]),
    ).toEqual(["i-a", "i-c"])
  })

  test("the nearest first, then the closest in time, then by id", () => {
    expect(found([stand("i-a", 50), stand("i-b", 20), stand("i-c", 30)])).toEqual(["i-b", "i-c", "i-a"])
    expect(found([stand("i-a", 20, 9), stand("i-b", 20, -3), stand("i-c", 20, 5)])).toEqual([
      "i-b",
      "i-c",
      "i-a",
    ])
    expect(found([stand("i-b", 20, 5), stand("i-a", 20, -5), stand("i-c", 20, 5)])).toEqual([
      "i-a",
      "i-b",
      "i-c",
    ])
  })

  test("each with how far it is, and with what is remembered", () => {
    const { around, asked } = seen([stand("i-a", 40, -90)])
    const [one] = around.candidates as readonly Candidate[]
    expect(one).toEqual({ incident: "i-a", distanceM: expect.any(Number), minutesApart: 90 })
    expect(one?.distanceM).toBeCloseTo(40, 0)
    const cell = cellOf(here.coordinate as never, 400)
    expect(around.cell).toBe(`fire--${cell}`)
    expect(around.forgetBefore).toBe("2026-03-23T12:00:00.000Z")
    expect(asked).toEqual({
      ask: "states",
      kind: "place",
      ids: cellsAround(here.coordinate as never, 100, 400).map((id) => `fire--${id}`),
    })
  })

  test.each<readonly [string, Parameters<typeof seen>[1]]>([
    ["a place in words", { place: { words: "路口" } as Place }],
    ["an unknown category", { category: "unknown" }],
    ["a policy that joins nothing", { radiusM: 0 }],
  ])("%s has none, and nobody is asked", (_name, options) => {
    const { around, asked } = seen([stand("i-a", 0)], options)
    expect(around).toEqual({ candidates: [], cell: undefined, forgetBefore: "2026-03-23T12:00:00.000Z" })
    expect(asked).toBeUndefined()
  })

  test("how near is near waits for no fact", () => {
    const context = { ...contextOf(), book: { decide: () => ({ status: "pending" }) } } as unknown as Context
    const rule = lookAround(context, { place: here, acceptedAt, acceptedOn: dates.accepted }, "fire")
    expect(() => runRule(rule, () => undefined)).toThrow("L14: how near is near waits for no unknown fact")
  })

  test("an incident is put on the map where there is a cell and a coordinate, and taken off where it stands", () => {
    const around: Surroundings = { candidates: [], cell: "fire--c1", forgetBefore: at }
    const { lng, lat } = placeAt().coordinate
    expect(events(placed(i1, around, { place: here, acceptedAt: now }))).toEqual([
      [
        "place/fire--c1",
        { type: "IncidentPlaced", placed: { incident: "i-1", lng, lat, since: now }, forgetBefore: at },
      ],
    ])
    expect(placed(i1, { ...around, cell: undefined }, { place: here, acceptedAt: now })).toEqual([])
    expect(placed(i1, around, { place: { words: "路口" } as Place, acceptedAt: now })).toEqual([])
    expect(events(unplaced(i1, incident({ cell: "fire--c1" })))).toEqual([
      ["place/fire--c1", { type: "IncidentUnplaced", incident: "i-1" }],
    ])
    expect(unplaced(i1, incident())).toEqual([])
  })
})

const arrival = (change: Partial<Arrival> = {}): Arrival => ({
  member: report(5),
  class: "emergency",
  category: "fire",
  place: here,
  dates,
  ...change,
})
const bring = (
  state: LiveIncident | { status: "none" } | undefined,
  change: Partial<Arrival> = {},
  around: Partial<Surroundings> = {},
) =>
  runRule(
    bringToIncident(
      contextOf(),
      arrival(change),
      state === undefined ? undefined : i1,
      { candidates: [], cell: undefined, forgetBefore: at, ...around },
      "person",
    ),
    () => state,
  )
const owes = (id: string, change: object) => ({
  type: "ObligationOpened",
  opened: { id, kind: "handle", owner: "duty-desk", clock: "roundTheClock", status: "open", ...change },
})
const joins = [
  [stream, { type: "ReportJoined", member: report(5), how: "person" }],
  ["report/r-5", { type: "IncidentAssigned", incident: "i-1", how: "joined" }],
  ["report/r-5", { type: "FirstReportRefused", incident: "i-1", code: "already-reported" }],
]

describe("a report on its way to an incident", () => {
  test("F1 opens one of its own: it holds the claim, and handling is owed from its acceptance", () => {
    const outcome = bring(undefined, {}, { cell: "fire--c1" })
    const made = told(outcome)
    const opened = {
      type: "IncidentOpened",
      at: now,
      class: "emergency",
      category: "fire",
      place: here,
      cell: "fire--c1",
      opening: report(5),
      origin: "report",
    }
    expect(made.slice(0, 4)).toEqual([
      ["incident/i-new", opened],
      ["report/r-5", { type: "IncidentAssigned", incident: "i-new", how: "opened" }],
      ["incident/i-new", { type: "ClaimTaken", report: "r-5", how: "first" }],
      ["report/r-5", { type: "FirstReportHeld", incident: "i-new" }],
    ])
    expect(made[4]).toMatchObject([
      "incident/i-new",
      owes("i-new:handle", { since: minute(5), due: "2026-03-25T01:05:00.000Z" }),
    ])
    expect(made[5]).toMatchObject(["place/fire--c1", { type: "IncidentPlaced" }])
    expect(made).toHaveLength(6)
    expect(outcome).toMatchObject({ ok: true, claims: [{ kind: "take", key: "first/i-new", holder: "r-5" }] })
    const { cell: _, ...nowhere } = opened
    expect(told(bring(undefined))[0]).toEqual(["incident/i-new", nowhere])
  })

  test("L11 one on the negative list opens one too, and holds nothing", () => {
    const outcome = bring(undefined, { member: report(5, "negative-listed") })
    expect(told(outcome)[2]).toEqual([
      "report/r-5",
      { type: "FirstReportRefused", incident: "i-new", code: "not-valid" },
    ])
    expect(outcome).toMatchObject({ claims: [] })
  })

  test("does not join one that never was or was merged away; a full one it leaves alone", () => {
    const gone = refuse("no-such-incident", { incident: "i-1" })
    expect(bring({ status: "none" })).toEqual(gone)
    expect(bring(incident({ status: "merged" }))).toEqual(gone)
    const reports = (count: number) => Array.from({ length: count }, () => report(1))
    expect(told(bring(incident({ reports: reports(mostReports) })))[0]).toMatchObject([
      "incident/i-new",
      { type: "IncidentOpened" },
    ])
    expect(told(bring(incident({ reports: reports(mostReports - 1) })))[0]).toMatchObject([
      stream,
      { type: "ReportJoined" },
    ])
  })

  test.each<readonly [string, LiveIncident, Partial<Arrival>, readonly unknown[]]>([
    ["F3 the time that runs is the earlier one: nothing changes", incident(), {}, []],
    [
      "F3 the new report is due earlier: so is the whole",
      incident({ obligations: [owed({ due: "2026-03-30T01:00:00.000Z" })] }),
      {},
      [
        [
          stream,
          {
            type: "DueAdvanced",
            obligation: "i-1:handle",
            due: "2026-03-25T01:05:00.000Z",
            clock: "roundTheClock",
          },
        ],
      ],
    ],
    [
      "F1 its only report was withheld: handling is owed from now on",
      incident({ obligations: [] }),
      {},
      [[stream, owes("i-1:handle:joined-2", { since: minute(5), due: "2026-03-25T01:05:00.000Z" })]],
    ],
    ["F1 what is handled owes nothing again", incident({ status: "handled", obligations: [] }), {}, []],
    [
      "S3 an emergency makes an ordinary matter one: the owner's order is recalled",
      incident({
        class: "ordinary",
        status: "handed-over",
        route: owner("housing"),
        parts: [part("housing")],
        obligations: [
          owed({ owner: "housing", clock: "workingTime", due: "2026-03-30T01:00:00.000Z" }),
          owed({ id: "i-1:ack:housing", kind: "acknowledge", owner: "housing" }),
        ],
      }),
      {},
      [
        [stream, { type: "IncidentClassChanged", at: now, from: "ordinary", to: "emergency" }],
        [
          stream,
          {
            type: "ObligationCancelled",
            obligation: "i-1:ack:housing",
            kind: "acknowledge",
            at: now,
            reason: "class-changed",
          },
        ],
        [stream, { type: "ObligationReassigned", obligation: "i-1:handle", owner: "duty-desk" }],
        [
          stream,
          {
            type: "DueAdvanced",
            obligation: "i-1:handle",
            due: "2026-03-25T01:00:00.000Z",
            clock: "roundTheClock",
          },
        ],
      ],
    ],
    [
      "S3 an emergency about an open ordinary matter: what is owed is not owed twice",
      incident({ class: "ordinary", obligations: [owed({ due: "2026-03-24T02:00:00.000Z" })] }),
      {},
      [[stream, { type: "IncidentClassChanged", at: now, from: "ordinary", to: "emergency" }]],
    ],
    [
      "S3 an emergency about a withheld ordinary matter: handling is owed, as an emergency",
      incident({ class: "ordinary", obligations: [] }),
      {},
      [
        [stream, { type: "IncidentClassChanged", at: now, from: "ordinary", to: "emergency" }],
        [stream, owes("i-1:handle:joined-2", { since: minute(5) })],
      ],
    ],
    [
      "S3 an emergency about a handled ordinary matter joins it as it is",
      incident({ class: "ordinary", status: "handled", obligations: [] }),
      {},
      [],
    ],
    ["S3 an ordinary report changes no emergency", incident(), { class: "ordinary" }, []],
  ])("%s", (_name, state, change, more) => {
    const made = told(bring(state, change))
    expect(made.slice(0, 3)).toEqual(joins)
    expect(made.slice(3)).toMatchObject(more)
    expect(made).toHaveLength(3 + more.length)
  })
})

describe("S3 what a change of class does", () => {
  const changed = (from: string, to: string) => [stream, { type: "IncidentClassChanged", at: now, from, to }]
  const change = (state: LiveIncident, to: "ordinary" | "emergency") =>
    events(changeClass(contextOf(), i1, state, to, dates).events)
  const handed = incident({
    class: "ordinary",
    status: "handed-over",
    route: owner("housing"),
    parts: [part("housing")],
    obligations: [owed({ owner: "housing" })],
  })

  test("to the class that it has: nothing", () => {
    expect(change(incident(), "emergency")).toEqual([])
    expect(change(handed, "ordinary")).toEqual([])
  })
  test("calmed: the hand-over and the time stay as they are", () => {
    const state = incident({ status: "handed-over", route: channels("police"), parts: [part("police")] })
    expect(change(state, "ordinary")).toEqual([changed("emergency", "ordinary")])
    expect(change({ ...state, status: "handled" }, "ordinary")).toEqual([changed("emergency", "ordinary")])
  })
  test("an emergency: what is not owed is not given to anybody, what is due earlier stays", () => {
    expect(change({ ...handed, obligations: [] }, "emergency")).toEqual([changed("ordinary", "emergency")])
    expect(change(handed, "emergency")).toEqual([
      changed("ordinary", "emergency"),
      [stream, { type: "ObligationReassigned", obligation: "i-1:handle", owner: "duty-desk" }],
    ])
  })
  test("F1 an emergency about what was handled: it is reopened first, and owed as an emergency from now", () => {
    const made = change({ ...handed, status: "handled", obligations: [] }, "emergency")
    expect(made).toMatchObject([
      [stream, { type: "IncidentReopened", at: now, reason: "became an emergency" }],
      [stream, owes("i-1:handle:2", { since: now, due: addMinutes(now, 1440) })],
      changed("ordinary", "emergency"),
    ])
    expect(made).toHaveLength(3)
  })
  test("F1 reopened again: another promise, of its own number", () => {
    const made = events(reopened(contextOf(), i1, incident({ status: "handled", reopened: 1 }), "居民不满意"))
    expect(made).toMatchObject([
      [stream, { type: "IncidentReopened", at: now, reason: "居民不满意" }],
      [stream, owes("i-1:handle:3", { since: now })],
    ])
    expect(made).toHaveLength(2)
  })
})
