/**
 * Addresses of pages have ids of ours and nothing else. What no id could be is no page: asked for, the store would
 * refuse it, which is no reason to tell anybody to come back in a moment.
 */
import type { MiddlewareHandler } from "hono"
import { notFound } from "./failure.ts"

export const plainAddress: MiddlewareHandler = async (c, next) => {
  if (!c.req.path.split("/").every(isPlain)) throw notFound()
  return next()
}

// internal

const isPlain = (part: string): boolean => {
  try {
    return /^[\w.:-]{0,128}$/.test(decodeURIComponent(part))
  } catch {
    return false
  }
}
