/**
 * What every request leaves behind for whoever runs the server: a count and a time by route, and a span where
 * tracing is on.
 *
 * A route is the pattern, never the path, and nothing that somebody sent is in a label or an attribute (P12).
 */
import type { MiddlewareHandler } from "hono"
import { matchedRoutes } from "hono/route"
import type { Metrics } from "./metrics.ts"
import type { Tracing } from "./tracing.ts"

export const observe =
  (metrics: Metrics | undefined, tracing: Tracing | undefined): MiddlewareHandler =>
  async (c, next) => {
    const startedMs = performance.now()
    const answer = async (): Promise<Answered> => {
      await next()
      const route = { method: known(c.req.method), route: patternOf(matchedRoutes(c)), status: c.res.status }
      metrics?.answered(route, performance.now() - startedMs)
      return route
    }
    await (tracing === undefined ? answer() : tracing.request(answer))
  }

export interface Answered {
  readonly method: string
  readonly route: string
  readonly status: number
}

// internal

const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])

/** A method is a word that the client chose. */
const known = (method: string): string => (methods.has(method) ? method : "other")

/** The most particular pattern; those of middleware end in a star. */
const patternOf = (routes: readonly { readonly path: string }[]): string =>
  routes.findLast(({ path }) => !path.endsWith("*"))?.path ?? "none"
