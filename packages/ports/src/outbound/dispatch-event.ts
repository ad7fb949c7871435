/**
 * The envelope of an order, the same over every transport: one CloudEvents 1.0 event as structured JSON.
 *
 * Who reported is never in it: an order does not know. What it does not do: it signs nothing and sends nothing.
 *
 * @source https://cloudevents.io, specification 1.0.2, with its extensions partitioning, sequence, expirytime
 */
import { dispatchRefusal, type Order } from "../dispatcher.ts"
import { applyMapping, type MappingTable } from "./mapping-table.ts"

export interface DispatchEvent {
  readonly specversion: "1.0"
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject: string
  /** With the programme's offset: `2026-03-03T12:05:06.789+08:00`. */
  readonly time: string
  readonly datacontenttype: "application/json"
  readonly partitionkey: string
  /** Orders as text within one `partitionkey`. */
  readonly sequence: string
  readonly expirytime?: string
  readonly supersedes?: string
  readonly data: { readonly [field: string]: unknown }
}

export interface DispatchEventOptions {
  /** Who sends: a URI, `https://yingshao.county.example/522731`. */
  readonly source: string
  /** Minutes ahead of UTC in which instants are written, -840 to 840. Default 480, China. */
  readonly offsetMinutes?: number
  /** Where receipts are taken. Left out: the partner knows. */
  readonly replyTo?: string
}

export const dispatchContentType = "application/cloudevents+json; charset=utf-8"

/**
 * The event of one order.
 *
 * @example dispatchEvent(order, { source: "https://yingshao.county.example/522731" }).type
 *   // => "cn.yingshao.dispatch.assigned.v1"
 */
export const dispatchEvent = (order: Order, options: DispatchEventOptions): DispatchEvent => {
  const offset = options.offsetMinutes ?? 480
  const reply = options.replyTo === undefined ? {} : { reply: { to: options.replyTo, ref: order.id } }
  return {
    specversion: "1.0",
    id: order.id,
    source: options.source,
    type: `cn.yingshao.dispatch.${order.type}.v1`,
    subject: order.caseKey,
    time: atOffset(order.time, offset),
    datacontenttype: "application/json",
    partitionkey: `${order.caseKey}/${order.to}`,
    sequence: order.time.replace(/\D/g, ""),
    ...(order.expires === undefined ? {} : { expirytime: atOffset(order.expires, offset) }),
    ...(order.supersedes === undefined ? {} : { supersedes: order.supersedes }),
    data: { to: order.to, ...order.data, ...reply },
  }
}

/**
 * The text of one order as a partner wants it: the event, or what its mapping table makes of it.
 *
 * @throws DispatchRefusal `never` with rows and fields, when the table cannot take this order.
 * @throws RangeError for an unusable table.
 */
export const orderText = (order: Order, options: DispatchEventOptions, table?: MappingTable): string => {
  const event = dispatchEvent(order, options)
  if (table === undefined) return JSON.stringify(event)
  const mapped = applyMapping(table, event)
  if (mapped.ok) return JSON.stringify(mapped.value)
  const said = mapped.problems.map((one) => `row ${one.row} ${one.field} ${one.problem}`).join(", ")
  throw dispatchRefusal("never", `mapping table ${table.name}: ${said}`)
}

/**
 * An instant as it reads at an offset from UTC.
 *
 * @param instant ISO 8601 UTC. @param offsetMinutes whole minutes, -840 to 840.
 * @throws RangeError for a text that is no instant or an offset outside.
 * @example atOffset("2026-03-03T04:05:06.789Z", 480) // => "2026-03-03T12:05:06.789+08:00"
 */
export const atOffset = (instant: string, offsetMinutes: number): string => {
  if (!Number.isInteger(offsetMinutes) || Math.abs(offsetMinutes) > 840) {
    throw new RangeError("an offset is whole minutes from -840 to 840")
  }
  const shifted = new Date(Date.parse(instant) + offsetMinutes * 60_000)
  if (Number.isNaN(shifted.getTime())) throw new RangeError("this is no instant")
  const sign = offsetMinutes < 0 ? "-" : "+"
  const two = (value: number): string => String(value).padStart(2, "0")
  const minutes = Math.abs(offsetMinutes)
  return `${shifted.toISOString().slice(0, -1)}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}
