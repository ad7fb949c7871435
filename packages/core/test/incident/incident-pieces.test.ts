/** What each event makes of an incident and of a cell of the map, where it is found, and what is counted. */
import {
  holderOf,
  type IncidentState,
  incidentDefinition,
  incidentEvent,
  incidentLifecycle,
  isSettled,
  type LiveIncident,
  leadUnit,
  routeUnits,
} from "@yingshao/core/incident/incident"
import { type PlaceCellState, placeCellDefinition, placeCellEvent } from "@yingshao/core/incident/place-cell"
import { describe, expect, test } from "vitest"
import { after, at, channels, idOf, incident, minute, owed, owner, part, report } from "./matters.ts"

const by = "duty"
const reason = "理由"
const opening = {
  type: "IncidentOpened",
  at,
  class: "emergency",
  category: "fire",
  place: { words: "路口" },
  opening: report(1),
  origin: "report",
}
const because = { policy: "a".repeat(64), rules: [] }
const leading = channels("police", "community", "opinion")
const handed = incident({
  status: "handed-over",
  route: leading,
  parts: [part("police"), part("community"), part("opinion")],
})
const ordinary = incident({
  class: "ordinary",
  status: "handed-over",
  route: owner("housing"),
  parts: [part("housing")],
  result: "先前",
})

