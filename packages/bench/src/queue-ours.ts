/**
 * Our outbox and relay as a queue of the workload: rows go in by commits, a relay follows until all were sent.
 */
import { toMs } from "@yingshao/core/kernel/time"
import { channelPlan } from "@yingshao/core/notice/channel-plan"
import { digestTextOf, noticeTextOf } from "@yingshao/core/notice/notice-text"
import { makeEngineClock, systemClock } from "@yingshao/engine/engine-clock"
import { catchNotices } from "@yingshao/engine/in-process"
import { byName, makeRelay, type Relay } from "@yingshao/engine/relay"
import { makeWake } from "@yingshao/engine/wake"
import type { Notifier } from "@yingshao/ports/notifier"
import type { Storage } from "@yingshao/ports/storage"
import { command } from "@yingshao/testkit/storage-cases/storage-case"
import type { Counting, LoadMessage } from "./queue-load.ts"

const programme = "522731"

/** Puts messages into the outbox, 500 a commit. `at` is the instant from which they are due. */
export const enqueueOurs = async (storage: Storage, messages: readonly LoadMessage[]): Promise<void> => {
  const at = new Date().toISOString()
  for (let from = 0; from < messages.length; from += 500) {
    const outbox = messages.slice(from, from + 500).map(({ id, key, turn }) => ({
      id,
      topic: "notify",
      orderingKey: key,
      notBefore: at,
      body: JSON.stringify({
        v: 1,
        at,
        lane: 1,
        notice: {
          kind: "handled",
          to: { kind: "unit", unit: "duty-desk" },
          urgent: false,
          orderingKey: key,
          data: { incident: key, level: turn },
        },
      }),
    }))
    await storage.commit(programme, command(`fill-${outbox[0]?.id}`, { outbox }))
  }
}

/** A relay whose one channel is in this process. @param page messages under way at a time. */
export const relayOver = (storage: Storage, notifier: Notifier, page: number, wake = makeWake()): Relay => {
  const clock = makeEngineClock(systemClock)
  return makeRelay({
    programme,
    storage,
    clock,
    random: Math.random,
    worker: `bench-${toMs(clock.now())}`,
    wake,
    page,
    notify: {
      notifiers: byName([notifier]),
      plan: channelPlan.parse({}),
      timeZone: "Asia/Shanghai",
      recipients: async () => [{ person: "desk", addresses: [{ channel: notifier.name, address: "desk" }] }],
      render: (notice) => noticeTextOf(notice, { language: "zh", timeZone: "Asia/Shanghai" }),
      digest: (texts) => digestTextOf(texts, "zh"),
      onStopped: () => {},
    },
    dispatch: { dispatchers: byName([]), route: () => undefined },
    receive: async () => {},
  })
}

/** Milliseconds from the first message sent to the last. @throws when not all are settled in the end. */
export const drainOurs = async (storage: Storage, counting: Counting, page: number): Promise<number> => {
  const notifier: Notifier = {
    ...catchNotices("in-process"),
    async send(_, { deliveryId, lines }) {
      counting.take(lines[0]?.slice(3) ?? "", Number(lines[1]?.slice(5)))
      return { deliveryId, grade: "accepted" }
    },
  }
  const end = new AbortController()
  let failure: unknown
  const following = relayOver(storage, notifier, page).follow({
    signal: end.signal,
    onFailure: (error) => {
      failure = error
    },
  })
  const spent = await counting.all
  end.abort()
  await following
  const { pending, dead } = await storage.outboxCounts(programme)
  if (pending + dead > 0 || failure !== undefined)
    throw new Error(`not all were settled: ${pending}, ${dead}`)
  return spent
}
