/**
 * DingTalk group robot (钉钉群机器人), with a signature.
 *
 * Signed is the millisecond of the attempt, a line break and the secret itself, with the secret as key; the
 * signature goes into the query, encoded once. The vendor's clock may differ by an hour at most. It takes 20
 * messages a minute and then mutes the robot for ten minutes.
 */
import { createHmac } from "node:crypto"
import type { Notifier } from "@yingshao/ports/notifier"
import { cutUtf8, noticeText } from "@yingshao/ports/outbound/text-budget"
import { type RobotOptions, type RobotVendor, robotNotifier } from "./robot.ts"

export interface DingtalkRobot {
  /** The `access_token` of the robot's address. Secret. */
  readonly token: string
  /** `SEC…`, of the robot's security settings. Secret. */
  readonly secret: string
}

/** A notifier over DingTalk robots; `mention` takes the users' ids in DingTalk. */
export const dingtalkNotifier = (options: RobotOptions<DingtalkRobot>): Notifier =>
  robotNotifier(vendor, options)

/**
 * The signature of one attempt, base64, not yet encoded for a query.
 *
 * @param atMs milliseconds since 1970.
 */
export const dingtalkSignature = (secret: string, atMs: number): string =>
  createHmac("sha256", secret).update(`${atMs}\n${secret}`).digest("base64")

// internal

const maxTextBytes = 20_000

const vendor: RobotVendor<DingtalkRobot> = {
  name: "dingtalk",
  origin: "https://oapi.dingtalk.com",
  limits: { perMinute: 20 },
  codeField: "errcode",
  codes: {
    "-1": { reason: "unreachable" },
    "130101": { reason: "rate-limited", retryAfterMs: 600_000 },
    "310000": { reason: "credentials" },
  },
  request: ({ token, secret }, notice, nowMs) => {
    const query = new URLSearchParams({
      access_token: token,
      timestamp: String(nowMs),
      sign: dingtalkSignature(secret, nowMs),
    })
    const mention = notice.mention ?? []
    // Whom it calls must also stand in the text, or the vendor calls nobody.
    const suffix = mention.map((id) => `@${id}`).join(" ")
    return {
      path: `/robot/send?${query}`,
      json: {
        msgtype: "markdown",
        markdown: {
          title: cutUtf8(notice.title, 120),
          text: noticeText(notice, { maxBytes: maxTextBytes, flavour: "markdown", suffix }),
        },
        at: { atUserIds: mention, isAtAll: false },
      },
    }
  },
}
