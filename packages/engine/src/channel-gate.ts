/**
 * Stands between the relay and channels that take only so many messages a minute.
 *
 * Messages to one address that come at the same time are looked at together: while there are tokens each goes
 * by itself, over budget they collapse into a digest, emergencies first and apart. Without a token a message
 * goes back to the store and is due again when one comes back. An address that its vendor has told to be quiet
 * is left in peace by everybody.
 *
 * A token counts as spent until a minute after the vendor has answered: when the message arrived there nobody
 * knows better.
 *
 * What it does not do: it remembers nothing across a restart; `message-budget.ts` says how it starts and why that
 * keeps to the limit. It knows no other process; a plan says how many relays share a budget. Which address its
 * vendor has muted each relay learns by itself, with one message.
 */
import {
  type ChannelBudget,
  groupsOf,
  nextTokenMs,
  type Spent,
  spend,
  spentBefore,
  spentUntil,
  tokensLeft,
} from "@yingshao/core/notice/message-budget"
import type { Notice, NoticeAddress } from "@yingshao/ports/notifier"
import { isNotifyFailure } from "@yingshao/ports/notifier"
import { sha256 } from "./canonical.ts"
import type { RenderedText } from "./deliver-notice.ts"

/** What became of a message at the gate. `gathered`: how many went out as one. */
export type Passed<A> =
  | { readonly kind: "sent"; readonly result: A; readonly gathered: number }
  | { readonly kind: "wait"; readonly afterMs: number; readonly note: string }

export interface ChannelGate {
  /** @throws what `send` throws; all members of a digest share its failure. */
  pass<A>(to: NoticeAddress, notice: Notice, send: (notice: Notice) => Promise<A>): Promise<Passed<A>>
}

export interface GateOptions {
  /** By channel, this relay's share. Channels without one pass at once. */
  readonly budgets: Readonly<Record<string, ChannelBudget>>
  readonly nowMs: () => number
  readonly digest: (notices: readonly Notice[]) => RenderedText
  /** Until whoever comes at the same time has come. */
  readonly gather: () => Promise<void>
}

/** Messages in one digest at most: twenty lines of eighty bytes fit the narrowest channel. */
export const digestLines = 20

/** How long messages to one address are gathered before they are sent. */
export const gatherMs = 100

export const makeChannelGate = (options: GateOptions): ChannelGate => {
  const doors = new Map<string, Door>()
  const startedMs = options.nowMs()
  return {
    async pass(to, notice, send) {
      const budget = Object.hasOwn(options.budgets, to.channel) ? options.budgets[to.channel] : undefined
      if (budget === undefined) return { kind: "sent", result: await send(notice), gathered: 1 }
      const key = `${to.channel}\n${to.address}`
      if (!doors.has(key) && doors.size >= mostDoors) forgetIdle(doors, options.nowMs())
      const door = doors.get(key) ?? newDoor(budget, startedMs)
      doors.set(key, door)
      return new Promise((resolve, reject) => {
        // Members of a digest are sent by the first one's call; all calls of one relay answer alike.
        door.waiting.push({ notice, send, resolve: resolve as Waiting["resolve"], reject })
        if (door.waiting.length === 1)
          void options.gather().then(() => open(options, budget, door, to.channel))
      })
    },
  }
}

// internal

interface Waiting {
  readonly notice: Notice
  readonly send: (notice: Notice) => Promise<unknown>
  readonly resolve: (passed: Passed<unknown>) => void
  readonly reject: (error: unknown) => void
}

interface Door {
  waiting: Waiting[]
  spent: Spent
  quietUntilMs: number
}

/** Addresses remembered while nothing is sent to them. */
const mostDoors = 1_000

/** Whoever sent nothing for a minute and is not muted has all tokens, remembered or not. */
const forgetIdle = (doors: Map<string, Door>, nowMs: number): void => {
  for (const [key, { waiting, spent, quietUntilMs }] of doors) {
    const last = Math.max(spent.urgent.at(-1) ?? 0, spent.ordinary.at(-1) ?? 0)
    if (waiting.length === 0 && quietUntilMs <= nowMs && last <= nowMs - 60_000) doors.delete(key)
  }
}

const newDoor = (budget: ChannelBudget, nowMs: number): Door => ({
  waiting: [],
  spent: spentBefore(budget, nowMs),
  quietUntilMs: 0,
})

const open = (options: GateOptions, budget: ChannelBudget, door: Door, channel: string): void => {
  const all = door.waiting
  door.waiting = []
  for (const urgent of [true, false]) {
    const some = all.filter(({ notice }) => notice.urgent === urgent)
    const now = options.nowMs()
    const muted = door.quietUntilMs > now
    const tokens = muted ? 0 : tokensLeft(budget, door.spent, urgent, now)
    let at = 0
    for (const size of groupsOf(some.length, tokens, digestLines)) {
      door.spent = spend(door.spent, urgent, now)
      sendTogether(options, door, some.slice(at, at + size), { urgent, beganMs: now })
      at += size
    }
    const afterMs = muted ? door.quietUntilMs - now : nextTokenMs(budget, door.spent, urgent, now)
    for (const { resolve } of some.slice(at)) {
      resolve({ kind: "wait", afterMs: Math.max(afterMs, 1), note: `${channel}: over budget` })
    }
  }
}

/** Sends one message for all of them; never rejects itself. */
const sendTogether = (
  options: GateOptions,
  door: Door,
  members: readonly Waiting[],
  { urgent, beganMs }: { readonly urgent: boolean; readonly beganMs: number },
): void => {
  const [first] = members
  if (first === undefined) return
  const ended = (): void => {
    door.spent = spentUntil(door.spent, urgent, beganMs, options.nowMs())
  }
  first.send(members.length === 1 ? first.notice : digestOf(options, members)).then(
    (result) => {
      ended()
      for (const { resolve } of members) resolve({ kind: "sent", result, gathered: members.length })
    },
    (error: unknown) => {
      ended()
      if (isNotifyFailure(error) && error.reason === "rate-limited") {
        door.quietUntilMs = options.nowMs() + (error.retryAfterMs ?? 60_000)
      }
      for (const { reject } of members) reject(error)
    },
  )
}

/** Its id follows from its members: the same ones again are the same message. */
const digestOf = (options: GateOptions, members: readonly Waiting[]): Notice => {
  const notices = members.map(({ notice }) => notice)
  const mention = [...new Set(notices.flatMap((notice) => notice.mention ?? []))].slice(0, digestLines)
  return {
    ...options.digest(notices),
    deliveryId: `digest-${sha256(notices.map(({ deliveryId }) => deliveryId).join("\n")).slice(0, 24)}`,
    kind: "digest",
    urgent: notices.some(({ urgent }) => urgent),
    ...(mention.length === 0 ? {} : { mention }),
  }
}
