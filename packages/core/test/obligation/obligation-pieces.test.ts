/**
 * The pieces of an obligation by themselves: what each event makes of it, where it is found, what is
 * counted, and what its commands refuse or tell.
 */
import { commands } from "@yingshao/core/commands"
import { personId } from "@yingshao/core/kernel/ids"
import { BrokenInvariant } from "@yingshao/core/kernel/refusal"
import type { CivilDate, Instant } from "@yingshao/core/kernel/time"
import {
  advance,
  evolveObligations,
  findOpen,
  nextStep,
  type Obligation,
  type ObligationEvent,
  obligation,
  obligationEvents,
  obligationIndexes,
  obligationTallies,
  openObligations,
  reassign,
} from "@yingshao/core/obligation/obligation"
import { describe, expect, test } from "vitest"
import { answer, fire, handOver, lamp, must, submit } from "../fixtures/steps.ts"
import { codeOf, placeAt, staffedWorld, type World } from "../fixtures/world.ts"

const at = (text: string) => text as Instant
const unit = (text: string) => text as Obligation["owner"]
const idOf = (text: string) => text as Obligation["id"]
const due = at("2026-03-24T05:00:00.000Z")

const owed: Obligation = obligation.parse({
  id: "o-1",
  kind: "handle",
  owner: "housing",
  clock: "workingTime",
  since: "2026-03-24T01:00:00.000Z",
  due,
  originalDue: due,
  status: "open",
  extensions: 0,
  escalation: 0,
  next: { at: due, to: "department-officer" },
})
const step = { at: at("2026-03-24T13:00:00.000Z"), to: "captain" } as const
const dates = { accepted: "2026-03-24" as CivilDate, step: "2026-03-24" as CivilDate }
const other = { ...owed, id: idOf("o-2") }
const after = (event: ObligationEvent) => evolveObligations([other, owed], event)

const question = { at: due, by: personId.parse("officer"), minutes: 480, reason: "等配件" }

