/**
 * WeCom group robot (企业微信群机器人).
 *
 * The key in the address is the secret; nothing is signed. Markdown up to 4,096 bytes; a notice that calls
 * people by name goes as text up to 2,048 bytes, because the vendor's Markdown calls nobody reliably. The
 * vendor takes 20 messages a minute from one robot.
 */
import type { Notifier } from "@yingshao/ports/notifier"
import { noticeText } from "@yingshao/ports/outbound/text-budget"
import { type RobotOptions, type RobotVendor, robotNotifier } from "./robot.ts"

export interface WecomRobot {
  /** The `key` of the robot's address. Secret. */
  readonly key: string
}

/**
 * A notifier over WeCom robots; `mention` takes the users' ids in WeCom.
 *
 * @example
 * wecomNotifier({ robots: { "duty-desk": { key: process.env.WECOM_KEY ?? "" } } })
 */
export const wecomNotifier = (options: RobotOptions<WecomRobot>): Notifier => robotNotifier(vendor, options)

// internal

const vendor: RobotVendor<WecomRobot> = {
  name: "wecom",
  origin: "https://qyapi.weixin.qq.com",
  limits: { perMinute: 20 },
  codeField: "errcode",
  codes: {
    "-1": { reason: "unreachable" },
    "40008": { reason: "refused" },
    "45009": { reason: "rate-limited", retryAfterMs: 60_000 },
    "93000": { reason: "credentials" },
  },
  request: ({ key }, notice) => ({
    path: `/cgi-bin/webhook/send?key=${encodeURIComponent(key)}`,
    json:
      notice.mention === undefined || notice.mention.length === 0
        ? {
            msgtype: "markdown",
            markdown: { content: noticeText(notice, { maxBytes: 4_096, flavour: "markdown" }) },
          }
        : {
            msgtype: "text",
            text: {
              content: noticeText(notice, { maxBytes: 2_048, flavour: "plain" }),
              mentioned_list: notice.mention,
            },
          },
  }),
}