describe("what an event makes of an incident", () => {
  test("S2 opening: nothing is claimed, handed over, counted or owed yet; out of a split nobody may claim", () => {
    const opened = {
      status: "open",
      openedAt: at,
      class: "emergency",
      category: "fire",
      place: { words: "路口" },
      reports: [report(1)],
      claim: { status: "vacant" },
      parts: [],
      returns: 0,
      residentsBenefited: 0,
      reopened: 0,
      obligations: [],
    }
    expect(after({ status: "none" }, opening)).toEqual(opened)
    expect(after({ status: "none" }, { ...opening, cell: "fire--c1" })).toEqual({
      ...opened,
      cell: "fire--c1",
    })
    expect(after({ status: "none" }, { ...opening, origin: "split" })).toEqual({
      ...opened,
      claim: { status: "revoked" },
    })
  })

  test("S2 nothing happens to an incident that was never opened", () => {
    const none: IncidentState = { status: "none" }
    expect(after(none, { type: "IncidentHandled", at })).toBe(none)
  })

  const proposal = { at, by, change: { kind: "revoke" }, reason }
  const proposed = incident({ pendingClaim: proposal as LiveIncident["pendingClaim"] })
  test.each<readonly [string, LiveIncident, object, object]>([
    [
      "a report that joins stands by its acceptance",
      incident({ reports: [report(1), report(5)] }),
      { type: "ReportJoined", member: report(3), how: "candidate" },
      { reports: [report(1), report(3), report(5)] },
    ],
    [
      "also before all others",
      incident({ reports: [report(4), report(5)] }),
      { type: "ReportJoined", member: report(3), how: "merged" },
      { reports: [report(3), report(4), report(5)] },
    ],
    [
      "one that leaves is gone",
      incident(),
      { type: "ReportLeft", report: "r-1", to: "i-2" },
      { reports: [report(2)] },
    ],
    [
      "L17 a claim taken ends what was proposed",
      proposed,
      { type: "ClaimTaken", report: "r-2", how: "named" },
      { claim: { status: "held", report: "r-2", how: "named" }, pendingClaim: undefined },
    ],
    [
      "a claim settled",
      incident(),
      { type: "ClaimSettled", report: "r-1" },
      { claim: { status: "settled", report: "r-1" } },
    ],
    [
      "L17 a change proposed",
      incident(),
      { type: "ClaimChangeProposed", ...proposal },
      { pendingClaim: proposal },
    ],
    [
      "L17 a claim revoked ends what was proposed",
      proposed,
      { type: "ClaimRevoked", at, report: "r-1", by: ["a", "b"], reason },
      { claim: { status: "revoked" }, pendingClaim: undefined },
    ],
    ["a review changes nothing", incident(), { type: "ClaimReviewOpened", at, reports: ["r-1"], reason }, {}],
    [
      "nor does a split by itself",
      incident(),
      { type: "IncidentSplit", at, by, to: "i-2", reports: ["r-2"], reason },
      {},
    ],
    [
      "F7 handed over: each unit has an order",
      incident(),
      { type: "IncidentHandedOver", at, by, route: leading, because },
      { status: "handed-over", route: leading, parts: handed.parts },
    ],
    [
      "F7 acknowledged by one, the others stay",
      handed,
      { type: "OrderAcknowledged", at, by, unit: "community" },
      { parts: [part("police"), part("community", "acknowledged"), part("opinion")] },
    ],
    [
      "F7 returned by one that does not lead",
      handed,
      { type: "OrderReturned", at, by, unit: "community", reason },
      {
        returns: 1,
        route: channels("police", "opinion"),
        parts: [part("police"), part("community", "returned"), part("opinion")],
      },
    ],
    [
      "F7 returned by the leader: the next one leads",
      handed,
      { type: "OrderReturned", at, by, unit: "police", reason },
      {
        returns: 1,
        route: channels("community", "opinion"),
        parts: [part("police", "returned"), part("community"), part("opinion")],
      },
    ],
    [
      "F7 returned by the last: nobody has it",
      incident({ status: "handed-over", route: channels("police"), parts: [part("police")], returns: 1 }),
      { type: "OrderReturned", at, by, unit: "police", reason },
      { status: "open", route: undefined, parts: [], returns: 2 },
    ],
    [
      "F7 returned by the owner: nobody has it",
      ordinary,
      { type: "OrderReturned", at, by, unit: "housing", reason },
      { status: "open", route: undefined, parts: [], returns: 1 },
    ],
    [
      "F7 another one leads, and who led before joins",
      handed,
      { type: "LeadPassed", at, by, to: "opinion", reason },
      { route: channels("opinion", "police", "community") },
    ],
    ["F7 one owner leads in any case", ordinary, { type: "LeadPassed", at, by, to: "opinion", reason }, {}],
    [
      "the leader's part: its words are told",
      handed,
      { type: "PartHandled", at, by, unit: "police", result: "已灭火", residentsBenefited: 7 },
      {
        parts: [part("police", "handled"), ...handed.parts.slice(1)],
        residentsBenefited: 7,
        result: "已灭火",
      },
    ],
    [
      "another's part: its words are not",
      { ...handed, residentsBenefited: 3, result: "先前" },
      { type: "PartHandled", at, by, unit: "opinion", result: "已答复", residentsBenefited: 1 },
      { parts: [...handed.parts.slice(0, 2), part("opinion", "handled")], residentsBenefited: 4 },
    ],
    [
      "the owner's part",
      ordinary,
      { type: "PartHandled", at, by, unit: "housing", result: "已修", residentsBenefited: 0 },
      { parts: [part("housing", "handled")], result: "已修" },
    ],
    [
      "F2 an owner replaced",
      ordinary,
      { type: "OwnerReplaced", from: "housing", to: "civil-affairs" },
      { route: owner("civil-affairs"), parts: [part("civil-affairs")] },
    ],
    [
      "F2 a part replaced, the route of channels stays",
      { ...handed, parts: [part("police"), part("housing")] },
      { type: "OwnerReplaced", from: "housing", to: "civil-affairs" },
      { parts: [part("police"), part("civil-affairs")] },
    ],
    [
      "handled",
      handed,
      { type: "IncidentHandled", at: minute(9) },
      { status: "handled", handledAt: minute(9) },
    ],
    [
      "reopened: handed over anew",
      { ...handed, status: "handled", reopened: 1 },
      { type: "IncidentReopened", at, reason },
      { status: "open", route: undefined, parts: [], reopened: 2 },
    ],
    [
      "S3 an emergency now: the ordinary hand-over is recalled",
      ordinary,
      { type: "IncidentClassChanged", at, from: "ordinary", to: "emergency" },
      { class: "emergency", status: "open", route: undefined, parts: [] },
    ],
    [
      "S3 calmed: the hand-over stays",
      handed,
      { type: "IncidentClassChanged", at, from: "emergency", to: "ordinary" },
      { class: "ordinary" },
    ],
    ["merged", handed, { type: "IncidentMerged", at, by, into: "i-2", reason }, { status: "merged" }],
    [
      "what it owes follows its own events",
      incident(),
      { type: "ObligationMet", obligation: "i-1:handle", kind: "handle", at, lateMinutes: 0 },
      { obligations: [owed({ status: "met", endedAt: at })] },
    ],
  ])("S2 %s", (_name, before, event, change) => {
    expect(after(before, event)).toEqual({ ...before, ...change })
  })
})

