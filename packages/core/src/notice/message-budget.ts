/**
 * How many messages an address may still get: each is a token that comes back a minute after it was spent.
 *
 * Stricter than a bucket that fills up steadily: in no 60 seconds are more than `perMinute` sent, and no more
 * than `ordinaryPerMinute` of them are ordinary, so that an ordinary flood never mutes an emergency.
 *
 * A process forgets what it sent when it ends, so a few tokens of emergencies are left alone while it runs:
 * the start tokens. They are all that the next one may send in its first minute, when nobody knows what was
 * sent in the minute before. So a restart within any 60 seconds still keeps to `perMinute`; of two restarts in
 * one minute the second may exceed it by the start tokens. Several relays take shares, each with its own.
 *
 * What it does not do: it sends nothing and asks no clock.
 */
import * as z from "zod"

const count = z.int().min(1).max(100_000)

export const channelBudget = z
  .strictObject({
    /** Messages in any 60 seconds to one address of the channel. */
    perMinute: count,
    /** How many of them may be ordinary; the rest is kept for emergencies. */
    ordinaryPerMinute: count,
    /** Messages in any second to one address, of either sort. Left out: as many as the minute allows. */
    perSecond: count.optional(),
  })
  .refine(
    ({ perMinute, ordinaryPerMinute }) => ordinaryPerMinute <= perMinute,
    "ordinaryPerMinute is more than perMinute",
  )
export type ChannelBudget = z.infer<typeof channelBudget>

/** Sends of the last minute, oldest first, in milliseconds. */
export interface Spent {
  readonly urgent: readonly number[]
  readonly ordinary: readonly number[]
}

/**
 * The budget of a channel whose vendor takes so many: three of five may be ordinary.
 *
 * @example budgetWithin({ perMinute: 20 }) // => { perMinute: 20, ordinaryPerMinute: 12 }
 */
export const budgetWithin = (limits: {
  readonly perMinute: number
  readonly perSecond?: number
}): ChannelBudget =>
  channelBudget.parse({ ...limits, ordinaryPerMinute: Math.max(1, Math.floor((limits.perMinute * 3) / 5)) })

/** Emergencies that may be sent in the first minute after a start. @example startTokens(robot) // => 4, of 20 and 12 */
export const startTokens = ({ perMinute, ordinaryPerMinute }: ChannelBudget): number =>
  Math.floor((perMinute - ordinaryPerMinute) / 2)

/** What counts as spent after a start at `nowMs`: all but the start tokens. */
export const spentBefore = (budget: ChannelBudget, nowMs: number): Spent => {
  const times = (length: number): readonly number[] => Array.from({ length }, () => nowMs)
  return {
    urgent: times(mostAtOnce(budget) - budget.ordinaryPerMinute - startTokens(budget)),
    ordinary: times(budget.ordinaryPerMinute),
  }
}

/** One relay's share of a budget; `undefined` where there are more relays than messages. */
export const shareOf = (budget: ChannelBudget, relays: number): ChannelBudget | undefined => {
  const share = (of: number): number => Math.floor(of / relays)
  const { perSecond } = budget
  const shared = {
    perMinute: share(budget.perMinute),
    ordinaryPerMinute: share(budget.ordinaryPerMinute),
    ...(perSecond === undefined ? {} : { perSecond: share(perSecond) }),
  }
  return Object.values(shared).every((one) => one >= 1) ? shared : undefined
}

/** Messages that may be sent now. @example tokensLeft(budget, { urgent: [], ordinary: [] }, true, now) // => 16 */
export const tokensLeft = (budget: ChannelBudget, spent: Spent, urgent: boolean, nowMs: number): number => {
  const { urgent: alarms, ordinary } = recent(spent, nowMs)
  const { perSecond = Number.POSITIVE_INFINITY, ordinaryPerMinute } = budget
  const justNow = [...alarms, ...ordinary].filter((at) => at > nowMs - secondMs).length
  const left = Math.min(mostAtOnce(budget) - alarms.length - ordinary.length, perSecond - justNow)
  return Math.max(0, urgent ? left : Math.min(left, ordinaryPerMinute - ordinary.length))
}

/** The same after one message at `nowMs`. */
export const spend = (spent: Spent, urgent: boolean, nowMs: number): Spent => {
  const { urgent: alarms, ordinary } = recent(spent, nowMs)
  return urgent
    ? { urgent: [...alarms, nowMs], ordinary }
    : { urgent: alarms, ordinary: [...ordinary, nowMs] }
}

/** A message that was begun at one time and ended at another: its token comes back a minute after the end. */
export const spentUntil = (spent: Spent, urgent: boolean, beganMs: number, endedMs: number): Spent => {
  const kind = urgent ? "urgent" : "ordinary"
  const at = spent[kind].indexOf(beganMs)
  if (at === -1) return spent
  return { ...spent, [kind]: [...spent[kind].toSpliced(at, 1), endedMs].sort((a, b) => a - b) }
}

/** Milliseconds until the next token comes back; 0 when there is one. */
export const nextTokenMs = (budget: ChannelBudget, spent: Spent, urgent: boolean, nowMs: number): number => {
  const { urgent: alarms, ordinary } = recent(spent, nowMs)
  const back = [...alarms, ...ordinary].flatMap((at) => [at + secondMs, at + minuteMs])
  const times = [nowMs, ...back.filter((at) => at > nowMs).sort((a, b) => a - b)]
  const next = times.find((at) => tokensLeft(budget, spent, urgent, at) > 0)
  return (next ?? nowMs + minuteMs) - nowMs
}

/**
 * How the messages of one address that wait together go out: one by one while there are tokens for all of
 * them, else collapsed into as few as there are tokens. None is left out; what is not in a group waits.
 *
 * @param most messages in one group at most.
 * @returns how many messages each group takes, in order; a group of one is the message itself.
 * @example groupsOf(30, 3, 20) // => [20, 10]
 */
export const groupsOf = (waiting: number, tokens: number, most: number): readonly number[] => {
  if (waiting <= tokens) return Array.from({ length: waiting }, () => 1)
  const groups: number[] = []
  for (let left = waiting; left > 0 && groups.length < tokens; ) {
    const size = Math.min(left, most)
    groups.push(size)
    left -= size
  }
  return groups
}

// internal

const minuteMs = 60_000
const secondMs = 1_000

/** Messages in a minute of a process that goes on running. */
const mostAtOnce = (budget: ChannelBudget): number => budget.perMinute - startTokens(budget)

/** Also forgets what lies in the future: a clock that was set back must not hold messages up for long. */
const recent = ({ urgent, ordinary }: Spent, nowMs: number): Spent => {
  const counts = (at: number): boolean => at > nowMs - minuteMs && at <= nowMs
  return { urgent: urgent.filter(counts), ordinary: ordinary.filter(counts) }
}
