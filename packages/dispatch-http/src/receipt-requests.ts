/**
 * The endpoint for receipts as a handler of web requests, for hosts that have `Request` and `Response`.
 *
 * Reads no more of a body than a receipt may have. What it does not do: it limits nobody's rate.
 *
 * @example
 *   const receipts = receiptRequests({ partners: { water: { secrets } }, take: yingshao.receive })
 *   app.post("/receipts/:partner", (c) => receipts(c.req.raw)) // Hono; Deno and Bun take it as it is
 */
import { maxReceiptBytes } from "@yingshao/ports/outbound/partner-receipt"
import { type ReceiptEndpointOptions, receiptEndpoint } from "./receipt-endpoint.ts"

/**
 * A handler for `POST …/receipts/{partner}`; the partner is the last part of the path.
 *
 * @returns what `receiptEndpoint` answers, as JSON; 405 for another method.
 */
export const receiptRequests = (options: ReceiptEndpointOptions) => {
  const endpoint = receiptEndpoint(options)
  return async (request: Request): Promise<Response> => {
    if (request.method !== "POST") return answer(405, JSON.stringify({ error: "POST only" }))
    const partner = new URL(request.url).pathname.split("/").at(-1) ?? ""
    const body = await boundedText(request, maxReceiptBytes)
    const { status, body: text } = await endpoint({
      partner,
      headers: Object.fromEntries(request.headers),
      body,
    })
    return answer(status, text)
  }
}

// internal

const answer = (status: number, body: string): Response =>
  new Response(body, { status, headers: { "content-type": "application/json; charset=utf-8" } })

/** The body as text; of one that is too long only so much that the endpoint sees it. */
const boundedText = async (request: Request, mostBytes: number): Promise<string> => {
  if (request.body === null) return ""
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > mostBytes) break
  }
  return Buffer.concat(chunks).toString("utf8")
}
