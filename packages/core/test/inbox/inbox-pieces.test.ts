/** Orders and parked receipts piece by piece: what is looked up and counted, what the desk is told, what is checked. */
import { checks } from "@yingshao/core/checks"
import { type CommandType, commands } from "@yingshao/core/commands"
import { higher, isAbove, lacking, type Receipt, receipt } from "@yingshao/core/inbox/ladder"
import { isLater, type OrderState, orderDefinition, orderLifecycle } from "@yingshao/core/inbox/order"
import { type ReceiptState, receiptDefinition, receiptLifecycle } from "@yingshao/core/inbox/parked-receipt"
import { refuse } from "@yingshao/core/kernel/refusal"
import { runRule } from "@yingshao/core/kernel/run-rule"
import type { StreamKind } from "@yingshao/core/streams"
import { describe, expect, test } from "vitest"
import { fire, handOver, incidentOf, must } from "../fixtures/steps.ts"
import { became, handed, keyOf, orderOf, says, time } from "./partners.ts"

const at = "2026-03-24T01:00:00.000Z"
const later = "2026-03-24T02:00:00.000Z"
const [a, b] = ["a".repeat(40), "b".repeat(40)]
const given = (more: object = {}): Receipt =>
  receipt.parse({ id: "1", source: "water", type: "result", ref: "o-1", time: at, result: "好", ...more })

const fold = (...events: readonly object[]): OrderState =>
  events.reduce<OrderState>(
    (state, event) => orderDefinition.evolve(state, orderDefinition.event.parse(event)),
    orderDefinition.initial,
  )
const placed = { type: "OrderPlaced", at, incident: "i-1", unit: "housing" }
const awaits = (key: string) => ({ type: "ReceiptAwaits", receipt: key })
const letGo = (key: string) => ({ type: "ReceiptLetGo", receipt: key })
const taken = (key: string, said: string, effect: string, more: object = {}) => ({
  type: "ReceiptTaken",
  at,
  receipt: key,
  by: "water",
  said,
  time: at,
  effect,
  ...more,
})
const base = { status: "placed", placedAt: at, incident: "i-1", unit: "housing" }

describe("an order's state", () => {
  test.each<readonly [string, readonly object[], object]>([
    ["placed", [placed], { ...base, standing: "sent", waiting: [] }],
    ["awaited by two", [awaits(a), awaits(b)], { status: "awaited", waiting: [a, b] }],
    ["awaited by one still", [awaits(a), awaits(b), letGo(a)], { status: "awaited", waiting: [b] }],
    ["there at last", [awaits(a), placed], { ...base, standing: "sent", waiting: [a] }],
    [
      "a supplement of another",
      [awaits(a), { type: "OrderSupplemented", at, of: "o-1" }],
      { status: "supplement", placedAt: at, of: "o-1", waiting: [a] },
    ],
    [
      "taken from those that waited",
      [awaits(a), awaits(b), placed, taken(a, "received", "acknowledged")],
      { ...base, standing: "received", waiting: [b] },
    ],
    [
      "a return that was denied",
      [placed, taken(a, "refused", "return-denied")],
      { ...base, standing: "sent", waiting: [] },
    ],
    [
      "a return that took place",
      [placed, taken(a, "withdrawn", "returned")],
      { ...base, standing: "returned", waiting: [] },
    ],
    [
      "a result that came too late",
      [placed, taken(a, "result", "superseded", { to: "甲" })],
      { ...base, standing: "result", waiting: [] },
    ],
    [
      "handed on",
      [
        placed,
        taken(a, "transferred", "noted", { to: "甲" }),
        taken(b, "transferred", "noted", { to: "乙" }),
      ],
      { ...base, standing: "received", waiting: [], handler: { time: at, receipt: b, to: "乙" } },
    ],
    [
      "asked twice, the later first",
      [placed, taken(b, "extension-asked", "asked"), taken(a, "extension-asked", "asked")],
      { ...base, standing: "received", waiting: [], asked: { time: at, receipt: b } },
    ],
    ["nothing that is let go", [letGo(a)], { status: "none" }],
    ["nothing that is taken", [taken(a, "received", "noted")], { status: "none" }],
  ])("I7 %s", (_name, events, state) => {
    expect(fold(...events)).toEqual(state)
  })

  test("who waits is found when the order is there, and not before", () => {
    const due = [{ index: "timer", equals: "RetryReceipt", range: at }]
    expect(orderDefinition.indexes(fold(awaits(a), placed))).toEqual(due)
    const supplement = { type: "OrderSupplemented", at, of: "o-1" }
    expect(orderDefinition.indexes(fold(awaits(a), supplement))).toEqual(due)
    for (const state of [fold(), fold(awaits(a)), fold(placed)]) {
      expect(orderDefinition.indexes(state)).toEqual([])
    }
  })

  test("F9 what is taken is counted by type and effect, and nothing else", () => {
    const tallies = (event: object) => orderDefinition.tallies(orderDefinition.event.parse(event))
    expect(tallies(taken(a, "result", "older"))).toEqual([{ key: "receipts/result/older", by: 1 }])
    for (const event of [placed, awaits(a), letGo(a)]) expect(tallies(event)).toEqual([])
  })

  test("of two words the later by the partner's time, then by key", () => {
    const said = (when: string, key: string) => ({ time: when as never, receipt: key })
    expect(isLater(said(at, a), undefined)).toBe(true)
    expect(isLater(said(later, a), said(at, b))).toBe(true)
    expect(isLater(said(at, b), said(later, a))).toBe(false)
    expect(isLater(said(at, b), said(at, a))).toBe(true)
    expect(isLater(said(at, a), said(at, a))).toBe(false)
    expect([higher("sent", "started"), higher("result", "returned")]).toEqual(["started", "result"])
    expect([isAbove("started", "received"), isAbove("received", "received")]).toEqual([true, false])
  })
})

