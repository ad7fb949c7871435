/** What a partner's receipts do: each once, by the highest rung, and only by the partner that has the order. */
import { type Command, type CommandType, commands } from "@yingshao/core/commands"
import {
  hasEnded,
  higher,
  ladder,
  type ReceiptType,
  receiptType,
  type Standing,
} from "@yingshao/core/inbox/ladder"
import { waitingCap } from "@yingshao/core/inbox/order"
import { refuse } from "@yingshao/core/kernel/refusal"
import { role } from "@yingshao/core/kernel/roles"
import { findOpen } from "@yingshao/core/obligation/obligation"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { runs } from "../fixtures/runs.ts"
import {
  answer,
  fire,
  followUp,
  handOver,
  incidentOf,
  lamp,
  must,
  refusedWith,
  reply,
  submit,
} from "../fixtures/steps.ts"
import { codeOf, staffedWorld } from "../fixtures/world.ts"
import { became, count, fields, handed, keyOf, orderOf, partOf, says, time } from "./partners.ts"

const reason = "理由"

describe("one receipt", () => {
  test.each<readonly [ReceiptType, string, Standing, string | undefined]>([
    ["received", "acknowledged", "received", "acknowledged"],
    ["started", "acknowledged", "started", "acknowledged"],
    ["transferred", "acknowledged", "received", "acknowledged"],
    ["extension-asked", "asked", "received", "acknowledged"],
    ["refused", "returned", "returned", undefined],
    ["withdrawn", "returned", "returned", undefined],
    ["result", "handled", "result", "handled"],
  ])("I7 %s: %s, and the order stands at %s", (type, effect, standing, part) => {
    const at = handed()
    expect(became(says(at.world, at.order, type))).toBe(effect)
    expect(orderOf(at.world, at.order).standing).toBe(standing)
    expect(partOf(at)).toBe(part)
  })

  test("I7 what is done by a partner is done in its name, and a person's board and a receipt agree", () => {
    const at = handed()
    must(at.world, "AcknowledgeOrder", `officer-${at.unit}`, "department-officer", {
      incident: at.incident,
      unit: at.unit,
    })
    expect(became(says(at.world, at.order, "received"))).toBe("noted")
    says(at.world, at.order, "result")
    expect(at.world.events.find(({ event }) => event.type === "PartHandled")?.event).toMatchObject({
      by: "water",
      result: "已修好",
      residentsBenefited: 7,
    })
    const late = handed()
    must(late.world, "RecordHandled", `officer-${late.unit}`, "department-officer", {
      incident: late.incident,
      unit: late.unit,
      result: "已处置",
    })
    const back = says(late.world, late.order, "refused")
    expect([became(back), orderOf(late.world, late.order).standing]).toEqual(["older", "sent"])
    expect(back).toMatchObject({ notices: [{ kind: "receipt-contradicts" }] })
    expect(says(late.world, late.order, "started")).toMatchObject({ ok: true, notices: [] })
    const done = says(late.world, late.order, "result")
    expect([became(done), orderOf(late.world, late.order).standing]).toEqual(["noted", "result"])
    expect(done).toMatchObject({ notices: [] })
  })

  test("F1 a result handles and closes nothing before the reply and the follow-up", () => {
    const { world, report, incident, order } = handed()
    says(world, order, "result")
    expect(incidentOf(world, incident).status).toBe("handled")
    expect(world.state("report", report)).toMatchObject({ status: "open" })
    reply(world, report)
    followUp(world, report)
    expect(world.state("report", report)).toMatchObject({ status: "closed" })
  })

  test("transferred keeps who has it in hand: the latest by the partner's own time", () => {
    const { world, order } = handed()
    for (const [id, minute] of [
      ["b", 5],
      ["c", 9],
      ["a", 1],
    ] as const) {
      says(world, order, "transferred", { id, time: time(minute), to: `班组${id}` })
    }
    expect(orderOf(world, order).handler).toMatchObject({ to: "班组c" })
    says(world, order, "result")
    expect(became(says(world, order, "transferred", { id: "d", time: time(20), to: "班组d" }))).toBe("noted")
    expect(orderOf(world, order).handler).toMatchObject({ to: "班组d" })
  })

  test("F10 the partner's time moves no due time and is no instant of ours", () => {
    const { world, order, incident } = handed()
    const due = findOpen(incidentOf(world, incident).obligations, "handle")?.due
    says(world, order, "started", { time: "2031-01-01T00:00:00.000Z" })
    expect(findOpen(incidentOf(world, incident).obligations, "handle")?.due).toBe(due)
    const acknowledged = world.events.find(({ event }) => event.type === "OrderAcknowledged")?.event
    expect(acknowledged).toMatchObject({ at: world.now })
  })
})

