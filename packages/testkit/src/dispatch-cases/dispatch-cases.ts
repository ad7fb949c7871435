/**
 * What every dispatcher must do: the cases of `dispatch/1`.
 *
 * A case gets a bench, says what the partner is like, hands over, and looks at what the adapter answered and at
 * what arrived. Laws and words are those of `@yingshao/ports/dispatcher`.
 */
import assert from "node:assert/strict"
import {
  type DispatchRefusal,
  dispatcherContract,
  isDispatchRefusal,
  type Order,
  type OrderType,
  type PartnerReceipt,
} from "@yingshao/ports/dispatcher"
import type { DispatchBench } from "../dispatch-contract.ts"
import type { FakeMood } from "../fakes/fake-server.ts"
import { envelopeFault } from "../fakes/partner-fake.ts"

export interface DispatchCase {
  /** Stable, for skips and lists of known faults: `dispatch/redirect`. */
  readonly id: string
  /** What holds. */
  readonly name: string
  /** What the bench must be able to do. */
  readonly needs?: FakeMood | "fetched-receipts"
  readonly run: (bench: DispatchBench) => Promise<void>
}

/** An order with everything that the envelope may hold. */
export const someOrder = (to: string, more: Partial<Order> = {}): Order => ({
  id: "o-0001",
  caseKey: "incident/i-0001",
  to,
  type: "assigned",
  time: "2026-03-03T04:05:06.789Z",
  data: {
    level: "emergency",
    category: [{ scheme: "yingshao", code: "fire", name: "火情" }],
    summary: "楼道有浓烟",
    place: { text: "涟江大道" },
    answerBy: "2026-03-03T04:20:06.789Z",
    closeBy: "2026-03-04T04:05:06.789Z",
    attachments: [],
  },
  expires: "2026-03-10T04:05:06.789Z",
  ...more,
})

/** A receipt for an order, as a partner writes it. */
export const someReceipt = (source: string, more: Partial<PartnerReceipt> = {}): PartnerReceipt => ({
  id: "rc-0001",
  source,
  type: "received",
  ref: "o-0001",
  time: "2026-03-03T04:10:00.000Z",
  data: { ref: "o-0001" },
  ...more,
})