describe("a parked receipt's state", () => {
  const parked = { type: "ReceiptParked", at, receipt: given(), why: "unknown-order" }
  const again = { type: "ReceiptParkedAgain", at: later, why: "not-addressed" }
  const up = { type: "ReceiptTakenUp", at: later, by: "duty" }
  const dismissed = { type: "ReceiptDismissed", at: later, by: "duty", reason: "理由" }
  const state = (...events: readonly object[]): ReceiptState =>
    events.reduce<ReceiptState>(
      (before, event) => receiptDefinition.evolve(before, receiptDefinition.event.parse(event)),
      receiptDefinition.initial,
    )

  test("keeps what was said through all that becomes of it", () => {
    const kept = { parkedAt: at, receipt: given(), why: "unknown-order" }
    expect(state(parked)).toEqual({ status: "parked", ...kept })
    expect(state(parked, again)).toEqual({ status: "parked", ...kept, why: "not-addressed" })
    expect(state(parked, up)).toEqual({ status: "taken", ...kept })
    expect(state(parked, dismissed)).toEqual({ status: "dismissed", ...kept })
    for (const event of [again, up, dismissed]) expect(state(event)).toEqual({ status: "none" })
  })

  test("F9 is listed while it is parked, and counted in and out", () => {
    const index = [{ index: "receipts", equals: "parked", range: at }]
    expect([state(parked), state(parked, again)].map(receiptDefinition.indexes)).toEqual([index, index])
    for (const ended of [state(), state(parked, up), state(parked, dismissed)]) {
      expect(receiptDefinition.indexes(ended)).toEqual([])
    }
    const tallies = (event: object) => receiptDefinition.tallies(receiptDefinition.event.parse(event))
    const out = [{ key: "receipts/unparked", by: 1 }]
    expect([parked, again, up, dismissed].map(tallies)).toEqual([
      [{ key: "receipts/parked", by: 1 }],
      [],
      out,
      out,
    ])
  })

  test("S1 the two lifecycles lead only to statuses that they know", () => {
    for (const table of [orderLifecycle, receiptLifecycle]) {
      const statuses = Object.keys(table)
      for (const row of Object.values(table)) {
        for (const to of Object.values(row)) expect(statuses).toContain(to)
      }
    }
  })
})