describe("the table of the lifecycle", () => {
  test("S2 which event may happen in which status, and where it leads", () => {
    const everywhere = (status: string) => ({
      ClaimTaken: status,
      ClaimSettled: status,
      ClaimChangeProposed: status,
      ClaimRevoked: status,
      ClaimReviewOpened: status,
      ReportJoined: status,
      ReportLeft: status,
      IncidentSplit: status,
    })
    expect(incidentLifecycle).toEqual({
      none: { IncidentOpened: "open" },
      open: {
        ...everywhere("open"),
        IncidentHandedOver: "handed-over",
        IncidentClassChanged: "open",
        IncidentMerged: "merged",
      },
      "handed-over": {
        ...everywhere("handed-over"),
        OrderAcknowledged: "handed-over",
        OrderReturned: ["handed-over", "open"],
        LeadPassed: "handed-over",
        PartHandled: "handed-over",
        OwnerReplaced: "handed-over",
        IncidentHandled: "handled",
        IncidentClassChanged: ["handed-over", "open"],
        IncidentMerged: "merged",
      },
      handled: {
        ...everywhere("handled"),
        IncidentReopened: "open",
        IncidentClassChanged: "handled",
        IncidentMerged: "merged",
      },
      merged: { ReportLeft: "merged", ClaimReviewOpened: "merged" },
    })
  })
})

describe("finding and counting", () => {
  test("an incident is found by its status and by what it owes; before it was opened, not at all", () => {
    const { indexes } = incidentDefinition
    expect(indexes({ status: "none" }, "i-1")).toEqual([])
    expect(indexes(incident({ obligations: [] }), "i-1")).toEqual([
      { index: "incidents/status", equals: "open", range: `${at}/i-1` },
    ])
    expect(indexes(incident(), "i-1").length).toBeGreaterThan(1)
  })

  describe("what a unit received stands under the unit, until it owes something by a time of its own", () => {
    const units = ["police", "petition", "opinion", "complaint", "community"] as const
    const next = { at: minute(9), to: "duty-officer" }
    const proposal = { at, by, change: { kind: "revoke" }, reason } as LiveIncident["pendingClaim"]
    const received = (count: number) =>
      incident({
        status: "handed-over",
        route: channels(...units),
        parts: units.map((unit, n) => part(unit, n < count ? "acknowledged" : "ordered")),
        pendingClaim: proposal,
        obligations: [
          owed({ owner: "police", next }),
          ...units
            .slice(count)
            .map((unit) => owed({ id: `ack:${unit}`, kind: "acknowledge", owner: unit, next })),
        ],
      })
    const indexesOf = (state: LiveIncident) => incidentDefinition.indexes(state, "i-1")
    const under = (state: LiveIncident) =>
      indexesOf(state).flatMap(({ index, equals }) => (index === "orders/received" ? [equals] : []))

    test("the leading one owes the handling, the silent ones an answer", () => {
      expect(under(received(0))).toEqual([])
      expect(under(received(3))).toEqual(["petition", "opinion"])
      expect(under(received(5))).toEqual(units.slice(1))
      expect(under({ ...received(5), status: "open" })).toEqual([])
      expect(under({ ...received(5), parts: [part("petition", "returned")] })).toEqual([])
    })

    test("five channels in whatever state stay within the 16 entries of a document", () => {
      for (let count = 0; count <= 5; count += 1)
        expect(indexesOf(received(count)).length).toBeLessThanOrEqual(16)
    })

    test("a change of the claim that waits for a second person is found until the incident is merged", () => {
      const entry = { index: "incidents/claim", equals: "proposed", range: at }
      expect(indexesOf(received(0))).toContainEqual(entry)
      expect(indexesOf({ ...received(0), status: "merged" })).not.toContainEqual(entry)
    })
  })

  test.each<readonly [object, readonly object[]]>([
    [opening, [{ key: "incidents/opened", by: 1 }]],
    [{ type: "IncidentMerged", at, by, into: "i-2", reason }, [{ key: "incidents/merged", by: 1 }]],
    [{ type: "OrderReturned", at, by, unit: "police", reason }, [{ key: "orders/returned", by: 1 }]],
    [{ type: "ClaimTaken", report: "r-1", how: "first" }, [{ key: "first-reports", by: 1 }]],
    [{ type: "ClaimTaken", report: "r-1", how: "earlier" }, []],
    [{ type: "ReportJoined", member: report(1), how: "candidate" }, [{ key: "reports/joined", by: 1 }]],
    [{ type: "ReportJoined", member: report(1), how: "person" }, []],
    [
      { type: "PartHandled", at, by, unit: "police", result: "已处置", residentsBenefited: 5 },
      [{ key: "residents/benefited", by: 5 }],
    ],
    [{ type: "PartHandled", at, by, unit: "police", result: "已处置", residentsBenefited: 0 }, []],
    [{ type: "IncidentHandled", at }, []],
  ])("%j counts", (event, expected) => {
    expect(incidentDefinition.tallies(incidentEvent.parse(event))).toEqual(expected)
  })

  test("what it owes is counted as obligations are", () => {
    const opened = incidentEvent.parse({ type: "ObligationOpened", opened: owed() })
    expect(incidentDefinition.tallies(opened).length).toBeGreaterThan(0)
  })

  test("who leads, who has an order, who holds the claim", () => {
    expect([leadUnit(leading), routeUnits(leading)]).toEqual(["police", ["police", "community", "opinion"]])
    expect([leadUnit(owner("housing")), routeUnits(owner("housing"))]).toEqual(["housing", ["housing"]])
    const of = (claim: LiveIncident["claim"]) => [holderOf(claim), isSettled(claim)]
    expect(of({ status: "held", report: idOf(1), how: "first" })).toEqual(["r-1", false])
    expect(of({ status: "settled", report: idOf(1) })).toEqual(["r-1", true])
    expect(of({ status: "vacant" })).toEqual([undefined, false])
    expect(of({ status: "revoked" })).toEqual([undefined, false])
  })
})

