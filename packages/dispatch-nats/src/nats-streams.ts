/**
 * The streams and the consumer that a county and its partners meet on, made or left as they are.
 *
 * Orders, receipts, what was parked, and the server's own word on messages that were delivered too often: the
 * server forgets that word unless a stream keeps it. All are files with one copy; a cluster sets `replicas`.
 * What it does not do: it removes nothing and narrows nothing that is there.
 */
import type { JetStreamManager } from "@nats-io/jetstream"

export const natsNames = {
  /** Subject of orders, with the partner's name behind it. */
  orders: "ys.dispatch",
  receipts: "ys.receipts",
  parked: "ys.parked",
  orderStream: "YS_DISPATCH",
  receiptStream: "YS_RECEIPTS",
  receiptConsumer: "yingshao",
  parkedStream: "YS_PARKED",
  adviceStream: "YS_ADVICE",
} as const

/** Deliveries of one order to one partner before it is parked. */
export const maxDeliveries = 8

const secondNs = 1_000_000_000

export interface NatsStreamsOptions {
  /** Copies of each stream, 1 to 5. Default 1. */
  readonly replicas?: number
  /** Seconds within which the server drops a message of an id that it has. Default 7,200. */
  readonly duplicateWindowS?: number
}

/**
 * Makes the streams that are missing. Running it twice, or from two processes, is harmless.
 *
 * @param manager `await jetstreamManager(connection)`.
 */
export const makeNatsStreams = async (
  manager: JetStreamManager,
  { replicas = 1, duplicateWindowS = 7_200 }: NatsStreamsOptions = {},
): Promise<void> => {
  const streams = [
    { name: natsNames.orderStream, subjects: [`${natsNames.orders}.*`] },
    { name: natsNames.receiptStream, subjects: [`${natsNames.receipts}.*`] },
    { name: natsNames.parkedStream, subjects: [`${natsNames.parked}.>`] },
    {
      name: natsNames.adviceStream,
      subjects: [`$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${natsNames.orderStream}.*`],
    },
  ]
  for (const stream of streams) {
    const known = await manager.streams.info(stream.name).catch(() => undefined)
    if (known !== undefined) continue
    await manager.streams.add({
      ...stream,
      storage: "file",
      num_replicas: replicas,
      duplicate_window: duplicateWindowS * secondNs,
    })
  }
  await manager.consumers.add(natsNames.receiptStream, {
    durable_name: natsNames.receiptConsumer,
    ack_policy: "explicit",
    ack_wait: 30 * secondNs,
  })
}

/**
 * The durable consumer of one partner: in order, one at a time, at most `maxDeliveries` times each.
 *
 * @param partner letters, digits, `_` and `-`. @returns its name.
 */
export const makePartnerConsumer = async (manager: JetStreamManager, partner: string): Promise<string> => {
  const name = `partner-${partner}`
  await manager.consumers.add(natsNames.orderStream, {
    durable_name: name,
    filter_subject: `${natsNames.orders}.${partner}`,
    ack_policy: "explicit",
    max_ack_pending: 1,
    max_deliver: maxDeliveries,
    ack_wait: 30 * secondNs,
  })
  return name
}
