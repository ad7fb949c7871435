/**
 * Acme as a notifier: one POST of JSON with a bearer token; the code in the body decides.
 *
 * What it does not do: it does not retry, keeps no queue and no budget of messages; the relay does.
 */
import { type Notifier, notifierContract, notifyFailure } from "@yingshao/ports/notifier"
import {
  type CodeTable,
  failureOfCode,
  failureOfOutbound,
  failureOfStatus,
} from "@yingshao/ports/outbound/notify-answer"
import { type Outbound, outboundHttp } from "@yingshao/ports/outbound/outbound-http"
import { noticeText } from "@yingshao/ports/outbound/text-budget"

export interface AcmeOptions {
  /** Secret. */
  readonly token: string
  /** Rooms of Acme by the name that a notice is addressed to. */
  readonly rooms: Readonly<Record<string, string>>
  /** Where Acme is. */
  readonly origin?: string
  readonly outbound?: Outbound
}

/** A notifier over Acme. */
export const acmeNotifier = ({
  token,
  rooms,
  origin = "https://api.acme.example",
  ...more
}: AcmeOptions): Notifier => {
  const send = more.outbound ?? outboundHttp()
  return {
    contract: notifierContract,
    name: "acme",
    audience: "group",
    limits: { perMinute: 60 },
    async send(to, notice, signal) {
      const room = Object.hasOwn(rooms, to.address) ? rooms[to.address] : undefined
      if (room === undefined) throw notifyFailure("recipient", "acme: no room of this name")
      const text = noticeText(notice, { maxBytes: 4_000, flavour: "plain" })
      const answer = await send(
        {
          method: "POST",
          url: `${origin}/messages`,
          headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
          body: JSON.stringify({ id: notice.deliveryId, room, text }),
        },
        signal,
      ).catch((error: unknown) => {
        throw failureOfOutbound("acme", error)
      })
      const failure =
        failureOfStatus("acme", answer, Date.now()) ??
        failureOfCode("acme", answer.body, { field: "code", success: "0", codes })
      if (failure !== undefined) throw failure
      return { deliveryId: notice.deliveryId, grade: "accepted" }
    },
    close: async () => {},
  }
}

// internal

/** What Acme's codes mean. A code that is not here is `refused`, and kept. */
const codes: CodeTable = {
  "41": { reason: "credentials" },
  "42": { reason: "rate-limited", retryAfterMs: 60_000 },
}
