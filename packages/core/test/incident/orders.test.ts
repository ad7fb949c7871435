/** Handing over, and what a unit does with its order: exact outcomes, and what is refused. */
import { type CommandType, commands } from "@yingshao/core/commands"
import { proposed } from "@yingshao/core/incident/hand-over"
import { type IncidentEvent, incidentDefinition, type LiveIncident } from "@yingshao/core/incident/incident"
import { refuse } from "@yingshao/core/kernel/refusal"
import type { Context, Outcome } from "@yingshao/core/kernel/rule"
import { describe, expect, test } from "vitest"
import { staffedWorld, type World } from "../fixtures/world.ts"
import { at, channels, incident, minute, owed, owner, part, put, told } from "./matters.ts"

const reason = "理由"
const i1 = "incident/i-1"
const ack = (unit: string, change: object = {}) =>
  owed({
    id: `i-1:ack:${unit}`,
    kind: "acknowledge",
    owner: unit,
    due: minute(15),
    originalDue: minute(15),
    ...change,
  })
const given = (state: LiveIncident): World => {
  const world = staffedWorld()
  put(world, "i-1", state)
  return world
}
const handed = incident({
  status: "handed-over",
  route: channels("police", "community"),
  parts: [part("police"), part("community")],
  obligations: [owed({ owner: "police" }), ack("police"), ack("community")],
})
const ordinary = incident({
  class: "ordinary",
  category: "facility",
  status: "handed-over",
  route: owner("housing"),
  parts: [part("housing")],
  obligations: [owed({ owner: "housing" }), ack("housing")],
})
const met = (obligation: string, kind: string) => [
  i1,
  { type: "ObligationMet", obligation, kind, at, lateMinutes: 0 },
]
const cancelled = (unit: string) => [
  i1,
  { type: "ObligationCancelled", obligation: `i-1:ack:${unit}`, kind: "acknowledge", at, reason: "returned" },
]
const reassigned = (unit: string) => [
  i1,
  { type: "ObligationReassigned", obligation: "i-1:handle", owner: unit },
]
const notFound = refuse("not-found", { what: "incident", id: "i-1" })

describe("who may give the commands, and what they take", () => {
  const mine = { incident: "i-1", unit: "police" }
  test.each<readonly [CommandType, readonly string[], object]>([
    ["HandOver", ["duty-officer", "programme-admin"], { incident: "i-1" }],
    ["AcknowledgeOrder", ["department-officer", "partner"], mine],
    ["ReturnOrder", ["department-officer", "partner"], { ...mine, reason }],
    ["PassLead", ["duty-officer", "programme-admin"], { incident: "i-1", to: "police", reason }],
    ["RecordHandled", ["department-officer", "partner"], { ...mine, result: "好" }],
  ])("Z1 %s", (type, roles, payload) => {
    const definition = commands[type]
    expect(definition.type).toBe(type)
    expect(definition.roles).toEqual(roles)
    expect(definition.queue(definition.payload.parse(payload) as never)).toBe(i1)
    const fits = (given: object) => definition.payload.safeParse(given).success
    expect(fits({ ...payload, more: 1 })).toBe(false)
    for (const field of Object.keys(payload)) {
      const { [field]: _, ...less } = payload as Record<string, unknown>
      expect(fits(less), field).toBe(false)
    }
  })

  const handled = { ...mine, result: "好" }
  const long = (n: number) => "长".repeat(n)
  test.each<readonly [CommandType, object, boolean]>([
    ["HandOver", { incident: "i-1", reason: " " }, false],
    ["HandOver", { incident: "i-1", reason: long(500) }, true],
    ["HandOver", { incident: "i-1", reason: long(501) }, false],
    ["ReturnOrder", { ...mine, reason: " " }, false],
    ["ReturnOrder", { ...mine, reason: long(500) }, true],
    ["ReturnOrder", { ...mine, reason: long(501) }, false],
    ["RecordHandled", { ...handled, result: " " }, false],
    ["RecordHandled", { ...handled, result: long(1000) }, true],
    ["RecordHandled", { ...handled, result: long(1001) }, false],
    ["RecordHandled", { ...handled, residentsBenefited: -1 }, false],
    ["RecordHandled", { ...handled, residentsBenefited: 1_000_000 }, true],
    ["RecordHandled", { ...handled, residentsBenefited: 1_000_001 }, false],
  ])("S11 %s %j", (type, payload, fits) => {
    expect(commands[type].payload.safeParse(payload).success).toBe(fits)
  })
})

