/**
 * What leaves the programme: notices to people and orders to whoever must act, as data.
 *
 * The engine puts each into the outbox in the transaction of the events that caused it; the relay renders
 * and delivers. No reporter identity is in either, but the handle a notice is addressed to. An order
 * carries an extract, never the original text or photo of the reporter (P9).
 */
import * as z from "zod"
import { incidentId, type OrderId, personId, reportId, unitId } from "./ids.ts"
import { role } from "./roles.ts"
import { instant } from "./time.ts"

/** Whom a notice is for: a person, whoever is on duty in a unit, or everybody who holds a role. */
export const recipient = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("person"), person: personId }),
  z.object({ kind: z.literal("unit"), unit: unitId }),
  z.object({ kind: z.literal("role"), role }),
])
export type Recipient = z.infer<typeof recipient>

export const notice = z.object({
  /** What happened, for the renderer: `report-accepted`, `reply`, `whistle`, `escalation`, `award`, … */
  kind: z.string().regex(/^[a-z][a-z-]*$/),
  to: recipient,
  /** An urgent notice goes out over two channels at once. */
  urgent: z.boolean(),
  /** Notices with one key are delivered in order. */
  orderingKey: z.string().min(1).max(128),
  /** Short facts for the text. Never a name, phone, reporter or exact position. */
  data: z.record(z.string(), z.union([z.string(), z.number()])),
})
export type Notice = z.infer<typeof notice>

export const order = z.object({
  type: z.enum(["assigned", "urged", "supplemented", "reassigned", "recalled"]),
  incident: incidentId,
  /** The report the extract is taken from; its public number only. */
  report: reportId.optional(),
  to: unitId,
  orderingKey: z.string().min(1).max(128),
  answerBy: instant,
  closeBy: instant,
  data: z.record(z.string(), z.union([z.string(), z.number()])),
})
export type Order = z.infer<typeof order> & {
  /** The outbox row's: what a partner names in its receipts. */
  readonly id: OrderId
}
