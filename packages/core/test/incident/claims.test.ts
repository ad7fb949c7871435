/** The claim to the first report: how it falls on joining and merging, and what two people may change. */

import { type CommandType, commands } from "@yingshao/core/commands"
import type { FirstClaim, LiveIncident } from "@yingshao/core/incident/incident"
import { type Arrived, claimOnJoining, mostReports, moveClaim } from "@yingshao/core/incident/join"
import { incidentId } from "@yingshao/core/kernel/ids"
import { refuse } from "@yingshao/core/kernel/refusal"
import { describe, expect, test } from "vitest"
import { staffedWorld, type World } from "../fixtures/world.ts"
import { at, channels, idOf, incident, minute, owed, part, put, report, told } from "./matters.ts"

const i1 = incidentId.parse("i-1")
const reason = "理由"
const held = (n: number): FirstClaim => ({ status: "held", report: idOf(n), how: "first" })
const settled = (n: number): FirstClaim => ({ status: "settled", report: idOf(n) })
const vacant: FirstClaim = { status: "vacant" }
const revoked: FirstClaim = { status: "revoked" }

const taken = (n: number, how: string, to = "i-1") => [
  [`incident/${to}`, { type: "ClaimTaken", report: `r-${n}`, how }],
  [`report/r-${n}`, { type: "FirstReportHeld", incident: to }],
]
const refused = (n: number, code: string, to = "i-1") => [
  [`report/r-${n}`, { type: "FirstReportRefused", incident: to, code }],
]
const release = (n: number, of = "i-1") => ({ kind: "release", key: `first/${of}`, holder: `r-${n}` })
const take = (n: number, of = "i-1") => ({ kind: "take", key: `first/${of}`, holder: `r-${n}` })

describe("how the claim falls when a report comes to be about an incident", () => {
  const review = (...reports: string[]) => [
    "incident/i-1",
    { type: "ClaimReviewOpened", at, reports, reason: "an earlier report was looked at after the award" },
  ]
  test.each<readonly [string, FirstClaim, ReturnType<typeof report>, readonly unknown[], readonly unknown[]]>(
    [
      [
        "L11 one on the negative list, even where nobody holds",
        vacant,
        report(1, "negative-listed"),
        refused(1, "not-valid"),
        [],
      ],
      ["L14 the first valid one", vacant, report(3), taken(3, "first"), [take(3)]],
      ["L17 one after a revocation", revoked, report(1), refused(1, "claim-revoked"), []],
      ["L15 a later one", held(2), report(3), refused(3, "already-reported"), []],
      [
        "L15 one of the same instant",
        held(2),
        { ...report(3), acceptedAt: minute(2) },
        refused(3, "already-reported"),
        [],
      ],
      [
        "L14 an earlier one takes it over",
        held(2),
        report(1),
        [...taken(1, "earlier"), ...refused(2, "already-reported")],
        [release(2), take(1)],
      ],
      ["L14 a later one after the award", settled(2), report(3), refused(3, "already-reported"), []],
      [
        "L14 an earlier one after the award",
        settled(2),
        report(1),
        [...refused(1, "already-reported"), review("r-2", "r-1")],
        [],
      ],
      ["one where the holder left", held(7), report(1), refused(1, "already-reported"), []],
    ],
  )("%s", (_name, claim, arriving, events, claims) => {
    const fallen: Omit<Arrived, "ok" | "orders"> = claimOnJoining(
      i1,
      { claim, reports: [report(2)] },
      arriving,
      at,
    )
    expect(told({ ok: true, ...fallen })).toEqual(events)
    expect(fallen.claims).toEqual(claims)
  })

  test("L15 the key passes on, is given back or is taken", () => {
    expect(moveClaim("i-1", "r-1", "r-2")).toEqual([release(1), take(2)])
    expect(moveClaim("i-1", "r-1", undefined)).toEqual([release(1)])
    expect(moveClaim("i-1", undefined, "r-2")).toEqual([take(2)])
    expect(moveClaim("i-1", undefined, undefined)).toEqual([])
  })
})

