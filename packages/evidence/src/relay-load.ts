/**
 * Messages over many reports, some of which nobody can deliver, and what a channel does with them: the same for
 * every proof about the relay.
 */
import { fromMs } from "@yingshao/core/kernel/time"
import { channelPlan } from "@yingshao/core/notice/channel-plan"
import { digestTextOf, noticeTextOf } from "@yingshao/core/notice/notice-text"
import { makeEngineClock } from "@yingshao/engine/engine-clock"
import { byName, makeRelay, type Relay } from "@yingshao/engine/relay"
import { makeWake } from "@yingshao/engine/wake"
import { type Notifier, notifierContract } from "@yingshao/ports/notifier"
import type { Storage } from "@yingshao/ports/storage"
import { command } from "@yingshao/testkit/storage-cases/storage-case"

export const relayProgramme = "522731"

/** Channels that the reports are spread over; the first two are slow. */
export const channels = Array.from({ length: 10 }, (_, at) => `channel-${at}`)
export const slowChannels = new Set(channels.slice(0, 2))

export interface LoadedMessage {
  readonly id: string
  readonly report: number
  readonly turn: number
  readonly poison: boolean
}

/** One in a hundred and one is poison, spread over the reports; messages of one report are numbered in order. */
export const loadOf = (count: number, reports: number): readonly LoadedMessage[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `m-${at}`,
    report: at % reports,
    turn: Math.floor(at / reports),
    poison: at % 101 === 50,
  }))

export const channelOf = (report: number): string => channels[report % channels.length] ?? ""

/** Reports none of whose messages is poison or goes over a slow channel. */
export const undisturbed = (load: readonly LoadedMessage[]): ReadonlySet<number> => {
  const poisoned = new Set(load.filter(({ poison }) => poison).map(({ report }) => report))
  const reports = load.map(({ report }) => report)
  return new Set(reports.filter((one) => !poisoned.has(one) && !slowChannels.has(channelOf(one))))
}

/** Puts the load into an outbox, 500 a commit. */
export const fillOutbox = async (
  storage: Storage,
  load: readonly LoadedMessage[],
  nowMs: number,
): Promise<void> => {
  const at = fromMs(nowMs)
  for (let from = 0; from < load.length; from += 500) {
    await storage.commit(
      relayProgramme,
      command(`load-${from}`, {
        outbox: load.slice(from, from + 500).map(({ id, report, turn, poison }) => {
          const data = { report: `r-${report}`, level: turn, unit: poison ? "poison" : "sound" }
          const to = { kind: "unit", unit: `u-${report}` }
          const orderingKey = `report/${report}`
          const notice = { kind: "handled", to, urgent: false, orderingKey, data }
          return {
            id,
            topic: "notify",
            orderingKey,
            notBefore: at,
            body: JSON.stringify({ v: 1, at, lane: 1, notice }),
          }
        }),
      }),
    )
  }
}

/** What a channel got. */
export interface Got {
  readonly report: number
  readonly turn: number
  readonly poison: boolean
}

/** The ten channels; `send` is what each does with a message, and throws what the channel would. */
export const loadedChannels = (send: (channel: string, got: Got) => Promise<void>): readonly Notifier[] =>
  channels.map((name) => ({
    contract: notifierContract,
    name,
    audience: "group",
    async send(_, { deliveryId, lines }) {
      const [report = "", unit = "", level = ""] = lines
      await send(name, {
        report: Number(report.slice("report r-".length)),
        poison: unit.endsWith("poison"),
        turn: Number(level.slice("level ".length)),
      })
      return { deliveryId, grade: "accepted" }
    },
    close: async () => {},
  }))

export interface LoadedRelay {
  readonly storage: Storage
  readonly notifiers: readonly Notifier[]
  readonly worker: string
  readonly places: number
  readonly clock: { now(): number }
}

export const relayOfLoad = ({ storage, notifiers, worker, places, clock }: LoadedRelay): Relay =>
  makeRelay({
    programme: relayProgramme,
    storage,
    clock: makeEngineClock(clock),
    random: Math.random,
    worker,
    wake: makeWake(),
    page: places,
    notify: {
      notifiers: byName(notifiers),
      plan: channelPlan.parse({}),
      timeZone: "Asia/Shanghai",
      recipients: async (to) => {
        const report = Number((to.kind === "unit" ? to.unit : "").slice(2))
        return [{ person: "desk", addresses: [{ channel: channelOf(report), address: "desk" }] }]
      },
      render: (notice) => noticeTextOf(notice, { language: "en", timeZone: "Asia/Shanghai" }),
      digest: (texts) => digestTextOf(texts, "en"),
      onStopped: () => {},
    },
    dispatch: { dispatchers: byName([]), route: () => undefined },
    receive: async () => {},
  })
