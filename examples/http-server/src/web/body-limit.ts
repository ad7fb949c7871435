/**
 * The largest body that a request may have.
 *
 * A length that the header declares is compared and nothing else: Node reads no byte beyond it. Only a body
 * without one is counted while it is read.
 */
import type { MiddlewareHandler } from "hono"
import { bodyLimit } from "hono/body-limit"

/** @param fail throws what the asker gets. */
export const largestBody = (bytes: number, fail: () => never): MiddlewareHandler => {
  const counted = bodyLimit({ maxSize: bytes, onError: fail })
  return async (c, next) => {
    if (c.req.method === "GET" || c.req.method === "HEAD") return next()
    const length = declaredLength(c.req.raw.headers)
    if (length === undefined) return counted(c, next)
    if (length > bytes) fail()
    return next()
  }
}

/** Bytes that a request's header promises; `undefined` when they are not known before they are read. */
export const declaredLength = (headers: Headers): number | undefined => {
  const length = headers.get("content-length")
  if (length === null || !/^\d{1,15}$/.test(length) || headers.has("transfer-encoding")) return undefined
  return Number(length)
}