describe("who may give the commands, and what they take", () => {
  const merge = { from: "i-1", into: "i-2", reason }
  const split = { incident: "i-1", reports: ["r-2"], reason }
  const propose = { incident: "i-1", change: { kind: "revoke" }, reason }
  test.each<readonly [CommandType, readonly string[], object, string]>([
    ["MergeIncidents", ["duty-officer", "programme-admin"], merge, "incident/i-2"],
    ["SplitIncident", ["duty-officer", "programme-admin"], split, "incident/i-1"],
    ["ProposeClaimChange", ["verifier", "programme-admin"], propose, "incident/i-1"],
    ["ConfirmClaimChange", ["verifier", "programme-admin"], { incident: "i-1" }, "incident/i-1"],
  ])("Z1 %s", (type, roles, payload, queue) => {
    const definition = commands[type]
    expect(definition.type).toBe(type)
    expect(definition.roles).toEqual(roles)
    expect(definition.queue(definition.payload.parse(payload) as never)).toBe(queue)
    const fits = (change: object) => definition.payload.safeParse({ ...payload, ...change }).success
    expect(fits({ more: 1 })).toBe(false)
    expect(definition.payload.safeParse({}).success).toBe(false)
    if (!("reason" in payload)) return
    expect([
      fits({ reason: " " }),
      fits({ reason: "长".repeat(500) }),
      fits({ reason: "长".repeat(501) }),
    ]).toEqual([false, true, false])
    expect(definition.payload.parse({ ...payload, reason: ` ${reason} ` })).toMatchObject({ reason })
  })
  test.each([
    [0, false],
    [1, true],
    [50, true],
    [51, false],
  ])("S11 a split of %i", (count, fits) => {
    const reports = Array.from({ length: count }, (_, n) => `r-${n}`)
    expect(commands.SplitIncident.payload.safeParse({ ...split, reports }).success).toBe(fits)
  })
})

