/**
 * Acme as a dispatcher: an order is put under its own id, with a bearer token; the partner pushes its receipts.
 *
 * What it does not do: it does not retry and keeps no queue; the relay does.
 */
import { type Dispatcher, dispatcherContract, dispatchRefusal, isOrderId } from "@yingshao/ports/dispatcher"
import { type DispatchEventOptions, orderText } from "@yingshao/ports/outbound/dispatch-event"
import {
  isOutboundFailure,
  type Outbound,
  outboundHttp,
  retryAfterMs,
} from "@yingshao/ports/outbound/outbound-http"

export interface AcmeOptions extends DispatchEventOptions {
  /** Addresses and secret tokens of partners, by the name that an order is for. */
  readonly partners: Readonly<Record<string, { readonly url: string; readonly token: string }>>
  readonly outbound?: Outbound
}

/** A dispatcher over Acme. */
export const acmeDispatcher = (options: AcmeOptions): Dispatcher => {
  const send = options.outbound ?? outboundHttp()
  return {
    contract: dispatcherContract,
    name: "acme",
    async hand(order, signal) {
      const partner = Object.hasOwn(options.partners, order.to) ? options.partners[order.to] : undefined
      if (partner === undefined) throw dispatchRefusal("never", "acme: no partner of this name")
      if (!isOrderId(order.id)) throw dispatchRefusal("never", "acme: this is no id of an order")
      const answer = await send(
        {
          method: "PUT",
          url: `${partner.url}/orders/${order.id}`,
          headers: { "content-type": "application/json", authorization: `Bearer ${partner.token}` },
          body: orderText(order, options),
        },
        signal,
      ).catch((error: unknown) => {
        if (!isOutboundFailure(error)) throw error
        throw dispatchRefusal(
          error.reason === "refused-address" ? "ask-a-person" : "later",
          `acme: ${error.message}`,
        )
      })
      const { status, body } = answer
      if (status === 200 && body.startsWith("{")) return { id: order.id, grade: "accepted" }
      if (status === 429 || status >= 500) {
        throw dispatchRefusal(
          "later",
          `acme: status ${status}`,
          retryAfterMs(answer.headers["retry-after"], Date.now()),
        )
      }
      throw dispatchRefusal(status === 422 ? "never" : "ask-a-person", `acme: status ${status}`)
    },
    receipts: async () => [],
    acknowledge: async () => {},
    close: async () => {},
  }
}