describe("what an event makes of an obligation", () => {
  const { next: _, ...withoutNext } = owed
  const base = { obligation: owed.id } as const
  const cases: readonly (readonly [string, ObligationEvent, Obligation])[] = [
    [
      "met",
      { type: "ObligationMet", ...base, kind: "handle", at: due, lateMinutes: 0 },
      { ...withoutNext, status: "met", endedAt: due },
    ],
    [
      "cancelled",
      { type: "ObligationCancelled", ...base, kind: "handle", at: due, reason: "并入" },
      { ...withoutNext, status: "cancelled", endedAt: due },
    ],
    [
      "advanced, with the next step of the ladder",
      { type: "DueAdvanced", ...base, due: step.at, clock: "roundTheClock", next: step },
      { ...owed, due: step.at, clock: "roundTheClock", next: step },
    ],
    [
      "advanced, where the ladder has ended",
      { type: "DueAdvanced", ...base, due: step.at, clock: "roundTheClock" },
      { ...withoutNext, due: step.at, clock: "roundTheClock" },
    ],
    [
      "extended",
      { type: "DueExtended", ...base, due: step.at, next: step, reason: "等配件" },
      { ...owed, due: step.at, extensions: 1, next: step },
    ],
    [
      "asked to be extended, with nothing moved",
      { type: "ExtensionAsked", ...base, ...question },
      { ...owed, asked: question },
    ],
    [
      "reassigned",
      { type: "ObligationReassigned", ...base, owner: unit("police") },
      { ...owed, owner: unit("police") },
    ],
    [
      "escalated",
      { type: "ObligationEscalated", ...base, kind: "handle", at: due, level: 1, to: "captain", next: step },
      { ...owed, escalation: 1, next: step },
    ],
  ]
  const { by: officer } = question
  const answers: readonly ObligationEvent[] = [
    { type: "ObligationMet", ...base, kind: "handle", at: due, lateMinutes: 0 },
    { type: "ObligationCancelled", ...base, kind: "handle", at: due, reason: "并入" },
    { type: "DueExtended", ...base, due: step.at, reason: "等配件" },
    { type: "ExtensionDeclined", ...base, at: due, by: officer, reason: "已够" },
    { type: "ObligationReassigned", ...base, owner: unit("police") },
  ]
  test.each(answers.map((event) => [event.type, event] as const))(
    "S2 %s ends a question for more time",
    (_type, event) => {
      const [ended] = evolveObligations([{ ...owed, asked: question }], event)
      expect(ended).not.toHaveProperty("asked")
      expect(ended?.id).toBe(owed.id)
    },
  )

  test.each(cases)("S2 %s, and the one beside it stays", (_name, event, expected) => {
    expect(after(event)).toEqual([other, expected])
  })

  test("S2 nothing happens to an obligation that has ended", () => {
    const ended: Obligation = { ...owed, status: "met", endedAt: due }
    const event = { type: "ObligationReassigned", obligation: owed.id, owner: unit("police") } as const
    expect(() => evolveObligations([ended], event)).toThrow(BrokenInvariant)
    expect(() => evolveObligations([ended], event)).toThrow(
      "S2: ObligationReassigned on an obligation that is met",
    )
  })

  test("S11 every field of an obligation and of its events has its limits", () => {
    const accepts = (change: object) => obligation.safeParse({ ...owed, ...change }).success
    expect(accepts({})).toBe(true)
    for (const clock of ["roundTheClock", "workingTime"]) expect(accepts({ clock })).toBe(true)
    for (const status of ["open", "met", "cancelled"]) expect(accepts({ status })).toBe(true)
    for (const field of ["extensions", "escalation"]) {
      const most = field === "extensions" ? 99 : 9
      for (const [value, fits] of [
        [0, true],
        [most, true],
        [-1, false],
        [most + 1, false],
      ] as const) {
        expect(accepts({ [field]: value }), `${field} ${value}`).toBe(fits)
      }
    }
    expect(accepts({ clock: "" })).toBe(false)
    expect(accepts({ status: "" })).toBe(false)
    expect(accepts({ next: {} })).toBe(false)
    expect(accepts({ more: 1 })).toBe(false)
    const parse = (event: object) => obligationEvents.some((schema) => schema.safeParse(event).success)
    const reassigned = { type: "ObligationReassigned", obligation: "o-1", owner: "police" }
    expect(parse(reassigned)).toBe(true)
    expect(parse({ ...reassigned, obligation: undefined })).toBe(false)
    expect(parse({ type: "DueAdvanced", obligation: "o-1", due, clock: "workingTime", next: {} })).toBe(false)
  })
})

describe("finding and counting", () => {
  const met: Obligation = { ...owed, id: idOf("o-3"), status: "met", endedAt: due }
  const police: Obligation = { ...owed, id: idOf("o-4"), owner: unit("police") }
  const reply: Obligation = { ...owed, id: idOf("o-5"), kind: "reply" }

  test("the first open one of a kind, and of an owner where one is named", () => {
    const list = [met, reply, owed, police]
    expect(openObligations(list)).toEqual([reply, owed, police])
    expect(findOpen(list, "handle")).toBe(owed)
    expect(findOpen(list, "handle", "police")).toBe(police)
    expect(findOpen(list, "reply")).toBe(reply)
    expect(findOpen(list, "reply", "police")).toBeUndefined()
    expect(findOpen([met], "handle")).toBeUndefined()
  })

  test("F4 the board finds an open one by owner, the scheduler by its next step", () => {
    const { next: _, ...noStep } = police
    expect(obligationIndexes([met, owed, noStep])).toEqual([
      { index: "owed", equals: "housing", range: due },
      { index: "escalate", equals: "open", range: due },
      { index: "owed", equals: "police", range: due },
    ])
  })

  test("each event counts by kind", () => {
    const base = { obligation: owed.id, kind: "handle", at: due } as const
    const keys = (event: ObligationEvent) =>
      obligationTallies(event).map(({ key, by }) => {
        expect(by).toBe(1)
        return key
      })
    expect(keys({ type: "ObligationOpened", opened: reply })).toEqual(["obligations/reply/opened"])
    expect(keys({ type: "ObligationMet", ...base, lateMinutes: 0 })).toEqual(["obligations/handle/met"])
    expect(keys({ type: "ObligationMet", ...base, lateMinutes: 1 })).toEqual([
      "obligations/handle/met",
      "obligations/handle/late",
    ])
    expect(keys({ type: "ObligationCancelled", ...base, reason: "并入" })).toEqual([
      "obligations/handle/cancelled",
    ])
    expect(keys({ type: "ObligationEscalated", ...base, level: 1, to: "captain" })).toEqual([
      "obligations/handle/escalated",
    ])
    expect(keys({ type: "DueAdvanced", obligation: owed.id, due, clock: "workingTime" })).toEqual([])
    expect(keys({ type: "DueExtended", obligation: owed.id, due, reason: "等" })).toEqual([])
    expect(keys({ type: "ExtensionAsked", obligation: owed.id, ...question })).toEqual([])
    expect(
      keys({ type: "ExtensionDeclined", obligation: owed.id, at: due, by: question.by, reason: "已够" }),
    ).toEqual([])
    expect(keys({ type: "ObligationReassigned", obligation: owed.id, owner: unit("police") })).toEqual([])
  })
})

