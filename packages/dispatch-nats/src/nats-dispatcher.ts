/**
 * NATS JetStream as the stream between a county and its partners, for those who outgrow one machine.
 *
 * An order goes to `ys.dispatch.{partner}` with its id as `Nats-Msg-Id`; a receipt comes on
 * `ys.receipts.{partner}`. The server drops duplicates only within its window (two minutes unless told
 * otherwise), so a partner dedupes by id all the same, as the inbox does here. `handed-over` means that the
 * stream has stored the order, not that the partner has seen it.
 *
 * What it does not do: it makes no streams (`nats-streams.ts`), and it parks nothing (`park-exhausted.ts`).
 */
import type { JetStreamClient, JsMsg } from "@nats-io/jetstream"
import {
  type Dispatcher,
  dispatcherContract,
  dispatchRefusal,
  isOrderId,
  type PartnerReceipt,
} from "@yingshao/ports/dispatcher"
import { type DispatchEventOptions, orderText } from "@yingshao/ports/outbound/dispatch-event"
import type { MappingTable } from "@yingshao/ports/outbound/mapping-table"
import { orStopped } from "@yingshao/ports/outbound/or-stopped"
import { readReceipt } from "@yingshao/ports/outbound/partner-receipt"
import { natsNames } from "./nats-streams.ts"

export interface NatsPartner {
  /** The partner's own form of an order, and from its form of a receipt to ours. Left out: our forms. */
  readonly orders?: MappingTable
  readonly receipts?: MappingTable
}

export interface NatsDispatcherOptions extends DispatchEventOptions {
  /** `jetstream(connection)`; the host connects and closes. */
  readonly client: JetStreamClient
  /** Partners by name: letters, digits, `_` and `-`. */
  readonly partners: Readonly<Record<string, NatsPartner>>
}

/**
 * A dispatcher over JetStream.
 *
 * @throws RangeError for a partner's name that cannot stand in a subject.
 */
export const natsDispatcher = (options: NatsDispatcherOptions): Dispatcher => {
  for (const name of Object.keys(options.partners)) {
    if (!isOrderId(name)) throw new RangeError(`${JSON.stringify(name)} cannot stand in a subject`)
  }
  /** Receipts that were given out and are not acknowledged. */
  const given = new Map<string, { readonly message: JsMsg; readonly receipt: PartnerReceipt }>()
  return {
    contract: dispatcherContract,
    name: "nats",
    async hand(order, signal) {
      const partner = Object.hasOwn(options.partners, order.to) ? options.partners[order.to] : undefined
      if (partner === undefined) throw dispatchRefusal("never", "nats: no partner of this name")
      if (!isOrderId(order.id)) throw dispatchRefusal("never", "nats: this is no id of an order")
      if (signal.aborted) throw dispatchRefusal("later", "nats: stopped before it was sent")
      const text = orderText(order, options, partner.orders)
      const published = options.client.publish(`${natsNames.orders}.${order.to}`, text, { msgID: order.id })
      const { duplicate } = await orStopped(published, signal, stopped).catch((error: unknown) => {
        throw dispatchRefusal("later", `nats: ${nameOf(error)}`)
      })
      return { id: order.id, grade: "handed-over", ...(duplicate ? { duplicate: true } : {}) }
    },
    async receipts(limit) {
      const waiting = [...given.values()].slice(0, limit)
      // Whatever still waits to be acknowledged must not be delivered to somebody else meanwhile.
      for (const { message } of waiting) message.working()
      if (waiting.length < limit) {
        for (const fresh of await fetched(options, limit - waiting.length)) {
          const before = given.get(fresh.receipt.id)
          if (before !== undefined && before.message.seq !== fresh.message.seq) {
            // Another message of this id, of this partner or another: it comes again when the first is acknowledged.
            fresh.message.nak(heldBackMs)
            continue
          }
          given.set(fresh.receipt.id, fresh)
          if (before === undefined) waiting.push(fresh)
        }
      }
      return waiting.map(({ receipt }) => receipt)
    },
    async acknowledge(ids) {
      for (const id of ids) {
        await given.get(id)?.message.ackAck()
        given.delete(id)
      }
    },
    close: async () => {},
  }
}

// internal

/** After so long a receipt that was held back is delivered again. */
const heldBackMs = 200

const stopped = () => new DOMException("nobody waits any more", "AbortError")

/** Never the error's own words: they may hold an address. */
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "failed")

const fetched = async ({ client, partners }: NatsDispatcherOptions, limit: number) => {
  const consumer = await client.consumers.get(natsNames.receiptStream, natsNames.receiptConsumer)
  const found: { readonly message: JsMsg; readonly receipt: PartnerReceipt }[] = []
  const batch = await consumer.fetch({ max_messages: limit, expires: 1_000 })
  for await (const message of batch) {
    const source = message.subject.slice(natsNames.receipts.length + 1)
    const partner = Object.hasOwn(partners, source) ? partners[source] : undefined
    const read = partner === undefined ? undefined : readReceipt(message.string(), source, partner.receipts)
    if (read?.ok) found.push({ message, receipt: read.receipt })
    else await park(client, message, source)
    // Nothing new is left; of those that are delivered again the server does not say how many.
    if (message.info.pending === 0 && !message.redelivered) break
  }
  return found
}

/** What cannot be read is kept where a person can look at it, and is not delivered again. */
const park = async (client: JetStreamClient, message: JsMsg, source: string): Promise<void> => {
  const subject = `${natsNames.parked}.receipts.${isOrderId(source) ? source : "unknown"}`
  await client.publish(subject, message.data, { msgID: `receipt-${message.info.streamSequence}` })
  // Without a reason: nats-server 2.9 takes no notice of a word behind it, and delivers again for ever.
  message.term()
}
