/**
 * A partner over HTTP: an order is posted as a CloudEvents event, signed as a Standard Webhook.
 *
 * | the partner answers | what it means |
 * |---|---|
 * | 200 or 201 with JSON `{ "partnerRef": … }` | accepted |
 * | 202 | handed over; a receipt must follow in time |
 * | 409 with JSON | accepted before under the same id |
 * | 401, 403, 404, 410 | our key or address does not serve: a person is asked |
 * | 422 and other 4xx | never |
 * | 2xx without JSON, a login page | a person is asked |
 * | 429, 5xx, nobody | later |
 *
 * A partner dedupes by `Idempotency-Key`, so an order whose outcome is unknown is sent again later. What it
 * does not do: it does not retry, and it takes no receipts; `receipt-endpoint.ts` does.
 */
import {
  type Dispatcher,
  dispatcherContract,
  dispatchRefusal,
  type Handed,
  isOrderId,
} from "@yingshao/ports/dispatcher"
import {
  type DispatchEventOptions,
  dispatchContentType,
  orderText,
} from "@yingshao/ports/outbound/dispatch-event"
import type { MappingTable } from "@yingshao/ports/outbound/mapping-table"
import {
  isOutboundFailure,
  type Outbound,
  type OutboundAnswer,
  outboundHttp,
  retryAfterMs,
} from "@yingshao/ports/outbound/outbound-http"
import { signWebhook, type WebhookSecrets } from "@yingshao/ports/outbound/standard-webhook"

export interface HttpPartner {
  /** https; orders go to `{url}/orders`. */
  readonly url: string
  /** The newest first; several while keys rotate. */
  readonly secrets: WebhookSecrets
  /** The partner's own form of an order, posted as plain JSON. Left out: the CloudEvents event. */
  readonly orders?: MappingTable
}

export interface HttpDispatcherOptions extends DispatchEventOptions {
  /** Partners by the name that an order is for. */
  readonly partners: Readonly<Record<string, HttpPartner>>
  readonly outbound?: Outbound
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly now?: () => number
}

/**
 * A dispatcher over HTTP.
 *
 * @example
 * httpDispatcher({
 *   source: "https://yingshao.county.example/522731",
 *   partners: { water: { url: "https://water.example/api", secrets: ["whsec_…"] } },
 * })
 */
export const httpDispatcher = (options: HttpDispatcherOptions): Dispatcher => {
  const send = options.outbound ?? outboundHttp()
  const now = options.now ?? Date.now
  return {
    contract: dispatcherContract,
    name: "http",
    async hand(order, signal) {
      const partner = Object.hasOwn(options.partners, order.to) ? options.partners[order.to] : undefined
      if (partner === undefined) throw dispatchRefusal("never", "http: no partner of this name")
      if (!isOrderId(order.id)) throw dispatchRefusal("never", "http: this is no id of an order")
      const body = orderText(order, options, partner.orders)
      const headers = {
        "content-type":
          partner.orders === undefined ? dispatchContentType : "application/json; charset=utf-8",
        "idempotency-key": order.id,
        ...signed(partner.secrets, order.id, now(), body),
      }
      const url = `${partner.url.replace(/\/+$/, "")}/orders`
      const answer = await send({ method: "POST", url, headers, body }, signal).catch((error: unknown) => {
        if (!isOutboundFailure(error)) throw error
        const retry = error.reason === "refused-address" ? "ask-a-person" : "later"
        throw dispatchRefusal(retry, `http: ${error.message}`)
      })
      return handed(order.id, answer, now())
    },
    receipts: async () => [],
    acknowledge: async () => {},
    close: async () => {},
  }
}

// internal

const signed = (secrets: WebhookSecrets, id: string, atMs: number, body: string) => {
  try {
    return signWebhook(secrets, id, atMs, body)
  } catch (error) {
    if (error instanceof RangeError) throw dispatchRefusal("ask-a-person", `http: ${error.message}`)
    throw error
  }
}

const handed = (id: string, answer: OutboundAnswer, nowMs: number): Handed => {
  const { status } = answer
  const said = `http: status ${status}`
  if (status === 202) return { id, grade: "handed-over" }
  if (status === 200 || status === 201 || status === 409) {
    const fields = jsonFields(answer)
    if (fields === undefined) throw dispatchRefusal("ask-a-person", `${said}, and the answer is not JSON`)
    const { partnerRef } = fields
    return {
      id,
      grade: "accepted",
      ...(typeof partnerRef === "string" && partnerRef !== ""
        ? { partnerRef: partnerRef.slice(0, 200) }
        : {}),
      ...(status === 409 ? { duplicate: true } : {}),
    }
  }
  if (status === 429 || status === 408 || status >= 500) {
    throw dispatchRefusal("later", said, retryAfterMs(answer.headers["retry-after"], nowMs))
  }
  throw dispatchRefusal(askAPerson(status) ? "ask-a-person" : "never", said)
}

/** Keys, addresses and redirects are for a person to mend; so is a success that is none of ours. */
const askAPerson = (status: number): boolean => status < 400 || [401, 403, 404, 410].includes(status)

const jsonFields = ({ headers, body }: OutboundAnswer): Readonly<Record<string, unknown>> | undefined => {
  if (!/^application\/([\w.+-]+\+)?json\b/i.test(headers["content-type"] ?? "")) return undefined
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
