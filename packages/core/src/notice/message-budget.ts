/**
 * How many messages an address may still get: each is a token that comes back a minute after it was spent.
 *
 * Stricter than a bucket that fills up steadily: in no 60 seconds are more than `perMinute` sent, and no more
 * than `ordinaryPerMinute` of them are ordinary, so that an ordinary flood never mutes an emergency. After a
 * start nobody knows what was sent in the minute before: ordinary messages count as spent then, the tokens
 * kept for emergencies do not.
 *
 * What it does not do: it sends nothing and asks no clock.
 */
import type { ChannelBudget } from "./channel-plan.ts"

/** Sends of the last minute, oldest first, in milliseconds. */
export interface Spent {
  readonly urgent: readonly number[]
  readonly ordinary: readonly number[]
}

/** What counts as spent after a start at `nowMs`. */
export const spentBefore = (budget: ChannelBudget, nowMs: number): Spent => ({
  urgent: [],
  ordinary: Array.from({ length: budget.ordinaryPerMinute }, () => nowMs),
})

/** A share of a budget, where several relays send; never less than one of each. */
export const shareOf = ({ perMinute, ordinaryPerMinute }: ChannelBudget, relays: number): ChannelBudget => {
  const all = Math.max(1, Math.floor(perMinute / relays))
  return {
    perMinute: all,
    ordinaryPerMinute: Math.min(all, Math.max(1, Math.floor(ordinaryPerMinute / relays))),
  }
}

/** Messages that may be sent now. @example tokensLeft(budget, { urgent: [], ordinary: [] }, true, now) // => 20 */
export const tokensLeft = (budget: ChannelBudget, spent: Spent, urgent: boolean, nowMs: number): number => {
  const { urgent: alarms, ordinary } = recent(spent, nowMs)
  const left = budget.perMinute - alarms.length - ordinary.length
  return Math.max(0, urgent ? left : Math.min(left, budget.ordinaryPerMinute - ordinary.length))
}

/** The same after one message at `nowMs`. */
export const spend = (spent: Spent, urgent: boolean, nowMs: number): Spent => {
  const { urgent: alarms, ordinary } = recent(spent, nowMs)
  return urgent
    ? { urgent: [...alarms, nowMs], ordinary }
    : { urgent: alarms, ordinary: [...ordinary, nowMs] }
}

/** Milliseconds until the next token comes back; 0 when there is one. */
export const nextTokenMs = (budget: ChannelBudget, spent: Spent, urgent: boolean, nowMs: number): number => {
  if (tokensLeft(budget, spent, urgent, nowMs) > 0) return 0
  const { urgent: alarms, ordinary } = recent(spent, nowMs)
  const full = alarms.length + ordinary.length >= budget.perMinute
  const oldest = [
    full ? Math.min(...alarms, ...ordinary) : undefined,
    urgent ? undefined : ordinary[0],
  ].filter((at) => at !== undefined)
  // An ordinary message needs both: a token at all, and one of the ordinary ones.
  const needed = !urgent && ordinary.length < budget.ordinaryPerMinute ? oldest.slice(0, 1) : oldest
  return Math.max(1, Math.max(...needed) + minuteMs - nowMs)
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

/** Also forgets what lies in the future: a clock that was set back must not hold messages up for long. */
const recent = ({ urgent, ordinary }: Spent, nowMs: number): Spent => {
  const counts = (at: number): boolean => at > nowMs - minuteMs && at <= nowMs
  return { urgent: urgent.filter(counts), ordinary: ordinary.filter(counts) }
}
