/**
 * Every kind of stream there is: the one table that the engine, the checks and the exports go by.
 *
 * A stream's key is `kind/id`. Adding a kind here is all that a new aggregate needs in order to be stored,
 * folded, indexed, counted and checked.
 */
import type * as z from "zod"
import { orderDefinition } from "./inbox/order.ts"
import { receiptDefinition } from "./inbox/parked-receipt.ts"
import { incidentDefinition } from "./incident/incident.ts"
import { placeCellDefinition } from "./incident/place-cell.ts"
import { accountDefinition } from "./ledger/account.ts"
import { budgetDefinition } from "./ledger/budget.ts"
import { stockDefinition } from "./ledger/stock.ts"
import { participantDefinition } from "./participant/participant.ts"
import { programmeDefinition } from "./programme/programme.ts"
import { staffDefinition } from "./programme/staff.ts"
import { reportDefinition } from "./report/report.ts"
import { rewardDefinition } from "./reward/reward.ts"

export const streams = {
  programme: programmeDefinition,
  staff: staffDefinition,
  participant: participantDefinition,
  report: reportDefinition,
  incident: incidentDefinition,
  place: placeCellDefinition,
  order: orderDefinition,
  receipt: receiptDefinition,
  reward: rewardDefinition,
  account: accountDefinition,
  budget: budgetDefinition,
  stock: stockDefinition,
} as const

export type StreamKind = keyof typeof streams
export type StateOf<K extends StreamKind> = (typeof streams)[K]["initial"]
export type StreamEvent<K extends StreamKind = StreamKind> = z.infer<(typeof streams)[K]["event"]>

export const streamKinds = Object.keys(streams) as readonly StreamKind[]

/** @example streamKey("report", "r-1") // => "report/r-1" */
export const streamKey = (kind: StreamKind, id: string): string => `${kind}/${id}`

/** The kind and id of a key, or `undefined` when it names no known kind. */
export const parseStreamKey = (
  key: string,
): { readonly kind: StreamKind; readonly id: string } | undefined => {
  const slash = key.indexOf("/")
  const kind = key.slice(0, slash)
  return slash > 0 && kind in streams ? { kind: kind as StreamKind, id: key.slice(slash + 1) } : undefined
}