describe("L16 merging", () => {
  const other = (change: Partial<LiveIncident> = {}) =>
    incident({ reports: [report(3)], claim: held(3), obligations: [owed({ id: "i-2:handle" })], ...change })
  const merged = (from: LiveIncident, into: LiveIncident) => {
    const world = staffedWorld()
    put(world, "i-1", from)
    put(world, "i-2", into)
    return world.give("MergeIncidents", "duty", "duty-officer", { from: "i-1", into: "i-2", reason })
  }
  const left = (n: number) => [
    ["incident/i-1", { type: "ReportLeft", report: `r-${n}`, to: "i-2" }],
    [`report/r-${n}`, { type: "IncidentAssigned", incident: "i-2", how: "merged" }],
  ]
  const now = "2026-03-24T01:00:00.000Z"
  const end = ["incident/i-1", { type: "IncidentMerged", at: now, by: "duty", into: "i-2", reason }]
  const cancelled = [
    "incident/i-1",
    { type: "ObligationCancelled", obligation: "i-1:handle", kind: "handle", at: now, reason: "merged" },
  ]
  const joins = (n: number) => ["incident/i-2", { type: "ReportJoined", member: report(n), how: "merged" }]
  const review = (...reports: string[]) => [
    "incident/i-2",
    { type: "ClaimReviewOpened", at: now, reports, reason: "merged with an incident that was rewarded" },
  ]
  const one = (claim: FirstClaim, n = 1) => incident({ reports: [report(n)], claim })

  test("moves every report, ends what was owed, takes it off the map, all in one commit", () => {
    const from = incident({ cell: "fire--c1" })
    expect(told(merged(from, other()))).toEqual([
      ...left(1),
      ...left(2),
      joins(1),
      joins(2),
      cancelled,
      ...taken(1, "earlier", "i-2"),
      ...refused(3, "already-reported", "i-2"),
      end,
      ["place/fire--c1", { type: "IncidentUnplaced", incident: "i-1" }],
    ])
  })

  test.each<readonly [string, LiveIncident, LiveIncident, readonly unknown[], readonly unknown[]]>([
    ["nobody held the one", one(vacant), other(), [], []],
    [
      "the holder of the other is earlier",
      one(held(4), 4),
      other(),
      refused(4, "already-reported", "i-2"),
      [release(4)],
    ],
    [
      "the holder of the one is earlier",
      one(held(1)),
      other(),
      [...taken(1, "earlier", "i-2"), ...refused(3, "already-reported", "i-2")],
      [release(1), release(3, "i-2"), take(1, "i-2")],
    ],
    [
      "both at the same instant: the other's stays",
      incident({ reports: [{ ...report(4), acceptedAt: minute(3) }], claim: held(4) }),
      other(),
      refused(4, "already-reported", "i-2"),
      [release(4)],
    ],
    [
      "nobody held the other",
      one(held(4), 4),
      other({ claim: vacant }),
      taken(4, "first", "i-2"),
      [release(4), take(4, "i-2")],
    ],
    [
      "the other was revoked: nobody takes it",
      one(held(1)),
      other({ claim: revoked }),
      refused(1, "already-reported", "i-2"),
      [release(1)],
    ],
    [
      "the other was rewarded, although later",
      one(held(1)),
      other({ claim: settled(3) }),
      refused(1, "already-reported", "i-2"),
      [release(1)],
    ],
    [
      "the one was rewarded: it stays the holder, and people review it",
      one(settled(4), 4),
      other(),
      [
        review("r-3", "r-4"),
        ...taken(4, "named", "i-2"),
        ["incident/i-2", { type: "ClaimSettled", report: "r-4" }],
        ...refused(3, "already-reported", "i-2"),
      ],
      [release(4), release(3, "i-2"), take(4, "i-2")],
    ],
    [
      "the one was rewarded and nobody held the other",
      one(settled(4), 4),
      other({ claim: vacant }),
      [review("r-4"), ...taken(4, "named", "i-2"), ["incident/i-2", { type: "ClaimSettled", report: "r-4" }]],
      [release(4), take(4, "i-2")],
    ],
    [
      "both were rewarded: people review it, nothing is paid",
      one(settled(4), 4),
      other({ claim: settled(3) }),
      [review("r-3", "r-4")],
      [release(4)],
    ],
  ])("%s", (_name, from, into, events, claims) => {
    const outcome = merged(from, into)
    const moved = from.reports.length * 3 + 1
    expect(told(outcome).slice(moved, -1)).toEqual(events)
    expect(told(outcome).at(-1)).toEqual(end)
    expect(outcome.ok && outcome.claims).toEqual(claims)
  })

  const many = (count: number) =>
    Array.from({ length: count }, (_, n) => report(n % 60)).map(
      (one, n) => ({ ...one, report: `m-${n}` }) as never,
    )
  const handedOver = {
    status: "handed-over",
    route: channels("police"),
    parts: [part("police")],
  } as const
  test.each<readonly [string, LiveIncident, LiveIncident, object]>([
    [
      "an ordinary one and an emergency",
      incident(),
      other({ class: "ordinary" }),
      refuse("different-class", { incident: "i-1" }),
    ],
    ["one that was handed over", incident(handedOver), other(), refuse("in-progress", { incident: "i-1" })],
    [
      "an open one into a handled one",
      incident(),
      other({ status: "handled" }),
      refuse("in-progress", { incident: "i-1" }),
    ],
    [
      "more than 200 at once",
      incident({ reports: many(201), claim: vacant }),
      other(),
      refuse("too-many-reports", { limit: 200 }),
    ],
    [
      "more than 400 together",
      incident({ reports: many(200), claim: vacant }),
      other({ reports: many(201), claim: vacant }),
      refuse("too-many-reports", { limit: mostReports - 201 }),
    ],
    [
      "one merged away",
      incident({ status: "merged" }),
      other(),
      refuse("not-found", { what: "incident", id: "i-1" }),
    ],
    [
      "into one merged away",
      incident(),
      other({ status: "merged" }),
      refuse("not-found", { what: "incident", id: "i-2" }),
    ],
  ])("refuses %s", (_name, from, into, expected) => {
    expect(merged(from, into)).toEqual(expected)
  })

  test("refuses an incident with itself, and one that never was", () => {
    const world = staffedWorld()
    put(world, "i-1", incident())
    const merge = (from: string, into: string) =>
      world.give("MergeIncidents", "duty", "duty-officer", { from, into, reason })
    expect(merge("i-1", "i-1")).toEqual(refuse("same-incident", { incident: "i-1" }))
    expect(merge("i-1", "i-9")).toEqual(refuse("not-found", { what: "incident", id: "i-9" }))
    expect(merge("i-9", "i-1")).toEqual(refuse("not-found", { what: "incident", id: "i-9" }))
  })

  test("takes what fits: handled into handled, 200 at once, 400 together, into one that was handed over", () => {
    const accepted = { ok: true }
    expect(merged(incident({ status: "handled" }), other({ status: "handled" }))).toMatchObject(accepted)
    expect(merged(incident({ status: "handled" }), other())).toMatchObject(accepted)
    expect(merged(incident(), other(handedOver))).toMatchObject(accepted)
    expect(
      merged(incident({ reports: many(200), claim: vacant }), other({ reports: many(200), claim: vacant })),
    ).toMatchObject(accepted)
  })
})