describe("S11 every field of an incident's events has its limits", () => {
  const long = (n: number) => "长".repeat(n)
  const reports = (n: number) => Array.from({ length: n }, (_, at) => `r-${at}`)
  const proposal = { type: "ClaimChangeProposed", at, by, change: { kind: "revoke" }, reason }
  const revoked = { type: "ClaimRevoked", at, report: "r-1", by: ["a", "b"], reason }
  const review = { type: "ClaimReviewOpened", at, reports: ["r-1"], reason }
  const handedOver = { type: "IncidentHandedOver", at, by, route: leading, because }
  const handled = { type: "PartHandled", at, by, unit: "police", result: "好", residentsBenefited: 0 }
  const split = { type: "IncidentSplit", at, by, to: "i-2", reports: ["r-2"], reason }
  const whole: readonly object[] = [
    opening,
    { type: "ReportJoined", member: report(1), how: "person" },
    { type: "ReportLeft", report: "r-1", to: "i-2" },
    { type: "ClaimTaken", report: "r-1", how: "earlier" },
    { type: "ClaimSettled", report: "r-1" },
    proposal,
    revoked,
    review,
    handedOver,
    { type: "OrderAcknowledged", at, by, unit: "police" },
    { type: "OrderReturned", at, by, unit: "police", reason },
    { type: "LeadPassed", at, by, to: "police", reason },
    handled,
    { type: "IncidentHandled", at },
    { type: "OwnerReplaced", from: "housing", to: "civil-affairs" },
    { type: "IncidentReopened", at, reason },
    { type: "IncidentClassChanged", at, from: "ordinary", to: "emergency" },
    { type: "IncidentMerged", at, by, into: "i-2", reason },
    split,
  ]
  test("each event as it should be is taken whole, with one field more it is not, with one less neither", () => {
    for (const event of whole) {
      expect(incidentEvent.parse(event)).toEqual(event)
      expect(incidentEvent.safeParse({ ...event, more: 1 }).success).toBe(false)
      for (const field of Object.keys(event)) {
        const { [field]: _, ...less } = event as Record<string, unknown>
        expect(incidentEvent.safeParse(less).success, `${JSON.stringify(event)} without ${field}`).toBe(false)
      }
    }
  })

  test.each<readonly [string, object, boolean]>([
    ["an empty category", { ...opening, category: "" }, false],
    ["a category of 64", { ...opening, category: "c".repeat(64) }, true],
    ["a category of 65", { ...opening, category: "c".repeat(65) }, false],
    ["a cell of 64", { ...opening, cell: "c".repeat(64) }, true],
    ["a cell of 65", { ...opening, cell: "c".repeat(65) }, false],
    ["an origin of its own", { ...opening, origin: "" }, false],
    ["a way of joining of its own", { type: "ReportJoined", member: report(1), how: "" }, false],
    ["a negative-listed report", { ...opening, opening: report(1, "negative-listed") }, true],
    ["a report of another kind", { ...opening, opening: { ...report(1), eligible: "" } }, false],
    ["a report with more", { ...opening, opening: { ...report(1), more: 1 } }, false],
    ["a way of claiming of its own", { type: "ClaimTaken", report: "r-1", how: "" }, false],
    ["no reason", { ...proposal, reason: "" }, false],
    ["a reason of 500", { ...proposal, reason: long(500) }, true],
    ["a reason of 501", { ...proposal, reason: long(501) }, false],
    ["a claim named", { ...proposal, change: { kind: "name", report: "r-1" } }, true],
    ["a claim named for nobody", { ...proposal, change: { kind: "name" } }, false],
    ["a revocation with more", { ...proposal, change: { kind: "revoke", report: "r-1" } }, false],
    ["a revocation by one", { ...revoked, by: ["a"] }, false],
    ["a revocation by three", { ...revoked, by: ["a", "b", "c"] }, false],
    ["a review of nothing", { ...review, reports: [] }, false],
    ["a review of 20", { ...review, reports: reports(20) }, true],
    ["a review of 21", { ...review, reports: reports(21) }, false],
    ["a hand-over with a reason", { ...handedOver, reason }, true],
    [
      "a route to all five",
      { ...handedOver, route: channels("police", "petition", "opinion", "complaint", "community") },
      true,
    ],
    [
      "a route to six",
      { ...handedOver, route: channels("police", "petition", "opinion", "complaint", "community", "police") },
      false,
    ],
    ["a route to one owner", { ...handedOver, route: owner("housing") }, true],
    ["a route to nobody", { ...handedOver, route: { kind: "ordinary" } }, false],
    ["a route of channels without more", { ...handedOver, route: { kind: "emergency" } }, false],
    ["a route with more", { ...handedOver, route: { ...owner("housing"), more: 1 } }, false],
    ["no words", { ...handled, result: "" }, false],
    ["1,000 words", { ...handled, result: long(1000) }, true],
    ["1,001 words", { ...handled, result: long(1001) }, false],
    ["a million residents", { ...handled, residentsBenefited: 1_000_000 }, true],
    ["one more", { ...handled, residentsBenefited: 1_000_001 }, false],
    ["less than nobody", { ...handled, residentsBenefited: -1 }, false],
    ["a split of nothing", { ...split, reports: [] }, false],
    ["a split of 50", { ...split, reports: reports(50) }, true],
    ["a split of 51", { ...split, reports: reports(51) }, false],
  ])("%s", (_name, event, fits) => {
    expect(incidentEvent.safeParse(event).success).toBe(fits)
  })
})

