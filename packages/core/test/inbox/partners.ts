/** Worlds in which an order went out to a partner, and what the partner says of it. */
import { createHash } from "node:crypto"
import type { Receipt } from "@yingshao/core/inbox/ladder"
import type { PlacedOrder } from "@yingshao/core/inbox/order"
import type { Outcome } from "@yingshao/core/kernel/rule"
import { answer, handOver, incidentOf, lamp, submit } from "../fixtures/steps.ts"
import { staffedWorld, type World } from "../fixtures/world.ts"

export const time = (minute: number) => `2026-03-24T09:${String(minute).padStart(2, "0")}:00.000Z`

export const keyOf = (source: string, id: string): string =>
  createHash("sha256").update(`${source}\n${id}`).digest("hex").slice(0, 40)

/** What each type of receipt must hold. */
export const fields: { readonly [type in Receipt["type"]]: object } = {
  received: {},
  started: {},
  transferred: { to: "维修三班" },
  "extension-asked": { minutes: 480, reason: "等配件" },
  refused: { reason: "不归我们管" },
  withdrawn: { reason: "人手不够" },
  result: { result: "已修好", residentsBenefited: 7 },
}

export interface Handed {
  readonly world: World
  readonly report: string
  readonly incident: string
  /** The first order that went out, and the unit it went to. */
  readonly order: string
  readonly unit: string
}

/** One matter, handed over; `water` is the partner of the unit that got the first order, `gas` of another. */
export const handed = (facts: object = lamp): Handed => {
  const world = staffedWorld()
  const report = submit(world, "zhang")
  const incident = answer(world, report, facts)
  handOver(world, incident)
  const [first] = world.orders
  if (first === undefined) throw new Error("no order went out")
  world.appoint("water", "partner", [first.to])
  world.appoint("gas", "partner", ["market-supervision"])
  return { world, report, incident, order: first.id, unit: first.to }
}

export const says = (
  world: World,
  ref: string,
  type: Receipt["type"],
  more: Partial<Record<keyof Receipt, unknown>> = {},
): Outcome => {
  const given = { id: `${type}-1`, source: "water", type, ref, time: time(0), ...fields[type], ...more }
  return world.asScheduler("TakeReceipt", {
    key: keyOf(given.source as string, given.id as string),
    receipt: given,
  })
}

/** `taken: effect`, `parked: why`, or the refusal's code. */
export const became = (outcome: Outcome): string => {
  if (!outcome.ok) return outcome.refusal.code
  for (const { event } of outcome.events) {
    if (event.type === "ReceiptTaken") return event.effect
    if (event.type === "ReceiptParked") return event.why
  }
  return "nothing"
}

export const orderOf = (world: World, order: string): PlacedOrder => {
  const state = world.state("order", order)
  if (state.status !== "placed") throw new Error(`the order is ${state.status}`)
  return state
}

/** Where the unit's part stands; `undefined` when it has none any more. */
export const partOf = ({ world, incident, unit }: Handed): string | undefined =>
  incidentOf(world, incident).parts.find((part) => part.unit === unit)?.status

/** How often a thing happened on any stream. */
export const count = (world: World, type: string): number =>
  world.events.filter(({ event }) => event.type === type).length