describe("returns", () => {
  test("F7 a return goes to the desk with its reason, and keeps the clock", () => {
    const { world, order, incident } = handed()
    const owed = findOpen(incidentOf(world, incident).obligations, "handle")
    const outcome = says(world, order, "refused")
    expect(outcome).toMatchObject({ notices: [{ kind: "order-returned", to: { unit: "duty-desk" } }] })
    expect(world.events.find(({ event }) => event.type === "OrderReturned")?.event).toMatchObject({
      reason: "不归我们管",
      by: "water",
    })
    expect(findOpen(incidentOf(world, incident).obligations, "handle")).toEqual({
      ...owed,
      owner: "duty-desk",
    })
  })

  test("F7 beyond the policy's limit it stays where it is, and the desk is told", () => {
    const { world, incident, unit } = handed()
    let last = ""
    for (let round = 1; round <= 3; round += 1) {
      last = world.orders.at(-1)?.id ?? ""
      const outcome = says(world, last, "refused", { id: `no-${round}` })
      if (round < 3) handOver(world, incident)
      else expect(outcome).toMatchObject({ notices: [{ kind: "return-denied" }] })
    }
    expect(partOf({ world, incident, unit, order: last, report: "" })).toBe("ordered")
    expect(orderOf(world, last).standing).toBe("sent")
    expect(became(says(world, last, "result"))).toBe("handled")
  })

  test("what contradicts is kept, changes nothing, and is told to the desk", () => {
    const done = handed()
    says(done.world, done.order, "result")
    const back = says(done.world, done.order, "withdrawn")
    expect([became(back), partOf(done)]).toEqual(["older", "handled"])
    expect(back).toMatchObject({ notices: [{ kind: "receipt-contradicts" }] })
    const gone = handed()
    says(gone.world, gone.order, "refused")
    const after = says(gone.world, gone.order, "result")
    expect([became(after), count(gone.world, "PartHandled")]).toEqual(["superseded", 0])
    expect(after).toMatchObject({ notices: [{ kind: "receipt-contradicts", data: { receipt: "result" } }] })
  })

  test("an order that was returned acts no more when the matter went to the same unit anew", () => {
    const at = handed()
    says(at.world, at.order, "refused")
    handOver(at.world, at.incident)
    expect(became(says(at.world, at.order, "result", { id: "old" }))).toBe("superseded")
    expect(partOf(at)).toBe("ordered")
    expect(became(says(at.world, at.world.orders.at(-1)?.id ?? "", "result", { id: "new" }))).toBe("handled")
  })
})

