/**
 * One small notifier for four vendors, with faults to order: the contract must catch every one of them.
 *
 * Without a fault it keeps the contract, so that a case that fails fails for the fault.
 */
import { createHmac } from "node:crypto"
import {
  type Notice,
  type Notifier,
  type NotifyReason,
  notifierContract,
  notifyFailure,
} from "@yingshao/ports/notifier"
import { noticeText } from "@yingshao/ports/outbound/text-budget"

export type PlantedVendor = "wecom" | "dingtalk" | "feishu" | "webhook"

export type NotifierFault =
  | "200-taken-as-ok"
  | "signature-encoded-twice"
  | "msgtype-not-matching"
  | "hmac-key-and-message-swapped"
  | "seconds-for-milliseconds"
  | "follows-redirects"
  | "429-ignored"
  | "timestamp-not-signed"
  | "no-message-id"
  | "new-id-each-attempt"
  | "shows-its-address"
  | "cuts-by-bytes"
  | "outage-called-refused"
  | "login-page-called-unreachable"
  | "limit-of-half-a-message"

export interface PlantedOptions {
  readonly vendor: PlantedVendor
  readonly origin: string
  readonly address: string
  readonly token: string
  readonly secret: string
  readonly now: () => number
  readonly fault: NotifierFault | undefined
}

export const plantedNotifier = (options: PlantedOptions): Notifier => {
  const { vendor, fault, origin, address } = options
  let attempts = 0
  return {
    contract: notifierContract,
    name: vendor,
    audience: "group",
    limits: { perMinute: fault === "limit-of-half-a-message" ? 0.5 : 20 },
    async send(to, notice, signal) {
      if (to.address !== address) throw notifyFailure("recipient", "unknown")
      if (signal.aborted) throw notifyFailure("unreachable", "stopped")
      attempts += 1
      const made = requestOf(options, notice, attempts)
      const answer = await exchange(`${origin}${made.path}`, made, fault, signal)
      const reason = judged(vendor, answer, fault)
      if (reason !== undefined) throw reason
      return { deliveryId: notice.deliveryId, grade: "accepted" }
    },
    close: async () => {},
  }
}

// internal

interface Made {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const hmac = (key: string | Buffer, text: string): string =>
  createHmac("sha256", key).update(text).digest("base64")

const requestOf = (options: PlantedOptions, notice: Notice, attempt: number): Made => {
  const { vendor, token, secret, fault } = options
  const now = options.now()
  const headers = { "content-type": "application/json" }
  const maxBytes = vendor === "wecom" ? 4_096 : 16_000
  const whole = [notice.title, ...notice.lines, notice.link ?? ""].join("\n")
  const text =
    fault === "cuts-by-bytes"
      ? Buffer.from(whole).subarray(0, maxBytes).toString("utf8")
      : noticeText(notice, { maxBytes, flavour: "tags" })
  switch (vendor) {
    case "wecom": {
      const type = fault === "msgtype-not-matching" ? "text" : "markdown"
      const body = JSON.stringify({ msgtype: type, markdown: { content: text } })
      return { path: `/cgi-bin/webhook/send?key=${token}`, headers, body }
    }
    case "dingtalk": {
      const stamp = fault === "seconds-for-milliseconds" ? Math.floor(now / 1_000) : now
      const once = encodeURIComponent(hmac(secret, `${stamp}\n${secret}`))
      const sign = fault === "signature-encoded-twice" ? encodeURIComponent(once) : once
      const body = JSON.stringify({ msgtype: "text", text: { content: text } })
      return { path: `/robot/send?access_token=${token}&timestamp=${stamp}&sign=${sign}`, headers, body }
    }
    case "feishu": {
      const stamp = String(Math.floor(now / 1_000))
      const swapped = fault === "hmac-key-and-message-swapped"
      const sign = swapped ? hmac(secret, `${stamp}\n${secret}`) : hmac(`${stamp}\n${secret}`, "")
      const body = JSON.stringify({ timestamp: stamp, sign, msg_type: "text", content: { text } })
      return { path: `/open-apis/bot/v2/hook/${token}`, headers, body }
    }
    case "webhook": {
      const id = fault === "new-id-each-attempt" ? `${notice.deliveryId}-${attempt}` : notice.deliveryId
      const stamp = String(Math.floor(now / 1_000))
      const body = JSON.stringify({ type: "notice", data: { text, link: notice.link } })
      const signed = fault === "timestamp-not-signed" ? `${id}.${body}` : `${id}.${stamp}.${body}`
      const signature = hmac(Buffer.from(secret.slice(6), "base64"), signed)
      return {
        path: "/hooks",
        headers: {
          ...headers,
          ...(fault === "no-message-id" ? {} : { "webhook-id": id }),
          "webhook-timestamp": stamp,
          "webhook-signature": `v1,${signature}`,
        },
        body,
      }
    }
  }
}

interface Answer {
  readonly status: number
  readonly retryAfter: string | null
  readonly body: string
}

const exchange = async (
  url: string,
  { headers, body }: Made,
  fault: NotifierFault | undefined,
  signal: AbortSignal,
): Promise<Answer> => {
  try {
    const redirect = fault === "follows-redirects" ? "follow" : "manual"
    const answer = await fetch(url, { method: "POST", headers, body, redirect, signal })
    return {
      status: answer.status,
      retryAfter: answer.headers.get("retry-after"),
      body: await limited(answer),
    }
  } catch (error) {
    const refused = String((error as { cause?: { code?: unknown } }).cause?.code) === "ECONNREFUSED"
    const where = fault === "shows-its-address" ? ` at ${url}` : ""
    if (refused && fault === "outage-called-refused") throw notifyFailure("refused", "no connection")
    throw notifyFailure(refused ? "unreachable" : "unknown-outcome", `no answer${where}`)
  }
}

const limited = async (answer: Response): Promise<string> => {
  let text = ""
  for await (const part of answer.body ?? []) {
    text += Buffer.from(part).toString("utf8")
    if (text.length > 65_536) throw new Error("too long")
  }
  return text
}

const codes: Readonly<Record<string, NotifyReason>> = {
  "45009": "rate-limited",
  "130101": "rate-limited",
  "93000": "credentials",
  "310000": "credentials",
  "19021": "credentials",
}

const judged = (vendor: PlantedVendor, answer: Answer, fault: NotifierFault | undefined) => {
  const { status } = answer
  const failed = (reason: NotifyReason, vendorCode: string, retryAfterMs?: number) =>
    notifyFailure(reason, `code ${vendorCode}`, {
      vendorCode,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })
  if (status === 429 && fault !== "429-ignored") {
    return failed("rate-limited", "429", Number(answer.retryAfter) * 1_000)
  }
  if (status === 401) return failed("credentials", "401")
  if (status >= 500) return failed("unknown-outcome", String(status))
  if (status === 400 && answer.body.includes("too many request")) return failed("rate-limited", "9499", 1_000)
  if (status >= 300) return failed("refused", String(status))
  if (fault === "200-taken-as-ok" || vendor === "webhook") return undefined
  let code: string
  try {
    const parsed = JSON.parse(answer.body) as { errcode?: number; code?: number }
    code = String(parsed.errcode ?? parsed.code)
  } catch {
    const reason = fault === "login-page-called-unreachable" ? "unreachable" : "unknown-outcome"
    return failed(reason, "unreadable")
  }
  if (code === "0") return undefined
  const reason = codes[code] ?? "refused"
  return failed(reason, code, reason === "rate-limited" ? 60_000 : undefined)
}