export const dispatchCaseList: readonly DispatchCase[] = [
  {
    id: "dispatch/contract",
    name: "names its contract and its transport",
    run: async ({ dispatcher }) => {
      assert.equal(dispatcher.contract, dispatcherContract)
      assert.match(dispatcher.name, /^[a-z][a-z0-9-]*$/)
    },
  },
  {
    id: "dispatch/handed",
    name: "an order that the partner takes arrives once, whole, and is answered with its id",
    run: async (bench) => {
      const order = someOrder(bench.partner)
      const handed = await hand(bench, order)
      assert.equal(handed.id, order.id)
      assert.ok(["queued", "handed-over", "accepted"].includes(handed.grade))
      const [event] = await arrived(bench, 1)
      assert.equal(event?.id, order.id)
      assert.equal(event?.type, "cn.yingshao.dispatch.assigned.v1")
      assert.equal(event?.subject, order.caseKey)
      assert.deepEqual(pick(event?.data, Object.keys(order.data)), order.data)
      assert.ok(Date.parse(String(event?.expirytime)) === Date.parse(order.expires ?? ""))
    },
  },
  {
    id: "dispatch/every-type",
    name: "each type of order has its own type of event, and names what it supersedes",
    run: async (bench) => {
      const types: readonly OrderType[] = ["assigned", "urged", "supplemented", "reassigned", "recalled"]
      for (const [at, type] of types.entries()) {
        await hand(bench, someOrder(bench.partner, { id: `o-${at}`, type, supersedes: "o-before" }))
      }
      const events = await arrived(bench, types.length)
      const seen = events.map(({ type, supersedes }) => `${String(type)} ${String(supersedes)}`).sort()
      assert.deepEqual(seen, types.map((type) => `cn.yingshao.dispatch.${type}.v1 o-before`).sort())
    },
  },
  {
    id: "dispatch/same-id-again",
    name: "O6 the same order again is never a second order: same id, same body",
    run: async (bench) => {
      await hand(bench, someOrder(bench.partner))
      const again = await hand(bench, someOrder(bench.partner))
      assert.equal(again.id, "o-0001")
      const deliveries = await bench.deliveries()
      assert.ok(deliveries.length >= 1)
      assert.equal(new Set(deliveries.map(({ text }) => text)).size, 1, "the body changed")
      assert.deepEqual(bench.problems(), [])
    },
  },
  {
    id: "dispatch/order-per-case",
    name: "O3 what is handed over one after the other can be put in order by the partner",
    run: async (bench) => {
      for (let at = 0; at < 5; at += 1) {
        const time = `2026-03-03T04:05:0${at}.000Z`
        await hand(bench, someOrder(bench.partner, { id: `o-${at}`, time }))
      }
      const events = await arrived(bench, 5)
      const sorted = [...events].sort((one, other) =>
        String(one.sequence) < String(other.sequence) ? -1 : 1,
      )
      assert.deepEqual(
        sorted.map(({ id }) => id),
        ["o-0", "o-1", "o-2", "o-3", "o-4"],
      )
      assert.equal(new Set(events.map(({ partitionkey }) => partitionkey)).size, 1)
    },
  },
  {
    id: "dispatch/side-by-side",
    name: "twenty orders side by side all arrive",
    run: async (bench) => {
      const ids = Array.from({ length: 20 }, (_, at) => `o-${at}`)
      await Promise.all(ids.map((id) => hand(bench, someOrder(bench.partner, { id, caseKey: `case/${id}` }))))
      const events = await arrived(bench, 20)
      assert.deepEqual(events.map(({ id }) => id).sort(), [...ids].sort())
    },
  },
  {
    id: "dispatch/unknown-partner",
    name: "an order for a partner that is not wired is never sent",
    run: async (bench) => {
      for (const to of ["nobody", "__proto__", "constructor"]) {
        const refusal = await refusalOf(bench, hand(bench, someOrder(to)))
        assert.notEqual(refusal.retry, "later")
      }
      await arrived(bench, 0)
    },
  },
  {
    id: "dispatch/hostile-id",
    name: "an id that would leave its folder, header or row reaches no other place",
    run: async (bench) => {
      for (const id of ["../../o-1", "o\r\nX-Header: 1", "o/1", ""]) {
        const handed = await hand(bench, someOrder(bench.partner, { id })).catch((error: unknown) => error)
        assert.ok(isDispatchRefusal(handed), `${JSON.stringify(id)} was handed over`)
        assert.notEqual(handed.retry, "later")
      }
      await arrived(bench, 0)
    },
  },
  refusing("status-429", "too many orders says later, and when", ["later"], (refusal) =>
    assert.equal(refusal.afterMs, 7_000),
  ),
  refusing("error-body", "what the partner will never take is never", ["never"]),
  refusing("wrong-key", "a wrong key asks a person", ["ask-a-person"]),
  refusing("login-page", "an HTML page with status 200 asks a person", ["ask-a-person"]),
  refusing("server-error", "a gateway's 503 is later", ["later"]),
  refusing("reset", "a connection that breaks is later, under the same id", ["later", "ask-a-person"]),
  refusing("endless", "an answer without end is stopped", ["later", "ask-a-person"]),
  refusing("redirect", "a redirect is not followed, though its target would succeed", [
    "ask-a-person",
    "never",
  ]),
  {
    id: "dispatch/hang",
    name: "a partner that hangs is left when the caller stops waiting",
    needs: "hang",
    run: async (bench) => {
      bench.mood("hang")
      const stop = new AbortController()
      const handing = bench.dispatcher.hand(someOrder(bench.partner), stop.signal)
      setTimeout(() => stop.abort(), 50)
      const refusal = await refusalOf(bench, handing)
      assert.notEqual(refusal.retry, "never")
    },
  },
  {
    id: "dispatch/stopped-before",
    name: "a caller that has stopped already hands nothing over",
    run: async (bench) => {
      const handing = bench.dispatcher.hand(someOrder(bench.partner), AbortSignal.abort())
      assert.equal((await refusalOf(bench, handing)).retry, "later")
      await arrived(bench, 0)
    },
  },
  {
    id: "dispatch/nobody-there",
    name: "where nobody is, later",
    run: async (bench) => {
      const handing = bench.silent.hand(someOrder(bench.partner), soon())
      assert.equal((await refusalOf(bench, handing)).retry, "later")
    },
  },
  {
    id: "dispatch/after-a-failure",
    name: "after a failure the same order is taken",
    needs: "server-error",
    run: async (bench) => {
      bench.mood("server-error")
      await refusalOf(bench, hand(bench, someOrder(bench.partner)))
      bench.mood("well")
      await hand(bench, someOrder(bench.partner))
      await arrived(bench, 1)
    },
  },
  {
    id: "dispatch/receipt",
    name: "I7 a receipt comes again until it is acknowledged, and then no more",
    needs: "fetched-receipts",
    run: async (bench) => {
      await bench.leaveReceipt?.(someReceipt(bench.partner))
      const first = await bench.dispatcher.receipts(10)
      assert.deepEqual(
        first.map(({ id, source, type, ref }) => ({ id, source, type, ref })),
        [{ id: "rc-0001", source: bench.partner, type: "received", ref: "o-0001" }],
      )
      assert.deepEqual(await bench.dispatcher.receipts(10), first)
      await bench.dispatcher.acknowledge(["no-such-receipt"])
      assert.deepEqual(await bench.dispatcher.receipts(10), first)
      await bench.dispatcher.acknowledge(["rc-0001"])
      assert.deepEqual(await bench.dispatcher.receipts(10), [])
    },
  },
  {
    id: "dispatch/receipts-limit",
    name: "no more receipts than were asked for, and every one in the end",
    needs: "fetched-receipts",
    run: async (bench) => {
      for (let at = 0; at < 7; at += 1) {
        await bench.leaveReceipt?.(someReceipt(bench.partner, { id: `rc-${at}` }))
      }
      const seen = new Set<string>()
      for (let turn = 0; turn < 7 && seen.size < 7; turn += 1) {
        const some = await bench.dispatcher.receipts(3)
        assert.ok(some.length <= 3)
        for (const { id } of some) seen.add(id)
        await bench.dispatcher.acknowledge(some.map(({ id }) => id))
      }
      assert.equal(seen.size, 7)
    },
  },
]

