/**
 * The channel plan: over which channels a notice goes, when, and what a failure means.
 *
 * An emergency goes over two different channels at once, each by itself, or twice over the only one there is;
 * whatever they say, the escalation looks at *answered*, never at *sent*. Anything else goes by the first channel
 * that accepts it. Numbers and times are the county's, in a `ChannelPlan`; the rest is fixed here.
 *
 * What it does not do: it sends nothing, knows no clock and no address, and chooses no people.
 */
import * as z from "zod"
import type { Notice } from "../kernel/message.ts"
import { civilDateOf, fromMs, type Instant, offsetMinutes, startOfDay, toMs } from "../kernel/time.ts"
import { channelBudget } from "./message-budget.ts"
import { isQuiet, matterOf, matters } from "./notice-kinds.ts"

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day HH:MM")
const keeper = z.string().trim().min(1).max(60)

export const channelPlan = z.strictObject({
  /** In the programme's zone; `from` after `to` spans midnight. Left out: no hours are quiet. */
  quietHours: z
    .strictObject({ from: timeOfDay, to: timeOfDay })
    .refine(({ from, to }) => from !== to, "quiet hours need two different times")
    .optional(),
  /** By channel, in place of what its adapter declares. A channel with neither is not limited. */
  budgets: z.record(z.string().min(1).max(60), channelBudget).default({}),
  /**
   * Relays that run side by side, at the busiest moment: during a change from an old server to a new one both
   * run. Each takes its share of every budget.
   */
  relays: z.int().min(1).max(100).default(1),
  /** Who looks after what nobody could deliver, by name or office. */
  keepers: z
    .strictObject({ developer: keeper, operator: keeper, money: keeper, people: keeper })
    .partial()
    .default({}),
  /** After so many hours of waiting that counted as no attempt, a message is parked. */
  parkAfterHours: z.int().min(1).max(720).default(72),
})
export type ChannelPlan = z.infer<typeof channelPlan>

/** Limits are the adapters' to declare; quiet hours and names are the county's to say. */
export const defaultChannelPlan: ChannelPlan = channelPlan.parse({})

/** 1: a notice's first way. 2: the other way of an emergency, at the same time. */
export type Lane = 1 | 2

/**
 * The rows of a notice in the outbox. An emergency has two, each in an order of its own, so that neither waits
 * for the other; what waits for the morning has its own order too, so that it keeps no answer waiting.
 */
export const lanesOf = (
  notice: Pick<Notice, "kind" | "urgent" | "orderingKey">,
): readonly { readonly lane: Lane; readonly orderingKey: string }[] => {
  const { orderingKey } = notice
  if (notice.urgent)
    return [
      { lane: 1, orderingKey },
      { lane: 2, orderingKey: `${orderingKey}~2` },
    ]
  return [{ lane: 1, orderingKey: isQuiet(notice) ? `${orderingKey}~quiet` : orderingKey }]
}

/**
 * The channels of one lane, in the order to try, out of a person's channels, the one they like best first.
 *
 * The two lanes of an emergency share no channel: whichever they end on, they are two different ones. Together
 * they try all. Where there is one channel alone it gets both messages, the second as a reminder: one alert too
 * many does no harm, and a message that nobody is shown helps nobody.
 *
 * @example channelsOf(2, true, ["wecom", "sms", "mail"]) // => ["sms"]
 * @example channelsOf(2, true, ["page"]) // => ["page"]
 */
export const channelsOf = (lane: Lane, urgent: boolean, channels: readonly string[]): readonly string[] => {
  const different = [...new Set(channels)]
  if (!urgent || different.length === 1) return different
  return different.filter((_, at) => at % 2 === lane - 1)
}

/** A group is a public room: what is for one person goes over a channel that only this person reads. */
export const mayCarry = (notice: Pick<Notice, "to">, audience: "one-person" | "group"): boolean =>
  audience === "one-person" || notice.to.kind !== "person"

/**
 * The end of the quiet hours when a notice falls into them, else `undefined`. Duty and emergencies never wait.
 *
 * @example quietUntil(plan, award, "2026-03-02T15:00:00.000Z", "Asia/Shanghai") // 23:00 there => the next 07:30
 */
export const quietUntil = (
  { quietHours }: Pick<ChannelPlan, "quietHours">,
  notice: Pick<Notice, "kind" | "urgent">,
  now: Instant,
  timeZone: string,
): Instant | undefined => {
  if (quietHours === undefined || !isQuiet(notice)) return undefined
  const [from, to] = [minutesOf(quietHours.from), minutesOf(quietHours.to)]
  const minute = Math.floor((toMs(now) + offsetMinutes(timeZone, toMs(now)) * 60_000) / 60_000) % 1_440
  const within = from < to ? minute >= from && minute < to : minute >= from || minute < to
  if (!within) return undefined
  const midnight = toMs(startOfDay(civilDateOf(now, timeZone), timeZone))
  const end = midnight + (minute < to ? to : to + 1_440) * 60_000
  // Where the clock is put forward or back that night, the end is an hour off and never in the past.
  return fromMs(Math.max(end, toMs(now) + 60_000))
}

/** Why a channel did not take a notice. */
export type FailureReason =
  | "rate-limited"
  | "refused"
  | "credentials"
  | "recipient"
  | "unreachable"
  | "unknown-outcome"

/** Whose work it is to look at what was parked. */
export type KeeperOffice = "developer" | "operator" | "money" | "people"

/**
 * What follows. `wait` counts as no attempt, `retry` does. `next-channel` and `stop-channel` go on with the next
 * channel of this person; the stopped one is used again when the operator says so. `park` is the dead letter.
 */
export type AfterFailure =
  | { readonly step: "wait" }
  | { readonly step: "retry" }
  | { readonly step: "next-channel" }
  | { readonly step: "stop-channel"; readonly tell: KeeperOffice }
  | { readonly step: "park"; readonly tell: KeeperOffice }

/** @example afterFailure("unknown-outcome", { kind: "award", urgent: false }) // => { step: "park", tell: "money" } */
export const afterFailure = (
  reason: FailureReason,
  notice: Pick<Notice, "kind" | "urgent">,
): AfterFailure => {
  if (reason !== "unknown-outcome") return failureSteps[reason]
  const ask = !notice.urgent && matters[matterOf(notice)].whenUnknown === "ask"
  return ask ? { step: "park", tell: "money" } : { step: "retry" }
}

/** Who is named on a parked message: by the plan, else the office. */
export const keeperOf = ({ keepers }: Pick<ChannelPlan, "keepers">, office: KeeperOffice): string =>
  keepers[office] ?? office

// internal

const failureSteps: Readonly<Record<Exclude<FailureReason, "unknown-outcome">, AfterFailure>> = {
  "rate-limited": { step: "wait" },
  refused: { step: "park", tell: "developer" },
  credentials: { step: "stop-channel", tell: "operator" },
  recipient: { step: "next-channel" },
  unreachable: { step: "retry" },
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