describe("handing over", () => {
  const hand = (world: World, more: object = {}) =>
    world.give("HandOver", "duty", "duty-officer", { incident: "i-1", ...more })
  const because = (world: World, rule: string) => ({
    policy: world.book.policyOn(world.book.dateOf(at)).digest,
    rules: [{ table: "派发", rule, clause: "派发 (fixed policy)" }],
  })
  const opened = (unit: string, id: string, due: string) => [
    i1,
    {
      type: "ObligationOpened",
      opened: {
        id,
        kind: "acknowledge",
        owner: unit,
        since: at,
        due,
        originalDue: due,
        status: "open",
        extensions: 0,
        escalation: 0,
      },
    },
  ]
  /** The orders of an outcome: each unit has one of its own. */
  const placed = (outcome: Outcome) =>
    outcome.ok ? outcome.orders.map(({ id, to }) => ({ unit: to, order: id })) : []
  const begun = (outcome: Outcome) =>
    placed(outcome).map(({ unit, order }) => [
      `order/${order}`,
      { type: "OrderPlaced", at, incident: "i-1", unit },
    ])
  const order = (unit: string, role: string, change: object = {}) => ({
    id: expect.stringMatching(/^o-/),
    type: "assigned",
    incident: "i-1",
    to: unit,
    orderingKey: `incident/i-1/${unit}`,
    answerBy: minute(15),
    closeBy: owed().due,
    data: {
      class: "emergency",
      category: "fire",
      categoryName: "火情",
      part: role,
      place: "路口",
      reports: 2,
    },
    ...change,
  })

  test("F7 an emergency: the channels of the policy, exactly one leading, each owing an acknowledgement", () => {
    const world = given(incident())
    const outcome = hand(world)
    const [first, ...rest] = told(outcome)
    expect(first).toEqual([
      i1,
      {
        type: "IncidentHandedOver",
        at,
        by: "duty",
        route: channels("police", "community"),
        because: because(world, "派4"),
        orders: placed(outcome),
      },
    ])
    expect(rest).toMatchObject([
      reassigned("police"),
      opened("police", "i-1:ack:police:0.0.emergency", minute(15)),
      opened("community", "i-1:ack:community:0.0.emergency", minute(15)),
      ...begun(outcome),
    ])
    expect(rest).toHaveLength(5)
    expect(outcome).toMatchObject({ claims: [], notices: [] })
    expect(outcome.ok && outcome.orders).toEqual([order("police", "lead"), order("community", "joint")])
  })

  test("F2 an ordinary matter: one owner; after a return or a reopening it is an order anew", () => {
    for (const [change, id] of [
      [{ returns: 1 }, "1.0"],
      [{ reopened: 1 }, "0.1"],
    ] as const) {
      const world = given(
        incident({ class: "ordinary", category: "facility", place: {} as LiveIncident["place"], ...change }),
      )
      const outcome = hand(world)
      expect(told(outcome)[0]).toEqual([
        i1,
        {
          type: "IncidentHandedOver",
          at,
          by: "duty",
          route: owner("housing"),
          because: because(world, "派1"),
          orders: placed(outcome),
        },
      ])
      expect(told(outcome).slice(-1)).toEqual(begun(outcome))
      expect(told(outcome).at(-2)).toMatchObject([i1, { opened: { id: `i-1:ack:housing:${id}.ordinary` } }])
      const data = { class: "ordinary", category: "facility", part: "lead", reports: 2 }
      expect(outcome.ok && outcome.orders).toMatchObject([
        { type: "reassigned", to: "housing", closeBy: owed().due, data },
      ])
    }
  })

  test("a person may route otherwise with a reason; the proposal stays on record", () => {
    const world = given(incident())
    const other = channels("community", "police")
    expect(hand(world, { route: other })).toEqual(refuse("reason-needed", { incident: "i-1" }))
    const outcome = hand(world, { route: other, reason })
    expect(told(outcome)[0]).toEqual([
      i1,
      {
        type: "IncidentHandedOver",
        at,
        by: "duty",
        route: other,
        because: because(world, "派4"),
        reason,
        orders: placed(outcome),
      },
    ])
    expect(told(outcome)[1]).toEqual(reassigned("community"))
    expect(outcome.ok && outcome.orders.map(({ data }) => data.part)).toEqual(["lead", "joint"])
    expect(hand(given(incident()), { route: channels("police", "community") })).toMatchObject({ ok: true })
  })

  test("an order says where to go, as far as it is known", () => {
    const placed = (place: object) => {
      const outcome = hand(given(incident({ place: place as LiveIncident["place"] })))
      const { place: text, lng, lat, accuracyM } = (outcome.ok && outcome.orders[0]?.data) || {}
      return { text, lng, lat, accuracyM }
    }
    const coordinate = { lng: 106.6571, lat: 26.1342, crs: "wgs84", accuracyM: 12 }
    expect(placed({ coordinate })).toEqual({ text: undefined, lng: 106.6571, lat: 26.1342, accuracyM: 12 })
    expect(placed({ words: "路口" })).toEqual({ text: "路口" })
  })

  test("whoever owes it already is not given it again", () => {
    const outcome = hand(given(incident({ obligations: [owed({ owner: "police" })] })))
    expect(told(outcome)).toHaveLength(5)
  })

  test.each<readonly [string, LiveIncident | undefined, object, object]>([
    ["one that never was", undefined, {}, notFound],
    ["one that was handed over", handed, {}, refuse("not-open", { incident: "i-1", status: "handed-over" })],
    [
      "one merged away",
      incident({ status: "merged" }),
      {},
      refuse("not-open", { incident: "i-1", status: "merged" }),
    ],
    ["one that was withheld", incident({ obligations: [] }), {}, refuse("withheld", { incident: "i-1" })],
    [
      "an owner for an emergency",
      incident(),
      { route: owner("housing"), reason },
      refuse("route-of-other-class", { class: "emergency" }),
    ],
    [
      "one unit twice",
      incident(),
      { route: channels("police", "police"), reason },
      refuse("lead-twice", { unit: "police" }),
    ],
    [
      "a unit that is not there",
      incident({ class: "ordinary", category: "facility" }),
      { route: owner("nobody"), reason },
      refuse("no-such-unit", { unit: "nobody" }),
    ],
  ])("refuses %s", (_name, state, more, expected) => {
    const world = staffedWorld()
    if (state !== undefined) put(world, "i-1", state)
    expect(hand(world, more)).toEqual(expected)
  })

  test("refuses a unit that is closing", () => {
    const world = given(incident())
    const programme = world.state("programme", "programme")
    const units = programme.units.map((unit) =>
      unit.id === "community" ? { ...unit, status: "closing" } : unit,
    )
    world.states.set("programme/programme", { ...programme, units })
    expect(hand(world)).toEqual(refuse("no-such-unit", { unit: "community" }))
  })

  test("F2 a routing that waits for facts, or leads nobody, is a broken promise of the policy's check", () => {
    const asked = (outcome: object) =>
      proposed({ book: { decide: () => outcome } } as unknown as Context, incident(), {} as never)
    expect(() => asked({ status: "pending" })).toThrow(
      "F2: routing of a settled class waits for no unknown fact",
    )
    expect(() => asked({ status: "decided", conclusions: { lead: "none" } })).toThrow(
      "F2: an emergency has a leading channel",
    )
  })
})