describe("making an obligation stricter", () => {
  const { book } = staffedWorld()
  const to = { class: "emergency", clock: "roundTheClock" } as const

  test("F3 an earlier due time takes the place of a later one, with the ladder counted from it", () => {
    expect(advance(book, owed, { ...to, minutes: 60 }, dates)).toEqual([
      {
        type: "DueAdvanced",
        obligation: "o-1",
        due: "2026-03-24T02:00:00.000Z",
        clock: "roundTheClock",
        next: { at: "2026-03-24T02:00:00.000Z", to: "department-officer" },
      },
    ])
    expect(advance(book, { ...owed, escalation: 3 }, { ...to, minutes: 60 }, dates)).toEqual([
      { type: "DueAdvanced", obligation: "o-1", due: "2026-03-24T02:00:00.000Z", clock: "roundTheClock" },
    ])
  })

  test("F3 the same or a later due time changes nothing", () => {
    expect(advance(book, owed, { ...to, minutes: 240 }, dates)).toEqual([])
    expect(advance(book, owed, { ...to, minutes: 241 }, dates)).toEqual([])
  })

  test("F4 the ladder ends where the policy names nobody, and after nine levels in any case", () => {
    expect(nextStep(book, owed, "ordinary", dates)).toEqual({ at: due, to: "department-officer" })
    expect(nextStep(book, { ...owed, escalation: 1 }, "ordinary", dates)).toEqual({
      at: step.at,
      to: "captain",
    })
    expect(nextStep(book, { ...owed, escalation: 3 }, "ordinary", dates)).toBeUndefined()
    const endless = {
      decide: () => ({ status: "decided", conclusions: { escalateAfter: 0, escalateTo: "captain" } }),
    }
    const ninth = (escalation: number) =>
      nextStep(endless as never, { ...owed, escalation }, "ordinary", dates)
    expect(ninth(8)).toEqual({ at: due, to: "captain" })
    expect(ninth(9)).toBeUndefined()
  })

  test("F4 a ladder that waits for an unknown fact is a broken promise", () => {
    const waiting = { decide: () => ({ status: "pending", missing: [] }) }
    expect(() => nextStep(waiting as never, owed, "ordinary", dates)).toThrow("F4: the escalation ladder")
  })

  test("F2 nothing is given to who has it already", () => {
    expect(reassign(owed, unit("housing"))).toEqual([])
    expect(reassign(owed, unit("police"))).toEqual([
      { type: "ObligationReassigned", obligation: "o-1", owner: "police" },
    ])
  })
})

const debts = (world: World, kind: "report" | "incident", id: string) => {
  const state = world.state(kind, id)
  return state.status === "none" ? [] : openObligations(state.obligations)
}
const refusal = (outcome: ReturnType<World["give"]>) => (outcome.ok ? undefined : outcome.refusal)

