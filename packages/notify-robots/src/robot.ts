/**
 * What the three group robots share: robots by name, one POST, the vendor's code decides.
 *
 * A robot stands in a group chat, and a group chat is a public room: its audience is `group`, so the relay
 * gives it nothing that only one person may see. A robot can only say *accepted*. What it does not do: it
 * does not retry and keeps no budget of messages; the relay does.
 */
import {
  type Notice,
  type Notifier,
  type NotifierLimits,
  type NotifyFailure,
  notifierContract,
  notifyFailure,
} from "@yingshao/ports/notifier"
import {
  type CodeTable,
  failureOfCode,
  failureOfOutbound,
  failureOfStatus,
} from "@yingshao/ports/outbound/notify-answer"
import { type Outbound, type OutboundAnswer, outboundHttp } from "@yingshao/ports/outbound/outbound-http"

/** What every robot adapter can be given. */
export interface RobotOptions<Robot> {
  /** Robots by the name that a notice is addressed to: `duty-desk`. */
  readonly robots: Readonly<Record<string, Robot>>
  /** Address of the vendor, without the path. Default: the vendor's own. */
  readonly origin?: string
  readonly outbound?: Outbound
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly now?: () => number
}

/** What tells one vendor from another. */
export interface RobotVendor<Robot> {
  readonly name: string
  readonly origin: string
  /** Of one robot. */
  readonly limits: NotifierLimits
  /** Path and query, and the JSON that is posted there. */
  readonly request: (
    robot: Robot,
    notice: Notice,
    nowMs: number,
  ) => { readonly path: string; readonly json: object }
  /** Where the vendor's code stands; 0 is success at all three. */
  readonly codeField: string
  readonly codes: CodeTable
  /** Looks at an answer before everybody else does, where the vendor's habits need it. */
  readonly special?: (answer: OutboundAnswer) => NotifyFailure | undefined
}

/** A notifier for one vendor. */
export const robotNotifier = <Robot>(vendor: RobotVendor<Robot>, options: RobotOptions<Robot>): Notifier => {
  const send = options.outbound ?? outboundHttp()
  const now = options.now ?? Date.now
  const origin = options.origin ?? vendor.origin
  return {
    contract: notifierContract,
    name: vendor.name,
    audience: "group",
    limits: vendor.limits,
    async send(to, notice, signal) {
      const robot = Object.hasOwn(options.robots, to.address) ? options.robots[to.address] : undefined
      if (robot === undefined) throw notifyFailure("recipient", `${vendor.name}: no robot of this name`)
      const { path, json } = requestOf(vendor, robot, notice, now())
      const answer = await send(
        {
          method: "POST",
          url: `${origin}${path}`,
          headers: { "content-type": "application/json; charset=utf-8" },
          body: JSON.stringify(json),
        },
        signal,
      ).catch((error: unknown) => {
        throw failureOfOutbound(vendor.name, error)
      })
      const failure = failureOf(vendor, answer, now())
      if (failure !== undefined) throw failure
      return { deliveryId: notice.deliveryId, grade: "accepted" }
    },
    close: async () => {},
  }
}

// internal

/** A status of 400 may carry the vendor's code, which says more; other failing statuses speak for themselves. */
const failureOf = <Robot>(
  vendor: RobotVendor<Robot>,
  answer: OutboundAnswer,
  nowMs: number,
): NotifyFailure | undefined => {
  const byCode = failureOfCode(vendor.name, answer.body, {
    field: vendor.codeField,
    success: "0",
    codes: vendor.codes,
  })
  const coded = answer.status === 400 && byCode?.vendorCode !== undefined ? byCode : undefined
  return vendor.special?.(answer) ?? coded ?? failureOfStatus(vendor.name, answer, nowMs) ?? byCode
}

const requestOf = <Robot>(vendor: RobotVendor<Robot>, robot: Robot, notice: Notice, nowMs: number) => {
  try {
    return vendor.request(robot, notice, nowMs)
  } catch (error) {
    if (error instanceof RangeError) throw notifyFailure("refused", `${vendor.name}: ${error.message}`)
    throw error
  }
}
