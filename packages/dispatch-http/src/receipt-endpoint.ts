/**
 * `POST /receipts/{partner}` as a function that a host mounts in whatever server it has.
 *
 * The signature is checked over the raw body before anything is parsed; the answer is 200 only after the
 * receipt was committed, so that a partner that heard nothing sends it again and loses nothing. An unknown
 * partner and a wrong signature get the same answer. What it does not do: it opens no port.
 */
import type { PartnerReceipt } from "@yingshao/ports/dispatcher"
import type { MappingTable } from "@yingshao/ports/outbound/mapping-table"
import { maxReceiptBytes, readReceipt } from "@yingshao/ports/outbound/partner-receipt"
import { type WebhookSecrets, webhookProblem } from "@yingshao/ports/outbound/standard-webhook"

export interface ReceiptRequest {
  /** The last part of the path. */
  readonly partner: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The raw body, at most `maxReceiptBytes` of it, as UTF-8. */
  readonly body: string
}

export interface ReceiptResponse {
  readonly status: 200 | 400 | 401 | 413 | 503
  /** JSON. */
  readonly body: string
}

export interface ReceiptPartner {
  readonly secrets: WebhookSecrets
  /** From the partner's own form of a receipt to `id`, `type`, `time`, `data.ref`. Left out: our form. */
  readonly receipts?: MappingTable
}

export interface ReceiptEndpointOptions {
  readonly partners: Readonly<Record<string, ReceiptPartner>>
  /**
   * Takes the receipt into the inbox, such as `yingshao.receive`; resolves after the commit. Rejects when it
   * could not be stored.
   */
  readonly take: (receipt: PartnerReceipt) => Promise<unknown>
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly now?: () => number
}

/**
 * A handler for receipts that partners push.
 *
 * @returns 200 stored, now or before, with `kind` (`taken`, or `parked` for a person), `effect` and `problem`
 *   where the inbox says so; 400 with what is wrong with the body; 401; 413; 503 when it could
 *   not be stored and must be sent again.
 */
export const receiptEndpoint =
  ({ partners, take, now = Date.now }: ReceiptEndpointOptions) =>
  async ({ partner, headers, body }: ReceiptRequest): Promise<ReceiptResponse> => {
    if (Buffer.byteLength(body) > maxReceiptBytes) return response(413, { error: "too large" })
    const known = Object.hasOwn(partners, partner) ? partners[partner] : undefined
    if (known === undefined || webhookProblem(known.secrets, headers, body, now()) !== undefined) {
      return response(401, { error: "unknown partner, or wrong signature or time" })
    }
    const read = readReceipt(body, partner, known.receipts)
    if (!read.ok) return response(400, { error: read.problem })
    if (headers["webhook-id"] !== read.receipt.id) {
      return response(400, { error: "`id` and the header webhook-id must be equal" })
    }
    try {
      const became = await take(read.receipt)
      return response(200, { id: read.receipt.id, ...told(became) })
    } catch {
      return response(503, { error: "not stored, send it again" })
    }
  }

// internal

/** What the partner may know: whether its words had an effect, and what is wrong with them; never why else. */
const told = (became: unknown): object => {
  if (typeof became !== "object" || became === null) return {}
  const { kind, effect, problem } = became as { readonly [field: string]: unknown }
  return Object.fromEntries(
    Object.entries({ kind, effect, problem }).filter(([, value]) => typeof value === "string"),
  )
}

const response = (status: ReceiptResponse["status"], body: object): ReceiptResponse => ({
  status,
  body: JSON.stringify(body),
})
