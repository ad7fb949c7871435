/**
 * Parks orders that a partner did not take after all its deliveries: the dead letters that JetStream lacks.
 *
 * The server says once that a message was delivered too often, and goes on with the next; a stream keeps what it
 * says. Each such order is copied to `ys.parked.orders.{partner}` under an id of its own, so that looking twice
 * parks once, and only then is the server's word done with. What it does not do: it tells nobody; the caller
 * gets what was parked and puts a person's name on it.
 */
import type { JetStreamClient, JetStreamManager } from "@nats-io/jetstream"
import { natsNames } from "./nats-streams.ts"

/** An order that was parked. */
export interface ParkedOrder {
  readonly partner: string
  /** Number in the stream of orders. */
  readonly sequence: number
  /** The order's own id, where the message has one. */
  readonly id: string | undefined
}

const consumerName = "yingshao-parking"

/**
 * Parks what the server has given up since the last time.
 *
 * @param limit 1 to 1,000. @returns the orders parked now, in the order in which they were given up.
 */
export const parkExhausted = async (
  client: JetStreamClient,
  manager: JetStreamManager,
  limit: number,
): Promise<readonly ParkedOrder[]> => {
  await manager.consumers.add(natsNames.adviceStream, { durable_name: consumerName, ack_policy: "explicit" })
  const consumer = await client.consumers.get(natsNames.adviceStream, consumerName)
  const parked: ParkedOrder[] = []
  const batch = await consumer.fetch({ max_messages: limit, expires: 1_000 })
  for await (const advice of batch) {
    const sequence = sequenceIn(advice.string())
    const order = sequence === undefined ? undefined : await stored(manager, sequence)
    if (order !== undefined && sequence !== undefined) {
      const partner = order.subject.slice(natsNames.orders.length + 1)
      const subject = `${natsNames.parked}.orders.${partner}`
      await client.publish(subject, order.data, { msgID: `order-${sequence}` })
      const id = order.header.get("Nats-Msg-Id")
      parked.push({ partner, sequence, id: id === "" ? undefined : id })
    }
    await advice.ackAck()
    if (advice.info.pending === 0) break
  }
  return parked
}

// internal

const stored = (manager: JetStreamManager, sequence: number) =>
  manager.streams.getMessage(natsNames.orderStream, { seq: sequence }).then(
    (message) => message ?? undefined,
    () => undefined,
  )

const sequenceIn = (text: string): number | undefined => {
  try {
    const { stream_seq: sequence } = JSON.parse(text) as { readonly stream_seq?: unknown }
    return typeof sequence === "number" ? sequence : undefined
  } catch {
    return undefined
  }
}
