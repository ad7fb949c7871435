/** JetStream against a real nats-server: the contract, redelivery, parking, and a server that dies. */
import { jetstream, jetstreamManager } from "@nats-io/jetstream"
import { connect, type NatsConnection } from "@nats-io/transport-node"
import type { PartnerReceipt } from "@yingshao/ports/dispatcher"
import { someOrder } from "@yingshao/testkit/dispatch-cases/dispatch-cases"
import { type DispatchBench, dispatchContract } from "@yingshao/testkit/dispatch-contract"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { natsDispatcher } from "../src/nats-dispatcher.ts"
import { makeNatsStreams, makePartnerConsumer, maxDeliveries, natsNames } from "../src/nats-streams.ts"
import { parkExhausted } from "../src/park-exhausted.ts"
import { noServer, type RunningServer, startNatsServer } from "./nats-server.ts"

const missing = noServer()
if (missing !== undefined) console.warn(`dispatch-nats: not tested here: ${missing}`)

const source = "https://yingshao.county.example/522731"
const soon = () => AbortSignal.timeout(20_000)
const envelope = ({ id, type, time, data }: PartnerReceipt): string =>
  JSON.stringify({ id, type: `cn.yingshao.receipt.${type}.v1`, time, data })

// Without a server each test stands in the report as skipped, with the reason above.
describe.skipIf(missing !== undefined)("NATS JetStream", () => {
  let server: RunningServer
  let connection: NatsConnection
  const partners = { water: {} }

  beforeAll(async () => {
    server = await startNatsServer()
    connection = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 })
  })
  afterAll(async () => {
    await connection.close()
    await server.close()
  })

  const dispatcher = () => natsDispatcher({ client: jetstream(connection), source, partners })

  /** Streams that hold nothing. */
  const emptyStreams = async () => {
    const manager = await jetstreamManager(connection)
    for await (const { config } of manager.streams.list()) await manager.streams.delete(config.name)
    await makeNatsStreams(manager)
    await makeNatsStreams(manager)
    return manager
  }

  const orders = async () => {
    const manager = await jetstreamManager(connection)
    const { state } = await manager.streams.info(natsNames.orderStream)
    const found = []
    for (let seq = state.first_seq; seq <= state.last_seq && seq > 0; seq += 1) {
      const message = await manager.streams.getMessage(natsNames.orderStream, { seq })
      if (message !== null) found.push({ id: message.header.get("Nats-Msg-Id"), text: message.string() })
    }
    return found
  }

  const bench = async (): Promise<DispatchBench> => {
    await emptyStreams()
    const away = await connect({ servers: server.url })
    await away.close()
    return {
      dispatcher: dispatcher(),
      silent: natsDispatcher({ client: jetstream(away), source, partners }),
      partner: "water",
      mood: () => {},
      deliveries: orders,
      problems: () => [],
      redirected: () => 0,
      secrets: [server.url],
      leaveReceipt: async (receipt) => {
        await jetstream(connection).publish(`${natsNames.receipts}.water`, envelope(receipt))
      },
      close: async () => {},
    }
  }

  dispatchContract({ name: "nats", open: bench, moods: ["well"], receipts: "fetched" }, { describe, it })

  it("O6 keeps one order however often it is handed over within the window", async () => {
    await emptyStreams()
    const adapter = dispatcher()
    await adapter.hand(someOrder("water"), soon())
    expect(await adapter.hand(someOrder("water"), soon())).toEqual({
      id: "o-0001",
      grade: "handed-over",
      duplicate: true,
    })
    expect(await orders()).toHaveLength(1)
  })

  it("O2 O3 delivers again in order until acknowledged, and parks what was delivered too often, once", async () => {
    const manager = await emptyStreams()
    const adapter = dispatcher()
    for (const id of ["o-1", "o-2"]) await adapter.hand(someOrder("water", { id }), soon())
    const consumer = await jetstream(connection).consumers.get(
      natsNames.orderStream,
      await makePartnerConsumer(manager, "water"),
    )
    const seen: string[] = []
    for (let turn = 0; turn < maxDeliveries; turn += 1) {
      const message = await consumer.next({ expires: 1_000 })
      seen.push(message?.headers?.get("Nats-Msg-Id") ?? "")
      message?.nak()
    }
    expect(seen).toEqual(Array.from({ length: maxDeliveries }, () => "o-1"))
    const next = await consumer.next({ expires: 5_000 })
    expect(next?.headers?.get("Nats-Msg-Id")).toBe("o-2")
    await next?.ackAck()
    const client = jetstream(connection)
    expect(await parkExhausted(client, manager, 10)).toEqual([{ partner: "water", sequence: 1, id: "o-1" }])
    expect(await parkExhausted(client, manager, 10)).toEqual([])
    const { state } = await manager.streams.info(natsNames.parkedStream)
    expect(state.messages).toBe(1)
  })

  it("parks a receipt that cannot be read, and a stranger's, and takes the next", async () => {
    const manager = await emptyStreams()
    const client = jetstream(connection)
    await client.publish(`${natsNames.receipts}.water`, "not a receipt")
    await client.publish(`${natsNames.receipts}.stranger`, "{}")
    const good = {
      id: "rc-9",
      source: "water",
      type: "received",
      ref: "o-1",
      time: "2026-03-03T04:10:00.000Z",
      data: { ref: "o-1" },
    } as const
    await client.publish(`${natsNames.receipts}.water`, envelope(good))
    const adapter = dispatcher()
    expect((await adapter.receipts(10)).map(({ id }) => id)).toEqual(["rc-9"])
    const { state } = await manager.streams.info(natsNames.parkedStream)
    expect(state.messages).toBe(2)
    await adapter.acknowledge(["rc-9"])
    const { num_ack_pending } = await manager.consumers.info(
      natsNames.receiptStream,
      natsNames.receiptConsumer,
    )
    expect(num_ack_pending).toBe(0)
  })

  it("O2 loses nothing that it handed over when the server is killed and comes back", async () => {
    await emptyStreams()
    const adapter = dispatcher()
    const handed: string[] = []
    for (let at = 0; at < 40; at += 1) {
      if (at === 20) {
        await server.kill()
        await server.restart()
      }
      const id = `o-${at}`
      // Whoever is refused comes again with the same id, as the relay does.
      for (let attempt = 0; attempt < 50; attempt += 1) {
        const done = await adapter.hand(someOrder("water", { id }), soon()).catch(() => undefined)
        if (done !== undefined) break
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      handed.push(id)
    }
    expect((await orders()).map(({ id }) => id)).toEqual(handed)
  })

  it("is refused when wired to a partner that cannot stand in a subject", () => {
    expect(() => natsDispatcher({ client: jetstream(connection), source, partners: { "a.b": {} } })).toThrow(
      RangeError,
    )
  })
})