describe("a cell of the map", () => {
  const stands = (id: string, n: number) =>
    ({ incident: id, lng: 106.6, lat: 26.1, since: minute(n) }) as PlaceCellState["incidents"][number]
  const put = (state: PlaceCellState, id: string, n: number, forget: number) =>
    placeCellDefinition.evolve(
      state,
      placeCellEvent.parse({ type: "IncidentPlaced", placed: stands(id, n), forgetBefore: minute(forget) }),
    )
  const two: PlaceCellState = { incidents: [stands("i-1", 1), stands("i-2", 2)] }

  test("L15 forgets what stood before every window, not what stood at its beginning", () => {
    expect(put(two, "i-3", 9, 1)).toEqual({ incidents: [...two.incidents, stands("i-3", 9)] })
    expect(put(two, "i-3", 9, 2)).toEqual({ incidents: [stands("i-2", 2), stands("i-3", 9)] })
  })
  test("one that was merged away stands there no more", () => {
    const event = placeCellEvent.parse({ type: "IncidentUnplaced", incident: "i-1" })
    expect(placeCellDefinition.evolve(two, event)).toEqual({ incidents: [stands("i-2", 2)] })
  })
  test("keeps the newest 1,000", () => {
    const full = { incidents: Array.from({ length: 1_000 }, (_, n) => stands(`o-${n}`, 5)) }
    const after = put(full, "i-3", 9, 1).incidents
    expect([after.length, after.at(0)?.incident, after.at(-1)?.incident]).toEqual([1_000, "o-1", "i-3"])
  })
  test("S11 has no index, counts nothing, and takes no more fields", () => {
    expect([placeCellDefinition.indexes(), placeCellDefinition.tallies()]).toEqual([[], []])
    const placed = { type: "IncidentPlaced", placed: stands("i-1", 1), forgetBefore: at }
    expect(placeCellDefinition.initial).toEqual({ incidents: [] })
    const fits = (event: object) => placeCellEvent.safeParse(event).success
    expect(fits(placed)).toBe(true)
    for (const wrong of [
      { ...placed, more: 1 },
      { ...placed, placed: { ...placed.placed, more: 1 } },
      { ...placed, placed: {} },
      { type: "IncidentPlaced" },
      { type: "IncidentUnplaced" },
      { type: "IncidentUnplaced", incident: "i-1", more: 1 },
    ]) {
      expect(fits(wrong), JSON.stringify(wrong)).toBe(false)
    }
  })
})
