/**
 * Standard Webhooks 1.0: signing what leaves and checking what comes in.
 *
 * Three headers: `webhook-id` stays the same on every attempt, `webhook-timestamp` is the second of this
 * attempt, `webhook-signature` holds `v1,` and the base64 of an HMAC-SHA256 over `id.timestamp.body`; several
 * stand side by side while keys rotate. What it does not do: it keeps no list of ids that were seen.
 *
 * @source https://www.standardwebhooks.com, specification 1.0
 */
import { createHmac, timingSafeEqual } from "node:crypto"

/** 1 to 4 secrets; each `whsec_` and the base64 of 24 to 64 bytes. */
export type WebhookSecrets = readonly [string, ...string[]]

/** Seconds that a timestamp may lie in the past or in the future. */
export const webhookToleranceS = 300

export type WebhookHeaders = Readonly<
  Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>
>

/**
 * The headers of one attempt.
 *
 * @param id of the message, printable ASCII without a full stop; the same on every attempt.
 * @param atMs of this attempt, milliseconds since 1970. @param body exactly the bytes that are sent, UTF-8.
 * @throws RangeError for a secret or an id of another form; the message shows neither.
 * @example
 * signWebhook(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330000, '{"test": 2432232314}')
 * // => { …, "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" }
 */
export const signWebhook = (
  secrets: WebhookSecrets,
  id: string,
  atMs: number,
  body: string,
): WebhookHeaders => {
  if (!/^[\x21-\x2d\x2f-\x7e]{1,200}$/.test(id)) {
    throw new RangeError("a webhook id is 1 to 200 printable ASCII characters without a full stop")
  }
  const timestamp = String(Math.floor(atMs / 1_000))
  const signatures = secrets.map((secret) => `v1,${signature(secret, id, timestamp, body)}`)
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  }
}

export type WebhookProblem = "header-missing" | "timestamp-outside" | "signature-wrong"

/**
 * What is wrong with a webhook that came in, or `undefined` when it is signed with one of the secrets.
 *
 * @param headers names in lower case. @param body the raw body as it came, before any parsing.
 * @param nowMs the receiver's clock. @throws RangeError for a secret of another form.
 */
export const webhookProblem = (
  secrets: WebhookSecrets,
  headers: Readonly<Record<string, string | undefined>>,
  body: string,
  nowMs: number,
): WebhookProblem | undefined => {
  const id = headers["webhook-id"]
  const timestamp = headers["webhook-timestamp"]
  const given = headers["webhook-signature"]
  if (!id || !timestamp || !given) return "header-missing"
  if (!/^\d{1,12}$/.test(timestamp)) return "timestamp-outside"
  if (Math.abs(nowMs / 1_000 - Number(timestamp)) > webhookToleranceS) return "timestamp-outside"
  const wanted = secrets.map((secret) => Buffer.from(signature(secret, id, timestamp, body)))
  const right = given.split(" ", 20).some((one) => {
    const [version, text] = one.split(",", 2)
    const bytes = Buffer.from(text ?? "")
    return (
      version === "v1" && wanted.some((want) => want.length === bytes.length && timingSafeEqual(want, bytes))
    )
  })
  return right ? undefined : "signature-wrong"
}

// internal

const signature = (secret: string, id: string, timestamp: string, body: string): string =>
  createHmac("sha256", keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest("base64")

const keyOf = (secret: string): Buffer => {
  const text = secret.startsWith("whsec_") ? secret.slice("whsec_".length) : undefined
  const key = Buffer.from(text ?? "", "base64")
  if (text === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(text) || key.length < 24 || key.length > 64) {
    throw new RangeError('a webhook secret is "whsec_" and the base64 of 24 to 64 bytes')
  }
  return key
}
