/**
 * Delivers one row of the topic `dispatch`: hands an order to whoever must act.
 *
 * The order's id is the row's, the same on every attempt and over every transport. A unit that no partner
 * system stands for works from its board, where the order stands already.
 */
import { type Order as Ordered, order } from "@yingshao/core/kernel/message"
import { type Instant, instant, toMs } from "@yingshao/core/kernel/time"
import type { KeeperOffice } from "@yingshao/core/notice/channel-plan"
import { type Dispatcher, isDispatchRefusal, type Order } from "@yingshao/ports/dispatcher"
import type { LeasedMessage } from "@yingshao/ports/storage"
import * as z from "zod"
import { refusalReason } from "./refusal-reason.ts"
import type { Attempted } from "./retry.ts"
import type { SendSlots } from "./send-slots.ts"
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

export interface Handing {
  readonly slots: SendSlots
  readonly now: () => Instant
  readonly sendTimeoutMs: number
  /** After so many hours of waiting that counted as no attempt, an order is parked. */
  readonly parkAfterHours: number
}

export const deliverOrder = async (
  desk: DispatchDesk,
  row: LeasedMessage,
  handing: Handing,
): Promise<Attempted> => {
  const body = parseBody(row.body)
  if (body === undefined) return giveUp("developer", "the row cannot be read")
  const route = desk.route(body.order.to)
  if (route === undefined) return { kind: "delivered", receipt: "board" }
  const dispatcher = desk.dispatchers.get(route.dispatcher)
  if (dispatcher === undefined)
    return { kind: "again", counted: true, note: `${route.dispatcher}: not wired` }
  const { name } = dispatcher
  const order = orderOf(row, body.at, body.order, route.partner)
  try {
    const slot = await handing.slots.run(`${name}\n${route.partner}`, () =>
      withTimeout(handing.sendTimeoutMs, (signal) => dispatcher.hand(order, signal)),
    )
    if ("backInMs" in slot) return waits(handing, body.at, slot.backInMs, `${name}: busy`)
    const { grade, partnerRef = "" } = slot.done
    return { kind: "delivered", receipt: `${name}: ${grade} ${partnerRef}`.trim() }
  } catch (error) {
    if (!isDispatchRefusal(error)) return { kind: "again", counted: true, note: `${name}: unknown failure` }
    const note = refusalReason(name, error, order)
    if (error.retry === "never") return giveUp("developer", note)
    if (error.retry === "ask-a-person") return giveUp("operator", note)
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

const giveUp = (keeper: KeeperOffice, note: string): Attempted => ({ kind: "give-up", keeper, note })

const waits = ({ now, parkAfterHours }: Handing, at: Instant, afterMs: number, note: string): Attempted =>
  toMs(now()) - toMs(at) > parkAfterHours * 3_600_000
    ? giveUp("operator", `waited ${parkAfterHours} hours: ${note}`)
    : { kind: "again", counted: false, afterMs, note }

const orderOf = (row: LeasedMessage, time: string, ordered: Omit<Ordered, "id">, partner: string): Order => ({
  id: row.id,
  caseKey: ordered.orderingKey,
  to: partner,
  type: ordered.type,
  time,
  data: dataOf(ordered),
})

/** The facts of an order as the envelope has them: level, category, place, what it is about in one line. */
const dataOf = (ordered: Omit<Ordered, "id">): Order["data"] => {
  const { class: level, category, categoryName, place: text, lng, lat, accuracyM, ...rest } = ordered.data
  const kind = present({ scheme: "yingshao", code: category, name: categoryName })
  const place = present({ text, lng, lat, crs: lng === undefined ? undefined : "wgs84", accuracyM })
  const summary = [categoryName, text].filter((one) => one !== undefined).join(" · ")
  return present({
    ...rest,
    level,
    category: category === undefined ? undefined : [kind],
    summary: summary === "" ? undefined : summary,
    place: Object.keys(place).length === 0 ? undefined : place,
    incident: ordered.incident,
    report: ordered.report,
    answerBy: ordered.answerBy,
    closeBy: ordered.closeBy,
  })
}

const present = (fields: Order["data"]): Order["data"] =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
