/**
 * What must hold of an order beside its incident, and of a parked receipt beside the order it names.
 */
import type { IncidentState, Part } from "../incident/incident.ts"
import { breachesOf, type Checked } from "../kernel/check.ts"
import { type Rule, read, readAll } from "../kernel/rule.ts"
import type { Standing } from "./ladder.ts"
import { type OrderState, waitingCap } from "./order.ts"
import type { ReceiptState } from "./parked-receipt.ts"
import { waitingOf } from "./take-receipt.ts"

export function* checkOrder(state: OrderState, id: string): Rule<Checked> {
  const waiting = yield* readAll("receipt", waitingOf(state))
  const placed = state.status === "placed" ? state : undefined
  const incident = placed === undefined ? undefined : yield* read("incident", placed.incident)
  const of = state.status === "supplement" ? yield* read("order", state.of) : undefined
  return {
    breaches: breachesOf(
      ["I7", incident?.status !== "none", "派单的事件不存在", "the order's incident does not exist"],
      [
        "I7",
        placed === undefined || incident === undefined || agrees(placed.standing, partOf(incident, id)),
        "单位的办理状态与回执不符",
        "the part does not stand where the partner's receipts say",
      ],
      ["I7", of === undefined || of.status === "placed", "补充的派单不存在", "it supplements no order"],
      [
        "I7",
        waiting.every(({ status }) => status === "parked"),
        "等待中的回执已有结果",
        "a receipt that waits for the order is not parked",
      ],
    ),
    claims: [],
  }
}

export function* checkReceipt(state: ReceiptState, id: string): Rule<Checked> {
  const parked = state.status === "parked" ? state : undefined
  const waiting = parked === undefined ? [] : waitingOf(yield* read("order", parked.receipt.ref))
  return {
    breaches: breachesOf([
      "I7",
      parked?.why !== "unknown-order" || waiting.includes(id) || waiting.length >= waitingCap,
      "回执在等派单,派单却不知道",
      "a parked receipt waits for an order that does not know it",
    ]),
    claims: [],
  }
}

// internal

/** The part that the order gave; `undefined` when the matter has moved on. */
const partOf = (incident: IncidentState, id: string): Part | undefined =>
  incident.status === "handed-over" || incident.status === "handled"
    ? incident.parts.find(({ order, status }) => order === id && status !== "returned")
    : undefined

const agrees = (standing: Standing, part: Part | undefined): boolean => {
  if (part === undefined) return true
  if (standing === "returned") return false
  if (standing === "result") return part.status === "handled"
  return standing === "sent" || part.status !== "ordered"
}
