/**
 * A strict fake of a partner that takes orders over HTTP: signature, envelope, idempotency key.
 *
 * What it does not do: it works on nothing and sends no receipts.
 */
import { type FakeAnswer, type FakeRequest, type FakeVendor, type Judged, json } from "./fake-server.ts"
import { webhookFault } from "./robot-fakes.ts"

/**
 * A partner.
 *
 * @param answer what it says to an order that it takes; 201 with a reference when left out.
 */
export const partnerFake = (
  secret: string,
  now: () => number,
  answer: FakeAnswer = json({ partnerRef: "P-77" }, 201),
): FakeVendor => ({
  answers: {
    "rate-limited": { status: 429, headers: { "retry-after": "60" }, body: "" },
    "error-body": json({ error: "no such category" }, 422),
    "unheard-code": { status: 418, body: "" },
    "wrong-key": { status: 401, body: "" },
  },
  judge: (request) => {
    const problem = requestFault(request) ?? webhookFault(request, secret, now()) ?? eventFault(request)
    if (problem !== undefined) return { kind: "refused", problem, answer: { status: 400, body: "" } }
    const id = request.headers["webhook-id"]
    return { kind: "taken", delivery: { id, text: request.body }, answer } satisfies Judged
  },
})

/** What is wrong with an envelope of an order, or `undefined`. For every transport. */
export const envelopeFault = (text: string): string | undefined => {
  let event: Readonly<Record<string, unknown>>
  try {
    event = JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch {
    return "the envelope is not JSON"
  }
  if (event.specversion !== "1.0") return "specversion"
  for (const field of ["id", "source", "subject", "partitionkey", "sequence"]) {
    if (typeof event[field] !== "string" || event[field] === "") return field
  }
  const types = "assigned|urged|supplemented|reassigned|recalled"
  if (!new RegExp(`^cn\\.yingshao\\.dispatch\\.(${types})\\.v1$`).test(String(event.type))) return "type"
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$/.test(String(event.time))) return "time"
  if (typeof event.data !== "object" || event.data === null) return "data"
  return undefined
}

// internal

const requestFault = ({ method, path, headers }: FakeRequest): string | undefined => {
  if (method !== "POST" || !path.endsWith("/orders")) return "method or path"
  if (!(headers["content-type"] ?? "").startsWith("application/cloudevents+json")) return "content-type"
  return headers["idempotency-key"] === headers["webhook-id"] ? undefined : "idempotency-key"
}

const eventFault = ({ headers, body }: FakeRequest): string | undefined => {
  const fault = envelopeFault(body)
  if (fault !== undefined) return fault
  const { id } = JSON.parse(body) as { readonly id: string }
  return id === headers["webhook-id"] ? undefined : "id and webhook-id differ"
}
