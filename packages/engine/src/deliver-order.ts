/**
 * Delivers one row of the topic `dispatch`: hands an order to whoever must act.
 *
 * The order's id is the row's, the same on every attempt and over every transport. A unit that no partner
 * system stands for works from its board, where the order stands already.
 */
import { type Order as Ordered, order } from "@yingshao/core/kernel/message"
import { instant } from "@yingshao/core/kernel/time"
import { type Dispatcher, isDispatchRefusal, type Order } from "@yingshao/ports/dispatcher"
import type { LeasedMessage } from "@yingshao/ports/storage"
import * as z from "zod"
import type { Attempted } from "./retry.ts"
import { withTimeout } from "./timeout.ts"

/** Which partner stands for a unit, over which dispatcher. */
export interface Route {
  /** Name of a dispatcher. */
  readonly dispatcher: string
  /** Name of the partner there. */
  readonly partner: string
}

export interface DispatchDesk {
  /** By name. */
  readonly dispatchers: ReadonlyMap<string, Dispatcher>
  /** `undefined`: the unit has no system of its own and works from its board. */
  readonly route: (unit: string) => Route | undefined
}

export const deliverOrder = async (
  desk: DispatchDesk,
  row: LeasedMessage,
  sendTimeoutMs: number,
): Promise<Attempted> => {
  const body = parseBody(row.body)
  if (body === undefined) return { kind: "give-up", note: "the row cannot be read" }
  const route = desk.route(body.order.to)
  if (route === undefined) return { kind: "delivered", receipt: "board" }
  const dispatcher = desk.dispatchers.get(route.dispatcher)
  if (dispatcher === undefined)
    return { kind: "again", counted: true, note: `${route.dispatcher}: not wired` }
  try {
    const handed = await withTimeout(sendTimeoutMs, (signal) =>
      dispatcher.hand(orderOf(row, body.at, body.order, route.partner), signal),
    )
    return {
      kind: "delivered",
      receipt: `${dispatcher.name}: ${handed.grade} ${handed.partnerRef ?? ""}`.trim(),
    }
  } catch (error) {
    if (!isDispatchRefusal(error))
      return { kind: "again", counted: true, note: `${dispatcher.name}: unknown failure` }
    const note = `${dispatcher.name}: ${error.retry}`
    if (error.retry !== "later") return { kind: "give-up", note }
    return {
      kind: "again",
      counted: true,
      ...(error.afterMs === undefined ? {} : { afterMs: error.afterMs }),
      note,
    }
  }
}

// internal

const rowBody = z.object({ v: z.literal(1), at: instant, order })

const parseBody = (text: string): z.infer<typeof rowBody> | undefined => {
  try {
    return rowBody.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

const orderOf = (row: LeasedMessage, time: string, ordered: Omit<Ordered, "id">, partner: string): Order => ({
  id: row.id,
  caseKey: ordered.orderingKey,
  to: partner,
  type: ordered.type,
  time,
  data: {
    ...ordered.data,
    incident: ordered.incident,
    ...(ordered.report === undefined ? {} : { report: ordered.report }),
    answerBy: ordered.answerBy,
    closeBy: ordered.closeBy,
  },
})