describe("what the commands take, and what they say", () => {
  test.each<readonly [CommandType, object, string]>([
    ["TakeReceipt", { key: a, receipt: given() }, "order/o-1"],
    ["RetryReceipt", { receipt: a }, `receipt/${a}`],
    ["DismissReceipt", { receipt: a, reason: "理由" }, `receipt/${a}`],
  ])("%s waits behind its rivals", (type, payload, queue) => {
    const definition = commands[type]
    expect(definition.queue(definition.payload.parse(payload) as never)).toBe(queue)
    expect(definition.payload.safeParse({ ...payload, more: 1 }).success).toBe(false)
  })

  test("what is lacking is named; what is wrong already stays so", () => {
    expect(lacking(given())).toBeUndefined()
    expect(lacking(given({ problem: "坏" }))).toBe("坏")
    expect(lacking(given({ result: undefined }))).toBe("`data.result` is missing")
    expect(lacking(given({ type: "extension-asked", minutes: 5 }))).toBe("`data.reason` is missing")
  })

  test("refusals name what they are about", () => {
    const { world } = handed()
    const receiptKey = keyOf("water", "none")
    const missing = refuse("not-found", { what: "receipt", id: receiptKey })
    expect(world.asScheduler("RetryReceipt", { receipt: receiptKey })).toEqual(missing)
    const dismiss = { receipt: receiptKey, reason: "理由" }
    expect(world.give("DismissReceipt", "duty", "duty-officer", dismiss)).toEqual(missing)
    says(world, "o-none", "result", { id: "none" })
    must(world, "DismissReceipt", "duty", "duty-officer", dismiss)
    expect(world.give("DismissReceipt", "duty", "duty-officer", dismiss)).toEqual(
      refuse("not-parked", { receipt: receiptKey, status: "dismissed" }),
    )
  })

  test("the desk is told of what is parked, denied or contradicts, urgently only of an emergency", () => {
    const desk = { kind: "unit", unit: "duty-desk" }
    const { world, order, incident, unit } = handed()
    expect(says(world, "o-none", "result")).toMatchObject({
      notices: [
        {
          kind: "receipt-parked",
          to: desk,
          urgent: false,
          orderingKey: "receipts/water",
          data: { partner: "water", receipt: "result", why: "unknown-order" },
        },
      ],
    })
    says(world, order, "refused")
    expect(says(world, order, "refused", { id: "again" })).toMatchObject({ ok: true, notices: [] })
    expect(says(world, order, "started")).toMatchObject({ ok: true, notices: [] })
    expect(says(world, order, "result", { id: "late" })).toMatchObject({
      notices: [
        {
          kind: "receipt-contradicts",
          to: desk,
          urgent: false,
          orderingKey: `incident/${incident}`,
          data: { incident, unit, receipt: "result" },
        },
      ],
    })
    const urgent = handed(fire)
    const state = incidentOf(urgent.world, urgent.incident)
    urgent.world.states.set(`incident/${urgent.incident}`, { ...state, returns: 9 })
    expect(says(urgent.world, urgent.order, "refused")).toMatchObject({
      notices: [{ kind: "return-denied", to: desk, urgent: true }],
    })
  })
})

