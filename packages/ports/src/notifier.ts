/**
 * The notifier port, `notify/1`: tells a person.
 *
 * An adapter is a plain object for one channel. It sends one notice to one address and says what the channel
 * really knows. A robot can only say *accepted*: nobody may take that for *read*, and escalation is on “not
 * answered”, never on “sent”. HTTP 200 is no success; the vendor's code in the body decides.
 *
 * What it does not do: it does not retry, does not choose people or channels, keeps no queue, and does not
 * dedupe. The relay calls it at least once, always with the same `deliveryId` and the same text.
 */

export const notifierContract = "notify/1"

export interface Notice {
  /** The same on every attempt: the vendor's idempotency key where it has one. */
  readonly deliveryId: string
  /** What is told, for templates and for budgets: `answer`, `duty-alert`, `digest`. */
  readonly kind: string
  readonly title: string
  /** Plain text, one paragraph a line. No markup: the adapter escapes for its channel. */
  readonly lines: readonly string[]
  /** An https address. */
  readonly link?: string
  /** Whom to call by name in a group, as the channel's own handles. */
  readonly mention?: readonly string[]
  /** An emergency: may use reserved tokens and goes over two different channels. */
  readonly urgent: boolean
}

/** Where it goes on this channel: a phone number, a user id, a robot's name. Never logged. */
export interface NoticeAddress {
  readonly channel: string
  readonly address: string
}

export interface Receipt {
  readonly deliveryId: string
  readonly vendorId?: string
  /** `accepted`: the vendor took it. `delivered`: it reached the device. There is no `read`. */
  readonly grade: "accepted" | "delivered"
}

/**
 * | reason | meaning | what the relay does |
 * |---|---|---|
 * | `rate-limited` | come back later | waits `retryAfterMs`, not counted as an attempt |
 * | `refused` | our message is wrong | dead letter, tells a developer |
 * | `credentials` | key, signature or clock | stops the channel, tells the operator |
 * | `recipient` | this person cannot be reached here | next channel for that person |
 * | `unreachable` | certainly not sent | retries with backoff and jitter |
 * | `unknown-outcome` | may have been sent | by kind: a duty alert is sent again; money and points ask a person |
 */
export type NotifyReason =
  | "rate-limited"
  | "refused"
  | "credentials"
  | "recipient"
  | "unreachable"
  | "unknown-outcome"

/** What `send` rejects with. No key, secret, phone number or text of the notice is in it. */
export interface NotifyFailure extends Error {
  readonly _tag: "NotifyFailure"
  readonly reason: NotifyReason
  /** Milliseconds, 0 or more; only with `rate-limited` and `unreachable`. */
  readonly retryAfterMs?: number
  /** The vendor's own code, kept as it came. A code that is not in the channel's table is `refused`. */
  readonly vendorCode?: string
}

/** What a vendor takes for one address before it refuses or mutes. Whole numbers, 1 to 100,000. */
export interface NotifierLimits {
  /** Messages in any 60 seconds. */
  readonly perMinute: number
  /** Messages in any second. */
  readonly perSecond?: number
}

export interface Notifier {
  readonly contract: typeof notifierContract
  /** For people and metrics: `wecom`, `sms-aliyun`. */
  readonly name: string
  /** Whether the channel is a closed one that may carry what only the reporter may see. */
  readonly audience: "one-person" | "group"
  /** The relay keeps to them, unless the county's plan has other numbers. Left out: no limit is known. */
  readonly limits?: NotifierLimits
  /**
   * @param signal aborted when the caller stops waiting; a request already sent is then `unknown-outcome`.
   * @throws NotifyFailure
   */
  send(to: NoticeAddress, notice: Notice, signal: AbortSignal): Promise<Receipt>
  close(): Promise<void>
}

/** Makes a `NotifyFailure`. `_tag` is compared, never the class. */
export const notifyFailure = (
  reason: NotifyReason,
  message: string,
  details: { readonly retryAfterMs?: number; readonly vendorCode?: string } = {},
): NotifyFailure => Object.assign(new Error(message), { _tag: "NotifyFailure" as const, reason, ...details })

export const isNotifyFailure = (error: unknown): error is NotifyFailure =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "NotifyFailure"
