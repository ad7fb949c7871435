/**
 * Feishu or Lark group robot (飞书群机器人), with a signature.
 *
 * The signature is an HMAC over nothing whose key is the second of the attempt, a line break and the secret:
 * key and message stand the other way round than at DingTalk, and seconds stand for milliseconds. It goes
 * into the body. The vendor takes 100 messages a minute and 5 a second, each up to 20 KB.
 */
import { createHmac } from "node:crypto"
import { type Notifier, type NotifyFailure, notifyFailure } from "@yingshao/ports/notifier"
import type { OutboundAnswer } from "@yingshao/ports/outbound/outbound-http"
import { noticeText } from "@yingshao/ports/outbound/text-budget"
import { type RobotOptions, type RobotVendor, robotNotifier } from "./robot.ts"

export interface FeishuRobot {
  /** The last part of the robot's address. Secret. */
  readonly token: string
  readonly secret: string
}

/** A notifier over Feishu robots; `mention` takes open ids, `ou_…`. Lark: `origin: "https://open.larksuite.com"`. */
export const feishuNotifier = (options: RobotOptions<FeishuRobot>): Notifier => robotNotifier(vendor, options)

/**
 * The signature of one attempt, base64.
 *
 * @param atS seconds since 1970.
 */
export const feishuSignature = (secret: string, atS: number): string =>
  createHmac("sha256", `${atS}\n${secret}`).update("").digest("base64")

// internal

const maxTextBytes = 18_000

/** 9499 means both “bad request”, which is ours, and “too many request”, which passes. */
const ambiguous = (answer: OutboundAnswer): NotifyFailure | undefined => {
  if (answer.status !== 400) return undefined
  const many = /"code"\s*:\s*9499\b/.test(answer.body) && /too many request/i.test(answer.body)
  return many
    ? notifyFailure("rate-limited", "feishu: code 9499", { vendorCode: "9499", retryAfterMs: 1_000 })
    : undefined
}

const vendor: RobotVendor<FeishuRobot> = {
  name: "feishu",
  origin: "https://open.feishu.cn",
  limits: { perMinute: 100, perSecond: 5 },
  codeField: "code",
  codes: {
    "9499": { reason: "refused" },
    "11232": { reason: "rate-limited", retryAfterMs: 60_000 },
    "19021": { reason: "credentials" },
  },
  special: ambiguous,
  request: ({ token, secret }, notice, nowMs) => {
    const atS = Math.floor(nowMs / 1_000)
    const suffix = (notice.mention ?? []).map((id) => `<at user_id="${escapeAttribute(id)}"></at>`).join("")
    const text = noticeText(notice, { maxBytes: maxTextBytes, flavour: "tags", suffix })
    return {
      path: `/open-apis/bot/v2/hook/${encodeURIComponent(token)}`,
      json: {
        timestamp: String(atS),
        sign: feishuSignature(secret, atS),
        msg_type: "text",
        content: { text },
      },
    }
  },
}

const escapeAttribute = (id: string): string => id.replace(/[^\w-]/g, "")