describe("more time", () => {
  const decision = (world: ReturnType<typeof handed>["world"], incident: string) => {
    const owed = findOpen(incidentOf(world, incident).obligations, "handle")
    if (owed === undefined) throw new Error("nothing is owed")
    const ask = { kind: "incident", debtor: incident, obligation: owed.id, reason }
    return {
      owed,
      grant: () =>
        must(world, "ExtendObligation", "duty", "duty-officer", { ...ask, minutes: 480, askedBy: "water" }),
      decline: () =>
        must(world, "DeclineExtension", "duty", "duty-officer", { incident, obligation: owed.id, reason }),
    }
  }

  test("F3 an extension is asked, a person decides, and the partner hears by its order", () => {
    for (const [verdict, extension] of [
      ["grant", "granted"],
      ["decline", "declined"],
    ] as const) {
      const { world, order, incident, unit } = handed()
      const outcome = says(world, order, "extension-asked")
      expect(outcome).toMatchObject({ notices: [{ kind: "extension-asked" }] })
      const open = decision(world, incident)
      expect(open.owed.asked).toMatchObject({ by: "water", minutes: 480 })
      open[verdict]()
      const told = world.orders.at(-1)
      const due = findOpen(incidentOf(world, incident).obligations, "handle")?.due
      expect(told).toMatchObject({ type: "supplemented", to: unit, closeBy: due, data: { order, extension } })
      expect(due === open.owed.due).toBe(verdict === "decline")
      expect(became(says(world, told?.id ?? "", "started"))).toBe("noted")
      expect(orderOf(world, order).standing).toBe("started")
      expect(became(says(world, order, "extension-asked"))).toBe("older")
    }
  })

  test("more time is asked for after it was received and begun, and a later question takes an earlier one's place", () => {
    const { world, order, incident } = handed()
    says(world, order, "started")
    const asked = () => findOpen(incidentOf(world, incident).obligations, "handle")?.asked?.minutes
    expect(became(says(world, order, "extension-asked", { id: "a", time: time(5), minutes: 60 }))).toBe(
      "asked",
    )
    expect(became(says(world, order, "extension-asked", { id: "b", time: time(3), minutes: 90 }))).toBe(
      "older",
    )
    expect(asked()).toBe(60)
    expect(became(says(world, order, "extension-asked", { id: "c", time: time(7), minutes: 120 }))).toBe(
      "asked",
    )
    expect(asked()).toBe(120)
    expect(count(world, "OrderAcknowledged")).toBe(1)
  })

  test("F3 what the policy never grants is answered at once, and asking is receiving", () => {
    const { world, order, incident } = handed(fire)
    expect(became(says(world, order, "extension-asked"))).toBe("ask-denied")
    expect(world.orders.at(-1)).toMatchObject({ type: "supplemented", data: { extension: "declined" } })
    expect(findOpen(incidentOf(world, incident).obligations, "handle")?.asked).toBeUndefined()
    expect(count(world, "OrderAcknowledged")).toBe(1)
  })

  test("F3 an extension that nobody asked for tells nobody", () => {
    const { world, incident } = handed()
    const orders = world.orders.length
    decision(world, incident).grant()
    expect(world.orders).toHaveLength(orders)
  })
})

describe("a recall", () => {
  test("F7 an ordinary matter that becomes an emergency is recalled from whoever had it", () => {
    const { world, report, order, unit } = handed()
    must(world, "ConvertClass", "duty", "duty-officer", { report, trigger: "newDanger", reason })
    const told = world.orders.at(-1)
    expect(told).toMatchObject({ type: "recalled", to: unit, data: { order } })
    expect(became(says(world, told?.id ?? "", "withdrawn"))).toBe("superseded")
    expect(became(says(world, order, "result"))).toBe("superseded")
    expect(count(world, "PartHandled")).toBe(0)
  })

  test("F7 so it is when a report that joins makes an emergency of it", () => {
    const { world, incident, order } = handed()
    const join = { incident: { how: "join", incident } }
    answer(world, submit(world, "wang"), fire, join)
    expect(world.orders.at(-1)).toMatchObject({ type: "recalled", data: { order } })
  })

  test("what was handled or returned is not recalled", () => {
    const { world, report, order } = handed()
    says(world, order, "refused")
    must(world, "ConvertClass", "duty", "duty-officer", { report, trigger: "newDanger", reason })
    expect(world.orders).toHaveLength(1)
  })
})

describe("who may", () => {
  test.each<readonly [string, object]>([
    ["another partner", { source: "gas" }],
    ["somebody who is no partner", { source: "officer-housing" }],
    ["a name that nobody can have", { source: "Water_Co" }],
  ])("I7 Z5 %s moves nothing, and is answered as if the order were missing", (_name, forged) => {
    const at = handed()
    const events = count(at.world, "PartHandled")
    const outcome = says(at.world, at.order, "result", forged)
    expect(became(outcome)).toBe("not-addressed")
    expect([partOf(at), count(at.world, "PartHandled")]).toEqual(["ordered", events])
    expect(at.world.state("order", at.order)).toMatchObject({ standing: "sent", waiting: [] })
    const told = outcome.ok ? outcome.notices : []
    expect(told).toMatchObject([{ kind: "receipt-parked", to: { unit: "duty-desk" } }])
  })

  test("I7 a partner whose unit was dissolved moves nothing; its successor's partner does", () => {
    const at = handed()
    at.world.append("incident", at.incident, {
      type: "OwnerReplaced",
      from: at.unit,
      to: "market-supervision",
    })
    expect(became(says(at.world, at.order, "started"))).toBe("not-addressed")
    expect(became(says(at.world, at.order, "started", { source: "gas" }))).toBe("acknowledged")
  })
})