describe("receipts of one matter with several parts", () => {
  test("F7 residents are counted by whoever leads, not beside it", () => {
    const { world, incident } = handed(fire)
    const [lead, joint] = world.orders
    world.appoint("gas", "partner", [joint?.to ?? ""])
    expect(became(says(world, joint?.id ?? "", "result", { source: "gas", residentsBenefited: 9 }))).toBe(
      "handled",
    )
    expect(incidentOf(world, incident).residentsBenefited).toBe(0)
    says(world, lead?.id ?? "", "result", { residentsBenefited: 4 })
    expect(incidentOf(world, incident)).toMatchObject({ status: "handled", residentsBenefited: 4 })
  })

  test("F7 whoever comes to lead hears it by its order, and whoever led before as well", () => {
    const { world, incident } = handed(fire)
    const [lead, joint] = world.orders
    const led = (unit?: string) => ({ incident, to: unit, reason: "理由" })
    must(world, "PassLead", "duty", "duty-officer", led(joint?.to))
    expect(world.orders.slice(-2)).toMatchObject([
      { type: "supplemented", to: joint?.to, data: { order: joint?.id, part: "lead" } },
      { type: "supplemented", to: lead?.to, data: { order: lead?.id, part: "joint" } },
    ])
    const { length } = world.orders
    world.appoint("gas", "partner", [joint?.to ?? ""])
    expect(became(says(world, joint?.id ?? "", "refused", { source: "gas" }))).toBe("returned")
    expect(world.orders.slice(length)).toMatchObject([
      { type: "supplemented", to: lead?.to, data: { order: lead?.id, part: "lead" } },
    ])
    expect(became(says(world, world.orders.at(-1)?.id ?? "", "result"))).toBe("handled")
  })

  test("one that returned its part and then has done it is not believed, and the others go on", () => {
    const { world, incident, order } = handed(fire)
    expect(became(says(world, order, "refused"))).toBe("returned")
    expect(became(says(world, order, "result"))).toBe("superseded")
    expect(incidentOf(world, incident).status).toBe("handed-over")
    expect(orderOf(world, order).standing).toBe("result")
  })

  test("more time is not asked for what is handled or given back", () => {
    const done = handed()
    says(done.world, done.order, "result")
    expect(became(says(done.world, done.order, "extension-asked"))).toBe("older")
    const board = handed()
    const mine = { incident: board.incident, unit: board.unit, result: "已处置" }
    must(board.world, "RecordHandled", `officer-${board.unit}`, "department-officer", mine)
    expect(became(says(board.world, board.order, "extension-asked"))).toBe("older")
    const gone = handed()
    says(gone.world, gone.order, "refused")
    handOver(gone.world, gone.incident)
    expect(became(says(gone.world, gone.order, "extension-asked"))).toBe("older")
  })

  test("a receipt that waits for a supplement is taken for the order it adds to", () => {
    const { world, order } = handed()
    says(world, "o-more", "started", { id: "early" })
    world.append("order", "o-more", { type: "OrderSupplemented", at: world.now, of: order })
    const key = keyOf("water", "early")
    expect(world.asScheduler("RetryReceipt", { receipt: key })).toMatchObject({ ok: true })
    expect(orderOf(world, order).standing).toBe("started")
    expect(world.state("order", "o-more")).toMatchObject({ status: "supplement", waiting: [] })
    expect(says(world, "o-more", "result", { time: time(9) })).toMatchObject({ ok: true })
    expect(world.events.filter(({ event }) => event.type === "ReceiptLetGo")).toHaveLength(1)
  })

  test("a recall and an answer name the order, its unit and what is due; an acknowledged part is recalled too", () => {
    const { world, report, incident, order, unit } = handed()
    const due = incidentOf(world, incident).obligations.find(({ kind }) => kind === "handle")?.due
    says(world, order, "received")
    must(world, "ConvertClass", "duty", "duty-officer", { report, trigger: "newDanger", reason: "理由" })
    const told = world.orders.at(-1)
    expect(told).toEqual({
      id: expect.stringMatching(/^o-/),
      type: "recalled",
      incident,
      to: unit,
      orderingKey: `incident/${incident}/${unit}`,
      answerBy: due,
      closeBy: due,
      data: { order, class: "ordinary", category: "facility" },
    })
  })

  test("a part that an earlier release handed over hears of no recall", () => {
    const { world, report, incident } = handed()
    const state = incidentOf(world, incident)
    const parts = state.parts.map(({ unit, status }) => ({ unit, status }))
    world.states.set(`incident/${incident}`, { ...state, parts })
    must(world, "ConvertClass", "duty", "duty-officer", { report, trigger: "newDanger", reason: "理由" })
    expect(world.orders).toHaveLength(1)
  })
})