describe("L16 splitting", () => {
  const three = incident({ reports: [report(1), report(2), report(3)], cell: "fire--c1" })
  const split = (state: LiveIncident, ...reports: readonly string[]) => {
    const world = staffedWorld()
    put(world, "i-1", state)
    world.now = minute(30)
    return world.give("SplitIncident", "duty", "duty-officer", { incident: "i-1", reports, reason })
  }

  test("opens another one with what leaves; its promise is as old as it was, and nobody holds its claim", () => {
    const outcome = split(three, "r-3", "r-2")
    const events = told(outcome) as readonly (readonly [string, Record<string, unknown>])[]
    const to = String(events[0]?.[1].to)
    expect(to).toMatch(/^i-/)
    expect(outcome).toMatchObject({ claims: [], notices: [], orders: [] })
    const assigned = { type: "IncidentAssigned", incident: to, how: "split" }
    expect(events.slice(0, -1)).toEqual([
      [
        "incident/i-1",
        { type: "IncidentSplit", at: minute(30), by: "duty", to, reports: ["r-2", "r-3"], reason },
      ],
      ["incident/i-1", { type: "ReportLeft", report: "r-2", to }],
      ["report/r-2", assigned],
      ["incident/i-1", { type: "ReportLeft", report: "r-3", to }],
      ["report/r-3", assigned],
      [
        `incident/${to}`,
        {
          type: "IncidentOpened",
          at: minute(30),
          class: "emergency",
          category: "fire",
          place: { words: "路口" },
          opening: report(2),
          origin: "split",
        },
      ],
      [`incident/${to}`, { type: "ReportJoined", member: report(3), how: "person" }],
    ])
    expect(events.at(-1)).toMatchObject([
      `incident/${to}`,
      {
        type: "ObligationOpened",
        opened: {
          id: `${to}:handle`,
          kind: "handle",
          owner: "duty-desk",
          clock: "roundTheClock",
          since: at,
          due: "2026-03-25T01:00:00.000Z",
        },
      },
    ])
  })

  test("what was handled already is owed from now", () => {
    const outcome = split(
      { ...three, status: "handled", obligations: [owed({ status: "met", endedAt: at })] },
      "r-2",
    )
    expect(told(outcome).at(-1)).toMatchObject([expect.any(String), { opened: { since: minute(30) } }])
  })

  test.each<readonly [string, LiveIncident, readonly string[], object]>([
    ["a report of another incident", three, ["r-2", "r-7"], refuse("not-about-this", { report: "r-2" })],
    ["all of them", three, ["r-1", "r-2", "r-3"], refuse("nothing-left", { incident: "i-1" })],
    ["the holder", three, ["r-2", "r-1"], refuse("holder-stays", { report: "r-1" })],
    [
      "the rewarded holder",
      { ...three, claim: settled(1) },
      ["r-1"],
      refuse("holder-stays", { report: "r-1" }),
    ],
    [
      "one merged away",
      { ...three, status: "merged" },
      ["r-2"],
      refuse("not-found", { what: "incident", id: "i-1" }),
    ],
  ])("refuses %s", (_name, state, reports, expected) => {
    expect(split(state, ...reports)).toEqual(expected)
  })

  test("a report named twice is one", () => {
    expect(split(three, "r-2", "r-2")).toMatchObject({ ok: true })
  })
})