describe("parked receipts", () => {
  const key = keyOf("water", "result-1")

  test.each<readonly [ReceiptType, string]>([
    ["refused", "reason"],
    ["withdrawn", "reason"],
    ["transferred", "to"],
    ["extension-asked", "minutes"],
    ["extension-asked", "reason"],
    ["result", "result"],
  ])("%s without its %s is kept for a person", (type, field) => {
    const { world, order } = handed()
    expect(became(says(world, order, type, { [field]: undefined }))).toBe("incomplete")
    expect(
      codeOf(world.give("RetryReceipt", "duty", "duty-officer", { receipt: keyOf("water", `${type}-1`) })),
    ).toBe("still-parked")
  })

  test("I7 one that was faster than its order is taken up, once, when the order is there", () => {
    // Fresh ids of these worlds count commands: here three come before the order.
    const { order: same, unit } = handed()
    const order = `o-${Number(same.split("-")[1]) + 3}-1`
    const world = staffedWorld()
    const incident = answer(world, submit(world, "zhang"), lamp)
    expect(became(says(world, order, "result"))).toBe("unknown-order")
    expect(became(says(world, order, "result"))).toBe("nothing")
    expect(world.state("order", order)).toEqual({ status: "awaited", waiting: [key] })
    const again = world.asScheduler("RetryReceipt", { receipt: key })
    expect(again).toEqual(refuse("still-parked", { receipt: key, why: "unknown-order" }))
    handOver(world, incident)
    expect(world.orders[0]?.id).toBe(order)
    world.appoint("water", "partner", [unit])
    expect(world.asScheduler("RetryReceipt", { receipt: key })).toMatchObject({ ok: true })
    expect(incidentOf(world, incident).status).toBe("handled")
    expect(world.state("receipt", key).status).toBe("taken")
    expect(orderOf(world, order).waiting).toEqual([])
    expect(world.asScheduler("RetryReceipt", { receipt: key })).toEqual(
      refuse("not-parked", { receipt: key, status: "taken" }),
    )
    expect(count(world, "PartHandled")).toBe(1)
  })

  test("one whose order came and is another's is waited for no more", () => {
    const { world, incident, unit } = handed()
    says(world, "o-early", "result", { source: "gas", id: "early" })
    const parked = keyOf("gas", "early")
    world.append("order", "o-early", { type: "OrderPlaced", at: world.now, incident, unit })
    expect(world.asScheduler("RetryReceipt", { receipt: parked })).toMatchObject({ ok: true })
    expect(world.state("receipt", parked)).toMatchObject({ status: "parked", why: "not-addressed" })
    expect(orderOf(world, "o-early").waiting).toEqual([])
    expect(codeOf(world.asScheduler("RetryReceipt", { receipt: parked }))).toBe("still-parked")
  })

  test("an unknown order keeps so many waiting; more are parked all the same", () => {
    const { world } = handed()
    for (let at = 0; at <= waitingCap; at += 1) {
      expect(became(says(world, "o-none", "received", { id: `r-${at}` }))).toBe("unknown-order")
    }
    expect(world.state("order", "o-none")).toMatchObject({ waiting: { length: waitingCap } })
    expect(world.state("receipt", keyOf("water", `r-${waitingCap}`)).status).toBe("parked")
  })

  test("a person tries again after mending what stood in the way", () => {
    const at = handed()
    says(at.world, at.order, "result", { source: "gas" })
    const receipt = keyOf("gas", "result-1")
    expect(refusedWith(at.world, "RetryReceipt", "duty", "duty-officer", { receipt })).toBe("still-parked")
    at.world.appoint("gas", "partner", [at.unit])
    must(at.world, "RetryReceipt", "duty", "duty-officer", { receipt })
    expect(partOf(at)).toBe("handled")
  })

  test("a person dismisses with a reason what nobody waits for any more", () => {
    const { world } = handed()
    says(world, "o-none", "result")
    must(world, "DismissReceipt", "duty", "duty-officer", { receipt: key, reason })
    expect(world.state("receipt", key).status).toBe("dismissed")
    expect(world.state("order", "o-none")).toEqual({ status: "awaited", waiting: [] })
  })

  test("S1 every state × command × role", () => {
    const situations = {
      none: () => staffedWorld(),
      parked: () => {
        const { world, order } = handed()
        says(world, order, "result", { source: "gas" })
        world.appoint("gas", "partner", [world.orders[0]?.to ?? ""])
        return world
      },
      taken: () => {
        const world = situations.parked()
        must(world, "RetryReceipt", "duty", "duty-officer", { receipt: keyOf("gas", "result-1") })
        return world
      },
      dismissed: () => {
        const world = situations.parked()
        must(world, "DismissReceipt", "duty", "duty-officer", { receipt: keyOf("gas", "result-1"), reason })
        return world
      },
    }
    const people = { "duty-officer": "duty", "programme-admin": "admin", scheduler: "system-scheduler" }
    const wanted: Record<string, readonly string[]> = {
      RetryReceipt: ["scheduler", "duty-officer", "programme-admin"],
      DismissReceipt: ["duty-officer", "programme-admin"],
    }
    for (const [state, make] of Object.entries(situations)) {
      const world = make()
      const events = world.events.length
      for (const [type, roles] of Object.entries(wanted) as [CommandType, readonly string[]][]) {
        const given = { receipt: keyOf("gas", "result-1"), ...(type === "DismissReceipt" ? { reason } : {}) }
        const command = { type, payload: commands[type].payload.parse(given) } as Command
        for (const one of role.options) {
          const code = codeOf(world.decide(command, people[one as keyof typeof people] ?? "somebody", one))
          const inState = state === "parked" ? "accepted" : state === "none" ? "not-found" : "not-parked"
          expect(code, `${type} ${state} ${one}`).toBe(roles.includes(one) ? inState : "not-permitted")
        }
      }
      expect(world.events).toHaveLength(events)
    }
    expect(commands.TakeReceipt.roles).toEqual(["scheduler"])
  })
})