describe("EscalateObligation", () => {
  const overdue = () => {
    const world = staffedWorld()
    const report = submit(world, "zhang")
    const [debt] = debts(world, "report", report)
    if (debt?.next === undefined) throw new Error("no ladder")
    const ask = { kind: "report", debtor: report, obligation: debt.id, level: 1 } as const
    return { world, ask, debt: { ...debt, next: debt.next } }
  }

  test("waits behind the others that change the same debtor", () => {
    const { ask } = overdue()
    expect(commands.EscalateObligation.type).toBe("EscalateObligation")
    expect(commands.EscalateObligation.queue(ask)).toBe(`report/${ask.debtor}`)
  })

  test("F4 tells the role of the ladder, urgently, in the order of the case, and names no reporter", () => {
    const { world, ask, debt } = overdue()
    world.now = debt.next.at
    expect(world.asScheduler("EscalateObligation", ask).ok).toBe(true)
    expect(world.notices.at(-1)).toEqual({
      kind: "escalation",
      to: { kind: "role", role: debt.next.to },
      urgent: true,
      orderingKey: `report/${ask.debtor}`,
      data: { report: ask.debtor, obligation: debt.kind, owner: debt.owner, due: debt.due, level: 1 },
    })
    expect(debts(world, "report", ask.debtor)[0]).toMatchObject({
      escalation: 1,
      next: { at: "2026-03-24T01:20:00.000Z", to: "captain" },
    })
    world.now = at("2026-03-25T01:00:00.000Z")
    for (const level of [2, 3]) world.asScheduler("EscalateObligation", { ...ask, level })
    expect(debts(world, "report", ask.debtor)[0]).not.toHaveProperty("next")
    expect(refusal(world.asScheduler("EscalateObligation", { ...ask, level: 4 }))?.code).toBe("not-owed")
  })

  test("F4 refuses with what it was asked about", () => {
    const { world, ask, debt } = overdue()
    const asked = (change: object) => refusal(world.asScheduler("EscalateObligation", { ...ask, ...change }))
    expect(asked({})).toMatchObject({ code: "not-due-yet", detail: { at: debt.next.at } })
    expect(asked({ debtor: "r-none" })).toMatchObject({
      code: "not-found",
      detail: { what: "report", id: "r-none" },
    })
    expect(asked({ kind: "incident", debtor: "i-none" })).toMatchObject({
      code: "not-found",
      detail: { what: "incident", id: "i-none" },
    })
    expect(asked({ obligation: "o-none" })).toMatchObject({
      code: "not-owed",
      detail: { obligation: "o-none" },
    })
    expect(asked({ level: 2 })).toMatchObject({
      code: "level-out-of-order",
      detail: { level: 2, reached: 0 },
    })
  })
})

describe("ExtendObligation", () => {
  const handed = (facts: object = lamp) => {
    const world = staffedWorld()
    const report = submit(world, "zhang")
    const [whistle] = debts(world, "report", report)
    const incident = answer(world, report, facts)
    handOver(world, incident)
    const debt = debts(world, "incident", incident).find(({ kind }) => kind === "handle")
    if (debt === undefined || whistle === undefined) throw new Error("nothing is owed")
    const ask = {
      kind: "incident",
      debtor: incident,
      obligation: debt.id,
      minutes: 480,
      reason: "等配件",
      askedBy: "officer-housing",
    } as const
    const give = (change: object) =>
      world.give("ExtendObligation", "duty", "duty-officer", { ...ask, ...change })
    return { world, report, ask, debt, whistle, give }
  }

  test("waits behind the others that change the same debtor; a reason of blanks is none", () => {
    const { ask } = handed()
    expect(commands.ExtendObligation.type).toBe("ExtendObligation")
    const payload = commands.ExtendObligation.payload.parse({ ...ask, reason: " 等 " })
    expect(payload.reason).toBe("等")
    expect(commands.ExtendObligation.queue(payload)).toBe(`incident/${ask.debtor}`)
    expect(commands.ExtendObligation.payload.safeParse({ ...ask, reason: "  " }).success).toBe(false)
  })

  test("F3 refuses with what it was asked about", () => {
    const { ask, give } = handed()
    expect(refusal(give({ askedBy: "duty" }))).toMatchObject({
      code: "same-person",
      detail: { other: "asker" },
    })
    expect(refusal(give({ debtor: "i-none" }))).toMatchObject({
      code: "not-found",
      detail: { what: "incident", id: "i-none" },
    })
    expect(refusal(give({ obligation: "o-none" }))).toMatchObject({
      code: "not-owed",
      detail: { obligation: "o-none" },
    })
    expect(refusal(give({ minutes: 4_801 }))).toMatchObject({
      code: "extension-too-long",
      detail: { limit: 4_800 },
    })
    expect(codeOf(give({ minutes: 4_800 }))).toBe("accepted")
    expect(refusal(give({}))).toMatchObject({ code: "extension-limit", detail: { extensions: 1 } })
    expect(ask.minutes).toBe(480)
  })

  test("F3 answering the whistle is never extended", () => {
    const world = staffedWorld()
    const report = submit(world, "zhang")
    const [whistle] = debts(world, "report", report)
    const asked = world.give("ExtendObligation", "duty", "duty-officer", {
      kind: "report",
      debtor: report,
      obligation: whistle?.id,
      minutes: 10,
      reason: "忙",
      askedBy: "duty2",
    })
    expect(refusal(asked)).toMatchObject({ code: "no-extension", detail: { obligation: "answer" } })
    expect(whistle?.kind).toBe("answer")
  })
})

