/** Receipts over a real JetStream: acknowledged after the commit, redelivered harmlessly, poison parked. */
import { jetstream, jetstreamManager } from "@nats-io/jetstream"
import { connect, type NatsConnection } from "@nats-io/transport-node"
import { natsDispatcher } from "@yingshao/dispatch-nats"
import { makeNatsStreams, natsNames } from "@yingshao/dispatch-nats/nats-streams"
import { type Storage, storageFailure } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import { replaced } from "@yingshao/testkit/storage-injection"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { noServer, type RunningServer, startNatsServer } from "../../dispatch-nats/test/nats-server.ts"
import { receiptKeyOf } from "../src/inbox.ts"
import type { Yingshao } from "../src/yingshao.ts"
import { start, testClock } from "./open-small.ts"
import { answerAll, handOverLamp, openPartnerCounty, owedIn, routeTo, saying } from "./partners.ts"

const missing = noServer()
if (missing !== undefined) console.warn(`receipts over NATS: not tested here: ${missing}`)

const parkedIn = async (county: Yingshao) =>
  (await county.queries.page({ index: "receipts", equals: "parked" })).rows.map(({ id }) => id)

// Without a server each test stands in the report as skipped, with the reason above.
describe.skipIf(missing !== undefined)("a partner over NATS JetStream", () => {
  let server: RunningServer
  let connection: NatsConnection
  beforeAll(async () => {
    server = await startNatsServer()
    connection = await connect({ servers: server.url })
  })
  afterAll(async () => {
    await connection.close()
    await server.close()
  })

  const openNats = async (storage: Storage = memoryStorage()) => {
    const manager = await jetstreamManager(connection)
    for await (const { config } of manager.streams.list()) await manager.streams.delete(config.name)
    await makeNatsStreams(manager)
    const client = jetstream(connection)
    const dispatcher = () =>
      natsDispatcher({
        client,
        source: "https://yingshao.county.example/522731",
        partners: { water: {}, gas: {} },
      })
    const clock = testClock()
    const options = { dispatchers: [dispatcher()], route: routeTo("nats") }
    const county = await openPartnerCounty(storage, clock, options)
    const publish = (text: string, partner = "water") =>
      client.publish(`${natsNames.receipts}.${partner}`, text)
    return {
      county,
      clock,
      dispatcher,
      say: (said: ReturnType<typeof saying>, partner?: string) => publish(JSON.stringify(said), partner),
      publish,
      orders: async () => {
        const message = await manager.streams.getMessage(natsNames.orderStream, {
          last_by_subj: `${natsNames.orders}.water`,
        })
        return message?.header.get("Nats-Msg-Id")
      },
      /** Receipts that the server would still deliver, or deliver again. */
      unsettled: async () => {
        const { num_pending, num_ack_pending } = await manager.consumers.info(
          natsNames.receiptStream,
          natsNames.receiptConsumer,
        )
        return num_pending + num_ack_pending
      },
      parkedMessages: async () => (await manager.streams.info(natsNames.parkedStream)).state.messages,
    }
  }

  test("I7 O2 out of order, twice, unreadable, another's id: obligations are met once, the report ends replied", async () => {
    const { county, say, publish, orders, unsettled, parkedMessages } = await openNats()
    const { report, incident, order } = await handOverLamp(county, "lamp")
    await county.relay.drain()
    expect(await orders()).toBe(order)
    const result = saying(order, "result", { id: "1", data: { result: "灯已修好" } })
    await say(saying(order, "started", { id: "2" }))
    await publish("{ not a receipt")
    await say(result)
    await say(result)
    await say(saying(order, "received", { id: "1", data: { reason: "另一家的同号回执" } }), "gas")
    await say(saying(order, "received", { id: "3" }))
    for (let turn = 0; turn < 10 && (await unsettled()) > 0; turn += 1) await county.relay.runOnce()
    expect(await unsettled()).toBe(0)
    expect(await parkedMessages()).toBe(1)
    expect(await owedIn(county, incident)).toEqual([])
    expect(await parkedIn(county)).toEqual([receiptKeyOf("gas", "1")])
    await answerAll(county, "lamp", report)
    expect((await county.queries.state("report", report)).state).toMatchObject({ status: "closed" })
    expect(await county.checkWorld()).toMatchObject({ findings: [] })
    await county.close()
  })

  test("I7 acknowledged only after the commit: what could not be stored stays with the server and counts once", async () => {
    let down = false
    const storage = replaced(memoryStorage(), (inner) => ({
      async commit(name, commit) {
        if (down) throw storageFailure("unavailable", "unknown", "the store is away")
        return inner.commit(name, commit)
      },
    }))
    const { county, say, unsettled, dispatcher } = await openNats(storage)
    const { incident, order } = await handOverLamp(county, "lamp")
    await county.relay.drain()
    await say(saying(order, "received"))
    down = true
    expect(await county.relay.runOnce()).toMatchObject({ receipts: 0 })
    expect(await unsettled()).toBe(1)
    down = false
    expect(await county.relay.runOnce()).toMatchObject({ receipts: 1 })
    expect(await unsettled()).toBe(0)
    expect(await owedIn(county, incident)).toEqual(["handle"])

    // A process takes a receipt in and dies before it acknowledges: another hears it again, and nothing happens.
    await say(saying(order, "started", { id: "again" }))
    const [lost] = await dispatcher().receipts(1)
    expect(lost?.id).toBe("again")
    if (lost === undefined) return
    const first = await county.receive(lost)
    expect(await unsettled()).toBe(1)
    expect(await county.receive(lost)).toEqual(first)
    await county.close()
  })

  test("I7 receipts that are there before their order wait for it", async () => {
    const before = await openNats()
    const { order } = await handOverLamp(before.county, "lamp")
    await before.county.close()
    const { county, clock, say, unsettled } = await openNats()
    await say(saying(order, "received", { id: "a" }))
    await say(saying(order, "result", { id: "b", data: { result: "灯已修好" } }))
    await county.relay.runOnce()
    expect(await unsettled()).toBe(0)
    expect(await parkedIn(county)).toHaveLength(2)
    const again = await handOverLamp(county, "lamp")
    expect(again.order).toBe(order)
    clock.set(start + 60_000)
    expect(await county.scheduler.runDue()).toMatchObject({ accepted: 2 })
    expect(await parkedIn(county)).toEqual([])
    expect(await owedIn(county, again.incident)).toEqual([])
    await county.close()
  })
})