describe("photos of what was done", () => {
  const photos = ["a".repeat(64), "b".repeat(64)]
  const done = (state: LiveIncident, unit: string, pictures: readonly string[]) =>
    given(state).give("RecordHandled", `officer-${unit}`, "department-officer", {
      incident: "i-1",
      unit,
      result: "已处置",
      photos: pictures,
    })
  test("stand with the result, and are left out where there are none", () => {
    const told = done(ordinary, "housing", photos)
    const event = told.ok ? told.events[0]?.event : undefined
    expect(event).toMatchObject({ type: "PartHandled", photos })
    const handledState = incidentDefinition.evolve(ordinary, event as IncidentEvent)
    expect(handledState).toMatchObject({ resultPhotos: photos })
    const none = done(ordinary, "housing", [])
    expect(none.ok && none.events[0]?.event).not.toHaveProperty("photos")
  })
})

describe("a unit and its order", () => {
  const give = (type: CommandType, unit: string, state: LiveIncident, more: object = {}) =>
    given(state).give(type, `officer-${unit}`, "department-officer", { incident: "i-1", unit, ...more })
  const acknowledge = (unit: string, state = handed) => give("AcknowledgeOrder", unit, state)
  const returns = (unit: string, state = handed) => give("ReturnOrder", unit, state, { reason })
  const done = (unit: string, state = handed, more: object = {}) =>
    give("RecordHandled", unit, state, { result: "已处置", ...more })
  const returned = (unit: string) => [i1, { type: "OrderReturned", at, by: `officer-${unit}`, unit, reason }]
  const handledPart = (unit: string, residentsBenefited = 0) => [
    i1,
    { type: "PartHandled", at, by: `officer-${unit}`, unit, result: "已处置", residentsBenefited },
  ]
  const allHandled = [[i1, { type: "IncidentHandled", at }], met("i-1:handle", "handle")]
  const acknowledged = [i1, { type: "OrderAcknowledged", at, by: "officer-police", unit: "police" }]
  const parts = (police: string, community: string) => [part("police", police), part("community", community)]

  test.each<readonly [string, () => { readonly ok: boolean }, readonly unknown[]]>([
    ["acknowledges", () => acknowledge("police"), [acknowledged, met("i-1:ack:police", "acknowledge")]],
    [
      "acknowledges what is not owed any more",
      () => acknowledge("police", { ...handed, obligations: [owed(), ack("community")] }),
      [acknowledged],
    ],
    [
      "that leads returns it: the next one leads",
      () => returns("police"),
      [returned("police"), cancelled("police"), reassigned("community")],
    ],
    [
      "that joins returns it: the leader has it still",
      () => returns("community"),
      [returned("community"), cancelled("community")],
    ],
    [
      "returns what it has acknowledged",
      () => returns("police", { ...handed, obligations: [owed({ owner: "police" })] }),
      [returned("police"), reassigned("community")],
    ],
    [
      "that owns it returns it: the desk has it",
      () => returns("housing", ordinary),
      [returned("housing"), cancelled("housing"), reassigned("duty-desk")],
    ],
    [
      "returns it when all others have handled theirs: all is handled",
      () => returns("police", { ...handed, parts: parts("ordered", "handled") }),
      [returned("police"), cancelled("police"), ...allHandled],
    ],
    [
      "returns it when one has handled theirs and another has not",
      () =>
        returns("police", {
          ...handed,
          route: channels("police", "community", "opinion"),
          parts: [...parts("ordered", "handled"), part("opinion")],
        }),
      [returned("police"), cancelled("police"), reassigned("community")],
    ],
    [
      "returns it when one has handled theirs and another has returned theirs: all is handled",
      () =>
        returns("police", {
          ...handed,
          parts: [...parts("ordered", "handled"), part("opinion", "returned")],
        }),
      [returned("police"), cancelled("police"), ...allHandled],
    ],
    [
      "returns it as the last, the others having returned theirs",
      () => returns("police", { ...handed, route: channels("police"), parts: parts("ordered", "returned") }),
      [returned("police"), cancelled("police"), reassigned("duty-desk")],
    ],
    [
      "returns it when all others have handled theirs and nothing is owed",
      () => returns("police", { ...handed, parts: parts("ordered", "handled"), obligations: [] }),
      [returned("police"), [i1, { type: "IncidentHandled", at }]],
    ],
    [
      "handles its part: another one is left",
      () => done("police", handed, { residentsBenefited: 4 }),
      [handledPart("police", 4), met("i-1:ack:police", "acknowledge")],
    ],
    [
      "handles the last part: all is handled",
      () => done("community", { ...handed, parts: parts("handled", "acknowledged") }),
      [handledPart("community"), met("i-1:ack:community", "acknowledge"), ...allHandled],
    ],
    [
      "handles the only part that was not returned",
      () =>
        done("police", {
          ...handed,
          parts: parts("acknowledged", "returned"),
          obligations: [owed({ owner: "police" })],
        }),
      [handledPart("police"), ...allHandled],
    ],
    [
      "handles it when handling is not owed",
      () => done("housing", { ...ordinary, obligations: [] }),
      [handledPart("housing"), [i1, { type: "IncidentHandled", at }]],
    ],
  ])("F7 %s", (_name, run, expected) => {
    expect(told(run())).toEqual(expected)
  })

  test("the desk is told of a return, urgently where it is an emergency, and of the end", () => {
    const notice = (kind: string, urgent: boolean, data: object) => [
      { kind, to: { kind: "unit", unit: "duty-desk" }, urgent, orderingKey: i1, data },
    ]
    expect(returns("police")).toMatchObject({
      notices: notice("order-returned", true, { incident: "i-1", unit: "police" }),
    })
    expect(returns("housing", ordinary)).toMatchObject({
      notices: notice("order-returned", false, { incident: "i-1", unit: "housing" }),
    })
    expect(done("housing", ordinary)).toMatchObject({
      notices: notice("handled", false, { incident: "i-1" }),
    })
    for (const outcome of [done("police"), acknowledge("police")]) {
      expect(outcome).toMatchObject({ notices: [], orders: [], claims: [] })
    }
  })

  test.each<readonly [string, () => object, object]>([
    [
      "acknowledging twice",
      () => acknowledge("police", { ...handed, parts: parts("acknowledged", "ordered") }),
      refuse("already-acknowledged", { unit: "police" }),
    ],
    [
      "returning what is handled",
      () => returns("police", { ...handed, parts: parts("handled", "ordered") }),
      refuse("already-handled", { unit: "police" }),
    ],
    [
      "handling twice",
      () => done("police", { ...handed, parts: parts("handled", "ordered") }),
      refuse("already-handled", { unit: "police" }),
    ],
    [
      "a third return",
      () => returns("police", { ...handed, returns: 2 }),
      refuse("return-limit", { returns: 2 }),
    ],
    [
      "counting residents beside the leader",
      () => done("community", handed, { residentsBenefited: 1 }),
      refuse("counted-by-lead", { unit: "community" }),
    ],
    ["Z5 a unit without an order", () => acknowledge("housing"), notFound],
    [
      "Z5 a unit that returned it",
      () => acknowledge("police", { ...handed, parts: parts("returned", "ordered") }),
      notFound,
    ],
    ["Z5 an incident that is handled", () => returns("police", { ...handed, status: "handled" }), notFound],
    [
      "Z5 another's order",
      () =>
        given(handed).give("RecordHandled", "officer-housing", "department-officer", {
          incident: "i-1",
          unit: "police",
          result: "好",
        }),
      notFound,
    ],
  ])("F7 refuses %s", (_name, run, expected) => {
    expect(run()).toEqual(expected)
  })

  test("F7 the second return is the last that is allowed", () => {
    expect(returns("police", { ...handed, returns: 1 })).toMatchObject({ ok: true })
  })

  test("F7 a return that waits for facts is a broken promise of the policy's check", () => {
    const state = { ...handed }
    const context = {
      scopes: ["police"],
      today: "2026-03-24",
      book: { decide: () => ({ status: "pending" }), dateOf: () => "2026-03-24" },
    } as unknown as Context
    const rule = commands.ReturnOrder.decide({ incident: "i-1", unit: "police", reason } as never, context)
    expect(rule.next().value).toEqual({ ask: "state", kind: "incident", id: "i-1" })
    expect(() => rule.next(state as never)).toThrow(
      "F7: whether a return is allowed waits for no unknown fact",
    )
  })
})

describe("passing the lead", () => {
  const pass = (state: LiveIncident, to: string) =>
    given(state).give("PassLead", "duty", "duty-officer", { incident: "i-1", to, reason })
  const passed = [i1, { type: "LeadPassed", at, by: "duty", to: "community", reason }]

  test("F7 another one leads and owes the handling", () => {
    expect(told(pass(handed, "community"))).toEqual([passed, reassigned("community")])
    expect(told(pass({ ...handed, obligations: [] }, "community"))).toEqual([passed])
  })
  test.each<readonly [string, LiveIncident, string, object]>([
    ["an open one", incident(), "police", notFound],
    ["one with an owner", ordinary, "police", refuse("not-an-emergency", { incident: "i-1" })],
    [
      "one without a route",
      { ...handed, route: undefined },
      "police",
      refuse("not-an-emergency", { incident: "i-1" }),
    ],
    ["who leads already", handed, "police", refuse("already-leading", { unit: "police" })],
    ["who is not called", handed, "petition", refuse("not-in-route", { unit: "petition" })],
  ])("F7 refuses %s", (_name, state, to, expected) => {
    expect(pass(state, to)).toEqual(expected)
  })
})
