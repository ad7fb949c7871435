/**
 * Signed webhooks (Standard Webhooks 1.0): a notice as JSON to an address that the receiver owns.
 *
 * `webhook-id` is the delivery id and the same on every attempt, so that the receiver drops what it has seen.
 * 2xx is success, 3xx is a failure and never followed, 410 ends the channel, 429, 502, 503 and 504 ask to slow
 * down. What it does not do: it does not retry, and it sends no photo and no reporter.
 */
import { type Notifier, notifierContract, notifyFailure } from "@yingshao/ports/notifier"
import { failureOfOutbound, failureOfStatus } from "@yingshao/ports/outbound/notify-answer"
import { type Outbound, outboundHttp, retryAfterMs } from "@yingshao/ports/outbound/outbound-http"
import { signWebhook, type WebhookSecrets } from "@yingshao/ports/outbound/standard-webhook"

export interface WebhookEndpoint {
  /** https. */
  readonly url: string
  /** The newest first; several while keys rotate. */
  readonly secrets: WebhookSecrets
}

export interface WebhookOptions {
  /** Endpoints by the name that a notice is addressed to. */
  readonly endpoints: Readonly<Record<string, WebhookEndpoint>>
  /** `one-person` only where each endpoint belongs to one person. Default `group`. */
  readonly audience?: "one-person" | "group"
  readonly outbound?: Outbound
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly now?: () => number
}

/**
 * A notifier over signed webhooks.
 *
 * The body is `{ type: "cn.yingshao.notice.{kind}.v1", timestamp, data: { kind, title, lines, link?, urgent } }`.
 *
 * @example
 * webhookNotifier({ endpoints: { platform: { url: "https://platform.example/hooks", secrets: ["whsec_…"] } } })
 */
export const webhookNotifier = (options: WebhookOptions): Notifier => {
  const send = options.outbound ?? outboundHttp()
  const now = options.now ?? Date.now
  return {
    contract: notifierContract,
    name: "webhook",
    audience: options.audience ?? "group",
    async send(to, notice, signal) {
      const { address } = to
      const endpoint = Object.hasOwn(options.endpoints, address) ? options.endpoints[address] : undefined
      if (endpoint === undefined) throw notifyFailure("recipient", "webhook: no endpoint of this name")
      const { kind, title, lines, link, urgent } = notice
      const atMs = now()
      const body = JSON.stringify({
        type: `cn.yingshao.notice.${kind}.v1`,
        timestamp: new Date(atMs).toISOString(),
        data: { kind, title, lines, ...(link === undefined ? {} : { link }), urgent },
      })
      const headers = {
        "content-type": "application/json",
        ...signed(endpoint.secrets, notice.deliveryId, atMs, body),
      }
      const answer = await send({ method: "POST", url: endpoint.url, headers, body }, signal).catch(
        (error: unknown) => {
          throw failureOfOutbound("webhook", error)
        },
      )
      if (slowDown.has(answer.status)) {
        const waitMs = retryAfterMs(answer.headers["retry-after"], now())
        throw notifyFailure("rate-limited", `webhook: status ${answer.status}`, {
          vendorCode: String(answer.status),
          ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
        })
      }
      const failure = failureOfStatus("webhook", answer, now())
      if (failure !== undefined) throw failure
      return { deliveryId: notice.deliveryId, grade: "accepted" }
    },
    close: async () => {},
  }
}

// internal

const slowDown: ReadonlySet<number> = new Set([429, 502, 503, 504])

const signed = (secrets: WebhookSecrets, id: string, atMs: number, body: string) => {
  try {
    return signWebhook(secrets, id, atMs, body)
  } catch (error) {
    if (error instanceof RangeError) throw notifyFailure("credentials", `webhook: ${error.message}`)
    throw error
  }
}