describe("checks", () => {
  const look = (kind: StreamKind, id: string, states: Readonly<Record<string, object>>) => {
    const state = (key: string) => states[key] ?? { status: "none" }
    const rule = checks[kind](state(`${kind}/${id}`) as never, id)
    const { breaches, claims } = runRule(rule, (ask) => {
      if (ask.ask === "state") return state(`${ask.kind}/${ask.id}`)
      return ask.ask === "states" ? ask.ids.map((one) => state(`${ask.kind}/${one}`)) : []
    })
    expect(claims).toEqual([])
    return breaches.map(({ promise, zh, en }) => `${promise} ${en} ${zh}`)
  }
  const order = (more: object = {}) => ({ ...base, standing: "sent", waiting: [], ...more })
  const incident = (status: string, part: string, order_ = "o-1") => ({
    status,
    parts: [{ unit: "housing", status: part, order: order_ }],
  })
  const disagree = "I7 the part does not stand where the partner's receipts say 单位的办理状态与回执不符"
  const unknown = "I7 the order's incident does not exist 派单的事件不存在"
  const unparked = "I7 a receipt that waits for the order is not parked 等待中的回执已有结果"
  const noOrder = "I7 it supplements no order 补充的派单不存在"
  const forgotten = "I7 a parked receipt waits for an order that does not know it 回执在等派单,派单却不知道"

  test.each<readonly [string, string, object, readonly string[]]>([
    ["sent", "handed-over", incident("handed-over", "ordered"), []],
    ["sent", "handled on the board", incident("handled", "handled"), []],
    ["received", "ordered", incident("handed-over", "ordered"), [disagree]],
    ["received", "acknowledged", incident("handed-over", "acknowledged"), []],
    ["started", "handled", incident("handed-over", "handled"), []],
    ["started", "ordered in a handled one", incident("handled", "ordered"), [disagree]],
    ["started", "ordered in one merged away", incident("merged", "ordered"), []],
    ["returned", "acknowledged", incident("handed-over", "acknowledged"), [disagree]],
    ["returned", "returned", incident("handed-over", "returned"), []],
    ["result", "acknowledged", incident("handed-over", "acknowledged"), [disagree]],
    ["result", "handled", incident("handled", "handled"), []],
    ["result", "another order's", incident("handed-over", "ordered", "o-2"), []],
    ["sent", "nowhere", { status: "none" }, [unknown]],
  ])("I7 an order that stands at %s, its part %s", (standing, _part, matter, breaches) => {
    expect(look("order", "o-1", { "order/o-1": order({ standing }), "incident/i-1": matter })).toEqual(
      breaches,
    )
  })

  test("I7 who waits is parked, and knows for what", () => {
    const parked = { status: "parked", why: "unknown-order", receipt: { ref: "o-1" } }
    const awaited = (...waiting: readonly string[]) => ({ "order/o-1": { status: "awaited", waiting } })
    const receiptKey = `receipt/${a}`
    expect(look("order", "o-1", { ...awaited(a), [receiptKey]: parked })).toEqual([])
    expect(look("order", "o-1", awaited(a))).toEqual([unparked])
    expect(look("order", "o-1", { ...awaited(a), [receiptKey]: { ...parked, status: "taken" } })).toEqual([
      unparked,
    ])
    expect(look("receipt", a, { ...awaited(a), [receiptKey]: parked })).toEqual([])
    expect(look("receipt", a, { ...awaited(b), [receiptKey]: parked })).toEqual([forgotten])
    expect(look("receipt", a, { ...awaited(...Array<string>(50).fill(b)), [receiptKey]: parked })).toEqual([])
    expect(look("receipt", a, { [receiptKey]: { ...parked, why: "not-addressed" } })).toEqual([])
    expect(look("receipt", a, { [receiptKey]: { ...parked, status: "dismissed" } })).toEqual([])
    expect(look("receipt", a, {})).toEqual([])
  })

  test("I7 a supplement adds to an order that is there", () => {
    const supplement = { "order/o-2": { status: "supplement", of: "o-1", waiting: [] } }
    expect(look("order", "o-2", { ...supplement, "order/o-1": order() })).toEqual([])
    expect(look("order", "o-2", supplement)).toEqual([noOrder])
    expect(look("order", "o-2", {})).toEqual([])
  })
})