describe("CloseUnit and DissolveUnit", () => {
  const admin = (world: World, type: "CloseUnit" | "DissolveUnit", payload: object) =>
    refusal(world.give(type, "admin", "programme-admin", payload))

  test("both wait behind the others that change the programme", () => {
    for (const type of ["CloseUnit", "DissolveUnit"] as const) {
      expect(commands[type].type).toBe(type)
      expect(commands[type].queue({} as never)).toMatch(/^programme\/./)
    }
  })

  test("F2 only an active department closes", () => {
    const world = staffedWorld()
    expect(admin(world, "CloseUnit", { unit: "nobody" })).toMatchObject({
      code: "no-such-unit",
      detail: { unit: "nobody" },
    })
    expect(admin(world, "CloseUnit", { unit: "police" })).toMatchObject({
      code: "unit-not-dissolvable",
      detail: { unit: "police" },
    })
    must(world, "CloseUnit", "admin", "programme-admin", { unit: "housing" })
    expect(admin(world, "CloseUnit", { unit: "housing" })).toMatchObject({ code: "no-such-unit" })
  })

  test("F2 only a closing department dissolves, into an active unit that is another one", () => {
    const world = staffedWorld()
    const dissolve = (unitId: string, successor: string) =>
      admin(world, "DissolveUnit", { unit: unitId, successor })
    expect(dissolve("nobody", "housing")).toMatchObject({ code: "no-such-unit", detail: { unit: "nobody" } })
    expect(dissolve("police", "housing")).toMatchObject({
      code: "unit-not-dissolvable",
      detail: { unit: "police" },
    })
    expect(dissolve("housing", "police")).toMatchObject({
      code: "unit-not-closing",
      detail: { unit: "housing" },
    })
    must(world, "CloseUnit", "admin", "programme-admin", { unit: "housing" })
    for (const successor of ["nobody", "housing"]) {
      expect(dissolve("housing", successor)).toMatchObject({
        code: "successor-not-active",
        detail: { unit: successor },
      })
    }
    must(world, "CloseUnit", "admin", "programme-admin", { unit: "civil-affairs" })
    expect(dissolve("housing", "civil-affairs")).toMatchObject({ code: "successor-not-active" })
    expect(dissolve("housing", "urban-management")).toBeUndefined()
    expect(dissolve("housing", "urban-management")).toMatchObject({ code: "no-such-unit" })
  })

  test("F2 what others owe on the same incident stays theirs", () => {
    const world = staffedWorld()
    const lampCase = answer(world, submit(world, "zhang"), lamp)
    const fireCase = answer(world, submit(world, "wang", placeAt(900)), fire)
    handOver(world, lampCase)
    handOver(world, fireCase)
    const before = debts(world, "incident", fireCase)
    must(world, "CloseUnit", "admin", "programme-admin", { unit: "housing" })
    must(world, "DissolveUnit", "admin", "programme-admin", { unit: "housing", successor: "civil-affairs" })
    expect(debts(world, "incident", fireCase)).toEqual(before)
    const owners = new Set(debts(world, "incident", lampCase).map(({ owner }) => String(owner)))
    expect(owners.has("housing")).toBe(false)
    expect(owners.has("civil-affairs")).toBe(true)
  })
})