describe("any order and multiplicity", () => {
  interface Word {
    readonly type: ReceiptType
    readonly id: string
    readonly minute: number
  }
  const word = (...types: readonly ReceiptType[]): fc.Arbitrary<Word> =>
    fc.record({
      type: fc.constantFrom(...types),
      id: fc.constantFrom("1", "2", "3"),
      minute: fc.integer({ min: 0, max: 59 }),
    })
  /** A partner either does it or gives it back; both at once have no one answer. */
  const story = (...types: readonly ReceiptType[]) =>
    fc
      .uniqueArray(word(...types), { minLength: 1, maxLength: 8, selector: ({ type, id }) => type + id })
      .chain((words) =>
        fc.tuple(
          fc.constant(words),
          fc
            .array(fc.constantFrom(...words), { maxLength: 6 })
            .chain((more) =>
              fc.shuffledSubarray([...words, ...more], { minLength: words.length + more.length }),
            ),
        ),
      )
  const does: readonly ReceiptType[] = ["received", "started", "transferred", "extension-asked", "result"]
  const returns: readonly ReceiptType[] = ["received", "started", "transferred", "refused", "withdrawn"]

  test("I7 give the state of the highest rung, and each effect at most once", () => {
    fc.assert(
      fc.property(fc.oneof(story(...does), story(...returns)), ([words, order]) => {
        const at = handed()
        for (const { type, id, minute } of order) {
          const more = type === "transferred" ? { to: `班组${type}${id}` } : {}
          expect(
            says(at.world, at.order, type, { id: `${type}-${id}`, time: time(minute), ...more }).ok,
          ).toBe(true)
        }
        const top = words.map(({ type }) => ladder[type].standing).reduce(higher, "sent")
        const state = orderOf(at.world, at.order)
        expect(state.standing).toBe(top)
        expect(partOf(at)).toBe(
          top === "returned" ? undefined : top === "result" ? "handled" : "acknowledged",
        )
        const byTime = words
          .filter(({ type }) => type === "transferred")
          .map(({ id, minute }) => ({ id, minute, key: keyOf("water", `transferred-${id}`) }))
          .sort((a, b) => a.minute - b.minute || (a.key < b.key ? -1 : 1))
          .at(-1)
        expect(state.handler?.to).toBe(byTime && `班组transferred${byTime.id}`)
        for (const type of ["OrderAcknowledged", "OrderReturned", "PartHandled", "IncidentHandled"]) {
          expect(count(at.world, type), type).toBeLessThanOrEqual(1)
        }
        const owed = findOpen(incidentOf(at.world, at.incident).obligations, "acknowledge", at.unit)
        expect(owed).toBeUndefined()
      }),
      runs(150),
    )
  })

  test("every type has its rung, and the last two end it", () => {
    expect(Object.keys(ladder).sort()).toEqual([...receiptType.options].sort())
    expect((["sent", "received", "started", "returned", "result"] as const).map(hasEnded)).toEqual([
      false,
      false,
      false,
      true,
      true,
    ])
    expect(Object.keys(fields).sort()).toEqual([...receiptType.options].sort())
  })
})
