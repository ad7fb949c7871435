/** Puts notices into an outbox as a commit would, and a relay over them, for tests of delivery alone. */
import type { Notice } from "@yingshao/core/kernel/message"
import { fromMs } from "@yingshao/core/kernel/time"
import { channelPlan, lanesOf } from "@yingshao/core/notice/channel-plan"
import { digestTextOf, noticeTextOf } from "@yingshao/core/notice/notice-text"
import type { Notifier } from "@yingshao/ports/notifier"
import type { Storage } from "@yingshao/ports/storage"
import { command } from "@yingshao/testkit/storage-cases/storage-case"
import type { NotifyDesk } from "../src/deliver-notice.ts"
import { makeEngineClock } from "../src/engine-clock.ts"
import { byName, makeRelay, type Relay, type RelayOptions } from "../src/relay.ts"
import { makeWake } from "../src/wake.ts"
import { programme, type TestClock } from "./open-small.ts"

export type PlainNotice = Partial<Omit<Notice, "to">> & { readonly to?: object }

let commits = 0

/** One commit for each notice; ids are `m<number>` and `m<number>~2`. */
export const queueNotices = async (
  storage: Storage,
  clock: TestClock,
  notices: readonly PlainNotice[],
): Promise<void> => {
  for (const given of notices) {
    commits += 1
    const at = fromMs(clock.now())
    const notice = {
      kind: "handled",
      to: { kind: "unit", unit: "desk" },
      urgent: false,
      orderingKey: `key/${commits}`,
      data: {},
      ...given,
    } as Notice
    await storage.commit(
      programme,
      command(`queued-${commits}`, {
        outbox: lanesOf(notice).map(({ lane, orderingKey }) => ({
          id: `m${commits}${lane === 2 ? "~2" : ""}`,
          topic: "notify",
          orderingKey,
          notBefore: at,
          body: JSON.stringify({ v: 1, at, lane, notice }),
        })),
      }),
    )
  }
}

export interface RelayGiven {
  readonly notifiers: readonly Notifier[]
  /** Channels of everybody, best first; each address is the channel's name. */
  readonly channels?: readonly string[]
  readonly plan?: Parameters<typeof channelPlan.parse>[0]
  readonly desk?: Partial<NotifyDesk>
  readonly options?: Partial<RelayOptions>
}

export const relayOfNotices = (storage: Storage, clock: TestClock, given: RelayGiven): Relay => {
  const addresses = (given.channels ?? given.notifiers.map(({ name }) => name)).map((channel) => ({
    channel,
    address: `at-${channel}`,
  }))
  return makeRelay({
    programme,
    storage,
    clock: makeEngineClock(clock),
    random: () => 0.5,
    worker: "w-1",
    wake: makeWake(),
    gather: () => new Promise((resolve) => setImmediate(resolve)),
    notify: {
      notifiers: byName(given.notifiers),
      plan: channelPlan.parse(given.plan ?? {}),
      timeZone: "Asia/Shanghai",
      recipients: async () => [{ person: "somebody", addresses }],
      render: (notice) => noticeTextOf(notice, { language: "en", timeZone: "Asia/Shanghai" }),
      digest: (texts) => digestTextOf(texts, "en"),
      onStopped: () => {},
      ...given.desk,
    },
    dispatch: { dispatchers: byName([]), route: () => undefined },
    receive: async () => {},
    ...given.options,
  })
}