describe("L17 what two people change", () => {
  const file = (verdict?: string) =>
    verdict === undefined ? { status: "none" } : { status: "verifying", verdict }
  const world = (state: LiveIncident, verdict?: string): World => {
    const made = staffedWorld()
    put(made, "i-1", state)
    for (const one of state.reports) {
      made.states.set(`report/${one.report}`, {
        status: "open",
        incident: "i-1",
        reporters: [{ person: `person-${one.report}` }],
      })
      made.states.set(`reward/${one.report}`, file(verdict))
    }
    return made
  }
  const revoke = { kind: "revoke" }
  const name = (n: number) => ({ kind: "name", report: `r-${n}` })
  const propose = (made: World, change: object, by = "verifier-county", role = "verifier") =>
    made.give("ProposeClaimChange", by, role as never, { incident: "i-1", change, reason })
  const confirm = (made: World, by = "admin2", role = "programme-admin") =>
    made.give("ConfirmClaimChange", by, role as never, { incident: "i-1" })

  test("revoked: the report is told, the key is free, both are on record", () => {
    for (const verdict of ["false", "unverifiable"]) {
      const made = world(incident(), verdict)
      expect(told(propose(made, revoke))).toEqual([
        ["incident/i-1", { type: "ClaimChangeProposed", at, by: "verifier-county", change: revoke, reason }],
      ])
      const done = confirm(made)
      expect(told(done)).toEqual([
        [
          "incident/i-1",
          { type: "ClaimRevoked", at, report: "r-1", by: ["verifier-county", "admin2"], reason },
        ],
        ...refused(1, "claim-revoked"),
      ])
      expect(done.ok && done.claims).toEqual([release(1)])
    }
  })

  test("named: the report holds the key", () => {
    const made = world(incident({ claim: revoked }))
    propose(made, name(2))
    const done = confirm(made)
    expect(told(done)).toEqual(taken(2, "named"))
    expect(done.ok && done.claims).toEqual([take(2)])
  })

  test.each<readonly [string, LiveIncident, string | undefined, object, object]>([
    [
      "revoking a settled one",
      incident({ claim: settled(1) }),
      "false",
      revoke,
      refuse("claim-settled", { report: "r-1" }),
    ],
    [
      "naming where one is settled",
      incident({ claim: settled(1) }),
      undefined,
      name(2),
      refuse("claim-settled", { report: "r-1" }),
    ],
    ["revoking what nobody holds", incident({ claim: vacant }), "false", revoke, refuse("no-holder")],
    ["revoking one that is true", incident(), "true", revoke, refuse("holder-not-false", { report: "r-1" })],
    [
      "revoking one that nobody verified",
      incident(),
      undefined,
      revoke,
      refuse("holder-not-false", { report: "r-1" }),
    ],
    ["naming while one holds", incident(), undefined, name(2), refuse("claim-not-vacant", { report: "r-1" })],
    [
      "naming a report of another incident",
      incident({ claim: revoked }),
      undefined,
      name(7),
      refuse("not-about-this", { report: "r-7" }),
    ],
    [
      "naming a false one",
      incident({ claim: revoked }),
      "false",
      name(2),
      refuse("report-not-valid", { report: "r-2" }),
    ],
    [
      "naming one on the negative list",
      incident({ claim: vacant, reports: [report(1, "negative-listed")] }),
      undefined,
      name(1),
      refuse("report-not-valid", { report: "r-1" }),
    ],
    [
      "changing one merged away",
      incident({ status: "merged" }),
      "false",
      revoke,
      refuse("not-found", { what: "incident", id: "i-1" }),
    ],
  ])("refuses %s", (_name, state, verdict, change, expected) => {
    expect(propose(world(state, verdict), change)).toEqual(expected)
  })

  test("S5 nobody has a part in the claim of their own report, and nobody is both", () => {
    const made = world(incident(), "false")
    made.states.set("report/r-1", {
      status: "open",
      incident: "i-1",
      reporters: [{ person: "verifier-county" }],
    })
    expect(propose(made, revoke)).toEqual(refuse("own-report", { report: "r-1" }))
    propose(made, revoke, "admin", "programme-admin")
    expect(confirm(made, "verifier-county", "verifier")).toEqual(refuse("own-report", { report: "r-1" }))
    expect(confirm(made, "admin")).toEqual(refuse("same-person", { other: "proposer" }))
    const free = world(incident({ claim: revoked }))
    free.states.set("report/r-2", {
      status: "open",
      incident: "i-1",
      reporters: [{ person: "verifier-county" }],
    })
    expect(propose(free, name(2))).toEqual(refuse("own-report", { report: "r-2" }))
    free.states.set("report/r-2", { status: "none" })
    expect(propose(free, name(2))).toMatchObject({ ok: true })
  })

  test("nothing is confirmed that was not proposed, or that has changed since", () => {
    const made = world(incident(), "false")
    expect(confirm(made)).toEqual(refuse("nothing-proposed", { incident: "i-1" }))
    propose(made, revoke)
    made.states.set("reward/r-1", file("true"))
    expect(confirm(made)).toEqual(refuse("holder-not-false", { report: "r-1" }))
    made.states.set("incident/i-1", { ...incident(), status: "merged" })
    expect(confirm(made)).toEqual(refuse("not-found", { what: "incident", id: "i-1" }))
  })
})