// internal

const soon = (): AbortSignal => AbortSignal.timeout(20_000)

const hand = ({ dispatcher }: DispatchBench, order: Order) => dispatcher.hand(order, soon())

type Event = Readonly<Record<string, unknown>> & { readonly data?: Readonly<Record<string, unknown>> }

/** The events that arrived, each a sound envelope under its own id. */
const arrived = async (bench: DispatchBench, count: number): Promise<readonly Event[]> => {
  assert.deepEqual(bench.problems(), [], "a strict partner found fault with the order")
  const deliveries = await bench.deliveries()
  assert.equal(deliveries.length, count, `${deliveries.length} deliveries, not ${count}`)
  return deliveries.map(({ id, text }) => {
    assert.equal(envelopeFault(text), undefined, "the envelope")
    const event = JSON.parse(text) as Event
    assert.equal(event.id, id, "the name or header and the envelope have different ids")
    return event
  })
}

const pick = (of: Readonly<Record<string, unknown>> | undefined, fields: readonly string[]) =>
  Object.fromEntries(fields.map((field) => [field, of?.[field]]))

/** The refusal that a handing over ends in; it shows no secret and nothing of the order. */
const refusalOf = async (bench: DispatchBench, handing: Promise<unknown>): Promise<DispatchRefusal> => {
  const error: unknown = await handing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(isDispatchRefusal(error), `expected a dispatch refusal, got ${String(error)}`)
  const told = JSON.stringify({ ...error, message: error.message })
  for (const secret of [...bench.secrets, "楼道有浓烟", "涟江大道"]) {
    assert.ok(!told.includes(secret), "a refusal shows a secret or the order")
  }
  return error
}

function refusing(
  mood: FakeMood,
  name: string,
  retries: readonly DispatchRefusal["retry"][],
  more: (refusal: DispatchRefusal) => void = () => {},
): DispatchCase {
  return {
    id: `dispatch/${mood}`,
    name,
    needs: mood,
    run: async (bench) => {
      bench.mood(mood)
      const refusal = await refusalOf(bench, hand(bench, someOrder(bench.partner)))
      assert.ok(retries.includes(refusal.retry), `${refusal.retry} instead of ${retries.join(" or ")}`)
      assert.equal(bench.redirected(), 0, "a redirect was followed")
      more(refusal)
    },
  }
}
